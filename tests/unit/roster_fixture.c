/* Alice on ejabberd, and what comes of her roster. */
#include "roster_fixture.h"

#include <stdlib.h>

const struct roster_item bob = {.jid = BOB, .subscription = SUBSCRIPTION_BOTH};
const struct roster_item carol = {.jid = CAROL, .subscription = SUBSCRIPTION_FROM};

void
on_ejabberd(void)
{
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING);
}

void
comes(struct event *ev, enum extent extent, const struct roster_item *items, size_t n)
{
	struct roster_item *all = calloc(n + 1, sizeof(*all));
	size_t i;

	assert_non_null(all);
	for (i = 0; i < n; i++)
		all[i] = items[i];
	all[n] = (struct roster_item){.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	ev->answer.extent = extent;
	ev->answer.ok = extent != EXTENT_TOO_LARGE;
	ev->answer.error = ev->answer.ok ? COND_NONE : COND_RESOURCE_CONSTRAINT;
	ev->answer.roster.items = all;
	ev->answer.roster.nitems = n + (extent == EXTENT_LAST || extent == EXTENT_WHOLE ? 1 : 0);
	feeds(ev);
	free(all);
}
