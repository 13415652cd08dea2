/* Alice has a cell phone besides, whose server is silent when the program comes back. */
#include "urgent_fixture.h"

void
has_a_cell(void)
{
	links(CELL, "Cell");
	approves(CELL);
	says_yes(CELL);
	says(CELL "/m", "on");
	says_text(DESK "/phone", "dnd", "on the phone");
	passes(60000);
	assert_shows("Cell", "on");
	catch_up();
}

void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
	says_text(DESK "/phone", "dnd", "on the phone");
	passes(PROVED);
	assert_int_equal(publishes(), 0);
}

void
starts_anew(void)
{
	restart();
	comes_back();
}

void
edits(const char *label, const char *var, const char *value)
{
	runs(ALICE "/x", "edit", "device", device_id(label), var, value, NULL);
	succeeds();
}
