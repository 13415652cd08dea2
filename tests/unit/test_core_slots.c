/* Accounts that get no answer cost the others nothing: whose the slots of a host are (THREATS 24, F17). */
#include "core_fixture.h"
#include "slots_fixture.h"

#define MANY_SILENT 200

static void
silent_ones_change(void)
{
	unsigned i;

	for (i = 0; i < SILENT; i++)
		changes(i);
}

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
