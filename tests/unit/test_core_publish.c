/* When an item is published: window, bucket, one in flight, latest wins; and what errors lead to. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
a_hundred_changes_in_a_second_are_a_handful_of_publishes(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "dnd");
		passes(10);
	}
	says(ALICE "/laptop", "xa");
	passes(10000);
	assert_in_range(publishes(), 2, 6);
	assert_shows("laptop", "xa");
}

static void
a_change_waits_for_the_window_and_no_longer(void **state)
{
	(void)state;
	says(ALICE "/laptop", "away");
	passes(200);
	says(ALICE "/laptop", "dnd");
	assert_int_equal(publishes(), 0);
	passes(50);
	assert_int_equal(publishes(), 1);
	assert_shows("laptop", "dnd");
}

static void
the_same_again_is_not_published(void **state)
{
	(void)state;
	says(DESK "/phone",
	    "dnd"); /* otherwise the latest of two that are equal is preferred, which is something else */
	passes(10000);
	catch_up();
	says(ALICE "/laptop", "on");
	assert_quiet(10000);
	says(ALICE "/laptop", "away");
	says(ALICE "/laptop", "on");
	assert_quiet(10000);
	assert_int_not_equal(stats().suppressed, 0);
}

static void
a_storm_is_held_to_the_rate_and_its_end_is_published(void **state)
{
	int i;

	(void)state;
	settings.rate_ms = 5000;
	settings.burst = 5;
	configures();
	passes(60000);
	for (i = 0; i < 600; i++) {
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "dnd");
		passes(100);
	}
	/* Five at once and one in five seconds, whatever the window. */
	assert_in_range(publishes(), 5, 5 + 60000 / 5000 + 1);
	says(ALICE "/laptop", "chat");
	passes(10000);
	assert_shows("laptop", "chat");
	catch_up();
	assert_quiet(60000);
}

/* What was published by another measure is not held against anybody. */
static void
another_rate_is_for_everybody_at_once(void **state)
{
	int n;

	(void)state;
	settings.rate_ms = 3600000;
	settings.burst = 2;
	configures();
	says(ALICE "/laptop", "away");
	passes(1000);
	says(ALICE "/laptop", "dnd");
	passes(1000);
	says(ALICE "/laptop", "xa");
	passes(60000);
	assert_int_equal(publishes(), 2);
	settings.rate_ms = 2000;
	settings.burst = 1;
	configures();
	passes(10);
	assert_int_equal(publishes(), 3);
	assert_shows("laptop", "xa");
	/* From here on it is the new one, however often the same is configured again. */
	for (n = 0; n < 100; n++) {
		says(ALICE "/laptop", n % 2 == 0 ? "away" : "dnd");
		configures();
		passes(100);
	}
	assert_in_range(publishes(), 3 + 4, 3 + 6);
}

static void
one_publish_is_in_flight_and_the_latest_state_follows(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(300);
	assert_int_equal(publishes(), 1);
	says(ALICE "/laptop", "dnd");
	passes(1000);
	says(ALICE "/laptop", "xa");
	passes(1000);
	assert_int_equal(publishes(), 1);
	assert_int_equal(stats().in_flight, 1);
	released();
	passes(300);
	assert_int_equal(publishes(), 2);
	assert_shows("laptop", "xa");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "xa");
}

static void
what_changed_meanwhile_follows_the_answer_at_once(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	says(ALICE "/laptop", "dnd");
	passes(1000);
	behaves();
	released(); /* and the core asks for no other moment, see settle() in the fixture */
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "dnd");
}

static void
a_lost_link_forgets_what_was_in_flight(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	link_down();
	behaves();
	assert_quiet(60000);
	assert_int_equal(stats().in_flight, 0);
	assert_int_equal(stats().queries, 0);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "on");
	assert_publishes("laptop", "away"); /* sent again on the new stream */
}

static void
a_publish_that_may_have_been_executed_is_not_taken_for_lost(void **state)
{
	(void)state;
	/* The server takes it and the link dies before it says so; then all is as it was before. */
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_publishes("laptop", "on");
	assert_quiet(60000);
}

static void
nothing_older_comes_after_something_newer(void **state)
{
	struct iq *first;
	struct event late;

	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	first = iq_last(ACTION_PUBLISH);
	says(ALICE "/laptop", "dnd");
	passes(20000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "dnd");
	catch_up();
	late = answer_to(first, COND_NONE);
	feeds(&late);
	assert_quiet(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "dnd");
}

static void
silence_is_retried(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_publishes("laptop", "away");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(stats().blocked, 0);
	catch_up();
	assert_quiet(60000);
}

static void
an_error_is_retried_with_backoff(void **state)
{
	unsigned first, second;

	(void)state;
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	says(ALICE "/laptop", "away");
	passes(10000);
	first = publishes();
	assert_in_range(first, 2, 6);
	passes(600000);
	second = publishes() - first;
	assert_in_range(second, 8, 24); /* one in 30 to 60 seconds */
	assert_int_equal(stats().blocked, 1);
	assert_logged("user.blocked");
	assert_told(ALICE, "refuses");
	behaves();
	catch_up();
	passes(120000);
	assert_int_equal(publishes(), 1);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(stats().blocked, 0);
	assert_logged("user.unblocked");
}

/* Or all of a host's users would come back together after each of its hiccups. */
static void
who_failed_together_tries_again_at_different_times(void **state)
{
	char name[64];
	unsigned i, together, most = 0, tried = 0;

	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		enrols(name);
	}
	passes(60000);
	catch_up();
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 40);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
	while (publishes() < 40)
		passes(1);
	catch_up();
	for (i = 0; i < 1100; i += 10) {
		passes(10);
		together = publishes() - tried;
		tried += together;
		most = together > most ? together : most;
		if (i < 480)
			assert_int_equal(tried, 0);
	}
	assert_int_equal(tried, 40);
	assert_in_range(most, 1, 20);
}

static void
an_item_too_big_blocks_with_its_reason(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_NOT_ACCEPTABLE, APP_PAYLOAD_TOO_BIG, -1);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_int_equal(publishes(), 1);
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "size");
	passes(20000);
	assert_int_equal(publishes(), 1);
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(reply.note);
	assert_non_null(strstr(reply.note, "size"));
}

static void
the_server_is_not_flooded(void **state)
{
	char name[64];
	unsigned i;

	(void)state;
	/* Forty users change at once: no more in flight than the window, and all of them in the end. */
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		enrols(name);
	}
	passes(60000);
	catch_up();
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
	passes(1000);
	assert_in_range(publishes(), 2, 39);
	assert_int_equal(stats().in_flight, publishes());
	released();
	passes(5000);
	assert_int_equal(publishes(), 40);
	assert_int_equal(stats().in_flight, 0);
}

static void
a_slow_server_is_given_less(void **state)
{
	char name[64];
	unsigned i;
	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		enrols(name);
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
	passes(60000);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "away");
	}
	passes(300);
	assert_true(stats().in_flight >= 16);
	passes(12000); /* no answer in time */
	released();
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "dnd");
	}
	passes(3000);
	assert_in_range(stats().in_flight, 1, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_hundred_changes_in_a_second_are_a_handful_of_publishes),
		TEST_LINKED(a_change_waits_for_the_window_and_no_longer),
		TEST_LINKED(the_same_again_is_not_published),
		TEST_LINKED(a_storm_is_held_to_the_rate_and_its_end_is_published),
		TEST_LINKED(another_rate_is_for_everybody_at_once),
		TEST_LINKED(one_publish_is_in_flight_and_the_latest_state_follows),
		TEST(what_changed_meanwhile_follows_the_answer_at_once),
		TEST_LINKED(a_lost_link_forgets_what_was_in_flight),
		TEST_LINKED(a_publish_that_may_have_been_executed_is_not_taken_for_lost),
		TEST_LINKED(nothing_older_comes_after_something_newer),
		TEST_LINKED(silence_is_retried),
		TEST_LINKED(an_error_is_retried_with_backoff),
		TEST_LINKED(who_failed_together_tries_again_at_different_times),
		TEST_LINKED(an_item_too_big_blocks_with_its_reason),
		TEST_LINKED(the_server_is_not_flooded),
		TEST_LINKED(a_slow_server_is_given_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
