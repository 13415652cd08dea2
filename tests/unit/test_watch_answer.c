/* watch: what it makes of answers and silence, and what it answers. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "talk_fixture.h"

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

static void
a_bell_is_answered_after_a_while_at_the_earliest(void **state)
{
	(void)state;
	assert_int_equal(fetch_wait(&board, now), -1);
	rings("alice@home.test");
	assert_int_equal(fetch_wait(&board, now), FETCH_GAP_MS);
	now += 100;
	assert_int_equal(fetch_wait(&board, now), FETCH_GAP_MS - 100);
	assert_sends(FETCH_GAP_MS - 100, "to='alice@home.test'");
	assert_int_equal(fetch_wait(&board, now), -1); /* its answer is on its way */
	rings("alice@home.test");
	assert_int_equal(fetch_wait(&board, now), -1);
	/* Who was not asked for long can be asked at once. */
	rings("carol@work.test");
	assert_int_equal(fetch_wait(&board, now), 0);
}

static void
a_bell_has_a_node_that_we_know(void **state)
{
	(void)state;
	now += FETCH_GAP_MS;
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'><items/></event>"
	     "</message>");
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	     "<items node='urn:other'/></event></message>");
	says("<message from='bob@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	     "<items node='urn:other'/></event></message>");
	says("<message from='alice@home.test'><event xmlns='http://jabber.org/protocol/pubsub#event'>text</event>"
	     "</message>");
	assert_quiet(0);
	/* Without a sender it is our own account's. */
	saysf("<message><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='%s'/></event></message>",
	    BOARD_NODE);
	assert_sends(0, "to='bob@home.test'");
}

static void
what_is_no_stanza_of_a_client_is_not_heard(void **state)
{
	(void)state;
	says("<iq xmlns='jabber:server' type='get' id='v' from='home.test'><ping xmlns='urn:xmpp:ping'/></iq>");
	says("<iq type='odd' id='v' from='home.test'><ping xmlns='urn:xmpp:ping'/></iq>");
	says("<iq type='set' id='v' from='home.test'><ping xmlns='urn:xmpp:ping'/></iq>");
	assert_sends(0, "<service-unavailable");
	assert_quiet(0);
}

static void
a_roster_is_read_as_far_as_it_is_one(void **state)
{
	(void)state;
	start();
	(void)sent(0);
	saysf(
	    "<iq type='result' id='%s'><query xmlns='jabber:iq:roster'>"
	    "<other jid='x@home.test' subscription='both'/><item xmlns='urn:x' jid='y@home.test' subscription='both'/>"
	    "<item jid='bob@home.test' subscription='both'/><item jid='alice@home.test' subscription='both'/>"
	    "</query></iq>",
	    id_text(1));
	assert_int_equal(board.ncontacts, 2);
	assert_true(board_find(&board, "bob@home.test")->self);
	assert_non_null(board_find(&board, "alice@home.test"));
	done(NULL);
}

static void
a_result_without_a_roster_is_none(void **state)
{
	(void)state;
	start();
	(void)sent(0);
	saysf("<iq type='result' id='%s'/>", id_text(1));
	assert_false(talk_settled(&talk));
	assert_int_equal(board.ncontacts, 0);
	done(NULL);
}

static void
a_push_while_the_roster_is_on_its_way_asks_once_more(void **state)
{
	(void)state;
	assert_true(talk_settled(&talk));
	says("<iq type='set' id='p1'><query xmlns='jabber:iq:roster'/></iq>");
	assert_false(talk_settled(&talk));
	assert_sends(0, "<query xmlns='jabber:iq:roster'/>");
	says("<iq type='set' id='p2'><query xmlns='jabber:iq:roster'/></iq>");
	assert_sends(0, "id='p2'");
	assert_quiet(0);
	saysf("<iq type='result' id='%s'><query xmlns='jabber:iq:roster'/></iq>", id_text(6));
	assert_sends(0, "<query xmlns='jabber:iq:roster'/>");
	assert_false(talk_settled(&talk));
	talk_end(&talk);
	assert_false(talk_settled(&talk));
}

static void
an_error_without_a_reason_leaves_what_was_known(void **state)
{
	(void)state;
	rings("alice@home.test");
	(void)sent(FETCH_GAP_MS);
	saysf("<iq type='error' from='alice@home.test' id='%s'/>", id_text(6));
	assert_string_equal(board_problem(board_find(&board, "alice@home.test")), "error without a condition");
	assert_int_equal(devices_of("alice@home.test"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(errors_say_what_they_mean, settled),
		WITH(silence_ends, signed_in),
		cmocka_unit_test(a_server_that_is_silent_is_given_up),
		cmocka_unit_test(a_refused_roster_is_the_end),
		WITH(it_pings_when_all_is_quiet, settled),
		WITH(a_roster_push_is_a_bell_too, settled),
		WITH(questions_are_answered, settled),
		WITH(answers_are_escaped, settled),
		WITH(messages_of_people_are_counted, settled),
		WITH(what_was_in_flight_is_asked_again_on_a_new_connection, settled),
		cmocka_unit_test(nothing_is_heard_before_signing_in),
		WITH(it_says_goodbye, settled),
		WITH(a_bell_is_answered_after_a_while_at_the_earliest, settled),
		WITH(a_bell_has_a_node_that_we_know, settled),
		WITH(what_is_no_stanza_of_a_client_is_not_heard, settled),
		cmocka_unit_test(a_roster_is_read_as_far_as_it_is_one),
		cmocka_unit_test(a_result_without_a_roster_is_none),
		WITH(a_push_while_the_roster_is_on_its_way_asks_once_more, settled),
		WITH(an_error_without_a_reason_leaves_what_was_known, settled),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
