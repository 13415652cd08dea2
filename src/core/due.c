#include "core/due.h"

#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/flight/change.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/pep.h"
#include "core/outlets/unsubscribe.h"
#include "core/sources/audit.h"
#include "core/sources/presence.h"
#include "core/sources/roster.h"
#include "core/sources/watch.h"

/* A resource that is gone is kept longer when the registry is just writing a name for it. */
#define PENDING_MS 1000

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
next_gone(const struct user *u)
{
	const struct device *d;
	uint64_t at = TIMER_NEVER;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->gone_at < at)
			at = d->gone_at;
	}
	return at;
}

uint64_t
due_deadline(struct core *c, struct user *u)
{
	uint64_t at = pep_deadline(&c->outlets, u);

	if (c->env.link_up)
		at = earlier(at, u->verify_at);
	at = earlier(at, watch_deadline(&c->sources, u));
	at = earlier(at, presence_deadline(u));
	at = earlier(at, next_gone(u));
	at = earlier(at, delivery_deadline(u));
	at = earlier(at, remind_deadline(&c->consent, u));
	at = earlier(at, roster_deadline(&c->sources, u));
	at = earlier(at, audit_deadline(&c->sources, u));
	return earlier(at, unsubscribe_deadline(u));
}

static void
drop_gone(struct core *c, struct user *u)
{
	struct device *d, *next;

	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		if (d->gone_at > c->env.now.mono_ms)
			continue;
		if (change_pending(d)) {
			device_goes(d, c->env.now.mono_ms + PENDING_MS);
		} else {
			device_remove(&c->model, d);
			user_touch(&c->model, u);
		}
	}
}

void
due_user(struct core *c, struct user *u)
{
	if (c->env.link_up && u->verify_at <= c->env.now.mono_ms)
		verify_due(&c->consent, u);
	if (watch_settles(&c->sources, u)) {
		pep_settled(u);
		delivery_settled(&c->outlets, u);
	}
	drop_gone(c, u);
	presence_due(&c->sources, u);
	watch_pings(&c->sources, u);
	delivery_due(&c->outlets, u);
	remind_due(&c->consent, u);
	roster_due(&c->sources, u);
	audit_due(&c->sources, u);
	unsubscribe_due(&c->outlets, u);
	pep_due(&c->outlets, u);
	user_mark(&c->model, u, MARK_TIMES);
}
