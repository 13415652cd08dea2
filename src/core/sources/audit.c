#include "core/sources/audit.h"

#include "core/flight/line.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/tools/say.h"

/* An answer is waited for this long; and the rest of one that has begun: each session sends its own. */
#define ANSWER_MS 10000
#define REST_MS 5000

/* Rounds in which a domain answered nobody before its accounts are stale. */
#define HANGS_MAX 2

/* A domain's others are asked no more often than this, and looked for no further. */
#define WITNESSES_AFTER_MS 5000
#define LOOK_MAX 32

/* What an audit is of */

static struct device *
linked(struct audit *a)
{
	return a->linked ? TABLE_OF(a, struct device, audit) : NULL;
}

static struct user *
user(struct audit *a)
{
	return a->linked ? TABLE_OF(a, struct device, audit)->user : TABLE_OF(a, struct user, audit);
}

static struct audit *
audit_of(struct user *u, struct device *d)
{
	return d != NULL ? &d->audit : &u->audit;
}

static struct domain *
domain_of(struct audit *a)
{
	return a->linked ? linked(a)->account->domain : user(a)->domain;
}

static uint64_t
who(struct audit *a)
{
	return a->linked ? linked(a)->account->node.hash : user(a)->by_primary.hash;
}

static struct device *
own(struct device *d)
{
	while (d != NULL && d->resource == NULL)
		d = d->next;
	return d;
}

/* The devices whose resources are A's, one after the other. */
static struct device *
first_device(struct audit *a)
{
	return a->linked ? linked(a) : own(user(a)->devices);
}

static struct device *
next_device(const struct audit *a, const struct device *d)
{
	return a->linked ? NULL : own(d->next);
}

/* What is known from hints alone is pinged (watch.c). */
static bool
counts(const struct device *d, const struct resource *r)
{
	return d->resource == NULL || r->fed || d->stale;
}

/* When the one that has been quiet longest was heard of; TIMER_NEVER: nothing is available. */
static uint64_t
oldest(struct audit *a)
{
	uint64_t at = TIMER_NEVER;
	const struct resource *r;
	struct device *d;

	for (d = first_device(a); d != NULL; d = next_device(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (counts(d, r) && (uint64_t)r->heard_s * 1000 < at)
				at = (uint64_t)r->heard_s * 1000;
		}
	}
	return at;
}

static bool
is_missing(const struct audit *a, const struct device *d, const struct resource *r)
{
	return counts(d, r) && r->heard_s < a->round / 1000;
}

/* Is a resource missing, of those that were SILENT in the round before, or of the others? */
static bool
any_missing(struct audit *a, bool silent)
{
	const struct resource *r;
	struct device *d;

	for (d = first_device(a); d != NULL; d = next_device(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (is_missing(a, d, r) && r->silent == silent)
				return true;
		}
	}
	return false;
}

/* Whose approval doesn't stand is never probed; nor is anybody before all is known that this stream began with. */
static bool
may_be_asked(const struct core *c, struct audit *a)
{
	return user(a)->settled && claim_may_probe(c, user(a), linked(a));
}

/* From one state to the next */

static void
drop(struct audit *a)
{
	ring_out(&a->ring);
	a->at = TIMER_NEVER;
	a->state = AUDIT_UNWATCHED;
	a->asks = 0;
	a->answered = a->waited = false;
}

/* Until the next round, a period after the last one began, or after something was last heard if that was later. */
static void
rest(struct core *c, struct audit *a)
{
	uint64_t from = oldest(a);

	drop(a);
	if (from == TIMER_NEVER || c->set.audit_s == 0)
		return;
	if (from < a->round)
		from = a->round;
	if (a->answers)
		ring_add(&domain_of(a)->audits, &a->ring);
	a->state = AUDIT_AT_REST;
	a->at = from + (uint64_t)c->set.audit_s * 1000;
}

static void
queue(struct audit *a, enum turn turn)
{
	pace_put(user(a)->host, turn, &a->ring);
	a->state = AUDIT_QUEUED;
	a->at = TIMER_NEVER;
}

/* One that has answered a probe before: is there nothing to say that it would not now? */
static bool
could_answer(const struct core *c, struct audit *a)
{
	const struct resource *r;
	struct device *d;

	if (a->hung > 0 || !may_be_asked(c, a))
		return false;
	for (d = first_device(a); d != NULL; d = next_device(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (counts(d, r) && !r->silent)
				return true;
		}
	}
	return false;
}

/* How many others of its domain could that are not being asked, up to as many as are enough. */
static size_t
others(const struct core *c, struct audit *a)
{
	const struct ring *list = &domain_of(a)->audits;
	unsigned looks = 0;
	struct ring *r;
	struct audit *o;
	size_t n = 0;

	for (r = ring_first(list); r != NULL && n < SILENCE_OTHERS && looks < LOOK_MAX;
	     r = ring_next(list, r), looks++) {
		o = TABLE_OF(r, struct audit, ring);
		n += who(o) != who(a) && could_answer(c, o);
	}
	return n;
}

/* A's silence is to be judged by what others of its domain are answered later: see to it that some are asked. */
static void
call_witnesses(struct core *c, struct audit *a)
{
	struct domain *d = domain_of(a);
	unsigned n = 0, looks = 0;
	struct ring *r, *next;
	struct audit *o;

	if (c->now.mono_ms < d->witnesses_at)
		return;
	d->witnesses_at = c->now.mono_ms + WITNESSES_AFTER_MS;
	for (r = ring_first(&d->audits); r != NULL && n < SILENCE_OTHERS && looks < LOOK_MAX; r = next, looks++) {
		next = ring_next(&d->audits, r);
		o = TABLE_OF(r, struct audit, ring);
		if (who(o) == who(a) || !could_answer(c, o))
			continue;
		queue(o, TURN_AGAIN);
		n++;
	}
}

/* What silence has come to */

static void
tell(struct core *c, struct user *u, const struct device *d, const char *state)
{
	user_touch(c, u);
	say_log(c, LOG_LEVEL_DEBUG, "device.silent", "user", u->primary, "device", d->id, "state", state, NULL);
}

static bool
all_missing(const struct audit *a, const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && is_missing(a, d, r); r = r->next)
		;
	return r == NULL && d->resources != NULL;
}

/* Nobody is answered there: after some rounds what is known is not to be relied on, but it may be the server alone. */
static void
hangs(struct core *c, struct user *u, struct audit *a)
{
	struct device *d;

	if (a->hung < HANGS_MAX)
		a->hung++;
	for (d = first_device(a); d != NULL && a->hung == HANGS_MAX; d = next_device(a, d)) {
		if (d->stale || !all_missing(a, d))
			continue;
		d->stale = true;
		tell(c, u, d, "stale");
	}
}

/* What is missing is silent; what was so in the round before is gone. */
static void
falls_silent(struct core *c, struct user *u, struct audit *a)
{
	struct resource *r, *next;
	struct device *d;
	bool changed;

	for (d = first_device(a); d != NULL; d = next_device(a, d)) {
		changed = false;
		for (r = d->resources; r != NULL; r = next) {
			next = r->next;
			if (!is_missing(a, d, r))
				continue;
			changed = true;
			if (r->silent)
				device_lose(c, d, r);
			else
				r->silent = true;
		}
		if (!changed)
			continue;
		d->stale = device_is_silent(d);
		tell(c, u, d, d->resources == NULL ? "unavailable" : d->stale ? "stale" : "partly");
	}
}

/* The time of A's last probe is over; true when that was the end of the round. */
static bool
judge(struct core *c, struct user *u, struct audit *a)
{
	struct asking *probe = a->linked ? &linked(a)->probe : &u->probe;
	bool fresh = any_missing(a, false);

	if ((!fresh && !any_missing(a, true)) || !a->answers || line_shared(c))
		return true;
	if (fresh && a->asks < 2) {
		queue(a, TURN_AGAIN);
		return false;
	}
	if (!a->answered &&
	    silence_judge_among(c, domain_of(a), ASKED_PROBE, who(a), probe, ANSWER_MS, others(c, a)) !=
		SILENCE_COUNTS) {
		a->at = probe->until;
		call_witnesses(c, a);
		return false;
	}
	if (a->answered || silence_followed(domain_of(a), ASKED_PROBE, who(a), probe->order)) {
		falls_silent(c, u, a);
		return true;
	}
	if (!a->waited && others(c, a) > 0) {
		/* It may be that nobody else was asked. */
		a->waited = true;
		a->at = c->now.mono_ms + ANSWER_MS;
		call_witnesses(c, a);
		return false;
	}
	hangs(c, u, a);
	return true;
}

static bool
is_due(const struct core *c, struct audit *a)
{
	uint64_t from = oldest(a);

	if (from != TIMER_NEVER && from < a->round)
		from = a->round;
	return from != TIMER_NEVER && from + (uint64_t)c->set.audit_s * 1000 <= c->now.mono_ms;
}

static void
decide(struct core *c, struct user *u, struct audit *a)
{
	if (a->at > c->now.mono_ms)
		return;
	if (!may_be_asked(c, a)) {
		drop(a);
	} else if (a->state == AUDIT_ASKED) {
		if (judge(c, u, a))
			rest(c, a);
	} else if (is_due(c, a)) {
		queue(a, TURN_AUDIT);
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
			d->stale = false;
			user_touch(c, u);
		}
		for (r = d->resources; r != NULL; r = r->next) {
			if (!found_silent(c, r))
				continue;
			r->silent = false;
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
	uint64_t at = u->audit.at;

	if (!c->link_up || !u->settled)
		return TIMER_NEVER;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->audit.at < at)
			at = d->audit.at;
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
	struct user *u = user(a);

	if (a->asks++ == 0)
		a->round = c->now.mono_ms;
	ring_out(&a->ring);
	a->state = AUDIT_ASKED;
	a->answered = a->waited = false;
	a->at = c->now.mono_ms + ANSWER_MS;
	probe_send(c, u, linked(a));
	/* Behind this one, so that it counts when they are answered and it is not. */
	if (again || any_missing(a, true))
		call_witnesses(c, a);
	user_mark(c, u, MARK_TIMES);
}

static bool
is_wanted(const struct core *c, struct audit *a, bool soon)
{
	if (!may_be_asked(c, a))
		return false;
	if (a->asks > 0)
		return any_missing(a, false);
	return soon ? could_answer(c, a) : is_due(c, a);
}

void
audit_turn(struct core *c, struct ring *who, enum turn turn)
{
	struct audit *a = TABLE_OF(who, struct audit, ring);

	/* It may have spoken meanwhile. */
	if (is_wanted(c, a, turn == TURN_AGAIN)) {
		pace_probed(c, user(a)->host, turn, 1);
		ask(c, a);
		return;
	}
	rest(c, a);
	user_mark(c, user(a), MARK_TIMES);
}

size_t
audit_accounts(const struct core *c, struct user *u)
{
	size_t n = may_be_asked(c, &u->audit) && oldest(&u->audit) != TIMER_NEVER;
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next)
		n += d->resource == NULL && may_be_asked(c, &d->audit) && oldest(&d->audit) != TIMER_NEVER;
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
