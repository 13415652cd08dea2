/* What the silence of one who is asked comes to, and when it is over (F19). */
#include "core_fixture.h"
#include "audit_fixture.h"

static void
of_nine_users_the_one_who_dies_is_stale_and_then_off(void **state)
{
	unsigned i;

	(void)state;
	has_staff(9);
	dies(full(staff(4)));
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is(called(staff(4))), "stale");
	assert_string_equal(shown(called(staff(4)))->state, "on"); /* what it said last */
	passes(AUDIT_MS);
	assert_string_equal(is(called(staff(4))), "off");
	passes(10 * AUDIT_MS);
	for (i = 0; i < 9; i++)
		assert_string_equal(is(called(staff(i))), i == 4 ? "off" : "on");
	assert_string_equal(is("laptop"), "on");
	assert_int_equal(publishes(), 2); /* and nobody else flapped */
	catch_up();
	lives(full(staff(4)), "on");
	assert_publishes(called(staff(4)), "on");
	assert_string_equal(is(called(staff(4))), "on");
}

static void
who_answers_in_between_is_not_silent_any_more(void **state)
{
	(void)state;
	has_staff(9);
	dies(full(staff(4)));
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is(called(staff(4))), "stale");
	lives(full(staff(4)), "on");
	passes(SECOND);
	assert_string_equal(is(called(staff(4))), "on");
	dies(full(staff(4)));
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is(called(staff(4))), "stale"); /* the first round of another silence */
}

static void
one_lost_answer_changes_nothing(void **state)
{
	(void)state;
	has_staff(9);
	answers_no_probe(staff(4), true);
	until_asked(staff(4));
	answers_no_probe(staff(4), false);
	passes(10 * AUDIT_MS);
	assert_int_equal(publishes(), 0);
	assert_int_equal(probes(staff(4)), 11);
}

static void
what_is_missing_beside_others_is_not_shown_and_then_gone(void **state)
{
	(void)state;
	lives(DESK "/mobile", "chat");
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "chat+on");
	assert_true(shown("Desk phone")->preferred);
	dies(DESK "/mobile");
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("Desk phone"), "on");
	assert_int_equal(stats().resources, 3);
	passes(AUDIT_MS);
	assert_int_equal(stats().resources, 2);
	assert_string_equal(is("Desk phone"), "on");
	catch_up();
	assert_quiet(10 * AUDIT_MS);
}

static void
an_answer_may_come_in_parts(void **state)
{
	(void)state;
	lives(DESK "/mobile", "dnd");
	answers_no_probe(DESK, true);
	passes(SECOND);
	catch_up();
	forget_sent();
	until_asked(DESK);
	answers(DESK "/phone", "on");
	passes(4 * SECOND);
	answers(DESK "/mobile", "dnd");
	passes(ANSWER_MS);
	assert_int_equal(probes(DESK), 1);
	assert_quiet(0);
}

static void
what_has_lost_its_resources_may_speak_for_itself(void **state)
{
	(void)state;
	dies(DESK "/phone");
	lives(DESK, "dnd"); /* from the bare JID */
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "on");
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("Desk phone"), "stale");
	passes(AUDIT_MS);
	assert_string_equal(is("Desk phone"), "dnd");
}

static void
all_that_is_left_when_the_last_living_one_goes_is_stale(void **state)
{
	(void)state;
	lives(DESK "/mobile", "dnd");
	dies(DESK "/phone");
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("Desk phone"), "dnd");
	dies(DESK "/mobile");
	says(DESK "/mobile", "off");
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "stale");
	is_gone(DESK);
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "off");
}

static void
of_the_user_s_own_account_too(void **state)
{
	(void)state;
	lives(ALICE "/tablet", "dnd");
	dies(ALICE "/laptop");
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("laptop"), "stale");
	assert_string_equal(is("tablet"), "dnd");
	passes(AUDIT_MS);
	assert_string_equal(is("laptop"), "off");
	passes(2 * AUDIT_MS);
	assert_string_equal(is("laptop"), "absent");
	assert_string_equal(is("tablet"), "dnd");
}

static void
who_says_that_it_goes_is_not_stale(void **state)
{
	(void)state;
	dies(DESK "/phone");
	dies(ALICE "/laptop");
	passes(2 * AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("Desk phone"), "stale");
	assert_string_equal(is("laptop"), "stale");
	says(DESK "/phone", "off");
	says(ALICE "/laptop", "off");
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "off");
	assert_string_equal(is("laptop"), "off");
}

static void
an_account_whose_probes_bounce_is_stale_and_stays_so(void **state)
{
	(void)state;
	has_staff(9);
	bounces(staff(4), COND_INTERNAL_SERVER_ERROR);
	passes(20 * AUDIT_MS);
	assert_string_equal(is(called(staff(4))), "stale");
	bounces(staff(4), COND_NONE);
	passes(AUDIT_MS + SECOND);
	assert_string_equal(is(called(staff(4))), "on");
}

static void
the_same_account_asked_by_another_is_no_witness(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(DESK, "Shared");
	approves(DESK);
	confirms(DESK);
	passes(SECOND);
	says_to(DESK "/phone", probed_from(DESK), "on");
	user_is(ALICE);
	passes(40 * SECOND);
	dies(DESK "/phone");
	passes(10 * AUDIT_MS);
	assert_string_equal(is("Desk phone"), "stale");
}

static void
where_two_others_can_answer_it_takes_a_little_longer(void **state)
{
	(void)state;
	has_staff(3);
	dies(full(staff(0)));
	passes(AUDIT_MS + 5 * ANSWER_MS);
	assert_string_equal(is(called(staff(0))), "stale");
	passes(AUDIT_MS);
	assert_string_equal(is(called(staff(0))), "off");
	assert_string_equal(is(called(staff(1))), "on");
	assert_string_equal(is(called(staff(2))), "on");
}

static void
an_account_whose_domain_answers_nobody_else_is_stale_and_stays_so(void **state)
{
	(void)state;
	dies(DESK "/phone"); /* nobody else is there */
	passes(AUDIT_MS + 4 * ANSWER_MS);
	assert_string_equal(is("Desk phone"), "on");
	passes(AUDIT_MS);
	assert_string_equal(is("Desk phone"), "stale");
	passes(100 * AUDIT_MS);
	assert_string_equal(is("Desk phone"), "stale");
	assert_string_equal(is("laptop"), "on");
}

static void
a_telephone_that_answers_no_probe_stays(void **state)
{
	(void)state;
	answers_no_probe("w9@work.test", true);
	has_staff(9);
	links("w9@work.test", "Telephone");
	approves("w9@work.test");
	confirms("w9@work.test");
	says("w9@work.test/line", "dnd");
	passes(20 * AUDIT_MS);
	assert_string_equal(is("Telephone"), "dnd");
	assert_in_range(probes("w9@work.test"), 19, 21); /* it may bounce one day */
	bounces("w9@work.test", COND_REMOTE_SERVER_TIMEOUT);
	answers_no_probe("w9@work.test", false);
	passes(AUDIT_MS + SECOND);
	assert_string_equal(is("Telephone"), "stale");
	says("w9@work.test/line", "on");
	passes(SECOND);
	assert_string_equal(is("Telephone"), "on");
	bounces("w9@work.test", COND_ITEM_NOT_FOUND);
	passes(AUDIT_MS + SECOND);
	assert_string_equal(is("Telephone"), "off");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AUDITED(of_nine_users_the_one_who_dies_is_stale_and_then_off),
		AUDITED(who_answers_in_between_is_not_silent_any_more),
		AUDITED(where_two_others_can_answer_it_takes_a_little_longer),
		AUDITED(an_account_whose_domain_answers_nobody_else_is_stale_and_stays_so),
		AUDITED(a_telephone_that_answers_no_probe_stays),
		AUDITED(one_lost_answer_changes_nothing),
		AUDITED(what_is_missing_beside_others_is_not_shown_and_then_gone),
		AUDITED(an_answer_may_come_in_parts),
		AUDITED(what_has_lost_its_resources_may_speak_for_itself),
		AUDITED(all_that_is_left_when_the_last_living_one_goes_is_stale),
		AUDITED(of_the_user_s_own_account_too),
		AUDITED(who_says_that_it_goes_is_not_stale),
		AUDITED(an_account_whose_probes_bounce_is_stale_and_stays_so),
		AUDITED(the_same_account_asked_by_another_is_no_witness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
