/* Registry writes that fail, that are on their way at once, or that a crash cuts off. */
#include <string.h>

#include "core_fixture.h"

static void
an_acceptance_that_can_not_be_written_is_written_later(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	says_yes(DESK);
	registry_is(REGISTRY_FAILS);
	approves(DESK);
	says(DESK "/phone", "dnd");
	assert_quiet(35000);
	registry_is(REGISTRY_WORKS);
	passes(11000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
an_acceptance_taken_back_meanwhile_is_not_written(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	says_yes(DESK);
	registry_is(REGISTRY_FAILS);
	approves(DESK);
	ends(DESK);
	registry_is(REGISTRY_WORKS);
	says(DESK "/phone", "dnd");
	assert_quiet(60000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
a_link_lost_meanwhile_asks_again_instead(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	says_yes(DESK);
	registry_is(REGISTRY_FAILS);
	approves(DESK);
	link_down();
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	forget_sent();
	link_up();
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
}

static void
the_primarys_acceptance_is_written_later_too(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	registry_is(REGISTRY_FAILS);
	approves(ALICE);
	assert_false(registry_user(ALICE)->approved);
	registry_is(REGISTRY_WORKS);
	passes(11000);
	assert_true(registry_user(ALICE)->approved);
}

static void
two_consents_on_their_way_survive_a_crash_after_both(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	approves(DESK);
	crash_after_writes(2);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(40000);
	assert_shows("Desk phone", "dnd");
}

static void
consents_that_fail_one_by_one_are_one_in_the_end(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	approves(DESK);
	write_fails(); /* the yes */
	registry_is(REGISTRY_WORKS);
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
two_edits_at_once_are_both_kept(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Reception", NULL);
	runs(ALICE "/laptop", "edit", "device", id, "status-text", "1", NULL);
	registry_is(REGISTRY_WORKS);
	says_text(DESK "/phone", "dnd", "busy");
	assert_publishes("Reception", "dnd(busy)");
	assert_string_equal(registry_device(ALICE, DESK)->label, "Reception");
	assert_true(registry_device(ALICE, DESK)->show_status);
}

static void
an_edit_on_its_way_is_not_taken_back_by_a_consent(void **state)
{
	const char *id;

	(void)state;
	links(DESK, "Desk phone");
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Reception", NULL);
	approves(DESK);
	crash_after_writes(2);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Reception");
	assert_true(registry_device(ALICE, DESK)->approved);
}

static void
nothing_is_written_for_a_user_whose_rows_are_being_deleted(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	registry_is(REGISTRY_WAITS);
	passes(60000); /* the empty item is published, and what failed is due */
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(stats().users, 0);
}

static void
a_node_is_made_silent_only_when_a_crash_would_know_it(void **state)
{
	unsigned before;

	(void)state;
	settings.deliver = DELIVER_NEVER;
	configures();
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_SERVER);
	before = iq_count(ACTION_CONFIG_SET);
	registry_is(REGISTRY_WAITS);
	settings.deliver = DELIVER_ALWAYS;
	configures();
	says(DESK "/phone", "dnd");
	passes(20000);
	assert_int_equal(iq_count(ACTION_CONFIG_SET), before);
	crash_after_writes(1);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_ASSUMED);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "away");
	passes(40000);
	assert_shows("Desk phone", "away");
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_OURS);
	/* The other way round an event too many is all that a crash could cost. */
	registry_is(REGISTRY_WAITS);
	settings.deliver = DELIVER_NEVER;
	configures();
	says(DESK "/phone", "dnd");
	passes(20000);
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
	assert_shows("Desk phone", "dnd");
}

static void
a_registry_that_fails_leaves_a_node_as_it_is(void **state)
{
	(void)state;
	settings.deliver = DELIVER_NEVER;
	configures();
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL);
	registry_is(REGISTRY_FAILS);
	settings.deliver = DELIVER_ALWAYS;
	configures();
	says(DESK "/phone", "dnd");
	passes(5000);
	assert_shows("Desk phone", "dnd");
	assert_false(node_config(ALICE, NODE_DEVICES).no_events);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	says(DESK "/phone", "away");
	passes(5000);
	assert_shows("Desk phone", "away");
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
}

static void
a_node_of_which_little_is_known_is_repaired_all_the_same(void **state)
{
	(void)state;
	settings.deliver = DELIVER_ALWAYS;
	configures();
	server.name = "ejabberd";
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	has_enrolled(GRANT_PUBSUB); /* who set it up is not known */
	registry_is(REGISTRY_FAILS);
	grant(GRANT_ALL); /* it could be set up now, but for the registry */
	says(ALICE "/laptop", "away");
	passes(5000);
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	says(ALICE "/laptop", "dnd");
	passes(5000);
	registry_is(REGISTRY_WORKS);
	passes(120000);
	assert_logged("node.repair");
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_shows("laptop", "dnd");
}

static void
a_resource_that_is_just_given_a_name_is_not_forgotten(void **state)
{
	const char *id;

	(void)state;
	says(ALICE "/tablet", "on");
	passes(5000);
	says(ALICE "/tablet", "off");
	id = device_id("tablet");
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "hidden", NULL);
	passes(settings.linger_ms + 5000);
	registry_is(REGISTRY_WORKS);
	says(ALICE "/tablet", "on");
	passes(5000);
	assert_shows("tablet", "absent");
}

static void
a_roster_that_comes_when_she_leaves_links_nobody(void **state)
{
	(void)state;
	says(ALICE "/laptop", "off");
	passes(5000);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	roster_has(ALICE, "carol@work.test", SUBSCRIPTION_BOTH, "Devices");
	says(ALICE "/laptop", "on"); /* it is asked for, and slow */
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(5000); /* her rows are being deleted */
	released();
	passes(1000);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "carol@work.test"), 0);
}

static void
what_was_not_taken_goes_with_the_link(void **state)
{
	struct event ev = {.kind = EVENT_PRESENCE};

	(void)state;
	ev.from.bare = DESK;
	ev.to.bare = ALICE_BRIDGE;
	ev.presence.type = PRESENCE_SUBSCRIBE;
	assert_int_equal(feeds_status(&ev), 0);
	forget_sent();
	link_down();
	assert_int_equal(emissions(), 0);
	link_up();
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, DESK), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(an_acceptance_that_can_not_be_written_is_written_later),
		TEST_ENROLLED(an_acceptance_taken_back_meanwhile_is_not_written),
		TEST_ENROLLED(a_link_lost_meanwhile_asks_again_instead),
		TEST(the_primarys_acceptance_is_written_later_too),
		TEST_ENROLLED(two_consents_on_their_way_survive_a_crash_after_both),
		TEST_ENROLLED(consents_that_fail_one_by_one_are_one_in_the_end),
		TEST_LINKED(two_edits_at_once_are_both_kept),
		TEST_ENROLLED(an_edit_on_its_way_is_not_taken_back_by_a_consent),
		TEST_LINKED(nothing_is_written_for_a_user_whose_rows_are_being_deleted),
		TEST_LINKED(a_resource_that_is_just_given_a_name_is_not_forgotten),
		TEST(a_node_is_made_silent_only_when_a_crash_would_know_it),
		TEST(a_registry_that_fails_leaves_a_node_as_it_is),
		TEST(a_node_of_which_little_is_known_is_repaired_all_the_same),
		TEST_LINKED(what_was_not_taken_goes_with_the_link),
		TEST_LINKED(a_roster_that_comes_when_she_leaves_links_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
