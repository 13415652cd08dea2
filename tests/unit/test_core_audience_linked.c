/* Being linked makes nobody an audience: it is refused, and what an earlier version approved is taken back. */
#include <stdio.h>

#include "core_fixture.h"

#define DORA "dora@home.test"

static void
a_linked_account_that_asks_to_see_the_bridge_is_refused_once(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
		passes(10);
	}
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(emissions(), 1);
	/* Its own presence is shown as before. */
	passes(61000);
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	/* Nobody knows whether the refusal came there before the link was lost. */
	link_down();
	link_up();
	grant(GRANT_ALL);
	forget_sent();
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	/* Nor who has its name now: then it is heard later. */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	passes(1000);
	answers(DESK "/phone", "on");
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
}

/* As slixmpp does by itself, and many a person in one click. */
static void
who_accepts_and_asks_back_is_linked(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	forget_sent();
	approves(DESK);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, DESK), 0);
	/* Such a client acknowledges that as RFC 3921 had it, and asks again when it signs in. */
	sends(DESK, ALICE_BRIDGE, PRESENCE_UNSUBSCRIBE);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	says_yes(DESK);
	says(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
begins_a_stream(void)
{
	link_up();
	grant(GRANT_ALL);
	passes(1000);
}

/* Before it is known who has the name nothing is said: whoever has asked candidates could tell whose device it was. */
static void
proves(const char *full, const char *bare)
{
	unsigned told = presences_sent(PRESENCE_UNSUBSCRIBED, bare);

	assert_int_equal(presences_sent(PRESENCE_PROBE, bare), 1);
	assert_int_equal(told, 0);
	answers(full, "on");
}

static void
starts_after_an_earlier_version(void)
{
	registry_is_of_an_earlier_version();
	restart();
	forget_sent();
	begins_a_stream();
	proves(DESK "/phone", DESK);
}

static void
what_an_earlier_version_approved_is_taken_back_once(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1); /* what we see of it stands */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	says(DESK "/phone", "dnd");
	/* That may have been said before it was told. */
	assert_false(registry_device(ALICE, DESK)->withdrawn);
	says(ALICE "/laptop", "on");
	passes(61000);
	says(DESK "/phone", "dnd");
	assert_true(registry_device(ALICE, DESK)->withdrawn);
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 2);
	forget_sent();
	link_down();
	begins_a_stream();
	restart();
	begins_a_stream();
	says(DESK "/phone", "dnd");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
}

static void
who_was_not_heard_since_is_told_again(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	passes(300000); /* silence */
	link_down();
	forget_sent();
	begins_a_stream();
	proves(DESK "/phone", DESK);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_false(registry_device(ALICE, DESK)->withdrawn);
	passes(61000);
	is_gone(DESK);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
}

/* That it can't be reached another server may tell late, and what it says meanwhile says nothing. */
static void
is_told_again(enum condition error)
{
	links("alice@cell.test", "Cell");
	approves("alice@cell.test");
	says_yes("alice@cell.test");
	starts_after_an_earlier_version();
	proves("alice@cell.test/m", "alice@cell.test");
	passes(110000);
	says("alice@cell.test/m", "away");
	fails_to_reach("alice@cell.test", error);
	passes(61000);
	says("alice@cell.test/m", "on");
	assert_false(registry_device(ALICE, "alice@cell.test")->withdrawn);
	link_down();
	forget_sent();
	begins_a_stream();
	proves("alice@cell.test/m", "alice@cell.test");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, "alice@cell.test"), 1);
	passes(130000);
	says("alice@cell.test/m", "away");
	assert_true(registry_device(ALICE, "alice@cell.test")->withdrawn);
}

static void
so_is_who_may_not_have_been_reached(void **state)
{
	(void)state;
	is_told_again(COND_REMOTE_SERVER_TIMEOUT);
}

/* An account that is there again later has not heard what was said when it was not. */
static void
so_is_who_was_not_there(void **state)
{
	(void)state;
	is_told_again(COND_ITEM_NOT_FOUND);
}

static void
what_can_not_be_noted_is_taken_back_again_later(void **state)
{
	unsigned i;

	(void)state;
	starts_after_an_earlier_version();
	passes(61000);
	registry_is(REGISTRY_FAILS);
	says(DESK "/phone", "on");
	registry_is(REGISTRY_WORKS);
	for (i = 0; i < 10; i++) {
		says(DESK "/phone", i % 2 == 0 ? "away" : "on");
		passes(5000);
	}
	assert_false(registry_device(ALICE, DESK)->withdrawn); /* nor written at each presence */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	link_down();
	forget_sent();
	begins_a_stream();
	proves(DESK "/phone", DESK);
	passes(61000);
	says(DESK "/phone", "away");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
}

static void
an_edit_meanwhile_takes_nothing_of_it_back(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	says(ALICE "/laptop", "on");
	passes(61000);
	registry_is(REGISTRY_WAITS);
	says(DESK "/phone", "on"); /* the note is on its way */
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "label", "Phone", NULL);
	registry_is(REGISTRY_WORKS);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Phone");
}

/* The end of an earlier link may not have come there; a server that knows of none says nothing to its user. */
static void
who_is_linked_anew_is_told_with_the_request(void **state)
{
	(void)state;
	ends(DESK);
	passes(5000);
	restart();
	begins_a_stream();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1); /* the end */
	forget_sent();
	links(DESK, "Desk phone");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	forget_sent();
	link_down();
	begins_a_stream();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
}

static void
who_leaves_meanwhile_leaves_no_row_behind(void **state)
{
	(void)state;
	registry_is_of_an_earlier_version();
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	runs(ALICE "/x", "leave", "sure", "1", NULL);
	passes(120000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
}

/* On a stream on which it is not her turn to be asked yet. */
static void
who_was_told_with_the_request_is_not_told_in_turn(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	enrols(DORA);
	approves(DORA);
	ends(DESK);
	passes(5000);
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(100);						    /* their rosters tell whose accounts they are */
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0); /* Dora's was first */
	links(DESK, "Desk phone");
	approves(DESK);
	registry_is(REGISTRY_WAITS);
	says(DESK "/phone", "on");
	while (presences_sent(PRESENCE_PROBE, ALICE) == 0)
		passes(1000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	registry_is(REGISTRY_WORKS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_linked_account_that_asks_to_see_the_bridge_is_refused_once),
		TEST(who_accepts_and_asks_back_is_linked),
		TEST_LINKED(what_an_earlier_version_approved_is_taken_back_once),
		TEST_LINKED(who_was_not_heard_since_is_told_again),
		TEST_LINKED(so_is_who_may_not_have_been_reached),
		TEST_LINKED(so_is_who_was_not_there),
		TEST_LINKED(what_can_not_be_noted_is_taken_back_again_later),
		TEST_LINKED(an_edit_meanwhile_takes_nothing_of_it_back),
		TEST_LINKED(who_is_linked_anew_is_told_with_the_request),
		TEST_LINKED(who_was_told_with_the_request_is_not_told_in_turn),
		TEST_LINKED(who_leaves_meanwhile_leaves_no_row_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
