/* Who asks most (THREATS 26): what is published has its turns, and sessions, tables and lines of the log are shared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_fixture.h"
#include "share_fixture.h"

/* N users who all have something to be published. */
static void
all_have_changed(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		user_is(numbered("u", i, "@home.test"));
		enrols(numbered("u", i, "@home.test"));
		approves(numbered("u", i, "@home.test"));
		says(numbered("u", i, "@home.test/r"), "on");
	}
	passes(60000);
	link_takes(0);
	for (i = 0; i < n; i++) {
		user_is(numbered("u", i, "@home.test"));
		says(numbered("u", i, "@home.test/r"), "dnd");
	}
	stalls(1000);
}

static unsigned
published_by(unsigned n)
{
	unsigned i, count = 0;

	for (i = 0; i < n; i++) {
		count += strcmp(state_in(last_published(numbered("u", i, "@home.test"), NODE_DEVICES), "r"), "dnd") ==
		    0;
	}
	return count;
}

/* What is published */

static void
what_is_published_has_its_turn_whatever_is_asked(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	for (i = 0; i < ANSWERS_MAX; i++)
		runs(ALICE "/x", "devices", NULL);
	pings("x@evil.test", ANSWERS_MAX);
	says(DESK "/phone", "dnd");
	passes(1000);
	link_takes(2);
	assert_publishes("Desk phone", "dnd");
}

static void
a_large_answer_lets_several_go_first(void **state)
{
	unsigned before;

	(void)state;
	all_have_changed(8);
	before = reply.count;
	pings_with(BOB, long_text(2 * 1024));
	pings_with(BOB, "r");
	while (reply.count == before)
		link_takes(1);
	assert_int_equal(published_by(8), 0);
	while (reply.count == before + 1)
		link_takes(1);
	assert_int_equal(published_by(8), 3);
	link_takes((unsigned)-1);
	assert_int_equal(published_by(8), 8);
}

/* U changes to HOW: one of each of two hosts in turn. */
static void
says_of_two_hosts(unsigned i, const char *how)
{
	user_is(numbered("u", i, i % 2 == 0 ? "@home.test" : "@work.test"));
	says(numbered("u", i, i % 2 == 0 ? "@home.test/r" : "@work.test/r"), how);
}

static unsigned
shown_of_two_hosts(unsigned first)
{
	const struct published *p;
	unsigned i, n = 0;

	for (i = first; i < 16; i += 2) {
		p = last_published(numbered("u", i, i % 2 == 0 ? "@home.test" : "@work.test"), NODE_DEVICES);
		n += strcmp(state_in(p, "r"), "dnd") == 0;
	}
	return n;
}

static void
hosts_publish_in_turn(void **state)
{
	const char *name;
	unsigned i;

	(void)state;
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	for (i = 0; i < 16; i++) {
		name = numbered("u", i, i % 2 == 0 ? "@home.test" : "@work.test");
		user_is(name);
		enrols(name);
		approves(name);
		says_of_two_hosts(i, "on");
	}
	passes(60000);
	link_takes(0);
	for (i = 0; i < 16; i++)
		says_of_two_hosts(i, "dnd");
	stalls(1000);
	while (shown_of_two_hosts(0) + shown_of_two_hosts(1) < 6)
		link_takes(1);
	assert_int_equal(shown_of_two_hosts(0), 3);
	assert_int_equal(shown_of_two_hosts(1), 3);
	link_takes((unsigned)-1);
}

static void
who_appears_with_ever_new_resources_has_her_part_of_the_requests(void **state)
{
	unsigned i;

	(void)state;
	passes(60000);
	reacts(ACTION_INFO_GET, SILENCE, -1);
	for (i = 0; i < 2000; i++) {
		says(numbered(DESK "/r", i, ""), "on");
		says(numbered(DESK "/r", i, ""), "off");
	}
	assert_in_range(stats().queries, 512, 512 + 16);
}

static void
nor_has_an_account_without_resources_more(void **state)
{
	unsigned i;

	(void)state;
	passes(60000);
	reacts(ACTION_INFO_GET, SILENCE, -1);
	says(DESK "/phone", "off");
	for (i = 0; i < 2000; i++) {
		says(DESK, "on");
		says(DESK, "off");
	}
	assert_in_range(stats().queries, 512, 512 + 16);
}

/* Sessions */

static void
who_has_most_sessions_makes_room_for_others(void **state)
{
	const char *first, *own;
	unsigned i;

	(void)state;
	runs(ALICE "/x", "link", NULL);
	own = reply.sessionid;
	user_is("u0@home.test");
	enrols("u0@home.test");
	approves("u0@home.test");
	runs("u0@home.test/x", "link", NULL);
	first = reply.sessionid;
	for (i = 1; i < SESSIONS_MAX + SESSIONS_MAX / 2; i++) {
		user_is(numbered("u", i / 2, "@home.test"));
		if (i % 2 == 0) {
			enrols(numbered("u", i / 2, "@home.test"));
			approves(numbered("u", i / 2, "@home.test"));
		}
		passes(10);
		runs(numbered("u", i / 2, "@home.test/x"), "link", NULL);
		assert_false(reply.error);
	}
	/* Who has one keeps it. */
	runs_session(ALICE "/x", "link", own, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
	runs_session("u0@home.test/x", "link", first, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
}

/* ACCOUNTS of one domain, whom two users ask each, with two forms each. */
static void
a_domain_opens_forms(unsigned accounts)
{
	struct user_record user = {.created_ms = wall_now(), .approved = true};
	struct device_record device = {.label = "X", .state = LINK_REQUESTED};
	unsigned i, k;

	for (i = 0; i < accounts; i++) {
		for (k = 0; k < 2; k++) {
			user.primary = device.primary = numbered("p", 2 * i + k, "@home.test");
			device.jid = numbered("x", i, "@evil.test");
			device.id = "aaaaaa";
			device.created_ms = wall_now();
			device.approved = true;
			registry_holds(&user, &device);
			user_is(user.primary);
			server_subscribes(device.jid, bridge(), true);
		}
	}
	for (i = 0; i < accounts; i++)
		lives(numbered("x", i, "@evil.test/1"), "on");
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(30000);
	for (i = 0; i < accounts; i++) {
		runs(numbered("x", i, "@evil.test/1"), "confirm", NULL);
		assert_false(reply.error);
		passes(10);
		runs(numbered("x", i, "@evil.test/2"), "confirm", NULL);
		assert_false(reply.error);
	}
}

static void
a_domain_has_its_sessions_as_one(void **state)
{
	const char *own;
	unsigned i;

	(void)state;
	a_domain_opens_forms(SESSIONS_MAX / 2);
	for (i = 0; i < 4; i++) {
		user_is(numbered("u", i, "@home.test"));
		enrols(numbered("u", i, "@home.test"));
		approves(numbered("u", i, "@home.test"));
		runs(numbered("u", i, "@home.test/x"), "link", NULL);
		assert_false(reply.error);
		own = reply.sessionid;
		runs("x1@evil.test/3", "confirm", NULL);
		assert_int_equal(reply.status, STATUS_EXECUTING);
		runs("x2@evil.test/3", "confirm", NULL);
		assert_int_equal(reply.status, STATUS_EXECUTING);
		runs_session(numbered("u", i, "@home.test/x"), "link", own, COMMAND_CANCEL, NULL);
		assert_false(reply.error);
	}
}

/* Users ask an account each, all of other domains, and nobody accepts anything. */
static void
strangers_are_asked(unsigned accounts)
{
	struct user_record user = {.created_ms = wall_now(), .approved = true};
	struct device_record device = {.label = "X", .state = LINK_REQUESTED};
	unsigned i;

	for (i = 0; i < accounts; i++) {
		user.primary = device.primary = numbered("p", i, "@home.test");
		device.jid = numbered("x@d", i, ".evil.test");
		device.id = "aaaaaa";
		device.created_ms = wall_now();
		registry_holds(&user, &device);
	}
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(30000);
}

static void
user_enrols(const char *user)
{
	user_is(user);
	enrols(user);
	approves(user);
}

/* The form of COMMAND is shown to FROM: its session. */
static const char *
form_of(const char *from, const char *command)
{
	runs(from, command, NULL);
	assert_false(reply.error);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	return reply.sessionid;
}

static bool
is_open(const char *from, const char *command, const char *session)
{
	runs_session(from, command, session, COMMAND_CANCEL, NULL);
	return !reply.error;
}

static void
who_is_merely_asked_takes_no_users_session(void **state)
{
	const char *own, *ids[SESSIONS_MAX + 20];
	unsigned i, open = 0;

	(void)state;
	strangers_are_asked(SESSIONS_MAX + 20);
	user_enrols("u0@home.test");
	own = form_of("u0@home.test/x", "link");
	passes(1000);
	for (i = 0; i < SESSIONS_MAX + 20; i++)
		ids[i] = form_of(numbered("x@d", i, ".evil.test/r"), "unlink");
	assert_true(is_open("u0@home.test/x", "link", own));
	/* They have as many as users. */
	for (i = 0; i < SESSIONS_MAX + 20; i++)
		open += is_open(numbered("x@d", i, ".evil.test/r"), "unlink", ids[i]);
	assert_int_equal(open, SESSIONS_MAX);
}

static void
nor_that_of_an_account_at_home(void **state)
{
	struct user_record user = {.primary = "other@home.test", .created_ms = wall_now(), .approved = true};
	struct device_record device = {.primary = "other@home.test", .label = "X", .state = LINK_REQUESTED};
	const char *own;
	unsigned i;

	(void)state;
	device.id = "bbbbbb";
	device.jid = "second@home.test";
	device.created_ms = wall_now();
	registry_holds(&user, &device);
	strangers_are_asked(SESSIONS_MAX + 20);
	own = form_of("second@home.test/x", "unlink");
	passes(1000);
	for (i = 0; i < SESSIONS_MAX + 20; i++)
		form_of(numbered("x@d", i, ".evil.test/r"), "unlink");
	assert_true(is_open("second@home.test/x", "unlink", own));
}

static void
who_has_accepted_nothing_has_one(void **state)
{
	const char *first, *second;

	(void)state;
	strangers_are_asked(1);
	first = form_of("x@d0.evil.test/1", "unlink");
	passes(10);
	second = form_of("x@d0.evil.test/2", "leave");
	assert_false(is_open("x@d0.evil.test/1", "unlink", first));
	assert_true(is_open("x@d0.evil.test/2", "leave", second));
	/* Likewise who hasn't accepted the request of her own bridge. */
	user_is("u0@home.test");
	enrols("u0@home.test");
	first = form_of("u0@home.test/x", "leave");
	passes(10);
	second = form_of("u0@home.test/y", "leave");
	assert_false(is_open("u0@home.test/x", "leave", first));
	/* And with two once she has. */
	approves("u0@home.test");
	first = form_of("u0@home.test/x", "leave");
	assert_true(is_open("u0@home.test/y", "leave", second));
	assert_true(is_open("u0@home.test/x", "leave", first));
	/* And an account that has accepted that of who shows it. */
	sends("x@d0.evil.test", numbered("p", 0, "\\40home.test@presence.home.test"), PRESENCE_SUBSCRIBED);
	first = form_of("x@d0.evil.test/1", "unlink");
	passes(10);
	second = form_of("x@d0.evil.test/2", "leave");
	assert_true(is_open("x@d0.evil.test/1", "unlink", first));
	assert_true(is_open("x@d0.evil.test/2", "leave", second));
}

static void
a_user_keeps_his_only_session_for_a_minute(void **state)
{
	const char *first;
	unsigned i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < SESSIONS_MAX; i++)
		user_enrols(numbered("u", i, "@home.test"));
	user_enrols("late@home.test");
	passes(30000);
	first = form_of("u0@home.test/x", "link");
	passes(1);
	for (i = 1; i < SESSIONS_MAX; i++)
		form_of(numbered("u", i, "@home.test/x"), "link");
	passes(SESSION_KEPT_MS - 2);
	runs("late@home.test/x", "link", NULL);
	assert_true(reply.error);
	assert_int_equal(reply.condition, COND_RESOURCE_CONSTRAINT);
	passes(1);
	form_of("late@home.test/x", "link");
	assert_false(is_open("u0@home.test/x", "link", first));
}

static void
a_form_that_is_not_shown_ends_no_other(void **state)
{
	const char *first, *second;

	(void)state;
	has_enrolled(GRANT_ALL);
	user_enrols("u0@home.test");
	first = form_of("u0@home.test/x", "link");
	second = form_of("u0@home.test/x", "leave");
	runs("u0@home.test/x", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	assert_true(is_open("u0@home.test/x", "link", first));
	assert_true(is_open("u0@home.test/x", "leave", second));
}

/* Tables */

/* N users show the desk phone; name and label of each are BYTES, those of the last EXTRA more. */
static void
is_shown_by(unsigned n, size_t bytes, size_t extra)
{
	struct user_record user = {.created_ms = wall_now(), .approved = true};
	struct device_record device = {.state = LINK_ACTIVE, .approved = true, .confirmed = true, .wide = true};
	char name[1100];
	size_t len;
	unsigned i;

	for (i = 0; i < n; i++) {
		len = (size_t)snprintf(name, sizeof(name), "%03u", i);
		memset(name + len, 'n', sizeof(name) - len);
		snprintf(name + bytes - 20 - strlen("@home.test"), 11, "@home.test");
		user.primary = device.primary = kept(name);
		device.id = "aaaaaa";
		device.jid = DESK;
		device.label = kept(long_text(20 + (i + 1 == n ? extra : 0)));
		device.created_ms = wall_now();
		registry_holds(&user, &device);
		user_is(user.primary);
		server_subscribes(DESK, bridge(), true);
	}
	lives(DESK "/x", "on");
	restart();
	link_up();
	passes(30000);
	runs(DESK "/x", "devices", NULL);
	assert_false(reply.error);
}

static void
a_hundred_who_show_an_account_are_listed(void **state)
{
	(void)state;
	is_shown_by(SHOWN_BY_MAX, 40, 0);
	assert_int_equal(reply.nrows, SHOWN_BY_MAX);
	assert_null(reply.note);
}

static void
of_more_it_is_told_how_many_there_are(void **state)
{
	(void)state;
	is_shown_by(SHOWN_BY_MAX + 1, 40, 0);
	assert_int_equal(reply.nrows, SHOWN_BY_MAX);
	assert_string_equal(reply.note, "And 1 more, for whom there is no room in this list.");
	assert_string_equal(reply.note_type, "info");
}

static void
names_have_their_bytes(void **state)
{
	(void)state;
	is_shown_by(SHOWN_BY_BYTES_MAX / 1024, 1024, 0);
	assert_int_equal(reply.nrows, SHOWN_BY_BYTES_MAX / 1024);
	assert_null(reply.note);
}

static void
and_not_one_more(void **state)
{
	(void)state;
	is_shown_by(SHOWN_BY_BYTES_MAX / 1024, 1024, 1);
	assert_int_equal(reply.nrows, SHOWN_BY_BYTES_MAX / 1024 - 1);
	assert_non_null(strstr(reply.note, "And 1 more"));
}

/* Lines */

static void
rows_that_can_not_be_written_have_a_line_each_time(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 8; i++) {
		user_is(numbered("u", i, "@home.test"));
		enrols(numbered("u", i, "@home.test"));
	}
	registry_is(REGISTRY_FAILS);
	for (i = 0; i < 8; i++)
		runs(numbered("u", i, "@home.test/x"), "leave", "sure", "1", NULL);
	assert_int_equal(times_logged("registry.unsaved"), 1);
	passes(10000);
	assert_int_equal(times_logged("registry.unsaved"), 2);
	assert_true(atoi(logged_last("registry.unsaved", "others")) >= 7);
	passes(50000);
	assert_in_range(times_logged("registry.unsaved"), 5, 7);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_users(), 1);
}

static void
grants_that_come_and_go_have_a_line_now_and_then(void **state)
{
	unsigned i, before = times_logged("grant"), advice = times_logged("advice");

	(void)state;
	for (i = 0; i < 1000; i++) {
		grant(i % 2 != 0 ? GRANT_ALL : GRANT_PUBSUB);
		passes(10);
	}
	assert_in_range(times_logged("grant"), before + 1, before + 7);
	assert_in_range(times_logged("advice"), advice + 1, advice + 7);
	/* The last one is said. */
	grant(GRANT_PUBSUB);
	grant(GRANT_ALL);
	grant(GRANT_ALL & ~GRANT_ROSTER);
	passes(10000);
	assert_string_equal(logged_last("grant", "message"), "outgoing");
	assert_string_equal(logged_last("grant", "roster"), "none");
	assert_non_null(logged_last("grant", "changes"));
	before = times_logged("grant");
	passes(60000);
	assert_int_equal(times_logged("grant"), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(what_is_published_has_its_turn_whatever_is_asked),
		TEST_LINKED(a_large_answer_lets_several_go_first),
		TEST_LINKED(hosts_publish_in_turn),
		TEST_LINKED(who_appears_with_ever_new_resources_has_her_part_of_the_requests),
		TEST_LINKED(nor_has_an_account_without_resources_more),
		TEST_LINKED(who_has_most_sessions_makes_room_for_others),
		TEST(a_domain_has_its_sessions_as_one),
		TEST(who_is_merely_asked_takes_no_users_session),
		TEST(nor_that_of_an_account_at_home),
		TEST(who_has_accepted_nothing_has_one),
		TEST(a_user_keeps_his_only_session_for_a_minute),
		TEST(a_form_that_is_not_shown_ends_no_other),
		TEST(a_hundred_who_show_an_account_are_listed),
		TEST(of_more_it_is_told_how_many_there_are),
		TEST(names_have_their_bytes),
		TEST(and_not_one_more),
		TEST_LINKED(rows_that_can_not_be_written_have_a_line_each_time),
		TEST_LINKED(grants_that_come_and_go_have_a_line_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
