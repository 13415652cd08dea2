/* Alice on ejabberd, with contacts whom she may block. */
#include "blocking_fixture.h"

void
on_ejabberd(unsigned what)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, CAROL, SUBSCRIPTION_FROM, NULL);
	has_a_desk_phone(what);
	passes(120000);
	forget_sent();
}

void
changes_now(void)
{
	static const char *const how[] = {"dnd", "away", "xa", "chat"};
	static unsigned n;

	says(DESK "/phone", how[n++ % 4]);
	passes(2000);
}

void
changes(void)
{
	passes(61000);
	changes_now();
}

void
goes_offline(void)
{
	says(ALICE "/laptop", "off");
	passes(180000);
	forget_sent();
}
