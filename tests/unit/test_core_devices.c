/* Devices and their resources: stale, back again, worse and better, in any order. */
#include "core_fixture.h"

static const struct shown *
desk_phone(void)
{
	return device_in(last_published(ALICE, NODE_DEVICES), "Desk phone");
}

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
}

static void
a_device_whose_server_is_there_again_and_silent_is_offline(void **state)
{
	(void)state;
	unreachable(DESK);
	assert_publishes("Desk phone", "on");
	assert_true(desk_phone()->stale);
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	passes(60000);
	assert_shows("Desk phone", "off");
	assert_false(desk_phone()->stale);
}

static void
a_device_that_is_said_to_be_off_is_not_stale(void **state)
{
	(void)state;
	unreachable(DESK);
	assert_publishes("Desk phone", "on");
	is_gone(DESK);
	assert_publishes("Desk phone", "off");
	assert_false(desk_phone()->stale);
}

static void
a_resource_that_is_back_stays(void **state)
{
	(void)state;
	says(ALICE "/laptop", "off");
	passes(300000);
	says(ALICE "/laptop", "on");
	passes(600000);
	assert_shows("laptop", "on");
}

static void
the_best_resource_speaks_for_its_device(void **state)
{
	(void)state;
	says(DESK "/phone", "dnd");
	says(DESK "/mobile", "chat");
	passes(5000);
	assert_true(desk_phone()->preferred);
	says(DESK "/mobile", "xa");
	passes(5000);
	assert_false(desk_phone()->preferred);
}

static void
resources_in_another_order_are_the_same(void **state)
{
	(void)state;
	says(DESK "/mobile", "away");
	passes(5000);
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/mobile", "away");
	says(DESK "/phone", "on");
	assert_quiet(60000);
	restart();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	says(DESK "/mobile", "away");
	assert_quiet(60000);
}

static void
a_guess_that_comes_late_does_not_replace_the_users_word(void **state)
{
	(void)state;
	client_is(ALICE "/tablet", "pc");
	reacts(ACTION_INFO_GET, HOLDS, 1);
	says(ALICE "/tablet", "on");
	passes(1000);
	runs(ALICE "/laptop", "edit", "device", device_id("tablet"), "kind", "tablet", NULL);
	succeeds();
	released();
	passes(60000);
	assert_int_equal(device_in(last_published(ALICE, NODE_DEVICES), "tablet")->kind, KIND_TABLET);
}

/* The clock that drives all deadlines never decreases, whatever the caller says (F14). */
static void
a_clock_that_goes_back_moves_no_deadline(void **state)
{
	(void)state;
	says(ALICE "/laptop", "on"); /* which is nothing new, but the time */
	clock_jumps(-30000);
	says(ALICE "/laptop", "away");
	clock_jumps(30000);
	says(ALICE "/laptop", "dnd");
	assert_int_equal(publishes(), 0);
	passes(300);
	assert_int_equal(publishes(), 1);
}

static void
what_debug_lines_tell_is_for_who_asks(void **state)
{
	(void)state;
	settings.debug = false;
	configures();
	has_enrolled(GRANT_ALL);
	assert_not_logged("published");
	settings.debug = true;
	configures();
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_logged("published");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_device_whose_server_is_there_again_and_silent_is_offline),
		TEST_LINKED(a_device_that_is_said_to_be_off_is_not_stale),
		TEST_LINKED(a_resource_that_is_back_stays),
		TEST_LINKED(the_best_resource_speaks_for_its_device),
		TEST_LINKED(resources_in_another_order_are_the_same),
		TEST_LINKED(a_guess_that_comes_late_does_not_replace_the_users_word),
		TEST_LINKED(a_clock_that_goes_back_moves_no_deadline),
		TEST(what_debug_lines_tell_is_for_who_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
