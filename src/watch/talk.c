#include "watch/talk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "watch/item.h"
#include "watch/stanza.h"

#define NS_CLIENT "jabber:client"
#define NS_DISCO "http://jabber.org/protocol/disco#info"
#define NS_EVENT "http://jabber.org/protocol/pubsub#event"
#define NS_PING "urn:xmpp:ping"
#define NS_ROSTER "jabber:iq:roster"
#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_VERSION "jabber:iq:version"

static bool
same(const char *s, const char *t)
{
	return s != NULL && strcmp(s, t) == 0;
}

static bool
one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static void
begin(struct talk *t, struct talk_request *r, int64_t now)
{
	t->make_id(r->id);
	r->deadline = now + t->timeout_ms;
}

/* Whether ID answers R; if so R is over. */
static bool
answers(struct talk_request *r, const char *id)
{
	if (r->id[0] == '\0' || strcmp(r->id, id) != 0)
		return false;
	r->id[0] = '\0';
	return true;
}

static bool
overdue(const struct talk_request *r, int64_t now)
{
	return r->id[0] != '\0' && r->deadline <= now;
}

/* The condition of an error stanza (RFC 6120, section 8.3.3). */
static const char *
condition(const struct tree *tree, void *stanza)
{
	void *c = tree_child(tree, stanza, "error", NS_CLIENT);
	const char *name;

	for (c = c != NULL ? tree->first(c) : NULL; c != NULL; c = tree->next(c)) {
		name = tree->name(c);
		if (name != NULL && same(tree->ns(c), NS_STANZAS) && strcmp(name, "text") != 0)
			return name;
	}
	return "error without a condition";
}

static void
take_error(struct talk *t, struct board_contact *c, enum board_source source, const char *why)
{
	static const char *const nothing_there[] = { "item-not-found", "service-unavailable", "feature-not-implemented",
		NULL };
	static const char *const forbidden[] = {"forbidden", "not-authorized", "not-allowed", NULL};
	static const char *const unreachable[] = {"remote-server-not-found", "remote-server-timeout", NULL};

	if (one_of(why, nothing_there))
		board_answer(t->board, c, source, NULL, NULL);
	else if (one_of(why, forbidden))
		board_answer(t->board, c, source, NULL, "does not let us see");
	else if (one_of(why, unreachable))
		board_unanswered(t->board, c, source, "server not reachable");
	else
		board_unanswered(t->board, c, source, why);
}

static void
take_item(struct talk *t, struct board_contact *c, enum board_source source, const struct tree *tree, void *iq)
{
	struct board_set *set;
	int status = item_parse(tree, iq, fetch_node(source), t->lang, &set);

	if (status == 0)
		board_answer(t->board, c, source, set, NULL);
	else
		board_unanswered(t->board, c, source, err_text(status));
}

static void
take_roster(struct talk *t, const struct tree *tree, void *iq)
{
	void *query = tree_child(tree, iq, "query", NS_ROSTER), *item;
	const char *jid, *subscription;

	if (query == NULL)
		return;
	board_roster_begin(t->board);
	(void)board_roster_item(t->board, t->me, NULL, true);
	for (item = tree->first(query); item != NULL; item = tree->next(item)) {
		if (!tree_is(tree, item, "item", NS_ROSTER))
			continue;
		jid = tree->attr(item, "jid");
		subscription = tree->attr(item, "subscription");
		/* A contact is a person: with a localpart, without a resource. */
		if (jid == NULL || strchr(jid, '@') == NULL || strchr(jid, '/') != NULL || strcasecmp(jid, t->me) == 0)
			continue;
		if (same(subscription, "to") || same(subscription, "both"))
			(void)board_roster_item(t->board, jid, tree->attr(item, "name"), false);
	}
	board_roster_end(t->board, t->gone, t->arg);
	fetch_all(t->board, false);
	t->have_roster = true;
}

static void
on_answer(struct talk *t, const struct tree *tree, void *iq, const char *id, bool good)
{
	struct board_contact *c;
	enum board_source source;

	if (answers(&t->ping, id))
		return; /* an error is an answer too */
	if (answers(&t->roster, id)) {
		if (good)
			take_roster(t, tree, iq);
		else
			t->verdict = "the server refuses to give the roster";
		return;
	}
	if (!fetch_match(t->board, id, tree->attr(iq, "from"), &c, &source))
		return;
	if (good)
		take_item(t, c, source, tree, iq);
	else
		take_error(t, c, source, condition(tree, iq));
}

static void
on_request(struct talk *t, const struct tree *tree, void *iq, const char *id, bool get)
{
	const char *from = tree->attr(iq, "from");
	void *child = tree_element(tree, iq);
	const char *ns = child != NULL ? tree->ns(child) : NULL;

	if (get && same(ns, NS_DISCO)) {
		stanza_disco(&t->out, id, from, tree->attr(child, "node"));
	} else if (get && same(ns, NS_VERSION)) {
		stanza_version(&t->out, id, from, t->version);
	} else if (get && same(ns, NS_PING)) {
		stanza_result(&t->out, id, from);
	} else if (!get && same(ns, NS_ROSTER) && (from == NULL || strcasecmp(from, t->me) == 0)) {
		stanza_result(&t->out, id, from);
		t->want_roster = true; /* a bell: it may be anybody's */
	} else {
		stanza_error(&t->out, id, from, "service-unavailable");
	}
}

static void
on_message(struct talk *t, const struct tree *tree, void *message)
{
	const char *from = tree->attr(message, "from"), *node;
	struct board_contact *c;
	void *el;

	if (same(tree->attr(message, "type"), "error"))
		return;
	if (tree_child(tree, message, "body", NS_CLIENT) != NULL)
		t->messages++;
	el = tree_child(tree, message, "event", NS_EVENT);
	if (el == NULL || (el = tree_element(tree, el)) == NULL)
		return;
	node = tree->attr(el, "node");
	c = board_find(t->board, from != NULL ? from : t->me);
	if (c != NULL && node != NULL)
		fetch_ring(c, node);
}

int
talk_begin(struct talk *t, const char *jid, int64_t now)
{
	size_t len = strcspn(jid, "/");

	if (len >= sizeof(t->me) || memchr(jid, '@', len) == NULL)
		return ERR_INVALID;
	snprintf(t->me, sizeof(t->me), "%.*s", (int)len, jid);
	t->up = true;
	t->verdict = NULL;
	t->want_roster = true;
	t->have_roster = false;
	t->heard = now;
	t->refresh_at = now + TALK_REFRESH_MS;
	fetch_all(t->board, true);
	if (t->live)
		stanza_presence(&t->out, t->ver);
	talk_pump(t, now);
	return 0;
}

void
talk_stanza(struct talk *t, const struct tree *tree, void *stanza, int64_t now)
{
	const char *name = tree->name(stanza), *type, *id;

	if (!t->up || name == NULL || !same(tree->ns(stanza), NS_CLIENT))
		return;
	t->heard = now;
	if (strcmp(name, "message") == 0) {
		on_message(t, tree, stanza);
	} else if (strcmp(name, "iq") == 0) {
		type = tree->attr(stanza, "type");
		id = tree->attr(stanza, "id");
		if (type == NULL || id == NULL)
			return;
		if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)
			on_answer(t, tree, stanza, id, strcmp(type, "result") == 0);
		else if (strcmp(type, "get") == 0 || strcmp(type, "set") == 0)
			on_request(t, tree, stanza, id, strcmp(type, "get") == 0);
	}
}

void
talk_pump(struct talk *t, int64_t now)
{
	struct board_contact *c;
	enum board_source source;
	char id[FETCH_ID_LEN + 1];

	if (!t->up)
		return;
	while (fetch_overdue(t->board, now, &c, &source))
		board_unanswered(t->board, c, source, "no answer");
	if (overdue(&t->roster, now) || overdue(&t->ping, now))
		t->verdict = "the server does not answer";
	if (t->want_roster && t->roster.id[0] == '\0') {
		t->want_roster = false;
		begin(t, &t->roster, now);
		stanza_get_roster(&t->out, t->roster.id);
	}
	if (t->ping.id[0] == '\0' && now - t->heard > TALK_QUIET_MS) {
		begin(t, &t->ping, now);
		stanza_ping(&t->out, t->ping.id, strchr(t->me, '@') + 1);
	}
	if (t->refresh_at <= now) {
		t->refresh_at = now + TALK_REFRESH_MS;
		fetch_all(t->board, true);
	}
	while (fetch_next(t->board, now, &c, &source)) {
		t->make_id(id);
		stanza_get_item(&t->out, id, c->address, fetch_node(source));
		fetch_sent(t->board, c, source, id, now, now + t->timeout_ms);
	}
}

void
talk_goodbye(struct talk *t)
{
	if (t->up && t->live)
		stanza_goodbye(&t->out);
}

void
talk_end(struct talk *t)
{
	t->up = false;
	t->want_roster = false;
	t->roster.id[0] = t->ping.id[0] = '\0';
	fetch_reset(t->board);
	buf_reset(&t->out);
}

bool
talk_settled(const struct talk *t)
{
	return t->up && t->have_roster && !t->want_roster && t->roster.id[0] == '\0' && fetch_idle(t->board);
}
