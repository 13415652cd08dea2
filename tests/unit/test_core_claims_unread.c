/* What proves an approval where rosters can't be read: a request that is repeated, and who answers it. */
#include "core_fixture.h"

#define NO_ROSTER (GRANT_ALL & ~(unsigned)GRANT_ROSTER)

static void
comes_back_without_rosters(void)
{
	restart();
	catch_up();
	forget_sent();
	link_up();
	grant(NO_ROSTER);
	passes(1000);
}

/* Three others, who answer what was asked later. */
static const char *const others[] = {"u1@home.test", "u2@home.test", "u3@home.test"};

static void
others_are_there(void)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		user_is(others[i]);
		enrols(others[i]);
		approves(others[i]);
	}
	user_is(ALICE);
}

static void
others_answer(void)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		user_is(others[i]);
		says_to("u0@home.test", bridge(), "off");
		if (probed_from(others[i]) != NULL)
			says_to(others[i], probed_from(others[i]), "off");
	}
	user_is(ALICE);
}

static void
waits_for_the_request(unsigned n)
{
	unsigned i;

	for (i = 0; i < 200 && presences_sent(PRESENCE_SUBSCRIBE, ALICE) < n; i++) {
		passes(1000);
		others_answer();
	}
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), n);
}

static void
the_request_is_taken_back(void)
{
	unsigned i;

	others_are_there();
	comes_back_without_rosters();
	waits_for_the_request(1);
	for (i = 0; i < 120 && presences_sent(PRESENCE_UNSUBSCRIBE, ALICE) == 0; i++) {
		passes(1000);
		others_answer();
	}
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 1);
}

static void
the_link_is_cut(void)
{
	link_down();
	forget_sent();
	passes(1000);
	link_up();
	grant(NO_ROSTER);
}

static void
a_request_that_is_repeated_is_answered_where_it_stands(void **state)
{
	(void)state;
	others_are_there();
	comes_back_without_rosters();
	answers(DESK "/phone", "dnd");
	waits_for_the_request(1);
	assert_shows("Desk phone", "on");
	approves(ALICE);
	passes(30000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_not_logged("user.suspended");
}

static void
who_answers_the_probe_is_sent_no_request(void **state)
{
	(void)state;
	others_are_there();
	comes_back_without_rosters();
	answers(ALICE "/laptop", "on");
	others_answer();
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 0);
}

static void
without_an_answer_it_is_taken_back_before_she_is_probed(void **state)
{
	unsigned i;

	(void)state;
	others_are_there();
	comes_back_without_rosters();
	waits_for_the_request(1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	says_to(ALICE "/newcomer", bridge(), "on");
	for (i = 0; i < 120 && presences_sent(PRESENCE_UNSUBSCRIBE, ALICE) == 0; i++) {
		assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
		passes(1000);
		others_answer();
	}
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 1);
	assert_not_logged("user.suspended");
	waits_for_the_request(2);
	for (i = 0; i < 120 && times_logged("user.suspended") == 0; i++) {
		passes(1000);
		others_answer();
	}
	assert_logged("user.suspended");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 2);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	/* From then on she is probed, ever more slowly, and no request is made. */
	forget_sent();
	passes(24 * 60 * 60 * 1000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 0);
	assert_in_range(presences_sent(PRESENCE_PROBE, ALICE), 20, 35);
	answers(ALICE "/laptop", "away");
	assert_logged("user.resumed");
}

/* Prosody answers a probe beside a request with `unsubscribed', which would be her end. */
static void
what_was_taken_back_and_lost_with_the_link_is_asked_again(void **state)
{
	(void)state;
	the_request_is_taken_back();
	the_link_is_cut();
	passes(5000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
}

static void
what_was_taken_back_and_came_there_is_probed(void **state)
{
	(void)state;
	the_request_is_taken_back();
	passes(1000);
	user_is(others[0]);
	says("u1@home.test/x", "on"); /* whose devices are published: that is answered */
	passes(20000);
	user_is(ALICE);
	the_link_is_cut();
	passes(100);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
}

static void
a_server_that_says_nothing_has_not_refused_it(void **state)
{
	(void)state;
	server.name = NULL; /* nor does it answer pings */
	comes_back_without_rosters();
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	assert_not_logged("user.suspended");
}

static void
alone_on_her_server_she_is_told_from_its_silence_by_what_else_it_answers(void **state)
{
	unsigned before;

	(void)state;
	comes_back_without_rosters();
	before = iq_count(ACTION_INFO_GET);
	passes(300000);
	assert_true(iq_count(ACTION_INFO_GET) > before);
	assert_logged("user.suspended");
}

static void
an_approval_after_that_begins_with_nothing(void **state)
{
	(void)state;
	comes_back_without_rosters();
	passes(300000);
	assert_logged("user.suspended");
	forget_sent();
	approves(ALICE);
	passes(5000);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	approves(ALICE);
	says(DESK "/phone", "on");
	says(ALICE "/newcomer", "on");
	passes(5000);
	assert_shows("newcomer", "on");
	assert_shows("Desk phone", "absent");
}

/* Her host isn't configured any more by the time at which he would be enrolled. */
static void
who_can_not_be_enrolled_then_is_left_as_anybody_is(void **state)
{
	static const char *const hosts[] = {"work.test"};

	(void)state;
	comes_back_without_rosters();
	passes(300000);
	assert_logged("user.suspended");
	forget_sent();
	registry_is(REGISTRY_WAITS);
	approves(ALICE);
	passes(5000);
	settings.hosts = hosts;
	settings.nhosts = 1;
	configures();
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 1);
}

/* Servers answer at once: by then somebody has accepted what he has found. */
static void
so_does_one_that_comes_late(void **state)
{
	(void)state;
	server.name = NULL;
	comes_back_without_rosters();
	waits_for_the_request(1);
	passes(110000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	approves(ALICE);
	passes(5000);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(registry_devices(), 0);
}

static void
nor_does_it_show_anything_between_the_two(void **state)
{
	unsigned i;

	(void)state;
	comes_back_without_rosters();
	for (i = 0; i < 100 && presences_sent(PRESENCE_UNSUBSCRIBE, ALICE) == 0; i++)
		passes(1000);
	assert_not_logged("user.suspended");
	approves(ALICE);
	passes(5000);
	assert_int_equal(registry_devices(), 0);
}

static void
the_echo_of_taking_it_back_is_not_her_end(void **state)
{
	unsigned i;

	(void)state;
	comes_back_without_rosters();
	for (i = 0; i < 100 && presences_sent(PRESENCE_UNSUBSCRIBE, ALICE) == 0; i++)
		passes(1000);
	ends(ALICE);
	passes(5000);
	assert_int_equal(registry_users(), 1);
	assert_false(registry_user(ALICE)->leaving);
	/* What she says later is. */
	passes(200000);
	assert_logged("user.suspended");
	passes(60000);
	ends(ALICE);
	passes(10000);
	assert_int_equal(registry_users(), 0);
}

/* Prosody would delete it, and say `unsubscribed'. */
static void
one_that_the_last_stream_left_is_repeated_and_not_probed(void **state)
{
	(void)state;
	comes_back_without_rosters();
	waits_for_the_request(1);
	link_down();
	forget_sent();
	link_up();
	grant(NO_ROSTER);
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	approves(ALICE);
	answers(DESK "/phone", "dnd");
	passes(31000);
	assert_shows("Desk phone", "dnd");
	link_down();
	forget_sent();
	link_up();
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
}

/* Rosters can be read by then: as long as the request waits, a probe would take it back. */
static void
a_roster_that_refutes_it_takes_it_back_without_a_probe(void **state)
{
	(void)state;
	comes_back_without_rosters();
	waits_for_the_request(1);
	server_subscribes(ALICE, ALICE_BRIDGE, false);
	grant(GRANT_ALL);
	passes(50000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	passes(60000);
	assert_logged("user.suspended");
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 1);
}

static void
who_can_t_be_read_where_rosters_are_granted_has_to_answer_herself(void **state)
{
	(void)state;
	others_are_there();
	roster_refused(true);
	reacts(ACTION_ROSTER_GET, SILENCE, 0);
	restart();
	forget_sent();
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1);
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
	passes(200000);
	/* He who blocks us would accept it, and be her. */
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 0);
	assert_in_range(presences_sent(PRESENCE_PROBE, ALICE), 2, 4);
	approves(ALICE);
	passes(31000);
	assert_shows("Desk phone", "on");
	answers(ALICE "/laptop", "on");
	passes(31000);
	assert_shows("Desk phone", "dnd");
}

static void
nor_does_a_roster_that_is_too_large_prove_anything(void **state)
{
	(void)state;
	others_are_there();
	roster_too_large(ALICE);
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
	passes(200000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 0);
	assert_shows("Desk phone", "on");
	/* It is read again. */
	roster_too_large(NULL);
	passes(500000);
	assert_shows("Desk phone", "dnd");
}

static void
one_that_was_too_large_is_read_at_once_on_a_new_stream(void **state)
{
	(void)state;
	roster_too_large(ALICE);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(60000);
	roster_too_large(NULL);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
	passes(31000);
	assert_shows("Desk phone", "dnd");
}

static void
a_grant_that_comes_late_lets_rosters_be_read(void **state)
{
	(void)state;
	comes_back_without_rosters();
	answers(DESK "/phone", "dnd");
	passes(9000);
	grant(GRANT_ALL);
	passes(25000);
	assert_shows("Desk phone", "dnd");
	passes(120000);
	assert_not_logged("user.suspended");
}

static void
so_does_one_for_linked_accounts(void **state)
{
	(void)state;
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(ALICE "/laptop", "on");
	server_subscribes(DESK, ALICE_BRIDGE, false);
	passes(60000);
	assert_not_logged("device.suspended");
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(70000);
	assert_logged("device.suspended");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_request_that_is_repeated_is_answered_where_it_stands),
		TEST_LINKED(who_answers_the_probe_is_sent_no_request),
		TEST_LINKED(without_an_answer_it_is_taken_back_before_she_is_probed),
		TEST_LINKED(what_was_taken_back_and_lost_with_the_link_is_asked_again),
		TEST_LINKED(what_was_taken_back_and_came_there_is_probed),
		TEST_LINKED(a_server_that_says_nothing_has_not_refused_it),
		TEST_LINKED(alone_on_her_server_she_is_told_from_its_silence_by_what_else_it_answers),
		TEST_LINKED(an_approval_after_that_begins_with_nothing),
		TEST_LINKED(who_can_not_be_enrolled_then_is_left_as_anybody_is),
		TEST_LINKED(so_does_one_that_comes_late),
		TEST_LINKED(nor_does_it_show_anything_between_the_two),
		TEST_LINKED(the_echo_of_taking_it_back_is_not_her_end),
		TEST_LINKED(one_that_the_last_stream_left_is_repeated_and_not_probed),
		TEST_LINKED(a_roster_that_refutes_it_takes_it_back_without_a_probe),
		TEST_LINKED(who_can_t_be_read_where_rosters_are_granted_has_to_answer_herself),
		TEST_LINKED(nor_does_a_roster_that_is_too_large_prove_anything),
		TEST_LINKED(one_that_was_too_large_is_read_at_once_on_a_new_stream),
		TEST_LINKED(a_grant_that_comes_late_lets_rosters_be_read),
		TEST_LINKED(so_does_one_for_linked_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
