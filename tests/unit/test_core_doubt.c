/* What the server may have got, and what it is not known to have: crashes, lost answers, errors, stops. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
comes_back(unsigned what)
{
	link_up();
	grant(what);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
}

/* Crashes */

static void
an_error_does_not_end_the_doubt(void **state)
{
	(void)state;
	crash();
	catch_up();
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 1);
	comes_back(GRANT_ALL);
	passes(60000);
	assert_int_equal(publishes(), 2);
}

static void
an_acknowledgement_ends_the_doubt(void **state)
{
	(void)state;
	crash();
	comes_back(GRANT_ALL);
	says(DESK "/phone", "dnd");
	passes(60000);
	catch_up();
	says(ALICE "/laptop", "away");
	says(ALICE "/laptop", "on");
	assert_quiet(60000);
}

static void
nothing_older_is_told_to_who_signs_in_after_a_crash(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	/* What is on its way to the server when the program dies is newer than the notes. */
	crash();
	reacts(ACTION_PUBLISH, HOLDS, -1);
	comes_back(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	forget_sent();
	hints(BOB "/new", "on");
	passes(5000);
	assert_int_equal(events_to(BOB, "new"), 0);
	released();
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
}

static void
a_private_node_that_was_not_noted_is_emptied_after_a_crash(void **state)
{
	const char *id;

	(void)state;
	/* As a publisher: who has the privilege empties it once in any case. */
	node_publisher(ALICE, NODE_DEVICES, true);
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, true);
	node_exists(ALICE, NODE_DEVICES_PRIVATE, ACCESS_WHITELIST);
	has_enrolled(0);
	id = device_id("laptop");
	registry_loses_notes(true);
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "self", NULL);
	passes(5000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "laptop"), "on");
	reacts(ACTION_PUBLISH, SILENCE, -1);
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "contacts", NULL);
	crash();
	behaves();
	link_up();
	says(ALICE "/laptop", "on");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(node_item(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 0);
}

/* Stops */

static void
a_stop_does_not_take_what_was_not_answered_for_lost(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, LOSES, 1);
	says(ALICE "/laptop", "away");
	passes(300);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	drains();
	passes(3000);
	assert_true(drained());
	restart();
	catch_up();
	comes_back(GRANT_ALL);
	assert_publishes("laptop", "on");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

static void
a_stop_probes_nobody_and_reads_no_rosters(void **state)
{
	unsigned rosters;

	(void)state;
	settings.probes_per_s = 2;
	configures();
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	user_is(ALICE);
	passes(10000);
	link_down();
	link_up();
	grant(GRANT_ALL);
	forget_sent();
	rosters = iq_count(ACTION_ROSTER_GET);
	/* Something that it waits for. */
	registry_is(REGISTRY_WAITS);
	runs("carol@home.test/x", "enrol", NULL);
	drains();
	passes(1900);
	says(ALICE "/laptop", "on");
	assert_false(drained());
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), rosters);
}

/* The way into the private node */

static void
what_could_not_be_replaced_is_not_what_was_to_be_published(void **state)
{
	(void)state;
	/* The grants are gone; of the two nodes the user lets the bridge publish in one. */
	link_down();
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, false);
	link_up();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "dnd");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "on");
	link_down();
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, true);
	link_up();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "dnd");
}

/* Set-up */

/* The node delivers; then messages are granted, and the answer that it is silent now never comes. */
static void
is_silenced_without_an_answer(void)
{
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL & ~GRANT_MESSAGE);
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
	link_down();
	reacts(ACTION_CONFIG_SET, LOSES, 1);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	passes(2000);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
}

static void
delivers_again(void)
{
	behaves();
	link_up();
	grant(GRANT_ALL & ~GRANT_MESSAGE);
	says(ALICE "/laptop", "dnd");
	passes(60000);
	assert_shows("laptop", "dnd");
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
	/* What is not switched off is written as PEP has it: left out, it would stay as it was. */
	assert_true(iq_last(ACTION_CONFIG_SET)->config.restore);
}

static void
a_set_up_that_was_cut_short_is_done_again(void **state)
{
	(void)state;
	is_silenced_without_an_answer();
	link_down();
	delivers_again();
}

static void
a_set_up_that_was_cut_short_is_done_again_after_a_crash(void **state)
{
	(void)state;
	is_silenced_without_an_answer();
	crash();
	delivers_again();
}

static void
what_was_read_configures_nothing_when_the_grant_is_gone(void **state)
{
	struct event ev;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	reacts(ACTION_CONFIG_GET, SILENCE, 1);
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(2000);
	ev = answer_to(iq_last(ACTION_CONFIG_GET), COND_NONE);
	ev.answer.payload = PAYLOAD_CONFIG;
	ev.answer.access = ACCESS_OTHER;
	grant(GRANT_ALL & ~GRANT_OWNER);
	feeds(&ev);
	passes(60000);
	assert_int_equal(iq_count(ACTION_CONFIG_SET), 0);
	assert_int_equal(iq_count(ACTION_PUBLISH), publishes()); /* declined by the node's access model */
	assert_null(node_item(ALICE, NODE_DEVICES));
}

static void
who_refuses_affiliates_in_spite_of_the_set_up_gets_privileged_publishes(void **state)
{
	unsigned creates = iq_count(ACTION_CREATE), retracts = iq_count(ACTION_RETRACT);

	(void)state;
	fails(ACTION_PUBLISH, COND_FORBIDDEN, APP_NONE, 3);
	says(ALICE "/laptop", "away");
	passes(500);
	assert_int_equal(iq_count(ACTION_CREATE), creates + 1);
	assert_int_equal(iq_count(ACTION_RETRACT), retracts + 1);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_PRIVILEGED);
}

static void
a_node_is_repaired_once_for_each_publish(void **state)
{
	unsigned before = iq_count(ACTION_CONFIG_SET);

	(void)state;
	fails(ACTION_PUBLISH, COND_CONFLICT, APP_PRECONDITION_NOT_MET, 5);
	says(ALICE "/laptop", "away");
	passes(10000);
	assert_int_equal(iq_count(ACTION_CONFIG_SET), before + 1);
	assert_int_equal(stats().blocked, 1);
}

static void
an_error_does_not_let_go_of_who_leaves(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 1);
	ends(ALICE);
	passes(30000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
	assert_not_logged("user.residue");
}

/* Ways */

static void
a_server_that_hears_one_form_only_is_found_out(void **state)
{
	(void)state;
	server.hears_capitals = server.drops_ordinary = true;
	has_enrolled(GRANT_ALL);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_PRIVILEGED_CAPS);
}

static void
one_tries_the_privilege_for_all(void **state)
{
	static const char *const names[] = {ALICE, BOB, "carol@home.test"};
	char full[64];
	size_t i;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	reacts(ACTION_CREATE, HOLDS, -1);
	for (i = 0; i < 3; i++) {
		user_is(names[i]);
		enrols(names[i]);
		approves(names[i]);
		snprintf(full, sizeof(full), "%s/x", names[i]);
		says(full, "on");
	}
	passes(1500);
	assert_int_equal(stats().in_flight, 1);
	released();
	passes(5000);
	for (i = 0; i < 3; i++)
		assert_string_equal(state_in(node_item(names[i], NODE_DEVICES), "x"), "on");
}

static void
a_moment_passes_for_grants_to_come(void **state)
{
	(void)state;
	restart();
	catch_up();
	link_up();
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "on");
	assert_quiet(1500);
	grant(GRANT_ALL);
	assert_publishes("laptop", "away");
}

static void
grants_end_with_their_stream(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	link_down();
	link_up();
	says(ALICE "/laptop", "away");
	passes(60000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
what_was_asked_ends_with_its_stream(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(300);
	assert_int_equal(stats().in_flight, 1);
	link_down();
	assert_int_equal(stats().in_flight, 0);
	assert_int_equal(stats().queries, 0);
}

static void
grants_iq(unsigned pubsub, unsigned owner)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_GRANT;
	ev.from.bare = "home.test";
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.iq_pubsub = pubsub;
	ev.grant.iq_owner = owner;
	feeds(&ev);
}

static void
to_read_a_configuration_is_not_to_write_it(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	grants_iq(MAY_GET | MAY_SET, MAY_GET);
	enrols(ALICE);
	says(ALICE "/laptop", "on");
	hints(ALICE "/laptop", "on");
	approves(ALICE);
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
}

static void
to_read_items_is_not_to_publish_them(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	grants_iq(MAY_GET, MAY_GET | MAY_SET);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(10000);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
an_advertisement_comes_from_no_resource(void **state)
{
	struct event ev;

	(void)state;
	link_up();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_GRANT;
	ev.from = (struct address){"home.test", "x"};
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.iq_pubsub = MAY_GET | MAY_SET;
	feeds(&ev);
	assert_not_logged("grant");
	assert_int_equal(stats().strangers, 1);
}

static void
a_server_that_slows_down_is_given_less(void **state)
{
	char name[64];
	size_t waiting;
	unsigned i, round;

	(void)state;
	settings.rate_ms = 1;
	configures();
	link_up();
	grant(GRANT_ALL);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		enrols(name);
		approves(name);
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "on");
	}
	passes(60000);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	for (round = 0; round < 12; round++) {
		for (i = 0; i < 40; i++) {
			snprintf(name, sizeof(name), "user%u@home.test", i);
			user_is(kept(name));
			snprintf(name, sizeof(name), "user%u@home.test/x", i);
			says(name, round % 2 == 0 ? "away" : "dnd");
		}
		passes(300);
		while ((waiting = stats().in_flight) > 0) {
			passes(500); /* so long for each, from now on */
			for (; waiting > 0; waiting--)
				release_first();
		}
	}
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%u@home.test", i);
		user_is(kept(name));
		snprintf(name, sizeof(name), "user%u@home.test/x", i);
		says(name, "chat");
	}
	passes(300);
	assert_in_range(stats().in_flight, 1, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(an_error_does_not_end_the_doubt),
		TEST_LINKED(an_acknowledgement_ends_the_doubt),
		TEST(nothing_older_is_told_to_who_signs_in_after_a_crash),
		TEST(a_private_node_that_was_not_noted_is_emptied_after_a_crash),
		TEST_LINKED(a_stop_does_not_take_what_was_not_answered_for_lost),
		TEST_LINKED(a_stop_probes_nobody_and_reads_no_rosters),
		TEST_LINKED(what_could_not_be_replaced_is_not_what_was_to_be_published),
		TEST(a_set_up_that_was_cut_short_is_done_again),
		TEST(a_set_up_that_was_cut_short_is_done_again_after_a_crash),
		TEST(what_was_read_configures_nothing_when_the_grant_is_gone),
		TEST_LINKED(who_refuses_affiliates_in_spite_of_the_set_up_gets_privileged_publishes),
		TEST_LINKED(a_node_is_repaired_once_for_each_publish),
		TEST_LINKED(an_error_does_not_let_go_of_who_leaves),
		TEST(a_server_that_hears_one_form_only_is_found_out),
		TEST(one_tries_the_privilege_for_all),
		TEST_LINKED(a_moment_passes_for_grants_to_come),
		TEST(grants_end_with_their_stream),
		TEST_LINKED(what_was_asked_ends_with_its_stream),
		TEST(to_read_a_configuration_is_not_to_write_it),
		TEST(to_read_items_is_not_to_publish_them),
		TEST(an_advertisement_comes_from_no_resource),
		TEST(a_server_that_slows_down_is_given_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
