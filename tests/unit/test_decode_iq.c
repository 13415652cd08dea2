#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "decode_fixture.h"
#include "wire_fixture.h"

/* ---- answers ---- */

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

#define PUBLISHED                                            \
	"<pubsub xmlns='http://jabber.org/protocol/pubsub'>" \
	"<publish node='urn:x-lab:devices:0'><item id='current'/></publish></pubsub>"
#define PRECONDITION                                                                   \
	"<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" \
	"<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>"     \
	"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Field does not match: "     \
	"access_model</text></error>"

static void
a_privileged_result_is_judged_by_what_it_forwards(void **state)
{
	(void)state;
	answer("result",
	    P2("<iq to='alice@home.test' from='alice@home.test' type='result' "
	       "id='in1' xmlns='jabber:client'>" PUBLISHED "</iq>"));
	assert_true(ev.answer.ok);
	assert_true(ev.answer.wrapped);
	assert_false(ev.answer.echo);
	is(ev.answer.inner_id, "in1");
	is(ev.answer.inner_from, "alice@home.test");
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
	/* Prosody's has no from. */
	answer("result",
	    P2("<iq xmlns='jabber:client' to='alice@home.test' id='in1' "
	       "type='result'/>"));
	assert_true(ev.answer.ok);
	is(ev.answer.inner_from, NULL);
	/* ejabberd answers to the capitals that it was asked with. */
	means(EVENT_ANSWER,
	    "<iq to='presence.home.test' from='alice@HOME.TEST' type='result' "
	    "id='q9'>" P2("<iq to='alice@HOME.TEST' from='ALICE@home.test' type='result' "
			  "id='in1' xmlns='jabber:client'/>") "</iq>");
	is_from("alice@home.test", NULL);
	is(ev.answer.inner_from, "alice@home.test");
}

static void
a_forwarded_error_counts_whatever_the_outer_type(void **state)
{
	static const char *const outer[] = {"result", "error"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		answer(outer[i],
		    P2("<iq xmlns='jabber:client' to='alice@home.test' type='error' "
		       "id='in1'>" PRECONDITION "</iq>"));
		assert_false(ev.answer.ok);
		assert_true(ev.answer.wrapped);
		assert_int_equal(ev.answer.error, COND_CONFLICT);
		assert_int_equal(ev.answer.app, APP_PRECONDITION_NOT_MET);
		is(ev.answer.text, "Field does not match: access_model");
		is(ev.answer.inner_id, "in1");
	}
	answer("error", P2("<iq xmlns='jabber:client' type='result' id='in1'/>"));
	assert_true(ev.answer.ok);
}

static void
an_outer_error_alone_counts_itself(void **state)
{
	(void)state;
	answer("error",
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'/><error type='auth'>"
	    "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
	    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no privilege granted</text>"
	    "</error>");
	assert_false(ev.answer.ok);
	assert_false(ev.answer.wrapped);
	assert_int_equal(ev.answer.error, COND_FORBIDDEN);
	is(ev.answer.text, "no privilege granted");
}

static void
an_echo_is_told_from_an_answer_and_from_a_request(void **state)
{
#define ECHO P2("<iq to='alice@home.test' type='set' id='in1' xmlns='jabber:client'>" PUBLISHED "</iq>")
	(void)state;
	means(EVENT_ANSWER,
	    "<iq type='set' id='q9' from='alice@home.test' "
	    "to='presence.home.test'>" ECHO "</iq>");
	is(ev.answer.id, "q9");
	assert_true(ev.answer.echo);
	assert_true(ev.answer.wrapped);
	assert_false(ev.answer.ok);
	is(ev.answer.inner_id, "in1");
	means(EVENT_ANSWER,
	    "<iq type='get' id='q9' from='alice@home.test' "
	    "to='presence.home.test'>" P2("<iq type='get' id='in1' "
					  "xmlns='jabber:client'/>") "</iq>");
	assert_true(ev.answer.echo);
	answer("result", ECHO);
	assert_true(ev.answer.echo);
	assert_false(ev.answer.ok);
}

static void
a_request_that_forwards_an_answer_is_a_request(void **state)
{
	(void)state;
	means(EVENT_REQUEST,
	    "<iq type='set' id='q9' from='mallory@evil.test' "
	    "to='presence.home.test'>" P2("<iq type='result' id='in1' "
					  "xmlns='jabber:client'/>") "</iq>");
	assert_int_equal(ev.request.kind, REQUEST_OTHER);
}

static void
a_privilege_that_forwards_nothing_is_no_success(void **state)
{
	(void)state;
	answer("result", "<privilege xmlns='urn:xmpp:privilege:2'/>");
	assert_false(ev.answer.ok);
	answer("result",
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<forwarded xmlns='urn:xmpp:forward:0'><iq type='result'/></forwarded></privilege>");
	assert_false(ev.answer.ok);
	answer("result",
	    "<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:x'>"
	    "<iq xmlns='jabber:client' type='result'/></forwarded></privilege>");
	assert_false(ev.answer.ok);
	answer("result", P2("<iq xmlns='jabber:client'/>"));
	assert_false(ev.answer.ok);
	assert_true(ev.answer.wrapped);
}

/* It is whose id equals that of what was forwarded; nobody's, if there is none. */
static void
a_forwarded_answer_has_its_own_id_or_none(void **state)
{
	(void)state;
	answer("result", P2("<iq xmlns='jabber:client' type='result'/>"));
	is(ev.answer.id, "q9");
	is(ev.answer.inner_id, NULL);
	answer("error", P2("<iq xmlns='jabber:client' type='error' xmlns:x='urn:x' x:id='q9'>" PRECONDITION "</iq>"));
	is(ev.answer.inner_id, NULL);
	answer("result", P2("<iq xmlns='jabber:client' type='result' id=''/>"));
	is(ev.answer.inner_id, "");
}

static void
an_unreadable_inner_from_is_not_an_absent_one(void **state)
{
	(void)state;
	answer("result", P2("<iq xmlns='jabber:client' type='result' id='in1' from=''/>"));
	is(ev.answer.inner_from, "");
	answer("result",
	    P2("<iq xmlns='jabber:client' type='result' id='in1' "
	       "from='alice@home.test/x'/>"));
	is(ev.answer.inner_from, "alice@home.test/x");
	answer("result",
	    P2("<iq xmlns='jabber:client' type='result' id='in1' xmlns:x='urn:x' "
	       "x:from='alice@home.test'/>"));
	is(ev.answer.inner_from, NULL);
}

static void
an_iq_without_id_or_with_an_odd_type_means_nothing(void **state)
{
	struct buf b = {0};
	size_t i;

	(void)state;
	means_nothing("<iq type='result' " FROM_ALICE "/>");
	means_nothing("<iq type='get' " FROM_ALICE "><ping xmlns='urn:xmpp:ping'/></iq>");
	means_nothing("<iq id='1' " FROM_ALICE "><ping xmlns='urn:xmpp:ping'/></iq>");
	means_nothing("<iq id='1' type='GET' " FROM_ALICE "><ping xmlns='urn:xmpp:ping'/></iq>");
	buf_puts(&b, "<iq type='get' " FROM_ALICE " id='");
	for (i = 0; i <= ECHO_BYTES_MAX; i++)
		buf_putc(&b, 'i');
	buf_puts(&b, "'><ping xmlns='urn:xmpp:ping'/></iq>");
	means_nothing(buf_text(&b));
	buf_clear(&b);
}

/* ---- requests ---- */

#define GET(child) "<iq type='get' id='r1' " FROM_ALICE ">" child "</iq>"
#define SET(child) "<iq type='set' id='r1' " FROM_ALICE ">" child "</iq>"

static void
the_requests_that_are_answered_are_known(void **state)
{
	static const struct {
		const char *stanza;
		enum request_kind kind;
		const char *node;
	} requests[] = {
		{GET("<query xmlns='http://jabber.org/protocol/disco#info'/>"), REQUEST_INFO, NULL},
		{GET("<query xmlns='http://jabber.org/protocol/disco#info' node='n#1'/>"), REQUEST_INFO, "n#1"},
		{ GET("<query xmlns='http://jabber.org/protocol/disco#items' "
		      "node='http://jabber.org/protocol/commands'/>"),
		    REQUEST_ITEMS, "http://jabber.org/protocol/commands" },
		{GET("<query xmlns='jabber:iq:version'/>"), REQUEST_VERSION, NULL},
		{GET("<ping xmlns='urn:xmpp:ping'/>"), REQUEST_PING, NULL},
		{GET("<time xmlns='urn:xmpp:time'/>"), REQUEST_TIME, NULL},
		{GET("<query xmlns='jabber:iq:last'/>"), REQUEST_LAST, NULL},
		{GET("<query xmlns='jabber:iq:roster'/>"), REQUEST_OTHER, NULL},
		{GET("<query xmlns='urn:xmpp:ping'/>"), REQUEST_OTHER, NULL},
		{GET("<ping xmlns='urn:x'/>"), REQUEST_OTHER, NULL},
		{SET("<ping xmlns='urn:xmpp:ping'/>"), REQUEST_OTHER, NULL},
		{SET("<query xmlns='http://jabber.org/protocol/disco#info' node='n'/>"), REQUEST_OTHER, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		means(EVENT_REQUEST, requests[i].stanza);
		assert_int_equal(ev.request.kind, requests[i].kind);
		is(ev.request.id, "r1");
		is(ev.request.node, requests[i].node);
		is_from("alice@home.test", "a");
	}
}

static void
a_request_without_exactly_one_child_is_refused(void **state)
{
	(void)state;
	is_refused(GET(""));
	is_refused(GET("text"));
	is_refused(GET("<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>"));
	is(ev.request.id, "r1");
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
a_roster_push_is_read(void **state)
{
	(void)state;
	means(EVENT_ROSTER_PUSH,
	    "<iq type='set' id='push7' from='alice@home.test' "
	    "to='presence.home.test'>"
	    "<query xmlns='jabber:iq:roster'><item jid='alice@work.test' subscription='remove'/>"
	    "</query></iq>");
	is_from("alice@home.test", NULL);
	is(ev.roster.id, "push7");
	assert_int_equal(ev.roster.nitems, 1);
	assert_true(ev.roster.items[0].remove);
	is(ev.roster.items[0].jid, "alice@work.test");
}

static void
a_command_is_read(void **state)
{
	(void)state;
	means(EVENT_COMMAND,
	    SET("<command xmlns='http://jabber.org/protocol/commands' "
		"node='enrol'/>"));
	is(ev.command.id, "r1");
	is(ev.command.node, "enrol");
	is(ev.command.sessionid, NULL);
	assert_int_equal(ev.command.action, COMMAND_EXECUTE);
	assert_true(ev.command.set);
	assert_int_equal(ev.command.nfields, 0);
	means(EVENT_COMMAND,
	    GET("<command xmlns='http://jabber.org/protocol/commands' "
		"node='enrol' action='execute'/>"));
	assert_false(ev.command.set);
}

static void
a_submitted_form_is_read(void **state)
{
	(void)state;
	means(EVENT_COMMAND,
	    SET("<command xmlns='http://jabber.org/protocol/commands' node='link' sessionid='s9' "
		"action='complete'>"
		"<x xmlns='jabber:x:data' type='submit'><field var='jid' type='jid-single'>"
		"<value>alice@work.test</value></field>"
		"<field var='label'><value>Desk</value><value>second</value></field>"
		"<field type='fixed'><value>fixed</value></field>"
		"<field var='status-text'><value>0</value></field><field var='empty'/>"
		"<field var='blank'><value/></field>"
		"<field xmlns='urn:x' var='foreign'><value>1</value></field></x></command>"));
	is(ev.command.sessionid, "s9");
	assert_int_equal(ev.command.action, COMMAND_COMPLETE);
	assert_int_equal(ev.command.nfields, 5);
	is(ev.command.fields[0].var, "jid");
	is(ev.command.fields[0].value, "alice@work.test");
	is(ev.command.fields[1].value, "Desk");
	is(ev.command.fields[2].var, "status-text");
	is(ev.command.fields[2].value, "0");
	is(ev.command.fields[3].value, "");
	is(ev.command.fields[4].value, "");
}

static void
every_command_action_is_known(void **state)
{
	static const struct {
		const char *name;
		enum command_action action;
	} actions[] = { {"execute", COMMAND_EXECUTE}, {"cancel", COMMAND_CANCEL}, {"prev", COMMAND_PREV},
		{"next", COMMAND_NEXT}, {"complete", COMMAND_COMPLETE}, {"explode", COMMAND_OTHER},
		{"", COMMAND_OTHER} };
	char stanza[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		snprintf(stanza, sizeof(stanza),
		    SET("<command "
			"xmlns='http://jabber.org/protocol/commands' node='n' action='%s'/>"),
		    actions[i].name);
		means(EVENT_COMMAND, stanza);
		assert_int_equal(ev.command.action, actions[i].action);
	}
	means(EVENT_COMMAND,
	    SET("<command xmlns='http://jabber.org/protocol/commands' node='n'>"
		"<x xmlns='jabber:x:data' type='cancel'/></command>"));
	assert_int_equal(ev.command.action, COMMAND_CANCEL);
}

static void
a_command_out_of_bounds_is_refused(void **state)
{
	struct buf b = {0};
	size_t i;

	(void)state;
	is_refused(SET("<command xmlns='http://jabber.org/protocol/commands'/>"));
	is_refused(SET("<command xmlns='http://jabber.org/protocol/commands' xmlns:x='urn:x' "
		       "x:node='enrol'/>"));
	is_refused(SET("<command xmlns='http://jabber.org/protocol/commands' node='n'>"
		       "<x xmlns='jabber:x:data' type='form'/></command>"));
	is_refused(SET("<command xmlns='http://jabber.org/protocol/commands' node='n'>"
		       "<x xmlns='jabber:x:data'/></command>"));
	buf_puts(&b,
	    "<iq type='set' id='r1' " FROM_ALICE ">"
	    "<command xmlns='http://jabber.org/protocol/commands' node='n'>"
	    "<x xmlns='jabber:x:data' type='submit'>");
	for (i = 0; i <= FORM_FIELDS_MAX; i++)
		buf_puts(&b, "<field var='v'/>");
	buf_puts(&b, "</x></command></iq>");
	is_refused(buf_text(&b));
	buf_reset(&b);
	buf_puts(&b,
	    "<iq type='set' id='r1' " FROM_ALICE ">"
	    "<command xmlns='http://jabber.org/protocol/commands' node='n'>"
	    "<x xmlns='jabber:x:data' type='submit'><field var='v'><value>");
	for (i = 0; i <= FORM_VALUE_BYTES_MAX; i++)
		buf_putc(&b, 'v');
	buf_puts(&b, "</value></field></x></command></iq>");
	is_refused(buf_text(&b));
	buf_reset(&b);
	buf_puts(&b,
	    "<iq type='set' id='r1' " FROM_ALICE ">"
	    "<command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='");
	for (i = 0; i <= ECHO_BYTES_MAX; i++)
		buf_putc(&b, 's');
	buf_puts(&b, "'/></iq>");
	is_refused(buf_text(&b));
	buf_clear(&b);
}

/* ---- memory ---- */

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
		T(a_privileged_result_is_judged_by_what_it_forwards),
		T(a_forwarded_error_counts_whatever_the_outer_type),
		T(an_outer_error_alone_counts_itself),
		T(an_echo_is_told_from_an_answer_and_from_a_request),
		T(a_request_that_forwards_an_answer_is_a_request),
		T(a_privilege_that_forwards_nothing_is_no_success),
		T(a_forwarded_answer_has_its_own_id_or_none),
		T(an_unreadable_inner_from_is_not_an_absent_one),
		T(an_iq_without_id_or_with_an_odd_type_means_nothing),
		T(the_requests_that_are_answered_are_known),
		T(a_request_without_exactly_one_child_is_refused),
		T(a_roster_push_is_read),
		T(the_beginning_of_an_answer_says_whose_it_is),
		T(the_beginning_of_anything_else_says_nothing),
		T(a_portion_is_part_of_an_answer),
		T(a_command_is_read),
		T(a_submitted_form_is_read),
		T(every_command_action_is_known),
		T(a_command_out_of_bounds_is_refused),
		T(a_roster_survives_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
