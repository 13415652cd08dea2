/* A contact who signs in is told what is so, where the server doesn't: who is greeted, how often, and with what. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"
#include "delivery_fixture.h"

static void
a_contact_who_signs_in_gets_the_current_item(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	hints(BOB "/new", "off");
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 2);
	hints("mallory@home.test/x", "on");
	passes(1000);
	assert_int_equal(events_to("mallory@home.test", "x"), 0);
}

static void
a_contact_who_signs_in_while_the_owner_is_offline(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(5000);
	forget_sent();
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 1);
}

static void
presence_that_no_server_was_to_tell_of_greets_nobody(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL & ~GRANT_PRESENCE);
	says(ALICE "/laptop", "off");
	passes(5000);
	forget_sent();
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 0);
	/* Her host tells of its own accounts, not of those elsewhere that she sees. */
	grant(GRANT_ALL);
	passes(60000);
	forget_sent();
	hints("carol@work.test/new", "on");
	passes(1000);
	assert_int_equal(events_to("carol@work.test", "new"), 0);
	hints(BOB "/newer", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "newer"), 1);
	/* Or his does. */
	grant_by("work.test", DOMAIN, GRANT_PRESENCE, 2);
	hints("carol@work.test/newer", "on");
	passes(1000);
	assert_int_equal(events_to("carol@work.test", "newer"), 1);
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	grant_by("work.test", DOMAIN, 0, 2);
	passes(60000);
	forget_sent();
	hints("carol@work.test/newest", "on");
	passes(1000);
	assert_int_equal(events_to("carol@work.test", "newest"), 1);
}

static void
who_was_removed_a_minute_ago_is_not_greeted(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "off"); /* an offline owner's roster is not polled */
	passes(300000);
	forget_sent();
	roster_lacks(ALICE, BOB);
	hints(BOB "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
who_was_removed_while_the_server_did_not_read_is_not_greeted(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	link_takes(0);
	hints(BOB "/new", "on");
	hints("carol@work.test/new", "on");
	roster_lacks(ALICE, BOB);
	stalls(90000);
	link_takes((unsigned)-1);
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to("carol@work.test", "new"), 1);
}

static void
nor_who_was_removed_by_a_push_in_the_meantime(void **state)
{
	const struct roster_item gone = {.jid = BOB, .remove = true};

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	link_takes(0);
	hints(BOB "/new", "on");
	says(DESK "/phone", "away");
	roster_lacks(ALICE, BOB);
	pushes(&gone);
	link_takes((unsigned)-1);
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_true(events_to("carol@work.test", NULL) > 0);
}

/* On ejabberd nothing tells of that, then or later. */
static void
who_signed_in_while_there_was_no_link_is_told(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(120000);
	link_down();
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(120000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to("carol@work.test", NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	assert_int_equal(publishes(), 0);
	/* The same resource as before, but a new session perhaps. */
	hints(BOB "/new", "on");
	passes(120000);
	forget_sent();
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "on");
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 1);
}

/* ejabberd tells of no connection that breaks. */
static void
who_signs_in_again_with_the_same_resource_and_without_a_word_is_told(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	says(ALICE "/laptop", "off");
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 1);
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 2);
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 3);
	/* Then once in a minute, the last time as well; another resource is another. */
	hints(BOB "/x", "on");
	hints(BOB "/y", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 3);
	assert_int_equal(events_to(BOB, "y"), 1);
	assert_int_equal(events_to(BOB, NULL), 0);
	passes(57000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	/* And no more than others, who are told what changes. */
	passes(600000);
	assert_int_equal(events_to(BOB, NULL), 1 + events_to("carol@work.test", NULL));
}

/* One of each session that sees him, within a moment. */
static void
copies_of_one_presence_are_one(void **state)
{
	unsigned i;

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	for (i = 0; i < 20; i++)
		hints(BOB "/x", "on");
	passes(600000);
	assert_int_equal(events_to(BOB, "x"), 1);
	assert_int_equal(events_to(BOB, NULL), 0);
	/* Who was offline in between, or has had the time to sign in, is back. */
	hints(BOB "/y", "on");
	hints(BOB "/y", "off");
	hints(BOB "/y", "on");
	passes(50);
	hints(BOB "/y", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "y"), 3);
}

/* A fast client on a fast machine, after its connection has dropped, which ejabberd says to nobody. */
static void
with_another_id_it_is_no_copy_however_fast(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	hints_with_id(BOB "/x", "on", "1");
	hints_with_id(BOB "/x", "on", "1");
	passes(40);
	hints_with_id(BOB "/x", "on", "2");
	hints_with_id(BOB "/x", "on", "2");
	passes(5);
	assert_int_equal(events_to(BOB, "x"), 2);
	hints(BOB "/x", "on");
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 3);
}

static void
a_resource_that_comes_and_goes_is_told_at_a_rate_and_in_the_end(void **state)
{
	unsigned i, told;

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(200000);
	forget_sent();
	for (i = 0; i < 6000; i++) {
		hints(BOB "/x", "on");
		hints(BOB "/x", "off");
		passes(100);
	}
	hints(BOB "/x", "on");
	told = events_to(BOB, "x") + events_to(BOB, NULL);
	assert_in_range(told, 12, 13); /* three, and one in each minute */
	passes(60000);
	assert_int_equal(events_to(BOB, "x") + events_to(BOB, NULL), told + 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	passes(600000);
	assert_int_equal(events_to(BOB, "x") + events_to(BOB, NULL), told + 1);
	hints(BOB "/x", "on");
	assert_int_equal(events_to(BOB, "x") + events_to(BOB, NULL), told + 2);
}

static void
a_contact_who_comes_and_goes_is_told_at_a_rate_and_in_the_end(void **state)
{
	char name[64];
	unsigned i, told = 0;

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(200000);
	forget_sent();
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), BOB "/r%u", i);
		hints(kept(name), "on");
		passes(100);
		told += events_to(BOB, strchr(name, '/') + 1);
	}
	assert_in_range(told, 8, 9);
	passes(30000);
	assert_in_range(events_to(BOB, NULL), 1, 2);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	passes(120000);
	hints(BOB "/y", "on");
	assert_int_equal(events_to(BOB, "y"), 1);
}

/* Nobody has anything to tell him, or his server does: that takes nothing from what we may tell him later. */
static void
who_is_told_by_the_server_has_his_greetings_still(void **state)
{
	unsigned i;

	(void)state;
	on_ejabberd(GRANT_ALL);
	says(DESK "/phone", "dnd");
	passes(5000);
	forget_sent();
	for (i = 0; i < 10; i++) {
		hints(BOB "/x", "on");
		passes(1000);
	}
	assert_int_equal(events_to(BOB, "x"), 0);
	says(ALICE "/laptop", "off");
	passes(5000);
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 1);
}

static void
so_are_her_own_clients(void **state)
{
	unsigned i, told;

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/x", "on");
	runs(ALICE "/x", "edit", "device", device_id("x"), "visibility", "hidden", NULL);
	passes(200000);
	forget_sent();
	for (i = 0; i < 90; i++) {
		says(ALICE "/x", "off");
		says(ALICE "/x", "on");
		passes(100);
	}
	told = events_to(ALICE, "x");
	assert_in_range(told, 16, 20); /* of two nodes */
	assert_int_equal(events_to(ALICE, NULL), 0);
	passes(30000);
	assert_int_equal(events_to(ALICE, "x"), told);
	assert_true(events_to(ALICE, NULL) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_contact_who_signs_in_gets_the_current_item),
		TEST(a_contact_who_signs_in_while_the_owner_is_offline),
		TEST(presence_that_no_server_was_to_tell_of_greets_nobody),
		TEST(who_was_removed_a_minute_ago_is_not_greeted),
		TEST(who_was_removed_while_the_server_did_not_read_is_not_greeted),
		TEST(nor_who_was_removed_by_a_push_in_the_meantime),
		TEST(who_signed_in_while_there_was_no_link_is_told),
		TEST(who_signs_in_again_with_the_same_resource_and_without_a_word_is_told),
		TEST(copies_of_one_presence_are_one),
		TEST(with_another_id_it_is_no_copy_however_fast),
		TEST(a_resource_that_comes_and_goes_is_told_at_a_rate_and_in_the_end),
		TEST(a_contact_who_comes_and_goes_is_told_at_a_rate_and_in_the_end),
		TEST(who_is_told_by_the_server_has_his_greetings_still),
		TEST(so_are_her_own_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
