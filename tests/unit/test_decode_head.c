/* What of a stanza is read before it is known whether anybody waits for it: no lists of addresses, which cost by far the most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode_fixture.h"
#include "idn_fixture.h"
#include "wire_fixture.h"

/* One character that becomes three. */
#define DEAR "\xef\xac\x83"
#define ITEMS "<item jid='" DEAR "@far.test'/><item jid='x" DEAR "@far.test'/>"
#define ROSTER "<query xmlns='jabber:iq:roster'>" ITEMS "</query>"
#define BLOCKLIST "<blocklist xmlns='urn:xmpp:blocking'>" ITEMS "</blocklist>"

static bool more;

static void
head_means(enum event_kind kind, const char *stanza)
{
	prepared = 0;
	memset(&ev, 0xa5, sizeof(ev));
	assert_int_equal(decode_head(decoder, fixture_stanza(stream, stanza), &ev, &more), DECODED_EVENT);
	assert_int_equal(ev.kind, kind);
}

static void
a_list_of_addresses_is_left_unread(void **state)
{
	(void)state;
	head_means(EVENT_ANSWER, "<iq type='result' id='q1' " FROM_ALICE ">" ROSTER "</iq>");
	assert_true(more);
	assert_int_equal(prepared, 0);
	assert_int_equal(ev.answer.payload, PAYLOAD_ROSTER);
	assert_int_equal(ev.answer.roster.nitems, 0);
	is(ev.answer.id, "q1");
	is_from("alice@home.test", "a");
	head_means(EVENT_ANSWER,
	    "<iq type='result' id='q2' " FROM_ALICE
	    ">" P2("<iq xmlns='jabber:client' type='result' id='q2'>" BLOCKLIST "</iq>") "</iq>");
	assert_true(more);
	assert_int_equal(prepared, 0);
	assert_true(ev.answer.wrapped);
	is(ev.answer.inner_id, "q2");
	assert_int_equal(ev.answer.payload, PAYLOAD_BLOCKLIST);
	assert_int_equal(ev.answer.blocklist.nitems, 0);
	head_means(EVENT_ROSTER_PUSH, "<iq type='set' id='q3' " FROM_ALICE ">" ROSTER "</iq>");
	assert_true(more);
	assert_int_equal(prepared, 0);
	assert_int_equal(ev.roster.nitems, 0);
	is(ev.roster.id, "q3");
}

static void
and_read_when_it_is_waited_for(void **state)
{
	(void)state;
	prepared = 0;
	means(EVENT_ANSWER, "<iq type='result' id='q1' " FROM_ALICE ">" ROSTER "</iq>");
	assert_int_equal(ev.answer.roster.nitems, 2);
	assert_true(prepared > 0);
	means(EVENT_ANSWER, "<iq type='result' id='q1' " FROM_ALICE ">" BLOCKLIST "</iq>");
	assert_int_equal(ev.answer.blocklist.nitems, 2);
	means(EVENT_ROSTER_PUSH, "<iq type='set' id='q3' " FROM_ALICE ">" ROSTER "</iq>");
	assert_int_equal(ev.roster.nitems, 2);
}

/* Nor is any of what is too large. */
static void
of_the_beginning_of_one_nothing_is_read(void **state)
{
	(void)state;
	prepared = 0;
	assert_int_equal(decode_beginning(decoder,
			     fixture_stanza(stream, "<iq type='result' id='q1' " FROM_ALICE ">" ROSTER "</iq>"), &ev),
	    DECODED_EVENT);
	assert_int_equal(prepared, 0);
	assert_int_equal(ev.answer.extent, EXTENT_TOO_LARGE);
	assert_int_equal(ev.answer.payload, PAYLOAD_ROSTER);
}

static void
what_has_none_is_whole(void **state)
{
	(void)state;
	head_means(EVENT_PRESENCE, "<presence " FROM_ALICE "><show>dnd</show></presence>");
	assert_false(more);
	assert_int_equal(ev.presence.show, SHOW_DND);
	head_means(EVENT_ANSWER,
	    "<iq type='result' id='q1' " FROM_ALICE "><query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='client' type='phone'/></query></iq>");
	assert_false(more);
	is(ev.answer.type, "phone");
	head_means(EVENT_ANSWER, "<iq type='error' id='q1' " FROM_ALICE ">" ROSTER "</iq>");
	assert_false(more);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_list_of_addresses_is_left_unread),
		T(and_read_when_it_is_waited_for),
		T(of_the_beginning_of_one_nothing_is_read),
		T(what_has_none_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
