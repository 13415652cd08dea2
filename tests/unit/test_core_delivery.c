/* Events by the message privilege, where the server's own delivery can't be relied on: to whom, and when. */
#include "core_fixture.h"
#include "delivery_fixture.h"

/* The owner is offline, so that her roster isn't polled, and it is old when it is needed. */
static void
her_roster_is_old(void)
{
	says(ALICE "/laptop", "off");
	passes(300000);
	forget_sent();
	catch_up();
}

static void
every_change_goes_to_those_who_may_see_it(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to("carol@work.test", NULL), 1);
	assert_int_equal(events_to("dave@home.test", NULL), 0);
	assert_int_equal(events_to("erin@home.test", NULL), 0);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	assert_string_equal(last_event(BOB)->node, NODE_DEVICES);
	assert_null(device_in(last_event(BOB), "Desk phone")->jid);
}

static void
also_while_the_owner_is_offline(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(5000);
	forget_sent();
	says(DESK "/phone", "away");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
a_contact_who_has_just_been_accepted_is_among_them(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	her_roster_is_old();
	roster_has(ALICE, "frank@home.test", SUBSCRIPTION_FROM, NULL);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to("frank@home.test", NULL), 1);
	/* of the last minute it is used as it is, and then read again */
	roster_has(ALICE, "grace@home.test", SUBSCRIPTION_FROM, NULL);
	says(DESK "/phone", "away");
	passes(5000);
	assert_int_equal(events_to("frank@home.test", NULL), 2);
	assert_int_equal(events_to("grace@home.test", NULL), 0);
	passes(57000);
	assert_int_equal(events_to("grace@home.test", NULL), 1);
	assert_string_equal(state_in(last_event("grace@home.test"), "Desk phone"), "away");
	assert_int_equal(events_to("frank@home.test", NULL), 2);
}

static void
a_removed_contact_gets_nothing(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	her_roster_is_old();
	roster_lacks(ALICE, BOB);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to("carol@work.test", NULL), 1);
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 0);
	/* THREATS 23: whatever explicit subscription he had is ended by the owner's privilege. */
	assert_string_equal(iq_last(ACTION_UNSUBSCRIBE)->who, BOB);
}

static void
without_a_roster_nobody_gets_anything(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	roster_refused(true);
	passes(120000);
	forget_sent();
	says(DESK "/phone", "dnd");
	hints(BOB "/new", "on");
	passes(60000);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(BOB, "new"), 0);
}

static void
an_event_that_is_overtaken_is_not_sent(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	passes(60000);
	says(DESK "/phone", "dnd");
	passes(1000);
	says(DESK "/phone", "away");
	passes(500);
	released();
	passes(10000);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
nothing_of_an_ended_link_is_delivered(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	forget_sent();
	ends(DESK);
	hints(BOB "/new", "on");
	passes(100);
	assert_int_equal(events_to(BOB, "new"), 0);
	released();
	passes(5000);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "absent");
}

static void
a_roster_that_can_not_be_had_delays_an_event(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	her_roster_is_old();
	reacts(ACTION_ROSTER_GET, SILENCE, 2);
	says(DESK "/phone", "dnd");
	passes(25000);
	assert_int_equal(events_to(BOB, NULL), 0);
	says(DESK "/phone", "away");
	passes(25000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
a_stop_waits_until_contacts_have_been_told(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	her_roster_is_old();
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	says(DESK "/phone", "dnd");
	drains();
	assert_int_equal(publishes(), 1);
	assert_false(drained());
	released();
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_true(drained());
}

static void
her_own_clients_get_it_too(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(ALICE, NULL), 2); /* the node for contacts and her own */
	forget_sent();
	says(ALICE "/tablet", "on"); /* which is news, and goes to all of them */
	passes(1000);
	assert_int_equal(events_to(ALICE, NULL), 2);
	assert_string_equal(state_in(last_event(ALICE), "tablet"), "on");
	passes(120000);
	link_down();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	forget_sent();
	says(ALICE "/tablet", "on"); /* which is none, but it may have signed in anew */
	assert_int_equal(events_to(ALICE, "tablet"), 2);
}

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
}

/* Only the publish was acknowledged when the link was lost. */
static void
what_contacts_were_still_to_get_is_delivered_on_the_next_stream(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	passes(120000);
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_string_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "dnd");
	link_down();
	behaves();
	forget_sent();
	comes_back();
	assert_true(events_to(BOB, NULL) > 0);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
}

static void
nor_is_it_lost_by_a_stop(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	passes(120000);
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	says(DESK "/phone", "dnd");
	passes(1000);
	drains();
	passes(5000);
	assert_true(drained());
	restart();
	behaves();
	forget_sent();
	comes_back();
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
}

/* Nobody acknowledges an event: it has come when something later was answered. */
static void
an_event_that_may_have_been_lost_with_the_link_is_sent_again(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	passes(120000);
	says(DESK "/phone", "dnd");
	passes(1000);
	forget_sent();
	catch_up();
	link_down();
	comes_back();
	assert_true(events_to(BOB, NULL) > 0);
	assert_int_equal(publishes(), 1); /* at once, not when it is her roster's turn */
	passes(120000);			  /* in which her roster is read */
	catch_up();
	link_down();
	comes_back();
	assert_int_equal(publishes(), 0);
}

static void
after_a_start_contacts_are_told(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(120000);
	restart();
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 0); /* the phone is not known yet */
	says(DESK "/phone", "dnd");
	passes(120000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(publishes(), 0);
}

static void
who_was_accepted_since_gets_what_he_missed(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	passes(10000);
	forget_sent();
	roster_has(ALICE, "frank@home.test", SUBSCRIPTION_FROM, NULL);
	passes(120000);
	assert_int_equal(events_to("frank@home.test", NULL), 1);
	assert_int_equal(events_to(BOB, NULL), 0);
}

static void
who_leaves_does_not_wait_for_a_roster_that_was_refused_before(void **state)
{
	(void)state;
	server.name = "ejabberd";
	link_up();
	grant(GRANT_ALL);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	enrols(ALICE);
	passes(60000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0); /* nothing to publish when she leaves */
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(60000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(stats().users, 0);
}

static void
who_leaves_is_seen_to_leave(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	ends(ALICE);
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(last_event(BOB)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
}

static void
a_poor_roster_service_is_not_asked_all_the_time(void **state)
{
	unsigned before;

	(void)state;
	roster_refused(true);
	on_ejabberd(GRANT_ALL);
	passes(120000);
	before = iq_count(ACTION_ROSTER_GET);
	passes(600000);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 5, 15);
}

static void
who_is_new_does_not_wait_behind_the_others(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	passes(30000);
	forget_sent();
	user_is(BOB);
	enrols(BOB);
	passes(1000);
	assert_string_equal(iq_last(ACTION_ROSTER_GET)->to, BOB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_change_goes_to_those_who_may_see_it),
		TEST(also_while_the_owner_is_offline),
		TEST(a_contact_who_has_just_been_accepted_is_among_them),
		TEST(a_removed_contact_gets_nothing),
		TEST(without_a_roster_nobody_gets_anything),
		TEST(an_event_that_is_overtaken_is_not_sent),
		TEST(nothing_of_an_ended_link_is_delivered),
		TEST(a_roster_that_can_not_be_had_delays_an_event),
		TEST(a_stop_waits_until_contacts_have_been_told),
		TEST(her_own_clients_get_it_too),
		TEST(what_contacts_were_still_to_get_is_delivered_on_the_next_stream),
		TEST(nor_is_it_lost_by_a_stop),
		TEST(an_event_that_may_have_been_lost_with_the_link_is_sent_again),
		TEST(after_a_start_contacts_are_told),
		TEST(who_was_accepted_since_gets_what_he_missed),
		TEST(who_leaves_does_not_wait_for_a_roster_that_was_refused_before),
		TEST(who_leaves_is_seen_to_leave),
		TEST(a_poor_roster_service_is_not_asked_all_the_time),
		TEST(who_is_new_does_not_wait_behind_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
