/* watch: what it asks, and whom it believes. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "talk_fixture.h"
#include "watch/caps.h"

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
		WITH(everything_is_fetched_again_at_times, settled),
		cmocka_unit_test(requests_in_flight_are_bounded_and_bells_go_first),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
