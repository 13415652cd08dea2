/* What is done about claims when their time has come (verify.h). */
#include "core/consent/verify.h"
#include "core/consent/verify_private.h"
#include "core/model/claim.h"
#include "core/model/user.h"

/* Whether a host grants rosters is looked at again after this, as long as it may yet say so. */
#define LOOK_AGAIN_MS 1000

static void
rest(struct consent *consent, struct claim *k)
{
	k->step = CLAIM_RESTS;
	verify_again(consent, k, TIMER_NEVER);
}

static void
run(struct consent *consent, struct claim *k)
{
	k->at = TIMER_NEVER;
	if (!claim_is_made(k))
		rest(consent, k);
	else if (k->step == CLAIM_ASKED)
		verify_judge_request(consent, claim_user(k));
	else if (claim_can_read(consent->model, k))
		verify_read(consent, k);
	else if (claim_may_be_read(consent->model, k))
		verify_again(consent, k, LOOK_AGAIN_MS);
	else if (!k->linked)
		verify_judge_probe(consent, claim_user(k));
	else
		verify_believe(consent, k);
}

void
verify_due(struct consent *consent, struct user *u)
{
	uint64_t now = consent->env->now.mono_ms;
	struct device *d;

	if (u->spoke_at <= now) {
		u->spoke_at = TIMER_NEVER;
		user_mark(consent->model, u, MARK_HURRY);
	}
	if (u->claim.at <= now)
		run(consent, &u->claim);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at <= now)
			run(consent, &d->claim);
	}
	verify_plan(consent, u);
}
