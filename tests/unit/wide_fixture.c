#include "wide_fixture.h"

void
links_for(const char *visibility)
{
	runs(ALICE "/x", "link", "jid", DESK, "label", "Desk phone", "visibility", visibility, NULL);
	succeeds();
}

void
shows_to(const char *visibility)
{
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", visibility, NULL);
}

void
is_linked_for_herself(void)
{
	forget_sent();
	links_for("self");
	assert_told(DESK, TO_HERSELF);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "dnd");
	assert_shows("Desk phone", "absent");
	forget_sent();
}
