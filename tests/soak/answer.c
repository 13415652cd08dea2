/* What the component sends, and what the server does with it. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/soak/server.h"

#define KNOWN_AFTER_MS 90000 /* the component has been told of everybody by then */

struct span {
	const char *p;
	size_t len;
};

/* A publish of U came: was it waited for? */
static void
time_publish(struct server *s, struct member *m)
{
	if (m->asked == 0 || m->nodes[NODE_PUBLIC].item.devices[1].seq < m->asked_seq)
		return;
	if (s->ntimings < SERVER_TIMINGS_MAX)
		s->timings[s->ntimings++] = server_now() - m->asked;
	m->asked = 0;
}

/* The value of attribute NAME (with a blank before and `=` behind) in the start tag TAG. */
static struct span
attribute(struct span tag, const char *name)
{
	struct span value = {"", 0};
	const char *p = memmem(tag.p, tag.len, name, strlen(name)), *end;

	if (p == NULL)
		return value;
	p += strlen(name);
	end = memchr(p + 1, *p, (size_t)(tag.p + tag.len - p - 1));
	if (end == NULL)
		return value;
	value.p = p + 1;
	value.len = (size_t)(end - p - 1);
	return value;
}

static bool
is(struct span a, const char *text)
{
	return a.len == strlen(text) && memcmp(a.p, text, a.len) == 0;
}

static bool
contains(struct span a, const char *text)
{
	return memmem(a.p, a.len, text, strlen(text)) != NULL;
}

static void
put(struct buf *b, struct span a)
{
	buf_put(b, a.p, a.len);
}

/* Where the answer to a request goes: at once, or later. */
static struct buf *
answer_begins(struct server *s)
{
	struct late *l;

	s->answers++;
	if (s->slow_ms == 0 && s->late_head == NULL)
		return &s->out;
	l = mem_alloc(sizeof(*l));
	if (l == NULL)
		return &s->out;
	l->due = server_now() + s->slow_ms;
	if (s->late_tail != NULL)
		s->late_tail->next = l;
	else
		s->late_head = l;
	s->late_tail = l;
	return &l->text;
}

static void
put_head(struct buf *b, struct span tag, const char *type)
{
	buf_printf(b, "<iq type='%s' id='", type);
	put(b, attribute(tag, " id="));
	buf_puts(b, "' from='");
	put(b, attribute(tag, " to="));
	buf_puts(b, "' to='");
	put(b, attribute(tag, " from="));
	buf_puts(b, "'>");
}

/* Answer with CONDITION as an error, or with the result BODY; wrapped if the request was privileged. */
static void
answer(struct server *s, struct span tag, bool privileged, const char *condition, const char *body)
{
	struct buf *b = answer_begins(s);
	const char *type = condition != NULL ? "error" : "result";

	put_head(b, tag, type);
	if (privileged) {
		buf_puts(b,
		    "<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client'");
		buf_printf(b, " type='%s' id='", type);
		put(b, attribute(tag, " id="));
		buf_puts(b, "' from='");
		put(b, attribute(tag, " to="));
		buf_puts(b, "' to='");
		put(b, attribute(tag, " to="));
		buf_puts(b, "'>");
	}
	if (condition != NULL)
		buf_printf(b, "<error type='cancel'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
		    condition);
	else
		buf_puts(b, body);
	if (privileged)
		buf_puts(b, "</iq></forwarded></privilege>");
	buf_puts(b, "</iq>");
}

static bool
fresh(const struct server *s)
{
	uint64_t now = server_now();

	return now < s->process_at + KNOWN_AFTER_MS && s->process_at < s->began_at + KNOWN_AFTER_MS;
}

static const char *
take_pubsub(struct server *s, size_t u, struct span body, bool privileged, struct buf *result)
{
	int node = contains(body, NODE_DEVICES_PRIVATE) ? NODE_PRIVATE : NODE_PUBLIC;
	struct node *n = &s->world->members[u].nodes[node];

	if (contains(body, "<create ")) {
		if (n->exists)
			return "conflict";
		n->exists = true;
	} else if (contains(body, "<affiliations ")) {
		n->affiliated = true;
	} else if (contains(body, "<configure ")) {
		if (!n->exists)
			return "item-not-found";
		if (!contains(body, "<value>"))
			buf_printf(result,
			    "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure><x xmlns='jabber:x:data' "
			    "type='form'><field var='pubsub#access_model'><value>%s</value></field></x></configure></pubsub>",
			    node == NODE_PRIVATE ? "whitelist" : "presence");
	} else if (contains(body, "<publish ")) {
		if (!privileged && !n->affiliated)
			return "forbidden";
		n->exists = true;
		s->publishes++;
		world_published(s->world, u, node, false, body.p, body.len, s->up_at, fresh(s));
		time_publish(s, &s->world->members[u]);
	}
	return NULL;
}

static void
take_request(struct server *s, struct span tag, struct span body, struct span whole)
{
	struct span to = attribute(tag, " to=");
	bool privileged = body.len > 14 && memcmp(body.p, "<privileged_iq", 14) == 0;
	bool known;
	struct buf result = {0};
	const char *condition = NULL;
	size_t u = 0, d = 0;

	if (contains(to, WORLD_DOMAIN)) {
		put(&s->out, whole); /* to itself: routed back */
		return;
	}
	known = world_find(s->world, to.p, to.len, &u, &d);
	if (contains(body, "<pubsub")) {
		condition = known ? take_pubsub(s, u, body, privileged, &result) : "item-not-found";
	} else if (contains(body, "disco#info")) {
		buf_printf(&result,
		    "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='%s' type='%s' "
		    "name='%s'/></query>",
		    known ? "client" : "server", known ? "pc" : "im", is(to, "home.test") ? "Prosody" : "ejabberd");
	} else if (contains(body, "jabber:iq:roster") && known) {
		buf_puts(&result, "<query xmlns='jabber:iq:roster'><item subscription='both' jid='");
		world_put_contact(&result, u);
		buf_puts(&result, "'/><item subscription='from' jid='");
		world_put_bridge(&result, u);
		buf_puts(&result, "'/></query>");
	}
	answer(s, tag, privileged, condition, buf_text(&result));
	buf_clear(&result);
}

static void
answer_probe(struct server *s, struct span to, struct span from)
{
	uint64_t now = server_now();
	const struct truth *t;
	size_t u, d;

	s->probes++;
	s->probe_level -= (double)(now - s->probe_at) * s->probe_rate / 1000;
	if (s->probe_level < 0)
		s->probe_level = 0;
	s->probe_at = now;
	s->probe_level += 1;
	if (s->probe_level > s->probe_peak)
		s->probe_peak = s->probe_level;
	if (!world_find(s->world, to.p, to.len, &u, &d))
		return;
	t = &s->world->members[u].devices[d];
	if (t->show != WORLD_OFFLINE && !t->away) {
		world_put_answer(&s->out, s->world, u, d, from.p, from.len);
	} else if (d == 1 || (d == WORLD_OWN && !world_delivered_by_us(u))) {
		/* Prosody says so, ejabberd says nothing. */
		buf_puts(&s->out, "<presence type='unavailable' from='");
		put(&s->out, to);
		buf_puts(&s->out, "' to='");
		put(&s->out, from);
		buf_puts(&s->out, "'/>");
	}
}

/* <message to=HOST><privilege><forwarded><message from=OWNER to=CONTACT>: an event. */
static void
take_message(struct server *s, struct span body)
{
	const char *p = memmem(body.p, body.len, "<message", 8), *end;
	struct span tag, from, to;
	size_t u, d;

	if (p == NULL)
		return;
	end = memchr(p, '>', (size_t)(body.p + body.len - p));
	if (end == NULL)
		return;
	tag.p = p;
	tag.len = (size_t)(end - p);
	from = attribute(tag, " from=");
	to = attribute(tag, " to=");
	s->events++;
	if (!world_find(s->world, from.p, from.len, &u, &d) || to.len < 4 || memcmp(to.p, "mate", 4) != 0)
		return;
	world_published(s->world, u, contains(body, NODE_DEVICES_PRIVATE) ? NODE_PRIVATE : NODE_PUBLIC, true, end,
	    (size_t)(body.p + body.len - end), s->up_at, fresh(s));
}

static void
accept_handshake(struct server *s)
{
	static const char *const hosts[] = {"home.test", "jab.test"};
	struct world *w = s->world;
	size_t i, u;

	buf_puts(&s->out, "<handshake/>");
	for (i = 0; i < 2; i++)
		buf_printf(&s->out,
		    "<message to='" WORLD_DOMAIN "' from='%s'><privilege xmlns='urn:xmpp:privilege:2'>"
		    "<perm access='roster' type='both'/><perm access='message' type='outgoing'/>"
		    "<perm access='presence' type='managed_entity'/><perm access='iq'>"
		    "<namespace type='both' ns='http://jabber.org/protocol/pubsub'/>"
		    "<namespace type='both' ns='http://jabber.org/protocol/pubsub#owner'/>"
		    "<namespace type='get' ns='http://jabber.org/protocol/disco#info'/></perm></privilege></message>",
		    hosts[i]);
	s->up = true;
	s->up_at = server_now();
	s->streams++;
	/* As Prosody does; ejabberd doesn't. */
	for (u = 0; u < w->n; u += 2)
		if (w->members[u].devices[WORLD_OWN].show != WORLD_OFFLINE && !w->members[u].devices[WORLD_OWN].away)
			world_put_presence(&s->out, w, u, WORLD_OWN, true);
}

static void
take_stanza(struct server *s, struct span tag, struct span body, struct span whole)
{
	struct span type = attribute(tag, " type=");

	s->stanzas++;
	if (strncmp(tag.p, "<handshake", 10) == 0) {
		accept_handshake(s);
		return;
	}
	if (!contains(attribute(tag, " from="), WORLD_DOMAIN))
		s->foreign++;
	if (is(type, "error"))
		s->errors++;
	if (strncmp(tag.p, "<presence", 9) == 0) {
		if (is(type, "probe"))
			answer_probe(s, attribute(tag, " to="), attribute(tag, " from="));
	} else if (strncmp(tag.p, "<iq", 3) == 0) {
		if (is(type, "get") || is(type, "set"))
			take_request(s, tag, body, whole);
	} else if (contains(body, "<privilege")) {
		take_message(s, body);
	} else if (is(type, "headline")) {
		put(&s->out, whole); /* to itself: routed back */
	}
}

/* The length of the element that begins at P, 0 while it is not complete; *OPEN: that of its start tag. */
static size_t
element(const char *p, size_t len, size_t *open)
{
	size_t at = 0, depth = 0;
	const char *end, *tag;

	for (*open = 0; at < len;) {
		tag = memchr(p + at, '<', len - at);
		if (tag == NULL)
			return 0;
		/* The component escapes `>` in values. */
		end = memchr(tag, '>', len - (size_t)(tag - p));
		if (end == NULL)
			return 0;
		at = (size_t)(end - p) + 1;
		if (*open == 0)
			*open = at;
		if (tag[1] == '/')
			depth--;
		else if (end[-1] != '/')
			depth++;
		if (depth == 0)
			return at;
	}
	return 0;
}

/* One element or tag of the LEN bytes at P; 0: it is not complete. */
static size_t
take(struct server *s, const char *p, size_t len)
{
	struct span tag = {p, 0}, body, whole = {p, 0};
	const char *end = memchr(p, '>', len);
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - p) + 1;
	if (p[1] == '?')
		return head;
	if (p[1] == '/') {
		buf_puts(&s->out, "</stream:stream>");
		return head;
	}
	if (strncmp(p, "<stream:stream", 14) == 0) {
		buf_puts(&s->out,
		    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
		    "xmlns:stream='http://etherx.jabber.org/streams' id='1234567890' from='" WORLD_DOMAIN "'>");
		return head;
	}
	whole.len = element(p, len, &tag.len);
	if (whole.len == 0)
		return 0;
	body.p = p + tag.len;
	body.len = whole.len - tag.len;
	take_stanza(s, tag, body, whole);
	return whole.len;
}

void
server_take_input(struct server *s)
{
	size_t at = 0, used;
	const char *p = NULL;

	while (at < s->in.len && (p = memchr(s->in.data + at, '<', s->in.len - at)) != NULL) {
		at = (size_t)(p - s->in.data);
		used = take(s, p, s->in.len - at);
		if (used == 0)
			break;
		at += used;
		p = NULL;
	}
	if (p == NULL)
		at = s->in.len;
	buf_consume(&s->in, at);
}
