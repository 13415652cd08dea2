/* What speaks for a claim, and against it (verify.h). */
#include "core/consent/suspend.h"
#include "core/consent/verify_private.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/settle.h"
#include "core/model/user.h"

/* What could not be probed before is watched from here on. */
static void
watch(struct consent *consent, struct user *u)
{
	if (!u->settled)
		return;
	user_mark(consent->model, u, MARK_WATCH | MARK_TIMES);
}

/* What D's account says counts.  What was kept as it was last shown, while that was open, is to be heard of or to go. */
static void
counts(struct consent *consent, struct user *u, struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && !r->ghost; r = r->next)
		;
	if (r != NULL && u->settled)
		settle_begin(consent->model, u);
	if (d->stale || d->resources != NULL)
		user_touch(consent->model, u);
	device_proved(consent->model, d);
}

static void
proved(struct consent *consent, struct claim *k)
{
	struct user *u = claim_user(k);

	k->to_probe = false;
	watch(consent, u);
	if (k->linked) {
		user_mark(consent->model, u, MARK_PROVED);
		counts(consent, u, claim_device(k));
		user_known(consent->model, u);
		return;
	}
	user_touch(consent->model, u);
	user_known(consent->model, u);
	user_mark(consent->model, u, MARK_STANDS);
}

void
verify_prove(struct consent *consent, struct claim *k)
{
	bool stood = k->stands;

	k->proved = consent->model->asked_order;
	k->stands = true;
	k->against = 0;
	k->tries = 0;
	k->step = CLAIM_RESTS;
	/* A roster that is contradicted is read again: it says something of the server. */
	if (k->lacks && !claim_can_read(consent->model, k))
		verify_lacks(consent, k, false);
	verify_again(consent, k, k->lacks ? FORCE_MS : TIMER_NEVER);
	if (!k->linked)
		claim_user(k)->requested = false;
	if (k->suspended_ms != 0)
		suspend_end(consent, k);
	else if (!stood)
		proved(consent, k);
}

void
verify_refuted(struct consent *consent, struct claim *k, uint64_t asked_at, const char *reason)
{
	uint64_t force_at = k->against + FORCE_MS;

	k->step = CLAIM_RESTS;
	if (k->suspended_ms != 0) {
		suspend_confirmed(consent, k, asked_at);
		return;
	}
	verify_lacks(consent, k, true);
	if (k->against == 0) {
		k->against = consent->env->now.mono_ms;
		verify_again(consent, k, FORCE_MS);
		/* What the server answers to the probe weighs more than what it says of its storage. */
		if (claim_user(k)->turn && (k->linked || !claim_user(k)->requested))
			verify_probe_soon(consent, k);
	} else if (force_at <= asked_at) {
		suspend_decide(consent, k, reason);
	} else {
		verify_again(consent, k,
		    force_at > consent->env->now.mono_ms ? force_at - consent->env->now.mono_ms : 0);
	}
}

void
verify_believe(struct consent *consent, struct claim *k)
{
	k->step = CLAIM_RESTS;
	verify_again(consent, k, TIMER_NEVER);
	watch(consent, claim_user(k));
	counts(consent, claim_user(k), claim_device(k));
	user_known(consent->model, claim_user(k));
}
