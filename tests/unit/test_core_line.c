/* Who else is on our line: what we send to ourselves, and stanzas that are not for us. */
#include <string.h>

#include "base/mem.h"
#include "core_fixture.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)

static void
has(enum event_kind kind, const char *from, const char *from_resource, const char *to, const char *to_resource)
{
	const struct event ev = { .kind = kind, .from = {from, from_resource}, .to = {to, to_resource} };

	feeds(&ev);
}

/* A second connection */

static void
eight_messages_a_minute_go_to_ourselves(void **state)
{
	(void)state;
	assert_int_equal(headlines(), 0);
	link_up();
	passes(2000);
	assert_int_equal(headlines(), 8);
	passes(10 * MINUTE);
	assert_in_range(headlines(), 80, 96);
	assert_not_logged("link.shared");
	assert_int_equal(stats().shared, 0);
}

static void
one_that_is_missing_although_a_later_one_came_back_means_another_connection(void **state)
{
	(void)state;
	link_up();
	passes(MINUTE);
	line_is("x.......");
	passes(70000);
	assert_int_equal(times_logged("link.shared"), 1);
	assert_int_equal(stats().shared, 1);
	/* Said once, however long it lasts. */
	passes(24 * HOUR);
	assert_int_equal(times_logged("link.shared"), 1);
	assert_not_logged("link.alone");
	assert_int_equal(reconnects(), 0);
}

static void
the_last_ones_are_missed_as_well(void **state)
{
	(void)state;
	link_up();
	line_is("....xxxx");
	passes(10000);
	assert_int_equal(times_logged("link.shared"), 1);
}

static void
its_end_is_said_and_a_new_stream_is_asked_for(void **state)
{
	(void)state;
	line_is(".x..x.x.");
	link_up();
	passes(5 * MINUTE);
	assert_logged("link.shared");
	line_is(NULL);
	passes(30000);
	assert_int_equal(times_logged("link.alone"), 1);
	assert_int_equal(stats().shared, 0);
	assert_int_equal(reconnects(), 1);
	passes(HOUR);
	assert_int_equal(times_logged("link.alone"), 1);
	assert_int_equal(reconnects(), 1);
}

/* Answers go to the other connection as well: that none comes says nothing of the server. */
static void
while_the_line_is_shared_no_answer_is_no_verdict(void **state)
{
	(void)state;
	has_enrolled(GRANT_PUBSUB | GRANT_ROSTER);
	line_is(".x..x.x.");
	passes(2 * MINUTE);
	assert_logged("link.shared");
	server.drops_privileged = server.drops_ordinary = true;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	says(ALICE "/laptop", "away");
	passes(20 * MINUTE);
	/* Nor on a stream on which nothing has worked yet. */
	link_down();
	link_up();
	grant(GRANT_PUBSUB | GRANT_ROSTER);
	says(ALICE "/laptop", "dnd");
	passes(20 * MINUTE);
	says(ALICE "/laptop", "away");
	assert_not_logged("privilege.lost");
	assert_not_logged("privilege.refused");
	assert_not_logged("ordinary.dropped");
	assert_int_equal(reconnects(), 0);
	/* When it ends things are as they were. */
	server.drops_privileged = server.drops_ordinary = false;
	behaves();
	line_is(NULL);
	passes(2 * MINUTE);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
a_batch_that_is_whole_by_chance_is_no_end(void **state)
{
	(void)state;
	line_is("................x.......");
	link_up();
	passes(24 * HOUR);
	assert_int_equal(times_logged("link.shared"), 1);
	assert_not_logged("link.alone");
}

static void
on_a_new_stream_it_is_not_said_again(void **state)
{
	(void)state;
	line_is("x.......");
	link_up();
	passes(MINUTE);
	link_down();
	passes(MINUTE);
	assert_int_equal(stats().shared, 1);
	link_up();
	passes(HOUR);
	assert_int_equal(times_logged("link.shared"), 1);
}

/* It has all that is granted: what ended before it began took nothing of that. */
static void
what_ended_before_this_stream_began_costs_no_other(void **state)
{
	(void)state;
	line_is("x.......");
	link_up();
	passes(MINUTE);
	link_down();
	line_is(NULL);
	link_up();
	passes(MINUTE);
	assert_int_equal(times_logged("link.alone"), 1);
	assert_int_equal(reconnects(), 0);
}

static void
one_that_comes_and_goes_costs_a_stream_a_minute_at_most(void **state)
{
	unsigned i, before = 0;

	(void)state;
	link_up();
	for (i = 0; i < 90; i++) {
		line_is("x.......");
		passes(8000);
		line_is(NULL);
		passes(30000);
		if (reconnects() != before) {
			link_down();
			link_up();
		}
		before = reconnects();
	}
	assert_in_range(reconnects(), 5, 60);
}

/* What is no second connection */

static void
a_slow_server_is_none(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	for (i = 0; i < 100; i++) {
		line_holds(true);
		passes(8000 + 100 * i);
		line_holds(false);
		passes(10 * i);
	}
	assert_not_logged("link.shared");
	assert_not_logged("link.mute");
}

static void
a_batch_that_comes_in_pieces_is_none(void **state)
{
	unsigned i;

	(void)state;
	line_holds(true);
	link_up();
	for (i = 0; i < 1000; i++) {
		passes(1000 + i % 7 * 1000);
		line_releases(1 + i % 5);
	}
	assert_not_logged("link.shared");
}

static void
what_overtakes_another_one_is_no_loss(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	for (i = 0; i < 100; i++) {
		passes(MINUTE);
		line_holds(true);
		passes(MINUTE);
		has(EVENT_HEADLINE, DOMAIN, NULL, DOMAIN, headline_last());
		passes(1000);
		line_holds(false);
	}
	assert_not_logged("link.shared");
}

static void
a_server_that_is_slower_than_we_ask_is_asked_less(void **state)
{
	unsigned i;

	(void)state;
	line_holds(true);
	link_up();
	for (i = 0; i < 24 * 60; i++) {
		passes(MINUTE);
		line_releases(1);
	}
	assert_not_logged("link.shared");
	assert_not_logged("link.mute");
	assert_in_range(headlines(), 24 * 60, 24 * 60 + 64);
}

static void
a_server_frozen_for_eighty_seconds_is_none(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	for (i = 0; i < 50; i++) {
		passes(1700 * i);
		line_holds(true);
		passes(80000);
		line_holds(false);
	}
	assert_not_logged("link.shared");
}

static void
a_server_that_gives_nothing_back_is_none_and_is_left_alone(void **state)
{
	(void)state;
	line_is("x");
	link_up();
	passes(24 * HOUR);
	assert_not_logged("link.shared");
	assert_int_equal(times_logged("link.mute"), 1);
	assert_in_range(headlines(), 8, 48);
	/* Until the next stream. */
	line_is(NULL);
	link_down();
	link_up();
	passes(MINUTE);
	assert_int_not_equal(headlines(), 0);
}

static void
what_comes_back_after_all_is_enough_to_go_on(void **state)
{
	(void)state;
	line_holds(true);
	link_up();
	passes(20 * MINUTE);
	assert_logged("link.mute");
	line_holds(false);
	(void)headlines();
	passes(10 * MINUTE);
	assert_in_range(headlines(), 72, 96);
	assert_not_logged("link.shared");
}

static void
what_went_with_a_lost_link_is_not_missed(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		link_up();
		line_holds(true);
		passes(500 * i);
		link_down();
		line_holds(false);
		passes(1000);
	}
	link_up();
	passes(10 * MINUTE);
	assert_not_logged("link.shared");
}

static void
what_a_full_link_does_not_take_is_not_missed(void **state)
{
	(void)state;
	link_up();
	passes(10000);
	(void)headlines();
	link_takes(3);
	passes(HOUR);
	assert_in_range(headlines(), 0, 3);
	link_takes((unsigned)-1);
	passes(10 * MINUTE);
	assert_not_logged("link.shared");
}

static void
what_there_was_no_memory_for_is_not_missed(void **state)
{
	const struct event tick = {.kind = EVENT_TICK};
	uint64_t n;

	(void)state;
	link_up();
	out_of_memory(true);
	for (n = 1; n < 60; n++) {
		clock_jumps(MINUTE);
		mem_fail_at(n % 30 + 1);
		feeds_status(&tick);
		mem_fail_at(0);
		feeds(&tick);
		passes(5000);
	}
	assert_not_logged("link.shared");
}

static void
nobody_else_can_give_them_back(void **state)
{
	const char *resource;

	(void)state;
	link_up();
	passes(2000);
	line_holds(true);
	passes(MINUTE);
	resource = headline_last();
	assert_true(headlines() > 0);
	/* As if the earlier ones were lost. */
	has(EVENT_HEADLINE, BOB, "x", DOMAIN, resource);
	has(EVENT_HEADLINE, "evil.test", NULL, DOMAIN, resource);
	has(EVENT_HEADLINE, DOMAIN, resource, DOMAIN, resource);
	has(EVENT_HEADLINE, ALICE_BRIDGE, NULL, DOMAIN, resource);
	has(EVENT_HEADLINE, DOMAIN, NULL, ALICE_BRIDGE, resource);
	has(EVENT_HEADLINE, DOMAIN, NULL, DOMAIN, NULL);
	has(EVENT_HEADLINE, DOMAIN, NULL, DOMAIN, "guessed");
	has(EVENT_HEADLINE, NULL, NULL, DOMAIN, resource);
	passes(10000);
	assert_not_logged("link.shared");
	assert_int_equal(stats().strangers, 8);
	has(EVENT_HEADLINE, DOMAIN, NULL, DOMAIN, resource);
	passes(10000);
	assert_logged("link.shared");
}

static void
what_users_send_to_our_domain_is_no_matter(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	for (i = 0; i < 10000; i++) {
		writes(BOB "/x", "to somebody else");
		has(EVENT_MESSAGE, BOB, "x", DOMAIN, "y");
		if (i % 100 == 0)
			passes(1000);
	}
	assert_not_logged("link.shared");
}

static void
who_is_about_to_stop_asks_no_more(void **state)
{
	unsigned i;

	(void)state;
	has_enrolled(GRANT_ALL);
	reacts(ACTION_PUBLISH, SILENCE, -1);
	/* At any time of the minute. */
	for (i = 0; i < 70; i++) {
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "on");
		passes(1000);
		(void)headlines();
		drains();
		passes(MINUTE);
		assert_true(drained());
		assert_int_equal(headlines(), 0);
		restart();
		link_up();
		passes(1000 * i);
	}
}

/* Stanzas to another domain */

static void
a_stanza_to_another_domain_is_said_at_once_and_then_hourly(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	has(EVENT_PRESENCE, BOB, "x", "other.test", NULL);
	assert_int_equal(times_logged("link.foreign"), 1);
	assert_string_equal(logged_last("link.foreign", "domain"), "other.test");
	assert_string_equal(logged_last("link.foreign", "count"), "1");
	assert_non_null(strstr(logged_last("link.foreign", "text"), "global_routes: false"));
	for (i = 0; i < 1000; i++) {
		has(EVENT_MESSAGE, BOB, "x", "someone@other.test", NULL);
		passes(10);
	}
	assert_int_equal(times_logged("link.foreign"), 1);
	link_down();
	link_up();
	passes(HOUR);
	has(EVENT_REQUEST, BOB, "x", "third.test", NULL);
	assert_int_equal(times_logged("link.foreign"), 2);
	assert_string_equal(logged_last("link.foreign", "domain"), "third.test");
	assert_string_equal(logged_last("link.foreign", "count"), "1001");
}

static void
what_is_for_us_is_not_foreign(void **state)
{
	(void)state;
	has_a_desk_phone(GRANT_ALL);
	hints(ALICE "/laptop", "away");
	says_to(BOB "/x", "nobody@" DOMAIN, "on");
	has(EVENT_MESSAGE, BOB, "x", DOMAIN, "y");
	passes(HOUR);
	assert_not_logged("link.foreign");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(eight_messages_a_minute_go_to_ourselves),
		TEST(one_that_is_missing_although_a_later_one_came_back_means_another_connection),
		TEST(the_last_ones_are_missed_as_well),
		TEST(its_end_is_said_and_a_new_stream_is_asked_for),
		TEST(while_the_line_is_shared_no_answer_is_no_verdict),
		TEST(a_batch_that_is_whole_by_chance_is_no_end),
		TEST(on_a_new_stream_it_is_not_said_again),
		TEST(what_ended_before_this_stream_began_costs_no_other),
		TEST(one_that_comes_and_goes_costs_a_stream_a_minute_at_most),
		TEST(a_slow_server_is_none),
		TEST(a_batch_that_comes_in_pieces_is_none),
		TEST(what_overtakes_another_one_is_no_loss),
		TEST(a_server_that_is_slower_than_we_ask_is_asked_less),
		TEST(a_server_frozen_for_eighty_seconds_is_none),
		TEST(a_server_that_gives_nothing_back_is_none_and_is_left_alone),
		TEST(what_comes_back_after_all_is_enough_to_go_on),
		TEST(what_went_with_a_lost_link_is_not_missed),
		TEST(what_a_full_link_does_not_take_is_not_missed),
		TEST(what_there_was_no_memory_for_is_not_missed),
		TEST(nobody_else_can_give_them_back),
		TEST(what_users_send_to_our_domain_is_no_matter),
		TEST(who_is_about_to_stop_asks_no_more),
		TEST(a_stanza_to_another_domain_is_said_at_once_and_then_hourly),
		TEST(what_is_for_us_is_not_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
