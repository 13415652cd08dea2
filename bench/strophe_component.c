/*
 * The same job on libstrophe's component transport, as one would write it with
 * that library: a presence handler, one look-up of the user, her devices'
 * state, a window of 250 ms, the same allowance of publishes, both nodes.  It
 * does less than polypresence: no consent, no preparation of addresses, no
 * digest, no registry, no probes, no repair.  It stops publishing, until all
 * is read, when it has published as often as polypresence did.
 *
 *	strophe_component PORT USERS PUBLISHES
 */
#include <strophe.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "bench/feed.h"

#define WINDOW_MS 250
#define RATE_MS 2000
#define BURST 10
#define IN_FLIGHT_MAX 512
#define LOOK_MS 5 /* for ended windows */

struct device {
	char address[64]; /* full JID */
	char show[8];
	char status[128];
	char since[24];
	bool online;
};

struct user {
	struct user *hash_next, *due_next;
	char bridge[80], primary[48];
	struct device devices[FEED_SOURCES];
	bool dirty;
	uint64_t due, bucket;
};

struct component {
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	struct user *users, **slots;
	size_t nusers, nslots;
	struct user *due_head, **due_tail;
	uint64_t left; /* publishes that may still be made */
	unsigned in_flight;
	uint64_t next_id;
	uint64_t now;
	char stamp[24];
};

static uint64_t
mono(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static size_t
hash(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	while (len-- > 0)
		h = (h ^ (unsigned char)*s++) * 0x100000001b3ULL;
	return (size_t)(h ^ h >> 32);
}

static struct user *
find(const struct component *c, const char *bridge)
{
	struct user *u = c->slots[hash(bridge, strlen(bridge)) & (c->nslots - 1)];

	while (u != NULL && strcmp(u->bridge, bridge) != 0)
		u = u->hash_next;
	return u;
}

static void
copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from != NULL ? from : "");
}

static bool
enrol(struct component *c, size_t i)
{
	struct user *u = &c->users[i], **slot;
	struct buf b = {0};
	size_t s;

	feed_put_bridge(&b, i);
	copy(u->bridge, sizeof(u->bridge), buf_text(&b));
	buf_reset(&b);
	feed_put_primary(&b, i);
	copy(u->primary, sizeof(u->primary), buf_text(&b));
	for (s = 0; s < FEED_SOURCES; s++) {
		buf_reset(&b);
		if (feed_has(i, s))
			feed_put_source(&b, i, s, true);
		copy(u->devices[s].address, sizeof(u->devices[s].address), buf_text(&b));
		copy(u->devices[s].since, sizeof(u->devices[s].since), c->stamp);
	}
	slot = &c->slots[hash(u->bridge, strlen(u->bridge)) & (c->nslots - 1)];
	u->hash_next = *slot;
	*slot = u;
	buf_clear(&b);
	return !b.failed;
}

static xmpp_stanza_t *
element(struct component *c, xmpp_stanza_t *parent, const char *name, const char *ns)
{
	xmpp_stanza_t *x = xmpp_stanza_new(c->ctx);

	xmpp_stanza_set_name(x, name);
	if (ns != NULL)
		xmpp_stanza_set_ns(x, ns);
	if (parent != NULL) {
		xmpp_stanza_add_child(parent, x);
		xmpp_stanza_release(x); /* the parent holds it */
	}
	return x;
}

static void
text(struct component *c, xmpp_stanza_t *parent, const char *content)
{
	xmpp_stanza_t *x = xmpp_stanza_new(c->ctx);

	xmpp_stanza_set_text(x, content);
	xmpp_stanza_add_child(parent, x);
	xmpp_stanza_release(x);
}

static void
field(struct component *c, xmpp_stanza_t *form, const char *var, const char *value)
{
	xmpp_stanza_t *x = element(c, form, "field", NULL);

	xmpp_stanza_set_attribute(x, "var", var);
	text(c, element(c, x, "value", NULL), value);
}

static void
add_devices(struct component *c, const struct user *u, xmpp_stanza_t *parent)
{
	static const char *const kinds[] = {"other", "fixed", "mobile", "computer", "tablet"};
	xmpp_stanza_t *devices = element(c, parent, "devices", NODE_DEVICES), *x, *resource;
	char id[8];
	size_t s;

	xmpp_stanza_set_attribute(devices, "updated", c->stamp);
	xmpp_stanza_set_attribute(devices, "expires", c->stamp);
	for (s = 0; s < FEED_SOURCES; s++) {
		if (u->devices[s].address[0] == '\0')
			continue;
		x = element(c, devices, "device", NULL);
		snprintf(id, sizeof(id), "dev%zu", s);
		xmpp_stanza_set_attribute(x, "id", id);
		xmpp_stanza_set_attribute(x, "kind", kinds[feed_kind(s)]);
		xmpp_stanza_set_attribute(x, "since", u->devices[s].since);
		text(c, element(c, x, "label", NULL), feed_label(s));
		if (!u->devices[s].online)
			continue;
		resource = element(c, x, "resource", NULL);
		xmpp_stanza_set_attribute(resource, "id", id);
		if (u->devices[s].show[0] != '\0')
			text(c, element(c, resource, "show", NULL), u->devices[s].show);
		if (u->devices[s].status[0] != '\0')
			text(c, element(c, resource, "status", NULL), u->devices[s].status);
	}
}

static void
publish(struct component *c, const struct user *u, const char *node, const char *access)
{
	xmpp_stanza_t *iq, *pubsub, *x;
	char id[32];

	snprintf(id, sizeof(id), "publish-%llu", (unsigned long long)++c->next_id);
	iq = xmpp_iq_new(c->ctx, "set", id);
	xmpp_stanza_set_to(iq, u->primary);
	xmpp_stanza_set_from(iq, u->bridge);
	pubsub = element(c, iq, "pubsub", "http://jabber.org/protocol/pubsub");
	x = element(c, pubsub, "publish", NULL);
	xmpp_stanza_set_attribute(x, "node", node);
	x = element(c, x, "item", NULL);
	xmpp_stanza_set_attribute(x, "id", ITEM_ID);
	add_devices(c, u, x);
	x = element(c, pubsub, "publish-options", NULL);
	x = element(c, x, "x", "jabber:x:data");
	xmpp_stanza_set_attribute(x, "type", "submit");
	field(c, x, "FORM_TYPE", "http://jabber.org/protocol/pubsub#publish-options");
	field(c, x, "pubsub#persist_items", "true");
	field(c, x, "pubsub#access_model", access);
	xmpp_send(c->conn, iq);
	xmpp_stanza_release(iq);
	c->in_flight++;
	if (c->left > 0)
		c->left--;
}

/* The windows that have ended, first come first served. */
static void
publish_due(struct component *c)
{
	uint64_t ahead = (uint64_t)(BURST - 1) * RATE_MS;
	struct user *u, *last = NULL;

	while (
	    (u = c->due_head) != NULL && u != last && u->due <= c->now && c->in_flight < IN_FLIGHT_MAX && c->left > 0) {
		c->due_head = u->due_next;
		if (c->due_head == NULL)
			c->due_tail = &c->due_head;
		if (u->bucket > c->now + ahead) {
			/* Not yet: to the end, where the later ones are. */
			u->due = u->bucket - ahead;
			u->due_next = NULL;
			*c->due_tail = u;
			c->due_tail = &u->due_next;
			if (last == NULL)
				last = u;
			continue;
		}
		if (u->bucket < c->now)
			u->bucket = c->now;
		u->bucket += RATE_MS;
		u->dirty = false;
		publish(c, u, NODE_DEVICES, "presence");
		publish(c, u, NODE_DEVICES_PRIVATE, "whitelist");
	}
}

static int
on_window(xmpp_conn_t *conn, void *data)
{
	struct component *c = data;
	time_t wall = time(NULL);
	struct tm tm;

	(void)conn;
	c->now = mono();
	strftime(c->stamp, sizeof(c->stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&wall, &tm));
	publish_due(c);
	return 1;
}

static int
on_presence(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *data)
{
	struct component *c = data;
	const char *from = xmpp_stanza_get_from(stanza), *to = xmpp_stanza_get_to(stanza);
	const char *type = xmpp_stanza_get_type(stanza);
	xmpp_stanza_t *x;
	struct device *d = NULL;
	struct user *u;
	char *show = NULL, *status = NULL;
	size_t s;

	(void)conn;
	if (from == NULL || to == NULL || (u = find(c, to)) == NULL)
		return 1;
	for (s = 0; s < FEED_SOURCES && d == NULL; s++)
		if (strcmp(u->devices[s].address, from) == 0)
			d = &u->devices[s];
	if (d == NULL || (type != NULL && strcmp(type, "unavailable") != 0))
		return 1;
	x = xmpp_stanza_get_child_by_name(stanza, "show");
	if (x != NULL)
		show = xmpp_stanza_get_text(x);
	x = xmpp_stanza_get_child_by_name(stanza, "status");
	if (x != NULL)
		status = xmpp_stanza_get_text(x);
	if (d->online != (type == NULL) || strcmp(d->show, show != NULL ? show : "") != 0 ||
	    strcmp(d->status, status != NULL ? status : "") != 0) {
		d->online = type == NULL;
		copy(d->show, sizeof(d->show), show);
		copy(d->status, sizeof(d->status), status);
		memcpy(d->since, c->stamp, sizeof(d->since));
		if (!u->dirty) {
			u->dirty = true;
			u->due = c->now + WINDOW_MS;
			u->due_next = NULL;
			*c->due_tail = u;
			c->due_tail = &u->due_next;
		}
	}
	if (show != NULL)
		xmpp_free(c->ctx, show);
	if (status != NULL)
		xmpp_free(c->ctx, status);
	return 1;
}

static int
on_iq(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *data)
{
	struct component *c = data;
	const char *type = xmpp_stanza_get_type(stanza);
	xmpp_stanza_t *reply;

	if (type == NULL)
		return 1;
	if (strcmp(type, "get") != 0) {
		/* Not a handler for each id: libstrophe never frees those. */
		if (c->in_flight > 0)
			c->in_flight--;
		return 1;
	}
	reply = xmpp_stanza_reply(stanza);
	xmpp_stanza_set_type(reply, "result");
	xmpp_send(conn, reply);
	xmpp_stanza_release(reply);
	/* All is read; from here on the last states go out. */
	c->left = UINT64_MAX;
	return 1;
}

static void
on_conn(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data)
{
	struct component *c = data;

	(void)error;
	(void)stream_error;
	if (event != XMPP_CONN_CONNECT) {
		xmpp_stop(c->ctx);
		return;
	}
	xmpp_handler_add(conn, on_presence, NULL, "presence", NULL, c);
	xmpp_handler_add(conn, on_iq, NULL, "iq", NULL, c);
	xmpp_timed_handler_add(conn, on_window, LOOK_MS, c);
}

static bool
connect_to(struct component *c, unsigned port)
{
	xmpp_conn_set_jid(c->conn, FEED_DOMAIN);
	xmpp_conn_set_pass(c->conn, "secret");
	/*
	 * xmpp_connect_component() of libstrophe 0.12 to 0.14 crashes on the first
	 * stanza: the state of stream management, which every stanza's way goes
	 * through, is allocated by xmpp_connect_client() alone.  So that is called
	 * first, for a host that no resolver knows; it fails after having allocated it.
	 */
	if (xmpp_connect_client(c->conn, "", 1, on_conn, c) == XMPP_EOK) {
		fputs("strophe_component: the priming attempt connected\n", stderr);
		return false;
	}
	return xmpp_connect_component(c->conn, "127.0.0.1", (unsigned short)port, on_conn, c) == XMPP_EOK;
}

int
main(int argc, char **argv)
{
	static struct component c;
	size_t i;

	if (argc != 4) {
		fputs("usage: strophe_component PORT USERS PUBLISHES\n", stderr);
		return 2;
	}
	c.nusers = (size_t)strtoull(argv[2], NULL, 10);
	c.left = strtoull(argv[3], NULL, 10);
	c.due_tail = &c.due_head;
	c.now = mono();
	for (c.nslots = 16; c.nslots < c.nusers; c.nslots *= 2)
		;
	c.users = mem_array(c.nusers, sizeof(*c.users));
	c.slots = mem_array(c.nslots, sizeof(*c.slots));
	if (c.users == NULL || c.slots == NULL)
		return 1;
	for (i = 0; i < c.nusers; i++)
		if (!enrol(&c, i))
			return 1;
	xmpp_initialize();
	c.ctx = xmpp_ctx_new(NULL, NULL);
	c.conn = xmpp_conn_new(c.ctx);
	if (!connect_to(&c, (unsigned)strtoul(argv[1], NULL, 10))) {
		fputs("strophe_component: no connection\n", stderr);
		return 1;
	}
	xmpp_run(c.ctx);
	xmpp_conn_release(c.conn);
	xmpp_ctx_free(c.ctx);
	xmpp_shutdown();
	mem_free(c.slots);
	mem_free(c.users);
	return 0;
}
