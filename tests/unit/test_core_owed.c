/* What is still to go from a node is in the registry: a start after a crash goes on with it at once. */
#include "core_fixture.h"

/* It has ended, and the program ends before that is published, with others whose state isn't known afterwards. */
static void
ended(bool published)
{
	links("dora@work.test", "Dora's");
	approves("dora@work.test");
	says_yes("dora@work.test");
	says("dora@work.test/m", "on");
	passes(60000);
	assert_shows("Desk phone", "on");
	if (!published)
		reacts(ACTION_PUBLISH, SILENCE, -1);
	ends(DESK);
	if (published)
		passes(60000);
	behaves();
	restart();
	catch_up();
	forget_sent();
}

static void
comes_back_unknown(void)
{
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_up();
	grant(GRANT_ALL);
	passes(5000);
}

static void
what_has_ended_before_a_crash_goes_right_after_the_start(void **state)
{
	(void)state;
	ended(false);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "on");
	comes_back_unknown();
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	assert_non_null(device_in(node_item(ALICE, NODE_DEVICES), "Dora's"));
}

/* It has gone: nobody has to hurry, and nobody is shown as stale for that. */
static void
what_had_gone_before_it_makes_no_haste(void **state)
{
	(void)state;
	ended(true);
	assert_int_equal(registry_user(ALICE)->owes, 0);
	comes_back_unknown();
	assert_int_equal(publishes(), 0);
}

/* An item of nothing, for the moment that her clients take to answer, would show her as gone. */
static void
but_not_before_her_clients_can_have_answered(void **state)
{
	(void)state;
	ended(false);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_up();
	grant(GRANT_ALL);
	passes(500);
	assert_int_equal(publishes(), 0);
	answers(ALICE "/laptop", "on");
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
}

/* Of the rows that the end, or the hiding, makes the crash leaves the first N: with the first of all it is owed. */
static void
is_owed_with_the_row(bool hides)
{
	registry_is(REGISTRY_WAITS);
	if (hides)
		runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "hidden", NULL);
	else
		ends(DESK);
	crash_after_writes(1);
	assert_int_not_equal(registry_user(ALICE)->owes, 0);
}

static void
an_end_is_owed_with_its_row(void **state)
{
	(void)state;
	is_owed_with_the_row(false);
}

static void
so_is_what_is_hidden(void **state)
{
	(void)state;
	is_owed_with_the_row(true);
}

/* It is shown, and hidden again before that is written: published in between, it is to go all the same. */
static void
so_is_what_is_hidden_while_it_is_published(void **state)
{
	(void)state;
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "hidden", NULL);
	passes(60000);
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "contacts", NULL);
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "hidden", NULL);
	registry_writes(2);
	passes(5000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "on");
	/* Behind its row, and the notes of both nodes. */
	runs(ALICE "/x", "edit", "device", device_id("laptop"), "label", "My laptop", NULL);
	crash_after_writes(4);
	assert_int_equal(registry_device(ALICE, DESK)->visibility, VISIBLE_HIDDEN);
	assert_int_not_equal(registry_user(ALICE)->owes, 0);
}

/* Nor is anything owed for ever that could not be written. */
static void
but_not_what_could_not_be_hidden(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "hidden", NULL);
	registry_writes(1);
	passes(60000);
	write_fails();
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_device(ALICE, DESK)->visibility, VISIBLE_CONTACTS);
	assert_int_equal(registry_user(ALICE)->owes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(what_has_ended_before_a_crash_goes_right_after_the_start),
		TEST_LINKED(what_had_gone_before_it_makes_no_haste),
		TEST_LINKED(but_not_before_her_clients_can_have_answered),
		TEST_LINKED(an_end_is_owed_with_its_row),
		TEST_LINKED(so_is_what_is_hidden),
		TEST_LINKED(so_is_what_is_hidden_while_it_is_published),
		TEST_LINKED(but_not_what_could_not_be_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
