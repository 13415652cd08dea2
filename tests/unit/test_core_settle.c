/* Links and processes that come and go: what is not known yet is not published. */
#include <string.h>

#include "core_fixture.h"

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
}

static void
a_restart_with_everything_as_it_was_publishes_nothing(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_quiet(120000);
}

static void
after_a_crash_what_was_published_last_is_not_believed(void **state)
{
	(void)state;
	crash();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_publishes("Desk phone", "on");
	assert_shows("laptop", "on");
	assert_quiet(120000);
}

static void
a_restart_publishes_what_differs(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_shows("laptop", "on");
	assert_quiet(120000);
}

static void
a_restart_waits_until_every_device_is_known(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "away");
	assert_quiet(25000);
	says(DESK "/phone", "on");
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "on");
	assert_int_equal(stats().unsettled, 0);
}

static void
a_device_that_has_ended_has_no_resources_and_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(stats().resources, 2);
	ends(DESK);
	assert_int_equal(stats().resources, 1);
	passes(5000);
	catch_up();
	link_down();
	comes_back();
	says(ALICE "/laptop", "away");
	passes(2000);
	assert_int_equal(publishes(), 1);
	assert_shows("laptop", "away");
}

/* The wait for the others ends when it is over, whatever one of them goes on saying. */
static void
a_device_that_never_rests_postpones_nothing(void **state)
{
	unsigned n;

	(void)state;
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	for (n = 0; n < 200 && publishes() == 0; n++) {
		says(DESK "/phone", n % 2 == 0 ? "away" : "dnd");
		passes(200);
	}
	/* Both were known at once: it is a grace of less than a second that is waited for. */
	assert_in_range(n, 1, 5);
	link_down();
	catch_up();
	comes_back();
	/* With one of them silent it is the whole wait. */
	for (n = 0; n < 400 && publishes() == 0; n++) {
		says(ALICE "/laptop", n % 2 == 0 ? "away" : "dnd");
		passes(200);
	}
	assert_in_range(n * 200, settings.settle_ms, settings.settle_ms + 2000);
}

static void
silence_reads_offline_at_the_end_of_the_wait(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	assert_quiet(29000);
	passes(2000);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "off");
	assert_shows("laptop", "on");
}

static void
the_answer_that_a_device_is_off_ends_the_wait(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	says(ALICE "/laptop", "on");
	is_gone(DESK);
	assert_publishes("Desk phone", "off");
	assert_int_equal(stats().unsettled, 0);
}

static void
probes_are_sent_when_the_link_is_up(void **state)
{
	(void)state;
	restart();
	forget_sent();
	comes_back();
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
}

static void
each_probe_comes_from_a_resource_that_nobody_can_guess(void **state)
{
	const char *own, *desk;

	(void)state;
	restart();
	comes_back();
	passes(1000);
	own = probed_from(ALICE);
	desk = probed_from(DESK);
	assert_true(strlen(own) > strlen(ALICE_BRIDGE) + 12); /* more than 60 bits */
	assert_string_not_equal(own, desk);
	link_down();
	comes_back();
	passes(1000);
	assert_string_not_equal(own, probed_from(ALICE));
	assert_string_not_equal(desk, probed_from(DESK));
	answers(ALICE "/laptop", "away");
	answers(DESK "/phone", "dnd");
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "dnd");
}

static void
what_was_not_answered_is_asked_again(void **state)
{
	(void)state;
	links("carol@home.test", "Carol's");
	restart();
	forget_sent();
	comes_back();
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "carol@home.test"), 1);
}

static void
probes_are_paced(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	restart();
	forget_sent();
	comes_back();
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 2); /* a user at once */
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	passes(5000);
	link_down();
	forget_sent();
	comes_back();
	assert_in_range(presences_sent(PRESENCE_PROBE, NULL), 1, 2);
	passes(2500);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 3);
}

static void
probes_that_had_to_wait_are_not_caught_up_with(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	user_is("carol@home.test");
	enrols("carol@home.test");
	approves("carol@home.test");
	settings.probes_per_s = 1;
	configures();
	link_down();
	comes_back();
	forget_sent();
	stalls(60000);
	passes(0);
	assert_in_range(presences_sent(PRESENCE_PROBE, NULL), 1, 2);
	passes(10000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 3);
}

static void
a_user_is_not_unavailable_before_her_probe(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	configures();
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(5000);
	link_down();
	catch_up();
	comes_back();
	user_is(ALICE);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	user_is(BOB);
	says(BOB "/x", "on");
	assert_quiet(1500);
	user_is(ALICE);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	assert_quiet(120000);
}

static void
ghosts_outlast_a_lost_link(void **state)
{
	(void)state;
	link_down();
	catch_up();
	passes(120000);
	comes_back();
	assert_quiet(5000);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_quiet(120000);
	assert_shows("Desk phone", "on");
	assert_shows("laptop", "on");
}

static void
ghosts_go_at_the_end_of_the_wait(void **state)
{
	(void)state;
	link_down();
	comes_back();
	catch_up();
	says(ALICE "/laptop", "on");
	assert_quiet(29000);
	passes(2000);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "off");
}

static void
a_server_that_restarts_makes_nobody_flap(void **state)
{
	(void)state;
	/* It says that an account is unavailable while its clients are on their way back. */
	link_down();
	comes_back();
	catch_up();
	is_gone(ALICE);
	is_gone(DESK);
	assert_quiet(5000);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	assert_quiet(120000);
}

static void
nor_anybody_whose_other_devices_are_back_already(void **state)
{
	(void)state;
	link_down();
	comes_back();
	catch_up();
	says(DESK "/phone", "on");
	is_gone(ALICE);
	assert_quiet(5000);
	says(ALICE "/laptop", "on");
	assert_quiet(60000);
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	is_gone(DESK);
	assert_quiet(5000);
	says(DESK "/phone", "on");
	assert_quiet(60000);
}

static void
a_ghost_that_is_named_is_gone(void **state)
{
	(void)state;
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "off");
	passes(1000);
	assert_shows("Desk phone", "off");
}

static void
unavailable_from_the_bare_jid_clears_all_resources(void **state)
{
	(void)state;
	says(DESK "/mobile", "away");
	assert_publishes("Desk phone", "away+on");
	is_gone(DESK);
	assert_publishes("Desk phone", "off");
	assert_int_equal(stats().resources, 1); /* the laptop */
	says(ALICE "/phone", "on");
	passes(1000);
	is_gone(ALICE);
	passes(1000);
	assert_shows("laptop", "off");
	assert_shows("phone", "off");
	assert_int_equal(stats().resources, 0);
}

static void
revocation_while_the_link_was_down_is_seen(void **state)
{
	(void)state;
	link_down();
	comes_back();
	ends(DESK);
	passes(60000);
	assert_shows("Desk phone", "absent");
}

static void
an_unreachable_device_is_stale_until_it_is_heard_of(void **state)
{
	(void)state;
	unreachable(DESK);
	assert_publishes("Desk phone", "on");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "laptop")->stale);
	says(DESK "/phone", "on");
	assert_publishes("Desk phone", "on");
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
}

/* Their servers could not be reached on the stream before, and now say that nobody is there. */
static void
who_was_out_of_reach_and_is_gone_is_so_without_a_doubt(void **state)
{
	(void)state;
	settings.audit_s = 0;
	link_down();
	comes_back();
	unreachable(DESK);
	unreachable(ALICE);
	passes(60000);
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "laptop")->stale);
	link_down();
	comes_back();
	is_gone(DESK);
	is_gone(ALICE);
	passes(60000);
	assert_shows("Desk phone", "off");
	assert_shows("laptop", "off");
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "laptop")->stale);
}

static void
a_resource_of_the_primary_lingers_and_then_goes(void **state)
{
	(void)state;
	says(ALICE "/laptop", "off");
	assert_publishes("laptop", "off");
	assert_quiet(590000);
	assert_publishes("laptop", "absent");
}

static void
a_few_resources_that_are_gone_are_shown_and_no_more(void **state)
{
	static const char *const names[] = {ALICE "/a", ALICE "/b", ALICE "/c", ALICE "/d", ALICE "/e", ALICE "/f"};
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		says(names[i], "on");
		passes(3000);
		says(names[i], "off");
		passes(3000);
	}
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->ndevices, 2 + USER_GONE_MAX);
	assert_shows("a", "absent");
	assert_shows("b", "absent");
	assert_shows("f", "off");
}

static void
an_echo_does_not_end_the_doubt(void **state)
{
	(void)state;
	crash();
	catch_up();
	server.echoes = server.drops_ordinary = true;
	behaves();
	link_up();
	grant(GRANT_PUBSUB);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(120000);
	/* Once as it comes back, once in the way that is executed. */
	assert_int_equal(publishes(), 2);
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_PRIVILEGED_CAPS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_restart_with_everything_as_it_was_publishes_nothing),
		TEST_LINKED(after_a_crash_what_was_published_last_is_not_believed),
		TEST_LINKED(an_echo_does_not_end_the_doubt),
		TEST_LINKED(a_restart_publishes_what_differs),
		TEST_LINKED(a_restart_waits_until_every_device_is_known),
		TEST_LINKED(a_device_that_has_ended_has_no_resources_and_is_not_waited_for),
		TEST_LINKED(a_device_that_never_rests_postpones_nothing),
		TEST_LINKED(silence_reads_offline_at_the_end_of_the_wait),
		TEST_LINKED(the_answer_that_a_device_is_off_ends_the_wait),
		TEST_LINKED(probes_are_sent_when_the_link_is_up),
		TEST_LINKED(each_probe_comes_from_a_resource_that_nobody_can_guess),
		TEST_LINKED(what_was_not_answered_is_asked_again),
		TEST_LINKED(probes_are_paced),
		TEST_LINKED(probes_that_had_to_wait_are_not_caught_up_with),
		TEST_LINKED(a_user_is_not_unavailable_before_her_probe),
		TEST_LINKED(ghosts_outlast_a_lost_link),
		TEST_LINKED(ghosts_go_at_the_end_of_the_wait),
		TEST_LINKED(a_server_that_restarts_makes_nobody_flap),
		TEST_LINKED(nor_anybody_whose_other_devices_are_back_already),
		TEST_LINKED(a_ghost_that_is_named_is_gone),
		TEST_LINKED(unavailable_from_the_bare_jid_clears_all_resources),
		TEST_LINKED(revocation_while_the_link_was_down_is_seen),
		TEST_LINKED(an_unreachable_device_is_stale_until_it_is_heard_of),
		TEST_LINKED(who_was_out_of_reach_and_is_gone_is_so_without_a_doubt),
		TEST_LINKED(a_resource_of_the_primary_lingers_and_then_goes),
		TEST_LINKED(a_few_resources_that_are_gone_are_shown_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
