/* What is not to be seen any more goes at once, whatever makes other changes wait: rates, errors, a slow server. */
#include <stdio.h>

#include "core_fixture.h"
#include "urgent_fixture.h"

static void
a_full_bucket_does_not_hold_it_up(void **state)
{
	unsigned i;

	(void)state;
	has_a_cell();
	for (i = 0; i < 40; i++) {
		says(DESK "/phone", i % 2 == 0 ? "away" : "on");
		passes(300);
	}
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(100);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
}

static void
rates_hold_all_the_same(void **state)
{
	const char *ids[2];
	unsigned i;

	(void)state;
	has_a_cell();
	ids[0] = device_id("Desk phone");
	ids[1] = device_id("Cell");
	for (i = 0; i < 300; i++) {
		runs(ALICE "/x", "edit", "device", ids[i % 2], "visibility", "contacts", NULL);
		runs(ALICE "/x", "edit", "device", ids[(i + 1) % 2], "visibility", "hidden", NULL);
		passes(200);
	}
	/* A minute: both bursts, then one in two seconds. */
	assert_in_range(publishes(), 30 + settings.burst, 30 + settings.burst + 8);
	runs(ALICE "/x", "edit", "device", ids[0], "visibility", "hidden", NULL);
	runs(ALICE "/x", "edit", "device", ids[1], "visibility", "hidden", NULL);
	passes(settings.rate_ms);
	assert_shows("Desk phone", "absent");
	assert_shows("Cell", "absent");
}

static void
an_earlier_error_does_not_hold_it_up(void **state)
{
	(void)state;
	has_a_cell();
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	says(DESK "/phone", "away");
	passes(120000); /* tried ever more seldom */
	behaves();
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(100);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
}

static void
nor_does_what_was_too_big(void **state)
{
	(void)state;
	has_a_cell();
	fails(ACTION_PUBLISH, COND_NOT_ACCEPTABLE, APP_PAYLOAD_TOO_BIG, 1);
	says(DESK "/phone", "away");
	passes(2000);
	assert_int_equal(stats().blocked, 1);
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(100);
	assert_int_equal(publishes(), 1);
	assert_int_equal(stats().blocked, 0);
}

static void
an_error_of_its_own_is_tried_again_as_urgently(void **state)
{
	(void)state;
	has_a_cell();
	starts_anew();
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 2);
	edits("Desk phone", "visibility", "hidden");
	passes(5000); /* a second, then two */
	assert_int_equal(publishes(), 3);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
}

static void
so_is_what_was_lost_with_the_link(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	reacts(ACTION_PUBLISH, SILENCE, -1);
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(publishes(), 1);
	link_down();
	behaves();
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
}

static void
so_is_the_private_node_that_was_to_follow(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	reacts(ACTION_PUBLISH, HOLDS, 1);
	edits("Desk phone", "visibility", "hidden");
	passes(100);
	link_takes(0);
	release_first();
	link_down();
	link_takes((unsigned)-1);
	assert_non_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
	link_up();
	grant(GRANT_ALL);
	passes(SOON);
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
}

/* The burst of what is urgent is its own. */
static void
what_was_urgent_is_not_so_for_ever(void **state)
{
	unsigned i;

	(void)state;
	has_a_cell();
	edits("Desk phone", "visibility", "hidden");
	passes(60000);
	catch_up();
	for (i = 0; i < 40; i++) {
		says(CELL "/m", i % 2 == 0 ? "away" : "on");
		passes(300);
	}
	assert_in_range(publishes(), settings.burst, settings.burst + 12000 / settings.rate_ms + 1);
}

static void
a_private_node_that_was_refused_does_not_hold_it_up(void **state)
{
	(void)state;
	has_a_cell();
	edits("Desk phone", "visibility", "self");
	passes(5000);
	/* Nobody may publish there for a while. */
	grant(GRANT_ALL & ~(GRANT_PUBSUB | GRANT_OWNER));
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, false);
	says(CELL "/m", "dnd");
	passes(5000);
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, true);
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
}

/* The private node follows each publish; what has to go from the public one meanwhile overtakes it. */
static void
nor_does_a_private_node_that_has_to_follow(void **state)
{
	(void)state;
	has_a_cell();
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(CELL "/m", "dnd");
	passes(1000);
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	reacts(ACTION_PUBLISH, SILENCE, -1); /* which the private node might wait for */
	release_first();
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	behaves();
	passes(60000);
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Cell"), "dnd");
}

/* But not when its own burst is used up as well. */
static void
a_private_node_follows_in_between(void **state)
{
	const char *ids[2];
	unsigned i;

	(void)state;
	has_a_cell();
	ids[0] = device_id("Desk phone");
	ids[1] = device_id("Cell");
	for (i = 0; i == 0 || publishes() > 0; i++) {
		catch_up();
		runs(ALICE "/x", "edit", "device", ids[i % 2], "visibility", "contacts", NULL);
		runs(ALICE "/x", "edit", "device", ids[(i + 1) % 2], "visibility", "hidden", NULL);
		passes(1);
	}
	assert_in_range(i, settings.burst, settings.burst + 10);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	while (publishes() == 0)
		passes(50);
	runs(ALICE "/x", "edit", "device", ids[(i - 1) % 2], "visibility", "hidden", NULL);
	released();
	assert_int_equal(publishes(), 1);
	assert_int_equal(publishes_private(), 1);
	passes(settings.rate_ms);
	assert_int_equal(publishes(), 2);
	assert_shows("Desk phone", "absent");
	assert_shows("Cell", "absent");
}

static void
it_goes_before_all_who_wait_for_a_slow_server(void **state)
{
	char jid[64], full[80];
	unsigned i;

	(void)state;
	has_a_cell();
	for (i = 0; i < 50; i++) {
		snprintf(jid, sizeof(jid), "user%u@home.test", i);
		user_is(kept(jid));
		enrols(kept(jid));
		approves(kept(jid));
	}
	passes(60000);
	user_is(ALICE);
	says(DESK "/phone", "away");
	passes(20000);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (i = 0; i < 50; i++) {
		snprintf(jid, sizeof(jid), "user%u@home.test", i);
		snprintf(full, sizeof(full), "%s/x", jid);
		user_is(kept(jid));
		says(kept(full), "on");
	}
	user_is(ALICE);
	passes(100);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_shows("Desk phone", "away");
	catch_up(); /* the window is full, and she is the last of many */
	edits("Desk phone", "visibility", "hidden");
	release_first();
	passes(0);
	assert_int_equal(publishes(), 1);
	assert_string_equal(iq_last(ACTION_PUBLISH)->owner, ALICE);
	assert_shows("Desk phone", "absent");
	behaves();
	released();
	passes(60000);
	assert_string_equal(state_in(node_item("user0@home.test", NODE_DEVICES), "x"), "on");
	assert_string_equal(state_in(node_item("user49@home.test", NODE_DEVICES), "x"), "on");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_full_bucket_does_not_hold_it_up),
		TEST_LINKED(rates_hold_all_the_same),
		TEST_LINKED(an_earlier_error_does_not_hold_it_up),
		TEST_LINKED(nor_does_what_was_too_big),
		TEST_LINKED(an_error_of_its_own_is_tried_again_as_urgently),
		TEST_LINKED(so_is_what_was_lost_with_the_link),
		TEST_LINKED(so_is_the_private_node_that_was_to_follow),
		TEST_LINKED(what_was_urgent_is_not_so_for_ever),
		TEST_LINKED(a_private_node_that_was_refused_does_not_hold_it_up),
		TEST_LINKED(nor_does_a_private_node_that_has_to_follow),
		TEST_LINKED(a_private_node_follows_in_between),
		TEST_LINKED(it_goes_before_all_who_wait_for_a_slow_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
