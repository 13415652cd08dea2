/* Events by the message privilege, where the server's own delivery can't be relied on. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
on_ejabberd(unsigned what)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "carol@work.test", SUBSCRIPTION_FROM, NULL);
	roster_has(ALICE, "dave@home.test", SUBSCRIPTION_TO, NULL);
	roster_has(ALICE, "erin@home.test", SUBSCRIPTION_NONE, NULL);
	has_a_desk_phone(what);
}

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
the_node_itself_delivers_nothing_there(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
	assert_false(node_config(ALICE, NODE_DEVICES).no_last); /* SETUP_OURS: at sign-in the server does */
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_OURS);
}

static void
with_contacts_presence_the_component_does_it_all(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
	assert_true(node_config(ALICE, NODE_DEVICES).no_last);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_SILENT);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
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
prosody_needs_nothing_of_it(void **state)
{
	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "off");
	says(DESK "/phone", "dnd");
	passes(10000);
	hints(BOB "/new", "on");
	passes(10000);
	assert_int_equal(stats().events_sent, 0);
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_SERVER);
}

static void
without_the_message_privilege_the_server_does_what_it_can(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL & ~GRANT_MESSAGE);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(stats().events_sent, 0);
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
}

static void
without_owner_a_new_node_is_made_silent_all_the_same(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL & ~GRANT_OWNER);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
}

static void
without_owner_an_old_node_may_be_silent(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	on_ejabberd((GRANT_ALL & ~GRANT_OWNER) | GRANT_PRESENCE_ROSTER);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_ASSUMED);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1); /* she is online; one too many is better than none */
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 1);
	/* The owner's privilege ends the doubt. */
	grant(GRANT_ALL);
	says(DESK "/phone", "away");
	passes(5000);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_OURS);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
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
delivery_can_be_switched_off_and_on(void **state)
{
	(void)state;
	settings.deliver = DELIVER_NEVER;
	configures();
	on_ejabberd(GRANT_ALL);
	assert_int_equal(stats().events_sent, 0);
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
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
		TEST(the_node_itself_delivers_nothing_there),
		TEST(with_contacts_presence_the_component_does_it_all),
		TEST(also_while_the_owner_is_offline),
		TEST(a_contact_who_signs_in_gets_the_current_item),
		TEST(a_contact_who_signs_in_while_the_owner_is_offline),
		TEST(presence_that_no_server_was_to_tell_of_greets_nobody),
		TEST(a_contact_who_has_just_been_accepted_is_among_them),
		TEST(a_removed_contact_gets_nothing),
		TEST(who_was_removed_a_minute_ago_is_not_greeted),
		TEST(who_was_removed_while_the_server_did_not_read_is_not_greeted),
		TEST(nor_who_was_removed_by_a_push_in_the_meantime),
		TEST(without_a_roster_nobody_gets_anything),
		TEST(an_event_that_is_overtaken_is_not_sent),
		TEST(nothing_of_an_ended_link_is_delivered),
		TEST(a_roster_that_can_not_be_had_delays_an_event),
		TEST(a_stop_waits_until_contacts_have_been_told),
		TEST(her_own_clients_get_it_too),
		TEST(what_contacts_were_still_to_get_is_delivered_on_the_next_stream),
		TEST(nor_is_it_lost_by_a_stop),
		TEST(an_event_that_may_have_been_lost_with_the_link_is_sent_again),
		TEST(who_signed_in_while_there_was_no_link_is_told),
		TEST(after_a_start_contacts_are_told),
		TEST(prosody_needs_nothing_of_it),
		TEST(without_the_message_privilege_the_server_does_what_it_can),
		TEST(without_owner_a_new_node_is_made_silent_all_the_same),
		TEST(without_owner_an_old_node_may_be_silent),
		TEST(who_signs_in_again_with_the_same_resource_and_without_a_word_is_told),
		TEST(copies_of_one_presence_are_one),
		TEST(a_resource_that_comes_and_goes_is_told_at_a_rate_and_in_the_end),
		TEST(a_contact_who_comes_and_goes_is_told_at_a_rate_and_in_the_end),
		TEST(who_is_told_by_the_server_has_his_greetings_still),
		TEST(so_are_her_own_clients),
		TEST(who_was_accepted_since_gets_what_he_missed),
		TEST(who_leaves_does_not_wait_for_a_roster_that_was_refused_before),
		TEST(who_leaves_is_seen_to_leave),
		TEST(delivery_can_be_switched_off_and_on),
		TEST(a_poor_roster_service_is_not_asked_all_the_time),
		TEST(who_is_new_does_not_wait_behind_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
