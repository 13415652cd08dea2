/* watch: what it asks, whom it believes, what it answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "watch/caps.h"
#include "watch/talk.h"
#include "watch_fixture.h"

#define TIMEOUT 15000

static struct board board;
static struct talk talk;
static int64_t now;
static unsigned int ids;

/* The ids are 1, 2, 3 ... with zeros before them. */
static void
make_id(char id[FETCH_ID_LEN + 1])
{
	snprintf(id, FETCH_ID_LEN + 1, "%032u", ++ids);
}

static char *
id_text(unsigned int n)
{
	static char id[FETCH_ID_LEN + 1];

	snprintf(id, sizeof(id), "%032u", n);
	return id;
}

static void
says(const char *xml)
{
	void *el = stanza_of(xml);

	talk_stanza(&talk, &stanza_tree, el, now);
	stanza_free(el);
}

static void __attribute__((format(printf, 1, 2))) saysf(const char *fmt, ...)
{
	char xml[2000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(xml, sizeof(xml), fmt, ap);
	va_end(ap);
	says(xml);
}

/* After MS more milliseconds: what was sent by then. */
static const char *
sent(int64_t ms)
{
	static char text[20000];

	now += ms;
	talk_pump(&talk, now);
	snprintf(text, sizeof(text), "%s", buf_text(&talk.out));
	assert_false(talk.out.failed);
	buf_reset(&talk.out);
	return text;
}

static void
assert_sends(int64_t ms, const char *part)
{
	const char *all = sent(ms);

	if (strstr(all, part) == NULL)
		fail_msg("not sent: %s\nbut: %s", part, all);
}

static void
assert_quiet(int64_t ms)
{
	assert_string_equal(sent(ms), "");
}

static void
rings(const char *from)
{
	saysf("<message type='headline' from='%s'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	      "<items node='" BOARD_NODE "'><item id='current'>%s</item></items></event></message>",
	    from, alices_devices);
}

static void
answers(const char *from, unsigned int n, const char *payload)
{
	void *iq = answer_of(from, id_text(n), BOARD_NODE, payload);

	talk_stanza(&talk, &stanza_tree, iq, now);
	stanza_free(iq);
}

static size_t
devices_of(const char *address)
{
	const struct board_contact *c = board_find(&board, address);
	const struct board_set *set;

	assert_non_null(c);
	set = board_shown(c, 0);
	return set != NULL ? set->ndevices : 0;
}

static void
start(void)
{
	memset(&talk, 0, sizeof(talk));
	memset(&board, 0, sizeof(board));
	ids = 0;
	now = 1000000;
	talk.board = &board;
	talk.version = "1.0";
	talk.timeout_ms = TIMEOUT;
	talk.live = true;
	talk.make_id = make_id;
	snprintf(talk.ver, sizeof(talk.ver), "VER=");
	assert_int_equal(talk_begin(&talk, "bob@home.test/here", now), 0);
}

/* Signed in; the roster holds alice (both), carol (to) and others; its request had id 1. */
static int
signed_in(void **state)
{
	(void)state;
	start();
	assert_sends(0,
	    "<iq type='get' id='00000000000000000000000000000001'>"
	    "<query xmlns='jabber:iq:roster'/></iq>");
	saysf("<iq type='result' id='%s'><query xmlns='jabber:iq:roster'>"
	      "<item jid='alice@home.test' subscription='both' name='Alice'/>"
	      "<item jid='carol@work.test' subscription='to'/>"
	      "<item jid='from@work.test' subscription='from'/>"
	      "<item jid='none@work.test' subscription='none' ask='subscribe'/>"
	      "<item jid='gateway.test' subscription='both'/>"
	      "<item jid='with@a.test/resource' subscription='both'/>"
	      "<item subscription='both'/></query></iq>",
	    id_text(1));
	return 0;
}

/* And all has been fetched: ids 2 and 3 for ourselves, 4 alice, 5 carol. */
static int
settled(void **state)
{
	signed_in(state);
	(void)sent(0);
	answers("bob@home.test", 2, "");
	saysf("<iq type='error' from='bob@home.test' id='%s'><error><item-not-found "
	      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
	    id_text(3));
	answers("alice@home.test", 4, alices_devices);
	answers("carol@work.test", 5, "");
	assert_true(talk_settled(&talk));
	return 0;
}

static int
done(void **state)
{
	(void)state;
	talk_end(&talk);
	buf_clear(&talk.out);
	board_clear(&board);
	return 0;
}

static void
it_announces_that_it_wants_the_events(void **state)
{
	struct buf b = {0};

	(void)state;
	start();
	assert_sends(0,
	    "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='" CAPS_NODE "' ver='VER='/></presence>");
	caps_string(&b);
	assert_string_equal(buf_text(&b),
	    "client/console//polypresence-watch<"
	    "http://jabber.org/protocol/caps<http://jabber.org/protocol/disco#info<jabber:iq:version<"
	    "urn:x-polypresence:devices-private:0+notify<urn:x-polypresence:devices:0+notify<urn:xmpp:ping<");
	buf_clear(&b);
	done(state);
}

static void
once_it_leaves_no_trace(void **state)
{
	start();
	talk_end(&talk);
	talk.live = false;
	assert_int_equal(talk_begin(&talk, "bob@home.test/here", now), 0);
	assert_null(strstr(sent(0), "<presence"));
	talk_goodbye(&talk);
	assert_quiet(0);
	done(state);
}

static void
an_impossible_address_is_refused(void **state)
{
	char jid[BOARD_ADDRESS_MAX + 10];

	(void)state;
	assert_int_equal(talk_begin(&talk, "home.test/x@y", now), ERR_INVALID);
	memset(jid, 'a', sizeof(jid) - 1);
	jid[3] = '@';
	jid[sizeof(jid) - 1] = '\0';
	assert_int_equal(talk_begin(&talk, jid, now), ERR_INVALID);
}

static void
it_fetches_from_everyone_whose_presence_it_gets(void **state)
{
	const char *all = sent(0);

	(void)state;
	assert_int_equal(board.ncontacts, 3);
	assert_non_null(strstr(all,
	    "to='bob@home.test'><pubsub "
	    "xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x-polypresence:devices:0'>"
	    "<item id='current'/></items></pubsub></iq>"));
	assert_non_null(strstr(all,
	    "to='bob@home.test'><pubsub "
	    "xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x-polypresence:devices-private:0'>"));
	assert_non_null(strstr(all, "id='00000000000000000000000000000004' to='alice@home.test'"));
	assert_non_null(strstr(all, "id='00000000000000000000000000000005' to='carol@work.test'"));
	assert_null(strstr(all, "from@"));
	assert_false(talk_settled(&talk));
}

static void
an_event_is_only_a_bell(void **state)
{
	(void)state;
	board_answer(&board, board_find(&board, "alice@home.test"), SOURCE_CONTACTS, NULL, NULL);
	rings("alice@home.test");
	assert_int_equal(devices_of("alice@home.test"), 0);
	assert_sends(FETCH_GAP_MS, "id='00000000000000000000000000000006' to='alice@home.test'");
	answers("alice@home.test", 6, alices_devices);
	assert_int_equal(devices_of("alice@home.test"), 3);
	assert_quiet(FETCH_GAP_MS);
}

static void
nobody_else_can_ring(void **state)
{
	(void)state;
	rings("eve@home.test");
	rings("from@work.test");
	rings("alice@home.test/phone");
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	     "<items node='other'/></event></message>");
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	     "<items node='" BOARD_NODE_PRIVATE "'/></event></message>");
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'/>"
	     "</message>");
	says("<message type='error' from='alice@home.test'><event "
	     "xmlns='http://jabber.org/protocol/pubsub#event'><items node='" BOARD_NODE "'/></event></message>");
	says("<message from='alice@home.test'/>");
	assert_quiet(FETCH_GAP_MS);
}

static void
our_own_private_node_rings_too(void **state)
{
	(void)state;
	says("<message from='bob@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	     "<items node='" BOARD_NODE_PRIVATE "'/></event></message>");
	assert_sends(FETCH_GAP_MS, "<items node='urn:x-polypresence:devices-private:0'>");
}

static void
a_bell_during_the_fetch_is_not_lost(void **state)
{
	(void)state;
	rings("alice@home.test");
	assert_sends(FETCH_GAP_MS, "to='alice@home.test'");
	rings("alice@home.test");
	rings("alice@home.test");
	assert_quiet(FETCH_GAP_MS);
	answers("alice@home.test", 6, "");
	assert_sends(0, "id='00000000000000000000000000000007' to='alice@home.test'");
	answers("alice@home.test", 7, alices_devices);
	assert_quiet(10 * FETCH_GAP_MS);
}

static void
a_bell_that_never_stops_costs_little(void **state)
{
	int i, requests = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		rings("alice@home.test");
		if (sent(1)[0] != '\0')
			answers("alice@home.test", 6 + (unsigned)requests++, alices_devices);
	}
	assert_in_range(requests, 9, 10);
}

static void
only_the_answer_to_the_question_is_believed(void **state)
{
	(void)state;
	(void)sent(0);					     /* 2 and 3 to ourselves, 4 to alice, 5 to carol */
	answers("alice@home.test", 5, alices_devices);	     /* asked of somebody else */
	answers("alice@home.test/phone", 4, alices_devices); /* not the account */
	answers("alice@home.test.eve", 4, alices_devices);
	answers("alice@home.test", 1, alices_devices); /* over */
	answers("alice@home.test", 6, alices_devices); /* never asked */
	says("<iq type='result' id=''/>");
	says("<iq type='result'/>");
	says("<iq id='x'/>");
	assert_int_equal(devices_of("alice@home.test"), 0);
	assert_int_equal(devices_of("carol@work.test"), 0);
	answers("ALICE@home.test", 4, alices_devices);
	assert_int_equal(devices_of("alice@home.test"), 3);
	/* One shot. */
	answers("alice@home.test", 4, "");
	assert_int_equal(devices_of("alice@home.test"), 3);
}

static void
an_answer_without_a_sender_is_our_own_accounts(void **state)
{
	(void)state;
	(void)sent(0);
	saysf("<iq type='result' id='%s'/>", id_text(4));
	assert_false(board_find(&board, "alice@home.test")->feed[SOURCE_CONTACTS].answered);
	saysf("<iq type='result' id='%s'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
	      "<items node='" BOARD_NODE "'/></pubsub></iq>",
	    id_text(2));
	assert_true(board_find(&board, "bob@home.test")->feed[SOURCE_CONTACTS].answered);
}

static const char *
problem_after(const char *condition)
{
	const struct board_contact *c = board_find(&board, "alice@home.test");
	static unsigned int n;
	const char *all;

	rings("alice@home.test");
	all = sent(FETCH_GAP_MS);
	assert_int_equal(sscanf(strstr(all, "id='") + 4, "%u", &n), 1);
	saysf("<iq type='error' from='alice@home.test' id='%s'><error type='cancel'><text "
	      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</text>%s</error></iq>",
	    id_text(n), condition);
	return board_problem(c);
}

#define CONDITION(name) "<" name " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"

static void
errors_say_what_they_mean(void **state)
{
	(void)state;
	/* What doesn't tell of a change leaves what was known. */
	assert_string_equal(problem_after(CONDITION("remote-server-timeout")), "server not reachable");
	assert_string_equal(problem_after(CONDITION("resource-constraint")), "resource-constraint");
	assert_string_equal(problem_after("<forbidden xmlns='x'/>"), "error without a condition");
	assert_int_equal(devices_of("alice@home.test"), 3);
	/* What does takes it away. */
	assert_string_equal(problem_after(CONDITION("forbidden")), "does not let us see");
	assert_int_equal(devices_of("alice@home.test"), 0);
	assert_null(problem_after(CONDITION("item-not-found")));
	assert_null(problem_after(CONDITION("service-unavailable")));
}

static void
silence_ends(void **state)
{
	(void)state;
	(void)sent(0);
	answers("alice@home.test", 4, alices_devices);
	(void)sent(TIMEOUT - 1);
	assert_false(talk_settled(&talk));
	(void)sent(1);
	assert_true(talk_settled(&talk));
	assert_string_equal(board_problem(board_find(&board, "carol@work.test")), "no answer");
	answers("carol@work.test", 5, alices_devices); /* too late */
	assert_int_equal(devices_of("carol@work.test"), 0);
	assert_null(talk.verdict);
}

static void
a_server_that_is_silent_is_given_up(void **state)
{
	(void)state;
	start();
	(void)sent(TIMEOUT);
	assert_string_equal(talk.verdict, "the server does not answer");
	done(state);
}

static void
a_refused_roster_is_the_end(void **state)
{
	start();
	(void)sent(0);
	saysf("<iq type='error' id='%s'/>", id_text(1));
	assert_non_null(talk.verdict);
	done(state);
}

static void
it_pings_when_all_is_quiet(void **state)
{
	(void)state;
	assert_quiet(TALK_QUIET_MS);
	assert_sends(1,
	    "<iq type='get' id='00000000000000000000000000000006' to='home.test'>"
	    "<ping xmlns='urn:xmpp:ping'/></iq>");
	saysf("<iq type='error' id='%s' from='home.test'/>", id_text(6));
	assert_quiet(TIMEOUT);
	assert_null(talk.verdict);
	assert_sends(TALK_QUIET_MS, "urn:xmpp:ping");
	assert_quiet(TIMEOUT);
	assert_string_equal(talk.verdict, "the server does not answer");
}

static void
everything_is_fetched_again_at_times(void **state)
{
	(void)state;
	while (now < 1000000 + TALK_REFRESH_MS - 1000) {
		says("<presence/>");
		(void)sent(1000);
	}
	says("<presence/>");
	assert_sends(1000, "to='carol@work.test'");
	assert_quiet(1000);
}

static size_t
count(const char *all, const char *part)
{
	size_t n = 0;

	for (all = strstr(all, part); all != NULL; all = strstr(all + 1, part))
		n++;
	return n;
}

static void
requests_in_flight_are_bounded_and_bells_go_first(void **state)
{
	struct buf roster = {0};
	int i;

	start();
	(void)sent(0);
	buf_printf(&roster, "<iq type='result' id='%s'><query xmlns='jabber:iq:roster'>", id_text(1));
	for (i = 0; i < 100; i++)
		buf_printf(&roster, "<item jid='u%03d@home.test' subscription='both'/>", i);
	buf_puts(&roster, "</query></iq>");
	says(buf_text(&roster));
	buf_clear(&roster);
	assert_int_equal(count(sent(0), "<iq "), FETCH_IN_FLIGHT_MAX);
	assert_quiet(0);
	rings("u099@home.test");
	assert_sends(0, "to='u099@home.test'");
	for (i = 50; i < 100; i++) {
		char address[32];

		snprintf(address, sizeof(address), "u%03d@home.test", i);
		rings(address);
	}
	assert_int_equal(count(sent(0), "<iq "), FETCH_IN_FLIGHT_RUNG_MAX - FETCH_IN_FLIGHT_MAX - 1);
	(void)sent(TIMEOUT);
	for (i = 0; i < 20; i++)
		(void)sent(TIMEOUT);
	assert_true(talk_settled(&talk));
	done(state);
}

static void
a_roster_push_is_a_bell_too(void **state)
{
	(void)state;
	says("<iq type='set' id='p' from='bob@home.test'><query xmlns='jabber:iq:roster'>"
	     "<item jid='eve@home.test' subscription='both'/></query></iq>");
	assert_null(board_find(&board, "eve@home.test"));
	assert_sends(0,
	    "<iq type='result' id='p' to='bob@home.test'></iq>"
	    "<iq type='get' id='00000000000000000000000000000006'><query xmlns='jabber:iq:roster'/>");
	saysf("<iq type='result' id='%s'><query xmlns='jabber:iq:roster'>"
	      "<item jid='dave@home.test' subscription='to'/></query></iq>",
	    id_text(6));
	assert_null(board_find(&board, "alice@home.test"));
	assert_non_null(board_find(&board, "bob@home.test"));
	assert_sends(0, "to='dave@home.test'");
	/* Somebody else's is none of our business. */
	says("<iq type='set' id='p' from='eve@home.test'><query xmlns='jabber:iq:roster'/></iq>");
	assert_string_equal(sent(0),
	    "<iq type='error' id='p' to='eve@home.test'><error type='cancel'>"
	    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
}

static void
questions_are_answered(void **state)
{
	(void)state;
	says("<iq type='get' id='a' from='alice@home.test/x'><query "
	     "xmlns='http://jabber.org/protocol/disco#info' node='n#v'/></iq>");
	assert_sends(0,
	    "<iq type='result' id='a' to='alice@home.test/x'><query "
	    "xmlns='http://jabber.org/protocol/disco#info' node='n#v'><identity "
	    "category='client' type='console' name='polypresence-watch'/>"
	    "<feature var='http://jabber.org/protocol/caps'/>");
	says("<iq type='get' id='b'><query xmlns='jabber:iq:version'/></iq>");
	assert_sends(0,
	    "<iq type='result' id='b'><query xmlns='jabber:iq:version'>"
	    "<name>polypresence-watch</name><version>1.0</version></query></iq>");
	says("<iq type='get' id='c' from='home.test'><ping xmlns='urn:xmpp:ping'/></iq>");
	assert_sends(0, "<iq type='result' id='c' to='home.test'></iq>");
	says("<iq type='get' id='d' from='home.test'><x xmlns='y'/></iq>");
	assert_sends(0, "<iq type='error' id='d' to='home.test'>");
	says("<iq type='set' id='e' from='home.test'/>");
	assert_sends(0, "<iq type='error' id='e' to='home.test'>");
}

static void
answers_are_escaped(void **state)
{
	(void)state;
	says("<iq type='get' id='\"&lt;' from='a@b/c>&d'><query "
	     "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
	assert_sends(0, "<iq type='result' id='&quot;&amp;lt;' to='a@b/c&gt;&amp;d'>");
}

static void
messages_of_people_are_counted(void **state)
{
	(void)state;
	says("<message from='alice@home.test/x' type='chat'><body>hi</body></message>");
	says("<message from='alice@home.test/x' type='chat'><composing xmlns='x'/></message>");
	says("<message from='alice@home.test/x' type='error'><body>hi</body></message>");
	assert_int_equal(talk.messages, 1);
	assert_quiet(0);
}

static void
what_was_in_flight_is_asked_again_on_a_new_connection(void **state)
{
	(void)state;
	rings("alice@home.test");
	(void)sent(FETCH_GAP_MS);
	talk_end(&talk);
	answers("alice@home.test", 6, "");
	assert_int_equal(devices_of("alice@home.test"), 3);
	now += 60000;
	assert_int_equal(talk_begin(&talk, "bob@home.test/there", now), 0);
	assert_false(talk_settled(&talk));
	assert_sends(0, "to='alice@home.test'");
	assert_int_equal(devices_of("alice@home.test"), 3);
}

static void
nothing_is_heard_before_signing_in(void **state)
{
	(void)state;
	memset(&talk, 0, sizeof(talk));
	memset(&board, 0, sizeof(board));
	talk.board = &board;
	says("<iq type='get' id='c' from='home.test'><ping xmlns='urn:xmpp:ping'/></iq>");
	talk_pump(&talk, 0);
	talk_goodbye(&talk);
	assert_int_equal(talk.out.len, 0);
}

static void
it_says_goodbye(void **state)
{
	(void)state;
	talk_goodbye(&talk);
	assert_sends(0, "<presence type='unavailable'/>");
}

#define WITH(test, setup) cmocka_unit_test_setup_teardown(test, setup, done)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_announces_that_it_wants_the_events),
		cmocka_unit_test(once_it_leaves_no_trace),
		cmocka_unit_test(an_impossible_address_is_refused),
		WITH(it_fetches_from_everyone_whose_presence_it_gets, signed_in),
		WITH(an_event_is_only_a_bell, settled),
		WITH(nobody_else_can_ring, settled),
		WITH(our_own_private_node_rings_too, settled),
		WITH(a_bell_during_the_fetch_is_not_lost, settled),
		WITH(a_bell_that_never_stops_costs_little, settled),
		WITH(only_the_answer_to_the_question_is_believed, signed_in),
		WITH(an_answer_without_a_sender_is_our_own_accounts, signed_in),
		WITH(errors_say_what_they_mean, settled),
		WITH(silence_ends, signed_in),
		cmocka_unit_test(a_server_that_is_silent_is_given_up),
		cmocka_unit_test(a_refused_roster_is_the_end),
		WITH(it_pings_when_all_is_quiet, settled),
		WITH(everything_is_fetched_again_at_times, settled),
		cmocka_unit_test(requests_in_flight_are_bounded_and_bells_go_first),
		WITH(a_roster_push_is_a_bell_too, settled),
		WITH(questions_are_answered, settled),
		WITH(answers_are_escaped, settled),
		WITH(messages_of_people_are_counted, settled),
		WITH(what_was_in_flight_is_asked_again_on_a_new_connection, settled),
		cmocka_unit_test(nothing_is_heard_before_signing_in),
		WITH(it_says_goodbye, settled),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
