/* Privileges that never came, and such as were lost: what is said, what is not published, when a new stream is asked for. */
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@home.test"

static const char *const home[] = {"home.test"};

static void
with_hosts(const char *const *hosts, size_t n)
{
	settings.hosts = hosts;
	settings.nhosts = n;
	restart();
}

/* The core asked for a new stream, and there is one. */
static void
new_stream(unsigned what)
{
	link_down();
	link_up();
	if (what != 0)
		grant(what);
	says(ALICE "/laptop", "on");
	passes(60000);
}

/* What never came */

static void
a_host_that_grants_nothing_is_named_with_the_lines_to_add(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	passes(4999);
	assert_not_logged("grant.missing");
	passes(1);
	assert_logged("grant.missing");
	assert_string_equal(logged_last("grant.missing", "host"), "work.test");
	assert_non_null(strstr(logged_last("grant.missing", "prosody"), "[\"" DOMAIN "\"]"));
	assert_non_null(strstr(logged_last("grant.missing", "ejabberd"), "server: " DOMAIN));
	passes(3600000);
	assert_int_equal(times_logged("grant.missing"), 1);
}

static void
nothing_is_concluded_before_what_was_sent_behind_the_handshake_came_back(void **state)
{
	(void)state;
	link_takes(0); /* the ping to our own domain is not sent yet */
	link_up();
	stalls(9000);
	assert_not_logged("grant.missing");
	link_takes((unsigned)-1);
	passes(5000);
	assert_int_equal(times_logged("grant.missing"), 2);
}

static void
who_said_so_in_time_is_not_missing(void **state)
{
	(void)state;
	with_hosts(home, 1);
	link_up();
	passes(4000);
	grant(GRANT_ALL);
	passes(600000);
	assert_not_logged("grant.missing");
}

static void
its_word_that_it_grants_nothing_costs_no_stream(void **state)
{
	(void)state;
	/* Prosody answers `forbidden'; for a simulated month, with another host that works, and without. */
	has_enrolled(GRANT_ALL);
	says(ALICE "/laptop", "off");
	assert_int_equal(words_asked("work.test"), 1);
	passes(30 * UINT64_C(86400000));
	assert_int_equal(words_asked("work.test"), 1);
	with_hosts(home, 1);
	grant_is_taken_back();
	link_up();
	passes(30 * UINT64_C(86400000));
	assert_int_equal(reconnects(), 0);
}

static void
a_host_that_never_granted_anything_costs_no_stream_though_it_is_silent(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(30 * UINT64_C(86400000));
	assert_int_equal(words_asked("work.test"), 1);
	assert_int_equal(reconnects(), 0);
}

static void
an_advertisement_that_was_lost_is_asked_for_by_a_new_stream(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	link_down();
	server.forgets_grants = true;
	link_up(); /* and no grant */
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "dnd");
	passes(20000);
	assert_int_equal(reconnects(), 1);
	/* Nobody would deliver what is published meanwhile. */
	assert_int_equal(publishes(), 0);
	assert_logged("user.blocked");
	assert_int_equal(stats().blocked, 1);
	server.forgets_grants = false;
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "dnd");
	forget_sent();
	assert_publishes("Desk phone", "dnd");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(stats().blocked, 0);
}

/* A restart remembers it by the nodes that we have silenced. */
static void
nor_is_it_forgotten_over_a_restart(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	restart();
	server.forgets_grants = true;
	link_up();
	says(ALICE "/laptop", "away");
	passes(30000);
	assert_int_equal(reconnects(), 1);
}

static void
a_roster_that_is_given_though_nothing_was_granted_tells_of_a_lost_advertisement(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL);
	link_down();
	link_up();
	says(ALICE "/laptop", "away");
	passes(20000);
	assert_int_equal(reconnects(), 1);
}

static void
who_leaves_takes_her_item_along_all_the_same(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	link_down();
	server.forgets_grants = true;
	link_up();
	says(ALICE "/laptop", "away");
	passes(10000);
	ends(ALICE);
	passes(10000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
}

/* How often */

/* Seconds until the core asks for another stream. */
static unsigned
asks_again_after(void)
{
	unsigned before = reconnects(), seconds = 0;

	link_down();
	link_up();
	says(ALICE "/laptop", "on");
	for (; reconnects() == before; seconds++) {
		assert_true(seconds < 2 * 3600);
		passes(1000);
	}
	return seconds;
}

static void
new_streams_are_asked_for_less_and_less(void **state)
{
	static const unsigned least[] = {0, 15, 45, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600};
	unsigned i, seconds;

	(void)state;
	server.name = "ejabberd";
	with_hosts(home, 1);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	server.forgets_grants = true;
	for (i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
		seconds = asks_again_after();
		assert_in_range(seconds, least[i], least[i] < 30 ? 40 : least[i] + 2);
	}
}

static void
while_another_hosts_grants_work_three_are_enough(void **state)
{
	unsigned i;

	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	user_is("dora@work.test");
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	enrols("dora@work.test");
	approves("dora@work.test");
	says("dora@work.test/x", "on");
	passes(60000);
	server.forgets_grants = true; /* home.test, which is served no more; work.test is */
	for (i = 0; i < 6; i++) {
		link_down();
		link_up();
		grant_by("work.test", DOMAIN, GRANT_ALL, 2);
		says("dora@work.test/x", "on");
		passes(4 * 3600000);
	}
	assert_int_equal(reconnects(), 3);
	/* A reload begins anew. */
	configures();
	passes(1000);
	assert_int_equal(reconnects(), 4);
}

static void
nobody_is_made_unknown_again_before_he_is_known(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	user_is("dora@work.test");
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	enrols("dora@work.test");
	approves("dora@work.test");
	says("dora@work.test/x", "on");
	passes(60000);
	server.forgets_grants = true;
	link_down();
	link_up();
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	passes(29000); /* dora's devices are silent */
	assert_int_equal(reconnects(), 0);
	passes(3000);
	assert_int_equal(reconnects(), 1);
}

/* What was lost */

static void
silence_to_the_first_privileged_requests_asks_for_a_new_stream(void **state)
{
	(void)state;
	server.drops_privileged = server.drops_ordinary = true;
	has_enrolled(GRANT_ALL & ~GRANT_OWNER & ~GRANT_ROSTER);
	passes(60000);
	assert_logged("privilege.lost");
	assert_int_equal(reconnects(), 1);
	server.drops_privileged = server.drops_ordinary = false;
	new_stream(GRANT_ALL & ~GRANT_OWNER & ~GRANT_ROSTER);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(reconnects(), 1);
}

static void
what_is_lost_twice_in_ten_minutes_is_noticed_twice(void **state)
{
	unsigned i;

	(void)state;
	has_enrolled(GRANT_PUBSUB);
	for (i = 0; i < 2; i++) {
		server.drops_privileged = server.drops_ordinary = true;
		says(ALICE "/laptop", i == 0 ? "away" : "dnd");
		passes(60000);
		assert_int_equal(reconnects(), i + 1);
		server.drops_privileged = server.drops_ordinary = false;
		new_stream(GRANT_PUBSUB);
	}
}

/* The pause begins anew when what was won back has worked for a while. */
static void
what_is_lost_now_and_then_is_noticed_as_fast_each_time(void **state)
{
	unsigned i;

	(void)state;
	has_enrolled(GRANT_PUBSUB);
	for (i = 0; i < 13; i++) {
		server.drops_privileged = server.drops_ordinary = true;
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "dnd");
		passes(60000);
		assert_int_equal(reconnects(), i + 1);
		server.drops_privileged = server.drops_ordinary = false;
		new_stream(GRANT_PUBSUB);
		passes(20 * 60000);
		says(ALICE "/laptop", "xa");
		passes(5000);
	}
}

/* Seldom is not in a row. */
static void
answers_that_are_missing_now_and_then_cost_no_stream(void **state)
{
	unsigned i, before;

	(void)state;
	has_enrolled(GRANT_ROSTER);
	says(ALICE "/laptop", "off");
	passes(600000);
	link_down();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_up();
	grant(GRANT_ROSTER);
	says(ALICE "/laptop", "on");
	says(ALICE "/laptop", "off");
	before = iq_count(ACTION_ROSTER_GET);
	for (i = 0; i < 6; i++) {
		passes(3600000);
		says(ALICE "/laptop", "on");
		says(ALICE "/laptop", "off");
	}
	assert_true(iq_count(ACTION_ROSTER_GET) >= before + 6);
	assert_int_equal(reconnects(), 0);
}

/* One account's server process may be broken for it alone. */
static void
one_account_that_gets_no_answer_costs_nobody_the_stream(void **state)
{
	unsigned i;

	(void)state;
	has_enrolled(GRANT_ALL);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(60000);
	roster_silent(BOB);
	for (i = 0; i < 60; i++)
		passes(60000);
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
	/* All of them are another thing. */
	roster_silent(ALICE);
	passes(200000);
	assert_int_equal(reconnects(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_host_that_grants_nothing_is_named_with_the_lines_to_add),
		TEST(nothing_is_concluded_before_what_was_sent_behind_the_handshake_came_back),
		TEST(who_said_so_in_time_is_not_missing),
		TEST(its_word_that_it_grants_nothing_costs_no_stream),
		TEST(a_host_that_never_granted_anything_costs_no_stream_though_it_is_silent),
		TEST(an_advertisement_that_was_lost_is_asked_for_by_a_new_stream),
		TEST(nor_is_it_forgotten_over_a_restart),
		TEST(a_roster_that_is_given_though_nothing_was_granted_tells_of_a_lost_advertisement),
		TEST(who_leaves_takes_her_item_along_all_the_same),
		TEST(new_streams_are_asked_for_less_and_less),
		TEST(while_another_hosts_grants_work_three_are_enough),
		TEST(nobody_is_made_unknown_again_before_he_is_known),
		TEST(silence_to_the_first_privileged_requests_asks_for_a_new_stream),
		TEST(what_is_lost_twice_in_ten_minutes_is_noticed_twice),
		TEST(what_is_lost_now_and_then_is_noticed_as_fast_each_time),
		TEST(answers_that_are_missing_now_and_then_cost_no_stream),
		TEST(one_account_that_gets_no_answer_costs_nobody_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
