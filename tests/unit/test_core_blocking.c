/* Whom a user blocks (XEP-0191) is told nothing, where it is the component that tells. */
#include "core_fixture.h"
#include "blocking_fixture.h"

/* The server writes one domain in two ways, as it was typed. */
static void
a_domain_and_its_a_labels_are_one_in_the_list_too(void **state)
{
	static const char *const there[] = { "k1@b\xc3\xbc"
					     "cher.test",
		"k2@xn--bcher-kva.test", "k3@sub.xn--bcher-kva.test",
		"k4@b\xc3\xbc"
		"cher.test" };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		roster_has(ALICE, there[i], SUBSCRIPTION_BOTH, NULL);
	on_ejabberd(BLOCKING);
	blocks(ALICE, "k1@xn--bcher-kva.test");
	blocks(ALICE,
	    "k2@b\xc3\xbc"
	    "cher.test");
	blocks(ALICE,
	    "sub.b\xc3\xbc"
	    "cher.test");
	changes();
	for (i = 0; i < 3; i++)
		assert_int_equal(events_to(there[i], NULL), 0);
	assert_int_equal(events_to(there[3], NULL), 1);
	blocks(ALICE, "xn--bcher-kva.test");
	changes();
	assert_int_equal(events_to(there[3], NULL), 1);
}

static void
whoever_is_blocked_is_told_nothing(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
	assert_int_equal(events_to(ALICE, NULL), 2);
	passes(120000);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 2);
}

static void
nor_is_he_greeted(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	passes(60000);
	hints(BOB "/new", "on");
	hints(CAROL "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to(CAROL, "new"), 1);
}

/* An offline owner's roster is not polled: it is read for the greeting, and her block list behind it. */
static void
nor_on_the_list_of_yesterday(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	says(ALICE "/laptop", "off");
	passes(300000);
	forget_sent();
	blocks(ALICE, BOB);
	hints(BOB "/new", "on");
	hints(CAROL "/new", "on");
	passes(10000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to(CAROL, "new"), 1);
}

static void
nor_by_what_waited_for_him(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	link_takes(0);
	hints(BOB "/new", "on");
	hints(CAROL "/new", "on");
	blocks(ALICE, BOB);
	reacts(ACTION_BLOCKLIST_GET, HOLDS, 1);
	stalls(61000);
	link_takes(-1);
	passes(1000);
	hints(BOB "/newer", "on");
	changes_now();
	released();
	passes(2000);
	assert_int_equal(events_to(BOB, "new") + events_to(BOB, "newer") + events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
}

static void
who_is_unblocked_is_told_with_the_next_reading(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	unblocks(ALICE, BOB);
	passes(61000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to(CAROL, NULL), 1);
	changes();
	assert_int_equal(events_to(BOB, NULL), 2);
}

static void
a_domain_stands_for_everybody_there(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	roster_has(ALICE, "work.test", SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "zoe@sub.work.test", SUBSCRIPTION_BOTH, NULL);
	blocks(ALICE, "work.test");
	blocks(ALICE, "another.test");
	changes();
	assert_int_equal(events_to(CAROL, NULL), 0);
	assert_int_equal(events_to("work.test", NULL), 0);
	assert_int_equal(events_to("zoe@sub.work.test", NULL), 2); /* as a new contact, and then */
	assert_int_equal(events_to(BOB, NULL), 1);
}

/* An event to his bare JID would reach that client as well. */
static void
who_is_blocked_with_one_client_is_told_nothing_and_his_domain_is(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB "/phone");
	blocks(ALICE, "work.test/gateway");
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
}

static void
a_new_contact_who_is_blocked_is_told_nothing(void **state)
{
	struct roster_item item = {.jid = "erin@home.test", .subscription = SUBSCRIPTION_BOTH};

	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, "dave@home.test");
	blocks(ALICE, "erin@home.test");
	roster_has(ALICE, "dave@home.test", SUBSCRIPTION_FROM, NULL);
	roster_has(ALICE, "erin@home.test", SUBSCRIPTION_FROM, NULL);
	pushes(&item);
	passes(61000);
	assert_int_equal(events_to("dave@home.test", NULL), 0);
	assert_int_equal(events_to("erin@home.test", NULL), 0);
	changes();
	assert_int_equal(events_to("dave@home.test", NULL), 0);
	assert_int_equal(events_to("erin@home.test", NULL), 0);
}

static void
when_the_grant_goes_everybody_is_told_as_before(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	grant(BLOCKING - GRANT_BLOCKING);
	passes(61000);
	assert_int_equal(events_to(BOB, NULL), 0);
	changes();
	assert_int_equal(events_to(BOB, NULL), 1);
}

/* Her roster was read when nobody was to be told by us, and her list was not. */
static void
who_becomes_ours_to_tell_is_told_by_a_list(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING - GRANT_MESSAGE);
	blocks(ALICE, BOB);
	passes(61000);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), 0);
	grant(BLOCKING);
	changes_now();
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
}

static void
so_it_is_when_the_access_is_widened(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	restart();
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	passes(61000);
	settings.access = ACCESS_PRESENCE;
	configures();
	changes_now();
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_in_range(events_to(CAROL, NULL), 1, 2);
}

static void
who_is_removed_before_he_is_greeted_is_not(void **state)
{
	struct roster_item item = {.jid = BOB, .remove = true};

	(void)state;
	on_ejabberd(BLOCKING);
	passes(60000);
	link_takes(0);
	hints(BOB "/new", "on");
	hints(CAROL "/new", "on");
	roster_lacks(ALICE, BOB);
	pushes(&item);
	link_takes(-1);
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to(CAROL, "new"), 1);
}

static void
nor_does_he_hear_that_she_leaves(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	ends(DESK);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(60000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_true(events_to(CAROL, NULL) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_is_blocked_is_told_nothing),
		TEST(a_domain_and_its_a_labels_are_one_in_the_list_too),
		TEST(nor_is_he_greeted),
		TEST(nor_on_the_list_of_yesterday),
		TEST(nor_by_what_waited_for_him),
		TEST(who_is_unblocked_is_told_with_the_next_reading),
		TEST(a_domain_stands_for_everybody_there),
		TEST(who_is_blocked_with_one_client_is_told_nothing_and_his_domain_is),
		TEST(a_new_contact_who_is_blocked_is_told_nothing),
		TEST(when_the_grant_goes_everybody_is_told_as_before),
		TEST(who_becomes_ours_to_tell_is_told_by_a_list),
		TEST(so_it_is_when_the_access_is_widened),
		TEST(who_is_removed_before_he_is_greeted_is_not),
		TEST(nor_does_he_hear_that_she_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
