/* What proves the approval of a linked account, whose roster its own host may grant, and what follows for it alone. */
#include <string.h>

#include "claims_fixture.h"

#define CAROL "carol@home.test"
#define CELL "alice@cell.test" /* on somebody else's server */

static void
a_linked_account_that_is_away_is_as_it_was(void **state)
{
	(void)state;
	comes_back();
	passes(31000);
	assert_shows("Desk phone", "off");
	catch_up();
	says_to(DESK "/phone", bridge(), "dnd");
	assert_publishes("Desk phone", "dnd");
	passes(600000);
	assert_not_logged("device.suspended");
}

static void
its_roster_is_read_when_it_doesn_t_answer(void **state)
{
	unsigned before;

	(void)state;
	comes_back();
	before = iq_count(ACTION_ROSTER_GET);
	passes(4000);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, DESK);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->from, DOMAIN);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	/* Once is enough, and nothing else is taken from it. */
	roster_has(DESK, CAROL, SUBSCRIPTION_BOTH, "Devices");
	passes(40000);
	assert_null(registry_device(ALICE, CAROL));
}

/* The first portion of the roster of the desk phone's account, with the bridge in it. */
static struct event
begins_to_come(void)
{
	static const struct roster_item item = {.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	unsigned before = iq_count(ACTION_ROSTER_GET);
	struct event ev;

	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	while (iq_count(ACTION_ROSTER_GET) == before)
		passes(100);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, DESK);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_ROSTER;
	ev.answer.extent = EXTENT_PORTION;
	ev.answer.roster.items = &item;
	ev.answer.roster.nitems = 1;
	feeds(&ev);
	return ev;
}

static void
one_that_breaks_off_is_no_proof(void **state)
{
	(void)state;
	comes_back();
	begins_to_come();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	passes(30000);
	catch_up();
	says_to(DESK "/phone", bridge(), "chat");
	passes(20000);
	assert_string_not_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat");
}

/* Bob has linked alice's own account: its roster tells of her too. */
static void
nor_for_her_whose_account_it_is(void **state)
{
	static const struct roster_item item = {.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	unsigned before, i;
	struct event ev;

	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	runs(BOB "/x", "link", "jid", ALICE, "label", "Hers", NULL);
	approves(ALICE);
	says_yes(ALICE);
	passes(5000);
	user_is(ALICE);
	restart();
	link_up();
	both_grant();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	before = iq_count(ACTION_ROSTER_GET);
	for (i = 0; i < 1000; i++) {
		passes(10);
		if (iq_count(ACTION_ROSTER_GET) == before || strcmp(iq_last(ACTION_ROSTER_GET)->to, ALICE) != 0)
			continue;
		before = iq_count(ACTION_ROSTER_GET);
		ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
		ev.answer.payload = PAYLOAD_ROSTER;
		ev.answer.extent = EXTENT_PORTION;
		ev.answer.roster.items = &item;
		ev.answer.roster.nitems = 1;
		feeds(&ev);
	}
	runs(ALICE "/laptop", "devices", NULL);
	fails_with("again in a moment");
	behaves();
	passes(120000);
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(strstr(reply.rows, DESK));
}

static void
where_it_is_too_large_it_has_to_answer_itself(void **state)
{
	struct event ev;

	(void)state;
	comes_back();
	ev = begins_to_come();
	ev.answer.extent = EXTENT_TOO_LARGE;
	ev.answer.ok = false;
	ev.answer.error = COND_RESOURCE_CONSTRAINT;
	ev.answer.roster.nitems = 0;
	feeds(&ev);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	passes(30000);
	catch_up();
	says_to(DESK "/phone", bridge(), "chat");
	passes(200000);
	assert_string_not_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat");
	answers(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
}

static void
so_it_has_where_it_blocks_us(void **state)
{
	(void)state;
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1);
	comes_back();
	answers(ALICE "/laptop", "on");
	says_to(DESK "/phone", bridge(), "chat");
	passes(200000);
	assert_string_not_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat");
	answers(DESK "/phone", "chat");
	passes(5000);
	assert_shows("Desk phone", "chat");
}

static void
or_its_roster_is_to_be_had_again(void **state)
{
	(void)state;
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, 3);
	comes_back();
	answers(ALICE "/laptop", "on");
	says_to(DESK "/phone", bridge(), "chat");
	passes(30000);
	assert_string_not_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat");
	passes(400000);
	assert_shows("Desk phone", "chat");
}

/* When all else has settled long ago. */
static void
what_it_has_said_is_shown_when_its_roster_comes_late(void **state)
{
	(void)state;
	comes_back();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	says_to(DESK "/phone", bridge(), "chat");
	passes(60000);
	assert_string_not_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat");
	behaves();
	passes(180000);
	assert_shows("Desk phone", "chat");
}

static void
and_is_not_when_it_does(void **state)
{
	unsigned i;

	(void)state;
	comes_back();
	answers(DESK "/phone", "on");
	for (i = 0; i < 60; i++) {
		passes(1000);
		assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, ALICE);
	}
}

static void
nor_on_another_server(void **state)
{
	(void)state;
	links(CELL, "Cell");
	approves(CELL);
	says_yes(CELL);
	passes(5000);
	comes_back();
	answers(DESK "/phone", "on");
	says_to(CELL "/x", bridge(), "away");
	assert_publishes("Cell", "away");
	passes(600000);
	assert_not_logged("device.suspended");
	assert_shows("Cell", "away");
}

/* Somebody else has got its name, and directs presence to the bridge. */
static void
what_somebody_says_in_its_name_is_never_shown(void **state)
{
	unsigned i;

	(void)state;
	comes_back();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	for (i = 0; i < 200; i++) {
		says_to(DESK "/newcomer", bridge(), i % 2 == 0 ? "chat" : "dnd");
		passes(1000);
		assert_true(strcmp(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "chat") != 0);
		assert_true(strcmp(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "dnd") != 0);
	}
	assert_logged("device.suspended");
}

static void
what_it_says_before_it_is_proved_is_asked_for_again(void **state)
{
	(void)state;
	comes_back();
	forget_sent();
	says_to(DESK "/phone", bridge(), "dnd");
	passes(600);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	answers(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
}

/* Its account was away when it was probed; it comes just before its roster does, which proves it. */
static void
and_is_not_lost_when_a_roster_proves_it(void **state)
{
	(void)state;
	comes_back();
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	passes(3000);
	says_to(DESK "/phone", bridge(), "xa");
	passes(1000);
	assert_true(strcmp(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "xa") != 0);
	released();
	assert_publishes("Desk phone", "xa");
}

/* Of two who have linked the account it has approved but one. */
static void
desk_removes(const char *bridge_jid, const char *of)
{
	unsigned before;

	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(DESK, "Shared");
	approves(DESK);
	says_yes(DESK);
	passes(5000);
	user_is(ALICE);
	comes_back();
	user_is(BOB);
	answers(BOB, "off");
	server_subscribes(DESK, bridge_jid, false);
	before = iq_count(ACTION_ROSTER_GET);
	passes(74000);
	assert_int_equal(times_logged("device.suspended"), 1);
	assert_string_equal(logged_last("device.suspended", "user"), of);
	assert_true(iq_count(ACTION_ROSTER_GET) - before < 8);
}

static void
one_roster_tells_of_all_who_have_linked_the_account(void **state)
{
	(void)state;
	desk_removes(BOB_BRIDGE, BOB);
}

static void
of_each_by_herself(void **state)
{
	(void)state;
	desk_removes(ALICE_BRIDGE, ALICE);
}

static void
one_whose_host_is_not_configured_any_more_comes_back_by_what_it_answers(void **state)
{
	static const char *const hosts[] = {"home.test"};

	(void)state;
	desk_is_suspended();
	settings.hosts = hosts;
	settings.nhosts = 1;
	configures();
	server_subscribes(DESK, ALICE_BRIDGE, true);
	answers(DESK "/phone", "dnd");
	assert_int_equal(times_logged("device.resumed"), 1);
}

static void
an_approval_while_its_roster_is_on_the_way_is_not_refuted(void **state)
{
	(void)state;
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	comes_back();
	passes(4000);
	answers(DESK "/phone", "on");
	server_subscribes(DESK, ALICE_BRIDGE, false);
	released();
	server_subscribes(DESK, ALICE_BRIDGE, true);
	passes(300000);
	assert_not_logged("device.suspended");
	assert_shows("Desk phone", "on");
}

/* A damaged storage of the host of linked accounts */
static void
all_of_a_host_are_held_and_nobody_flaps(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	links("carol@work.test", "Carol's");
	approves("carol@work.test");
	says_yes("carol@work.test");
	says("carol@work.test/x", "on");
	passes(5000);
	user_is(ALICE);
	link_down();
	storage_is_damaged(DESK, true);
	storage_is_damaged("carol@work.test", true);
	catch_up();
	link_up();
	both_grant();
	passes(1000);
	answers(ALICE "/laptop", "on");
	passes(600000);
	assert_not_logged("device.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_string_equal(logged_last("roster.suspicious", "host"), "work.test");
	assert_string_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "on");
	assert_string_equal(state_in(last_published(BOB, NODE_DEVICES), "Carol's"), "on");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	storage_is_damaged(DESK, false);
	storage_is_damaged("carol@work.test", false);
	passes(60 * 60 * 1000);
	assert_logged("roster.trusted");
	says_to(DESK "/phone", bridge(), "dnd");
	passes(5000);
	assert_shows("Desk phone", "dnd");
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_linked_account_that_is_away_is_as_it_was),
		TEST_LINKED(its_roster_is_read_when_it_doesn_t_answer),
		TEST_LINKED(one_that_breaks_off_is_no_proof),
		TEST_LINKED(nor_for_her_whose_account_it_is),
		TEST_LINKED(where_it_is_too_large_it_has_to_answer_itself),
		TEST_LINKED(so_it_has_where_it_blocks_us),
		TEST_LINKED(or_its_roster_is_to_be_had_again),
		TEST_LINKED(what_it_has_said_is_shown_when_its_roster_comes_late),
		TEST_LINKED(and_is_not_when_it_does),
		TEST_LINKED(nor_on_another_server),
		TEST_LINKED(what_somebody_says_in_its_name_is_never_shown),
		TEST_LINKED(what_it_says_before_it_is_proved_is_asked_for_again),
		TEST_LINKED(and_is_not_lost_when_a_roster_proves_it),
		TEST_LINKED(one_roster_tells_of_all_who_have_linked_the_account),
		TEST_LINKED(of_each_by_herself),
		TEST_LINKED(one_whose_host_is_not_configured_any_more_comes_back_by_what_it_answers),
		TEST_LINKED(an_approval_while_its_roster_is_on_the_way_is_not_refuted),
		TEST_LINKED(all_of_a_host_are_held_and_nobody_flaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
