/* Asking takes nobody away who is there (F19): that a server or a link hangs, or is lost, is no silence of accounts. */
#include "core_fixture.h"
#include "audit_fixture.h"

static void
a_server_that_freezes_for_80_s_takes_nobody_away(void **state)
{
	unsigned i, k;

	(void)state;
	settings.audit_s = 30;
	configures();
	has_staff(9);
	for (k = 0; k < 5; k++) {
		freezes("work.test");
		for (i = 0; i < 80; i++) {
			passes(SECOND);
			assert_string_not_equal(is(called(staff(k))), "off");
		}
		freezes(NULL);
		passes(SECOND);
		for (i = 0; i < 9; i++)
			assert_string_equal(is(called(staff(i))), "on");
		passes(k * 7 * SECOND);
	}
}

static void
a_server_that_stays_frozen_makes_all_stale_and_none_unavailable(void **state)
{
	unsigned i;

	(void)state;
	has_staff(9);
	forget_sent();
	freezes("work.test");
	passes(2 * AUDIT_MS + 4 * ANSWER_MS);
	for (i = 0; i < 9; i++)
		assert_string_equal(is(called(staff(i))), "stale");
	passes(100 * AUDIT_MS);
	for (i = 0; i < 9; i++)
		assert_string_equal(is(called(staff(i))), "stale");
	assert_in_range(probes(staff(0)), 100, 2 * 103); /* twice a round, at most */
	assert_string_equal(is("laptop"), "on");
	freezes(NULL);
	passes(SECOND);
	for (i = 0; i < 9; i++)
		assert_string_equal(is(called(staff(i))), "on");
}

static void
a_server_that_answers_after_seconds_is_waited_for(void **state)
{
	unsigned i;

	(void)state;
	settings.audit_s = 30;
	configures();
	has_staff(9);
	catch_up();
	for (i = 0; i < 200; i++) {
		freezes("work.test");
		passes(9 * SECOND);
		freezes(NULL);
		passes(SECOND);
	}
	assert_quiet(0);
}

/* What it has answered before in that round is no answer to what was asked again. */
static void
a_server_that_freezes_between_two_questions_takes_no_client_away(void **state)
{
	unsigned i;

	(void)state;
	has_staff(3);
	lives("w0@work.test/mobile", "chat");
	passes(SECOND);
	dies("w0@work.test/mobile");
	forget_sent();
	until_asked(staff(0));
	assert_string_equal(is("w0"), "chat+on");
	freezes("work.test");
	for (i = 0; i < 60; i++) {
		passes(SECOND);
		assert_string_not_equal(is("w0"), "on");
	}
	assert_true(probes(staff(0)) > 1);
	freezes(NULL);
	passes(AUDIT_MS);
	assert_string_equal(is("w0"), "on");
}

static void
a_server_that_does_not_read_says_nothing_of_anybody(void **state)
{
	(void)state;
	settings.audit_s = 30;
	configures();
	has_staff(9);
	link_takes(0);
	stalls(29 * SECOND);
	stalls(29 * SECOND);
	stalls(29 * SECOND);
	link_takes((unsigned)-1);
	passes(120 * SECOND);
	assert_quiet(0);
}

static void
while_another_connection_takes_stanzas_nobody_is_silent(void **state)
{
	(void)state;
	has_staff(9);
	line_is("x......."); /* one of eight goes to somebody else */
	passes(AUDIT_MS / 2);
	assert_int_equal(stats().shared, 1);
	answers_no_probe(staff(4), true);
	passes(5 * AUDIT_MS);
	assert_quiet(0);
	line_is(NULL);
	passes(4 * AUDIT_MS);
	assert_string_equal(is(called(staff(4))), "off");
}

static void
what_is_said_of_a_lost_link_stands_until_it_is_asked_for_anyway(void **state)
{
	(void)state;
	passes(AUDIT_MS - 60 * SECOND);
	link_down();
	passes(3 * AUDIT_MS);
	assert_int_equal(probes(NULL), 0);
	link_up();
	grant(GRANT_ALL);
	passes(AUDIT_MS - 60 * SECOND);
	assert_int_equal(probes(DESK), 1); /* that all begins with */
	passes(61 * SECOND);
	assert_int_equal(probes(DESK), 2);
	assert_quiet(0);
}

static void
a_question_that_went_with_the_link_is_no_silence(void **state)
{
	(void)state;
	has_staff(9);
	dies(full(staff(4)));
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is(called(staff(4))), "stale");
	passes(AUDIT_MS - 4 * ANSWER_MS + SECOND);
	link_down();
	lives(full(staff(4)), "on");
	link_up();
	grant(GRANT_ALL);
	passes(40 * SECOND);
	assert_string_equal(is(called(staff(4))), "on");
}

static void
whose_server_is_out_of_reach_after_a_lost_link_stays_as_it_was(void **state)
{
	(void)state;
	link_down();
	bounces(DESK, COND_REMOTE_SERVER_NOT_FOUND);
	link_up();
	grant(GRANT_ALL);
	passes(60 * SECOND);
	assert_string_equal(is("Desk phone"), "stale");
	assert_string_equal(shown("Desk phone")->state, "on");
	bounces(DESK, COND_NONE);
	passes(AUDIT_MS);
	assert_string_equal(is("Desk phone"), "on");
	bounces(ALICE, COND_REMOTE_SERVER_NOT_FOUND);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(60 * SECOND);
	assert_string_equal(is("laptop"), "stale");
	bounces(ALICE, COND_NONE);
	passes(AUDIT_MS);
	assert_string_equal(is("laptop"), "on");
}

static void
a_request_that_bounces_says_nothing_of_what_hints_tell(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	passes(SECOND);
	fails_to_reach(ALICE, COND_FORBIDDEN);
	passes(40 * SECOND);
	assert_string_equal(is("laptop"), "away");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AUDITED(a_server_that_freezes_for_80_s_takes_nobody_away),
		AUDITED(a_server_that_stays_frozen_makes_all_stale_and_none_unavailable),
		AUDITED(a_server_that_answers_after_seconds_is_waited_for),
		AUDITED(a_server_that_freezes_between_two_questions_takes_no_client_away),
		AUDITED(a_server_that_does_not_read_says_nothing_of_anybody),
		AUDITED(while_another_connection_takes_stanzas_nobody_is_silent),
		AUDITED(what_is_said_of_a_lost_link_stands_until_it_is_asked_for_anyway),
		AUDITED(a_question_that_went_with_the_link_is_no_silence),
		AUDITED(whose_server_is_out_of_reach_after_a_lost_link_stays_as_it_was),
		TEST(a_request_that_bounces_says_nothing_of_what_hints_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
