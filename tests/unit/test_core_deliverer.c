/* Who delivers events, the server or we: what a node is set up for, by what is granted. */
#include "core_fixture.h"
#include "delivery_fixture.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_node_itself_delivers_nothing_there),
		TEST(with_contacts_presence_the_component_does_it_all),
		TEST(prosody_needs_nothing_of_it),
		TEST(without_the_message_privilege_the_server_does_what_it_can),
		TEST(without_owner_a_new_node_is_made_silent_all_the_same),
		TEST(without_owner_an_old_node_may_be_silent),
		TEST(delivery_can_be_switched_off_and_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
