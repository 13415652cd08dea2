/* When a claim is looked at again, and the probes for its sake (verify.h). */
#include "core/consent/verify_private.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/tools/say.h"

void
verify_plan(struct core *c, struct user *u)
{
	const struct device *d;

	u->verify_at = u->claim.at < u->spoke_at ? u->claim.at : u->spoke_at;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at < u->verify_at)
			u->verify_at = d->claim.at;
	}
	user_mark(c, u, MARK_TIMES);
}

void
verify_again(struct core *c, struct claim *k, uint64_t ms)
{
	k->at = ms < TIMER_NEVER - c->now.mono_ms ? c->now.mono_ms + ms : TIMER_NEVER;
	verify_plan(c, claim_user(k));
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
verify_probe(struct core *c, struct claim *k)
{
	struct asking *asked = verify_probe_of(k), before = *asked;

	probe_send(c, claim_user(k), claim_device(k));
	pace_probed(c, claim_user(k)->host, TURN_SPOKEN, 1);
	k->probed_at = c->now.mono_ms;
	/* What is waited for since the first one is not put off by whoever makes us ask again. */
	if (before.order != 0 && !k->stands && k->suspended_ms == 0)
		silence_asked_before(asked, &before);
}

void
verify_probe_soon(struct core *c, struct claim *k)
{
	k->to_probe = true;
	user_mark(c, claim_user(k), MARK_HURRY);
}

void
verify_take_back(struct core *c, struct user *u)
{
	if (!u->requested)
		return;
	u->requested = false;
	silence_over(&u->probe);
	u->withdrew_at = c->now.mono_ms;
	say_presence(c, u->bridge, u->primary, PRESENCE_UNSUBSCRIBE);
}
