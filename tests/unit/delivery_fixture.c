/* Alice on ejabberd, with contacts of each kind. */
#include "delivery_fixture.h"

void
on_ejabberd(unsigned what)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "carol@work.test", SUBSCRIPTION_FROM, NULL);
	roster_has(ALICE, "dave@home.test", SUBSCRIPTION_TO, NULL);
	roster_has(ALICE, "erin@home.test", SUBSCRIPTION_NONE, NULL);
	has_a_desk_phone(what);
}
