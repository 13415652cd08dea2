/* What is done about claims when their time has come (verify.h). */
#include "core/consent/verify.h"
#include "core/consent/verify_private.h"
#include "core/model/claim.h"
#include "core/model/user.h"

/* Whether a host grants rosters is looked at again after this, as long as it may yet say so. */
#define LOOK_AGAIN_MS 1000

static void
rest(struct core *c, struct claim *k)
{
	k->step = CLAIM_RESTS;
	verify_again(c, k, TIMER_NEVER);
}

static void
run(struct core *c, struct claim *k)
{
	k->at = TIMER_NEVER;
	if (!claim_is_made(k))
		rest(c, k);
	else if (k->step == CLAIM_ASKED)
		verify_judge_request(c, claim_user(k));
	else if (claim_can_read(c, k))
		verify_read(c, k);
	else if (claim_may_be_read(c, k))
		verify_again(c, k, LOOK_AGAIN_MS);
	else if (!k->linked)
		verify_judge_probe(c, claim_user(k));
	else
		verify_believe(c, k);
}

void
verify_due(struct core *c, struct user *u)
{
	uint64_t now = c->now.mono_ms;
	struct device *d;

	if (u->spoke_at <= now) {
		u->spoke_at = TIMER_NEVER;
		user_mark(c, u, MARK_HURRY);
	}
	if (u->claim.at <= now)
		run(c, &u->claim);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at <= now)
			run(c, &d->claim);
	}
	verify_plan(c, u);
}
