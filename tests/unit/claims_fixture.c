#include "claims_fixture.h"

void
both_grant(void)
{
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
}

void
comes_back(void)
{
	restart();
	catch_up();
	forget_sent();
	link_up();
	both_grant();
	passes(1000);
	answers(ALICE "/laptop", "on");
}

void
desk_is_suspended(void)
{
	comes_back();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	passes(70000);
	assert_int_equal(times_logged("device.suspended"), 1);
}
