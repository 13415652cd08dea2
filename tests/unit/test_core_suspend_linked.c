/* A linked account whose approval is refuted is suspended alone: what that is, and how it comes back. */
#include <string.h>

#include "claims_fixture.h"

static void
without_the_bridge_in_its_roster_it_alone_is_suspended(void **state)
{
	(void)state;
	desk_is_suspended();
	assert_shows("Desk phone", "absent");
	assert_shows("laptop", "on");
	assert_not_logged("user.suspended");
	assert_string_equal(logged_last("device.suspended", "account"), DESK);
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(strstr(reply.rows, "suspended"));
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_not_equal(registry_device(ALICE, DESK)->suspended_ms, 0);
	/* It is not asked for anything, now or on a later stream. */
	forget_sent();
	says_to(DESK "/phone", bridge(), "chat");
	passes(1300000);
	link_down();
	link_up();
	both_grant();
	says(ALICE "/laptop", "on");
	says_to(DESK "/phone", bridge(), "chat");
	passes(1300000);
	grant_by("work.test", DOMAIN, 0, 2);
	says_to(DESK "/phone", bridge(), "dnd");
	passes(1300000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 0);
	assert_int_equal(messages_sent(DESK), 0);
	assert_shows("Desk phone", "absent");
}

static void
nor_is_it_after_a_restart(void **state)
{
	(void)state;
	desk_is_suspended();
	restart();
	forget_sent();
	link_up();
	both_grant();
	passes(1000);
	catch_up();
	answers(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "absent");
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 0);
}

/* Nothing of it is shown, and it isn't asked: who waits for it waits in vain. */
static void
nobody_waits_for_it(void **state)
{
	(void)state;
	desk_is_suspended();
	restart();
	catch_up();
	link_up();
	both_grant();
	passes(1000);
	answers(ALICE "/laptop", "away");
	passes(3000);
	assert_shows("laptop", "away");
}

static void
who_links_it_again_is_told_how_that_can_be(void **state)
{
	(void)state;
	desk_is_suspended();
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Again", NULL);
	fails_with("unlink it first");
}

/* As any end: in case the program ends before it is published. */
static void
that_it_is_to_go_is_in_her_row(void **state)
{
	(void)state;
	comes_back();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	passes(5000);
	registry_is(REGISTRY_WAITS);
	reacts(ACTION_PUBLISH, SILENCE, -1);
	passes(65000);
	assert_int_equal(times_logged("device.suspended"), 1);
	crash_after_writes(1);
	assert_int_not_equal(registry_user(ALICE)->owes, 0);
}

static void
it_is_back_by_itself(void **state)
{
	unsigned i;

	(void)state;
	desk_is_suspended();
	server_subscribes(DESK, ALICE_BRIDGE, true);
	forget_sent();
	for (i = 0; i < 3600 && times_logged("device.resumed") == 0; i++)
		passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	catch_up();
	answers(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(messages_sent(DESK), 0);
	assert_int_equal(registry_device(ALICE, DESK)->suspended_ms, 0);
}

/* Nothing was said to it while it was suspended, also after another start. */
static void
what_an_earlier_version_let_it_see_is_taken_back_then(void **state)
{
	unsigned i;

	(void)state;
	desk_is_suspended();
	registry_is_of_an_earlier_version();
	comes_back();
	passes(60000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	server_subscribes(DESK, ALICE_BRIDGE, true);
	for (i = 0; i < 3600 && times_logged("device.resumed") == 0; i++)
		passes(1000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
}

static void
who_has_its_name_now_is_not_told_whose_device_it_was(void **state)
{
	(void)state;
	runs(DESK "/phone", "devices", NULL);
	assert_non_null(strstr(reply.rows, ALICE));
	desk_is_suspended();
	runs(DESK "/newcomer", "devices", NULL);
	assert_true(reply.rows == NULL || strstr(reply.rows, ALICE) == NULL);
}

static void
after_seven_days_the_link_has_ended(void **state)
{
	(void)state;
	desk_is_suspended();
	passes(UINT64_C(7) * 24 * 60 * 60 * 1000 + 120000);
	assert_logged("device.lapsed");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(registry_users(), 1);
}

static void
that_it_is_suspended_is_written_when_that_can_be(void **state)
{
	(void)state;
	comes_back();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	registry_is(REGISTRY_FAILS);
	passes(70000);
	assert_logged("device.suspended");
	assert_int_equal(registry_device(ALICE, DESK)->suspended_ms, 0);
	registry_is(REGISTRY_WORKS);
	passes(11000);
	assert_int_not_equal(registry_device(ALICE, DESK)->suspended_ms, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(without_the_bridge_in_its_roster_it_alone_is_suspended),
		TEST_LINKED(nor_is_it_after_a_restart),
		TEST_LINKED(nobody_waits_for_it),
		TEST_LINKED(who_links_it_again_is_told_how_that_can_be),
		TEST_LINKED(that_it_is_to_go_is_in_her_row),
		TEST_LINKED(it_is_back_by_itself),
		TEST_LINKED(what_an_earlier_version_let_it_see_is_taken_back_then),
		TEST_LINKED(who_has_its_name_now_is_not_told_whose_device_it_was),
		TEST_LINKED(after_seven_days_the_link_has_ended),
		TEST_LINKED(that_it_is_suspended_is_written_when_that_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
