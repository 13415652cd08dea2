/* Evidence against one approval: what it takes, and what follows while she is suspended. */
#include "core_fixture.h"
#include "suspend_fixture.h"

static void
a_contact_removed_while_nobody_looked_is_the_end_of_what_is_shown(void **state)
{
	(void)state;
	is_suspended_at_once();
	assert_empty(ALICE);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
	/* Nobody is unsubscribed, and all rows stay. */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, ALICE), 0);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_true(registry_user(ALICE)->approved);
	assert_int_not_equal(registry_user(ALICE)->suspended_ms, 0);
}

/* She sees the bridge, but it doesn't see her. */
static void
a_bridge_that_she_only_watches_is_not_in_her_roster(void **state)
{
	(void)state;
	roster_has(ALICE, ALICE_BRIDGE, SUBSCRIPTION_TO, NULL);
	is_suspended_at_once();
	assert_empty(ALICE);
}

static void
nothing_newer_was_shown_until_then(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	hints(ALICE "/newcomer", "on");
	says_to(ALICE "/newcomer", bridge(), "chat");
	assert_quiet(58000);
	passes(10000);
	assert_empty(ALICE);
	assert_int_equal(publishes(), 1);
}

static void
it_takes_a_minute_and_a_second_roster(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	passes(58000);
	assert_not_logged("user.suspended");
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	assert_quiet(120000);
	assert_not_logged("user.suspended");
	behaves();
	passes(240000);
	assert_logged("user.suspended");
}

/* Somebody else wanted it a second before its time; it came when that was over. */
static void
a_roster_asked_for_too_early_and_answered_too_late_is_asked_for_again(void **state)
{
	unsigned before;

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(120000);
	link_down();
	server_subscribes(ALICE, bridge(), false);
	link_up();
	grant(GRANT_ALL);
	passes(58000);
	before = iq_count(ACTION_ROSTER_GET);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	hints(BOB "/new", "on");
	passes(1500);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	passes(4000);
	assert_not_logged("user.suspended");
	release_first();
	passes(300000);
	assert_logged("user.suspended");
}

static void
a_probe_that_is_answered_weighs_more(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	passes(30000);
	answers(ALICE "/laptop", "away");
	server_subscribes(ALICE, bridge(), true);
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "dnd");
	passes(600000);
	assert_not_logged("user.suspended");
}

/* Whatever the rosters say: what they are read from is damaged, and what the server knows is not. */
static void
however_often_it_is_asked(void **state)
{
	unsigned i;

	(void)state;
	storage_is_damaged(ALICE, true);
	for (i = 0; i < 40; i++) {
		passes(29000);
		if (probed_from(ALICE) != NULL)
			answers(ALICE "/laptop", i % 2 == 0 ? "on" : "away");
	}
	assert_not_logged("user.suspended");
	assert_not_logged("roster.suspicious");
}

static void
but_not_one_that_was_answered_before_the_roster_was_asked_for(void **state)
{
	(void)state;
	restart();
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "away");
	server_subscribes(ALICE, bridge(), false);
	passes(200000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
}

static void
a_roster_on_its_way_while_she_approves_is_no_evidence(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	enrols(ALICE);
	passes(1000);
	/* As it was when it was asked for. */
	struct event ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_ROSTER;
	approves(ALICE);
	feeds(&ev);
	catch_up();
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	passes(300000);
	assert_not_logged("user.suspended");
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1); /* nothing was in question */
	assert_shows("laptop", "on");
}

static void
nor_is_one_that_is_read_before_she_approves(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	passes(30000);
	approves(ALICE);
	catch_up();
	says(ALICE "/laptop", "on");
	passes(300000);
	assert_not_logged("user.suspended");
	assert_shows("laptop", "on");
}

static void
while_it_is_in_question_what_was_last_shown_stands(void **state)
{
	(void)state;
	says(DESK "/phone", "away");
	passes(5000);
	catch_up();
	storage_is_damaged(ALICE, true);
	/* The link holds all the while: what she does is still hers. */
	passes(59000);
	says(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
	passes(120000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
}

/* It may be somebody else's. */
static void
a_roster_without_the_bridge_is_not_used(void **state)
{
	unsigned before;

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	before = iq_count(ACTION_UNSUBSCRIBE);
	link_down();
	server_subscribes(ALICE, bridge(), false);
	roster_lacks(ALICE, BOB);
	roster_has(ALICE, "tablet@work.test", SUBSCRIPTION_NONE, "Devices");
	link_up();
	grant(GRANT_ALL);
	passes(50000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), before);
	assert_null(registry_device(ALICE, "tablet@work.test"));
	passes(60000);
	assert_null(registry_device(ALICE, "tablet@work.test"));
}

static void
nobody_is_asked_for_anything_while_she_is_suspended(void **state)
{
	unsigned rosters;

	(void)state;
	is_suspended_at_once();
	forget_sent();
	rosters = iq_count(ACTION_ROSTER_GET);
	says(DESK "/phone", "chat");
	hints(ALICE "/newcomer", "on");
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	catch_up();
	assert_quiet(DAY_MS);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	/* Her roster is read again, ever more slowly: 1, 2, 4 ... 60 minutes. */
	assert_in_range(iq_count(ACTION_ROSTER_GET) - rosters, 24, 31);
}

static void
a_restart_doesn_t_show_her_again(void **state)
{
	(void)state;
	is_suspended_at_once();
	catch_up();
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	says_to(DESK "/phone", bridge(), "chat");
	says_to(ALICE "/newcomer", bridge(), "chat");
	assert_quiet(600000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(times_logged("user.suspended"), 1);
}

static void
what_could_not_be_written_is_written_later(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	registry_is(REGISTRY_FAILS);
	passes(70000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	registry_is(REGISTRY_WORKS);
	passes(11000);
	assert_int_not_equal(registry_user(ALICE)->suspended_ms, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_contact_removed_while_nobody_looked_is_the_end_of_what_is_shown),
		TEST_LINKED(a_bridge_that_she_only_watches_is_not_in_her_roster),
		TEST_LINKED(nothing_newer_was_shown_until_then),
		TEST_LINKED(it_takes_a_minute_and_a_second_roster),
		TEST(a_roster_asked_for_too_early_and_answered_too_late_is_asked_for_again),
		TEST_LINKED(a_probe_that_is_answered_weighs_more),
		TEST_LINKED(however_often_it_is_asked),
		TEST_LINKED(but_not_one_that_was_answered_before_the_roster_was_asked_for),
		TEST(a_roster_on_its_way_while_she_approves_is_no_evidence),
		TEST(nor_is_one_that_is_read_before_she_approves),
		TEST_LINKED(while_it_is_in_question_what_was_last_shown_stands),
		TEST(a_roster_without_the_bridge_is_not_used),
		TEST_LINKED(nobody_is_asked_for_anything_while_she_is_suspended),
		TEST_LINKED(a_restart_doesn_t_show_her_again),
		TEST_LINKED(what_could_not_be_written_is_written_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
