/* The private node: filled only when it differs, and refused without that the public one suffers. */
#include <string.h>

#include "core_fixture.h"

static void
the_private_node_is_filled_only_when_it_differs(void **state)
{
	const char *id;

	(void)state;
	has_enrolled(GRANT_ALL);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	id = device_id("laptop");
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "self", NULL);
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "absent");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "laptop"), "on");
	assert_int_equal(node_access(ALICE, NODE_DEVICES_PRIVATE), ACCESS_WHITELIST);
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "contacts", NULL);
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(node_item(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 0);
}

static void
a_private_node_that_refuses_is_not_asked_all_the_time(void **state)
{
	unsigned before;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_a_desk_phone(0);
	passes(300000);
	before = iq_count(ACTION_PUBLISH);
	passes(3600000);
	assert_int_equal(iq_count(ACTION_PUBLISH), before);
}

static void
what_changed_while_the_private_node_refused_is_in_it_when_it_does_not(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_a_desk_phone(0);
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	passes(300000);
	says(DESK "/phone", "away");
	passes(5000); /* it refuses */
	says(DESK "/phone", "dnd");
	passes(5000); /* it isn't asked */
	node_exists(ALICE, NODE_DEVICES_PRIVATE, ACCESS_WHITELIST);
	node_publisher(ALICE, NODE_DEVICES_PRIVATE, true);
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "dnd");
}

static void
what_changes_while_the_private_node_refuses_is_published(void **state)
{
	const char *id;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_a_desk_phone(0);
	id = device_id("Desk phone");
	runs(ALICE "/laptop", "edit", "device", id, "visibility", "self", NULL);
	passes(100000);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(DESK "/phone", "dnd"); /* shows in the private node alone */
	passes(1000);
	assert_string_equal(iq_last(ACTION_PUBLISH)->node, NODE_DEVICES_PRIVATE);
	says(ALICE "/laptop", "away");
	passes(1000);
	behaves();
	released();
	passes(5000);
	assert_shows("laptop", "away");
}

static void
an_invitation_for_one_node_is_none_for_the_other_until_a_privilege_comes(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_a_desk_phone(0);
	assert_shows("Desk phone", "on");
	assert_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	grant(GRANT_ALL);
	passes(2000); /* nothing has changed but that */
	assert_non_null(node_item(ALICE, NODE_DEVICES_PRIVATE));
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "on");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_private_node_is_filled_only_when_it_differs),
		TEST(a_private_node_that_refuses_is_not_asked_all_the_time),
		TEST(what_changed_while_the_private_node_refused_is_in_it_when_it_does_not),
		TEST(what_changes_while_the_private_node_refuses_is_published),
		TEST(an_invitation_for_one_node_is_none_for_the_other_until_a_privilege_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
