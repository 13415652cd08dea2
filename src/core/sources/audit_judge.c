/* What silence comes to, and who else is asked before anything is concluded from it. */
#include "core/flight/line.h"
#include "core/flight/pace.h"
#include "core/model/device.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/sources/audit_private.h"
#include "core/tools/say.h"

/* A domain's others are asked no more often than this, and looked for no further. */
#define WITNESSES_AFTER_MS 5000
#define LOOK_MAX 32

void
audit_queue(struct audit *a, enum turn turn)
{
	pace_put(audit_user(a)->host, turn, &a->ring);
	a->state = AUDIT_QUEUED;
}

bool
audit_could_answer(const struct sources *sources, struct audit *a)
{
	const struct resource *r;
	struct device *d;

	if (a->hung > 0 || !audit_may_ask(sources, a))
		return false;
	for (d = audit_first(a); d != NULL; d = audit_next(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (audit_counts(d, r) && !r->silent)
				return true;
		}
	}
	return false;
}

/* How many others of its domain could that are not being asked, up to as many as are enough. */
static size_t
others(const struct sources *sources, struct audit *a)
{
	const struct ring *list = &audit_domain(a)->audits;
	unsigned looks = 0;
	struct ring *r;
	struct audit *o;
	size_t n = 0;

	for (r = ring_first(list); r != NULL && n < SILENCE_OTHERS && looks < LOOK_MAX;
	     r = ring_next(list, r), looks++) {
		o = TABLE_OF(r, struct audit, ring);
		n += audit_who(o) != audit_who(a) && audit_could_answer(sources, o);
	}
	return n;
}

void
audit_call_witnesses(struct sources *sources, struct audit *a)
{
	struct domain *d = audit_domain(a);
	unsigned n = 0, looks = 0;
	struct ring *r, *next;
	struct audit *o;

	if (sources->env->now.mono_ms < d->witnesses_at)
		return;
	d->witnesses_at = sources->env->now.mono_ms + WITNESSES_AFTER_MS;
	for (r = ring_first(&d->audits); r != NULL && n < SILENCE_OTHERS && looks < LOOK_MAX; r = next, looks++) {
		next = ring_next(&d->audits, r);
		o = TABLE_OF(r, struct audit, ring);
		if (audit_who(o) == audit_who(a) || !audit_could_answer(sources, o))
			continue;
		audit_queue(o, TURN_AGAIN);
		n++;
	}
}

static void
tell(struct sources *sources, struct user *u, const struct device *d, const char *state)
{
	user_touch(sources->model, u);
	say_log(sources->env, LOG_LEVEL_DEBUG, "device.silent", "user", u->primary, "device", d->id, "state", state,
	    NULL);
}

static bool
all_missing(const struct audit *a, const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && audit_misses(a, d, r); r = r->next)
		;
	return r == NULL && d->resources != NULL;
}

/* Nobody is answered there: after some rounds what is known is not to be relied on, but it may be the server alone. */
static void
hangs(struct sources *sources, struct user *u, struct audit *a)
{
	struct device *d;

	if (a->hung < HANGS_MAX)
		a->hung++;
	for (d = audit_first(a); d != NULL && a->hung == HANGS_MAX; d = audit_next(a, d)) {
		if (d->stale || !all_missing(a, d))
			continue;
		device_stale(d, true);
		tell(sources, u, d, "stale");
	}
}

/* What is missing is silent; what was so in the round before is gone. */
static void
falls_silent(struct sources *sources, struct user *u, struct audit *a)
{
	struct resource *r, *next;
	struct device *d;
	bool changed;

	for (d = audit_first(a); d != NULL; d = audit_next(a, d)) {
		changed = false;
		for (r = d->resources; r != NULL; r = next) {
			next = r->next;
			if (!audit_misses(a, d, r))
				continue;
			changed = true;
			if (r->silent)
				device_lose(sources->model, d, r);
			else
				device_misses(r, true);
		}
		if (!changed)
			continue;
		device_stale(d, device_is_silent(d));
		tell(sources, u, d, d->resources == NULL ? "unavailable" : d->stale ? "stale" : "partly");
	}
}

bool
audit_judge(struct sources *sources, struct user *u, struct audit *a)
{
	struct asking *probe = a->linked ? &audit_device(a)->probe : &u->probe;
	bool fresh = audit_misses_any(a, false);

	if ((!fresh && !audit_misses_any(a, true)) || !a->answers || line_shared(sources->flight))
		return true;
	if (fresh && a->asks < 2) {
		audit_queue(a, TURN_AGAIN);
		return false;
	}
	if (!a->answered &&
	    silence_judge_among(sources->model, audit_domain(a), ASKED_PROBE, audit_who(a), probe, ANSWER_MS,
		others(sources, a)) != SILENCE_COUNTS) {
		a->at = probe->until;
		audit_call_witnesses(sources, a);
		return false;
	}
	if (a->answered || silence_followed(audit_domain(a), ASKED_PROBE, audit_who(a), probe->order)) {
		falls_silent(sources, u, a);
		return true;
	}
	if (!a->waited && others(sources, a) > 0) {
		/* It may be that nobody else was asked. */
		a->waited = true;
		a->at = sources->env->now.mono_ms + ANSWER_MS;
		audit_call_witnesses(sources, a);
		return false;
	}
	hangs(sources, u, a);
	return true;
}
