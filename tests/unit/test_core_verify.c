/* Yesterday's approval is a claim: what proves it on a new stream, and what goes out until it is proved. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@work.test"

/* The program was away, and home.test says nothing of its rosters. */
static void
comes_back_where_rosters_are_silent(void)
{
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	restart();
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
}

static void
until_it_is_proved_the_last_item_stands(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	says_to(ALICE "/laptop", bridge(), "away");
	answers(DESK "/phone", "dnd");
	assert_quiet(300000);
	assert_shows("Desk phone", "on");
	answers(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "dnd");
}

static void
an_answer_to_the_probe_proves_it_at_once(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	answers(ALICE "/laptop", "away");
	answers(DESK "/phone", "on");
	passes(1000);
	assert_int_equal(publishes(), 1);
	assert_shows("laptop", "away");
	assert_int_equal(stats().unsettled, 0);
}

static void
so_does_the_answer_that_nobody_is_there(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	says_to(ALICE, probed_from(ALICE), "off");
	answers(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "dnd");
}

static void
an_error_to_where_it_was_probed_from_proves_nothing(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	sends(ALICE, probed_from(ALICE), PRESENCE_ERROR);
	sends(ALICE, probed_from(ALICE), PRESENCE_SUBSCRIBE);
	answers(DESK "/phone", "dnd");
	assert_quiet(300000);
}

static void
a_resource_of_the_last_stream_proves_nothing(void **state)
{
	const char *then;

	(void)state;
	link_down();
	link_up();
	then = probed_from(ALICE);
	link_down();
	comes_back_where_rosters_are_silent();
	says_to(ALICE "/laptop", then, "away");
	answers(DESK "/phone", "dnd");
	assert_quiet(300000);
}

static void
nor_does_the_resource_of_another_account(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	says_to(ALICE "/laptop", probed_from(DESK), "away");
	assert_quiet(300000);
}

static void
a_roster_with_the_bridge_proves_it_when_she_is_away(void **state)
{
	(void)state;
	restart();
	catch_up();
	link_up();
	grant(GRANT_ALL);
	answers(DESK "/phone", "dnd");
	/* Of her own account there is no answer, as on ejabberd. */
	passes(31000);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "dnd");
	assert_shows("laptop", "absent");
	assert_not_logged("user.suspended");
}

static void
it_is_not_read_where_the_probe_is_answered(void **state)
{
	(void)state;
	settings.rosters_per_s = 1;
	restart();
	forget_sent();
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(3000);
	assert_true(iq_count(ACTION_ROSTER_GET) <= 3);
}

/* Rosters that are read to find devices wait for those that prove something. */
static void
who_is_in_question_is_read_before_others(void **state)
{
	char name[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
	}
	settings.rosters_per_s = 1;
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(500);
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		user_is(kept(name));
		answers(kept(name), "off");
	}
	user_is(ALICE);
	answers(DESK "/phone", "dnd");
	catch_up();
	passes(31000);
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->ndevices, 1);
	assert_shows("Desk phone", "dnd");
}

static void
a_roster_that_was_asked_for_on_the_last_stream_is_of_it(void **state)
{
	struct event ev;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(5000);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	link_down();
	comes_back_where_rosters_are_silent();
	ev.answer.payload = PAYLOAD_ROSTER;
	ev.answer.roster.items = (const struct roster_item[]){ { .jid = ALICE_BRIDGE,
	    .subscription = SUBSCRIPTION_BOTH } };
	ev.answer.roster.nitems = 1;
	feeds(&ev);
	answers(DESK "/phone", "dnd");
	assert_quiet(300000);
}

static void
who_has_not_approved_is_never_probed_and_waits_for_nothing(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	hints(ALICE "/laptop", "dnd");
	assert_publishes("laptop", "dnd");
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	assert_not_logged("user.suspended");
}

static void
who_has_just_approved_waits_for_nothing(void **state)
{
	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	says_to(ALICE "/laptop", bridge(), "chat");
	passes(1000);
	assert_shows("laptop", "chat");
}

static void
who_speaks_is_asked_before_those_who_don_t(void **state)
{
	char name[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
	}
	settings.probes_per_s = 2;
	restart();
	link_up();
	forget_sent();
	user_is(ALICE); /* who enrolled first, and whose turn comes last */
	says_to(ALICE "/laptop", bridge(), "away");
	passes(600);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	passes(20000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, "u0@home.test"), 1);
}

/* Somebody else has her name by now, his server says nothing, and no roster is given. */
static void
who_asks_all_the_time_does_not_put_the_verdict_off(void **state)
{
	unsigned i;

	(void)state;
	restart();
	answers_no_probe(ALICE, true);
	server_subscribes(ALICE, bridge(), false);
	forget_sent();
	link_up();
	grant(GRANT_ALL & ~GRANT_ROSTER);
	for (i = 0; i < 40; i++) {
		runs(ALICE "/his", "devices", NULL);
		passes(1000);
	}
	/* Probed once a second, and what silence comes to is as it would be without. */
	assert_in_range(presences_sent(PRESENCE_PROBE, ALICE), 10, 31);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
}

static void
who_speaks_later_is_asked_again(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	passes(5000);
	forget_sent();
	says_to(ALICE "/laptop", bridge(), "away");
	passes(0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	/* But not as often as she likes. */
	says_to(ALICE "/laptop", bridge(), "dnd");
	says_to(ALICE "/laptop", bridge(), "xa");
	passes(900);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	passes(200);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 2);
	answers(ALICE "/laptop", "xa");
	answers(DESK "/phone", "on");
	assert_publishes("laptop", "xa");
}

/* An end of consent waits for nothing, but it only takes away. */
static void
an_end_goes_out_and_nothing_else_with_it(void **state)
{
	(void)state;
	links(CAROL, "Carol's");
	approves(CAROL);
	says_yes(CAROL);
	says(CAROL "/x", "on");
	passes(5000);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_down();
	link_up();
	grant(GRANT_ALL);
	catch_up();
	says_to(ALICE "/laptop", bridge(), "dnd");
	says_to(ALICE "/new", bridge(), "on");
	answers(DESK "/phone", "away");
	ends(CAROL);
	passes(3000);
	assert_shows("Carol's", "absent");
	assert_shows("new", "absent");
	assert_shows("Desk phone", "off");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	assert_int_equal(last_published(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 0);
	catch_up();
	answers(ALICE "/laptop", "dnd");
	assert_publishes("laptop", "dnd");
	assert_shows("Desk phone", "away");
	assert_int_equal(last_published(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 3);
}

/* Contacts, and her own clients, where the component sees to delivery */

static void
on_ejabberd(void)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
}

static void
nobody_is_greeted_before_and_all_are_told_then(void **state)
{
	(void)state;
	on_ejabberd();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	forget_sent();
	hints(BOB "/x", "on");
	says(ALICE "/new", "on");
	passes(9000);
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "x"), 0);
	assert_int_equal(events_to(ALICE, NULL) + events_to(ALICE, "new"), 0);
	released();
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	assert_int_not_equal(events_to(BOB, NULL) + events_to(BOB, "x"), 0);
	assert_int_not_equal(events_to(ALICE, NULL) + events_to(ALICE, "new"), 0);
}

/* What she has missed is not published again, since nothing has changed. */
static void
nor_are_her_own_clients_who_are_told_then(void **state)
{
	(void)state;
	on_ejabberd();
	passes(60000);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(1000);
	catch_up();
	forget_sent();
	hints(ALICE "/laptop", "on");
	passes(1000);
	assert_int_equal(events_to(ALICE, NULL) + events_to(ALICE, "laptop"), 0);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(1000);
	assert_int_not_equal(events_to(ALICE, NULL) + events_to(ALICE, "laptop"), 0);
	assert_int_equal(publishes(), 0);
}

/* Commands: whoever has the name now runs them. */

static void
commands_say_nothing_of_devices_before(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	runs(ALICE "/laptop", "devices", NULL);
	fails_with("in a moment");
	assert_true(reply.rows == NULL || *reply.rows == '\0');
	runs(ALICE "/laptop", "edit", NULL);
	fails_with("in a moment");
	runs(ALICE "/laptop", "unlink", NULL);
	fails_with("in a moment");
	runs(ALICE "/laptop", "link", "jid", CAROL, NULL);
	fails_with("in a moment");
	runs(ALICE "/laptop", "enrol", NULL);
	fails_with("already");
	answers(ALICE "/laptop", "on");
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(strstr(reply.rows, DESK));
}

/* They only take away, and show nothing. */
static void
but_she_may_end_and_hide_what_she_can_name(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	comes_back_where_rosters_are_silent();
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "hidden", NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->visibility, VISIBLE_HIDDEN);
	runs(ALICE "/laptop", "unlink", "device", id, NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
and_she_may_leave(void **state)
{
	(void)state;
	comes_back_where_rosters_are_silent();
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	succeeds();
	passes(10000);
	assert_int_equal(registry_users(), 0);
}

static void
nobody_is_told_of_a_device_before(void **state)
{
	(void)state;
	runs(ALICE "/x", "link", "jid", CAROL, "label", "Carol's", "visibility", "self", NULL);
	succeeds();
	approves(CAROL);
	comes_back_where_rosters_are_silent();
	server_subscribes(CAROL, ALICE_BRIDGE, true);
	answers(CAROL "/x", "on");
	says_yes(CAROL);
	passes(1000);
	assert_int_equal(registry_device(ALICE, CAROL)->state, LINK_ACTIVE);
	assert_not_told(ALICE, CAROL);
}

/* With her contact list a newcomer would make his accounts hers. */
static void
a_push_changes_nothing_before(void **state)
{
	static const char *const group[] = {"Devices"};
	const struct roster_item item = {.jid = CAROL, .groups = group, .ngroups = 1};

	(void)state;
	comes_back_where_rosters_are_silent();
	pushes(&item);
	assert_null(registry_device(ALICE, CAROL));
	answers(ALICE "/laptop", "on");
	pushes(&item);
	assert_non_null(registry_device(ALICE, CAROL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(until_it_is_proved_the_last_item_stands),
		TEST_LINKED(an_answer_to_the_probe_proves_it_at_once),
		TEST_LINKED(so_does_the_answer_that_nobody_is_there),
		TEST_LINKED(an_error_to_where_it_was_probed_from_proves_nothing),
		TEST_LINKED(a_resource_of_the_last_stream_proves_nothing),
		TEST_LINKED(nor_does_the_resource_of_another_account),
		TEST_LINKED(a_roster_with_the_bridge_proves_it_when_she_is_away),
		TEST_LINKED(it_is_not_read_where_the_probe_is_answered),
		TEST_LINKED(who_is_in_question_is_read_before_others),
		TEST_LINKED(a_roster_that_was_asked_for_on_the_last_stream_is_of_it),
		TEST(who_has_not_approved_is_never_probed_and_waits_for_nothing),
		TEST(who_has_just_approved_waits_for_nothing),
		TEST_LINKED(who_speaks_is_asked_before_those_who_don_t),
		TEST_LINKED(who_asks_all_the_time_does_not_put_the_verdict_off),
		TEST_LINKED(who_speaks_later_is_asked_again),
		TEST_LINKED(an_end_goes_out_and_nothing_else_with_it),
		TEST(nobody_is_greeted_before_and_all_are_told_then),
		TEST(nor_are_her_own_clients_who_are_told_then),
		TEST_LINKED(commands_say_nothing_of_devices_before),
		TEST_LINKED(but_she_may_end_and_hide_what_she_can_name),
		TEST_LINKED(and_she_may_leave),
		TEST_LINKED(nobody_is_told_of_a_device_before),
		TEST_LINKED(a_push_changes_nothing_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
