/* A yes counts for the last question that its owner can have read; what a node holds when it is opened for more. */
#include <string.h>

#include "wide_fixture.h"

/* The question is lost with the stream on which it was put. */
static void
nor_is_one_to_a_question_that_was_lost(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	passes(1000);
	link_down();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	forget_sent();
	says_yes(DESK);
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(10000);
	says_yes(DESK);
	passes(5000);
	assert_shows("Desk phone", "on");
}

/* It is put again when it may have been lost, but not again and again. */
static void
what_was_lost_is_asked_again_but_not_without_end(void **state)
{
	unsigned i;

	(void)state;
	is_linked_for_herself();
	shows_to("contacts");
	passes(1000);
	assert_int_equal(times_told(DESK, TO_CONTACTS), 1);
	for (i = 0; i < 30; i++) {
		link_down();
		link_up();
		grant(GRANT_ALL);
		passes(1000);
		answers(ALICE "/laptop", "on");
		answers(DESK "/phone", "on");
		passes(60000);
	}
	assert_in_range(times_told(DESK, TO_CONTACTS), 2, 8);
	passes(600000);
	forget_sent();
	link_down();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(600000);
	assert_int_equal(messages_sent(DESK), 0);
}

/* All that he has read are questions from before the start, for fewer. */
static void
nor_is_one_to_a_question_that_came_back_after_a_start(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	says_yes(DESK);
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	sends_back(DESK);
	passes(10000);
	says_yes(DESK);
	passes(5000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	assert_shows("Desk phone", "absent");
}

static void
is_shown_to_herself(void)
{
	settings.access = ACCESS_WHITELIST;
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	links_for("contacts");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	passes(10000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
}

/* What lies in a node that was hers alone has not been agreed to be seen by whom it is opened for. */
static void
a_node_is_opened_when_it_is_empty(void **state)
{
	(void)state;
	is_shown_to_herself();
	settings.access = ACCESS_PRESENCE;
	reacts(ACTION_AFFILIATE, SILENCE, -1);
	configures();
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_null(node_item(ALICE, NODE_DEVICES));
}

/* Nor when it is set up anew, since something else of the settings is other as well. */
static void
so_is_one_that_is_set_up_anew(void **state)
{
	(void)state;
	is_shown_to_herself();
	settings.access = ACCESS_PRESENCE;
	settings.deliver = DELIVER_ALWAYS;
	reacts(ACTION_AFFILIATE, SILENCE, -1);
	configures();
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_null(node_item(ALICE, NODE_DEVICES));
}

/* As long as it can't be emptied it isn't opened. */
static void
one_that_can_not_be_emptied_is_not_opened(void **state)
{
	(void)state;
	is_shown_to_herself();
	settings.access = ACCESS_PRESENCE;
	fails(ACTION_RETRACT, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	configures();
	passes(10000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_in_range(iq_count(ACTION_RETRACT), 2, 20); /* with pauses */
	behaves();
	passes(60000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

static void
an_edit_asks_nothing_again_that_came_back(void **state)
{
	unsigned i, before;

	(void)state;
	is_linked_for_herself();
	shows_to("contacts");
	passes(1000);
	sends_back(DESK);
	before = messages_sent(DESK);
	for (i = 0; i < 10; i++) {
		runs(ALICE "/x", "edit", "device", device_id(i % 2 == 0 ? "Desk phone" : "Phone"), "label",
		    i % 2 == 0 ? "Phone" : "Desk phone", NULL);
		passes(40000);
	}
	assert_int_equal(messages_sent(DESK), before);
}

static void
nor_is_one_to_a_link_that_ended_after_a_start(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	succeeds();
	links_for("contacts");
	approves(DESK);
	says_yes(DESK);
	assert_told(DESK, "too soon after the last question");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

/* What `confirm' has asked in its answer is agreed to by running it again, after a look at it. */
static void
what_the_command_has_asked_is_answered_by_the_command(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	answers(DESK "/phone", "on");
	passes(60000);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	passes(8000);
	forget_sent();
	says_yes(DESK);
	passes(1000);
	assert_told(DESK, TO_CONTACTS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	passes(8000);
	runs(DESK "/phone", "confirm", NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
nor_is_one_to_an_answer_that_was_lost(void **state)
{
	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(DESK "/phone", "on");
	passes(60000);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	link_down();
	link_up();
	grant(GRANT_ALL);
	answers(DESK "/phone", "on");
	passes(60000);
	runs(DESK "/phone", "confirm", NULL);
	fails_with(TO_CONTACTS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

/* It was hers alone when its configuration was read, and is opened a moment later. */
static void
also_when_the_settings_come_in_the_middle_of_that(void **state)
{
	(void)state;
	is_shown_to_herself();
	settings.deliver = DELIVER_ALWAYS;
	reacts(ACTION_CONFIG_GET, HOLDS, 1);
	configures();
	says(ALICE "/laptop", "away");
	passes(2000);
	link_takes(0);
	released();
	reacts(ACTION_AFFILIATE, SILENCE, -1);
	settings.access = ACCESS_PRESENCE;
	configures();
	link_takes((unsigned)-1);
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_null(node_item(ALICE, NODE_DEVICES));
}

/* He was asked for less, and nothing since. */
static void
nor_is_one_before_the_question_is_put(void **state)
{
	(void)state;
	is_linked_for_herself();
	registry_is(REGISTRY_WAITS);
	shows_to("contacts");
	says_yes(DESK);
	registry_is(REGISTRY_WORKS);
	passes(40000);
	assert_false(registry_device(ALICE, DESK)->wide);
	assert_told(DESK, TO_CONTACTS);
}

/* He has said it before the start, and had not accepted: who accepts now may be another. */
static void
nor_is_one_without_a_question_where_the_one_before_is_void(void **state)
{
	unsigned before;

	(void)state;
	links_for("contacts");
	passes(60000);
	says_yes(DESK);
	assert_true(registry_device(ALICE, DESK)->wide);
	restart();
	link_up();
	grant(GRANT_ALL);
	answers(ALICE "/laptop", "on");
	passes(60000);
	before = times_told(DESK, TO_CONTACTS);
	says_yes(DESK);
	approves(DESK);
	passes(1000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	assert_int_equal(times_told(DESK, TO_CONTACTS), before + 1);
	passes(6000);
	says_yes(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

/* However quick he is, he hears how it can be said. */
static void
who_says_it_too_soon_again_and_again_is_asked_again(void **state)
{
	unsigned before;

	(void)state;
	links_for("self");
	approves(DESK);
	passes(60000);
	shows_to("contacts");
	passes(1000);
	says_yes(DESK);
	assert_told(DESK, "too soon after the last question");
	before = messages_sent(DESK);
	says_yes(DESK);
	passes(20000);
	assert_int_equal(messages_sent(DESK), before);
	before = times_told(DESK, TO_CONTACTS);
	passes(20000);
	assert_int_equal(times_told(DESK, TO_CONTACTS), before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(nor_is_one_to_a_question_that_was_lost),
		TEST_ENROLLED(what_was_lost_is_asked_again_but_not_without_end),
		TEST_ENROLLED(nor_is_one_to_a_question_that_came_back_after_a_start),
		TEST_ENROLLED(a_node_is_opened_when_it_is_empty),
		TEST_ENROLLED(so_is_one_that_is_set_up_anew),
		TEST_ENROLLED(one_that_can_not_be_emptied_is_not_opened),
		TEST_ENROLLED(an_edit_asks_nothing_again_that_came_back),
		TEST_ENROLLED(nor_is_one_to_a_link_that_ended_after_a_start),
		TEST_ENROLLED(what_the_command_has_asked_is_answered_by_the_command),
		TEST_ENROLLED(nor_is_one_to_an_answer_that_was_lost),
		TEST_ENROLLED(also_when_the_settings_come_in_the_middle_of_that),
		TEST_ENROLLED(nor_is_one_before_the_question_is_put),
		TEST_ENROLLED(nor_is_one_without_a_question_where_the_one_before_is_void),
		TEST_ENROLLED(who_says_it_too_soon_again_and_again_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
