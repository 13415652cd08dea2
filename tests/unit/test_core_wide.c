/* How wide a yes is: who is asked to be shown to few is shown to more only when he has agreed to that too. */
#include <string.h>

#include "wide_fixture.h"

static void
who_is_to_be_seen_by_more_is_asked_again(void **state)
{
	(void)state;
	is_linked_for_herself();
	shows_to("contacts");
	succeeds();
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	passes(20000);
	assert_shows("Desk phone", "absent");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "dnd");
	runs(ALICE "/x", "devices", NULL);
	assert_non_null(strstr(reply.rows, "waits for its yes"));
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "dnd");
	assert_true(registry_device(ALICE, DESK)->wide);
	runs(ALICE "/x", "devices", NULL);
	assert_non_null(strstr(reply.rows, "given"));
}

static void
nor_is_he_shown_to_them_after_a_restart(void **state)
{
	(void)state;
	is_linked_for_herself();
	shows_to("contacts");
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	/* He may have read another question. */
	says_yes(DESK);
	passes(60000);
	assert_told(DESK, TO_CONTACTS);
	assert_shows("Desk phone", "absent");
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "on");
}

/* Under the former settings nobody but her own clients saw any device. */
static void
nor_for_a_yes_from_before_other_settings(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	forget_sent();
	links_for("contacts");
	assert_told(DESK, TO_HERSELF);
	approves(DESK);
	settings.access = ACCESS_PRESENCE;
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	forget_sent();
	says_yes(DESK);
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	assert_shows("Desk phone", "absent");
	/* Nor one that is said again at once, which is to the question before all the same. */
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "absent");
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "on");
}

/* The administrator has not reloaded them, but started anew. */
static void
who_has_agreed_to_less_is_asked_when_the_settings_are_others(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	links_for("contacts");
	approves(DESK);
	says_yes(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	settings.access = ACCESS_PRESENCE;
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	assert_told(DESK, TO_CONTACTS);
	assert_shows("Desk phone", "absent");
	passes(600000);
	assert_int_equal(messages_sent(DESK), 1);
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "on");
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	assert_int_equal(messages_sent(DESK), 0);
}

static void
what_came_back_is_asked_again_when_the_account_is_heard_of(void **state)
{
	(void)state;
	is_linked_for_herself();
	shows_to("contacts");
	passes(1000);
	sends_back(DESK);
	passes(600000);
	forget_sent();
	says(DESK "/phone", "away");
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	passes(10000);
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "away");
}

static void
what_was_hidden_for_a_while_is_shown_again_without_asking(void **state)
{
	(void)state;
	links_for("contacts");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	passes(60000);
	forget_sent();
	shows_to("hidden");
	passes(5000);
	assert_shows("Desk phone", "absent");
	shows_to("self");
	passes(5000);
	shows_to("contacts");
	passes(60000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(messages_sent(DESK), 0);
}

/* He has read it before there was another. */
static void
a_yes_to_the_question_before_is_none(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	forget_sent();
	shows_to("contacts");
	says_yes(DESK);
	assert_told(DESK, "too soon after the last question");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(5000);
	says_yes(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

/* The question that `link' repeats is the one that stands in the row. */
static void
no_other_question_takes_its_place_while_that_is_written(void **state)
{
	unsigned narrow;

	(void)state;
	is_linked_for_herself();
	narrow = times_told(DESK, TO_HERSELF);
	registry_is(REGISTRY_WAITS);
	shows_to("contacts");
	runs(ALICE "/x", "link", "jid", DESK, NULL);
	says_yes(DESK);
	assert_int_equal(times_told(DESK, TO_HERSELF), narrow);
	registry_is(REGISTRY_WORKS);
	passes(10000);
	assert_told(DESK, TO_CONTACTS);
	assert_false(registry_device(ALICE, DESK)->wide);
	assert_shows("Desk phone", "absent");
	passes(10000);
	says_yes(DESK);
	assert_true(registry_device(ALICE, DESK)->wide);
}

/* Its server drops, or sends back, what strangers write. */
static void
nor_is_one_to_a_question_that_came_back(void **state)
{
	(void)state;
	links_for("self");
	passes(60000);
	shows_to("contacts");
	passes(1000);
	sends_back(DESK);
	passes(10000);
	says_yes(DESK);
	approves(DESK);
	passes(1000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(60000);
	says_yes(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_true(registry_device(ALICE, DESK)->wide);
}

/* Not even that of a contact comes there: the answer to the command does. */
static void
what_comes_back_each_time_is_asked_by_the_command(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	passes(1000);
	sends_back(DESK);
	passes(10000);
	says_yes(DESK);
	passes(1000);
	sends_back(DESK);
	passes(10000);
	forget_sent();
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	assert_int_equal(messages_sent(DESK), 0);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(5000);
	runs(DESK "/phone", "confirm", NULL);
	succeeds();
	assert_true(registry_device(ALICE, DESK)->wide);
}

/* It was said without an acceptance, on another stream. */
static void
nor_is_one_that_is_void(void **state)
{
	(void)state;
	links_for("contacts");
	passes(60000);
	says_yes(DESK);
	shows_to("self");
	link_down();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	runs(ALICE "/x", "link", "jid", DESK, NULL);
	assert_told(DESK, TO_HERSELF);
	passes(10000);
	shows_to("contacts");
	says_yes(DESK);
	approves(DESK);
	passes(1000);
	assert_false(registry_device(ALICE, DESK)->wide);
	says(DESK "/phone", "dnd");
	passes(20000);
	assert_shows("Desk phone", "absent");
}

static void
nor_is_one_to_a_link_that_has_ended(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	succeeds();
	links_for("contacts");
	says_yes(DESK);
	assert_told(DESK, "too soon after the last question");
	approves(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

/* He was asked again when he accepted, long after the request. */
static void
nor_when_that_was_asked_for_a_while_ago(void **state)
{
	(void)state;
	links_for("self");
	passes(1200000);
	forget_sent();
	approves(DESK);
	passes(1000);
	assert_told(DESK, TO_HERSELF);
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	succeeds();
	links_for("contacts");
	says_yes(DESK);
	assert_told(DESK, "too soon after the last question");
	approves(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

static void
nor_after_another_that_has_ended(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(1000);
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	links_for("contacts");
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	links_for("contacts");
	says_yes(DESK);
	approves(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

static void
by_editing_nobody_is_asked_without_end(void **state)
{
	unsigned i;

	(void)state;
	links_for("self");
	approves(DESK);
	says_yes(DESK);
	passes(60000);
	forget_sent();
	for (i = 0; i < 100; i++) {
		shows_to("self");
		shows_to("contacts");
		passes(1000);
	}
	fails_with("asked");
	assert_in_range(messages_sent(DESK), 1, 6);
}

static void
a_trusted_domain_has_agreed_to_all(void **state)
{
	static const char *const trusted[] = {"work.test"};

	(void)state;
	settings.trusted = trusted;
	settings.ntrusted = 1;
	configures();
	links_for("self");
	approves(DESK);
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_shows("Desk phone", "absent");
	forget_sent();
	shows_to("contacts");
	succeeds();
	passes(60000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(messages_sent(DESK), 0);
}

static void
nor_is_it_asked_when_the_settings_widen(void **state)
{
	static const char *const trusted[] = {"work.test"};

	(void)state;
	settings.access = ACCESS_WHITELIST;
	configures();
	is_linked_for_herself();
	shows_to("contacts");
	passes(60000);
	assert_false(registry_device(ALICE, DESK)->wide);
	forget_sent();
	settings.trusted = trusted;
	settings.ntrusted = 1;
	settings.access = ACCESS_PRESENCE;
	configures();
	says(DESK "/phone", "away");
	passes(60000);
	assert_shows("Desk phone", "away");
	assert_int_equal(messages_sent(DESK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(who_is_to_be_seen_by_more_is_asked_again),
		TEST_ENROLLED(nor_is_he_shown_to_them_after_a_restart),
		TEST_ENROLLED(nor_for_a_yes_from_before_other_settings),
		TEST_ENROLLED(who_has_agreed_to_less_is_asked_when_the_settings_are_others),
		TEST_ENROLLED(what_came_back_is_asked_again_when_the_account_is_heard_of),
		TEST_ENROLLED(what_was_hidden_for_a_while_is_shown_again_without_asking),
		TEST_ENROLLED(a_yes_to_the_question_before_is_none),
		TEST_ENROLLED(no_other_question_takes_its_place_while_that_is_written),
		TEST_ENROLLED(nor_is_one_to_a_question_that_came_back),
		TEST_ENROLLED(what_comes_back_each_time_is_asked_by_the_command),
		TEST_ENROLLED(nor_is_one_that_is_void),
		TEST_ENROLLED(nor_is_one_to_a_link_that_has_ended),
		TEST_ENROLLED(nor_when_that_was_asked_for_a_while_ago),
		TEST_ENROLLED(nor_after_another_that_has_ended),
		TEST_ENROLLED(by_editing_nobody_is_asked_without_end),
		TEST_ENROLLED(a_trusted_domain_has_agreed_to_all),
		TEST_ENROLLED(nor_is_it_asked_when_the_settings_widen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
