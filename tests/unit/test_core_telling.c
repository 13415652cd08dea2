/* Events to many contacts: in portions and in turns, to everybody, of the newest, and to nobody who has gone. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)
#define CAROL "carol@home.test"

/* What telling.c tells of one user in a row, and how long she rests. */
#define PORTION 50
#define REST_MS 25

/* Alice has N contacts and a desk phone, bob a friend. */
static void
has_friends(size_t n)
{
	server.name = "ejabberd";
	roster_has_many(ALICE, n);
	roster_has(BOB, CAROL, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_EVERYTHING);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	user_is(ALICE);
	passes(180000);
	forget_sent();
	catch_up();
}

static uint64_t
told(void)
{
	return stats().events_sent;
}

static void
says_bob(const char *how)
{
	user_is(BOB);
	says(BOB "/x", how);
	user_is(ALICE);
}

static void
twenty_thousand_contacts_are_told_in_portions(void **state)
{
	uint64_t before, last;
	unsigned portions = 0;
	size_t i;

	(void)state;
	has_friends(20000);
	before = last = told();
	says(DESK "/phone", "dnd");
	passes(260);			  /* the window, and the first portion */
	while (told() - before < 20002) { /* her own clients are told of two nodes */
		assert_in_range(told() - last, 0, PORTION);
		last = told();
		passes(REST_MS);
		assert_true(++portions <= 20000 / PORTION + 2);
	}
	passes(60000);
	assert_int_equal(told() - before, 20002);
	for (i = 0; i < 20000; i += 997)
		assert_int_equal(events_to(many(i), NULL), 1);
	assert_string_equal(state_in(last_event(many(19999)), "Desk phone"), "dnd");
}

static void
nobody_else_is_held_up_by_her_contacts(void **state)
{
	(void)state;
	has_friends(20000);
	says(DESK "/phone", "dnd");
	passes(400);
	forget_sent();
	/* bob publishes, and his friend is told */
	says_bob("away");
	passes(300 + REST_MS);
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "x"), "away");
	assert_int_equal(events_to(CAROL, NULL), 1);
	/* who signs in is greeted, a command answered, an account probed */
	hints(CAROL "/new", "on");
	assert_int_equal(events_to(CAROL, "new"), 1);
	runs(BOB "/x", "devices", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	approves(DESK);
	passes(1000);
	assert_true(events_to(many(0), NULL) + events_to(many(19999), NULL) < 2);
}

/* While the server takes little, all the same: what isn't an event comes before those of a large roster. */
static void
a_slow_server_gets_what_is_not_an_event_first(void **state)
{
	(void)state;
	has_friends(5000);
	says(DESK "/phone", "dnd");
	passes(260);
	link_takes(0);
	forget_sent();
	hints(CAROL "/new", "on");
	runs(BOB "/x", "devices", NULL);
	link_takes(2);
	assert_int_equal(events_to(CAROL, "new"), 1);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	says_bob("away");
	stalls(300);
	link_takes(2);
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "x"), "away");
	/* and his friend is told after one portion */
	link_takes(PORTION + 6);
	assert_int_equal(events_to(CAROL, NULL), 1);
	link_takes((unsigned)-1);
}

static void
users_take_turns(void **state)
{
	static const char *const users[] = {"u0@home.test", "u1@home.test", "u2@home.test"};
	char full[64];
	unsigned i;

	(void)state;
	server.name = "ejabberd";
	link_up();
	grant(GRANT_EVERYTHING);
	for (i = 0; i < 3; i++) {
		roster_has_many(users[i], 1000);
		user_is(users[i]);
		enrols(users[i]);
		approves(users[i]);
	}
	passes(120000);
	link_takes(0);
	for (i = 0; i < 3; i++) {
		user_is(users[i]);
		snprintf(full, sizeof(full), "%s/x", users[i]);
		says(full, "on");
	}
	link_takes((unsigned)-1);
	passes(400);
	forget_sent();
	passes(10 * REST_MS);
	for (i = 0; i < 3; i++)
		assert_in_range(events_of(users[i]), 9 * PORTION, 11 * PORTION);
	/* and also where it is the server that is slow */
	forget_sent();
	link_takes(0);
	stalls(1000);
	link_takes(6 * PORTION);
	for (i = 0; i < 3; i++)
		assert_in_range(events_of(users[i]), PORTION, 3 * PORTION);
	link_takes((unsigned)-1);
	user_is(ALICE);
}

/* Where the server takes less than there is to tell, what is due by its time isn't left for the end. */
static void
rosters_are_polled_while_many_are_told(void **state)
{
	static const char *const users[] = {"u0@home.test", "u1@home.test", "u2@home.test"};
	unsigned i, before;
	char full[64];

	(void)state;
	server.name = "ejabberd";
	link_up();
	grant(GRANT_EVERYTHING);
	for (i = 0; i < 3; i++) {
		roster_has_many(users[i], 2000);
		user_is(users[i]);
		enrols(users[i]);
		approves(users[i]);
	}
	passes(120000);
	for (i = 0; i < 3; i++) {
		user_is(users[i]);
		snprintf(full, sizeof(full), "%s/x", users[i]);
		says(full, "on");
	}
	passes(300);
	link_takes(0);
	user_is(CAROL);
	before = iq_count(ACTION_ROSTER_GET);
	runs(CAROL "/x", "enrol", NULL);
	for (i = 0; i < 10; i++) {
		stalls(25);
		link_takes(10);
		link_takes(0);
	}
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 1);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, CAROL);
	link_takes((unsigned)-1);
	user_is(ALICE);
}

static void
who_has_gone_is_told_nothing_more(void **state)
{
	unsigned n = 0;
	size_t i;

	(void)state;
	has_friends(1000);
	says(DESK "/phone", "dnd");
	passes(300);
	assert_in_range(events_to(many(0), NULL) + events_to(many(999), NULL), 0, 1);
	/* half of them leave, and a push says so */
	for (i = 0; i < 1000; i += 2) {
		const struct roster_item gone = {.jid = many(i), .remove = true};

		pushes(&gone);
		roster_lacks(ALICE, many(i));
	}
	forget_sent();
	passes(10000);
	for (i = 0; i < 1000; i++) {
		if (i % 2 == 0)
			assert_int_equal(events_to(many(i), NULL), 0);
		else
			n += events_to(many(i), NULL);
	}
	assert_in_range(n, 400, 500);
}

static void
only_the_newest_is_told_and_to_everybody_in_the_end(void **state)
{
	static const char *const states[] = {"away", "dnd", "xa", "chat"};
	unsigned i, n;
	size_t k;

	(void)state;
	has_friends(1000); /* half a second */
	forget_sent();
	/* She changes all the time, faster than all can be told. */
	for (i = 0; i < 40; i++) {
		says(DESK "/phone", states[i % 4]);
		passes(2300);
	}
	passes(60000);
	for (k = 0; k < 1000; k++) {
		n = events_to(many(k), NULL);
		assert_in_range(n, 5, 41);
		assert_string_equal(state_in(last_event(many(k)), "Desk phone"), "chat");
	}
}

static void
who_is_late_in_the_list_has_his_turn(void **state)
{
	static const char *const states[] = {"away", "dnd"};
	size_t k;
	unsigned i;

	(void)state;
	settings.rate_ms = 100;
	settings.burst = 100;
	restart();
	has_friends(5000); /* two and a half seconds */
	for (i = 0; i < 20; i++) {
		says(DESK "/phone", states[i % 2]);
		passes(1000);
	}
	for (k = 0; k < 5000; k += 499)
		assert_in_range(events_to(many(k), NULL), 4, 12);
}

/* The first of alice's contacts who hasn't been told yet. */
static const char *
not_told(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (events_to(many(i), NULL) == 0)
			return kept(many(i));
	}
	fail_msg("all have been told");
	return NULL;
}

static void
what_takes_long_is_decided_on_a_fresh_roster(void **state)
{
	const char *gone, *stays;
	unsigned before;

	(void)state;
	has_friends(300);
	says(ALICE "/laptop", "off"); /* whose roster is not polled */
	passes(300000);
	forget_sent();
	says(DESK "/phone", "dnd");
	passes(260);
	link_takes(0);
	before = iq_count(ACTION_ROSTER_GET);
	gone = not_told(300);
	roster_lacks(ALICE, gone);
	stays = not_told(300);
	stalls(61000);
	link_takes((unsigned)-1);
	passes(10000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before + 2); /* and bob's */
	assert_int_equal(events_to(gone, NULL), 0);
	assert_int_equal(events_to(strcmp(stays, gone) != 0 ? stays : many(299), NULL), 1);
}

/* If the roster can't be had then, nobody is told; with the next one it goes on. */
static void
without_a_fresh_roster_telling_waits(void **state)
{
	const char *late;

	(void)state;
	has_friends(300);
	says(ALICE "/laptop", "off");
	passes(300000);
	forget_sent();
	says(DESK "/phone", "dnd");
	passes(260);
	link_takes(0);
	late = not_told(300);
	stalls(61000);
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1);
	link_takes((unsigned)-1);
	passes(10000);
	assert_int_equal(events_to(late, NULL), 0);
	behaves();
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(events_to(late, NULL), 1);
}

static void
a_stop_tells_as_many_as_its_time_allows(void **state)
{
	uint64_t before;

	(void)state;
	has_friends(3000);
	before = told();
	says(DESK "/phone", "dnd");
	passes(260);
	assert_in_range(told() - before, 1, PORTION);
	drains();
	assert_true(drained());
	assert_int_equal(told() - before, 3002);
}

static void
who_leaves_is_gone_when_all_have_been_told(void **state)
{
	(void)state;
	has_friends(1000);
	ends(ALICE);
	passes(400);
	assert_int_equal(registry_users(), 2);
	passes(2000);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(events_to(many(0), NULL), 1);
	assert_int_equal(last_event(many(999))->ndevices, 0);
}

static void
who_leaves_while_the_link_breaks_is_still_seen_to_leave(void **state)
{
	(void)state;
	has_friends(1000);
	ends(ALICE);
	passes(400);
	link_down();
	assert_int_equal(registry_users(), 2);
	link_up();
	grant(GRANT_EVERYTHING);
	says_bob("on");
	forget_sent();
	passes(120000);
	assert_int_equal(registry_users(), 1);
	assert_int_equal(events_to(many(999), NULL), 1);
	assert_int_equal(last_event(many(0))->ndevices, 0);
}

static void
a_lost_link_is_made_up_for_from_the_beginning(void **state)
{
	size_t i;

	(void)state;
	has_friends(1000);
	says(DESK "/phone", "dnd");
	passes(300);
	link_down();
	passes(5000);
	link_up();
	grant(GRANT_EVERYTHING);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	forget_sent();
	passes(120000);
	for (i = 0; i < 1000; i++)
		assert_in_range(events_to(many(i), NULL), 1, 2);
	assert_string_equal(state_in(last_event(many(0)), "Desk phone"), "dnd");
}

static void
grants_that_go_end_it(void **state)
{
	uint64_t before;

	(void)state;
	has_friends(1000);
	says(DESK "/phone", "dnd");
	passes(300);
	grant(GRANT_EVERYTHING & ~GRANT_MESSAGE);
	before = told();
	passes(10000);
	assert_int_equal(told(), before);
}

/* More greetings than are kept: those that are not are made to the account as a whole, and none is lost. */
static void
greetings_beyond_their_bound_are_made_all_the_same(void **state)
{
	unsigned k, n, missed = 0, users = ERRANDS_MAX / 200 + 2;
	char name[64];
	unsigned i;

	(void)state;
	server.name = "ejabberd";
	settings.probes_per_s = settings.rosters_per_s = 1000;
	restart();
	link_up();
	grant(GRANT_EVERYTHING);
	for (i = 0; i < users; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		roster_has_many(kept(name), 200);
		user_is(kept(name));
		enrols(name);
		approves(name);
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
	passes(120000);
	forget_sent();
	link_takes(0);
	for (k = 0; k < 200; k++) {
		snprintf(name, sizeof(name), "%s/new", many(k));
		hints(name, "on");
	}
	link_takes((unsigned)-1);
	passes(60000);
	for (k = 0; k < 200; k++) {
		n = events_to(many(k), "new") + events_to(many(k), NULL);
		assert_true(n >= users);
		missed += users - events_to(many(k), "new");
	}
	assert_int_equal(200 * users - missed, ERRANDS_MAX);
	user_is(ALICE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(twenty_thousand_contacts_are_told_in_portions),
		TEST(nobody_else_is_held_up_by_her_contacts),
		TEST(a_slow_server_gets_what_is_not_an_event_first),
		TEST(users_take_turns),
		TEST(rosters_are_polled_while_many_are_told),
		TEST(who_has_gone_is_told_nothing_more),
		TEST(only_the_newest_is_told_and_to_everybody_in_the_end),
		TEST(who_is_late_in_the_list_has_his_turn),
		TEST(what_takes_long_is_decided_on_a_fresh_roster),
		TEST(without_a_fresh_roster_telling_waits),
		TEST(a_stop_tells_as_many_as_its_time_allows),
		TEST(who_leaves_is_gone_when_all_have_been_told),
		TEST(who_leaves_while_the_link_breaks_is_still_seen_to_leave),
		TEST(a_lost_link_is_made_up_for_from_the_beginning),
		TEST(grants_that_go_end_it),
		TEST(greetings_beyond_their_bound_are_made_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
