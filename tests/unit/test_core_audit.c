/* Who has gone without a word is found by asking; and asking takes nobody away who is there (F19). */
#include "core_fixture.h"

#include <stdio.h>
#include <string.h>

#define AUDIT_MS 600000
#define ANSWER_MS 10000 /* a probe is waited for so long, see audit.c */
#define SECOND 1000

static const char *
staff(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "w%u@work.test", i);
	return kept(text);
}

/* The label of such a device. */
static const char *
called(const char *bare)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(bare, "@"), bare);
	return kept(text);
}

static const char *
full(const char *bare)
{
	char text[128];

	snprintf(text, sizeof(text), "%s/pc", bare);
	return kept(text);
}

/* N accounts of work.test are alice's devices, live there, and have answered a probe. */
static void
has_staff(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		links(staff(i), called(staff(i)));
		approves(staff(i));
		confirms(staff(i));
		lives(full(staff(i)), "on");
		passes(20 * SECOND);
	}
	link_down();
	link_up();
	grant(GRANT_ALL);
	lives(ALICE "/laptop", "on");
	passes(40 * SECOND);
	catch_up();
	forget_sent();
}

/* Likewise the desk phone and the laptop of a linked alice. */
static int
setup(void **state)
{
	core_setup_linked(state);
	lives(DESK "/phone", "on");
	lives(ALICE "/laptop", "on");
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(40 * SECOND);
	catch_up();
	forget_sent();
	return 0;
}

static const struct shown *
shown(const char *label)
{
	return device_in(last_published(ALICE, NODE_DEVICES), label);
}

/* What an item says of a device: its state, "stale", "absent". */
static const char *
is(const char *label)
{
	const struct shown *d = shown(label);

	return d == NULL ? "absent" : d->stale ? "stale" : d->state;
}

static unsigned
probes(const char *to)
{
	return presences_sent(PRESENCE_PROBE, to);
}

static void
until_asked(const char *to)
{
	unsigned i;

	for (i = 0; probes(to) == 0; i++) {
		assert_true(i < 2 * AUDIT_MS / SECOND);
		passes(SECOND);
	}
}

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
#define AUDITED(f) cmocka_unit_test_setup_teardown(f, setup, core_teardown)
	const struct CMUnitTest tests[] = {
		AUDITED(what_nothing_has_confirmed_is_asked_for),
		AUDITED(who_speaks_is_not_asked),
		AUDITED(another_client_that_speaks_confirms_itself_alone),
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
		AUDITED(what_is_known_from_hints_is_pinged_and_not_asked_for),
		AUDITED(a_server_that_freezes_for_80_s_takes_nobody_away),
		AUDITED(a_server_that_stays_frozen_makes_all_stale_and_none_unavailable),
		AUDITED(who_says_that_it_goes_is_not_stale),
		AUDITED(a_server_that_answers_after_seconds_is_waited_for),
		AUDITED(a_server_that_does_not_read_says_nothing_of_anybody),
		AUDITED(while_another_connection_takes_stanzas_nobody_is_silent),
		AUDITED(what_is_said_of_a_lost_link_stands_until_it_is_asked_for_anyway),
		AUDITED(a_question_that_went_with_the_link_is_no_silence),
		AUDITED(whose_server_is_out_of_reach_after_a_lost_link_stays_as_it_was),
		AUDITED(an_account_whose_probes_bounce_is_stale_and_stays_so),
		AUDITED(the_same_account_asked_by_another_is_no_witness),
		TEST(a_request_that_bounces_says_nothing_of_what_hints_tell),
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
