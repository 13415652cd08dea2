/* Accounts that get no answer, and hosts that give none for a while, cost the others nothing (THREATS 24, F17, F20). */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define SILENT 40
#define USERS 80
#define MANY 240
#define MANY_SILENT 200
#define VERY_MANY 500

static unsigned turns[VERY_MANY];

static const char *
user(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "u%u@home.test", i);
	return kept(text);
}

static const char *
client(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "u%u@home.test/r", i);
	return kept(text);
}

/* Whom nobody has asked for a minute. */
static int
with_so_many(void **state, unsigned n)
{
	unsigned i;
	int status = core_setup(state);

	server.name = "ejabberd";
	link_up();
	grant(GRANT_ALL | GRANT_BLOCKING);
	for (i = 0; i < n; i++) {
		user_is(user(i));
		enrols(user(i));
		approves(user(i));
		lives(client(i), "on");
	}
	passes(120000);
	memset(turns, 0, sizeof(turns));
	return status;
}

static int
with_users(void **state)
{
	return with_so_many(state, USERS);
}

static int
with_many(void **state)
{
	return with_so_many(state, MANY);
}

static int
with_very_many(void **state)
{
	return with_so_many(state, VERY_MANY);
}

static void
changes(unsigned i)
{
	user_is(user(i));
	lives(client(i), turns[i]++ % 2 == 0 ? "dnd" : "away");
}

static void
silent_ones_change(void)
{
	unsigned i;

	for (i = 0; i < SILENT; i++)
		changes(i);
}

static void
are_silent(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		account_is_silent(user(i));
}

/* One of the others changes: it is published within MS. */
static void
assert_served(unsigned i, uint64_t ms)
{
	unsigned before = iq_count(ACTION_PUBLISH);

	changes(i);
	passes(ms);
	assert_true(iq_count(ACTION_PUBLISH) > before);
	assert_string_equal(state_in(last_published(user(i), NODE_DEVICES), "r"), turns[i] % 2 == 1 ? "dnd" : "away");
}

/* Slots */

static void
who_is_not_answered_holds_up_nobody_for_long(void **state)
{
	unsigned i;

	(void)state;
	are_silent(SILENT);
	silent_ones_change();
	passes(300);
	/* More of them than there are slots. */
	assert_served(USERS - 1, 12000);
	passes(1000);
	for (i = SILENT; i < USERS; i++)
		assert_served(i, 300);
}

static void
who_was_not_answered_has_a_quarter_of_the_slots(void **state)
{
	unsigned i;

	(void)state;
	are_silent(SILENT);
	silent_ones_change();
	for (i = SILENT; i < USERS; i++) {
		changes(i);
		passes(1000);
	}
	for (i = SILENT; i < USERS; i++) {
		silent_ones_change();
		passes(250);
		assert_served(i, 300);
		passes(450);
	}
	/* Who is answered again is one of the others. */
	accounts_speak();
	passes(120000);
	silent_ones_change();
	reacts(ACTION_PUBLISH, HOLDS, -1);
	passes(300);
	assert_in_range(stats().in_flight, 16, SILENT);
	behaves();
	released();
}

static void
their_silence_does_not_make_the_server_slow(void **state)
{
	unsigned i, k;

	(void)state;
	are_silent(6);
	for (k = 0; k < 60; k++) {
		for (i = 0; i < 6; i++)
			changes(i);
		changes(10 + k % 40);
		passes(1000);
	}
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (i = 20; i < 50; i++)
		changes(i);
	passes(300);
	assert_true(stats().in_flight >= 16);
	behaves();
	released();
}

/* From FIRST on, less than N. */
static void
change_together(unsigned first, unsigned n)
{
	for (; first < n; first++)
		changes(first);
}

static void
two_hundred_of_them_hold_up_nobody_for_long(void **state)
{
	unsigned i;

	(void)state;
	are_silent(MANY_SILENT);
	change_together(0, MANY_SILENT);
	passes(300);
	assert_served(MANY - 1, 9000);
	for (i = MANY_SILENT; i < MANY; i++) {
		change_together(0, MANY_SILENT);
		assert_served(i, 1000);
	}
}

/* Who was silent with the others for a while, and is answered from then on. */
static void
who_is_answered_again_is_not_in_their_place(void **state)
{
	unsigned i;

	(void)state;
	are_silent(MANY_SILENT + 1);
	changes(MANY_SILENT);
	passes(300);
	for (i = 0; i < 6; i++) {
		change_together(0, MANY_SILENT);
		passes(1000);
	}
	accounts_speak();
	are_silent(MANY_SILENT);
	passes(15000);
	for (i = 0; i < 30; i++) {
		change_together(0, MANY_SILENT);
		assert_served(MANY_SILENT, 1000);
		passes(2000);
	}
}

/* The server has become so slow that one of those who are silent may go at a time. */
static void
becomes_slow(void)
{
	size_t n;

	reacts(ACTION_PUBLISH, HOLDS, -1);
	change_together(0, VERY_MANY);
	passes(300);
	while ((n = stats().in_flight) > 0) {
		passes(500);
		while (n-- > 0)
			release_first();
	}
	behaves();
}

static void
who_was_silent_once_goes_before_who_always_is(void **state)
{
	unsigned i, before;

	(void)state;
	grant(GRANT_ALL & ~GRANT_OWNER); /* no way but one */
	becomes_slow();
	are_silent(VERY_MANY - 1);
	for (i = 0; i < 400; i++) {
		change_together(0, VERY_MANY - 1);
		passes(1000);
	}
	account_is_silent(user(VERY_MANY - 1));
	changes(VERY_MANY - 1);
	before = stats().published;
	passes(12000);
	assert_int_equal(stats().published, before);
	accounts_speak();
	are_silent(VERY_MANY - 1);
	for (i = 0; i < 10; i++) {
		change_together(0, VERY_MANY - 1);
		passes(1000);
	}
	assert_true(stats().published > before);
}

static void
a_host_that_answers_nothing_gets_a_quarter_more_and_then_twice_as_many(void **state)
{
	size_t n;

	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, -1);
	change_together(0, MANY);
	passes(1900);
	n = stats().in_flight;
	assert_in_range(n, 16, 60);
	passes(500);
	assert_int_equal(stats().in_flight, n + n / 4);
	passes(1000);
	assert_int_equal(stats().in_flight, n + 3 * (n / 4));
	passes(1000);
	assert_int_equal(stats().in_flight, n + 7 * (n / 4));
	/* It is slow: that is no reason to give it as much again. */
	release_first();
	passes(1000);
	assert_in_range(stats().in_flight, n + 7 * (n / 4) - 1, n + 8 * (n / 4));
	behaves();
	released();
}

static void
what_was_under_way_together_halves_the_window_once(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, -1);
	change_together(0, 16);
	passes(70000);
	behaves();
	passes(120000);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	change_together(0, MANY);
	passes(300);
	assert_true(stats().in_flight >= 8);
	behaves();
	released();
}

static void
nor_do_they_keep_others_from_finding_out_what_works(void **state)
{
	unsigned i;

	(void)state;
	are_silent(6);
	link_down();
	link_up();
	grant(GRANT_ALL & ~GRANT_OWNER);
	user_is(user(0)); /* the first one to try */
	lives(client(0), "xa");
	passes(1000);
	for (i = 0; i < USERS; i++) {
		user_is(user(i));
		lives(client(i), "xa");
	}
	passes(6000);
	for (i = 6; i < USERS; i++)
		assert_string_equal(state_in(last_published(user(i), NODE_DEVICES), "r"), "xa");
}

/* A host that is silent for a while */

static void
goes_mute(void)
{
	reacts(ACTION_PUBLISH, SILENCE, -1);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	reacts(ACTION_BLOCKLIST_GET, SILENCE, -1);
	reacts(ACTION_INFO_GET, SILENCE, -1);
}

static void
a_host_that_was_mute_goes_on_at_once(void **state)
{
	unsigned i, k, before;

	(void)state;
	goes_mute();
	for (k = 0; k < 25; k++) {
		for (i = 0; i < USERS; i++)
			changes(i);
		passes(1000);
	}
	behaves();
	before = stats().published;
	passes(5000);
	assert_true(stats().published > before);
	passes(15000);
	for (i = 0; i < USERS; i++)
		assert_string_equal(state_in(node_item(user(i), NODE_DEVICES), "r"),
		    state_in(last_published(user(i), NODE_DEVICES), "r"));
	assert_true(stats().published >= before + USERS);
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
}

/* Where no roster can be asked for instead, and nobody else publishes. */
static void
what_was_lost_meanwhile_is_no_lost_privilege(void **state)
{
	unsigned i, k, before;

	(void)state;
	link_up();
	grant(GRANT_ALL & ~GRANT_ROSTER);
	for (i = 0; i < 3; i++) {
		user_is(user(i));
		enrols(user(i));
		approves(user(i));
		lives(client(i), "on");
	}
	passes(120000);
	goes_mute();
	for (k = 0; k < 25; k++) {
		for (i = 0; i < 3; i++)
			changes(i);
		passes(1000);
	}
	behaves();
	before = stats().published;
	for (k = 0; k < 30; k++) {
		changes(0);
		passes(1000);
	}
	assert_true(stats().published > before);
	passes(60000);
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
}

static void
one_that_answers_nothing_at_all_is_asked_every_few_seconds(void **state)
{
	unsigned before;

	(void)state;
	goes_mute();
	changes(0);
	passes(25000);
	before = iq_count(ACTION_INFO_GET);
	passes(12000);
	assert_in_range(iq_count(ACTION_INFO_GET), before + 2, before + 6);
	assert_int_equal(reconnects(), 0);
}

/* The account goes on speaking: its server does not stand still.  There is no roster to be asked for instead. */
static void
what_would_tell_is_asked_again_when_it_is_lost_as_well(void **state)
{
	unsigned k;

	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL & ~GRANT_ROSTER);
	passes(120000);
	answers_no_probe(ALICE, true);
	reacts(ACTION_PUBLISH, SILENCE, 1);
	reacts(ACTION_INFO_GET, SILENCE, 1);
	for (k = 0; k < 40; k++) {
		says(ALICE "/laptop", "away");
		passes(1000);
	}
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

/* Streams */

/* As ejabberd whose privileges went with another connection: nothing is answered, and presence goes on. */
static void
one_that_answers_nothing_for_long_has_taken_the_privileges_away(void **state)
{
	unsigned i, k;

	(void)state;
	goes_mute();
	for (k = 0; k < 90 && reconnects() == 0; k++) {
		for (i = 0; i < USERS; i++)
			changes(i);
		passes(1000);
	}
	assert_int_equal(reconnects(), 1);
	assert_int_equal(times_logged("privilege.lost"), 1);
}

static void
accounts_that_get_no_answer_cost_nobody_the_stream(void **state)
{
	unsigned k;

	(void)state;
	are_silent(3);
	for (k = 0; k < 300; k++) {
		changes(0);
		changes(1);
		changes(2);
		passes(2000);
	}
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
}

static void
nor_when_they_are_the_only_ones_who_change(void **state)
{
	unsigned k;

	(void)state;
	are_silent(2);
	for (k = 0; k < 300; k++) {
		changes(k % 2);
		changes(k % 7 == 0 ? 50 : k % 2);
		passes(2000);
	}
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
}

/* Two who are silent, and nobody else has anything to be published, after such grants. */
static void
assert_two_cost_no_stream(unsigned grants)
{
	unsigned k, before;

	grant(grants);
	are_silent(2);
	before = iq_count(ACTION_CONFIG_GET);
	for (k = 0; k < 200; k++) {
		changes(0);
		changes(1);
		passes(2000);
	}
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
	/* Others are asked now and then. */
	assert_in_range(iq_count(ACTION_CONFIG_GET), before, before + 60);
}

static void
nor_where_no_roster_can_be_asked_for(void **state)
{
	(void)state;
	assert_two_cost_no_stream(GRANT_ALL & ~GRANT_ROSTER);
}

static void
nor_where_nobody_else_can_be_asked(void **state)
{
	(void)state;
	assert_two_cost_no_stream(GRANT_ALL & ~GRANT_ROSTER & ~GRANT_OWNER);
}

/* Only two change; the host answers what needs no privilege. */
static void
two_are_enough_when_the_others_are_not_served_either(void **state)
{
	unsigned k;

	(void)state;
	grant(GRANT_ALL & ~GRANT_ROSTER);
	server.drops_privileged = server.drops_ordinary = true;
	for (k = 0; k < 60 && reconnects() == 0; k++) {
		changes(0);
		changes(1);
		passes(2000);
	}
	assert_int_equal(reconnects(), 1);
}

static void
three_are_where_nobody_else_can_be_asked(void **state)
{
	unsigned k;

	(void)state;
	grant(GRANT_ALL & ~GRANT_ROSTER & ~GRANT_OWNER);
	server.drops_privileged = server.drops_ordinary = true;
	for (k = 0; k < 60 && reconnects() == 0; k++) {
		changes(0);
		changes(1);
		changes(2);
		passes(2000);
	}
	assert_int_equal(reconnects(), 1);
}

static void
what_is_lost_for_all_is_noticed_and_said_once(void **state)
{
	unsigned i, k;

	(void)state;
	server.drops_privileged = server.drops_ordinary = true;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	for (k = 0; k < 30; k++) {
		for (i = 0; i < USERS; i++)
			changes(i);
		passes(2000);
		if (reconnects() == 1)
			break;
	}
	assert_int_equal(reconnects(), 1);
	for (k = 0; k < 3; k++) {
		link_down();
		link_up();
		grant(GRANT_ALL | GRANT_BLOCKING);
		for (i = 0; i < USERS; i++)
			changes(i);
		passes(60000);
	}
	assert_true(reconnects() > 1);
	assert_int_equal(times_logged("privilege.lost"), 1);
}

#define WITH_USERS(f) cmocka_unit_test_setup_teardown(f, with_users, core_teardown)
#define WITH_VERY_MANY(f) cmocka_unit_test_setup_teardown(f, with_very_many, core_teardown)
#define WITH_MANY(f) cmocka_unit_test_setup_teardown(f, with_many, core_teardown)

/* ejabberd 24.12 answers no other form, nor what is ordinary; the trial is handed on before its silence is judged. */
static void
hears_capitals_only(void)
{
	server.hears_capitals = server.drops_ordinary = true;
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_BLOCKING);
	passes(60000);
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_BLOCKING);
}

static void
one_that_hears_capitals_only_is_found_out_by_one_of_many(void **state)
{
	(void)state;
	hears_capitals_only();
	changes(0);
	passes(20000);
	assert_string_equal(state_in(last_published(user(0), NODE_DEVICES), "r"), "dnd");
	assert_int_equal(last_published(user(0), NODE_DEVICES)->way, WAY_PRIVILEGED_CAPS);
}

/* Who was slow doesn't take it from whoever has it by then. */
static void
a_trial_is_handed_on_once(void **state)
{
	unsigned before, i;

	(void)state;
	hears_capitals_only();
	for (i = 0; i < 4; i++)
		changes(i);
	passes(2500);
	before = iq_count(ACTION_PUBLISH);
	passes(1500);
	assert_int_equal(iq_count(ACTION_PUBLISH), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_USERS(who_is_not_answered_holds_up_nobody_for_long),
		WITH_USERS(who_was_not_answered_has_a_quarter_of_the_slots),
		WITH_USERS(their_silence_does_not_make_the_server_slow),
		WITH_MANY(two_hundred_of_them_hold_up_nobody_for_long),
		WITH_MANY(who_is_answered_again_is_not_in_their_place),
		WITH_VERY_MANY(who_was_silent_once_goes_before_who_always_is),
		WITH_MANY(a_host_that_answers_nothing_gets_a_quarter_more_and_then_twice_as_many),
		WITH_MANY(what_was_under_way_together_halves_the_window_once),
		WITH_USERS(nor_do_they_keep_others_from_finding_out_what_works),
		WITH_USERS(one_that_hears_capitals_only_is_found_out_by_one_of_many),
		WITH_USERS(a_trial_is_handed_on_once),
		WITH_USERS(a_host_that_was_mute_goes_on_at_once),
		TEST(what_was_lost_meanwhile_is_no_lost_privilege),
		WITH_USERS(one_that_answers_nothing_at_all_is_asked_every_few_seconds),
		TEST(what_would_tell_is_asked_again_when_it_is_lost_as_well),
		WITH_USERS(one_that_answers_nothing_for_long_has_taken_the_privileges_away),
		WITH_USERS(accounts_that_get_no_answer_cost_nobody_the_stream),
		WITH_USERS(nor_when_they_are_the_only_ones_who_change),
		WITH_USERS(nor_where_no_roster_can_be_asked_for),
		WITH_USERS(nor_where_nobody_else_can_be_asked),
		WITH_USERS(two_are_enough_when_the_others_are_not_served_either),
		WITH_USERS(three_are_where_nobody_else_can_be_asked),
		WITH_USERS(what_is_lost_for_all_is_noticed_and_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
