#include "core/remind.h"

#include "core/ask_rate.h"
#include "core/change.h"
#include "core/link.h"
#include "core/user.h"
#include "core/verify.h"

/*
 * Between two questions at least.  Who accepts and then types his yes needs less; whose server has dropped the first one
 * does not wait long for the second.
 */
#define ASK_APART_MS 30000

static bool
waits(const struct device *d)
{
	return d->resource == NULL && d->state == LINK_REQUESTED && d->stored;
}

void
remind_approved(struct core *c, struct user *u, struct device *d)
{
	d->ask_at = c->now.mono_ms;
	if (d->asked_at != 0 && !d->bounced && d->asked_at + ASK_APART_MS > d->ask_at)
		d->ask_at = d->asked_at + ASK_APART_MS;
	user_arm(c, u);
}

void
remind_bounced(struct core *c, struct user *u, struct device *d)
{
	d->bounced = true;
	/* It has come back although it was sent to a contact, or the approval was faster. */
	if (d->ask_at != 0)
		remind_approved(c, u, d);
}

void
remind_heard(struct core *c, struct user *u, struct device *d)
{
	if (!waits(d) || !d->bounced || !d->approved || d->confirmed || d->ask_at != 0 ||
	    ask_rate_refuses(c, u, d->jid) != NULL)
		return;
	ask_rate_note(c, u, d->jid);
	remind_approved(c, u, d);
}

static bool
may_ask(const struct core *c, const struct user *u)
{
	return c->link_up && !c->draining && u->stored && u->turn && user_shown(u) && verify_stands(u);
}

uint64_t
remind_deadline(const struct core *c, const struct user *u)
{
	const struct device *d;
	uint64_t at = TIMER_NEVER;

	if (!may_ask(c, u))
		return TIMER_NEVER;
	for (d = u->devices; d != NULL; d = d->next) {
		if (waits(d) && d->ask_at != 0 && d->ask_at < at)
			at = d->ask_at;
	}
	return at;
}

static void
ask(struct core *c, struct user *u, struct device *d)
{
	d->ask_at = 0;
	/* A yes that is just being written is one. */
	if (!change_row(c, d).confirmed && d->claim.suspended_ms == 0)
		link_ask_to_confirm(c, u, d);
}

void
remind_due(struct core *c, struct user *u)
{
	struct device *d;
	uint64_t now = c->now.mono_ms;

	if (!may_ask(c, u))
		return;
	for (d = u->devices; d != NULL; d = d->next) {
		if (waits(d) && d->ask_at != 0 && d->ask_at <= now)
			ask(c, u, d);
	}
}
