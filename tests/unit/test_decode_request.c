/* Requests: what is asked of us, roster pushes, commands with their forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "decode_fixture.h"

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

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(an_iq_without_id_or_with_an_odd_type_means_nothing),
		T(the_requests_that_are_answered_are_known),
		T(a_request_without_exactly_one_child_is_refused),
		T(a_roster_push_is_read),
		T(a_command_is_read),
		T(a_submitted_form_is_read),
		T(every_command_action_is_known),
		T(a_command_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
