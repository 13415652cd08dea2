/*
 * Results and errors of IQs, privileged or not, with what the core asks for in
 * them: errors of stanzas and of pubsub, node configurations, rosters, disco.
 * The input says what is meant; the decoder has to understand just that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "sent.h"
#include "speak.h"
#include "wire/decode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ITEMS_MAX 8
#define GROUPS_MAX 3

#define CLIENT "jabber:client"
#define STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define PUBSUB "http://jabber.org/protocol/pubsub"
#define OWNER PUBSUB "#owner"
#define PUBSUB_ERRORS PUBSUB "#errors"
#define COMMANDS "http://jabber.org/protocol/commands"
#define INFO "http://jabber.org/protocol/disco#info"
#define ROSTER "jabber:iq:roster"
#define DATA "jabber:x:data"

/* In the order of the enums. */
static const char *const conditions[] = { "none", "bad-request", "conflict", "feature-not-implemented", "forbidden",
	"gone", "internal-server-error", "item-not-found", "jid-malformed", "not-acceptable", "not-allowed",
	"not-authorized", "policy-violation", "recipient-unavailable", "redirect", "registration-required",
	"remote-server-not-found", "remote-server-timeout", "resource-constraint", "service-unavailable",
	"subscription-required", "undefined-condition", "unexpected-request" };
static const char *const apps[] = { "none", "precondition-not-met", "payload-too-big", "bad-sessionid", "bad-action",
	"malformed-action", "bad-payload", "session-expired" };
static const char *const subscriptions[] = {"none", "to", "from", "both", "remove", "TO", ""};
static const char *const types[] = {"result", "error", "get", "set", "Result", ""};

/* As written, and as prepared; NULL: it is no bare JID. */
static const char *const addresses[][2] = { {"alice@home.test", "alice@home.test"},
	{"bob@home.test", "bob@home.test"}, {"Alice@Home.TEST", "alice@home.test"}, {"home.test", "home.test"},
	{"alice@home.test/phone", NULL}, {"a@b@c", NULL}, {"", NULL},
	{"J\xc3\x9crgen@home.test", "j\xc3\xbcrgen@home.test"}, {"alice@home.test.", "alice@home.test"},
	{"\xff", NULL} };

struct meant_item {
	const char *jid, *name;
	enum subscription subscription;
	bool remove;
	const char *groups[GROUPS_MAX];
	size_t ngroups;
};

/* What the decoder is to understand. */
struct meant {
	const char *id, *inner_id, *inner_from;
	bool ok, wrapped, echo;
	enum condition error;
	enum app_condition app;
	const char *text;
	enum payload_kind payload;
	enum access access;
	const char *category, *type, *name;
	struct meant_item items[ITEMS_MAX];
	size_t nitems;
};

static const char *
one_of(struct input *in, const char *const *list, size_t n)
{
	return list[input_below(in, n)];
}

static void
say_condition(struct speaker *s, struct meant *m, bool *decided)
{
	size_t i = 1 + input_below(s->in, COUNT(conditions) - 1);
	unsigned how = input_below(s->in, 8);

	if (how == 0) { /* in no namespace that counts */
		speak_leaf(s, conditions[i], "urn:x", NULL);
		return;
	}
	speak_leaf(s, how == 1 ? "unheard-of" : conditions[i], STANZAS, how == 2 ? "gone://" : NULL);
	if (!*decided)
		m->error = how == 1 ? COND_UNDEFINED : (enum condition)i;
	*decided = true;
}

static void
say_app(struct speaker *s, struct meant *m)
{
	size_t i = 1 + input_below(s->in, COUNT(apps) - 1);
	unsigned how = input_below(s->in, 4);
	bool pubsub = i <= APP_PAYLOAD_TOO_BIG;

	speak_leaf(s, apps[i], how == 0 ? "urn:x" : (how == 1) == pubsub ? COMMANDS : PUBSUB_ERRORS, NULL);
	if (how > 1 && m->app == APP_NONE)
		m->app = (enum app_condition)i;
}

static void
say_error(struct speaker *s, struct meant *m)
{
	static const char *const texts[] = {"", "no", "<iq/>", "\xe2\x80\xae"};
	unsigned n = input_below(s->in, 5);
	bool decided = false;
	const char *text;

	m->error = COND_UNDEFINED;
	speak_decoy(s, "error");
	speak_open(s, "error", NULL);
	speak_attr(s, "type", "cancel");
	for (; n > 0; n--) {
		switch (input_below(s->in, 4)) {
		case 0:
		case 1:
			say_condition(s, m, &decided);
			break;
		case 2:
			say_app(s, m);
			break;
		default:
			text = one_of(s->in, texts, COUNT(texts));
			speak_leaf(s, "text", STANZAS, text);
			if (m->text == NULL && *text != '\0')
				m->text = text;
		}
	}
	speak_close(s);
}

static void
say_roster(struct speaker *s, struct meant *m, bool counts)
{
	static const char *const groups[] = {"Devices", "", "devices", "a<b"};
	unsigned n = input_below(s->in, ITEMS_MAX + 1), k, which;
	struct meant_item *item;
	struct meant_item other;
	const char *subscription, *group;

	speak_open(s, "query", ROSTER);
	for (; n > 0; n--) {
		which = input_below(s->in, COUNT(addresses) - 1); /* the last would be no XML */
		item = counts && addresses[which][1] != NULL ? &m->items[m->nitems++] : &other;
		memset(item, 0, sizeof(*item));
		item->jid = addresses[which][1];
		speak_decoy(s, "item");
		speak_open(s, "item", NULL);
		speak_attr(s, "jid", addresses[which][0]);
		which = input_below(s->in, COUNT(subscriptions) + 1);
		subscription = which < COUNT(subscriptions) ? subscriptions[which] : NULL;
		speak_attr(s, "subscription", subscription);
		item->remove = which == 4;
		item->subscription = which < 4 ? (enum subscription)which : SUBSCRIPTION_NONE;
		item->name = input_below(s->in, 2) == 0 ? NULL : "Al & Ice";
		speak_attr(s, "name", item->name);
		for (k = input_below(s->in, GROUPS_MAX + 1); k > 0; k--) {
			group = one_of(s->in, groups, COUNT(groups));
			speak_decoy(s, "group");
			speak_leaf(s, "group", NULL, group);
			item->groups[item->ngroups++] = group;
		}
		speak_close(s);
	}
	speak_close(s);
	if (counts)
		m->payload = PAYLOAD_ROSTER;
}

static void
say_info(struct speaker *s, struct meant *m, bool counts)
{
	static const char *const words[] = {"", "client", "server", "phone", "im", "Prosody"};
	unsigned n = input_below(s->in, 4), name;
	const char *category, *type;
	bool found = false;

	speak_open(s, "query", INFO);
	for (; n > 0; n--) {
		category = one_of(s->in, words, COUNT(words));
		type = one_of(s->in, words, COUNT(words));
		name = input_below(s->in, COUNT(words) + 1);
		speak_decoy(s, "identity");
		speak_open(s, "identity", NULL);
		speak_attr(s, "category", category);
		speak_attr(s, "type", type);
		speak_attr(s, "name", name < COUNT(words) ? words[name] : NULL);
		speak_close(s);
		if (!counts || found || *category == '\0' || *type == '\0')
			continue;
		found = true;
		m->category = category;
		m->type = type;
		m->name = name < COUNT(words) ? words[name] : NULL;
	}
	speak_leaf(s, "feature", NULL, NULL);
	speak_close(s);
	if (counts)
		m->payload = PAYLOAD_INFO;
}

static void
say_form(struct speaker *s, struct meant *m, bool counts)
{
	static const char *const vars[] = {"pubsub#access_model", "FORM_TYPE", "pubsub#Access_model", ""};
	static const char *const values[] = {"presence", "whitelist", "open", "authorize", "roster", "", " presence"};
	unsigned n = input_below(s->in, 6), k, which;
	bool found = false, first;
	const char *value;
	size_t var;

	speak_decoy(s, "x");
	speak_open(s, "x", DATA);
	speak_attr(s, "type", "form");
	for (; n > 0; n--) {
		var = input_below(s->in, COUNT(vars) + 1);
		speak_decoy(s, "field");
		speak_open(s, "field", NULL);
		speak_attr(s, "var", var < COUNT(vars) ? vars[var] : NULL);
		first = var == 0 && !found && counts;
		found = found || var == 0;
		for (k = input_below(s->in, 3); k > 0; k--) {
			which = input_below(s->in, COUNT(values));
			value = values[which];
			speak_decoy(s, "value");
			speak_leaf(s, "value", NULL, value);
			if (!first)
				continue;
			first = false;
			m->access = which == 0 ? ACCESS_PRESENCE :
			    which == 1	       ? ACCESS_WHITELIST :
			    *value == '\0'     ? ACCESS_UNKNOWN :
						 ACCESS_OTHER;
		}
		if (input_below(s->in, 2) == 0)
			speak_leaf(s, "option", NULL, "presence");
		speak_close(s);
	}
	speak_close(s);
}

static void
say_configuration(struct speaker *s, struct meant *m, bool counts)
{
	unsigned what = input_below(s->in, 4);

	speak_open(s, "pubsub", OWNER);
	speak_decoy(s, "configure");
	if (what > 0) {
		speak_open(s, "configure", NULL);
		speak_attr(s, "node", NODE_DEVICES);
		if (what > 1)
			say_form(s, m, counts);
		if (what > 2)
			say_form(s, m, false); /* the first one counts */
		speak_close(s);
		if (counts)
			m->payload = PAYLOAD_CONFIG;
	}
	speak_close(s);
}

static void
say_payload(struct speaker *s, struct meant *m)
{
	unsigned n = input_below(s->in, 4), what;
	bool counts = true;

	for (; n > 0; n--) {
		what = input_below(s->in, 6);
		speak_decoy(s, "query");
		if (what == 0)
			say_roster(s, m, counts);
		else if (what == 1)
			say_info(s, m, counts);
		else if (what == 2)
			say_configuration(s, m, counts);
		else if (what == 3)
			speak_leaf(s, "pubsub", PUBSUB, "configure");
		else
			speak_leaf(s, "query", "jabber:iq:version", NULL);
		/* The first that the core can have asked for. */
		counts = counts && what > 2;
	}
}

/* The type, then what is inside; what is meant holds if it is this IQ that is judged. */
static void
say_inside(struct speaker *s, struct meant *m, const char *type)
{
	struct meant payload = {.error = COND_UNDEFINED}, error = {.error = COND_UNDEFINED};
	unsigned what = input_byte(s->in);

	if ((what & 1) != 0)
		say_error(s, &error);
	if ((what & 2) != 0)
		say_payload(s, &payload);
	if ((what & 5) == 4)
		say_error(s, &error);
	m->echo = strcmp(type, "get") == 0 || strcmp(type, "set") == 0;
	m->ok = strcmp(type, "result") == 0;
	if (m->ok) {
		m->payload = payload.payload;
		m->access = payload.access;
		m->category = payload.category;
		m->type = payload.type;
		m->name = payload.name;
		memcpy(m->items, payload.items, sizeof(m->items));
		m->nitems = payload.nitems;
	} else {
		m->error = error.error;
		m->app = error.app;
		m->text = error.text;
	}
}

/* A <privilege/> around an IQ; of what is no forwarded IQ nothing is meant but that it failed. */
static void
say_privileged(struct speaker *s, struct meant *m)
{
	static const char *const namespaces[] = {"urn:xmpp:privilege:2", "urn:xmpp:privilege:1"};
	unsigned how = input_below(s->in, 8), from = input_below(s->in, COUNT(addresses));
	const char *inner_type = one_of(s->in, types, COUNT(types));

	speak_decoy(s, "privilege");
	speak_open(s, "privilege", namespaces[input_below(s->in, 2)]);
	speak_decoy(s, "forwarded");
	speak_open(s, "forwarded", how == 0 ? "urn:xmpp:forward:1" : "urn:xmpp:forward:0");
	speak_decoy(s, "iq");
	speak_open(s, how == 1 ? "message" : "iq", how == 2 ? NULL : CLIENT);
	m->wrapped = how > 2;
	m->inner_id = input_below(s->in, 4) == 0 ? NULL : m->id;
	speak_attr(s, "id", m->inner_id);
	speak_attr(s, "type", inner_type);
	/* An address that can't be read stays as it is. */
	if (from == COUNT(addresses) - 1) {
		m->inner_from = NULL;
	} else {
		m->inner_from = addresses[from][1] != NULL ? addresses[from][1] : addresses[from][0];
		speak_attr(s, "from", addresses[from][0]);
	}
	if (m->wrapped) {
		say_inside(s, m, inner_type);
	} else {
		m->inner_id = m->inner_from = NULL;
		m->ok = false;
		m->error = COND_UNDEFINED;
	}
	speak_close(s);
	speak_close(s);
	speak_close(s);
	m->echo = m->wrapped ? m->echo : false;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL ? b == NULL : b != NULL && strcmp(a, b) == 0;
}

static void
check_items(const struct roster_event *r, const struct meant *m)
{
	size_t i, k;

	CHECK(r->nitems == m->nitems);
	for (i = 0; i < m->nitems; i++) {
		CHECK(same(r->items[i].jid, m->items[i].jid));
		CHECK(same(r->items[i].name, m->items[i].name));
		CHECK(r->items[i].subscription == m->items[i].subscription);
		CHECK(r->items[i].remove == m->items[i].remove);
		CHECK(r->items[i].ngroups == m->items[i].ngroups);
		for (k = 0; k < m->items[i].ngroups; k++)
			CHECK(same(r->items[i].groups[k], m->items[i].groups[k]));
	}
}

static void
check_answer(const struct answer_event *a, const struct meant *m)
{
	CHECK(same(a->id, m->id));
	CHECK(a->wrapped == m->wrapped && a->echo == m->echo && a->ok == m->ok);
	CHECK(same(a->inner_id, m->inner_id) && same(a->inner_from, m->inner_from));
	CHECK(a->error == m->error && a->app == m->app && same(a->text, m->text));
	CHECK(a->payload == m->payload);
	if (m->payload == PAYLOAD_ROSTER)
		check_items(&a->roster, m);
	if (m->payload == PAYLOAD_CONFIG)
		CHECK(a->access == m->access);
	if (m->payload == PAYLOAD_INFO)
		CHECK(same(a->category, m->category) && same(a->type, m->type) && same(a->name, m->name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = {"abcdefghijklmnopqrstuvwxyz", "1", "", "a&b"};
	static struct meant m;
	struct input in = input_of(data, size);
	unsigned how = input_byte(&in);
	struct buf text = {0};
	struct speaker s = {.out = &text, .in = &in, .noise = (how & 1) != 0};
	struct parser *p = sent_parser();
	struct decoder *d = decoder_new();
	const char *type = (how & 2) != 0 ? "error" : "result";
	enum parser_item item;
	struct event ev;
	size_t used;
	int decoded;
	char *copy;

	CHECK(d != NULL);
	memset(&m, 0, sizeof(m));
	m.id = ids[how / 4 % 4];
	speak_open(&s, "iq", NULL);
	speak_attr(&s, "to", "alice\\40home.test@" DOMAIN);
	speak_attr(&s, "from", "home.test");
	speak_attr(&s, "id", m.id);
	speak_attr(&s, "type", type);
	if ((how & 0x80) != 0)
		say_privileged(&s, &m);
	else
		say_inside(&s, &m, type);
	speak_close(&s);
	copy = fuzz_copy(text.data, text.len);
	if (parser_push(p, copy, text.len, &used, &item) == 1) {
		CHECK(item == PARSER_ELEMENT && used == text.len);
		/* Without the memory for it there is no event, and no half of one. */
		if ((how & 0x40) != 0) {
			mem_fail_at(1 + how / 16 % 4);
			decoded = decode(d, parser_element(p), &ev);
			mem_fail_at(0);
			CHECK(decoded == DECODED_EVENT || decoded == ERR_NOMEM);
			if (decoded == DECODED_EVENT)
				check_answer(&ev.answer, &m);
			decoder_free(d);
			d = decoder_new();
			CHECK(d != NULL);
		}
		memset(&ev, 0xa5, sizeof(ev));
		CHECK(decode(d, parser_element(p), &ev) == DECODED_EVENT);
		CHECK(ev.kind == EVENT_ANSWER);
		CHECK(strcmp(ev.from.bare, "home.test") == 0 && ev.from.resource == NULL);
		CHECK(strcmp(ev.to.bare, "alice\\40home.test@" DOMAIN) == 0 && ev.to.resource == NULL);
		check_answer(&ev.answer, &m);
	} else {
		CHECK(parser_counts(p)->skipped == 1); /* too large for us */
	}
	free(copy);
	buf_clear(&text);
	decoder_free(d);
	parser_free(p);
	return 0;
}
