#include "core/consent/withhold.h"

#include <stdio.h>

#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/model/settle.h"
#include "core/model/user.h"
#include "core/tools/say.h"

void
withhold_begin(struct consent *consent, struct user *u, enum withheld why)
{
	bool was_shown = user_shown(u);

	u->withheld |= (unsigned)why;
	if (!was_shown)
		return;
	/* Nothing is waited for: what there is to say is known. */
	settle_skip(consent->model, u);
	user_urgent(consent->model, u, ALL_NODES);
}

void
withhold_end(struct consent *consent, struct user *u, enum withheld why)
{
	bool was = u->withheld != 0;

	u->withheld &= ~(unsigned)why;
	if (!was || !user_shown(u))
		return;
	settle_forget(u);
	user_mark(consent->model, u, MARK_AGAIN);
	user_touch(consent->model, u);
}

bool
withhold_knows(const struct host *h)
{
	return h->configured || h->users > 0;
}

void
withhold_configure(struct consent *consent)
{
	struct user *u;

	for (u = consent->model->users; u != NULL; u = u->next) {
		if (u->host->configured)
			withhold_end(consent, u, WITHHELD_HOST);
		else
			withhold_begin(consent, u, WITHHELD_HOST);
	}
}

void
withhold_say(struct consent *consent, const struct host *h)
{
	char users[24];

	if (h->configured || h->users == 0)
		return;
	snprintf(users, sizeof(users), "%zu", h->users);
	say_log(consent->env, LOG_LEVEL_WARN, "host.removed", "host", h->name, "users", users, "text",
	    "`hosts` doesn't name this host any more: its users stay in the registry, nothing of them is shown, and what is "
	    "published is emptied while the host still grants what that takes; name it again, and all is as before",
	    NULL);
}

void
withhold_loaded(struct consent *consent)
{
	struct host *h;

	for (h = host_next(consent->model, NULL); h != NULL; h = host_next(consent->model, h))
		withhold_say(consent, h);
}
