/* How it is over for one who is suspended: she is back, seven days have passed, or somebody else begins in her name. */
#include <string.h>

#include "core_fixture.h"
#include "suspend_fixture.h"

static void
waits_for(const char *event)
{
	unsigned i;

	for (i = 0; times_logged(event) == 0 && i < 3600; i++)
		passes(1000);
	assert_logged(event);
}

/* Back */

static void
when_the_storage_is_mended_all_is_as_before(void **state)
{
	(void)state;
	comes_back_without(NULL);
	storage_is_damaged(ALICE, true);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(70000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
	storage_is_damaged(ALICE, false);
	forget_sent();
	catch_up();
	waits_for("user.resumed");
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_shows("laptop", "on");
	/* No request, no question. */
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	assert_int_equal(messages_sent(DESK), 0);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	assert_quiet(120000);
}

static void
mended_while_the_program_was_away_she_is_back_after_its_start(void **state)
{
	(void)state;
	is_suspended_at_once();
	restart();
	server_subscribes(ALICE, bridge(), true);
	clock_jumps(INT64_C(8) * DAY_MS);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(3000);
	assert_logged("user.resumed");
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
}

static void
who_comes_back_is_seen_within_a_minute(void **state)
{
	(void)state;
	is_suspended_at_once();
	passes(5 * 60 * 60 * 1000);
	server_subscribes(ALICE, bridge(), true);
	says_to(ALICE "/laptop", bridge(), "on");
	passes(3000);
	assert_logged("user.resumed");
}

static void
a_component_that_was_off_for_eight_days_ends_nobody(void **state)
{
	(void)state;
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(600000);
	assert_not_logged("user.suspended");
	assert_shows("Desk phone", "on");
	assert_int_equal(registry_users(), 1);
}

/* The end */

static void
after_seven_days_it_is_over(void **state)
{
	(void)state;
	is_suspended_at_once();
	passes(UINT64_C(7) * DAY_MS - 120000);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 1);
	passes(240000);
	assert_logged("user.lapsed");
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
	assert_empty(ALICE);
}

static void
but_only_on_rosters_of_that_day(void **state)
{
	(void)state;
	is_suspended_at_once();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	passes(UINT64_C(9) * DAY_MS);
	assert_int_equal(registry_users(), 1);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(600000);
	assert_int_equal(registry_users(), 1);
	behaves();
	passes(UINT64_C(3) * 60 * 60 * 1000);
	assert_int_equal(registry_users(), 0);
}

/* The first roster of a stream may be one of many that are damaged. */
static void
and_on_more_than_one(void **state)
{
	(void)state;
	is_suspended_at_once();
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	link_up();
	grant(GRANT_ALL);
	passes(30000);
	assert_int_equal(registry_users(), 1);
	passes(120000);
	assert_int_equal(registry_users(), 0);
}

static void
a_clock_that_was_set_back_begins_the_days_anew(void **state)
{
	(void)state;
	is_suspended_at_once();
	clock_is_set(-INT64_C(90) * DAY_MS);
	passes(2 * 60 * 60 * 1000);
	assert_true(registry_user(ALICE)->suspended_ms <= wall_now());
	passes(UINT64_C(8) * DAY_MS);
	assert_int_equal(registry_users(), 0);
}

/* A machine without a battery begins in another century, and somebody is suspended before it knows better. */
static void
nor_does_one_that_was_set_forward_end_them(void **state)
{
	(void)state;
	is_suspended_at_once();
	clock_is_set(INT64_C(20000) * DAY_MS);
	passes(UINT64_C(6) * DAY_MS);
	assert_int_equal(registry_users(), 1);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(12 * 60 * 60 * 1000);
	assert_int_equal(registry_users(), 1);
	passes(UINT64_C(1) * DAY_MS);
	assert_int_equal(registry_users(), 0);
}

static void
who_ends_it_herself_leaves_at_once(void **state)
{
	(void)state;
	is_suspended_at_once();
	ends(ALICE);
	passes(10000);
	assert_int_equal(registry_users(), 0);
}

/* Somebody else */

static void
who_enrols_in_that_name_begins_with_nothing(void **state)
{
	(void)state;
	is_suspended_at_once();
	forget_sent();
	runs(ALICE "/newcomer", "enrol", NULL);
	passes(1000);
	succeeds();
	assert_true(strstr(reply.note, "You are enrolled.") != NULL);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(registry_devices(), 0);
	assert_false(registry_user(ALICE)->approved);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	approves(ALICE);
	says(ALICE "/newcomer", "on");
	says(DESK "/phone", "on");
	passes(5000);
	assert_shows("newcomer", "on");
	assert_shows("Desk phone", "absent");
	runs(ALICE "/newcomer", "devices", NULL);
	assert_null(strstr(reply.rows, DESK));
}

static void
without_a_registry_nobody_does(void **state)
{
	(void)state;
	is_suspended_at_once();
	registry_is(REGISTRY_FAILS);
	runs(ALICE "/newcomer", "enrol", NULL);
	passes(100);
	fails_with("as soon as it can be");
	passes(60000);
	assert_int_equal(registry_devices(), 1);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(registry_users(), 1);
	assert_false(registry_user(ALICE)->approved);
}

static void
until_then_commands_say_nothing_of_what_was(void **state)
{
	static const char *const commands[] = {"devices", "link", "edit", "unlink"};
	size_t i;

	(void)state;
	is_suspended_at_once();
	for (i = 0; i < 4; i++) {
		runs(ALICE "/newcomer", commands[i], NULL);
		fails_with("begins anew");
		assert_true(reply.rows == NULL || *reply.rows == '\0');
	}
	/* Nor with a form that nobody has asked for. */
	runs(ALICE "/newcomer", "devices", "x", "y", NULL);
	fails_with("begins anew");
	assert_true(reply.rows == NULL || *reply.rows == '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(when_the_storage_is_mended_all_is_as_before),
		TEST_LINKED(mended_while_the_program_was_away_she_is_back_after_its_start),
		TEST_LINKED(who_comes_back_is_seen_within_a_minute),
		TEST_LINKED(a_component_that_was_off_for_eight_days_ends_nobody),
		TEST_LINKED(after_seven_days_it_is_over),
		TEST_LINKED(but_only_on_rosters_of_that_day),
		TEST_LINKED(and_on_more_than_one),
		TEST_LINKED(a_clock_that_was_set_back_begins_the_days_anew),
		TEST_LINKED(nor_does_one_that_was_set_forward_end_them),
		TEST_LINKED(who_ends_it_herself_leaves_at_once),
		TEST_LINKED(who_enrols_in_that_name_begins_with_nothing),
		TEST_LINKED(without_a_registry_nobody_does),
		TEST_LINKED(until_then_commands_say_nothing_of_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
