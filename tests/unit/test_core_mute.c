/* A host that answers nothing goes on at once when it does, and costs the stream when nobody is served (F17, F20). */
#include "core_fixture.h"
#include "slots_fixture.h"

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
	/* Others are asked now and then: once in five seconds at most. */
	assert_in_range(iq_count(ACTION_CONFIG_GET), before, before + 80);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
