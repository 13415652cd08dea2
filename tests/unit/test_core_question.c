/* The question that may have been lost is asked again, and not of who has answered it. */
#include <stdio.h>

#include "core_fixture.h"
#include "remind_fixture.h"

static void
it_is_asked_again_with_the_approval(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	assert_int_equal(questions(DESK), 1);
	passes(APART);
	assert_int_equal(questions(DESK), 1);
	approves(DESK);
	assert_int_equal(questions(DESK), 2);
	approves(DESK);
	passes(HOUR);
	assert_int_equal(questions(DESK), 2);
}

/* By a client that accepts whatever comes, for example, whose server drops messages of strangers. */
static void
who_accepts_at_once_is_asked_again_a_little_later(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	passes(5 * SECOND);
	approves(DESK);
	passes(APART - 5 * SECOND - 1);
	assert_int_equal(questions(DESK), 1);
	passes(1);
	assert_int_equal(questions(DESK), 2);
	passes(HOUR);
	assert_int_equal(questions(DESK), 2);
}

static void
who_says_yes_is_not_asked_again(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	links(CAROL, "Carol's");
	says_yes(CAROL);
	passes(MINUTE);
	approves(CAROL);
	passes(MINUTE);
	assert_int_equal(questions(DESK), 1);
	assert_int_equal(questions(CAROL), 1);
}

static void
nor_while_the_yes_is_being_written(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	passes(MINUTE);
	assert_int_equal(questions(DESK), 1);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
who_refuses_is_not_asked_again(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	writes(DESK "/phone", "no");
	links(CAROL, "Carol's");
	sends_back(CAROL);
	ends(CAROL);
	approves(CAROL);
	says(CAROL "/x", "on");
	sends_back(CAROL);
	forget_sent();
	passes(8 * (uint64_t)DAY);
	assert_int_equal(messages_sent(DESK) + messages_sent(CAROL), 0);
	assert_int_equal(requests(DESK) + requests(CAROL), 0);
	assert_not_told(ALICE, "has not agreed within");
}

static void
what_came_back_is_asked_again_at_once(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	sends_back(DESK);
	/* Directed to the bridge; its server does not take messages any more than before. */
	says_to(DESK "/phone", ALICE_BRIDGE, "on");
	assert_int_equal(questions(DESK), 1);
	approves(DESK);
	assert_int_equal(questions(DESK), 2);
}

static void
also_when_the_approval_was_faster(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	assert_int_equal(questions(DESK), 1);
	sends_back(DESK);
	assert_int_equal(questions(DESK), 2);
	/* And back again: from now on when it is there. */
	sends_back(DESK);
	passes(HOUR);
	assert_int_equal(questions(DESK), 2);
	says(DESK "/phone", "on");
	assert_int_equal(questions(DESK), 3);
	says(DESK "/phone", "away");
	assert_int_equal(questions(DESK), 3);
	says_yes(DESK);
	assert_publishes("Desk phone", "away");
}

static void
what_comes_back_each_time_is_asked_within_the_bounds_of_all_requests(void **state)
{
	unsigned i;

	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	for (i = 0; i < 60; i++) {
		sends_back(DESK);
		says(DESK "/phone", i % 2 == 0 ? "on" : "away");
		passes(MINUTE);
	}
	assert_in_range(questions(DESK), 6, 11);
}

/* The server puts a client's full JID in what it sends, so that only the server speaks for the bare one. */
static void
only_where_it_was_sent_to_can_it_come_back_from(void **state)
{
	struct event ev = {0};

	(void)state;
	links(DESK, "Desk phone");
	sends_back(DESK "/phone");
	sends_back(CAROL);
	sends_back(ALICE);
	ev.kind = EVENT_MESSAGE;
	ev.from.bare = DESK;
	ev.to = (struct address){ALICE_BRIDGE, "other"};
	ev.message.error = true;
	feeds(&ev);
	approves(DESK);
	assert_int_equal(questions(DESK), 1);
}

static void
what_comes_back_of_who_has_agreed_changes_nothing(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	forget_sent();
	sends_back(DESK);
	says(DESK "/phone", "on");
	passes(HOUR);
	assert_int_equal(messages_sent(DESK), 0);
	assert_shows("Desk phone", "on");
}

static void
it_waits_for_the_link(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	link_down();
	passes(MINUTE);
	assert_int_equal(questions(DESK), 1);
	comes_up();
	/* Nor before it is known whose account it is. */
	passes(20 * SECOND);
	assert_int_equal(questions(DESK), 1);
	answers(DESK "/phone", "on");
	passes(20 * SECOND);
	assert_int_equal(questions(DESK), 2);
	link_down();
	comes_up();
	passes(20 * SECOND);
	assert_int_equal(questions(DESK), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		REMINDED(it_is_asked_again_with_the_approval),
		REMINDED(who_accepts_at_once_is_asked_again_a_little_later),
		REMINDED(who_says_yes_is_not_asked_again),
		REMINDED(nor_while_the_yes_is_being_written),
		REMINDED(who_refuses_is_not_asked_again),
		REMINDED(what_came_back_is_asked_again_at_once),
		REMINDED(also_when_the_approval_was_faster),
		REMINDED(what_comes_back_each_time_is_asked_within_the_bounds_of_all_requests),
		REMINDED(only_where_it_was_sent_to_can_it_come_back_from),
		REMINDED(what_comes_back_of_who_has_agreed_changes_nothing),
		REMINDED(it_waits_for_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
