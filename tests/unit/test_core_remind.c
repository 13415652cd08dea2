/* Who does not answer is asked again and told of, and nobody more than that: after a day and a week, and by command. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"
#include "remind_fixture.h"

static void
the_question_of_the_day_keeps_its_distance_too(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(DAY - 10 * SECOND);
	approves(DESK);
	assert_int_equal(questions(DESK), 2);
	passes(15 * SECOND);
	assert_int_equal(questions(DESK), 2);
	passes(APART);
	assert_int_equal(questions(DESK), 3);
}

static void
a_request_is_sent_again_after_a_day_and_a_week_and_then_she_is_told(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(DAY - MINUTE);
	assert_int_equal(requests(DESK), 1);
	passes(2 * MINUTE);
	assert_int_equal(requests(DESK), 2);
	passes(6 * (uint64_t)DAY - 2 * MINUTE);
	assert_int_equal(requests(DESK), 2);
	assert_not_told(ALICE, "has not agreed");
	passes(2 * MINUTE);
	assert_int_equal(requests(DESK), 3);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	assert_logged("device.unanswered");
	passes(30 * (uint64_t)DAY);
	assert_int_equal(requests(DESK), 3);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	/* The request says what is asked; so many questions would be too many. */
	assert_int_equal(questions(DESK), 1);
	/* Late is not too late. */
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	passes(5 * SECOND);
	assert_shows("Desk phone", "on");
}

static void
of_who_has_accepted_the_yes_is_asked_for(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(MINUTE);
	approves(DESK);
	assert_int_equal(questions(DESK), 2);
	passes(DAY);
	assert_int_equal(questions(DESK), 3);
	passes(6 * (uint64_t)DAY);
	assert_int_equal(questions(DESK), 4);
	assert_int_equal(requests(DESK), 1);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
}

static void
of_who_has_said_yes_the_request(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	says_yes(DESK);
	passes(DAY);
	assert_int_equal(requests(DESK), 2);
	assert_int_equal(questions(DESK), 1);
}

static void
who_has_agreed_is_asked_for_nothing(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	forget_sent();
	passes(8 * (uint64_t)DAY);
	assert_int_equal(requests(NULL), 0);
	assert_int_equal(messages_sent(DESK) + messages_sent(ALICE), 0);
}

static void
a_restart_tells_nobody_twice(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(7 * (uint64_t)DAY);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	restart();
	forget_sent();
	comes_up();
	passes(8 * (uint64_t)DAY);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	assert_int_equal(requests(DESK), 1);
}

static void
a_restart_in_between_tells_her_in_time(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(2 * (uint64_t)DAY);
	restart();
	forget_sent();
	comes_up();
	assert_int_equal(requests(DESK), 1);
	passes(5 * (uint64_t)DAY - MINUTE);
	assert_not_told(ALICE, "has not agreed");
	passes(MINUTE);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	assert_int_equal(requests(DESK), 2);
}

static void
a_new_stream_asks_and_is_not_followed_by_the_same_once_more(void **state)
{
	unsigned i;

	(void)state;
	links(DESK, "Desk phone");
	link_down();
	passes(7 * (uint64_t)DAY + HOUR);
	forget_sent();
	comes_up();
	assert_int_equal(requests(DESK), 1);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
	for (i = 0; i < 10; i++) {
		link_down();
		comes_up();
	}
	assert_int_equal(requests(DESK), 11);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
}

static void
a_clock_that_is_set_is_no_time_that_has_passed(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	clock_is_set(20 * (int64_t)DAY);
	passes(DAY);
	assert_int_equal(requests(DESK), 1);
	assert_not_told(ALICE, "has not agreed");
	/* Nor does it come again when it is set back. */
	clock_is_set(-20 * (int64_t)DAY);
	passes(8 * (uint64_t)DAY);
	assert_int_equal(requests(DESK), 1);
	assert_not_told(ALICE, "has not agreed");
}

/* Somebody who may not be the one who has linked it. */
static void
while_her_own_approval_is_in_doubt_nobody_is_told_of_it(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(7 * (uint64_t)DAY - 10 * SECOND);
	link_down();
	storage_is_damaged(ALICE, true);
	link_up();
	grant(GRANT_ALL);
	forget_sent();
	passes(30 * SECOND);
	assert_not_told(ALICE, "has not agreed");
	storage_is_damaged(ALICE, false);
	says(ALICE "/laptop", "on");
	passes(MINUTE);
	assert_int_equal(times_told(ALICE, "has not agreed"), 1);
}

/* Its name may be somebody else's by now. */
static void
nor_is_who_has_a_suspended_name_asked_for_a_yes(void **state)
{
	(void)state;
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	links(DESK, "Desk phone");
	passes(MINUTE);
	approves(DESK);
	assert_int_equal(questions(DESK), 2);
	link_down();
	storage_is_damaged(DESK, true);
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	says(ALICE "/laptop", "on");
	passes(10 * MINUTE);
	assert_logged("device.suspended");
	passes(2 * (uint64_t)DAY);
	assert_int_equal(questions(DESK), 2);
}

static void
her_own_acceptance_is_asked_for_likewise(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	assert_int_equal(requests(BOB), 1);
	passes(DAY);
	assert_int_equal(requests(BOB), 2);
	passes(6 * (uint64_t)DAY);
	assert_int_equal(requests(BOB), 3);
	passes(30 * (uint64_t)DAY);
	assert_int_equal(requests(BOB), 3);
	approves(BOB);
	assert_true(registry_user(BOB)->approved);
}

/* As many as may ask for one account at once, from A to B. */
static void
link_carol(unsigned a, unsigned b)
{
	char user[64];

	for (; a < b; a++) {
		snprintf(user, sizeof(user), "u%u@home.test", a);
		user_is(kept(user));
		enrols(kept(user));
		approves(kept(user));
		links(CAROL, "Mine");
	}
}

static void
many_who_have_linked_one_stranger_have_him_reminded_at_the_pace_of_all_requests(void **state)
{
	(void)state;
	link_carol(0, 10);
	passes(DAY - MINUTE);
	link_carol(10, 20);
	forget_sent();
	passes(2 * MINUTE);
	assert_in_range(requests(CAROL), 0, 2);
	passes(30 * MINUTE);
	assert_int_equal(requests(CAROL), 10);
}

/* By command */

static void
link_asks_again_what_is_missing(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Other", NULL);
	succeeds();
	assert_non_null(strstr(reply.note, "Asked " DESK " again"));
	assert_int_equal(requests(DESK), 1);
	assert_int_equal(messages_sent(DESK), 1);
	assert_int_equal(registry_devices(), 1);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Desk phone");
	approves(DESK);
	forget_sent();
	links(DESK, "Desk phone");
	assert_int_equal(requests(DESK), 0);
	assert_int_equal(messages_sent(DESK), 1);
	/* That was the last one for now. */
	passes(HOUR);
	assert_int_equal(messages_sent(DESK), 1);
	says_yes(DESK);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("linked already");
}

static void
link_asks_who_has_said_yes_to_accept(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	says_yes(DESK);
	forget_sent();
	links(DESK, "Desk phone");
	assert_int_equal(requests(DESK), 1);
	assert_int_equal(messages_sent(DESK), 0);
}

static void
link_asks_again_within_the_same_bounds(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	links(DESK, "Desk phone");
	links(DESK, "Desk phone");
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("in ten minutes");
	assert_int_equal(requests(DESK), 0);
	assert_int_equal(messages_sent(DESK), 0);
	passes(10 * MINUTE);
	links(DESK, "Desk phone");
}

/* Its name may be somebody else's, who is not to be told whose device it was. */
static void
nor_of_whom_its_server_knows_nothing_any_more(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	passes(MINUTE);
	restart();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(SECOND);
	answers(ALICE "/laptop", "on");
	passes(2 * MINUTE);
	assert_logged("device.suspended");
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("unlink");
	passes(HOUR);
	assert_int_equal(messages_sent(DESK), 0);
	assert_int_equal(requests(DESK), 0);
}

static void
link_does_not_overtake_the_request_of_a_new_stream(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/client", "on");
	lives(BOB "/client", "on");
	links(DESK, "Desk phone");
	enrols("dave@home.test"); /* his turn comes first */
	link_down();
	forget_sent();
	link_up();
	assert_int_equal(requests(BOB), 0);
	runs(BOB "/client", "link", "jid", DESK, NULL);
	fails_with("in a moment");
	assert_int_equal(requests(DESK), 0);
	passes(5 * SECOND);
	assert_int_equal(requests(DESK), 1);
}

static void
link_does_not_ask_while_the_link_is_being_written(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("linked already");
	assert_int_equal(requests(DESK), 0);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(requests(DESK), 1);
	approves(DESK);
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("linked already");
	registry_is(REGISTRY_WORKS);
	assert_int_equal(questions(DESK), 1);
}

/* What is in the group "Devices" was asked, and the roster is read again and again. */
static void
a_roster_asks_nobody_again(void **state)
{
	(void)state;
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Devices");
	passes(5 * MINUTE);
	assert_int_equal(requests(DESK), 1);
	passes(HOUR);
	assert_int_equal(requests(DESK), 1);
	assert_int_equal(questions(DESK), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		REMINDED(a_request_is_sent_again_after_a_day_and_a_week_and_then_she_is_told),
		REMINDED(of_who_has_accepted_the_yes_is_asked_for),
		REMINDED(of_who_has_said_yes_the_request),
		REMINDED(who_has_agreed_is_asked_for_nothing),
		REMINDED(a_restart_tells_nobody_twice),
		REMINDED(a_restart_in_between_tells_her_in_time),
		REMINDED(a_new_stream_asks_and_is_not_followed_by_the_same_once_more),
		REMINDED(a_clock_that_is_set_is_no_time_that_has_passed),
		REMINDED(while_her_own_approval_is_in_doubt_nobody_is_told_of_it),
		REMINDED(nor_is_who_has_a_suspended_name_asked_for_a_yes),
		REMINDED(her_own_acceptance_is_asked_for_likewise),
		REMINDED(many_who_have_linked_one_stranger_have_him_reminded_at_the_pace_of_all_requests),
		REMINDED(link_asks_again_what_is_missing),
		REMINDED(link_asks_who_has_said_yes_to_accept),
		REMINDED(link_asks_again_within_the_same_bounds),
		REMINDED(nor_of_whom_its_server_knows_nothing_any_more),
		REMINDED(the_question_of_the_day_keeps_its_distance_too),
		REMINDED(link_does_not_overtake_the_request_of_a_new_stream),
		REMINDED(link_does_not_ask_while_the_link_is_being_written),
		REMINDED(a_roster_asks_nobody_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
