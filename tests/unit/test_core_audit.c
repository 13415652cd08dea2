/* Who has gone without a word is found by asking (F19): who is asked, and when. */
#include "core_fixture.h"
#include "audit_fixture.h"

static void
what_nothing_has_confirmed_is_asked_for(void **state)
{
	(void)state;
	passes(AUDIT_MS - 60 * SECOND);
	assert_int_equal(probes(NULL), 0);
	passes(60 * SECOND);
	assert_int_equal(probes(DESK), 1);
	assert_int_equal(probes(ALICE), 1);
	passes(10 * AUDIT_MS);
	assert_int_equal(probes(DESK), 11);
	assert_quiet(0);
}

static void
who_speaks_is_not_asked(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		says(DESK "/phone", "on");
		passes(AUDIT_MS / 10);
	}
	assert_int_equal(probes(DESK), 0);
	assert_in_range(probes(ALICE), 9, 10);
}

static void
nor_is_anybody_asked_because_another_account_of_the_domain_is(void **state)
{
	unsigned i;

	(void)state;
	has_staff(3);
	for (i = 0; i < 20; i++) {
		says(full(staff(1)), "on");
		says(full(staff(2)), "on");
		passes(AUDIT_MS / 10);
	}
	assert_in_range(probes(staff(0)), 1, 2);
	assert_int_equal(probes(staff(1)), 0);
	assert_int_equal(probes(staff(2)), 0);
}

static void
another_client_that_speaks_confirms_itself_alone(void **state)
{
	unsigned i;

	(void)state;
	lives(DESK "/mobile", "dnd");
	passes(SECOND);
	forget_sent();
	for (i = 0; i < 10; i++) {
		says(DESK "/mobile", "dnd");
		passes(AUDIT_MS / 10);
	}
	assert_int_equal(probes(DESK), 1); /* because of the phone */
}

static void
what_is_known_from_hints_is_pinged_and_not_asked_for(void **state)
{
	(void)state;
	hints(ALICE "/tablet", "dnd");
	passes(10 * AUDIT_MS);
	assert_string_equal(is("tablet"), "dnd");
	assert_string_equal(is("laptop"), "on");
	client_is_dead(ALICE "/tablet");
	passes(70 * SECOND);
	assert_string_equal(is("tablet"), "off");
}

static void
who_has_not_approved_is_never_asked(void **state)
{
	(void)state;
	links("carol@work.test", "Carol's");
	says("carol@work.test/x", "on"); /* directed, as anybody can */
	user_is(BOB);
	enrols(BOB);
	hints(BOB "/x", "on");
	says(BOB "/x", "on");
	forget_sent();
	passes(5 * AUDIT_MS);
	assert_int_equal(probes("carol@work.test"), 0);
	assert_int_equal(probes(BOB), 0);
}

static void
who_leaves_is_asked_no_more(void **state)
{
	(void)state;
	server.drops_privileged = server.drops_ordinary = true; /* so that it takes a while */
	passes(AUDIT_MS - 60 * SECOND);
	ends(ALICE);
	passes(2 * AUDIT_MS);
	assert_int_equal(probes(NULL), 0);
}

static void
a_device_that_is_ended_is_asked_no_more(void **state)
{
	(void)state;
	has_staff(3);
	freezes("work.test");
	until_asked(staff(0));
	ends(staff(0));
	passes(5 * AUDIT_MS);
	assert_int_equal(probes(staff(0)), 1);
	assert_string_equal(is(called(staff(0))), "absent");
}

static void
a_stop_asks_nobody(void **state)
{
	(void)state;
	passes(AUDIT_MS - 60 * SECOND);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	says(ALICE "/laptop", "dnd");
	drains();
	clock_jumps(70 * SECOND);
	passes(SECOND);
	assert_int_equal(probes(NULL), 0);
}

static void
a_reload_takes_another_period_or_none(void **state)
{
	(void)state;
	passes(100 * SECOND);
	settings.audit_s = 60;
	configures();
	passes(SECOND);
	assert_int_equal(probes(DESK), 1);
	passes(61 * SECOND);
	assert_int_equal(probes(DESK), 2);
	assert_int_equal(stats().audit_s, 60);
	dies(DESK "/phone");
	passes(200 * SECOND);
	assert_string_equal(is("Desk phone"), "stale");
	assert_int_equal(stats().stale, 1);
	forget_sent();
	settings.audit_s = 0;
	configures();
	passes(AUDIT_MS);
	assert_int_equal(probes(NULL), 0);
	assert_string_equal(is("Desk phone"), "on"); /* nothing would ever end it */
	assert_int_equal(stats().audit_s, 0);
	settings.audit_s = 600;
	configures();
	passes(AUDIT_MS / 2);
	assert_int_equal(probes(ALICE), 1);
}

/* Its server could not be reached on the stream before: that of its two resources only one is there again is no finding. */
static void
turned_off_it_takes_back_nothing_else(void **state)
{
	(void)state;
	lives(DESK "/mobile", "dnd");
	dies(DESK "/mobile");
	link_down();
	passes(SECOND);
	link_up();
	grant(GRANT_ALL);
	unreachable(DESK);
	passes(60 * SECOND);
	assert_string_equal(is("Desk phone"), "stale");
	says(DESK "/phone", "xa");
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "xa");
	settings.audit_s = 0;
	configures();
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "xa");
}

static void
turned_off_it_takes_back_what_it_found(void **state)
{
	(void)state;
	has_staff(9);
	lives(DESK "/mobile", "dnd");
	dies(DESK "/phone");
	dies(full(staff(4)));
	passes(AUDIT_MS + 4 * ANSWER_MS);
	unreachable(staff(5));
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "dnd");
	assert_string_equal(is(called(staff(4))), "stale");
	settings.audit_s = 0;
	configures();
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "dnd+on");
	assert_string_equal(is(called(staff(4))), "on");
	assert_string_equal(is(called(staff(5))), "stale"); /* its server has said that itself */
}

/* That its server could not be reached once is over; that it hangs now is a finding. */
static void
turned_off_it_takes_back_what_it_found_after_an_error(void **state)
{
	(void)state;
	unreachable(DESK);
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "stale");
	lives(DESK "/phone", "dnd");
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "dnd");
	dies(DESK "/phone");
	passes(3 * AUDIT_MS);
	assert_string_equal(is("Desk phone"), "stale");
	settings.audit_s = 0;
	configures();
	passes(SECOND);
	assert_string_equal(is("Desk phone"), "dnd");
}

static void
a_slow_pace_is_a_pace(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	settings.audit_s = 30;
	configures();
	has_staff(12);
	assert_int_equal(stats().audit_s, 4 * 14);
	forget_sent();
	passes(1000 * SECOND);
	assert_in_range(probes(NULL), 240, 251);
	assert_quiet(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AUDITED(what_nothing_has_confirmed_is_asked_for),
		AUDITED(who_speaks_is_not_asked),
		AUDITED(nor_is_anybody_asked_because_another_account_of_the_domain_is),
		AUDITED(another_client_that_speaks_confirms_itself_alone),
		AUDITED(what_is_known_from_hints_is_pinged_and_not_asked_for),
		AUDITED(who_has_not_approved_is_never_asked),
		AUDITED(who_leaves_is_asked_no_more),
		AUDITED(a_device_that_is_ended_is_asked_no_more),
		AUDITED(a_stop_asks_nobody),
		AUDITED(a_reload_takes_another_period_or_none),
		AUDITED(turned_off_it_takes_back_what_it_found),
		AUDITED(turned_off_it_takes_back_nothing_else),
		AUDITED(turned_off_it_takes_back_what_it_found_after_an_error),
		AUDITED(a_slow_pace_is_a_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
