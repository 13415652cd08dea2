#include "core/consent/withhold.h"

#include <stdio.h>

#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/model/settle.h"
#include "core/model/user.h"
#include "core/tools/say.h"

void
withhold_begin(struct core *c, struct user *u, enum withheld why)
{
	bool was_shown = user_shown(u);

	u->withheld |= (unsigned)why;
	if (!was_shown)
		return;
	/* Nothing is waited for: what there is to say is known. */
	settle_skip(c, u);
	user_urgent(c, u, ALL_NODES);
}

void
withhold_end(struct core *c, struct user *u, enum withheld why)
{
	bool was = u->withheld != 0;

	u->withheld &= ~(unsigned)why;
	if (!was || !user_shown(u))
		return;
	settle_forget(u);
	user_mark(c, u, MARK_AGAIN);
	user_touch(c, u);
}

bool
withhold_knows(const struct host *h)
{
	return h->configured || h->users > 0;
}

void
withhold_configure(struct core *c)
{
	struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		if (u->host->configured)
			withhold_end(c, u, WITHHELD_HOST);
		else
			withhold_begin(c, u, WITHHELD_HOST);
	}
}

void
withhold_say(struct core *c, const struct host *h)
{
	char users[24];

	if (h->configured || h->users == 0)
		return;
	snprintf(users, sizeof(users), "%zu", h->users);
	say_log(c, LOG_LEVEL_WARN, "host.removed", "host", h->name, "users", users, "text",
	    "`hosts` doesn't name this host any more: its users stay in the registry, nothing of them is shown, and what is "
	    "published is emptied while the host still grants what that takes; name it again, and all is as before",
	    NULL);
}

void
withhold_loaded(struct core *c)
{
	struct host *h;

	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h))
		withhold_say(c, h);
}
