/* When a claim is looked at again, and the probes for its sake (verify.h). */
#include "core/consent/verify_private.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/tools/say.h"

void
verify_plan(struct consent *consent, struct user *u)
{
	const struct device *d;

	u->verify_at = u->claim.at < u->spoke_at ? u->claim.at : u->spoke_at;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at < u->verify_at)
			u->verify_at = d->claim.at;
	}
	user_mark(consent->model, u, MARK_TIMES);
}

void
verify_again(struct consent *consent, struct claim *k, uint64_t ms)
{
	k->at = ms < TIMER_NEVER - consent->env->now.mono_ms ? consent->env->now.mono_ms + ms : TIMER_NEVER;
	verify_plan(consent, claim_user(k));
}

uint64_t
verify_backoff(struct claim *k)
{
	uint64_t ms = (uint64_t)AGAIN_MIN_MS << k->tries;

	if (ms >= AGAIN_MAX_MS)
		return AGAIN_MAX_MS;
	k->tries++;
	return ms;
}

struct asking *
verify_probe_of(struct claim *k)
{
	return k->linked ? &claim_device(k)->probe : &claim_user(k)->probe;
}

void
verify_probe(struct consent *consent, struct claim *k)
{
	struct asking *asked = verify_probe_of(k), before = *asked;

	probe_send(consent->flight, claim_user(k), claim_device(k));
	pace_probed(consent->flight, claim_user(k)->host, TURN_SPOKEN, 1);
	k->probed_at = consent->env->now.mono_ms;
	/* What is waited for since the first one is not put off by whoever makes us ask again. */
	if (before.order != 0 && !k->stands && k->suspended_ms == 0)
		silence_asked_before(asked, &before);
}

void
verify_probe_soon(struct consent *consent, struct claim *k)
{
	k->to_probe = true;
	user_mark(consent->model, claim_user(k), MARK_HURRY);
}

void
verify_take_back(struct consent *consent, struct user *u)
{
	if (!u->requested)
		return;
	u->requested = false;
	silence_over(&u->probe);
	u->withdrew_at = consent->env->now.mono_ms;
	say_presence(consent->env, u->bridge, u->primary, PRESENCE_UNSUBSCRIBE);
}
