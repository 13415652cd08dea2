/* Evidence against an approval: what it takes, what follows for one, what doesn't for many. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@home.test"
#define DAY_MS (24 * 60 * 60 * 1000)

/* The program was away; what is known of WHO (NULL: of nobody) on home.test is gone. */
static void
comes_back_without(const char *who)
{
	restart();
	if (who != NULL)
		server_subscribes(who, bridge(), false);
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
}

static void
is_suspended_at_once(void)
{
	comes_back_without(ALICE);
	passes(70000);
	assert_int_equal(times_logged("user.suspended"), 1);
}

static void
waits_for(const char *event)
{
	unsigned i;

	for (i = 0; times_logged(event) == 0 && i < 3600; i++)
		passes(1000);
	assert_logged(event);
}

static void
assert_empty(const char *owner)
{
	assert_non_null(node_item(owner, NODE_DEVICES));
	assert_int_equal(node_item(owner, NODE_DEVICES)->ndevices, 0);
	if (node_item(owner, NODE_DEVICES_PRIVATE) != NULL)
		assert_int_equal(node_item(owner, NODE_DEVICES_PRIVATE)->ndevices, 0);
}

static void
enrols_too(const char *who, const char *resource)
{
	char full[64];

	snprintf(full, sizeof(full), "%s/%s", who, resource);
	user_is(who);
	enrols(who);
	approves(who);
	says(full, "on");
	passes(5000);
	user_is(ALICE);
	catch_up();
}

/* One */

static void
a_contact_removed_while_nobody_looked_is_the_end_of_what_is_shown(void **state)
{
	(void)state;
	is_suspended_at_once();
	assert_empty(ALICE);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
	/* Nobody is unsubscribed, and all rows stay. */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_true(registry_user(ALICE)->approved);
	assert_int_not_equal(registry_user(ALICE)->suspended_ms, 0);
}

/* She sees the bridge, but it doesn't see her. */
static void
a_bridge_that_she_only_watches_is_not_in_her_roster(void **state)
{
	(void)state;
	roster_has(ALICE, ALICE_BRIDGE, SUBSCRIPTION_TO, NULL);
	is_suspended_at_once();
	assert_empty(ALICE);
}

static void
nothing_newer_was_shown_until_then(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	hints(ALICE "/newcomer", "on");
	says_to(ALICE "/newcomer", bridge(), "chat");
	assert_quiet(58000);
	passes(10000);
	assert_empty(ALICE);
	assert_int_equal(publishes(), 1);
}

static void
it_takes_a_minute_and_a_second_roster(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	passes(58000);
	assert_not_logged("user.suspended");
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	assert_quiet(120000);
	assert_not_logged("user.suspended");
	behaves();
	passes(240000);
	assert_logged("user.suspended");
}

/* Somebody else wanted it a second before its time; it came when that was over. */
static void
a_roster_asked_for_too_early_and_answered_too_late_is_asked_for_again(void **state)
{
	unsigned before;

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(120000);
	link_down();
	server_subscribes(ALICE, bridge(), false);
	link_up();
	grant(GRANT_ALL);
	passes(58000);
	before = iq_count(ACTION_ROSTER_GET);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	hints(BOB "/new", "on");
	passes(1500);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	passes(4000);
	assert_not_logged("user.suspended");
	release_first();
	passes(300000);
	assert_logged("user.suspended");
}

static void
a_probe_that_is_answered_weighs_more(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	passes(30000);
	answers(ALICE "/laptop", "away");
	server_subscribes(ALICE, bridge(), true);
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "dnd");
	passes(600000);
	assert_not_logged("user.suspended");
}

/* Whatever the rosters say: what they are read from is damaged, and what the server knows is not. */
static void
however_often_it_is_asked(void **state)
{
	unsigned i;

	(void)state;
	storage_is_damaged(ALICE, true);
	for (i = 0; i < 40; i++) {
		passes(29000);
		if (probed_from(ALICE) != NULL)
			answers(ALICE "/laptop", i % 2 == 0 ? "on" : "away");
	}
	assert_not_logged("user.suspended");
	assert_not_logged("roster.suspicious");
}

static void
but_not_one_that_was_answered_before_the_roster_was_asked_for(void **state)
{
	(void)state;
	restart();
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "away");
	server_subscribes(ALICE, bridge(), false);
	passes(200000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
}

static void
a_roster_on_its_way_while_she_approves_is_no_evidence(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	enrols(ALICE);
	passes(1000);
	/* As it was when it was asked for. */
	struct event ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_ROSTER;
	approves(ALICE);
	feeds(&ev);
	catch_up();
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	passes(300000);
	assert_not_logged("user.suspended");
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1); /* nothing was in question */
	assert_shows("laptop", "on");
}

static void
nor_is_one_that_is_read_before_she_approves(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	passes(30000);
	approves(ALICE);
	catch_up();
	says(ALICE "/laptop", "on");
	passes(300000);
	assert_not_logged("user.suspended");
	assert_shows("laptop", "on");
}

static void
while_it_is_in_question_what_was_last_shown_stands(void **state)
{
	(void)state;
	says(DESK "/phone", "away");
	passes(5000);
	catch_up();
	storage_is_damaged(ALICE, true);
	/* The link holds all the while: what she does is still hers. */
	passes(59000);
	says(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
	passes(120000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
}

/* It may be somebody else's. */
static void
a_roster_without_the_bridge_is_not_used(void **state)
{
	unsigned before;

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	before = iq_count(ACTION_UNSUBSCRIBE);
	link_down();
	server_subscribes(ALICE, bridge(), false);
	roster_lacks(ALICE, BOB);
	roster_has(ALICE, "tablet@work.test", SUBSCRIPTION_NONE, "Devices");
	link_up();
	grant(GRANT_ALL);
	passes(50000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), before);
	assert_null(registry_device(ALICE, "tablet@work.test"));
	passes(60000);
	assert_null(registry_device(ALICE, "tablet@work.test"));
}

static void
nobody_is_asked_for_anything_while_she_is_suspended(void **state)
{
	unsigned rosters;

	(void)state;
	is_suspended_at_once();
	forget_sent();
	rosters = iq_count(ACTION_ROSTER_GET);
	says(DESK "/phone", "chat");
	hints(ALICE "/newcomer", "on");
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	catch_up();
	assert_quiet(DAY_MS);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	/* Her roster is read again, ever more slowly: 1, 2, 4 ... 60 minutes. */
	assert_in_range(iq_count(ACTION_ROSTER_GET) - rosters, 24, 31);
}

static void
a_restart_doesn_t_show_her_again(void **state)
{
	(void)state;
	is_suspended_at_once();
	catch_up();
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	says_to(DESK "/phone", bridge(), "chat");
	says_to(ALICE "/newcomer", bridge(), "chat");
	assert_quiet(600000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(times_logged("user.suspended"), 1);
}

static void
what_could_not_be_written_is_written_later(void **state)
{
	(void)state;
	comes_back_without(ALICE);
	registry_is(REGISTRY_FAILS);
	passes(70000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	registry_is(REGISTRY_WORKS);
	passes(11000);
	assert_int_not_equal(registry_user(ALICE)->suspended_ms, 0);
}

/* Back */

static void
when_the_storage_is_mended_all_is_as_before(void **state)
{
	(void)state;
	comes_back_without(NULL);
	storage_is_damaged(ALICE, true);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(70000);
	assert_logged("user.suspended");
	assert_empty(ALICE);
	storage_is_damaged(ALICE, false);
	forget_sent();
	catch_up();
	waits_for("user.resumed");
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_shows("laptop", "on");
	/* No request, no question. */
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	assert_int_equal(messages_sent(DESK), 0);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	assert_quiet(120000);
}

static void
mended_while_the_program_was_away_she_is_back_after_its_start(void **state)
{
	(void)state;
	is_suspended_at_once();
	restart();
	server_subscribes(ALICE, bridge(), true);
	clock_jumps(INT64_C(8) * DAY_MS);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(3000);
	assert_logged("user.resumed");
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "chat");
	assert_publishes("Desk phone", "chat");
}

static void
who_comes_back_is_seen_within_a_minute(void **state)
{
	(void)state;
	is_suspended_at_once();
	passes(5 * 60 * 60 * 1000);
	server_subscribes(ALICE, bridge(), true);
	says_to(ALICE "/laptop", bridge(), "on");
	passes(3000);
	assert_logged("user.resumed");
}

static void
a_component_that_was_off_for_eight_days_ends_nobody(void **state)
{
	(void)state;
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(600000);
	assert_not_logged("user.suspended");
	assert_shows("Desk phone", "on");
	assert_int_equal(registry_users(), 1);
}

/* The end */

static void
after_seven_days_it_is_over(void **state)
{
	(void)state;
	is_suspended_at_once();
	passes(UINT64_C(7) * DAY_MS - 120000);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 1);
	passes(240000);
	assert_logged("user.lapsed");
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
	assert_empty(ALICE);
}

static void
but_only_on_rosters_of_that_day(void **state)
{
	(void)state;
	is_suspended_at_once();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	passes(UINT64_C(9) * DAY_MS);
	assert_int_equal(registry_users(), 1);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(600000);
	assert_int_equal(registry_users(), 1);
	behaves();
	passes(UINT64_C(3) * 60 * 60 * 1000);
	assert_int_equal(registry_users(), 0);
}

/* The first roster of a stream may be one of many that are damaged. */
static void
and_on_more_than_one(void **state)
{
	(void)state;
	is_suspended_at_once();
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	link_up();
	grant(GRANT_ALL);
	passes(30000);
	assert_int_equal(registry_users(), 1);
	passes(120000);
	assert_int_equal(registry_users(), 0);
}

static void
a_clock_that_was_set_back_begins_the_days_anew(void **state)
{
	(void)state;
	is_suspended_at_once();
	clock_is_set(-INT64_C(90) * DAY_MS);
	passes(2 * 60 * 60 * 1000);
	assert_true(registry_user(ALICE)->suspended_ms <= wall_now());
	passes(UINT64_C(8) * DAY_MS);
	assert_int_equal(registry_users(), 0);
}

/* A machine without a battery begins in another century, and somebody is suspended before it knows better. */
static void
nor_does_one_that_was_set_forward_end_them(void **state)
{
	(void)state;
	is_suspended_at_once();
	clock_is_set(INT64_C(20000) * DAY_MS);
	passes(UINT64_C(6) * DAY_MS);
	assert_int_equal(registry_users(), 1);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(12 * 60 * 60 * 1000);
	assert_int_equal(registry_users(), 1);
	passes(UINT64_C(1) * DAY_MS);
	assert_int_equal(registry_users(), 0);
}

static void
who_ends_it_herself_leaves_at_once(void **state)
{
	(void)state;
	is_suspended_at_once();
	ends(ALICE);
	passes(10000);
	assert_int_equal(registry_users(), 0);
}

/* Somebody else */

static void
who_enrols_in_that_name_begins_with_nothing(void **state)
{
	(void)state;
	is_suspended_at_once();
	forget_sent();
	runs(ALICE "/newcomer", "enrol", NULL);
	passes(1000);
	succeeds();
	assert_true(strstr(reply.note, "You are enrolled.") != NULL);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(registry_devices(), 0);
	assert_false(registry_user(ALICE)->approved);
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	approves(ALICE);
	says(ALICE "/newcomer", "on");
	says(DESK "/phone", "on");
	passes(5000);
	assert_shows("newcomer", "on");
	assert_shows("Desk phone", "absent");
	runs(ALICE "/newcomer", "devices", NULL);
	assert_null(strstr(reply.rows, DESK));
}

static void
without_a_registry_nobody_does(void **state)
{
	(void)state;
	is_suspended_at_once();
	registry_is(REGISTRY_FAILS);
	runs(ALICE "/newcomer", "enrol", NULL);
	passes(100);
	fails_with("as soon as it can be");
	passes(60000);
	assert_int_equal(registry_devices(), 1);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(registry_users(), 1);
	assert_false(registry_user(ALICE)->approved);
}

static void
until_then_commands_say_nothing_of_what_was(void **state)
{
	static const char *const commands[] = {"devices", "link", "edit", "unlink"};
	size_t i;

	(void)state;
	is_suspended_at_once();
	for (i = 0; i < 4; i++) {
		runs(ALICE "/newcomer", commands[i], NULL);
		fails_with("begins anew");
		assert_true(reply.rows == NULL || *reply.rows == '\0');
	}
	/* Nor with a form that nobody has asked for. */
	runs(ALICE "/newcomer", "devices", "x", "y", NULL);
	fails_with("begins anew");
	assert_true(reply.rows == NULL || *reply.rows == '\0');
}

/* Many */

static void
goes_for_two(void)
{
	enrols_too(BOB, "x");
	restart();
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
}

static void
two_of_two_are_the_servers_fault(void **state)
{
	(void)state;
	goes_for_two();
	assert_quiet(600000);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_string_equal(logged_last("roster.suspicious", "host"), "home.test");
	assert_string_equal(logged_last("roster.suspicious", "lacking"), "2");
	/* As they were last shown. */
	assert_shows("Desk phone", "on");
}

/* Ten minutes: then what all rosters have said again and again is believed, but ends nobody. */
static void
nobody_is_held_for_longer_than_ten_minutes(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	assert_not_logged("user.suspended");
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 2);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_not_logged("roster.trusted");
	assert_empty(ALICE);
	passes(UINT64_C(20) * DAY_MS);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 2);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(UINT64_C(2) * 60 * 60 * 1000);
	assert_int_equal(times_logged("user.resumed"), 2);
	assert_logged("roster.trusted");
	assert_shows("Desk phone", "off");
}

/* But for ever nothing is kept of whom nothing speaks for. */
static void
not_even_the_servers_fault_keeps_them_for_ever(void **state)
{
	(void)state;
	goes_for_two();
	passes(UINT64_C(30) * DAY_MS);
	assert_int_equal(times_logged("user.lapsed"), 2);
	assert_int_equal(registry_users(), 0);
}

static void
while_they_are_held_nothing_newer_goes_out(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	passes(180000);
	assert_logged("roster.suspicious");
	catch_up();
	says(DESK "/phone", "chat");
	says_to(ALICE "/laptop", bridge(), "away");
	assert_quiet(400000);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(60 * 60 * 1000);
	assert_shows("Desk phone", "chat");
}

/* What nothing confirms is asked for (audit.h), but not on behalf of who may not have approved. */
static void
who_is_held_is_not_asked_until_that_is_over(void **state)
{
	(void)state;
	settings.audit_s = 60;
	configures();
	lives(ALICE "/laptop", "on");
	enrols_too(BOB, "x");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	passes(180000);
	assert_logged("roster.suspicious");
	forget_sent();
	passes(400000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	passes(60 * 60 * 1000);
	forget_sent();
	passes(60000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
}

/* Where the component delivers: whoever signs in meanwhile is told when they are back. */
static void
whoever_comes_while_she_is_held_is_told_then(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	enrols_too(CAROL, "x");
	passes(60000);
	storage_is_damaged(ALICE, true);
	storage_is_damaged(CAROL, true);
	passes(180000);
	assert_logged("roster.suspicious");
	forget_sent();
	hints(BOB "/new", "on");
	passes(600000);
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "new"), 0);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(CAROL, false);
	passes(60 * 60 * 1000);
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "new"), 1);
}

static void
mended_they_are_back_as_if_nothing_had_been(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	storage_is_damaged(ALICE, false);
	storage_is_damaged(BOB, false);
	forget_sent();
	passes(UINT64_C(2) * 60 * 60 * 1000);
	assert_not_logged("user.suspended");
	assert_logged("roster.trusted");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_shows("Desk phone", "dnd");
}

static void
who_lacks_it_still_when_the_others_are_back_is_suspended(void **state)
{
	(void)state;
	goes_for_two();
	passes(600000);
	storage_is_damaged(BOB, false);
	passes(UINT64_C(1) * 60 * 60 * 1000);
	passes(125000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
	assert_empty(ALICE);
}

static void
one_of_three_is_suspended_and_the_others_see_nothing_of_it(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	enrols_too(CAROL, "x");
	restart();
	storage_is_damaged(BOB, true);
	catch_up();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	user_is(CAROL);
	answers(CAROL "/x", "on");
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), BOB);
	assert_empty(BOB);
	assert_not_logged("roster.suspicious");
	assert_int_equal(publishes(), 1); /* bob's */
}

static void
one_of_two_is_suspended_too(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	comes_back_without(ALICE);
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
}

/* Of MANY on the host the first N. */
static void
goes_for(unsigned many, unsigned n)
{
	char name[32], full[64];
	unsigned i;

	for (i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		snprintf(full, sizeof(full), "%s/x", name);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
		says(kept(full), "on");
	}
	passes(60000);
	restart();
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		storage_is_damaged(kept(name), true);
	}
	link_up();
	grant(GRANT_ALL);
	passes(180000);
}

static void
three_of_ten_are_suspended(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 3);
	assert_int_equal(times_logged("user.suspended"), 3);
	assert_not_logged("roster.suspicious");
}

/* What is damaged concerns most of them: what concerns half may be people. */
static void
five_of_ten_are_suspended(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 5);
	assert_int_equal(times_logged("user.suspended"), 5);
	assert_not_logged("roster.suspicious");
}

static void
six_of_ten_are_held(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	goes_for(10, 6);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
	assert_string_equal(logged_last("roster.suspicious", "lacking"), "6");
	assert_string_equal(logged_last("roster.suspicious", "users"), "10");
}

static void
of_many_it_takes_most(void **state)
{
	(void)state;
	settings.rosters_per_s = 1000;
	configures();
	link_up();
	grant(GRANT_ALL);
	goes_for(400, 200);
	assert_int_equal(times_logged("user.suspended"), 200);
	assert_not_logged("roster.suspicious");
}

static void
and_then_they_are_held(void **state)
{
	(void)state;
	settings.rosters_per_s = 1000;
	configures();
	link_up();
	grant(GRANT_ALL);
	goes_for(400, 201);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
}

/* Four accounts of his own that agree and then remove it, beside her who has removed it: he counts once, and for the server. */
static void
nobody_makes_it_the_servers_fault_by_what_he_links(void **state)
{
	char sock[32], full[64];
	unsigned i;

	(void)state;
	enrols_too(BOB, "x");
	user_is(BOB);
	lives(BOB "/x", "on");
	for (i = 0; i < 4; i++) {
		snprintf(sock, sizeof(sock), "s%u@home.test", i);
		snprintf(full, sizeof(full), "%s/x", sock);
		links(kept(sock), "Sock puppet");
		approves(kept(sock));
		says_yes(kept(sock));
		says(kept(full), "on");
	}
	passes(5000);
	for (i = 0; i < 4; i++) {
		snprintf(sock, sizeof(sock), "s%u@home.test", i);
		server_subscribes(kept(sock), BOB_BRIDGE, false);
	}
	user_is(ALICE);
	comes_back_without(ALICE);
	passes(180000);
	assert_not_logged("roster.suspicious");
	assert_int_equal(times_logged("device.suspended"), 4);
	assert_int_equal(times_logged("user.suspended"), 1);
	assert_string_equal(logged_last("user.suspended", "user"), ALICE);
}

/* A roster without the bridge whose account is subscribed says something of the server all the same. */
static void
who_is_contradicted_counts_as_well(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	comes_back_without(NULL);
	answers(ALICE "/laptop", "on");
	user_is(BOB);
	answers(BOB "/x", "on");
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	/* Each is read once in a minute, and asked when that speaks against him. */
	passes(65000);
	answers(BOB "/x", "on");
	says_to(BOB "/x", bridge(), "off"); /* so that his isn't read again meanwhile */
	passes(50000);
	assert_not_logged("roster.suspicious");
	passes(10000);
	assert_not_logged("user.suspended");
	assert_int_equal(times_logged("roster.suspicious"), 1);
}

/* Whoever goes is no evidence any more, at once. */
static void
who_leaves_while_they_are_held_is_not_counted(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	user_is(BOB);
	ends(BOB);
	assert_logged("roster.trusted");
}

static void
who_enrols_meanwhile_may_tell_that_it_is_not_the_server(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 1);
	enrols_too(CAROL, "x");
	passes(600000);
	assert_int_equal(times_logged("user.suspended"), 2);
	assert_logged("roster.trusted");
}

/* Nobody who is suspended loses his rows on the word of a server that has lost its memory. */
static void
what_is_damaged_for_all_ends_nobody_who_was_suspended_before(void **state)
{
	(void)state;
	enrols_too(BOB, "x");
	enrols_too(CAROL, "x");
	comes_back_without(ALICE);
	passes(120000);
	assert_int_equal(times_logged("user.suspended"), 1);
	restart();
	clock_jumps(INT64_C(8) * DAY_MS);
	storage_is_damaged(ALICE, true);
	storage_is_damaged(BOB, true);
	storage_is_damaged(CAROL, true);
	link_up();
	grant(GRANT_ALL);
	passes(UINT64_C(1) * DAY_MS);
	assert_not_logged("user.lapsed");
	assert_int_equal(registry_users(), 3);
}

static void
another_stream_is_another_episode(void **state)
{
	(void)state;
	goes_for_two();
	passes(180000);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(180000);
	assert_int_equal(times_logged("roster.suspicious"), 2);
	assert_not_logged("user.suspended");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_contact_removed_while_nobody_looked_is_the_end_of_what_is_shown),
		TEST_LINKED(a_bridge_that_she_only_watches_is_not_in_her_roster),
		TEST_LINKED(nothing_newer_was_shown_until_then),
		TEST_LINKED(it_takes_a_minute_and_a_second_roster),
		TEST(a_roster_asked_for_too_early_and_answered_too_late_is_asked_for_again),
		TEST_LINKED(a_probe_that_is_answered_weighs_more),
		TEST_LINKED(however_often_it_is_asked),
		TEST_LINKED(but_not_one_that_was_answered_before_the_roster_was_asked_for),
		TEST(a_roster_on_its_way_while_she_approves_is_no_evidence),
		TEST(nor_is_one_that_is_read_before_she_approves),
		TEST_LINKED(while_it_is_in_question_what_was_last_shown_stands),
		TEST(a_roster_without_the_bridge_is_not_used),
		TEST_LINKED(nobody_is_asked_for_anything_while_she_is_suspended),
		TEST_LINKED(a_restart_doesn_t_show_her_again),
		TEST_LINKED(what_could_not_be_written_is_written_later),
		TEST_LINKED(when_the_storage_is_mended_all_is_as_before),
		TEST_LINKED(mended_while_the_program_was_away_she_is_back_after_its_start),
		TEST_LINKED(who_comes_back_is_seen_within_a_minute),
		TEST_LINKED(a_component_that_was_off_for_eight_days_ends_nobody),
		TEST_LINKED(after_seven_days_it_is_over),
		TEST_LINKED(but_only_on_rosters_of_that_day),
		TEST_LINKED(and_on_more_than_one),
		TEST_LINKED(a_clock_that_was_set_back_begins_the_days_anew),
		TEST_LINKED(nor_does_one_that_was_set_forward_end_them),
		TEST_LINKED(who_ends_it_herself_leaves_at_once),
		TEST_LINKED(who_enrols_in_that_name_begins_with_nothing),
		TEST_LINKED(without_a_registry_nobody_does),
		TEST_LINKED(until_then_commands_say_nothing_of_what_was),
		TEST_LINKED(two_of_two_are_the_servers_fault),
		TEST_LINKED(while_they_are_held_nothing_newer_goes_out),
		TEST_LINKED(who_is_held_is_not_asked_until_that_is_over),
		TEST(whoever_comes_while_she_is_held_is_told_then),
		TEST_LINKED(mended_they_are_back_as_if_nothing_had_been),
		TEST_LINKED(who_lacks_it_still_when_the_others_are_back_is_suspended),
		TEST_LINKED(one_of_three_is_suspended_and_the_others_see_nothing_of_it),
		TEST_LINKED(one_of_two_is_suspended_too),
		TEST(three_of_ten_are_suspended),
		TEST(five_of_ten_are_suspended),
		TEST(six_of_ten_are_held),
		TEST(of_many_it_takes_most),
		TEST_LINKED(nobody_makes_it_the_servers_fault_by_what_he_links),
		TEST_LINKED(nobody_is_held_for_longer_than_ten_minutes),
		TEST_LINKED(not_even_the_servers_fault_keeps_them_for_ever),
		TEST(and_then_they_are_held),
		TEST_LINKED(who_is_contradicted_counts_as_well),
		TEST_LINKED(who_leaves_while_they_are_held_is_not_counted),
		TEST_LINKED(who_enrols_meanwhile_may_tell_that_it_is_not_the_server),
		TEST_LINKED(what_is_damaged_for_all_ends_nobody_who_was_suspended_before),
		TEST_LINKED(another_stream_is_another_episode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
