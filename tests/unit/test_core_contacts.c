/* Who is a contact, and who gets an event: rosters that are refused, late, or not granted any more; pushes. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)

static void
on_ejabberd(unsigned what)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(what);
}

static void
has_friends(unsigned n)
{
	char name[64];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
	}
	passes(120000);
}

static void
say_on(unsigned n)
{
	char name[64];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
}

/* Her own client accepts, and no push tells of it; nothing that is shown changes when she goes. */
static void
whom_she_accepted_last_is_greeted_when_she_has_gone(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	runs(ALICE "/laptop", "edit", "device", device_id("laptop"), "visibility", "hidden", NULL);
	succeeds();
	passes(90000);
	catch_up();
	roster_has(ALICE, "carol@home.test", SUBSCRIPTION_BOTH, NULL);
	says(ALICE "/laptop", "off");
	passes(61000);
	assert_int_equal(publishes(), 0);
	forget_sent();
	hints("carol@home.test/new", "on");
	passes(5000);
	assert_int_equal(events_to("carol@home.test", "new"), 1);
	assert_string_equal(state_in(last_event("carol@home.test"), "Desk phone"), "on");
}

/* Rosters that were refused */

static void
a_roster_that_was_refused_is_not_a_fresh_one(void **state)
{
	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	roster_refused(true);
	passes(150000);
	roster_lacks(ALICE, BOB);
	forget_sent();
	hints(BOB "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
who_waits_for_a_roster_that_is_refused_gets_nothing(void **state)
{
	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	says(ALICE "/laptop", "off"); /* an offline owner's roster is not polled */
	passes(300000);
	roster_refused(true);
	forget_sent();
	hints(BOB "/new", "on");
	passes(30000);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
rosters_refused_all_at_once_ask_for_a_new_stream(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	passes(60000);
	roster_refused(true);
	passes(60000);
	assert_int_equal(reconnects(), 1);
	assert_logged("privilege.lost");
}

static void
a_roster_refused_for_one_who_blocks_us_costs_nobody_the_stream(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	passes(60000);
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1); /* Prosody's answer then */
	passes(180000);
	assert_int_equal(reconnects(), 0);
	behaves();
	refuses(ACTION_ROSTER_GET, COND_FORBIDDEN, -1);
	passes(180000);
	assert_int_not_equal(reconnects(), 0);
}

static void
a_roster_refused_because_its_grant_is_gone_is_none_that_was_lost(void **state)
{
	unsigned before;

	(void)state;
	has_enrolled(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	before = iq_count(ACTION_ROSTER_GET);
	while (iq_count(ACTION_ROSTER_GET) == before)
		passes(1000);
	grant(GRANT_ALL & ~GRANT_ROSTER);
	released();
	passes(120000);
	assert_int_equal(reconnects(), 0);
}

static void
a_roster_that_was_on_its_way_when_the_link_died_is_asked_for_again(void **state)
{
	unsigned before;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	before = iq_count(ACTION_ROSTER_GET);
	while (iq_count(ACTION_ROSTER_GET) == before)
		passes(1000);
	link_down();
	behaves();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	before = iq_count(ACTION_ROSTER_GET);
	passes(150000);
	assert_true(iq_count(ACTION_ROSTER_GET) >= before + 2);
}

/* Grants that are taken back */

static void
nobody_is_greeted_by_a_roster_that_may_not_be_read_any_more(void **state)
{
	unsigned before;

	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	grant(GRANT_EVERYTHING & ~GRANT_ROSTER);
	passes(120000);
	before = iq_count(ACTION_ROSTER_GET);
	forget_sent();
	hints(BOB "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before);
}

static void
a_turn_that_comes_after_the_grant_has_gone_asks_for_no_roster(void **state)
{
	unsigned before;

	(void)state;
	has_enrolled(GRANT_ALL);
	before = iq_count(ACTION_ROSTER_GET);
	grant(GRANT_ALL & ~GRANT_ROSTER);
	passes(300000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before);
}

static void
a_second_question_is_not_asked_when_the_grant_has_gone(void **state)
{
	struct event ev;
	unsigned before;

	(void)state;
	on_ejabberd(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	says(DESK "/phone", "dnd");
	passes(1000);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_ROSTER;
	says(DESK "/phone", "away");
	passes(5000);
	grant(GRANT_ALL & ~GRANT_ROSTER);
	before = iq_count(ACTION_ROSTER_GET);
	feeds(&ev);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before);
}

static void
events_end_with_their_grant(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	says(DESK "/phone", "dnd");
	passes(1000);
	forget_sent();
	grant(GRANT_ALL & ~GRANT_MESSAGE);
	released();
	passes(10000);
	assert_int_equal(events_to(BOB, NULL), 0);
}

static void
without_owner_no_subscription_is_ended(void **state)
{
	(void)state;
	on_ejabberd(GRANT_EVERYTHING & ~GRANT_OWNER);
	roster_lacks(ALICE, BOB);
	passes(120000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
}

/* What is told, and when */

static void
what_is_still_to_be_published_is_told_to_nobody(void **state)
{
	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	forget_sent();
	says(DESK "/phone", "dnd");
	hints(BOB "/new", "on");
	assert_int_equal(events_to(BOB, "new"), 0);
	passes(1000);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
}

static void
where_the_server_tells_at_sign_in_we_do_not(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	forget_sent();
	hints(BOB "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
who_is_invited_into_a_node_fills_its_gaps(void **state)
{
	(void)state;
	node_publisher(ALICE, NODE_DEVICES, true);
	on_ejabberd(GRANT_ROSTER | GRANT_MESSAGE | GRANT_PRESENCE);
	forget_sent();
	says(DESK "/phone", "dnd");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 0); /* she is online: the server does */
	says(ALICE "/laptop", "off");
	passes(5000);
	forget_sent();
	says(DESK "/phone", "away");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
who_leaves_waits_for_the_roster_and_the_last_events(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(300000); /* her roster is old */
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	forget_sent();
	ends(ALICE);
	passes(5000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 1);
	released();
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(last_event(BOB)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
}

static void
what_waited_for_who_has_gone_goes_too(void **state)
{
	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	says(ALICE "/laptop", "off");
	passes(300000);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	hints(BOB "/new", "on");
	ends(ALICE);
	passes(9000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(stats().queries, 0);
	passes(60000);
	enrols(BOB);
}

static void
events_of_the_last_stream_are_not_sent_on_the_next(void **state)
{
	struct event ev;

	(void)state;
	on_ejabberd(GRANT_ALL);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(DESK "/phone", "dnd");
	passes(500);
	ev = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	forget_sent();
	link_takes(0);
	feeds(&ev);
	link_down();
	link_up();
	grant(GRANT_ALL);
	link_takes((unsigned)-1);
	assert_int_equal(events_to(ALICE, NULL), 0);
}

/* Pushes, and the budget */

static void
a_push_is_answered(void **state)
{
	static const struct roster_item item = {.jid = BOB, .subscription = SUBSCRIPTION_FROM};
	unsigned before = reply.count;

	(void)state;
	pushes(&item);
	assert_int_equal(reply.count, before + 1);
	assert_false(reply.error);
}

static void
who_is_removed_while_she_leaves_is_told_nothing(void **state)
{
	static const struct roster_item item = {.jid = BOB, .remove = true};

	(void)state;
	on_ejabberd(GRANT_EVERYTHING);
	registry_is(REGISTRY_FAILS);
	ends(ALICE);
	passes(30000);
	forget_sent();
	hints(BOB "/old", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "old"), 1); /* that nothing is there */
	pushes(&item);
	hints(BOB "/new", "on");
	passes(60000);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
rosters_are_read_within_their_budget(void **state)
{
	unsigned before;

	(void)state;
	settings.rosters_per_s = 1;
	configures();
	link_up();
	grant(GRANT_ALL);
	has_friends(6);
	link_down();
	link_up();
	before = iq_count(ACTION_ROSTER_GET);
	grant(GRANT_ALL);
	passes(2500);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 1, 3);
	passes(10000);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 6, 12);
}

static void
who_was_asked_out_of_turn_holds_up_nobody(void **state)
{
	unsigned before;

	(void)state;
	settings.rosters_per_s = 1;
	configures();
	link_up();
	grant(GRANT_ALL);
	has_friends(6);
	link_down();
	link_up();
	before = iq_count(ACTION_ROSTER_GET);
	grant(GRANT_ALL);
	say_on(3); /* and are asked at once, or when it is their turn */
	passes(12000);
	assert_true(iq_count(ACTION_ROSTER_GET) >= before + 6);
}

static void
who_comes_online_with_all_others_waits_for_a_turn(void **state)
{
	unsigned before;

	(void)state;
	settings.rosters_per_s = 1;
	configures();
	link_up();
	grant(GRANT_ALL);
	has_friends(6);
	before = iq_count(ACTION_ROSTER_GET);
	say_on(6);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 1, 3);
}

/* Answers and pushes may pass each other: what was asked for before says nothing against what has come since. */
/* Bob is a contact, and her roster is asked for anew. */
static void
waits_for_a_roster(void)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(20000);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	while (iq_last(ACTION_ROSTER_GET)->answered)
		passes(1000);
}

static void
a_push_is_newer_than_a_roster_that_was_asked_for_before_it(void **state)
{
	static const struct roster_item gone = {.jid = BOB, .remove = true};
	unsigned before;

	(void)state;
	waits_for_a_roster();
	pushes(&gone);
	forget_sent();
	before = iq_count(ACTION_ROSTER_GET);
	released();
	roster_lacks(ALICE, BOB);
	/* It is asked for once more, though nobody waits for it. */
	passes(11000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	says(DESK "/phone", "dnd");
	passes(30000);
	says(DESK "/phone", "away");
	passes(30000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 1);
	assert_false(is_contact(BOB));
}

static void
nor_does_it_take_away_whom_a_push_has_added(void **state)
{
	static const struct roster_item carol = {.jid = "carol@home.test", .subscription = SUBSCRIPTION_BOTH};

	(void)state;
	waits_for_a_roster();
	pushes(&carol);
	forget_sent();
	released();
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
	says(DESK "/phone", "dnd");
	passes(3000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to("carol@home.test", NULL), 0);
	roster_has(ALICE, "carol@home.test", SUBSCRIPTION_BOTH, NULL);
	passes(30000);
	assert_int_equal(events_to("carol@home.test", NULL), 1);
}

/* It was not known whose that push was, and what is old of the answer can't be told. */
static void
one_that_could_not_be_acted_on_makes_it_old(void **state)
{
	static const struct roster_item gone = {.jid = BOB, .remove = true};

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(20000);
	link_down();
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(5000);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, ALICE);
	assert_false(iq_last(ACTION_ROSTER_GET)->answered);
	pushes(&gone);
	forget_sent();
	says_to(DESK "/phone", bridge(), "dnd");
	released();
	roster_lacks(ALICE, BOB);
	passes(60000);
	assert_int_equal(events_to(BOB, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whom_she_accepted_last_is_greeted_when_she_has_gone),
		TEST(a_roster_that_was_refused_is_not_a_fresh_one),
		TEST(who_waits_for_a_roster_that_is_refused_gets_nothing),
		TEST(rosters_refused_all_at_once_ask_for_a_new_stream),
		TEST(a_roster_refused_for_one_who_blocks_us_costs_nobody_the_stream),
		TEST(a_roster_refused_because_its_grant_is_gone_is_none_that_was_lost),
		TEST_LINKED(a_roster_that_was_on_its_way_when_the_link_died_is_asked_for_again),
		TEST(nobody_is_greeted_by_a_roster_that_may_not_be_read_any_more),
		TEST(a_turn_that_comes_after_the_grant_has_gone_asks_for_no_roster),
		TEST(a_second_question_is_not_asked_when_the_grant_has_gone),
		TEST(events_end_with_their_grant),
		TEST(without_owner_no_subscription_is_ended),
		TEST(what_is_still_to_be_published_is_told_to_nobody),
		TEST(where_the_server_tells_at_sign_in_we_do_not),
		TEST(who_is_invited_into_a_node_fills_its_gaps),
		TEST(who_leaves_waits_for_the_roster_and_the_last_events),
		TEST(what_waited_for_who_has_gone_goes_too),
		TEST(events_of_the_last_stream_are_not_sent_on_the_next),
		TEST_LINKED(a_push_is_answered),
		TEST(who_is_removed_while_she_leaves_is_told_nothing),
		TEST(rosters_are_read_within_their_budget),
		TEST(who_was_asked_out_of_turn_holds_up_nobody),
		TEST(a_push_is_newer_than_a_roster_that_was_asked_for_before_it),
		TEST(nor_does_it_take_away_whom_a_push_has_added),
		TEST(one_that_could_not_be_acted_on_makes_it_old),
		TEST(who_comes_online_with_all_others_waits_for_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
