/* A bridge that is in nobody's roster any more. */
#include "suspend_fixture.h"

#include <stdio.h>

void
comes_back_without(const char *who)
{
	restart();
	if (who != NULL)
		server_subscribes(who, bridge(), false);
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(DESK "/phone", "dnd");
}

void
is_suspended_at_once(void)
{
	comes_back_without(ALICE);
	passes(70000);
	assert_int_equal(times_logged("user.suspended"), 1);
}

void
assert_empty(const char *owner)
{
	assert_non_null(node_item(owner, NODE_DEVICES));
	assert_int_equal(node_item(owner, NODE_DEVICES)->ndevices, 0);
	if (node_item(owner, NODE_DEVICES_PRIVATE) != NULL)
		assert_int_equal(node_item(owner, NODE_DEVICES_PRIVATE)->ndevices, 0);
}

void
enrols_too(const char *who, const char *resource)
{
	char full[64];

	snprintf(full, sizeof(full), "%s/%s", who, resource);
	user_is(who);
	enrols(who);
	approves(who);
	says(full, "on");
	passes(5000);
	user_is(ALICE);
	catch_up();
}
