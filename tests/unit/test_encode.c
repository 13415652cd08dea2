#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "encode_fixture.h"

/* ---- presence and messages ---- */

static void
a_subscription_request_carries_a_text_and_a_nick(void **state)
{
	struct action act = { .kind = ACTION_PRESENCE, .from = {BRIDGE, NULL}, .to = {"alice@work.test", NULL} };

	(void)state;
	act.presence.type = PRESENCE_SUBSCRIBE;
	act.presence.status = *TEXT(TEXT_ASKS_CONTACTS, "alice@home.test", "Phone of 'J'");
	act.presence.nick = *TEXT(TEXT_DEVICES_OF, "alice");
	encodes(&act,
	    "<presence type='subscribe' to='alice@work.test' from='" BRIDGE "'>"
	    "<status>alice@home.test asks to show the presence of this account to the contacts of alice@home.test as the "
	    "device &quot;Phone of &apos;J&apos;&quot;. Accept, then answer yes.</status>"
	    "<nick xmlns='http://jabber.org/protocol/nick'>Devices of alice</nick></presence>");
}

static void
every_presence_is_written(void **state)
{
	static const struct {
		enum presence_type type;
		const char *expected;
	} types[] = {
		{ PRESENCE_AVAILABLE,
		    "<presence to='b@home.test/x' from='presence.home.test'>"
		    "<show>xa</show></presence>" },
		{ PRESENCE_UNAVAILABLE,
		    "<presence type='unavailable' to='b@home.test/x' "
		    "from='presence.home.test'/>" },
		{ PRESENCE_SUBSCRIBED,
		    "<presence type='subscribed' to='b@home.test/x' "
		    "from='presence.home.test'/>" },
		{ PRESENCE_UNSUBSCRIBE,
		    "<presence type='unsubscribe' to='b@home.test/x' "
		    "from='presence.home.test'/>" },
		{ PRESENCE_UNSUBSCRIBED,
		    "<presence type='unsubscribed' to='b@home.test/x' "
		    "from='presence.home.test'/>" },
		{ PRESENCE_PROBE,
		    "<presence type='probe' to='b@home.test/x' "
		    "from='presence.home.test'/>" },
	};
	struct action act = { .kind = ACTION_PRESENCE, .to = {"b@home.test", "x"} };
	size_t i;

	(void)state;
	act.presence.show = SHOW_XA;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		act.presence.type = types[i].type;
		encodes(&act, types[i].expected);
	}
	act.presence.type = PRESENCE_ERROR;
	is_invalid(&act);
}

static void
a_message_is_a_chat_message(void **state)
{
	struct action act = { .kind = ACTION_MESSAGE,
		.id = "m1",
		.from = {BRIDGE, NULL},
		.to = {"alice@work.test", NULL} };

	(void)state;
	act.text = *TEXT(TEXT_VERBATIM, "Answer \"yes\" or \"no\".");
	encodes(&act,
	    "<message type='chat' id='m1' to='alice@work.test' from='" BRIDGE "'>"
	    "<body>Answer &quot;yes&quot; or &quot;no&quot;.</body></message>");
	act.id = NULL;
	act.text = *TEXT(TEXT_VERBATIM, "x");
	encodes(&act, "<message type='chat' to='alice@work.test' from='" BRIDGE "'><body>x</body></message>");
}

/* ---- questions ---- */

static void
the_plain_questions_are_written(void **state)
{
	struct action act = { .kind = ACTION_ROSTER_GET, .id = "q17", .to = {"alice@home.test", NULL} };

	(void)state;
	encodes(&act,
	    "<iq type='get' id='q17' to='alice@home.test' from='presence.home.test'>"
	    "<query xmlns='jabber:iq:roster'/></iq>");
	act.from.bare = BRIDGE;
	act.to.resource = "a&b";
	act.kind = ACTION_PING;
	encodes(&act,
	    "<iq type='get' id='q17' to='alice@home.test/a&amp;b' from='" BRIDGE
	    "'><ping xmlns='urn:xmpp:ping'/></iq>");
	act.kind = ACTION_INFO_GET;
	encodes(&act,
	    "<iq type='get' id='q17' to='alice@home.test/a&amp;b' from='" BRIDGE "'>"
	    "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
}

/* ---- answers ---- */

static struct action
reply(enum action_kind kind)
{
	struct action act = { .kind = kind, .id = "r1", .to = {"alice@home.test", "a"} };

	return act;
}

#define REPLY(type, child)                                    \
	"<iq type='" type "' id='r1' to='alice@home.test/a' " \
	"from='presence.home.test'>" child "</iq>"

static void
requests_are_answered(void **state)
{
	static const char *const features[] = {"http://jabber.org/protocol/disco#info", "urn:xmpp:ping"};
	static const struct named items[] = { {"presence.home.test", "enrol", TEXT_COMMAND_DEVICES},
		{"x@presence.home.test", NULL, TEXT_NONE} };
	struct action act = reply(ACTION_ANSWER);
	struct request_answer *a = &act.answer;

	(void)state;
	a->kind = REQUEST_INFO;
	a->category = "component";
	a->type = "presence";
	a->name = *TEXT(TEXT_DEVICES_OF, "alice@home.test");
	a->features = features;
	a->nfeatures = 2;
	encodes(&act,
	    REPLY("result",
		"<query xmlns='http://jabber.org/protocol/disco#info'>"
		"<identity category='component' type='presence' name='Devices of alice@home.test'/>"
		"<feature var='http://jabber.org/protocol/disco#info'/>"
		"<feature var='urn:xmpp:ping'/></query>"));
	a->kind = REQUEST_ITEMS;
	a->node = "http://jabber.org/protocol/commands";
	a->items = items;
	a->nitems = 2;
	encodes(&act,
	    REPLY("result",
		"<query xmlns='http://jabber.org/protocol/disco#items' "
		"node='http://jabber.org/protocol/commands'>"
		"<item jid='presence.home.test' node='enrol' name='List devices'/>"
		"<item jid='x@presence.home.test'/></query>"));
	a->kind = REQUEST_VERSION;
	encodes(&act,
	    REPLY("result",
		"<query xmlns='jabber:iq:version'>"
		"<name>polypresence</name><version>0.1.0</version></query>"));
	a->kind = REQUEST_TIME;
	a->wall_ms = AT + 999;
	encodes(&act,
	    REPLY("result",
		"<time xmlns='urn:xmpp:time'><tzo>Z</tzo>"
		"<utc>2026-11-22T23:09:00Z</utc></time>"));
	a->kind = REQUEST_LAST;
	a->seconds = 86400;
	encodes(&act, REPLY("result", "<query xmlns='jabber:iq:last' seconds='86400'/>"));
	a->kind = REQUEST_PING;
	encodes(&act,
	    "<iq type='result' id='r1' to='alice@home.test/a' "
	    "from='presence.home.test'/>");
	a->kind = REQUEST_OTHER;
	is_invalid(&act);
}

static void
an_identity_has_a_category_and_a_type(void **state)
{
	struct action act = reply(ACTION_ANSWER);

	(void)state;
	act.answer.kind = REQUEST_INFO;
	act.answer.category = "component";
	encodes(&act, REPLY("result", "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
	act.answer.category = NULL;
	act.answer.type = "presence";
	encodes(&act, REPLY("result", "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
}

static void
an_error_names_its_conditions(void **state)
{
	struct action act = reply(ACTION_ERROR);

	(void)state;
	act.error = (struct error_answer){ERROR_CANCEL, COND_SERVICE_UNAVAILABLE, APP_NONE, TEXT_NONE};
	encodes(&act,
	    REPLY("error",
		"<error type='cancel'>"
		"<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
	act.error = (struct error_answer){ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_SESSIONID, TEXT_COMMAND_ENDED};
	encodes(&act,
	    REPLY("error",
		"<error type='modify'>"
		"<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
		"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>This command "
		"has ended or belongs to someone else; please start it again.</text>"
		"<bad-sessionid xmlns='http://jabber.org/protocol/commands'/></error>"));
	act.error = (struct error_answer){ERROR_AUTH, COND_NONE, APP_NONE, TEXT_NONE};
	encodes(&act,
	    REPLY("error",
		"<error type='auth'>"
		"<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
	act.error = (struct error_answer){ERROR_WAIT, COND_RESOURCE_CONSTRAINT, APP_NONE, TEXT_NONE};
	encodes(&act,
	    REPLY("error",
		"<error type='wait'>"
		"<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
}

static void
a_command_completes_with_a_note(void **state)
{
	struct action act = reply(ACTION_COMMAND_REPLY);

	(void)state;
	act.reply = (struct command_reply){ "enrol", "s1", STATUS_COMPLETED, {.id = TEXT_SAVED}, "info", NULL };
	encodes(&act,
	    REPLY("result",
		"<command xmlns='http://jabber.org/protocol/commands' "
		"node='enrol' sessionid='s1' status='completed'>"
		"<note type='info'>Saved.</note></command>"));
	act.reply = (struct command_reply){ "enrol", "s1", STATUS_CANCELED, {.id = TEXT_NONE}, NULL, NULL };
	encodes(&act,
	    REPLY("result",
		"<command xmlns='http://jabber.org/protocol/commands' "
		"node='enrol' sessionid='s1' status='canceled'/>"));
}

static void
a_command_asks_with_a_form(void **state)
{
	static const struct form_option kinds[] = { { "fixed", {.id = TEXT_KIND_FIXED} },
		{ "mobile", {.id = TEXT_NONE} } };
	static const struct form_field fields[] = {
		{NULL, TEXT_NONE, FIELD_FIXED, false, "Which account?", NULL, 0},
		{"jid", TEXT_FIELD_ACCOUNT, FIELD_JID_SINGLE, true, NULL, NULL, 0},
		{"label", TEXT_FIELD_LABEL, FIELD_TEXT_SINGLE, false, "Desk <1>", NULL, 0},
		{"kind", TEXT_FIELD_KIND, FIELD_LIST_SINGLE, false, "mobile", kinds, 2},
		{"status-text", TEXT_FIELD_STATUS, FIELD_BOOLEAN, false, "0", NULL, 0},
		{"token", TEXT_NONE, FIELD_HIDDEN, false, "t", NULL, 0},
	};
	struct form form = { .title = TEXT_FORM_LEAVE,
		.instructions = TEXT_FORM_UNLINK_HOW,
		.fields = fields,
		.nfields = 6 };
	struct action act = reply(ACTION_COMMAND_REPLY);

	(void)state;
	act.reply = (struct command_reply){ "link", "s1", STATUS_EXECUTING, {.id = TEXT_NONE}, NULL, &form };
	encodes(&act,
	    REPLY("result",
		"<command xmlns='http://jabber.org/protocol/commands' "
		"node='link' sessionid='s1' status='executing'>"
		"<actions execute='complete'><complete/></actions>"
		"<x xmlns='jabber:x:data' type='form'><title>Leave</title>"
		"<instructions>It is not shown any more from then on.</instructions><field type='fixed'>"
		"<value>Which account?</value></field>"
		"<field var='jid' label='Account' type='jid-single'><required/></field>"
		"<field var='label' label='Label' type='text-single'><value>Desk &lt;1&gt;</value>"
		"</field>"
		"<field var='kind' label='Kind' type='list-single'><value>mobile</value>"
		"<option label='Fixed phone'><value>fixed</value></option><option>"
		"<value>mobile</value></option></field>"
		"<field var='status-text' label='Show its status text to contacts' type='boolean'><value>0</value></field>"
		"<field var='token' type='hidden'><value>t</value></field></x></command>"));
}

static void
a_command_answers_with_a_table(void **state)
{
	static const struct form_field columns[] = { {"id", TEXT_FIELD_ID, FIELD_TEXT_SINGLE, false, NULL, NULL, 0},
		{"jid", TEXT_FIELD_ACCOUNT, FIELD_JID_SINGLE, false, NULL, NULL, 0} };
	static const struct text cells[] = { { TEXT_VERBATIM, {"k3v9"} }, { TEXT_VERBATIM, {"alice@work.test"} },
		{.id = TEXT_CONSENT_GIVEN}, {.id = TEXT_NONE} };
	struct form form = { .title = TEXT_FORM_DEVICES,
		.fields = columns,
		.nfields = 2,
		.result = true,
		.cells = cells,
		.nrows = 2 };
	struct action act = reply(ACTION_COMMAND_REPLY);

	(void)state;
	act.reply = (struct command_reply){ "devices", "s1", STATUS_COMPLETED, {.id = TEXT_NONE}, NULL, &form };
	encodes(&act,
	    REPLY("result",
		"<command xmlns='http://jabber.org/protocol/commands' "
		"node='devices' sessionid='s1' status='completed'>"
		"<x xmlns='jabber:x:data' type='result'><title>Your devices</title><reported>"
		"<field var='id' label='Id' type='text-single'/>"
		"<field var='jid' label='Account' type='jid-single'/></reported>"
		"<item><field var='id'><value>k3v9</value></field><field var='jid'>"
		"<value>alice@work.test</value></field></item>"
		"<item><field var='id'><value>given</value></field><field var='jid'><value/></field>"
		"</item></x></command>"));
}

/* ---- bounds ---- */

static void
a_stanza_has_at_most_256_kib(void **state)
{
	struct action act = reply(ACTION_MESSAGE);
	char *text = mem_alloc(STANZA_OUT_MAX);
	size_t around, n;

	(void)state;
	assert_non_null(text);
	act.text = *TEXT(TEXT_VERBATIM, "x");
	buf_reset(&out);
	assert_int_equal(encode(&identity, &act, &out), 0);
	around = out.len - 1;
	act.text = *TEXT(TEXT_VERBATIM, text);
	memset(text, 'x', STANZA_OUT_MAX);
	for (n = STANZA_OUT_MAX + 1; n >= STANZA_OUT_MAX - 1; n--) {
		text[n - around] = '\0';
		buf_reset(&out);
		assert_int_equal(encode(&identity, &act, &out), n > STANZA_OUT_MAX ? ERR_LIMIT : 0);
		assert_int_equal(out.len, n > STANZA_OUT_MAX ? 0 : n);
	}
	mem_free(text);
}

static void
a_stanza_that_is_too_large_leaves_the_buffer_as_it_was(void **state)
{
	struct action act = reply(ACTION_MESSAGE);
	size_t size = STANZA_OUT_MAX;
	char *text = mem_alloc(size);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size - 1);
	act.text = *TEXT(TEXT_VERBATIM, text);
	buf_reset(&out);
	buf_puts(&out, "before");
	assert_int_equal(encode(&identity, &act, &out), ERR_LIMIT);
	assert_string_equal(buf_text(&out), "before");
	assert_false(out.failed);
	text[size - 200] = '\0';
	assert_int_equal(encode(&identity, &act, &out), 0);
	mem_free(text);
}

static void
a_headline_to_ourselves_has_no_content(void **state)
{
	struct action act = { .kind = ACTION_HEADLINE,
		.from = {"presence.home.test", NULL},
		.to = {"presence.home.test", "k3v9"} };

	(void)state;
	encodes(&act, "<message type='headline' to='presence.home.test/k3v9' from='presence.home.test'/>");
	act.to.resource = NULL;
	is_invalid(&act);
}

static void
what_is_no_stanza_is_invalid(void **state)
{
	static const enum action_kind kinds[] = { ACTION_STORE_USER, ACTION_STORE_DEVICE, ACTION_DELETE_USER,
		ACTION_DELETE_DEVICE, ACTION_NOTE_PUBLISHED, ACTION_RECONNECT, ACTION_LOG, ACTION_DRAINED };
	struct action act;
	size_t i;
	int kind;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		act = reply(kinds[i]);
		is_invalid(&act);
	}
	/* Nor is one without an address, an id or what it is about. */
	for (kind = ACTION_PRESENCE; kind < ACTION_STORE_USER; kind++) {
		memset(&act, 0, sizeof(act));
		act.kind = (enum action_kind)kind;
		is_invalid(&act);
		act.id = "q1";
		is_invalid(&act);
	}
}

static void
everything_that_a_stanza_needs_is_needed(void **state)
{
	static const struct form empty = {.result = true};
	struct action whole, act;
	int kind;

	(void)state;
	for (kind = ACTION_PRESENCE; kind < ACTION_STORE_USER; kind++) {
		memset(&whole, 0, sizeof(whole));
		whole.kind = (enum action_kind)kind;
		whole.id = "q1";
		whole.to.bare = whole.owner = "alice@home.test";
		whole.node = "urn:x-polypresence:devices:0";
		whole.who = "bob@home.test";
		whole.access = whole.config.access = ACCESS_PRESENCE;
		whole.privilege_version = 2;
		if (kind == ACTION_MESSAGE)
			whole.text = *TEXT(TEXT_VERBATIM, "text");
		if (kind == ACTION_HEADLINE)
			whole.to.resource = "k3v9";
		if (kind == ACTION_COMMAND_REPLY) {
			whole.reply.node = "devices";
			whole.reply.form = &empty;
		}
		buf_reset(&out);
		assert_int_equal(encode(&identity, &whole, &out), 0);
		act = whole;
		act.to.bare = act.owner = NULL;
		is_invalid(&act);
		act = whole;
		act.id = NULL;
		if (kind != ACTION_PRESENCE && kind != ACTION_MESSAGE && kind != ACTION_HEADLINE &&
		    kind != ACTION_EVENT)
			is_invalid(&act);
		act = whole;
		act.node = NULL;
		if (kind >= ACTION_PUBLISH && kind <= ACTION_UNSUBSCRIBE)
			is_invalid(&act);
		if (kind == ACTION_EVENT) {
			is_invalid(&act);
			act = whole;
			act.to.bare = NULL;
			is_invalid(&act);
		}
	}
}

static void
stanzas_follow_one_another_in_the_buffer(void **state)
{
	struct action act = { .kind = ACTION_PING, .id = "1", .to = {"home.test", NULL} };

	(void)state;
	buf_reset(&out);
	assert_int_equal(encode(&identity, &act, &out), 0);
	assert_int_equal(encode(&identity, &act, &out), 0);
	assert_string_equal(buf_text(&out),
	    "<iq type='get' id='1' to='home.test' "
	    "from='presence.home.test'><ping xmlns='urn:xmpp:ping'/></iq>"
	    "<iq type='get' id='1' to='home.test' from='presence.home.test'>"
	    "<ping xmlns='urn:xmpp:ping'/></iq>");
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_subscription_request_carries_a_text_and_a_nick),
		T(every_presence_is_written),
		T(a_message_is_a_chat_message),
		T(the_plain_questions_are_written),
		T(requests_are_answered),
		T(an_identity_has_a_category_and_a_type),
		T(an_error_names_its_conditions),
		T(a_command_completes_with_a_note),
		T(a_command_asks_with_a_form),
		T(a_command_answers_with_a_table),
		T(a_stanza_has_at_most_256_kib),
		T(a_stanza_that_is_too_large_leaves_the_buffer_as_it_was),
		T(a_headline_to_ourselves_has_no_content),
		T(what_is_no_stanza_is_invalid),
		T(everything_that_a_stanza_needs_is_needed),
		T(stanzas_follow_one_another_in_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
