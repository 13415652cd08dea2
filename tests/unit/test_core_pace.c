/* How often rosters are asked for: no more than is needed, and who waits for them is served in time. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)
#define USERS 60

static const char *
user_no(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "u%u@home.test", i);
	return kept(text);
}

static unsigned
rosters(void)
{
	return iq_count(ACTION_ROSTER_GET);
}

/* Alice is offline, and bob her contact. */
static void
has_a_contact(void)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_EVERYTHING);
	is_gone(ALICE);
	passes(180000);
	forget_sent();
	catch_up();
}

/* USERS, who are offline, with bob among their contacts; their rosters were read long ago. */
static void
have_a_common_contact(void)
{
	unsigned i;

	has_a_contact();
	for (i = 0; i < USERS; i++) {
		user_is(user_no(i));
		roster_has(user_no(i), BOB, SUBSCRIPTION_BOTH, NULL);
		enrols(user_no(i));
		approves(user_no(i));
		says(kept(user_no(i)), "off");
	}
	user_is(ALICE);
	passes(300000);
	forget_sent();
}

static void
one_of_the_last_minute_is_used_as_it_is(void **state)
{
	unsigned before, i;

	(void)state;
	has_a_contact();
	before = rosters();
	for (i = 0; i < 10; i++) {
		says(DESK "/phone", i % 2 == 0 ? "dnd" : "away");
		passes(2000);
		assert_int_equal(events_to(BOB, NULL), i + 1);
	}
	/* and once more after ten seconds, where it wasn't new */
	assert_in_range(rosters() - before, 2, 3);
	passes(61000);
	before = rosters();
	says(DESK "/phone", "xa");
	passes(30000);
	assert_int_equal(rosters() - before, 1);
	assert_int_equal(events_to(BOB, NULL), 11);
}

/* Of who is offline it would not be read again for a long time. */
static void
who_was_accepted_a_moment_ago_is_told_soon(void **state)
{
	(void)state;
	has_a_contact();
	says(DESK "/phone", "dnd");
	passes(1000);
	roster_has(ALICE, "carol@home.test", SUBSCRIPTION_BOTH, NULL);
	says(DESK "/phone", "away");
	passes(12000);
	assert_int_equal(events_to("carol@home.test", NULL), 1);
	assert_string_equal(state_in(last_event("carol@home.test"), "Desk phone"), "away");
	assert_int_equal(events_to(BOB, NULL), 2);
}

static void
who_is_in_it_no_more_is_told_nothing_after_a_minute(void **state)
{
	(void)state;
	has_a_contact();
	says(DESK "/phone", "dnd");
	passes(1000);
	roster_lacks(ALICE, BOB);
	passes(60000);
	forget_sent();
	says(DESK "/phone", "away");
	passes(15000);
	assert_int_equal(events_to(BOB, NULL), 0);
}

/* The answer may have been written before she was accepted. */
static void
nor_does_one_that_was_under_way_decide_for_good(void **state)
{
	static const struct roster_item items[] = {
		{.jid = BOB, .subscription = SUBSCRIPTION_BOTH},
		{.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM},
	};
	struct event ev;

	(void)state;
	has_a_contact();
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	says(DESK "/phone", "dnd");
	passes(1000);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_ROSTER;
	ev.answer.roster.items = items;
	ev.answer.roster.nitems = 2;
	roster_has(ALICE, "carol@home.test", SUBSCRIPTION_BOTH, NULL);
	says(DESK "/phone", "away");
	passes(3000);
	feeds(&ev);
	passes(15000);
	assert_int_equal(events_to("carol@home.test", NULL), 1);
	assert_string_equal(state_in(last_event("carol@home.test"), "Desk phone"), "away");
}

/* An owner who is offline isn't polled, but somebody waits. */
static void
what_could_not_be_decided_is_when_it_can(void **state)
{
	(void)state;
	has_a_contact();
	roster_refused(true);
	says(DESK "/phone", "dnd");
	passes(50000);
	assert_int_equal(events_to(BOB, NULL), 0);
	roster_refused(false);
	passes(61000);
	assert_int_equal(events_to(BOB, NULL), 1);
}

static void
who_has_made_a_large_roster_smaller_is_polled_again(void **state)
{
	unsigned before;

	(void)state;
	server.name = "Prosody";
	has_a_desk_phone(GRANT_EVERYTHING);
	roster_too_large(ALICE);
	passes(180000);
	roster_too_large(NULL);
	before = rosters();
	passes(13 * 60000);
	assert_in_range(rosters() - before, 1, 7);
}

static void
one_user_is_asked_for_it_once_in_ten_seconds_whoever_wants_it(void **state)
{
	unsigned before, i;

	(void)state;
	has_a_contact();
	roster_refused(true);
	before = rosters();
	for (i = 0; i < 60; i++) {
		says(DESK "/phone", i % 2 == 0 ? "dnd" : "away");
		hints(BOB "/new", i % 2 == 0 ? "on" : "off");
		passes(1000);
	}
	assert_in_range(rosters() - before, 4, 7);
}

/* And what waits then comes when the ten seconds are over. */
static void
who_waits_for_that_is_told_then(void **state)
{
	(void)state;
	has_a_contact();
	roster_refused(true);
	says(DESK "/phone", "dnd");
	passes(3000);
	assert_int_equal(events_to(BOB, NULL), 0);
	roster_refused(false);
	says(DESK "/phone", "away");
	passes(11000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
a_contact_of_many_users_who_signs_in_makes_no_burst(void **state)
{
	unsigned before, i, n = 0;

	(void)state;
	have_a_common_contact();
	before = rosters();
	hints(BOB "/new", "on");
	assert_in_range(rosters() - before, 1, 7);
	for (i = 0; i < 20; i++) {
		n = rosters();
		passes(100);
		assert_in_range(rosters() - n, 0, 25);
	}
	assert_int_equal(rosters() - before, USERS + 1);
	assert_int_equal(events_to(BOB, "new"), USERS + 1);
}

static void
delivery_is_not_held_up_by_the_pace_of_discovery(void **state)
{
	unsigned i;

	(void)state;
	have_a_common_contact();
	settings.rosters_per_s = 10;
	configures();
	for (i = 0; i < USERS; i++) {
		user_is(user_no(i));
		says(kept(user_no(i)), "on");
		hints(kept("nobody@home.test/x"), "on");
	}
	user_is(ALICE);
	for (i = 0; i < USERS; i++) {
		char full[80];

		snprintf(full, sizeof(full), "%s/pc", user_no(i));
		user_is(user_no(i));
		says(kept(full), "dnd");
	}
	user_is(ALICE);
	passes(2000);
	assert_int_equal(events_to(BOB, NULL), USERS);
}

/* Whoever may watch: the server writes all of it, and we read it. */
static void
a_roster_counts_by_what_is_in_it(void **state)
{
	char jid[40];
	unsigned before, i;

	(void)state;
	have_a_common_contact();
	for (i = 0; i < USERS; i++) {
		snprintf(jid, sizeof(jid), "%s/pc", user_no(i));
		user_is(user_no(i));
		says(kept(jid), "on");
	}
	user_is(ALICE);
	for (i = 0; i < 5500; i++) {
		snprintf(jid, sizeof(jid), "x%u@far.test", i);
		roster_has(ALICE, jid, SUBSCRIPTION_NONE, NULL);
	}
	says(ALICE "/x", "on");
	settings.rosters_per_s = 1;
	configures();
	passes(300000);
	before = rosters();
	passes(600000);
	/* Hers is as six. */
	assert_in_range(rosters() - before, 500, 560);
}

/* A push says who is a contact; what he is told waits for the roster, whose pace is kept. */
static void
who_is_added_and_removed_in_a_loop_is_told_now_and_then(void **state)
{
	struct roster_item item = {.jid = "erin@home.test", .subscription = SUBSCRIPTION_BOTH};
	unsigned before, i;

	(void)state;
	has_a_contact();
	roster_has(ALICE, item.jid, SUBSCRIPTION_BOTH, NULL);
	before = rosters();
	for (i = 0; i < 600; i++) {
		item.remove = i % 2 != 0;
		pushes(&item);
		passes(100);
	}
	assert_in_range(rosters() - before, 1, 7);
	assert_in_range(events_to("erin@home.test", NULL), 1, 7);
}

static void
who_comes_and_goes_costs_one_in_a_minute(void **state)
{
	unsigned before, i;

	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING & ~GRANT_MESSAGE);
	passes(180000);
	before = rosters();
	for (i = 0; i < 1000; i++) {
		says(ALICE "/x", i % 2 == 0 ? "off" : "on");
		passes(10);
	}
	assert_in_range(rosters() - before, 0, 1);
	says(ALICE "/x", "off");
	passes(61000);
	assert_in_range(rosters() - before, 1, 2);
}

/* What was asked for while the answer is read is that answer. */
static void
what_proves_who_she_is_is_not_asked_for_twice(void **state)
{
	unsigned before;

	(void)state;
	has_a_contact();
	answers_no_probe(ALICE, true);
	restart();
	before = rosters();
	link_up();
	grant(GRANT_EVERYTHING);
	passes(25000);
	assert_int_equal(rosters() - before, 1);
}

static void
those_refused_after_the_grant_has_gone_are_none_that_were_lost(void **state)
{
	(void)state;
	have_a_common_contact();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	hints(BOB "/new", "on");
	passes(2000);
	grant(GRANT_EVERYTHING & ~GRANT_ROSTER);
	released();
	passes(120000);
	assert_int_equal(reconnects(), 0);
	assert_int_equal(events_to(BOB, "new"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_of_the_last_minute_is_used_as_it_is),
		TEST(who_was_accepted_a_moment_ago_is_told_soon),
		TEST(nor_does_one_that_was_under_way_decide_for_good),
		TEST(what_could_not_be_decided_is_when_it_can),
		TEST(who_has_made_a_large_roster_smaller_is_polled_again),
		TEST(who_is_in_it_no_more_is_told_nothing_after_a_minute),
		TEST(one_user_is_asked_for_it_once_in_ten_seconds_whoever_wants_it),
		TEST(who_waits_for_that_is_told_then),
		TEST(a_contact_of_many_users_who_signs_in_makes_no_burst),
		TEST(delivery_is_not_held_up_by_the_pace_of_discovery),
		TEST(a_roster_counts_by_what_is_in_it),
		TEST(who_is_added_and_removed_in_a_loop_is_told_now_and_then),
		TEST(who_comes_and_goes_costs_one_in_a_minute),
		TEST(what_proves_who_she_is_is_not_asked_for_twice),
		TEST(those_refused_after_the_grant_has_gone_are_none_that_were_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
