/*
 * The conversation of polypresence-watch with a server and with everybody who
 * can send to its user: a script of answers, bells, requests and time.  What it
 * says is well-formed and from our own ideas only; nobody but whom it asked
 * changes what it shows.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "fuzz.h"
#include "leaf.h"
#include "script.h"
#include "watch/talk.h"
#include "watch_check.h"

#define VERB 6 /* each is so many bytes */
#define VERBS_MAX 200
#define ASKED_MAX 64
#define ME "alice@home.test"

static const char *const people[] = { ME, "bob@home.test", "Bob@Home.Test", "carol@work.test", "dave@far.test",
	"home.test", "alice@home.test/watch", "bob@home.test/phone", "eve@evil.test", "" };
static const char *const names[] = {NULL, "Bob", "", "\xe2\x80\xae evil", "a &lt;b&gt;", "Bob"};
static const char *const subscriptions[] = {"both", "to", "from", "none", "remove"};
static const char *const conditions[] = { "item-not-found", "forbidden", "remote-server-timeout", "service-unavailable",
	"internal-server-error", "text" };
static const char *const payloads[] = { "", "<devices xmlns='urn:x-polypresence:devices:0'/>",
	("<devices xmlns='urn:x-polypresence:devices:0' expires='2026-11-23T23:09:00Z'><device id='a'><label>Desk</label>"
	 "<resource id='r'><show>dnd</show></resource></device></devices>"),
	"<devices xmlns='urn:x-polypresence:devices-private:0'><device id='b' kind='mobile'/></devices>",
	"<devices xmlns='urn:x'/>", "text" };

struct asked {
	char id[FETCH_ID_LEN + 1];
	char to[64];
	bool item, private, done;
};

static struct {
	struct talk talk;
	struct board board;
	int64_t now;
	unsigned ids;
	struct asked asked[ASKED_MAX];
	size_t nasked;
	struct buf text;
} t;

static void
make_id(char id[FETCH_ID_LEN + 1])
{
	snprintf(id, FETCH_ID_LEN + 1, "%032x", ++t.ids);
}

static void
gone(struct board_contact *c, void *arg)
{
	(void)arg;
	CHECK(c != NULL && board_find(&t.board, c->address) == c);
}

/* What it says: one stanza after the other, each of which a server would take. */
static void
read_out(void)
{
	struct buf whole = {0};
	struct leaf *root;
	struct asked *a;
	void *el, *child;
	const char *type, *to;

	buf_puts(&whole, "<s xmlns='jabber:client'>");
	buf_put(&whole, t.talk.out.data, t.talk.out.len);
	buf_puts(&whole, "</s>");
	buf_reset(&t.talk.out);
	root = leaf_parse(whole.data, whole.len);
	CHECK(root != NULL);
	for (el = leaf_tree.first(root); el != NULL; el = leaf_tree.next(el)) {
		CHECK(leaf_tree.name(el) != NULL && strcmp(leaf_tree.ns(el), "jabber:client") == 0);
		CHECK(leaf_tree.attr(el, "from") == NULL);
		type = leaf_tree.attr(el, "type");
		if (strcmp(leaf_tree.name(el), "iq") != 0) {
			CHECK(strcmp(leaf_tree.name(el), "presence") == 0);
			continue;
		}
		CHECK(type != NULL && leaf_tree.attr(el, "id") != NULL && strcmp(type, "set") != 0);
		if (strcmp(type, "get") != 0)
			continue;
		child = tree_element(&leaf_tree, el);
		CHECK(child != NULL && strlen(leaf_tree.attr(el, "id")) == FETCH_ID_LEN);
		if (t.nasked == ASKED_MAX)
			memmove(t.asked, t.asked + 1, --t.nasked * sizeof(*t.asked));
		a = &t.asked[t.nasked++];
		to = leaf_tree.attr(el, "to");
		snprintf(a->id, sizeof(a->id), "%s", leaf_tree.attr(el, "id"));
		snprintf(a->to, sizeof(a->to), "%s", to != NULL ? to : "");
		a->done = false;
		a->item = strcmp(leaf_tree.name(child), "pubsub") == 0;
		child = tree_element(&leaf_tree, child);
		a->private = a->item && strcmp(leaf_tree.attr(child, "node"), BOARD_NODE_PRIVATE) == 0;
	}
	leaf_free(root);
	buf_clear(&whole);
}

/* True if what is shown may have changed. */
static bool
receive(void)
{
	struct leaf *stanza = leaf_parse(t.text.data, t.text.len);
	unsigned long before = t.board.change;

	if (stanza == NULL)
		return false;
	talk_stanza(&t.talk, &leaf_tree, stanza, t.now);
	leaf_free(stanza);
	read_out();
	return t.board.change != before;
}

static void
put_from(const char *from)
{
	if (*from != '\0')
		buf_printf(&t.text, " from='%s'", from);
}

static void
put_roster(const uint8_t *v)
{
	unsigned n = v[3] % 5, i;
	const char *name;

	buf_puts(&t.text, "<query xmlns='jabber:iq:roster'>");
	for (i = 0; i < n; i++) {
		name = names[(v[4] + i) % (sizeof(names) / sizeof(names[0]))];
		buf_printf(&t.text, "<item jid='%s' subscription='%s'", people[(v[4] / 16 + i) % 10],
		    subscriptions[(v[5] + i * (v[5] / 16)) % 5]);
		if (name != NULL)
			buf_printf(&t.text, " name='%s'", name);
		buf_puts(&t.text, "/>");
	}
	buf_puts(&t.text, "</query>");
}

/* To one of those that were asked: by whom, and with what, the verb says. */
static void
answer(const uint8_t *v)
{
	struct asked *a;
	const char *from;
	bool error = v[2] % 4 == 3, right, changed;

	if (t.nasked == 0)
		return;
	a = &t.asked[v[1] % 2 == 0 ? t.nasked - 1 : v[1] / 2 % t.nasked];
	right = v[2] / 4 % 4 != 3;
	from = right ? a->to : people[v[2] / 16 % 10];
	buf_reset(&t.text);
	buf_printf(&t.text, "<iq xmlns='jabber:client' id='%s' type='%s'", a->id, error ? "error" : "result");
	put_from(from);
	buf_putc(&t.text, '>');
	if (error)
		buf_printf(&t.text, "<error type='cancel'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
		    conditions[v[3] % 6]);
	else if (a->item)
		buf_printf(&t.text,
		    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='%s'><item id='%s'>%s</item></items></pubsub>",
		    (a->private) != (v[3] % 8 == 7) ? BOARD_NODE_PRIVATE : BOARD_NODE, v[4] % 2 == 0 ? "current" : "x",
		    payloads[v[5] % 6]);
	else
		put_roster(v);
	buf_puts(&t.text, "</iq>");
	right = right || !a->item || strcasecmp(from, a->to) == 0 || (*from == '\0' && strcmp(a->to, ME) == 0);
	changed = receive();
	/* Once, and of whom it was asked. */
	CHECK(!changed || (right && !a->done));
	a->done = a->done || right;
}

/* From anybody, and not asked for: nothing that is shown changes. */
static void
unasked(const uint8_t *v)
{
	static const char *const requests[] = {
		"<query xmlns='http://jabber.org/protocol/disco#info' node='&lt;&apos;&amp;'/>",
		"<query xmlns='jabber:iq:version'/>", "<ping xmlns='urn:xmpp:ping'/>", "<x xmlns='urn:x'/>", ""
	};

	buf_reset(&t.text);
	switch (v[2] % 5) {
	case 0:
	case 1:
		buf_puts(&t.text, "<message xmlns='jabber:client'");
		put_from(people[v[1] % 10]);
		buf_printf(&t.text,
		    "%s><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='%s'><item>%s</item></items></event>%s"
		    "</message>",
		    v[3] % 4 == 3 ? " type='error'" : "", v[3] % 2 == 0 ? BOARD_NODE : BOARD_NODE_PRIVATE,
		    payloads[v[5] % 6], v[4] % 2 == 0 ? "" : "<body>hello</body>");
		break;
	case 2:
		buf_puts(&t.text, "<iq xmlns='jabber:client' type='set' id='push&lt;'");
		put_from(people[v[1] % 10]);
		buf_putc(&t.text, '>');
		put_roster(v);
		buf_puts(&t.text, "</iq>");
		break;
	case 3:
		buf_printf(&t.text, "<iq xmlns='jabber:client' type='%s' id='&quot;&apos;&amp;&#9;'",
		    v[3] % 2 == 0 ? "get" : "set");
		put_from(people[v[1] % 10]);
		buf_printf(&t.text, ">%s</iq>", requests[v[4] % 5]);
		break;
	default:
		buf_printf(&t.text, "<iq xmlns='jabber:client' type='result' id='%032x'", v[3] * 7u + 1000000);
		put_from(people[v[1] % 10]);
		buf_puts(&t.text, ">");
		put_roster(v);
		buf_puts(&t.text, "</iq>");
	}
	CHECK(!receive());
}

static void
check_board(void)
{
	struct board_contact *c;
	size_t i, k, flying = 0;

	CHECK(t.board.in_flight <= FETCH_IN_FLIGHT_RUNG_MAX);
	for (i = 0; i < t.board.ncontacts; i++) {
		c = t.board.contacts[i];
		check_clean(c->display, BOARD_ADDRESS_MAX);
		if (c->name != NULL)
			check_clean(c->name, BOARD_NAME_MAX);
		CHECK(c->self == (strcmp(c->address, ME) == 0));
		for (k = 0; k < SOURCE_COUNT; k++) {
			CHECK(c->self || k == SOURCE_CONTACTS || c->feed[k].set == NULL);
			flying += c->feed[k].id[0] != '\0';
			if (c->feed[k].set != NULL)
				check_set(c->feed[k].set);
			if (c->feed[k].problem != NULL)
				check_clean(c->feed[k].problem, BOARD_LABEL_MAX);
		}
	}
	CHECK(flying == t.board.in_flight);
}

static void
verb(const uint8_t *v)
{
	static const uint32_t spans[] = {1, 50, 150, 1000, 10000, 30000, 61000, 600000};

	switch (v[0] % 8) {
	case 0:
	case 1:
	case 2:
		answer(v);
		break;
	case 3:
	case 4:
		unasked(v);
		break;
	case 5:
	case 6:
		t.now += spans[v[1] % 8];
		break;
	default:
		if (v[1] % 4 == 0) {
			talk_end(&t.talk);
			CHECK(t.board.in_flight == 0);
			t.nasked = 0;
		} else if (!t.talk.up) {
			CHECK(talk_begin(&t.talk, ME "/watch", t.now) == 0);
			read_out();
		}
	}
	talk_pump(&t.talk, t.now);
	read_out();
}

static size_t
length(const uint8_t *data, size_t size)
{
	(void)data;
	return size < VERB ? size : VERB;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return script_mutate(length, data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return script_cross(length, a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned verbs = 0, i;
	uint8_t v[VERB];

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		CHECK(setlocale(LC_CTYPE, "en_US.UTF-8") != NULL);
	memset(&t, 0, sizeof(t));
	t.now = 1000000;
	t.talk.board = &t.board;
	t.talk.version = "1";
	t.talk.timeout_ms = 30000;
	t.talk.live = input_byte(&in) % 2 == 0;
	strcpy(t.talk.ver, "x");
	t.talk.make_id = make_id;
	t.talk.gone = gone;
	CHECK(talk_begin(&t.talk, ME "/watch", t.now) == 0);
	read_out();
	while (!input_ended(&in) && verbs++ < VERBS_MAX) {
		for (i = 0; i < VERB; i++)
			v[i] = (uint8_t)input_byte(&in);
		verb(v);
		check_board();
	}
	talk_goodbye(&t.talk);
	read_out();
	talk_end(&t.talk);
	board_clear(&t.board);
	buf_clear(&t.talk.out);
	buf_clear(&t.text);
	return 0;
}
