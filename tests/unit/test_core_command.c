/* Ad-hoc commands (XEP-0050), their sessions, and the other requests that are answered. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
link_shows_a_form_and_takes_it(void **state)
{
	const char *session;

	(void)state;
	has_enrolled(GRANT_ALL);
	runs(ALICE "/laptop", "link", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	assert_string_equal(reply.fields, "jid label kind visibility status-text ");
	session = reply.sessionid;
	assert_true(strlen(session) >= 26);
	runs_session(ALICE "/laptop", "link", session, COMMAND_COMPLETE, "jid", "Alice@WORK.test", "label",
	    "Desk phone", "kind", "fixed", "visibility", "self", "status-text", "1", NULL);
	succeeds();
	assert_string_equal(registry_device(ALICE, DESK)->label, "Desk phone");
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_FIXED);
	assert_int_equal(registry_device(ALICE, DESK)->visibility, VISIBLE_SELF);
	assert_true(registry_device(ALICE, DESK)->show_status);
	/* The session has ended. */
	runs_session(ALICE "/laptop", "link", session, COMMAND_COMPLETE, "jid", BOB, NULL);
	assert_true(reply.error);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
}

static void
words_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	runs(ALICE "/laptop", "link", "jid", DESK, "kind", "toaster", NULL);
	fails_with("kind");
	runs(ALICE "/laptop", "link", "jid", DESK, "visibility", "all", NULL);
	fails_with("visibility");
	assert_int_equal(registry_devices(), 0);
}

static void
devices_lists_them_with_their_consent(void **state)
{
	(void)state;
	links("carol@work.test", "Carol's");
	runs(ALICE "/laptop", "devices", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	assert_string_equal(reply.fields, "id label kind visibility jid state consent ");
	assert_non_null(strstr(reply.rows, "|Desk phone|other|contacts|" DESK "|available|given\n"));
	assert_non_null(strstr(reply.rows, "|laptop|other|contacts|" ALICE "|available|not needed\n"));
	assert_non_null(strstr(reply.rows, "|Carol's|other|contacts|carol@work.test||waits for its answer\n"));
	ends(DESK);
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(strstr(reply.rows, "|Desk phone|other|contacts|" DESK "||ended\n"));
}

static void
a_device_account_learns_who_shows_it(void **state)
{
	(void)state;
	runs(DESK "/phone", "devices", NULL);
	assert_string_equal(reply.fields, "account label consent ");
	assert_string_equal(reply.rows, ALICE "|Desk phone|given\n");
	runs("mallory@home.test/x", "devices", NULL);
	fails_with("not enrolled");
}

static void
edit_changes_what_is_said_and_nothing_else(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	runs(ALICE "/laptop", "edit", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	assert_string_equal(reply.fields, "device label kind visibility status-text ");
	runs_session(ALICE "/laptop", "edit", reply.sessionid, COMMAND_EXECUTE, "device", id, "kind", "fixed", "label",
	    "", NULL);
	succeeds();
	assert_string_equal(registry_device(ALICE, DESK)->label, "Desk phone");
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_FIXED);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
an_edit_that_can_not_be_written_changes_nothing(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	registry_is(REGISTRY_FAILS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	fails_with("registry");
	assert_quiet(60000);
}

static void
unlink_offers_linked_accounts_only(void **state)
{
	const char *laptop = device_id("laptop");
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "%s ", device_id("Desk phone"));
	runs(ALICE "/laptop", "unlink", NULL);
	assert_string_equal(reply.fields, "device ");
	assert_string_equal(reply.options, expected);
	runs_session(ALICE "/laptop", "unlink", reply.sessionid, COMMAND_COMPLETE, "device", laptop, NULL);
	fails_with("no such device");
	runs(ALICE "/laptop", "unlink", "device", "nosuch", NULL);
	fails_with("no such device");
}

static void
nothing_to_unlink_is_said_at_once(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	runs(ALICE "/laptop", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	assert_non_null(reply.note);
}

static void
whoever_is_not_enrolled_is_told(void **state)
{
	static const char *const nodes[] = {"link", "edit", "unlink", "leave", "devices"};
	size_t i;

	(void)state;
	link_up();
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		runs(ALICE "/laptop", nodes[i], NULL);
		fails_with("not enrolled");
	}
}

/* THREATS 13 */
static void
a_session_belongs_to_one_client_and_one_command(void **state)
{
	const char *session;

	(void)state;
	runs(ALICE "/laptop", "leave", NULL);
	session = reply.sessionid;
	runs_session(ALICE "/other", "leave", session, COMMAND_EXECUTE, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(BOB "/laptop", "leave", session, COMMAND_EXECUTE, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "unlink", session, COMMAND_EXECUTE, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "leave", "guessed", COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "leave", NULL, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "leave", session, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.status, STATUS_CANCELED);
	assert_int_equal(stats().denied, 5);
	passes(5000);
	assert_int_equal(registry_users(), 1);
}

static void
sessions_expire(void **state)
{
	const char *session;

	(void)state;
	runs(ALICE "/laptop", "leave", NULL);
	session = reply.sessionid;
	passes(SESSION_LIFE_MS + 1000);
	runs_session(ALICE "/laptop", "leave", session, COMMAND_EXECUTE, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
}

static void
sessions_are_two_a_user_and_few_in_all(void **state)
{
	const char *first, *second, *third;
	char name[64], full[80];
	unsigned refused = 0;
	int i;

	(void)state;
	runs(ALICE "/laptop", "link", NULL);
	first = reply.sessionid;
	passes(10);
	runs(ALICE "/laptop", "link", NULL);
	second = reply.sessionid;
	passes(10);
	runs(ALICE "/laptop", "link", NULL);
	third = reply.sessionid;
	runs_session(ALICE "/laptop", "link", first, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "link", second, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
	runs_session(ALICE "/laptop", "link", third, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
	for (i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "u%d@home.test", i);
		user_is(kept(name));
		enrols(name);
		approves(name);
		snprintf(full, sizeof(full), "%s/x", name);
		runs(full, "link", NULL);
		refused += reply.error;
		runs(full, "link", NULL);
		refused += reply.error;
		runs(full, "link", NULL);
		refused += reply.error;
	}
	/* Who has most of them makes room. */
	assert_int_equal(refused, 0);
}

static void
actions_that_make_no_sense_are_errors(void **state)
{
	struct event ev;

	(void)state;
	runs_session(ALICE "/laptop", "link", NULL, COMMAND_PREV, NULL);
	assert_int_equal(reply.app, APP_BAD_ACTION);
	runs_session(ALICE "/laptop", "link", NULL, COMMAND_OTHER, NULL);
	assert_int_equal(reply.app, APP_MALFORMED_ACTION);
	runs(ALICE "/laptop", "nosuch", NULL);
	assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_COMMAND;
	ev.from = (struct address){ALICE, "laptop"};
	ev.to.bare = DOMAIN;
	ev.command.id = "c2";
	ev.command.node = "link";
	feeds(&ev); /* an IQ get */
	assert_int_equal(reply.condition, COND_BAD_REQUEST);
	ev.command.set = true;
	ev.to.bare = ALICE_BRIDGE;
	feeds(&ev);
	assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
}

static void
an_address_is_taken_as_people_type_it(void **state)
{
	static const char *const typed[] = { " " DESK, DESK "\n", "xmpp:" DESK, "XMPP:" DESK " ",
		"xmpp:" DESK "?subscribe" };
	static const char *const none[] = { " ", "xmpp:", "xmpp:?x", "xmp:" DESK, "xmpp:xmpp:" DESK,
		"xmpp:a%41@work.test", DESK "?subscribe", "x " DESK };
	size_t i;

	(void)state;
	enrols(ALICE);
	approves(ALICE);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		runs(ALICE "/laptop", "link", "jid", none[i], NULL);
		fails_with("address of an account");
	}
	for (i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		runs(ALICE "/laptop", "link", "jid", typed[i], NULL);
		succeeds();
		assert_non_null(registry_device(ALICE, DESK));
		ends(DESK);
		passes(600000);
	}
}

static void
asks(enum request_kind kind, const char *to, const char *node)
{
	unsigned before = reply.count;
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from = (struct address){BOB, "x"};
	ev.to.bare = to;
	ev.request.kind = kind;
	ev.request.id = "r1";
	ev.request.node = node;
	feeds(&ev);
	assert_int_equal(reply.count, before + 1);
}

static void
requests_are_answered_at_the_domain_and_at_bridges(void **state)
{
	enum request_kind kind;

	(void)state;
	for (kind = REQUEST_INFO; kind < REQUEST_OTHER; kind++) {
		asks(kind, DOMAIN, NULL);
		assert_false(reply.error);
		asks(kind, ALICE_BRIDGE, NULL);
		assert_false(reply.error);
		asks(kind, BOB_BRIDGE, NULL); /* who isn't enrolled */
		assert_false(reply.error);
		asks(kind, "nobody@" DOMAIN, NULL);
		assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
	}
	asks(REQUEST_OTHER, DOMAIN, NULL);
	assert_int_equal(reply.condition, COND_SERVICE_UNAVAILABLE);
	asks(REQUEST_MALFORMED, DOMAIN, NULL);
	assert_int_equal(reply.condition, COND_BAD_REQUEST);
	asks(REQUEST_MALFORMED, ALICE_BRIDGE, NULL);
	assert_int_equal(reply.condition, COND_BAD_REQUEST);
	asks(REQUEST_MALFORMED, BOB_BRIDGE, NULL);
	assert_int_equal(reply.condition, COND_BAD_REQUEST);
	asks(REQUEST_INFO, DOMAIN, "nosuch");
	assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
	asks(REQUEST_INFO, DOMAIN, "link");
	assert_false(reply.error);
	asks(REQUEST_ITEMS, DOMAIN, "http://jabber.org/protocol/commands");
	assert_false(reply.error);
	asks(REQUEST_ITEMS, ALICE_BRIDGE, "http://jabber.org/protocol/commands");
	assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
}

static void
a_chat_is_answered_once_in_a_while(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		writes(ALICE "/laptop", "hello?");
	assert_int_equal(emissions(), 1);
	assert_told(ALICE, "commands");
	passes(10000);
	writes(ALICE "/laptop", "hello?");
	assert_int_equal(emissions(), 2);
}

static void
whoever_writes_all_the_time_takes_nobody_elses_answer(void **state)
{
	unsigned i;

	(void)state;
	links("dora@cell.test", "Dora's");
	links("alice@cell.test", "Cell");
	passes(60000);
	forget_sent();
	for (i = 0; i < 50; i++) {
		writes("alice@cell.test/m", "hm");
		passes(100);
	}
	assert_in_range(messages_sent("alice@cell.test"), 1, 2);
	writes("dora@cell.test/m", "hm?");
	assert_int_equal(messages_sent("dora@cell.test"), 1);
	writes(ALICE "/laptop", "hm?");
	assert_int_equal(messages_sent(ALICE), 1);
}

static void
name_is(const char *who, const char *name)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from.bare = who;
	ev.to.bare = ALICE_BRIDGE;
	ev.request.kind = REQUEST_INFO;
	ev.request.id = "r1";
	feeds(&ev);
	assert_string_equal(reply.name, name);
}

/* Nor do strangers learn who has enrolled, or who has got her name that she had. */
static void
a_bridge_is_known_to_whom_it_concerns(void **state)
{
	(void)state;
	name_is(ALICE, "Devices of " ALICE);
	name_is(DESK, "Devices of " ALICE);
	name_is(BOB, "Device presence");
	link_down();
	link_up();
	grant(GRANT_ALL);
	name_is(DESK, "Device presence");
	name_is(ALICE, "Device presence");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(link_shows_a_form_and_takes_it),
		TEST(words_that_do_not_exist_are_refused),
		TEST_LINKED(devices_lists_them_with_their_consent),
		TEST_LINKED(a_bridge_is_known_to_whom_it_concerns),
		TEST_LINKED(a_device_account_learns_who_shows_it),
		TEST_LINKED(edit_changes_what_is_said_and_nothing_else),
		TEST_LINKED(an_edit_that_can_not_be_written_changes_nothing),
		TEST_LINKED(unlink_offers_linked_accounts_only),
		TEST(nothing_to_unlink_is_said_at_once),
		TEST(whoever_is_not_enrolled_is_told),
		TEST_LINKED(a_session_belongs_to_one_client_and_one_command),
		TEST_LINKED(sessions_expire),
		TEST_LINKED(sessions_are_two_a_user_and_few_in_all),
		TEST_LINKED(actions_that_make_no_sense_are_errors),
		TEST(an_address_is_taken_as_people_type_it),
		TEST_LINKED(requests_are_answered_at_the_domain_and_at_bridges),
		TEST_LINKED(a_chat_is_answered_once_in_a_while),
		TEST_LINKED(whoever_writes_all_the_time_takes_nobody_elses_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
