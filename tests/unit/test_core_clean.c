/* What an earlier life may have left in the private node, of which no row tells: it goes, and holds nothing up. */
#include "core_fixture.h"

/* Alice has left while nothing could be published; her desk phone is still in the private node. */
static void
has_left_something(void)
{
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "on");
	fails(ACTION_PUBLISH, COND_FORBIDDEN, APP_NONE, -1);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(600000);
	assert_int_equal(registry_users(), 0);
	assert_logged("user.residue");
	behaves();
}

static void
is_back(void)
{
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(5000);
}

static void
is_back_and_it_is_still_there(void)
{
	has_left_something();
	fails(ACTION_RETRACT, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	is_back();
	assert_non_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
}

static void
what_an_earlier_life_left_in_the_private_node_goes(void **state)
{
	(void)state;
	has_left_something();
	is_back();
	passes(120000);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

static void
a_private_node_that_is_not_there_is_asked_for_once(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	assert_int_equal(iq_count(ACTION_RETRACT), 1);
	says(ALICE "/laptop", "away");
	passes(100000);
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "dnd");
	passes(100000);
	assert_shows("laptop", "dnd");
	assert_int_equal(iq_count(ACTION_RETRACT), 1);
}

static void
what_changes_while_the_private_node_is_cleaned_is_published(void **state)
{
	(void)state;
	reacts(ACTION_RETRACT, SILENCE, 1);
	has_enrolled(GRANT_ALL);
	passes(100000);
	links(DESK, "Desk phone");
	reacts(ACTION_RETRACT, HOLDS, 1);
	runs(ALICE "/laptop", "unlink", "device", device_id("Desk phone"), NULL);
	assert_int_equal(iq_count(ACTION_RETRACT), 2);
	says(ALICE "/laptop", "away");
	passes(1000);
	behaves();
	released();
	passes(5000);
	assert_shows("laptop", "away");
}

static void
a_private_node_that_did_not_answer_is_filled_without_another_change(void **state)
{
	(void)state;
	reacts(ACTION_RETRACT, SILENCE, 1);
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	passes(5000);
	assert_shows("Desk phone", "on");
	passes(120000);
	assert_non_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "on");
}

static void
a_node_that_could_not_be_emptied_is_emptied_later(void **state)
{
	(void)state;
	is_back_and_it_is_still_there();
	behaves();
	passes(120000);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
}

static void
nor_is_it_forgotten_when_nothing_else_takes_a_privilege(void **state)
{
	(void)state;
	is_back_and_it_is_still_there();
	restart();
	behaves();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	passes(100000);
	assert_shows("laptop", "away");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
}

static void
nor_when_the_privilege_is_silent_for_a_while(void **state)
{
	(void)state;
	is_back_and_it_is_still_there();
	restart();
	behaves();
	reacts(ACTION_RETRACT, SILENCE, -1);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	passes(60000);
	assert_shows("laptop", "away");
	assert_logged("privilege.refused");
	behaves();
	passes(120000);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
}

static void
nor_when_the_grant_is_late(void **state)
{
	(void)state;
	is_back_and_it_is_still_there();
	restart();
	behaves();
	link_up();
	says(ALICE "/laptop", "away");
	passes(120000);
	assert_shows("laptop", "away");
	assert_non_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	grant(GRANT_ALL);
	passes(5000);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
}

static void
whoever_comes_second_waits_for_the_first_trial(void **state)
{
	(void)state;
	is_back_and_it_is_still_there();
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/laptop", "on");
	passes(5000);
	restart();
	behaves();
	reacts(ACTION_RETRACT, HOLDS, 1);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	says(BOB "/laptop", "away");
	passes(40000);
	assert_int_equal(registry_users(), 2);
	assert_true(registry_user(ALICE)->digest[1] != 0);
	assert_true(registry_user(BOB)->digest[1] != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(what_an_earlier_life_left_in_the_private_node_goes),
		TEST(a_private_node_that_is_not_there_is_asked_for_once),
		TEST(what_changes_while_the_private_node_is_cleaned_is_published),
		TEST(a_private_node_that_did_not_answer_is_filled_without_another_change),
		TEST_LINKED(a_node_that_could_not_be_emptied_is_emptied_later),
		TEST_LINKED(nor_is_it_forgotten_when_nothing_else_takes_a_privilege),
		TEST_LINKED(nor_when_the_privilege_is_silent_for_a_while),
		TEST_LINKED(nor_when_the_grant_is_late),
		TEST_LINKED(whoever_comes_second_waits_for_the_first_trial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
