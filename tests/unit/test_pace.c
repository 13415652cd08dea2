/* Whose turn it is to ask a host, or to be asked, and when (core/flight/pace.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/flight/pace.h"

#define SECOND 1000

static struct env env;
static struct model model;
static struct flight flight;
static struct host *home, *work;
static struct ring rings[300];
static struct user users[3];

static int
setup(void **state)
{
	(void)state;
	memset(&env, 0, sizeof(env));
	model = (struct model){.env = &env};
	flight = (struct flight){.env = &env, .model = &model};
	home = calloc(1, sizeof(*home));
	work = calloc(1, sizeof(*work));
	assert_true(home != NULL && work != NULL);
	memset(rings, 0, sizeof(rings));
	memset(users, 0, sizeof(users));
	assert_int_equal(table_put(&model.hosts, &home->node, "home.test", 9), 0);
	assert_int_equal(table_put(&model.hosts, &work->node, "work.test", 9), 0);
	env.set.probes_per_s = 500;
	env.set.rosters_per_s = 20;
	env.now.mono_ms = 5000000;
	env.link_up = true;
	pace_reset(&flight);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	table_clear(&model.hosts);
	free(home);
	free(work);
	return 0;
}

static void
put(struct host *h, enum turn turn, unsigned from, unsigned n)
{
	while (n-- > 0)
		pace_put(h, turn, &rings[from++]);
}

static void
spent(struct host *h, enum turn turn)
{
	if (turn < TURN_WANTED)
		pace_probed(&flight, h, turn, 1);
	else
		pace_asked(&flight, h, turn, 0);
}

/* The next one's number, which is asked; -1: nobody's turn it is. */
static int
next(struct host *h)
{
	enum turn turn;
	struct ring *who;

	if (!pace_take(&flight, h, &turn, &who))
		return -1;
	spent(h, turn);
	return (int)(who - rings);
}

static unsigned
taken_now(struct host *h, bool back)
{
	struct ring *who;
	unsigned n = 0;
	enum turn turn;

	while (pace_take(&flight, h, &turn, &who)) {
		spent(h, turn);
		if (back)
			pace_put(h, turn, who);
		assert_true(++n < 1000000);
	}
	return n;
}

/* How many have their turn in MS, by the deadlines; those who had it wait for the next one. */
static unsigned
taken_in(struct host *h, uint64_t ms)
{
	uint64_t end = env.now.mono_ms + ms, at;
	unsigned n = 0;

	while ((at = pace_deadline(&flight, h)) < end) {
		if (at > env.now.mono_ms)
			env.now.mono_ms = at;
		n += taken_now(h, true);
	}
	env.now.mono_ms = end;
	return n;
}

static void
passes(uint64_t ms)
{
	env.now.mono_ms += ms;
}

static void
first_come_first_served(void **state)
{
	int i;

	(void)state;
	put(home, TURN_SETTLE, 0, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(next(home), i);
		assert_int_equal(next(home), -1);
		assert_int_equal(pace_deadline(&flight, home), i < 2 ? env.now.mono_ms + 2 : TIMER_NEVER);
		passes(2);
	}
}

static void
who_has_spoken_comes_before_all_others(void **state)
{
	(void)state;
	put(home, TURN_AUDIT, 0, 1);
	put(home, TURN_SETTLE, 1, 1);
	put(home, TURN_SPOKEN, 2, 1);
	assert_int_equal(next(home), 2);
	passes(2);
	assert_int_equal(next(home), 1);
	passes(2);
	assert_int_equal(next(home), 0);
}

static void
what_is_wanted_comes_before_what_is_verified_or_looked_for(void **state)
{
	struct ring *who;
	enum turn turn;

	(void)state;
	users[0].host = home;
	pace_poll(&flight, &users[0]);
	put(home, TURN_CLAIM, 1, 1);
	put(home, TURN_WANTED, 2, 1);
	assert_int_equal(next(home), 2);
	assert_int_equal(next(home), 1);
	assert_int_equal(next(home), -1);
	passes(50);
	assert_true(pace_take(&flight, home, &turn, &who));
	assert_ptr_equal(who, &users[0].roster_turn);
}

static void
nobody_waits_for_ever(void **state)
{
	struct ring *who = NULL;
	enum turn turn;
	int i, n = 0;

	(void)state;
	put(home, TURN_SETTLE, 0, 1);
	put(home, TURN_SPOKEN, 1, 100);
	while ((i = next(home)) != 0) {
		assert_true(i > 0 && ++n <= 3);
		passes(2);
	}
	/* likewise who is polled, while there are claims */
	users[0].host = work;
	pace_poll(&flight, &users[0]);
	put(work, TURN_CLAIM, 200, 50);
	for (n = 0; who != &users[0].roster_turn; n++) {
		assert_true(n <= 3);
		assert_true(pace_take(&flight, work, &turn, &who));
		spent(work, turn);
		passes(50);
	}
}

static void
each_host_has_a_pace_of_its_own(void **state)
{
	(void)state;
	put(home, TURN_SETTLE, 0, 200);
	put(work, TURN_SETTLE, 200, 1);
	assert_int_equal(next(home), 0);
	assert_int_equal(next(home), -1);
	assert_int_equal(next(work), 200);
}

static void
probes_and_rosters_do_not_wait_for_each_other(void **state)
{
	(void)state;
	put(home, TURN_SETTLE, 0, 100);
	put(home, TURN_CLAIM, 100, 1);
	put(home, TURN_WANTED, 101, 1);
	assert_int_equal(next(home), 0);
	assert_int_equal(next(home), 101);
	assert_int_equal(next(home), 100);
}

/* So many a second, or a hundredth less, since what a timer is late by isn't always made up for. */
static void
assert_pace(struct host *h, unsigned pace)
{
	unsigned ms = pace > 1000 ? SECOND / 10 : 10 * SECOND, all = (unsigned)((uint64_t)pace * ms / SECOND);

	assert_in_range(taken_in(h, ms), all - all / 100, all + 1);
}

static void
it_is_kept_by_slow_and_by_fast_ones(void **state)
{
	static const unsigned paces[] = {1, 7, 20, 500, 999, 1000, 1001, 5000, 100000};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paces) / sizeof(*paces); i++) {
		env.set.probes_per_s = paces[i];
		pace_reset(&flight);
		put(home, TURN_SETTLE, 0, 2);
		assert_pace(home, paces[i]);
	}
}

static void
rosters_too_and_ten_times_as_many_that_somebody_waits_for(void **state)
{
	static const unsigned paces[] = {1, 20, 999, 3000, 100000};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paces) / sizeof(*paces); i++) {
		env.set.rosters_per_s = paces[i];
		pace_reset(&flight);
		put(home, TURN_CLAIM, 0, 2);
		assert_pace(home, paces[i]);
		pace_reset(&flight);
		put(home, TURN_WANTED, 0, 2);
		assert_pace(home, 10 * paces[i]);
	}
}

static void
large_rosters_count_as_several(void **state)
{
	struct ring *who;
	enum turn turn;

	(void)state;
	put(home, TURN_WANTED, 0, 2);
	assert_true(pace_take(&flight, home, &turn, &who));
	pace_asked(&flight, home, turn, 20000);
	assert_int_equal(pace_deadline(&flight, home), env.now.mono_ms + 21 * 5);
}

static void
what_was_held_up_makes_no_burst(void **state)
{
	(void)state;
	put(home, TURN_SETTLE, 0, 200);
	put(work, TURN_WANTED, 200, 60);
	passes(60 * SECOND);
	assert_int_equal(taken_now(home, false), 51);
	assert_int_equal(taken_now(work, false), 5);
}

static void
audits_take_a_quarter_and_wait_until_everybody_was_probed(void **state)
{
	(void)state;
	put(home, TURN_AUDIT, 0, 1);
	put(home, TURN_AGAIN, 1, 1);
	assert_in_range(taken_in(home, 10 * SECOND), 1249, 1251);
	passes(SECOND);
	put(home, TURN_SETTLE, 2, 60);
	assert_int_equal(taken_now(home, false), 51);
	passes(SECOND);
	assert_int_equal(taken_now(home, false), 9 + 1);
	/* with what has spoken that isn't more than the pace of all */
	pace_reset(&flight);
	put(home, TURN_SPOKEN, 3, 1);
	put(home, TURN_AUDIT, 0, 1);
	assert_in_range(taken_in(home, 10 * SECOND), 4990, 5001);
}

static void
each_user_is_polled_once_in_a_minute(void **state)
{
	(void)state;
	users[0].host = users[1].host = users[2].host = home;
	users[0].roster_asked_at = env.now.mono_ms - 10 * SECOND;
	pace_poll(&flight, &users[0]);
	pace_poll(&flight, &users[0]);
	assert_int_equal(pace_deadline(&flight, home), env.now.mono_ms + 50 * SECOND);
	users[2].roster_asked_at = env.now.mono_ms;
	pace_poll(&flight, &users[2]);
	passes(SECOND);
	users[0].roster_asked_at = env.now.mono_ms; /* for another reason */
	pace_polled(&users[0]);
	assert_int_equal(pace_deadline(&flight, home), users[2].roster_asked_at + 60 * SECOND);
	/* a request that went with the link counts as one */
	users[2].roster_sent_at = env.now.mono_ms + 55 * SECOND;
	assert_int_equal(pace_deadline(&flight, home), users[2].roster_sent_at + ROSTER_REST_MS);
}

static void
who_comes_is_polled_before_those_who_were(void **state)
{
	struct ring *who;
	enum turn turn;
	unsigned i;

	(void)state;
	users[0].host = users[1].host = users[2].host = home;
	users[0].roster_asked_at = env.now.mono_ms - 59 * SECOND;
	users[2].roster_asked_at = env.now.mono_ms - 61 * SECOND;
	for (i = 0; i < 3; i++)
		pace_poll(&flight, &users[i]);
	for (i = 1; i < 3; i++) {
		assert_true(pace_take(&flight, home, &turn, &who));
		assert_ptr_equal(who, &users[i].roster_turn);
		spent(home, turn);
		passes(50);
	}
	assert_false(pace_take(&flight, home, &turn, &who));
	passes(SECOND);
	assert_true(pace_take(&flight, home, &turn, &who));
	assert_ptr_equal(who, &users[0].roster_turn);
}

static void
without_a_link_and_at_the_end_nobody_is_asked(void **state)
{
	(void)state;
	put(home, TURN_SETTLE, 0, 1);
	put(home, TURN_WANTED, 1, 1);
	env.draining = true;
	assert_int_equal(next(home), 1); /* somebody waits for it */
	assert_int_equal(next(home), -1);
	env.draining = env.link_up = false;
	assert_int_equal(next(home), -1);
	assert_int_equal(pace_deadline(&flight, home), TIMER_NEVER);
}

static void
a_new_stream_begins_with_those_who_are_polled(void **state)
{
	(void)state;
	users[0].host = home;
	users[0].roster_asked_at = env.now.mono_ms;
	put(home, TURN_SPOKEN, 0, 1);
	put(home, TURN_CLAIM, 1, 1);
	pace_poll(&flight, &users[0]);
	pace_reset(&flight);
	assert_false(ring_in(&rings[0]));
	assert_false(ring_in(&rings[1]));
	assert_true(ring_in(&users[0].roster_turn));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_come_first_served),
		TEST(who_has_spoken_comes_before_all_others),
		TEST(what_is_wanted_comes_before_what_is_verified_or_looked_for),
		TEST(nobody_waits_for_ever),
		TEST(each_host_has_a_pace_of_its_own),
		TEST(probes_and_rosters_do_not_wait_for_each_other),
		TEST(it_is_kept_by_slow_and_by_fast_ones),
		TEST(rosters_too_and_ten_times_as_many_that_somebody_waits_for),
		TEST(large_rosters_count_as_several),
		TEST(what_was_held_up_makes_no_burst),
		TEST(audits_take_a_quarter_and_wait_until_everybody_was_probed),
		TEST(each_user_is_polled_once_in_a_minute),
		TEST(who_comes_is_polled_before_those_who_were),
		TEST(without_a_link_and_at_the_end_nobody_is_asked),
		TEST(a_new_stream_begins_with_those_who_are_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
