/* A node and other settings: what overtakes a repair, and who is blocked, or isn't any more. */
#include <string.h>

#include "core_fixture.h"

/* She lets us and forbids us in turn. */
static void
who_is_blocked_again_and_again_fills_no_log(void **state)
{
	unsigned i;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_a_desk_phone(0);
	for (i = 0; i < 30; i++) {
		node_publisher(ALICE, NODE_DEVICES, false);
		says(DESK "/phone", i % 2 != 0 ? "dnd" : "away");
		passes(5000);
		assert_int_equal(stats().blocked, 1);
		node_publisher(ALICE, NODE_DEVICES, true);
		passes(61000);
		assert_int_equal(stats().blocked, 0);
	}
	/* Three at once, and one in ten minutes: of each as many. */
	assert_in_range(times_logged("user.blocked"), 3, 7);
	assert_int_equal(times_logged("user.unblocked"), times_logged("user.blocked"));
	/* When it is so for long it is said all the same. */
	i = times_logged("user.blocked");
	node_publisher(ALICE, NODE_DEVICES, false);
	says(DESK "/phone", "on");
	passes(900000);
	assert_int_equal(times_logged("user.blocked"), i + 1);
}

/* The settings are others while it is repaired: it becomes what they say now, and not what they said. */
static void
is_overtaken(enum action_kind step)
{
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	reacts(step, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	settings.access = ACCESS_WHITELIST;
	configures();
	released();
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_not_logged("user.blocked");
}

static void
a_repair_that_other_settings_overtake_begins_again(void **state)
{
	(void)state;
	is_overtaken(ACTION_CONFIG_SET);
}

static void
also_when_it_is_about_to_end(void **state)
{
	(void)state;
	reacts(ACTION_CONFIG_GET, ANSWERS, 1);
	is_overtaken(ACTION_CONFIG_GET);
}

/* Where it couldn't be set right that is looked at again at once when it is to be another. */
static void
who_was_blocked_is_not_after_other_settings(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	configures();
	passes(60000);
	server.ignores_configure = true;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	says(ALICE "/laptop", "away");
	passes(120000);
	assert_int_equal(stats().blocked, 1);
	settings.access = ACCESS_PRESENCE;
	configures();
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(stats().blocked, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_blocked_again_and_again_fills_no_log),
		TEST_LINKED(a_repair_that_other_settings_overtake_begins_again),
		TEST_LINKED(also_when_it_is_about_to_end),
		TEST_LINKED(who_was_blocked_is_not_after_other_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
