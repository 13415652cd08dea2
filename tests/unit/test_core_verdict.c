/* What is concluded about a host, and what only about one of its accounts. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define ERIN "erin@home.test"
#define DAY_MS UINT64_C(86400000)

static void
is_there(const char *primary)
{
	char full[128];

	user_is(primary);
	enrols(primary);
	approves(primary);
	snprintf(full, sizeof(full), "%s/x", primary);
	says(kept(full), "on");
	passes(5000);
}

static const char *
shown(const char *primary)
{
	return state_in(node_item(primary, NODE_DEVICES), "x");
}

/* Her account was deleted on the server, behind our back. */
static void
one_who_is_not_there_any_more_is_not_the_host(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	is_there(BOB);
	passes(2 * DAY_MS);
	account_is_broken(ERIN); /* what her server says to privileged requests */
	is_there(ERIN);
	passes(600000);
	assert_not_logged("privilege.refused");
	assert_string_equal(logged_last("user.blocked", "user"), ERIN);
	assert_non_null(strstr(logged_last("user.blocked", "reason"), "refuses to store"));
	is_there(ALICE);
	assert_string_equal(shown(ALICE), "on");
	assert_int_equal(stats().blocked, 1);
	assert_int_equal(reconnects(), 0);
}

/* Also when she is the first who is tried on a stream. */
static void
nor_when_she_is_the_first_to_be_tried(void **state)
{
	unsigned i, before;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	account_is_broken(ERIN);
	is_there(ERIN); /* all there are */
	is_there(BOB);
	is_there(ALICE);
	assert_string_equal(shown(ALICE), "on");
	before = times_logged("privilege.refused");
	for (i = 0; i < 3; i++) {
		link_down();
		link_up();
		grant(GRANT_ALL);
		user_is(ERIN);
		says(ERIN "/x", i % 2 == 0 ? "away" : "on");
		passes(60000);
		is_there(i == 0 ? "f0@home.test" : i == 1 ? "f1@home.test" : "f2@home.test");
		assert_string_equal(shown(i == 0 ? "f0@home.test" : i == 1 ? "f1@home.test" : "f2@home.test"), "on");
	}
	assert_int_equal(times_logged("privilege.refused"), before);
}

static void
changes(const char *primary, const char *how)
{
	char full[128];

	user_is(primary);
	snprintf(full, sizeof(full), "%s/x", primary);
	says(kept(full), how);
}

/* Whenever they were made, and whoever else says nothing meanwhile. */
static void
accounts_do_not_speak_for_a_host_that_serves(void **state)
{
	static const char *const names[] = {"e1@home.test", "e2@home.test", "e3@home.test", "e4@home.test"};
	unsigned i, k;

	(void)state;
	link_up();
	grant(GRANT_PUBSUB);
	is_there(BOB);
	for (i = 0; i < 4; i++) {
		is_there(names[i]);
		passes(DAY_MS);
		account_is_broken(names[i]);
	}
	for (k = 0; k < 300; k++) {
		for (i = 0; i < 4; i++)
			changes(names[i], k % 2 == 0 ? "away" : "dnd");
		passes(2000);
	}
	assert_not_logged("privilege.refused");
	assert_int_equal(stats().blocked, 4);
	changes(BOB, "away");
	passes(1000);
	assert_string_equal(shown(BOB), "away");
}

/* Who was served, and isn't any more, as is nobody else, is told so. */
static void
what_is_refused_to_all_is_found_out_by_each(void **state)
{
	static const char *const names[] = {BOB, ALICE, ERIN};
	unsigned i;

	(void)state;
	link_up();
	grant(GRANT_PUBSUB);
	for (i = 0; i < 3; i++)
		is_there(names[i]);
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, -1);
	for (i = 0; i < 3; i++)
		changes(names[i], "away");
	passes(60000);
	assert_int_equal(stats().blocked, 3);
	behaves();
	passes(130000);
	for (i = 0; i < 3; i++)
		assert_string_equal(shown(names[i]), "away");
	assert_int_equal(stats().blocked, 0);
}

static void
what_was_refused_before_somebody_was_served_says_nothing(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_PUBSUB);
	is_there(ALICE);
	passes(DAY_MS);
	is_there(ERIN);
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, 1);
	user_is(ALICE);
	says(ALICE "/x", "away");
	passes(20000);
	assert_string_equal(shown(ALICE), "away");
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, 1);
	user_is(ERIN);
	says(ERIN "/x", "away");
	passes(20000);
	assert_string_equal(shown(ERIN), "away");
	assert_not_logged("privilege.refused");
}

static void
an_affiliation_that_is_refused_to_one_is_not_refused_to_all(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	is_there(BOB);
	fails(ACTION_AFFILIATE, COND_NOT_ALLOWED, APP_NONE, 1);
	is_there(ERIN);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	user_is(BOB);
	says(BOB "/x", "away");
	passes(2000);
	assert_string_equal(iq_last(ACTION_PUBLISH)->owner, BOB);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

/* F21: a million devices answer, and our requests are behind them. */
static void
a_server_that_answers_a_flood_first_has_dropped_nothing(void **state)
{
	static const enum action_kind kinds[] = { ACTION_ROSTER_GET, ACTION_INFO_GET, ACTION_PUBLISH, ACTION_CREATE,
		ACTION_RETRACT };
	unsigned i;

	(void)state;
	link_down();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		reacts(kinds[i], HOLDS, -1);
	link_up();
	grant(GRANT_ALL);
	for (i = 0; i < 25; i++) {
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "dnd");
		says(DESK "/phone", i % 2 == 0 ? "on" : "away");
		passes(1000);
	}
	assert_not_logged("privilege.lost");
	assert_not_logged("privilege.refused");
	assert_not_logged("ordinary.dropped");
	assert_int_equal(reconnects(), 0);
	released();
	says(ALICE "/laptop", "chat");
	passes(5000);
	assert_shows("laptop", "chat");
	assert_int_equal(reconnects(), 0);
	/* And the server is what it says, however late: its delivery is relied on. */
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_who_is_not_there_any_more_is_not_the_host),
		TEST(nor_when_she_is_the_first_to_be_tried),
		TEST(accounts_do_not_speak_for_a_host_that_serves),
		TEST(what_is_refused_to_all_is_found_out_by_each),
		TEST(what_was_refused_before_somebody_was_served_says_nothing),
		TEST(an_affiliation_that_is_refused_to_one_is_not_refused_to_all),
		TEST_LINKED(a_server_that_answers_a_flood_first_has_dropped_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
