#include "core/consent/verify.h"

#include "core/consent/suspend.h"
#include "core/consent/verify_private.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/silence.h"
#include "core/model/user.h"

/* A probe that is answered at all is answered within this, mostly; then the roster is asked for. */
#define ROSTER_AFTER_MS 2000

/* Who says something while unproved is probed again, but not more often than this. */
#define SPOKE_EVERY_MS 1000

/* What its row says stays, and that it could not be written. */
static void
reset(struct claim *k)
{
	k->proved = k->against = k->probed_at = 0;
	k->at = TIMER_NEVER;
	k->step = CLAIM_RESTS;
	k->lapsed = k->stands = k->lacks = k->to_probe = k->seen = false;
	k->tries = 0;
}

void
verify_begin(struct user *u)
{
	u->claim.at = u->verify_at = u->spoke_at = TIMER_NEVER;
}

void
verify_reset(struct core *c)
{
	struct table_node *n;
	struct account *a;
	struct device *d;
	struct host *h;
	struct user *u;

	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		h->suspicious = false;
	}
	for (n = table_next(&c->accounts, NULL); n != NULL; n = table_next(&c->accounts, n)) {
		a = TABLE_OF(n, struct account, node);
		a->read_order = 0;
	}
	for (u = c->users; u != NULL; u = u->next) {
		reset(&u->claim);
		u->spoke_at = TIMER_NEVER;
		/* Lost with the link the server still has the request that was to be taken back. */
		u->requested = u->requested || (u->withdrew_at != 0 && u->withdrew_at >= c->arrived_at);
		u->withdrew_at = 0;
		for (d = u->devices; d != NULL; d = d->next)
			reset(&d->claim);
		verify_plan(c, u);
	}
}

/* Not more often than that is it probed again, whoever wants it. */
static uint64_t
probed_again_at(struct claim *k)
{
	uint64_t since = verify_probe_of(k)->since;

	return (since > k->probed_at ? since : k->probed_at) + SPOKE_EVERY_MS;
}

static void
ask(struct core *c, struct claim *k)
{
	if (!claim_is_made(k) || k->stands || k->step == CLAIM_ASKED)
		return;
	k->step = CLAIM_PROBED;
	verify_again(c, k, k->suspended_ms != 0 ? 0 : ROSTER_AFTER_MS);
}

void
verify_asked(struct core *c, struct user *u)
{
	struct device *d;

	ask(c, &u->claim);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL)
			ask(c, &d->claim);
	}
}

void
verify_approved(struct core *c, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;

	k->proved = c->asked_order;
	k->stands = true;
	k->against = 0;
}

void
verify_answered(struct core *c, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;

	if (!claim_is_made(k))
		return;
	verify_prove(c, k);
}

static void
probe_again(struct core *c, struct claim *k)
{
	struct user *u = claim_user(k);
	uint64_t at = probed_again_at(k);

	k->to_probe = true;
	if (u->spoke_at == TIMER_NEVER) {
		u->spoke_at = at > c->now.mono_ms ? at : c->now.mono_ms;
		verify_plan(c, u);
	}
}

void
verify_spoke(struct core *c, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;
	uint64_t at;

	if (k->stands || !claim_is_made(k))
		return;
	if (!u->turn) {
		user_mark(c, u, MARK_HURRY);
		return;
	}
	if (k->suspended_ms != 0) {
		/* Perhaps she is back: that is seen sooner, but not more often than others' rosters are read. */
		at = u->roster_asked_at + AGAIN_MIN_MS;
		if (d == NULL && k->step == CLAIM_RESTS && at < k->at)
			verify_again(c, k, at > c->now.mono_ms ? at - c->now.mono_ms : 0);
		return;
	}
	if (k->step != CLAIM_ASKED && (!k->linked || claim_can_read(c, k) || claim_may_be_read(c, k)))
		probe_again(c, k);
}

void
verify_hurry(struct core *c, const char *account)
{
	const struct account *a = device_account(c, account);
	struct device *d;

	for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
		if (!claim_is_made(&d->claim) || d->claim.suspended_ms != 0 || claim_is_known(d))
			continue;
		if (d->user->turn)
			probe_again(c, &d->claim);
		else
			user_mark(c, d->user, MARK_HURRY);
	}
}

static void
probe_in_turn(struct core *c, struct claim *k)
{
	/* While a repeated request waits, a probe would take it back (SERVERS 12). */
	if (!k->to_probe || k->suspended_ms != 0 || k->step == CLAIM_ASKED || !claim_is_made(k) ||
	    (!k->stands && probed_again_at(k) > c->now.mono_ms))
		return;
	/* As long as it isn't proved an answer may have been lost; then it is probed when it says something again. */
	k->to_probe = !k->stands;
	verify_probe(c, k);
}

void
verify_probe_next(struct core *c, struct user *u)
{
	struct device *d;

	probe_in_turn(c, &u->claim);
	for (d = u->devices; d != NULL; d = d->next)
		probe_in_turn(c, &d->claim);
}

static void
read_soon(struct core *c, struct claim *k)
{
	if (claim_is_made(k) && claim_user(k)->turn && k->step == CLAIM_RESTS && (!k->stands || k->suspended_ms != 0))
		verify_again(c, k, ROSTER_AFTER_MS);
}

void
verify_granted(struct core *c, const struct host *h)
{
	const struct table_node *n;
	const struct account *a;
	struct device *d;
	struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		if (u->host == h)
			read_soon(c, &u->claim);
	}
	for (n = table_next(&c->accounts, NULL); n != NULL; n = table_next(&c->accounts, n)) {
		a = TABLE_OF(n, const struct account, node);
		for (d = host_find(c, a->domain->name) == h ? a->devices : NULL; d != NULL; d = d->same_account)
			read_soon(c, &d->claim);
	}
}
