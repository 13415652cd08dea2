#include "core/sources/audit.h"

#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/sources/audit_private.h"

/* The rest of an answer that has begun is waited for this long: each session sends its own. */
#define REST_MS 5000

/* From one state to the next */

static void
drop(struct audit *a)
{
	ring_out(&a->ring);
	a->state = AUDIT_UNWATCHED;
	a->asks = 0;
	a->answered = a->waited = false;
}

/* Until the next round, a period after the last one began, or after something was last heard if that was later. */
static void
rest(struct core *c, struct audit *a)
{
	uint64_t from = audit_oldest(a);

	drop(a);
	if (from == TIMER_NEVER || c->set.audit_s == 0)
		return;
	if (from < a->round)
		from = a->round;
	if (a->answers)
		ring_add(&audit_domain(a)->audits, &a->ring);
	a->state = AUDIT_AT_REST;
	a->at = from + (uint64_t)c->set.audit_s * 1000;
}

static bool
is_due(const struct core *c, struct audit *a)
{
	uint64_t from = audit_oldest(a);

	if (from != TIMER_NEVER && from < a->round)
		from = a->round;
	return from != TIMER_NEVER && from + (uint64_t)c->set.audit_s * 1000 <= c->now.mono_ms;
}

/* When something is to be decided about it. */
static uint64_t
decided_at(const struct audit *a)
{
	return a->state == AUDIT_AT_REST || a->state == AUDIT_ASKED ? a->at : TIMER_NEVER;
}

static void
decide(struct core *c, struct user *u, struct audit *a)
{
	if (decided_at(a) > c->now.mono_ms)
		return;
	if (!audit_may_ask(c, a)) {
		drop(a);
	} else if (a->state == AUDIT_ASKED) {
		if (audit_judge(c, u, a))
			rest(c, a);
	} else if (is_due(c, a)) {
		audit_queue(a, TURN_AUDIT);
	} else {
		rest(c, a);
	}
}

/* From outside */

void
audit_forget(struct audit *a)
{
	ring_out(&a->ring);
}

void
audit_seen(struct core *c, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	a->hung = 0;
	if (a->state != AUDIT_UNWATCHED || !c->link_up)
		return;
	rest(c, a);
	user_mark(c, u, MARK_TIMES);
}

void
audit_answered(struct core *c, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	a->answers = true;
	a->hung = 0;
	if (a->state != AUDIT_ASKED || a->answered)
		return;
	a->answered = true;
	a->at = c->now.mono_ms + REST_MS;
	user_mark(c, u, MARK_TIMES);
}

void
audit_refused(struct core *c, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	if (a->state != AUDIT_ASKED)
		return;
	rest(c, a);
	user_mark(c, u, MARK_TIMES);
}

void
audit_settled(struct core *c, struct user *u)
{
	struct device *d;

	if (u->audit.state == AUDIT_UNWATCHED)
		rest(c, &u->audit);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && d->audit.state == AUDIT_UNWATCHED)
			rest(c, &d->audit);
	}
}

static void
stop(struct audit *a)
{
	drop(a);
	a->hung = 0;
}

void
audit_stop(struct user *u)
{
	struct device *d;

	stop(&u->audit);
	for (d = u->devices; d != NULL; d = d->next)
		stop(&d->audit);
}

/* Was it an audit that found R silent?  What was kept when its server could not be reached is from before this stream. */
static bool
found_silent(const struct core *c, const struct resource *r)
{
	return r->silent && ((uint64_t)r->heard_s + 1) * 1000 > c->up_at;
}

/* Without audits nothing would end what they have found. */
static void
pardon(struct core *c, struct user *u)
{
	struct resource *r;
	struct device *d;
	unsigned hung;

	for (d = u->devices; d != NULL; d = d->next) {
		hung = d->resource != NULL ? u->audit.hung : d->audit.hung;
		if (d->stale && !d->unreached && (device_is_silent(d) || hung == HANGS_MAX)) {
			device_stale(d, false);
			user_touch(c, u);
		}
		for (r = d->resources; r != NULL; r = r->next) {
			if (!found_silent(c, r))
				continue;
			device_misses(r, false);
			user_touch(c, u);
		}
	}
}

void
audit_configure(struct core *c, unsigned before_s)
{
	struct user *u;

	if (c->set.audit_s == before_s)
		return;
	for (u = c->users; u != NULL; u = u->next) {
		if (c->set.audit_s == 0) {
			pardon(c, u);
			audit_stop(u);
		} else if (c->link_up) {
			audit_stop(u);
			audit_settled(c, u);
		}
		user_mark(c, u, MARK_TIMES);
	}
}

uint64_t
audit_deadline(const struct core *c, const struct user *u)
{
	const struct device *d;
	uint64_t at = decided_at(&u->audit);

	if (!c->link_up || !u->settled)
		return TIMER_NEVER;
	for (d = u->devices; d != NULL; d = d->next) {
		if (decided_at(&d->audit) < at)
			at = decided_at(&d->audit);
	}
	return at;
}

void
audit_due(struct core *c, struct user *u)
{
	struct device *d;

	if (audit_deadline(c, u) > c->now.mono_ms)
		return;
	decide(c, u, &u->audit);
	for (d = u->devices; d != NULL; d = d->next)
		decide(c, u, &d->audit);
}

static void
ask(struct core *c, struct audit *a)
{
	bool again = a->asks > 0 && !a->answered;
	struct user *u = audit_user(a);

	if (a->asks++ == 0)
		a->round = c->now.mono_ms;
	ring_out(&a->ring);
	a->state = AUDIT_ASKED;
	a->answered = a->waited = false;
	a->at = c->now.mono_ms + ANSWER_MS;
	probe_send(c, u, audit_device(a));
	/* Behind this one, so that it counts when they are answered and it is not. */
	if (again || audit_misses_any(a, true))
		audit_call_witnesses(c, a);
	user_mark(c, u, MARK_TIMES);
}

static bool
is_wanted(const struct core *c, struct audit *a, bool soon)
{
	if (!audit_may_ask(c, a))
		return false;
	if (a->asks > 0)
		return audit_misses_any(a, false);
	return soon ? audit_could_answer(c, a) : is_due(c, a);
}

void
audit_turn(struct core *c, struct ring *who, enum turn turn)
{
	struct audit *a = TABLE_OF(who, struct audit, ring);

	/* It may have spoken meanwhile. */
	if (is_wanted(c, a, turn == TURN_AGAIN)) {
		pace_probed(c, audit_user(a)->host, turn, 1);
		ask(c, a);
		return;
	}
	rest(c, a);
	user_mark(c, audit_user(a), MARK_TIMES);
}

size_t
audit_accounts(const struct core *c, struct user *u)
{
	size_t n = audit_may_ask(c, &u->audit) && audit_oldest(&u->audit) != TIMER_NEVER;
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next)
		n += d->resource == NULL && audit_may_ask(c, &d->audit) && audit_oldest(&d->audit) != TIMER_NEVER;
	return n;
}

unsigned
audit_period_s(const struct core *c, size_t accounts)
{
	uint64_t turn = pace_audits_s(c, accounts);

	if (c->set.audit_s == 0 || turn <= c->set.audit_s)
		return c->set.audit_s;
	return turn < UINT32_MAX ? (unsigned)turn : UINT32_MAX;
}
