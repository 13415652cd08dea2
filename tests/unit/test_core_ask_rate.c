/* Who links and unlinks in a loop has a stranger asked within bounds, and who has many devices has them all (THREATS 26). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "core_fixture.h"

#define STRANGER "stranger@work.test"
#define MINUTE 60000

static int
setup(void **state)
{
	core_setup(state);
	has_enrolled(GRANT_ALL);
	approves(ALICE);
	passes(MINUTE);
	return 0;
}

static const char *
account(unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), "d%u@work.test", n);
	return kept(text);
}

/* As the current user, whatever comes of it; true: it was asked. */
static bool
asks_for(const char *user, const char *jid)
{
	unsigned before = presences_sent(PRESENCE_SUBSCRIBE, jid);
	char full[128];

	snprintf(full, sizeof(full), "%s/x", user);
	runs(full, "link", "jid", jid, NULL);
	return presences_sent(PRESENCE_SUBSCRIBE, jid) > before;
}

static void
unlinks(const char *user, const char *jid)
{
	char full[128];
	const struct device_record *row = registry_device(user, jid);

	snprintf(full, sizeof(full), "%s/x", user);
	if (row != NULL && (row->state == LINK_REQUESTED || row->state == LINK_ACTIVE))
		runs(full, "unlink", "device", row->id, NULL);
}

static void
a_stranger_is_asked_a_few_times_and_then_seldom(void **state)
{
	unsigned n = 0, i;

	(void)state;
	forget_sent();
	for (i = 0; i < 300; i++) {
		n += asks_for(ALICE, STRANGER);
		unlinks(ALICE, STRANGER);
		passes(10);
	}
	assert_int_equal(n, 3);
	fails_with("in ten minutes");
	for (i = 0; i < 3600; i++) {
		n += asks_for(ALICE, STRANGER);
		unlinks(ALICE, STRANGER);
		passes(1000);
	}
	assert_in_range(n, 8, 10);
	passes(40 * MINUTE);
	assert_true(asks_for(ALICE, STRANGER));
}

static const char *
numbered(unsigned n)
{
	char user[64];

	snprintf(user, sizeof(user), "u%u@home.test", n);
	return kept(user);
}

/* The N-th of them, enrolled. */
static const char *
somebody(unsigned n)
{
	const char *user = numbered(n);

	user_is(user);
	enrols(user);
	approves(user);
	return user;
}

static void
whoever_asks(void **state)
{
	unsigned n = 0, i;

	(void)state;
	forget_sent();
	for (i = 0; i < 30; i++)
		n += asks_for(somebody(i), STRANGER);
	assert_int_equal(n, 10);
	fails_with("in ten minutes");
	/* Who came too late has his place, and is told a true time. */
	for (i = 10; i < 19; i++) {
		passes(MINUTE);
		assert_true(asks_for(numbered(i), STRANGER));
	}
	/* Others are asked all the same. */
	assert_true(asks_for("u29@home.test", account(1)));
}

/* The first ASKERS users want it so many TIMES, all the time; so often it was asked. */
static unsigned
all_want_it(unsigned askers, unsigned times, uint64_t apart_ms)
{
	unsigned n = 0, i, k;

	for (i = 0; i < times; i++) {
		forget_sent();
		for (k = 0; k < askers; k++)
			n += asks_for(numbered(k), STRANGER);
		passes(apart_ms);
	}
	return n;
}

static void
several_keep_nobody_from_it_either(void **state)
{
	unsigned i, n;

	(void)state;
	for (i = 0; i < 15; i++)
		somebody(i);
	n = all_want_it(14, 1, 1000);
	assert_int_equal(n, 10);
	/* Four of them are before her. */
	assert_false(asks_for(ALICE, STRANGER));
	fails_with("in five minutes");
	n += all_want_it(14, 48, 5000);
	assert_false(asks_for(ALICE, STRANGER));
	fails_with("in a minute");
	n += all_want_it(14, 12, 5000);
	assert_true(asks_for(ALICE, STRANGER));
	/* Nor when they have done so for long. */
	n += 1 + all_want_it(14, 480, 10000);
	for (i = 0; i < 60 && !asks_for("u14@home.test", STRANGER); i++)
		n += all_want_it(14, 1, 10000);
	assert_in_range(i, 0, 30);
	/* And it is asked no more often than by one. */
	assert_in_range(n, 60, 10 + (1 + 300 + 4800 + 10 * i) / 60);
}

/* Of what there is half is not for who had it asked a moment ago. */
static void
who_asks_again_leaves_half_of_it(void **state)
{
	unsigned n = 0, i;

	(void)state;
	for (i = 0; i < 4; i++)
		somebody(i);
	n = all_want_it(4, 3, 1000);
	assert_int_equal(n, 5);
	fails_with("in an hour");
	for (i = 4; i < 9; i++)
		assert_true(asks_for(somebody(i), STRANGER));
	assert_false(asks_for(somebody(9), STRANGER));
	fails_with("in a minute");
	/* It is so: then he is as one who never had it asked. */
	passes(60 * MINUTE);
	for (i = 10; i < 15; i++)
		assert_true(asks_for(somebody(i), STRANGER));
	assert_true(asks_for(numbered(0), STRANGER));
	assert_false(asks_for(numbered(0), STRANGER));
	fails_with("in an hour");
}

static void
who_does_not_come_loses_his_place(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++)
		asks_for(somebody(i), STRANGER);
	/* Nine have a place, and there is room for one. */
	passes(29 * MINUTE);
	assert_true(asks_for(numbered(19), STRANGER));
	assert_false(asks_for(somebody(20), STRANGER));
	fails_with("in a minute");
	assert_true(asks_for(numbered(10), STRANGER));
	passes(2 * MINUTE);
	for (i = 21; i < 29; i++)
		assert_true(asks_for(somebody(i), STRANGER));
	assert_false(asks_for(numbered(11), STRANGER));
	fails_with("in an hour");
}

/* Who has not accepted yet is sent her request once more, whoever links her meanwhile; and the other way round. */
static void
her_own_request_is_nobody_elses(void **state)
{
	unsigned i, before;

	(void)state;
	user_is("new@home.test");
	enrols("new@home.test");
	passes(MINUTE);
	for (i = 0; i < 12; i++)
		asks_for(somebody(i), "new@home.test");
	before = presences_sent(PRESENCE_SUBSCRIBE, "new@home.test");
	runs("new@home.test/x", "devices", NULL);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "new@home.test"), before + 1);
	passes(40 * MINUTE);
	for (i = 0; i < 3; i++) {
		runs("new@home.test/x", "devices", NULL);
		passes(31000);
	}
	passes(0);
	for (i = 20; i < 30; i++)
		assert_true(asks_for(somebody(i), "new@home.test"));
}

/* Mallory takes what there is of it as soon as there is some. */
static void
nobody_keeps_others_from_an_account(void **state)
{
	const char *mallory = somebody(1);
	unsigned i;

	(void)state;
	for (i = 0; i < 3600; i++) {
		asks_for(mallory, STRANGER);
		unlinks(mallory, STRANGER);
		passes(1000);
	}
	assert_true(asks_for(ALICE, STRANGER));
	unlinks(ALICE, STRANGER);
	assert_true(asks_for(ALICE, STRANGER));
}

/* Nor by asking for it in vain. */
static void
who_has_no_place_left_keeps_nobody_from_it_either(void **state)
{
	const char *mallory = somebody(1);
	unsigned i;

	(void)state;
	for (i = 0; i < USER_DEVICES_MAX; i++)
		asks_for(mallory, account(i));
	for (i = 0; i < 20; i++) {
		assert_false(asks_for(mallory, STRANGER));
		fails_with("as many devices");
	}
	for (i = 2; i < 12; i++)
		assert_true(asks_for(somebody(i), STRANGER));
}

static void
who_enrols_anew_has_asked_all_the_same(void **state)
{
	unsigned n = 0, i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 30; k++)
			n += asks_for(ALICE, account(100 * i + k));
		runs(ALICE "/x", "leave", "sure", "1", NULL);
		passes(10000);
		enrols(ALICE);
		approves(ALICE);
	}
	assert_in_range(n, 2 * USER_DEVICES_MAX, 2 * USER_DEVICES_MAX + 2);
}

static void
who_has_many_devices_links_them_all(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i < USER_DEVICES_MAX; i++)
		assert_true(asks_for(ALICE, account(i)));
}

static void
nobody_asks_one_stranger_after_the_other(void **state)
{
	unsigned n = 0, i;

	(void)state;
	for (i = 0; i < 500; i++) {
		n += asks_for(ALICE, account(i));
		unlinks(ALICE, account(i));
		passes(10);
	}
	assert_int_equal(n, 2 * USER_DEVICES_MAX);
	fails_with("many accounts");
	for (i = 0; i < 600; i++) {
		n += asks_for(ALICE, account(1000 + i));
		unlinks(ALICE, account(1000 + i));
		passes(1000);
	}
	assert_in_range(n, 2 * USER_DEVICES_MAX + 19, 2 * USER_DEVICES_MAX + 21);
}

static void
all_together_leave_the_servers_their_peace(void **state)
{
	const char *user = NULL;
	unsigned n = 0, i, k;

	(void)state;
	for (i = 0; i < 50; i++) {
		user = somebody(i);
		for (k = 0; k < 30; k++)
			n += asks_for(user, account(30 * i + k));
	}
	assert_int_equal(n, 1000);
	fails_with("in a moment");
	passes(1000);
	for (k = 0; k < 100; k++)
		n += asks_for(user, account(10000 + k));
	assert_in_range(n, 1001, 1051);
}

/* Nobody has to do anything about it. */
static void
what_is_found_in_a_roster_is_asked_when_its_turn_comes(void **state)
{
	unsigned i;

	(void)state;
	says(ALICE "/laptop", "on");
	for (i = 0; i < 66; i++) {
		asks_for(ALICE, account(i / 3));
		unlinks(ALICE, account(i / 3));
	}
	fails_with("many accounts");
	forget_sent();
	roster_has(ALICE, "late@work.test", SUBSCRIPTION_NONE, "Devices");
	passes(20000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "late@work.test"), 0);
	passes(5 * MINUTE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "late@work.test"), 1);
}

/* What is bounded for each user would begin anew with each (THREATS B5 to B7, B13). */
static void
who_enrols_and_leaves_in_a_loop_does_so_seldom(void **state)
{
	unsigned i, rosters = iq_count(ACTION_ROSTER_GET), done = 0;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < 300; i++) {
		runs(ALICE "/x", "leave", "sure", "1", NULL);
		passes(1000);
		runs(ALICE "/x", "enrol", NULL);
		done += strcmp(reply.note_type, "info") == 0;
		passes(1000);
	}
	assert_in_range(done, 10, 5 + 10 + 1);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - rosters, 0, 2 * 16);
	passes(600000);
	runs(ALICE "/x", "leave", "sure", "1", NULL);
	passes(10000);
	enrols(ALICE);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, core_teardown)
	const struct CMUnitTest tests[] = {
		TEST(who_enrols_and_leaves_in_a_loop_does_so_seldom),
		T(a_stranger_is_asked_a_few_times_and_then_seldom),
		T(whoever_asks),
		T(nobody_keeps_others_from_an_account),
		T(several_keep_nobody_from_it_either),
		T(who_asks_again_leaves_half_of_it),
		T(who_does_not_come_loses_his_place),
		T(her_own_request_is_nobody_elses),
		T(who_has_no_place_left_keeps_nobody_from_it_either),
		T(who_enrols_anew_has_asked_all_the_same),
		T(who_has_many_devices_links_them_all),
		T(nobody_asks_one_stranger_after_the_other),
		T(all_together_leave_the_servers_their_peace),
		T(what_is_found_in_a_roster_is_asked_when_its_turn_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
