/* What linked accounts were asked. */
#include "remind_fixture.h"

int
remind_setup(void **state)
{
	core_setup_enrolled(state);
	forget_sent();
	return 0;
}

unsigned
questions(const char *to)
{
	return times_told(to, QUESTION);
}

unsigned
requests(const char *to)
{
	return presences_sent(PRESENCE_SUBSCRIBE, to);
}

void
comes_up(void)
{
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	passes(5 * SECOND);
}
