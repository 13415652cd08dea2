/* Hints by the presence privilege, and what rosters tell. */
#include <string.h>

#include "core_fixture.h"

static void
a_hint_comes_before_she_has_approved(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	hints(ALICE "/laptop", "off");
	assert_publishes("laptop", "off");
}

static void
without_the_grant_a_hint_is_nothing(void **state)
{
	uint64_t before;

	(void)state;
	link_up();
	grant(GRANT_ALL & ~GRANT_PRESENCE);
	enrols(ALICE);
	passes(40000);
	catch_up();
	before = stats().strangers;
	hints(ALICE "/laptop", "away");
	assert_quiet(60000);
	assert_int_equal(stats().strangers, before + 1);
	assert_int_equal(stats().resources, 0);
}

/* ejabberd forwards what a contact receives: what she sends to one, and what he gets whom she removes, too. */
static void
what_a_contact_has_got_says_nothing_of_her(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	hints(ALICE "/laptop", "off");
	hints(ALICE "/laptop", "dnd");
	hints(ALICE "/tablet", "on");
	assert_quiet(60000);
	assert_shows("laptop", "away");
	assert_null(device_in(node_item(ALICE, NODE_DEVICES), "tablet"));
	/* Nor before she has accepted. */
	enrols("carol@home.test");
	hints("carol@home.test/pc", "on");
	passes(60000);
	assert_null(device_in(node_item("carol@home.test", NODE_DEVICES), "pc"));
}

static void
a_client_is_asked_once_what_it_is(void **state)
{
	unsigned before;
	int i;

	(void)state;
	has_a_desk_phone(GRANT_ALL);
	before = iq_count(ACTION_INFO_GET);
	for (i = 0; i < 100; i++) {
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "on");
		hints(ALICE "/laptop", i % 2 == 0 ? "away" : "on");
		says(DESK "/phone", i % 2 == 0 ? "dnd" : "on");
		passes(10);
	}
	assert_int_equal(iq_count(ACTION_INFO_GET), before);
	/* Whether it answers or not. */
	server.hears_no_disco = true;
	for (i = 0; i < 100; i++) {
		says(ALICE "/mobile", i % 2 == 0 ? "away" : "on");
		passes(1000);
	}
	assert_int_equal(iq_count(ACTION_INFO_GET), before + 1);
}

static void
the_same_presence_on_both_ways_changes_nothing(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	hints(ALICE "/laptop", "on");
	assert_quiet(60000);
	says(ALICE "/laptop", "away");
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_quiet(60000);
}

static void
a_resource_known_by_hints_alone_is_pinged(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	passes(61000);
	assert_int_equal(iq_count(ACTION_PING), 1);
	assert_string_equal(iq_last(ACTION_PING)->to_resource, "laptop");
	assert_quiet(120000); /* it answers */
	assert_shows("laptop", "away");
	client_is_dead(ALICE "/laptop");
	assert_publishes("laptop", "off");
}

static void
silence_to_a_ping_means_nothing(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	reacts(ACTION_PING, SILENCE, -1);
	assert_quiet(300000);
	assert_int_not_equal(iq_count(ACTION_PING), 0);
}

static void
a_client_that_can_not_be_pinged_is_there(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	fails(ACTION_PING, COND_FEATURE_NOT_IMPLEMENTED, APP_NONE, -1);
	assert_quiet(300000);
}

static void
what_the_subscription_tells_is_not_pinged(void **state)
{
	(void)state;
	passes(300000);
	assert_int_equal(iq_count(ACTION_PING), 0);
}

static void
the_roster_group_makes_a_pending_link(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	forget_sent();
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Devices");
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, "Friends");
	passes(120000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, BOB), 0);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	says(DESK "/phone", "on");
	assert_int_equal(publishes(), 0);
	approves(DESK);
	says_yes(DESK);
	assert_publishes("device", "on"); /* contacts don't get its address */
}

static void
who_refused_is_not_asked_again_by_the_group(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Devices");
	passes(120000);
	ends(DESK);
	forget_sent();
	passes(600000);
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 0);
}

static void
a_full_group_costs_no_tombstone(void **state)
{
	static const char *const accounts[] = { "d0@work.test", "d1@work.test", "d2@work.test", "d3@work.test",
		"d4@work.test", "d5@work.test", "d6@work.test", "d7@work.test", "d8@work.test", "d9@work.test",
		"e0@work.test", "e1@work.test", "e2@work.test", "e3@work.test", "e4@work.test", "e5@work.test",
		"e6@work.test", "e7@work.test", "e8@work.test", "e9@work.test", "f0@work.test", "f1@work.test",
		"f2@work.test", "f3@work.test", "f4@work.test", "f5@work.test", "f6@work.test", "f7@work.test",
		"f8@work.test", "f9@work.test", "g0@work.test", "g1@work.test", "g2@work.test", "g3@work.test",
		"g4@work.test" };
	size_t i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
		roster_has(ALICE, accounts[i], SUBSCRIPTION_NONE, "Devices");
	passes(120000);
	for (i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
		ends(accounts[i]);
	forget_sent();
	passes(600000);
	assert_in_range(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0, 5); /* the others, once */
}

static void
another_group_or_none_can_be_configured(void **state)
{
	(void)state;
	settings.group = "";
	configures();
	has_enrolled(GRANT_ALL);
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Devices");
	roster_has(ALICE, BOB, SUBSCRIPTION_NONE, "");
	passes(120000);
	assert_int_equal(registry_devices(), 0);
	settings.group = "Phones";
	configures();
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Phones");
	passes(120000);
	assert_int_equal(registry_devices(), 1);
}

static void
rosters_are_got_at_enrolment_and_in_turn(void **state)
{
	unsigned before;

	(void)state;
	has_enrolled(GRANT_ALL);
	assert_true(iq_count(ACTION_ROSTER_GET) >= 1);
	before = iq_count(ACTION_ROSTER_GET);
	passes(600000);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 9, 11);
	/* Not of someone who is offline. */
	says(ALICE "/laptop", "off");
	passes(120000);
	before = iq_count(ACTION_ROSTER_GET);
	passes(600000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before);
}

static void
the_roster_is_read_when_the_primary_comes_online(void **state)
{
	unsigned before;

	(void)state;
	passes(5000);
	says(ALICE "/laptop", "off");
	passes(180000);
	before = iq_count(ACTION_ROSTER_GET);
	says(ALICE "/laptop", "on");
	passes(1000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
}

static void
without_the_grant_no_roster_is_asked_for(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL & ~GRANT_ROSTER);
	passes(600000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), 0);
}

static void
what_was_fed_on_another_stream_is_pinged_when_only_hints_tell_of_it(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	link_down();
	link_up();
	grant(GRANT_ALL);
	hints(ALICE "/laptop", "away"); /* her subscription has ended meanwhile: nothing comes by it */
	passes(40000);
	assert_shows("laptop", "away");
	client_is_dead(ALICE "/laptop");
	passes(120000);
	assert_shows("laptop", "off");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hint_comes_before_she_has_approved),
		TEST(without_the_grant_a_hint_is_nothing),
		TEST(what_a_contact_has_got_says_nothing_of_her),
		TEST(a_client_is_asked_once_what_it_is),
		TEST(the_same_presence_on_both_ways_changes_nothing),
		TEST(a_resource_known_by_hints_alone_is_pinged),
		TEST(silence_to_a_ping_means_nothing),
		TEST(a_client_that_can_not_be_pinged_is_there),
		TEST_LINKED(what_the_subscription_tells_is_not_pinged),
		TEST(the_roster_group_makes_a_pending_link),
		TEST(who_refused_is_not_asked_again_by_the_group),
		TEST(a_full_group_costs_no_tombstone),
		TEST(another_group_or_none_can_be_configured),
		TEST(rosters_are_got_at_enrolment_and_in_turn),
		TEST(without_the_grant_no_roster_is_asked_for),
		TEST_LINKED(the_roster_is_read_when_the_primary_comes_online),
		TEST(what_was_fed_on_another_stream_is_pinged_when_only_hints_tell_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
