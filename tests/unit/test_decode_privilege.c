/* Answers within the privilege that asked, and what looks like them: echoes and requests (XEP-0356). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decode_fixture.h"

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

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_privileged_result_is_judged_by_what_it_forwards),
		T(a_forwarded_error_counts_whatever_the_outer_type),
		T(an_outer_error_alone_counts_itself),
		T(an_echo_is_told_from_an_answer_and_from_a_request),
		T(a_request_that_forwards_an_answer_is_a_request),
		T(a_privilege_that_forwards_nothing_is_no_success),
		T(a_forwarded_answer_has_its_own_id_or_none),
		T(an_unreadable_inner_from_is_not_an_absent_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
