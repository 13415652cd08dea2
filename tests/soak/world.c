#include "tests/soak/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const char *const accounts[WORLD_DEVICES] = {"user", "desk", "voip"};
static const char *const hosts[WORLD_DEVICES] = {NULL, "work.test", "sip.example"};
static const char *const resources[WORLD_DEVICES] = {"laptop", "line1", "tablet.8f3a"};
static const char *const labels[WORLD_DEVICES] = {"laptop", "Desk phone", "Tablet"};
static const char *const shows[WORLD_SHOWS] = {NULL, NULL, "chat", "away", "xa", "dnd"};

int
world_init(struct world *w, size_t users, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->n = users;
	w->random = seed * 2 + 1;
	w->members = mem_array(users, sizeof(*w->members));
	return w->members != NULL ? 0 : ERR_NOMEM;
}

void
world_clear(struct world *w)
{
	mem_free(w->members);
	memset(w, 0, sizeof(*w));
}

uint64_t
world_random(struct world *w, uint64_t n)
{
	/* xorshift64* */
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (w->random * 0x2545f4914f6cdd1dULL >> 16) % n;
}

enum visibility
world_visibility(size_t u, size_t d)
{
	if (d == 1 && u % 7 == 3)
		return VISIBLE_HIDDEN;
	if (d == 2 && u % 5 == 2)
		return VISIBLE_SELF;
	return VISIBLE_CONTACTS;
}

bool
world_shows_status(size_t u, size_t d)
{
	return d == WORLD_OWN || (u / 2 + d) % 3 != 0;
}

bool
world_delivered_by_us(size_t u)
{
	return u % 2 == 1;
}

const char *
world_label(size_t d)
{
	return labels[d];
}

static const char *
host_of(size_t u, size_t d)
{
	if (d != WORLD_OWN)
		return hosts[d];
	return world_delivered_by_us(u) ? "jab.test" : "home.test";
}

void
world_put_account(struct buf *b, size_t u, size_t d)
{
	buf_printf(b, "%s%06zu@%s", accounts[d], u, host_of(u, d));
}

void
world_put_primary(struct buf *b, size_t u)
{
	world_put_account(b, u, WORLD_OWN);
}

void
world_put_contact(struct buf *b, size_t u)
{
	buf_printf(b, "mate%06zu@%s", u, host_of(u, WORLD_OWN));
}

void
world_put_bridge(struct buf *b, size_t u)
{
	buf_printf(b, "%s%06zu\\40%s@" WORLD_DOMAIN, accounts[WORLD_OWN], u, host_of(u, WORLD_OWN));
}

bool
world_find(const struct world *w, const char *jid, size_t len, size_t *u, size_t *d)
{
	size_t i, n = 0;

	if (len < 11)
		return false;
	for (*d = 0; *d < WORLD_DEVICES && memcmp(jid, accounts[*d], 4) != 0; ++*d)
		;
	for (i = 4; i < 10; i++) {
		if (jid[i] < '0' || jid[i] > '9')
			return false;
		n = n * 10 + (size_t)(jid[i] - '0');
	}
	*u = n;
	return n < w->n && *d < WORLD_DEVICES;
}

void
world_set(struct world *w, size_t u, size_t d, enum world_show show, uint64_t now)
{
	struct truth *t = &w->members[u].devices[d];

	if (t->show == WORLD_OFFLINE && show != WORLD_OFFLINE)
		t->since = now;
	t->show = (uint8_t)show;
	t->seq++;
	t->out_at = now;
	w->changes++;
}

void
world_change(struct world *w, size_t u, size_t d, uint64_t now)
{
	const struct truth *t = &w->members[u].devices[d];
	uint64_t r = world_random(w, 100);

	if (t->show != WORLD_OFFLINE && r < 20)
		world_set(w, u, d, WORLD_OFFLINE, now);
	else
		world_set(w, u, d, (enum world_show)(WORLD_ONLINE + world_random(w, WORLD_SHOWS - WORLD_ONLINE)), now);
}

void
world_put_answer(struct buf *b, const struct world *w, size_t u, size_t d, const char *to, size_t len)
{
	const struct truth *t = &w->members[u].devices[d];
	bool off = t->show == WORLD_OFFLINE || t->away;

	buf_puts(b, "<presence from='");
	world_put_account(b, u, d);
	buf_printf(b, "/%s' to='", resources[d]);
	buf_put(b, to, len);
	buf_puts(b, off ? "' type='unavailable'>" : "'>");
	if (!off && shows[t->show] != NULL)
		buf_printf(b, "<show>%s</show>", shows[t->show]);
	buf_printf(b,
	    "<status>n%u</status><priority>%zu</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
	    "node='https://client.example/' ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></presence>",
	    t->seq, 5 * d);
}

void
world_put_presence(struct buf *b, const struct world *w, size_t u, size_t d, bool hint)
{
	struct buf to = {0};

	if (hint)
		buf_puts(&to, WORLD_DOMAIN);
	else
		world_put_bridge(&to, u);
	world_put_answer(b, w, u, d, to.data, to.len);
	buf_clear(&to);
}

struct piece {
	const char *p;
	size_t len;
};

/* What is between FROM and TO in A, after which *A begins behind TO; false if there is none. */
static bool
between(struct piece *a, const char *from, const char *to, struct piece *out)
{
	const char *begin = memmem(a->p, a->len, from, strlen(from)), *end;

	if (begin == NULL)
		return false;
	begin += strlen(from);
	end = memmem(begin, (size_t)(a->p + a->len - begin), to, strlen(to));
	if (end == NULL)
		return false;
	out->p = begin;
	out->len = (size_t)(end - begin);
	a->len -= (size_t)(end + strlen(to) - a->p);
	a->p = end + strlen(to);
	return true;
}

static bool
is(struct piece a, const char *text)
{
	return a.len == strlen(text) && memcmp(a.p, text, a.len) == 0;
}

static void
read_resource(struct piece a, struct shown *s)
{
	struct piece show, status, number, rest = a;
	uint8_t i;

	s->show = WORLD_ONLINE;
	if (between(&rest, "<show>", "</show>", &show)) {
		for (i = WORLD_CHAT; i < WORLD_SHOWS; i++)
			if (is(show, shows[i]))
				s->show = i;
	}
	rest = a;
	if (between(&rest, "<status", "/status>", &status) && between(&status, ">n", "<", &number))
		s->seq = (uint32_t)strtoul(number.p, NULL, 10);
}

static void
read_view(struct view *v, struct piece a)
{
	struct piece tag, device, label;
	size_t d;

	memset(v, 0, sizeof(*v));
	v->any = true;
	if (between(&a, "<devices", ">", &tag))
		v->expires = memmem(tag.p, tag.len, " expires=", 9) != NULL;
	while (between(&a, "<device ", "</device>", &device)) {
		struct piece resource = device;

		if (!between(&resource, "<label>", "</label>", &label))
			continue;
		for (d = 0; d < WORLD_DEVICES && !is(label, labels[d]); d++)
			;
		if (d == WORLD_DEVICES)
			continue;
		v->devices[d].listed = true;
		if (resource.len > 0 && memmem(resource.p, resource.len, "<resource", 9) != NULL)
			read_resource(resource, &v->devices[d]);
	}
}

static bool
belongs(size_t u, size_t d, int node)
{
	enum visibility v = world_visibility(u, d);

	return v == VISIBLE_CONTACTS || (v == VISIBLE_SELF && node == NODE_PRIVATE);
}

static void
wrong(struct world *w, uint64_t *count, size_t u, size_t d, const char *what, const struct shown *s)
{
	const struct truth *t = &w->members[u].devices[d];

	++*count;
	snprintf(w->last_wrong, sizeof(w->last_wrong),
	    "%s: user %zu, %s: shown as %u, n%u; truly %u, n%u, last change at %llu, online since %llu", what, u,
	    labels[d], s->show, s->seq, t->show, t->seq, (unsigned long long)t->out_at, (unsigned long long)t->since);
}

void
world_published(struct world *w, size_t u, int node, bool event, const char *payload, size_t len, uint64_t up_at,
    bool fresh)
{
	struct member *m = &w->members[u];
	struct view *at = event ? &m->told : &m->nodes[node].item, v;
	const struct truth *t;
	const struct shown *s;
	struct piece a = {payload, len};
	size_t d;

	read_view(&v, a);
	for (d = 0; d < WORLD_DEVICES; d++) {
		s = &v.devices[d];
		t = &m->devices[d];
		if (s->listed && !belongs(u, d, node))
			wrong(w, &w->leaks, u, d, "not for this node", s);
		if (s->seq != 0 && s->seq < at->devices[d].seq)
			wrong(w, &w->backwards, u, d, "older after newer", s);
		if (s->listed && s->show == WORLD_OFFLINE && t->show != WORLD_OFFLINE && t->since < up_at &&
		    !(d == WORLD_OWN && fresh))
			wrong(w, &w->flaps, u, d, "flaps to offline", s);
	}
	*at = v;
}

static const char *
differs(size_t u, const struct member *m, const struct view *v, int node)
{
	const struct truth *t;
	const struct shown *s;
	size_t d;

	for (d = 0; d < WORLD_DEVICES; d++) {
		t = &m->devices[d];
		s = &v->devices[d];
		if (!belongs(u, d, node)) {
			if (s->listed)
				return labels[d];
			continue;
		}
		/* A client of the primary is listed for a while after it has gone. */
		if (!s->listed && (d != WORLD_OWN || t->show != WORLD_OFFLINE))
			return labels[d];
		if (s->show != t->show)
			return labels[d];
		if (t->show != WORLD_OFFLINE &&
		    s->seq != (node == NODE_PRIVATE || world_shows_status(u, d) ? t->seq : 0))
			return labels[d];
	}
	return NULL;
}

size_t
world_wrong(const struct world *w, char *why, size_t whylen)
{
	static const char *const places[] = {"item", "private item", "event"};
	const struct member *m;
	const char *label;
	size_t u, n = 0, place;

	*why = '\0';
	for (u = 0; u < w->n; u++) {
		m = &w->members[u];
		place = 0;
		label = differs(u, m, &m->nodes[NODE_PUBLIC].item, NODE_PUBLIC);
		if (label == NULL) {
			place++;
			label = differs(u, m, &m->nodes[NODE_PRIVATE].item, NODE_PRIVATE);
		}
		if (label == NULL && world_delivered_by_us(u)) {
			place++;
			label = differs(u, m, &m->told, NODE_PUBLIC);
		}
		if (label == NULL)
			continue;
		if (n++ == 0)
			snprintf(why, whylen, "user %zu, %s, %s", u, places[place], label);
	}
	return n;
}

size_t
world_endless(const struct world *w)
{
	const struct view *v;
	size_t u, d, n = 0;

	for (u = 0; u < w->n; u++) {
		v = &w->members[u].nodes[NODE_PUBLIC].item;
		for (d = 0; d < WORLD_DEVICES; d++) {
			if (v->any && !v->expires && v->devices[d].show != WORLD_OFFLINE) {
				n++;
				break;
			}
		}
	}
	return n;
}
