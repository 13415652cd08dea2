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
rest(struct sources *sources, struct audit *a)
{
	uint64_t from = audit_oldest(a);

	drop(a);
	if (from == TIMER_NEVER || sources->env->set.audit_s == 0)
		return;
	if (from < a->round)
		from = a->round;
	if (a->answers)
		ring_add(&audit_domain(a)->audits, &a->ring);
	a->state = AUDIT_AT_REST;
	a->at = from + (uint64_t)sources->env->set.audit_s * 1000;
}

static bool
is_due(const struct sources *sources, struct audit *a)
{
	uint64_t from = audit_oldest(a);

	if (from != TIMER_NEVER && from < a->round)
		from = a->round;
	return from != TIMER_NEVER && from + (uint64_t)sources->env->set.audit_s * 1000 <= sources->env->now.mono_ms;
}

/* When something is to be decided about it. */
static uint64_t
decided_at(const struct audit *a)
{
	return a->state == AUDIT_AT_REST || a->state == AUDIT_ASKED ? a->at : TIMER_NEVER;
}

static void
decide(struct sources *sources, struct user *u, struct audit *a)
{
	if (decided_at(a) > sources->env->now.mono_ms)
		return;
	if (!audit_may_ask(sources, a)) {
		drop(a);
	} else if (a->state == AUDIT_ASKED) {
		if (audit_judge(sources, u, a))
			rest(sources, a);
	} else if (is_due(sources, a)) {
		audit_queue(a, TURN_AUDIT);
	} else {
		rest(sources, a);
	}
}

/* From outside */

void
audit_forget(struct audit *a)
{
	ring_out(&a->ring);
}

void
audit_seen(struct sources *sources, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	a->hung = 0;
	if (a->state != AUDIT_UNWATCHED || !sources->env->link_up)
		return;
	rest(sources, a);
	user_mark(sources->model, u, MARK_TIMES);
}

void
audit_answered(struct sources *sources, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	a->answers = true;
	a->hung = 0;
	if (a->state != AUDIT_ASKED || a->answered)
		return;
	a->answered = true;
	a->at = sources->env->now.mono_ms + REST_MS;
	user_mark(sources->model, u, MARK_TIMES);
}

void
audit_refused(struct sources *sources, struct user *u, struct device *d)
{
	struct audit *a = audit_of(u, d);

	if (a->state != AUDIT_ASKED)
		return;
	rest(sources, a);
	user_mark(sources->model, u, MARK_TIMES);
}

void
audit_settled(struct sources *sources, struct user *u)
{
	struct device *d;

	if (u->audit.state == AUDIT_UNWATCHED)
		rest(sources, &u->audit);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && d->audit.state == AUDIT_UNWATCHED)
			rest(sources, &d->audit);
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
found_silent(const struct sources *sources, const struct resource *r)
{
	return r->silent && ((uint64_t)r->heard_s + 1) * 1000 > sources->env->up_at;
}

/* Without audits nothing would end what they have found. */
static void
pardon(struct sources *sources, struct user *u)
{
	struct resource *r;
	struct device *d;
	unsigned hung;

	for (d = u->devices; d != NULL; d = d->next) {
		hung = d->resource != NULL ? u->audit.hung : d->audit.hung;
		if (d->stale && !d->unreached && (device_is_silent(d) || hung == HANGS_MAX)) {
			device_stale(d, false);
			user_touch(sources->model, u);
		}
		for (r = d->resources; r != NULL; r = r->next) {
			if (!found_silent(sources, r))
				continue;
			device_misses(r, false);
			user_touch(sources->model, u);
		}
	}
}

void
audit_configure(struct sources *sources, unsigned before_s)
{
	struct user *u;

	if (sources->env->set.audit_s == before_s)
		return;
	for (u = sources->model->users; u != NULL; u = u->next) {
		if (sources->env->set.audit_s == 0) {
			pardon(sources, u);
			audit_stop(u);
		} else if (sources->env->link_up) {
			audit_stop(u);
			audit_settled(sources, u);
		}
		user_mark(sources->model, u, MARK_TIMES);
	}
}

uint64_t
audit_deadline(const struct sources *sources, const struct user *u)
{
	const struct device *d;
	uint64_t at = decided_at(&u->audit);

	if (!sources->env->link_up || !u->settled)
		return TIMER_NEVER;
	for (d = u->devices; d != NULL; d = d->next) {
		if (decided_at(&d->audit) < at)
			at = decided_at(&d->audit);
	}
	return at;
}

void
audit_due(struct sources *sources, struct user *u)
{
	struct device *d;

	if (audit_deadline(sources, u) > sources->env->now.mono_ms)
		return;
	decide(sources, u, &u->audit);
	for (d = u->devices; d != NULL; d = d->next)
		decide(sources, u, &d->audit);
}

static void
ask(struct sources *sources, struct audit *a)
{
	bool again = a->asks > 0 && !a->answered;
	struct user *u = audit_user(a);

	if (a->asks++ == 0)
		a->round = sources->env->now.mono_ms;
	ring_out(&a->ring);
	a->state = AUDIT_ASKED;
	a->answered = a->waited = false;
	a->at = sources->env->now.mono_ms + ANSWER_MS;
	probe_send(sources->flight, u, audit_device(a));
	/* Behind this one, so that it counts when they are answered and it is not. */
	if (again || audit_misses_any(a, true))
		audit_call_witnesses(sources, a);
	user_mark(sources->model, u, MARK_TIMES);
}

static bool
is_wanted(const struct sources *sources, struct audit *a, bool soon)
{
	if (!audit_may_ask(sources, a))
		return false;
	if (a->asks > 0)
		return audit_misses_any(a, false);
	return soon ? audit_could_answer(sources, a) : is_due(sources, a);
}

void
audit_turn(struct sources *sources, struct ring *who, enum turn turn)
{
	struct audit *a = TABLE_OF(who, struct audit, ring);

	/* It may have spoken meanwhile. */
	if (is_wanted(sources, a, turn == TURN_AGAIN)) {
		pace_probed(sources->flight, audit_user(a)->host, turn, 1);
		ask(sources, a);
		return;
	}
	rest(sources, a);
	user_mark(sources->model, audit_user(a), MARK_TIMES);
}

size_t
audit_accounts(const struct sources *sources, struct user *u)
{
	size_t n = audit_may_ask(sources, &u->audit) && audit_oldest(&u->audit) != TIMER_NEVER;
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next)
		n += d->resource == NULL && audit_may_ask(sources, &d->audit) && audit_oldest(&d->audit) != TIMER_NEVER;
	return n;
}

unsigned
audit_period_s(const struct sources *sources, size_t accounts)
{
	uint64_t turn = pace_audits_s(sources->flight, accounts);

	if (sources->env->set.audit_s == 0 || turn <= sources->env->set.audit_s)
		return sources->env->set.audit_s;
	return turn < UINT32_MAX ? (unsigned)turn : UINT32_MAX;
}
