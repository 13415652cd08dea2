/* What is not to be seen any more goes at once, before all is known: what then is said of the others. */
#include <stdio.h>

#include "core_fixture.h"
#include "urgent_fixture.h"

static const struct shown *
shown(const char *label)
{
	return device_in(last_published(ALICE, NODE_DEVICES), label);
}

static const struct shown *
shown_privately(const char *label)
{
	return device_in(last_published(ALICE, NODE_DEVICES_PRIVATE), label);
}

static void
a_device_is_hidden_while_another_has_not_answered(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	assert_int_equal(publishes_private(), 1);
	assert_null(shown_privately("Desk phone"));
	/* The others are what they were, which may not be so any more. */
	assert_shows("Cell", "on");
	assert_true(shown("Cell")->stale);
	assert_shows("laptop", "on");
	assert_true(shown("laptop")->stale);
	assert_true(shown_privately("Cell")->stale);
	/* And what they are as soon as they say so. */
	catch_up();
	says(CELL "/m", "away");
	assert_publishes("Cell", "away");
	assert_false(shown("Cell")->stale);
	assert_true(shown("laptop")->stale);
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	assert_false(shown("laptop")->stale);
	assert_shows("Desk phone", "absent");
}

/* A second one of it had fallen silent before: that isn't shown, and so puts nothing in doubt. */
static void
what_is_not_shown_is_in_no_doubt(void **state)
{
	(void)state;
	has_a_cell();
	says(CELL "/n", "dnd");
	passes(60000);
	catch_up();
	link_down();
	comes_back();
	unreachable(CELL);
	passes(60000);
	catch_up();
	link_down();
	passes(10000); /* her roster has just been read */
	comes_back();
	says(CELL "/m", "on");
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_shows("Cell", "on");
	assert_false(shown("Cell")->stale);
	assert_true(shown("laptop")->stale);
}

/* Its server has just restarted, and says of accounts whose clients are on their way back that they are not there. */
static void
who_was_out_of_reach_and_is_on_the_way_back_is_not_called_gone(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	unreachable(CELL);
	unreachable(ALICE);
	passes(60000);
	catch_up();
	link_down();
	comes_back();
	is_gone(CELL);
	is_gone(ALICE);
	catch_up();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_shows("Cell", "on");
	assert_true(shown("Cell")->stale);
	assert_shows("laptop", "on");
	assert_true(shown("laptop")->stale);
	passes(60000);
	assert_shows("Cell", "off");
	assert_shows("laptop", "off");
}

static void
comes_back_where_we_deliver(void)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	has_a_cell();
	link_down();
	comes_back();
	forget_sent();
}

/* What contacts are told is what the server has, and nothing of it when something newer is to come. */
static void
contacts_are_told_though_something_changes_meanwhile(void **state)
{
	(void)state;
	comes_back_where_we_deliver();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	edits("Desk phone", "visibility", "hidden");
	says(ALICE "/laptop", "away");
	released();
	passes(SOON);
	assert_true(events_to(BOB, NULL) > 0);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "absent");
	assert_string_equal(state_in(last_event(BOB), "laptop"), "away");
}

static void
the_next_stream_begins_as_any_other(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	link_down();
	catch_up();
	link_up();
	grant(GRANT_ALL);
	says(CELL "/m", "away");
	assert_quiet(SOON);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_publishes("Cell", "away");
	assert_false(shown("laptop")->stale);
}

static void
right_after_a_start_nobody_is_called_unavailable(void **state)
{
	(void)state;
	has_a_cell();
	edits("laptop", "label", "Notebook"); /* which gives it a row */
	passes(5000);
	catch_up();
	starts_anew();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	assert_shows("Cell", "off");
	assert_true(shown("Cell")->stale); /* which reads unknown */
	assert_true(shown("Notebook")->stale);
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->expires_ms, 0);
	/* Silence until the end of the wait is an answer. */
	says(ALICE "/laptop", "on");
	passes(40000);
	assert_shows("Cell", "off");
	assert_false(shown("Cell")->stale);
	assert_shows("Notebook", "on");
	assert_false(shown("Notebook")->stale);
}

static void
nor_who_is_said_to_be_on_the_way_back(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	comes_back();
	is_gone(CELL); /* as a server says that has just restarted */
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_shows("Cell", "on");
	assert_true(shown("Cell")->stale);
}

static void
what_has_been_heard_on_this_stream_is_shown_as_it_is(void **state)
{
	(void)state;
	has_a_cell();
	edits("laptop", "label", "Notebook");
	passes(5000);
	catch_up();
	starts_anew();
	says(ALICE "/laptop", "away");
	says(ALICE "/tablet", "on");
	edits("Desk phone", "visibility", "self");
	passes(SOON);
	assert_shows("Notebook", "away");
	assert_false(shown("Notebook")->stale);
	assert_shows("tablet", "on");
	assert_false(shown("tablet")->stale);
	assert_true(shown("tablet")->preferred);
	assert_true(shown("Cell")->stale);
	says(ALICE "/laptop", "off"); /* by name: that is so */
	edits("tablet", "visibility", "hidden");
	passes(SOON);
	assert_shows("Notebook", "off");
	assert_false(shown("Notebook")->stale);
}

static void
telling_fewer_goes_at_once_as_well(void **state)
{
	(void)state;
	has_a_cell();
	starts_anew();
	edits("Desk phone", "visibility", "self");
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	/* That it is still to be seen there is no reason to hurry. */
	assert_int_equal(publishes_private(), 0);
}

static void
so_does_turning_text_off(void **state)
{
	(void)state;
	has_a_cell();
	edits("Desk phone", "status-text", "1");
	passes(5000);
	assert_shows("Desk phone", "dnd(on the phone)");
	catch_up();
	starts_anew();
	edits("Desk phone", "status-text", "0");
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "dnd");
	/* And stays off. */
	says_text(DESK "/phone", "dnd", "on the phone again");
	passes(40000);
	assert_shows("Desk phone", "dnd");
}

static void
so_does_an_end(void **state)
{
	(void)state;
	has_a_cell();
	starts_anew();
	ends(DESK);
	passes(SOON);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	assert_true(shown("Cell")->stale);
}

static void
so_do_contacts_who_are_not_to_see_the_node_any_more(void **state)
{
	(void)state;
	has_a_cell();
	settings.access = ACCESS_WHITELIST;
	starts_anew();
	settings.access = ACCESS_PRESENCE;
	configures();
	passes(40000);
	catch_up();
	link_down();
	comes_back();
	settings.access = ACCESS_WHITELIST;
	configures();
	passes(SOON);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_true(publishes() > 0);
}

static void
also_what_was_narrowed_while_there_was_no_link(void **state)
{
	(void)state;
	has_a_cell();
	link_down();
	settings.access = ACCESS_WHITELIST;
	configures();
	link_up();
	grant(GRANT_ALL);
	passes(SOON);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_true(shown("Desk phone")->stale);
}

static void
telling_more_waits_as_it_did(void **state)
{
	(void)state;
	has_a_cell();
	edits("Desk phone", "visibility", "hidden");
	passes(5000);
	catch_up();
	starts_anew();
	edits("Desk phone", "visibility", "contacts");
	edits("Desk phone", "status-text", "1");
	edits("Cell", "label", "Pocket");
	assert_quiet(20000);
	passes(20000);
	assert_shows("Desk phone", "dnd(on the phone)");
	assert_shows("Pocket", "off");
}

static void
what_was_not_shown_is_no_reason_to_hurry(void **state)
{
	(void)state;
	has_a_cell();
	links("alice@fax.test", "Fax");
	edits("Cell", "visibility", "hidden");
	passes(5000);
	catch_up();
	starts_anew();
	writes("alice@fax.test/x", "no"); /* never agreed */
	ends(CELL);			  /* hidden */
	assert_quiet(20000);
}

static void
nor_is_it_in_a_node_that_nothing_was_put_into(void **state)
{
	(void)state;
	link_up();
	enrols(ALICE);
	approves(ALICE);
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	passes(60000);
	catch_up();
	restart();
	link_up();
	passes(5000);
	ends(DESK);
	assert_quiet(20000);
	assert_int_equal(stats().unsettled, 1);
}

static void
what_only_her_own_clients_saw_goes_from_their_node(void **state)
{
	(void)state;
	has_a_cell();
	edits("Desk phone", "visibility", "self");
	passes(5000);
	catch_up();
	starts_anew();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(publishes(), 0);
	assert_int_equal(publishes_private(), 1);
	assert_null(shown_privately("Desk phone"));
	assert_true(shown_privately("Cell")->stale);
}

/* What the other node holds is to be renewed, but not before all is known. */
static void
a_node_that_is_not_in_a_hurry_waits_as_it_did(void **state)
{
	(void)state;
	has_a_cell();
	edits("Desk phone", "visibility", "self");
	passes(5000);
	link_down();
	catch_up();
	passes((uint64_t)settings.expire_s * 600);
	comes_back();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(publishes(), 0);
	assert_int_equal(publishes_private(), 1);
	says(ALICE "/laptop", "on");
	passes(40000);
	assert_true(publishes() > 0);
	assert_shows("Cell", "off");
}

static void
contacts_are_told_at_once_where_we_deliver(void **state)
{
	(void)state;
	comes_back_where_we_deliver();
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "absent");
	assert_true(device_in(last_event(BOB), "Cell")->stale);
	says(CELL "/m", "on");
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_false(device_in(last_event(BOB), "Cell")->stale);
}

/* A greeting says what is acknowledged, which nothing has made stale. */
static void
who_signs_in_meanwhile_is_greeted_as_before(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	has_a_cell();
	passes(120000);
	link_down();
	passes(10000); /* her roster may just have been read */
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(PROVED);
	forget_sent();
	hints(BOB "/x", "on");
	passes(SOON);
	assert_int_equal(events_to(BOB, "x"), 1);
	assert_false(device_in(last_event(BOB), "Cell")->stale);
	/* Also when something went in haste on this stream. */
	edits("Desk phone", "visibility", "hidden");
	passes(SOON);
	assert_true(device_in(last_event(BOB), "Cell")->stale);
	passes(120000);
	link_down();
	passes(10000);
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(PROVED);
	forget_sent();
	hints(BOB "/y", "on");
	passes(SOON);
	assert_int_equal(events_to(BOB, "y"), 1);
	assert_false(device_in(last_event(BOB), "Cell")->stale);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_device_is_hidden_while_another_has_not_answered),
		TEST_LINKED(what_is_not_shown_is_in_no_doubt),
		TEST_LINKED(who_was_out_of_reach_and_is_on_the_way_back_is_not_called_gone),
		TEST(contacts_are_told_though_something_changes_meanwhile),
		TEST_LINKED(the_next_stream_begins_as_any_other),
		TEST_LINKED(right_after_a_start_nobody_is_called_unavailable),
		TEST_LINKED(nor_who_is_said_to_be_on_the_way_back),
		TEST_LINKED(what_has_been_heard_on_this_stream_is_shown_as_it_is),
		TEST_LINKED(telling_fewer_goes_at_once_as_well),
		TEST_LINKED(so_does_turning_text_off),
		TEST_LINKED(so_does_an_end),
		TEST_LINKED(so_do_contacts_who_are_not_to_see_the_node_any_more),
		TEST_LINKED(also_what_was_narrowed_while_there_was_no_link),
		TEST_LINKED(telling_more_waits_as_it_did),
		TEST_LINKED(what_was_not_shown_is_no_reason_to_hurry),
		TEST(nor_is_it_in_a_node_that_nothing_was_put_into),
		TEST_LINKED(what_only_her_own_clients_saw_goes_from_their_node),
		TEST_LINKED(a_node_that_is_not_in_a_hurry_waits_as_it_did),
		TEST(contacts_are_told_at_once_where_we_deliver),
		TEST(who_signs_in_meanwhile_is_greeted_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
