/* Answers to what was asked: rosters, identities, configurations, block lists, errors; too large ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "decode_fixture.h"
#include "wire_fixture.h"

static void
a_roster_is_read(void **state)
{
	const struct roster_event *r;

	(void)state;
	answer("result",
	    "<query xmlns='jabber:iq:roster' ver='7'>"
	    "<item subscription='both' jid='Bob@home.test' name='Bob'/>"
	    "<item subscription='from' jid='carol@work.test'><group>Friends</group>"
	    "<group>Devices</group></item>"
	    "<item subscription='to' jid='gateway.test'/>"
	    "<item ask='subscribe' jid='dave@home.test'/>"
	    "<item subscription='remove' jid='erin@home.test'/>"
	    "<item xmlns='urn:x' jid='x@home.test'/>"
	    "<item subscription='both' jid='not a jid@'/><item subscription='both'/>"
	    "<item subscription='both' jid='full@home.test/x'/></query>");
	assert_true(ev.answer.ok);
	assert_false(ev.answer.wrapped);
	assert_false(ev.answer.echo);
	assert_int_equal(ev.answer.payload, PAYLOAD_ROSTER);
	r = &ev.answer.roster;
	assert_int_equal(r->nitems, 5);
	is(r->items[0].jid, "bob@home.test");
	is(r->items[0].name, "Bob");
	assert_int_equal(r->items[0].subscription, SUBSCRIPTION_BOTH);
	assert_int_equal(r->items[0].ngroups, 0);
	is(r->items[1].jid, "carol@work.test");
	assert_int_equal(r->items[1].subscription, SUBSCRIPTION_FROM);
	assert_int_equal(r->items[1].ngroups, 2);
	is(r->items[1].groups[0], "Friends");
	is(r->items[1].groups[1], "Devices");
	is(r->items[2].jid, "gateway.test");
	assert_int_equal(r->items[2].subscription, SUBSCRIPTION_TO);
	assert_int_equal(r->items[3].subscription, SUBSCRIPTION_NONE);
	assert_false(r->items[3].remove);
	assert_true(r->items[4].remove);
	assert_int_equal(r->items[4].subscription, SUBSCRIPTION_NONE);
}

static void
an_empty_roster_is_a_roster(void **state)
{
	(void)state;
	answer("result", "<query xmlns='jabber:iq:roster'/>");
	assert_true(ev.answer.ok);
	assert_int_equal(ev.answer.payload, PAYLOAD_ROSTER);
	assert_int_equal(ev.answer.roster.nitems, 0);
	answer("result", "");
	assert_true(ev.answer.ok);
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
}

static void
the_first_identity_that_is_not_empty_counts(void **state)
{
	(void)state;
	answer("result",
	    "<query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='' type=''/>"
	    "<identity category='client'/><identity xmlns='urn:x' category='a' type='b'/>"
	    "<identity category='client' type='phone' name='Conversations'/>"
	    "<identity category='client' type='pc'/></query>");
	assert_int_equal(ev.answer.payload, PAYLOAD_INFO);
	is(ev.answer.category, "client");
	is(ev.answer.type, "phone");
	is(ev.answer.name, "Conversations");
	answer("result", "<query xmlns='http://jabber.org/protocol/disco#info'/>");
	assert_int_equal(ev.answer.payload, PAYLOAD_INFO);
	is(ev.answer.category, NULL);
}

static void
the_first_identity_of_a_client_goes_before_others(void **state)
{
	(void)state;
	answer("result",
	    "<query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='account' type='registered'/><identity category='gateway' type='sip'/>"
	    "<identity category='client' type='phone' name='Desk'/><identity category='client' type='pc'/></query>");
	is(ev.answer.category, "client");
	is(ev.answer.type, "phone");
	is(ev.answer.name, "Desk");
	answer("result",
	    "<query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='server' type='im' name='Prosody'/><identity category='pubsub' type='pep'/></query>");
	is(ev.answer.category, "server");
	is(ev.answer.name, "Prosody");
}

/* As ejabberd 26.07 writes it. */
static void
of_a_server_the_identity_of_a_server_goes_before_others(void **state)
{
	(void)state;
	answer("result",
	    "<query xmlns='http://jabber.org/protocol/disco#info'>"
	    "<identity category='pubsub' type='pep'/><identity category='server' type='im' name='ejabberd'/>"
	    "<identity category='server' type='im' name='another'/></query>");
	is(ev.answer.category, "server");
	is(ev.answer.name, "ejabberd");
}

static void
the_access_model_is_found_in_the_configuration(void **state)
{
#define CONFIG(field)                                                                  \
	"<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='n'>" \
	"<x xmlns='jabber:x:data' type='form'>"                                        \
	"<field var='FORM_TYPE' type='hidden'>"                                        \
	"<value>http://jabber.org/protocol/pubsub#node_config</value></field>" field "</x></configure></pubsub>"
#define MODEL(value)                                                                        \
	CONFIG("<field label='Specify the subscriber model' var='pubsub#access_model' "     \
	       "type='list-single'>"                                                        \
	       "<option label='open'><value>open</value></option><option label='presence'>" \
	       "<value>presence</value></option>" value "</field>")
	(void)state;
	answer("result", MODEL("<value>presence</value>"));
	assert_int_equal(ev.answer.payload, PAYLOAD_CONFIG);
	assert_int_equal(ev.answer.access, ACCESS_PRESENCE);
	answer("result",
	    P2("<iq xmlns='jabber:client' type='result' id='in1'>" MODEL("<value>whitelist</value>") "</iq>"));
	assert_int_equal(ev.answer.payload, PAYLOAD_CONFIG);
	assert_int_equal(ev.answer.access, ACCESS_WHITELIST);
	answer("result", MODEL("<value>open</value>"));
	assert_int_equal(ev.answer.access, ACCESS_OTHER);
	answer("result", MODEL(""));
	assert_int_equal(ev.answer.access, ACCESS_UNKNOWN);
	answer("result", CONFIG(""));
	assert_int_equal(ev.answer.access, ACCESS_UNKNOWN);
	/* A node's own name for a field, or a form elsewhere, says nothing. */
	answer("result",
	    CONFIG("<field xmlns='urn:x' var='pubsub#access_model'>"
		   "<value>presence</value></field>"));
	assert_int_equal(ev.answer.access, ACCESS_UNKNOWN);
}

#define BLOCKLIST(items)                                                                                  \
	P2("<iq xmlns='jabber:client' type='result' id='in1'><blocklist xmlns='urn:xmpp:blocking'>" items \
	   "</blocklist></iq>")

static void
is_blocked(size_t i, const char *bare, const char *resource)
{
	assert_true(i < ev.answer.blocklist.nitems);
	is(ev.answer.blocklist.items[i].bare, bare);
	is(ev.answer.blocklist.items[i].resource, resource);
}

static void
a_block_list_names_accounts_clients_and_domains(void **state)
{
	(void)state;
	answer("result",
	    BLOCKLIST("<item jid='bob@home.test'/><item jid='Carol@WORK.test/Phone'/><item jid='far.test'/>"
		      "<item jid='Far.test/gateway'/>"));
	assert_int_equal(ev.answer.payload, PAYLOAD_BLOCKLIST);
	assert_int_equal(ev.answer.blocklist.nitems, 4);
	is_blocked(0, "bob@home.test", NULL);
	is_blocked(1, "carol@work.test", "Phone");
	is_blocked(2, "far.test", NULL);
	is_blocked(3, "far.test", "gateway");
	answer("result", BLOCKLIST(""));
	assert_int_equal(ev.answer.payload, PAYLOAD_BLOCKLIST);
	assert_int_equal(ev.answer.blocklist.nitems, 0);
}

/* What is no address can be nobody's. */
static void
of_a_block_list_counts_what_is_an_address(void **state)
{
	(void)state;
	answer("result",
	    BLOCKLIST("<item jid='a@b@c'/><item/><item xmlns='urn:x' jid='x@y'/><item jid=''/><other jid='x@y'/>"
		      "<item jid='bob@home.test'><item jid='x@y'/></item>"));
	assert_int_equal(ev.answer.blocklist.nitems, 1);
	is_blocked(0, "bob@home.test", NULL);
	answer("result",
	    P2("<iq xmlns='jabber:client' type='result' id='in1'><blocklist xmlns='urn:x'/>"
	       "<x xmlns='urn:xmpp:blocking'/></iq>"));
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
}

static void
as_many_are_read_as_the_core_takes(void **state)
{
	char list[64 * BLOCKED_MAX], *at = list;
	size_t i;

	(void)state;
	at += sprintf(at, "%s",
	    "<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'>"
	    "<iq xmlns='jabber:client' type='result' id='in1'><blocklist xmlns='urn:xmpp:blocking'>");
	for (i = 0; i < BLOCKED_MAX; i++)
		at += sprintf(at, "<item jid='x%zu@home.test'/>", i);
	sprintf(at, "%s", "</blocklist></iq></forwarded></privilege>");
	answer("result", list);
	assert_int_equal(ev.answer.blocklist.nitems, BLOCKED_MAX);
}

static void
an_error_tells_why(void **state)
{
	(void)state;
	answer("error",
	    "<ping xmlns='urn:xmpp:ping'/><error type='cancel'>"
	    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
	    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>User session not found</text>"
	    "</error>");
	assert_false(ev.answer.ok);
	assert_int_equal(ev.answer.error, COND_SERVICE_UNAVAILABLE);
	assert_int_equal(ev.answer.app, APP_NONE);
	is(ev.answer.text, "User session not found");
	answer("error", "");
	assert_int_equal(ev.answer.error, COND_UNDEFINED);
	answer("error", "<error type='cancel'><conflict xmlns='urn:x'/></error>");
	assert_int_equal(ev.answer.error, COND_UNDEFINED);
	answer("error",
	    "<error xmlns='urn:x'><conflict "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
	assert_int_equal(ev.answer.error, COND_UNDEFINED);
	answer("error",
	    "<error type='modify'><payload-too-big "
	    "xmlns='http://jabber.org/protocol/pubsub#errors'/>"
	    "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
	assert_int_equal(ev.answer.error, COND_NOT_ACCEPTABLE);
	assert_int_equal(ev.answer.app, APP_PAYLOAD_TOO_BIG);
	answer("error",
	    "<error type='cancel'><conflict "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
	    "<precondition-not-met xmlns='http://jabber.org/protocol/commands'/></error>");
	assert_int_equal(ev.answer.app, APP_NONE);
	/* What an error carries besides is never a payload. */
	answer("error", "<query xmlns='jabber:iq:roster'><item jid='a@b'/></query>");
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
}

/* Answers that are too large */

static int
beginning(const char *stanza)
{
	return decode_beginning(decoder, fixture_stanza(stream, stanza), &ev);
}

static void
begins_an_answer(const char *stanza, enum payload_kind payload)
{
	assert_int_equal(beginning(stanza), DECODED_EVENT);
	assert_int_equal(ev.kind, EVENT_ANSWER);
	assert_int_equal(ev.answer.extent, EXTENT_TOO_LARGE);
	assert_false(ev.answer.ok);
	assert_int_equal(ev.answer.error, COND_RESOURCE_CONSTRAINT);
	assert_int_equal(ev.answer.payload, payload);
	assert_int_equal(ev.answer.roster.nitems, 0);
	is(ev.answer.id, "q9");
	is_from("alice@home.test", NULL);
}

#define ANSWER_Q9(type) "<iq type='" type "' id='q9' from='ALICE@home.test' to='presence.home.test'>"

static void
the_beginning_of_an_answer_says_whose_it_is(void **state)
{
	(void)state;
	begins_an_answer(ANSWER_Q9("result") "<query xmlns='jabber:iq:roster'/></iq>", PAYLOAD_ROSTER);
	begins_an_answer(ANSWER_Q9("result") "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
	    PAYLOAD_INFO);
	begins_an_answer(ANSWER_Q9("result") "</iq>", PAYLOAD_NONE);
	begins_an_answer(ANSWER_Q9("result") "<x:query xmlns:x='urn:x'/></iq>", PAYLOAD_NONE);
	begins_an_answer(ANSWER_Q9("result") "<privilege xmlns='urn:xmpp:privilege:2'/></iq>", PAYLOAD_NONE);
	/* an error is no roster, whatever it holds */
	begins_an_answer(ANSWER_Q9("error") "<query xmlns='jabber:iq:roster'/></iq>", PAYLOAD_NONE);
}

static void
the_beginning_of_anything_else_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(beginning("<presence from='a@home.test/x' to='presence.home.test'/>"), DECODED_NOTHING);
	assert_int_equal(beginning("<presence type='result' id='q9' from='a@home.test/x' to='presence.home.test'/>"),
	    DECODED_NOTHING);
	assert_int_equal(beginning("<message from='home.test' to='presence.home.test'><privilege "
				   "xmlns='urn:xmpp:privilege:2'/></message>"),
	    DECODED_NOTHING);
	assert_int_equal(beginning(ANSWER_Q9("set") "<query xmlns='jabber:iq:roster'/></iq>"), DECODED_NOTHING);
	assert_int_equal(beginning(ANSWER_Q9("get") "<query xmlns='jabber:iq:roster'/></iq>"), DECODED_NOTHING);
	assert_int_equal(beginning("<iq id='q9' from='alice@home.test' to='presence.home.test'/>"), DECODED_NOTHING);
	assert_int_equal(beginning("<iq type='result' from='alice@home.test' to='presence.home.test'/>"),
	    DECODED_NOTHING);
	assert_int_equal(beginning("<iq type='result' id='q9' to='presence.home.test'/>"), DECODED_NOTHING);
	assert_int_equal(beginning("<x:iq xmlns:x='urn:x' type='result' id='q9' from='alice@home.test' "
				   "to='presence.home.test'/>"),
	    DECODED_NOTHING);
}

static void
a_portion_is_part_of_an_answer(void **state)
{
	static const char roster[] = ANSWER_Q9("result") "<query xmlns='jabber:iq:roster'><item jid='Bob@home.test' "
							 "subscription='both'/></query></iq>";

	(void)state;
	assert_int_equal(decode_portion(decoder, fixture_stanza(stream, roster), false, &ev), DECODED_EVENT);
	assert_int_equal(ev.answer.extent, EXTENT_PORTION);
	assert_true(ev.answer.ok);
	assert_int_equal(ev.answer.roster.nitems, 1);
	is(ev.answer.roster.items[0].jid, "bob@home.test");
	assert_int_equal(decode_portion(decoder, fixture_stanza(stream, roster), true, &ev), DECODED_EVENT);
	assert_int_equal(ev.answer.extent, EXTENT_LAST);
	assert_int_equal(decode(decoder, fixture_stanza(stream, roster), &ev), DECODED_EVENT);
	assert_int_equal(ev.answer.extent, EXTENT_WHOLE);
	assert_int_equal(decode_portion(decoder,
			     fixture_stanza(stream, "<presence from='a@home.test/x' to='presence.home.test'/>"), true,
			     &ev),
	    DECODED_NOTHING);
}

static void
a_roster_survives_every_failed_allocation(void **state)
{
	const struct xml *x;
	struct buf b = {0};
	unsigned long n;
	int status, i;

	(void)state;
	buf_puts(&b,
	    "<iq to='presence.home.test' from='alice@home.test' type='result' id='q9'>"
	    "<query xmlns='jabber:iq:roster'>");
	for (i = 0; i < 200; i++)
		buf_puts(&b,
		    "<item jid='AN-upper-case-name-that-is-copied-because-it-was-not-"
		    "prepared@example.org'/>");
	buf_puts(&b, "</query></iq>");
	x = fixture_stanza(stream, buf_text(&b));
	for (n = 1; n < 100; n++) {
		decoder_free(decoder);
		decoder = decoder_new();
		mem_fail_at(n);
		status = decode(decoder, x, &ev);
		mem_fail_at(0);
		if (status == DECODED_EVENT)
			break;
		assert_int_equal(status, ERR_NOMEM);
	}
	assert_true(n > 1 && n < 100);
	assert_int_equal(ev.answer.roster.nitems, 200);
	buf_clear(&b);
	decoder_free(NULL);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_roster_is_read),
		T(an_empty_roster_is_a_roster),
		T(the_first_identity_that_is_not_empty_counts),
		T(the_first_identity_of_a_client_goes_before_others),
		T(of_a_server_the_identity_of_a_server_goes_before_others),
		T(the_access_model_is_found_in_the_configuration),
		T(a_block_list_names_accounts_clients_and_domains),
		T(of_a_block_list_counts_what_is_an_address),
		T(as_many_are_read_as_the_core_takes),
		T(an_error_tells_why),
		T(the_beginning_of_an_answer_says_whose_it_is),
		T(the_beginning_of_anything_else_says_nothing),
		T(a_portion_is_part_of_an_answer),
		T(a_roster_survives_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
