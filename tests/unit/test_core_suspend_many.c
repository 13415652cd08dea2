/* Evidence against many at once: that is the server's fault, and nobody is suspended for it. */
#include <stdio.h>

#include "core_fixture.h"
#include "suspend_fixture.h"

static void
goes_for_two(void)
{
	enrols_too(BOB, "x");
	restart();
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
}

static void
two_of_two_are_the_servers_fault(void **state)
{
	(void)state;
	goes_for_two();
	assert_quiet(600000);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_string_equal(logged_last("roster.suspicious", "host"), "home.test");
	assert_string_equal(logged_last("roster.suspicious", "lacking"), "2");
	/* As they were last shown. */
	assert_shows("Desk phone", "on");
}

/* Ten minutes: then what all rosters have said again and again is believed, but ends nobody. */
static void
nobody_is_held_for_longer_than_ten_minutes(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	assert_not_logged("user.suspended");
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 2);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_not_logged("roster.trusted");
	assert_empty(ALICE);
	passes(UINT64_C(20) * DAY_MS);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 2);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(UINT64_C(2) * 60 * 60 * 1000);
	assert_int_equal(times_logged("user.resumed"), 2);
	assert_logged("roster.trusted");
	assert_shows("Desk phone", "off");
}

/* But for ever nothing is kept of whom nothing speaks for. */
static void
not_even_the_servers_fault_keeps_them_for_ever(void **state)
{
	(void)state;
	goes_for_two();
	passes(UINT64_C(30) * DAY_MS);
	assert_int_equal(times_logged("user.lapsed"), 2);
	assert_int_equal(registry_users(), 0);
}

static void
while_they_are_held_nothing_newer_goes_out(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	passes(180000);
	assert_logged("roster.suspicious");
	catch_up();
	says(DESK "/phone", "chat");
	says_to(ALICE "/laptop", bridge(), "away");
	assert_quiet(400000);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(60 * 60 * 1000);
	assert_shows("Desk phone", "chat");
}

/* What nothing confirms is asked for (audit.h), but not on behalf of who may not have approved. */
static void
who_is_held_is_not_asked_until_that_is_over(void **state)
{
	(void)state;
	settings.audit_s = 60;
	configures();
	lives(ALICE "/laptop", "on");
	enrols_too(BOB, "x");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	passes(180000);
	assert_logged("roster.suspicious");
	forget_sent();
	passes(400000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(60 * 60 * 1000);
	forget_sent();
	passes(60000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
}

/* Where the component delivers: whoever signs in meanwhile is told when they are back. */
static void
whoever_comes_while_she_is_held_is_told_then(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	enrols_too(CAROL, "x");
	passes(60000);
	storage_is_damaged(ALICE, true);
	storage_is_damaged(CAROL, true);
	passes(180000);
	assert_logged("roster.suspicious");
	forget_sent();
	hints(BOB "/new", "on");
	passes(600000);
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "new"), 0);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(CAROL, false);
	passes(60 * 60 * 1000);
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "new"), 1);
}

static void
mended_they_are_back_as_if_nothing_had_been(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	forget_sent();
	passes(UINT64_C(2) * 60 * 60 * 1000);
	assert_not_logged("user.suspended");
	assert_logged("roster.trusted");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_shows("Desk phone", "dnd");
}

static void
who_lacks_it_still_when_the_others_are_back_is_suspended(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	storage_is_damaged(BOB, false);
	passes(UINT64_C(1) * 60 * 60 * 1000);
	passes(125000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
	assert_empty(ALICE);
}

static void
one_of_three_is_suspended_and_the_others_see_nothing_of_it(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	enrols_too(CAROL, "x");
	restart();
	storage_is_damaged(BOB, true);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	user_is(CAROL);
	answers(CAROL "/x", "on");
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), BOB);
	assert_empty(BOB);
	assert_not_logged("roster.suspicious");
	assert_int_equal(publishes(), 1); /* bob's */
}

static void
one_of_two_is_suspended_too(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	comes_back_without(ALICE);
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
}

/* Of MANY on the host the first N. */
static void
goes_for(unsigned many, unsigned n)
{
	char name[32], full[64];
	unsigned i;

	for (i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		snprintf(full, sizeof(full), "%s/x", name);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
		says(kept(full), "on");
	}
	passes(60000);
	restart();
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		storage_is_damaged(kept(name), true);
	}
	link_up();
	grant(GRANT_ALL);
	passes(180000);
}

static void
three_of_ten_are_suspended(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 3);
	assert_int_equal(times_logged("user.suspended"), 3);
	assert_not_logged("roster.suspicious");
}

/* What is damaged concerns most of them: what concerns half may be people. */
static void
five_of_ten_are_suspended(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 5);
	assert_int_equal(times_logged("user.suspended"), 5);
	assert_not_logged("roster.suspicious");
}

static void
six_of_ten_are_held(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 6);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_string_equal(logged_last("roster.suspicious", "lacking"), "6");
	assert_string_equal(logged_last("roster.suspicious", "users"), "10");
}

static void
of_many_it_takes_most(void **state)
{
	(void)state;
	settings.rosters_per_s = 1000;
	configures();
	link_up();
	grant(GRANT_ALL);
	goes_for(400, 200);
	assert_int_equal(times_logged("user.suspended"), 200);
	assert_not_logged("roster.suspicious");
}

static void
and_then_they_are_held(void **state)
{
	(void)state;
	settings.rosters_per_s = 1000;
	configures();
	link_up();
	grant(GRANT_ALL);
	goes_for(400, 201);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
}

/* Four accounts of his own that agree and then remove it, beside her who has removed it: he counts once, and for the server. */
static void
nobody_makes_it_the_servers_fault_by_what_he_links(void **state)
{
	char sock[32], full[64];
	unsigned i;

	(void)state;
	enrols_too(BOB, "x");
	user_is(BOB);
	lives(BOB "/x", "on");
	for (i = 0; i < 4; i++) {
		snprintf(sock, sizeof(sock), "s%u@home.test", i);
		snprintf(full, sizeof(full), "%s/x", sock);
		links(kept(sock), "Sock puppet");
		approves(kept(sock));
		says_yes(kept(sock));
		says(kept(full), "on");
	}
	passes(5000);
	for (i = 0; i < 4; i++) {
		snprintf(sock, sizeof(sock), "s%u@home.test", i);
		server_subscribes(kept(sock), BOB_BRIDGE, false);
	}
	user_is(ALICE);
	comes_back_without(ALICE);
	passes(180000);
	assert_not_logged("roster.suspicious");
	assert_int_equal(times_logged("device.suspended"), 4);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
}

/* A roster without the bridge whose account is subscribed says something of the server all the same. */
static void
who_is_contradicted_counts_as_well(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	comes_back_without(NULL);
	answers(ALICE "/laptop", "on");
	user_is(BOB);
	answers(BOB "/x", "on");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	/* Each is read once in a minute, and asked when that speaks against him. */
	passes(65000);
	answers(BOB "/x", "on");
	says_to(BOB "/x", bridge(), "off"); /* so that his isn't read again meanwhile */
	passes(50000);
	assert_not_logged("roster.suspicious");
	passes(10000);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
}

/* Whoever goes is no evidence any more, at once. */
static void
who_leaves_while_they_are_held_is_not_counted(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	user_is(BOB);
	ends(BOB);
	assert_logged("roster.trusted");
}

static void
who_enrols_meanwhile_may_tell_that_it_is_not_the_server(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	enrols_too(CAROL, "x");
	passes(600000);
	assert_int_equal(times_logged("user.suspended"), 2);
	assert_logged("roster.trusted");
}

/* Nobody who is suspended loses his rows on the word of a server that has lost its memory. */
static void
what_is_damaged_for_all_ends_nobody_who_was_suspended_before(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	enrols_too(CAROL, "x");
	comes_back_without(ALICE);
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	storage_is_damaged(CAROL, true);
	link_up();
	grant(GRANT_ALL);
	passes(UINT64_C(1) * DAY_MS);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 3);
}

static void
another_stream_is_another_episode(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 2);
	assert_not_logged("user.suspended");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(two_of_two_are_the_servers_fault),
		TEST_LINKED(while_they_are_held_nothing_newer_goes_out),
		TEST_LINKED(who_is_held_is_not_asked_until_that_is_over),
		TEST(whoever_comes_while_she_is_held_is_told_then),
		TEST_LINKED(mended_they_are_back_as_if_nothing_had_been),
		TEST_LINKED(who_lacks_it_still_when_the_others_are_back_is_suspended),
		TEST_LINKED(one_of_three_is_suspended_and_the_others_see_nothing_of_it),
		TEST_LINKED(one_of_two_is_suspended_too),
		TEST(three_of_ten_are_suspended),
		TEST(five_of_ten_are_suspended),
		TEST(six_of_ten_are_held),
		TEST(of_many_it_takes_most),
		TEST_LINKED(nobody_makes_it_the_servers_fault_by_what_he_links),
		TEST_LINKED(nobody_is_held_for_longer_than_ten_minutes),
		TEST_LINKED(not_even_the_servers_fault_keeps_them_for_ever),
		TEST(and_then_they_are_held),
		TEST_LINKED(who_is_contradicted_counts_as_well),
		TEST_LINKED(who_leaves_while_they_are_held_is_not_counted),
		TEST_LINKED(who_enrols_meanwhile_may_tell_that_it_is_not_the_server),
		TEST_LINKED(what_is_damaged_for_all_ends_nobody_who_was_suspended_before),
		TEST_LINKED(another_stream_is_another_episode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
