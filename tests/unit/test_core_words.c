/* Everything that somebody may say, and has no business to, or has said already. */
#include <string.h>

#include "core_fixture.h"

static struct event
presence(const char *bare, const char *resource, enum presence_type type)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_PRESENCE;
	ev.from.bare = bare;
	ev.from.resource = resource;
	ev.to.bare = ALICE_BRIDGE;
	ev.presence.type = type;
	return ev;
}

/* Presence */

static void
her_own_account_may_ask_for_the_bridges_presence_and_gets_none(void **state)
{
	(void)state;
	forget_sent();
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, ALICE), 1);
	assert_int_equal(emissions(), 1);
	assert_quiet(60000);
}

static void
words_that_end_nothing_change_nothing(void **state)
{
	static const enum presence_type types[] = {PRESENCE_UNSUBSCRIBE, PRESENCE_PROBE};
	size_t i;

	(void)state;
	forget_sent();
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sends(ALICE, ALICE_BRIDGE, types[i]);
		sends(DESK, ALICE_BRIDGE, types[i]);
	}
	assert_int_equal(emissions(), 0);
	assert_quiet(60000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_false(registry_user(ALICE)->leaving);
}

static void
no_error_ends_consent(void **state)
{
	(void)state;
	forget_sent();
	fails_to_reach(ALICE, COND_GONE);
	fails_to_reach(DESK, COND_GONE);
	assert_int_equal(emissions(), 0);
	assert_publishes("Desk phone", "off");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_false(registry_user(ALICE)->leaving);
}

static void
consent_that_is_given_again_is_nothing_new(void **state)
{
	(void)state;
	forget_sent();
	approves(ALICE);
	approves(DESK);
	assert_int_equal(emissions(), 0);
	says_yes(DESK);
	assert_told(DESK, "agreed already");
	assert_quiet(60000);
}

static void
an_account_itself_is_not_available_only_its_clients_are(void **state)
{
	struct event ev = presence(DESK, NULL, PRESENCE_AVAILABLE);

	(void)state;
	ev.presence.show = SHOW_DND;
	feeds(&ev);
	ev.from.bare = ALICE;
	feeds(&ev);
	assert_quiet(60000);
	assert_shows("Desk phone", "on");
	assert_shows("laptop", "on");
}

static void
at_the_domain_a_hint_is_of_a_client_and_for_the_domain_itself(void **state)
{
	struct event ev = presence(ALICE, "laptop", PRESENCE_AVAILABLE);
	uint64_t before = stats().strangers;

	(void)state;
	ev.presence.show = SHOW_DND;
	ev.to.bare = DOMAIN;
	ev.to.resource = "x";
	feeds(&ev);
	ev.to.resource = NULL;
	ev.presence.type = PRESENCE_PROBE;
	feeds(&ev);
	ev.presence.type = PRESENCE_AVAILABLE;
	ev.from.resource = NULL;
	feeds(&ev);
	assert_int_equal(stats().strangers, before + 3);
	assert_quiet(60000);
}

static void
who_leaves_is_not_heard_any_more(void **state)
{
	uint64_t before;

	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, -1);
	ends(ALICE);
	before = stats().strangers;
	hints(ALICE "/laptop", "dnd");
	assert_int_equal(stats().strangers, before + 1);
	says(ALICE "/laptop", "dnd");
	writes(ALICE "/laptop", "Hello?");
	runs(ALICE "/laptop", "link", "jid", BOB, NULL);
	fails_with("not enrolled");
	runs(ALICE "/laptop", "enrol", NULL);
	fails_with("just leaving");
	assert_null(registry_device(ALICE, BOB));
}

static void
unreachable_is_said_once_and_only_of_who_is_shown(void **state)
{
	(void)state;
	links("carol@work.test", "Carol's");
	unreachable("carol@work.test");
	assert_quiet(60000);
	unreachable(DESK);
	assert_publishes("Desk phone", "on");
	unreachable(DESK);
	assert_quiet(60000);
}

/* Kinds */

static void
an_answer_about_a_kind_may_come_to_nothing(void **state)
{
	struct event refused, gone, same;

	(void)state;
	reacts(ACTION_INFO_GET, HOLDS, -1);
	says(DESK "/one", "on");
	refused = answer_to(iq_last(ACTION_INFO_GET), COND_SERVICE_UNAVAILABLE);
	refused.answer.category = "client";
	refused.answer.type = "phone";
	says(DESK "/two", "on");
	same = answer_to(iq_last(ACTION_INFO_GET), COND_NONE);
	same.answer.category = "client";
	same.answer.type = "other";
	says(DESK "/three", "on");
	gone = answer_to(iq_last(ACTION_INFO_GET), COND_NONE);
	gone.answer.category = "client";
	gone.answer.type = "phone";
	behaves();
	feeds(&refused);
	feeds(&same);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
	ends(DESK);
	passes(1000);
	catch_up();
	feeds(&gone);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
	assert_quiet(60000);
}

static void
the_kind_of_a_device_that_has_not_agreed_is_published_with_it(void **state)
{
	struct event ev;

	(void)state;
	links("carol@work.test", "Carol's");
	reacts(ACTION_INFO_GET, HOLDS, 1);
	says("carol@work.test/phone", "on");
	ev = answer_to(iq_last(ACTION_INFO_GET), COND_NONE);
	ev.answer.category = "client";
	ev.answer.type = "phone";
	feeds(&ev);
	assert_quiet(60000);
	assert_int_equal(registry_device(ALICE, "carol@work.test")->kind, KIND_MOBILE);
}

/* Grants */

static void
the_same_grant_again_is_no_news(void **state)
{
	unsigned before = iq_count(ACTION_INFO_GET);

	(void)state;
	grant(GRANT_ALL);
	assert_quiet(60000);
	assert_int_equal(iq_count(ACTION_INFO_GET), before);
	/* Each part of it is one. */
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	grant(GRANT_ALL & ~GRANT_OWNER);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
}

static void
a_grant_of_the_first_version_has_no_requests_in_it(void **state)
{
	(void)state;
	link_up();
	grant_by("home.test", DOMAIN, GRANT_ROSTER | GRANT_MESSAGE, 1);
	assert_logged("advice");
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
}

static void
a_server_without_a_name_is_not_relied_on(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	reacts(ACTION_INFO_GET, HOLDS, 1);
	link_up();
	grant(GRANT_ALL);
	ev = answer_to(iq_last(ACTION_INFO_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_INFO;
	feeds(&ev);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
}

/* Commands */

static void
a_link_is_made_once(void **state)
{
	(void)state;
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("linked already");
	assert_int_equal(messages_sent(DESK), 0);
	/* Bob may show the same account, and somebody who is enrolled may be a device of another. */
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(DESK, "Alice's phone");
	links(ALICE, "Alice");
	assert_int_equal(registry_device(BOB, ALICE)->state, LINK_REQUESTED);
}

static void
a_command_without_its_field_chooses_nothing(void **state)
{
	(void)state;
	runs(ALICE "/laptop", "unlink", "label", "Desk phone", NULL);
	fails_with("no such device");
	runs(ALICE "/laptop", "edit", "label", "Office", NULL);
	fails_with("no such device");
	/* Of a resource there is nothing to unlink. */
	runs(ALICE "/laptop", "unlink", "device", device_id("laptop"), NULL);
	fails_with("no such device");
}

static void
who_is_named_must_be_who_asked(void **state)
{
	(void)state;
	links("carol@work.test", "Carol's");
	runs("carol@work.test/x", "confirm", "account", BOB, NULL);
	assert_false(registry_device(ALICE, "carol@work.test")->confirmed);
	runs("carol@work.test/x", "confirm", "account", ALICE, NULL);
	succeeds();
	assert_true(registry_device(ALICE, "carol@work.test")->confirmed);
}

static void
a_session_of_an_account_is_not_that_of_its_clients(void **state)
{
	const char *session;

	(void)state;
	runs(ALICE, "link", NULL);
	session = reply.sessionid;
	runs_session(ALICE "/laptop", "link", session, COMMAND_COMPLETE, "jid", BOB, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE, "link", session, COMMAND_COMPLETE, "jid", BOB, NULL);
	succeeds();
}

static void
the_oldest_session_makes_room_for_a_third(void **state)
{
	const char *first, *second, *third;

	(void)state;
	runs(ALICE "/laptop", "link", NULL);
	first = reply.sessionid;
	passes(1000);
	runs(ALICE "/laptop", "link", NULL);
	second = reply.sessionid;
	passes(1000);
	runs(ALICE "/laptop", "link", NULL);
	third = reply.sessionid;
	runs_session(ALICE "/laptop", "link", first, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	runs_session(ALICE "/laptop", "link", third, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
	runs_session(ALICE "/laptop", "link", second, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
}

static void
an_odd_word_of_a_device_that_is_shown_is_not_answered(void **state)
{
	(void)state;
	forget_sent();
	writes(DESK "/phone", "maybe");
	assert_int_equal(emissions(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(her_own_account_may_ask_for_the_bridges_presence_and_gets_none),
		TEST_LINKED(words_that_end_nothing_change_nothing),
		TEST_LINKED(no_error_ends_consent),
		TEST_LINKED(consent_that_is_given_again_is_nothing_new),
		TEST_LINKED(an_account_itself_is_not_available_only_its_clients_are),
		TEST_LINKED(at_the_domain_a_hint_is_of_a_client_and_for_the_domain_itself),
		TEST_LINKED(who_leaves_is_not_heard_any_more),
		TEST_LINKED(unreachable_is_said_once_and_only_of_who_is_shown),
		TEST_LINKED(an_answer_about_a_kind_may_come_to_nothing),
		TEST_LINKED(the_kind_of_a_device_that_has_not_agreed_is_published_with_it),
		TEST_LINKED(the_same_grant_again_is_no_news),
		TEST(a_grant_of_the_first_version_has_no_requests_in_it),
		TEST(a_server_without_a_name_is_not_relied_on),
		TEST_LINKED(a_link_is_made_once),
		TEST_LINKED(a_command_without_its_field_chooses_nothing),
		TEST_LINKED(who_is_named_must_be_who_asked),
		TEST_LINKED(a_session_of_an_account_is_not_that_of_its_clients),
		TEST_LINKED(the_oldest_session_makes_room_for_a_third),
		TEST_LINKED(an_odd_word_of_a_device_that_is_shown_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
