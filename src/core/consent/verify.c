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
verify_reset(struct consent *consent)
{
	struct table_node *n;
	struct account *a;
	struct device *d;
	struct host *h;
	struct user *u;

	for (h = host_next(consent->model, NULL); h != NULL; h = host_next(consent->model, h)) {
		h->suspicious = false;
	}
	for (n = table_next(&consent->model->accounts, NULL); n != NULL; n = table_next(&consent->model->accounts, n)) {
		a = TABLE_OF(n, struct account, node);
		a->read_order = 0;
	}
	for (u = consent->model->users; u != NULL; u = u->next) {
		reset(&u->claim);
		u->spoke_at = TIMER_NEVER;
		/* Lost with the link the server still has the request that was to be taken back. */
		u->requested = u->requested || (u->withdrew_at != 0 && u->withdrew_at >= consent->flight->arrived_at);
		u->withdrew_at = 0;
		for (d = u->devices; d != NULL; d = d->next)
			reset(&d->claim);
		verify_plan(consent, u);
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
ask(struct consent *consent, struct claim *k)
{
	if (!claim_is_made(k) || k->stands || k->step == CLAIM_ASKED)
		return;
	k->step = CLAIM_PROBED;
	verify_again(consent, k, k->suspended_ms != 0 ? 0 : ROSTER_AFTER_MS);
}

void
verify_asked(struct consent *consent, struct user *u)
{
	struct device *d;

	ask(consent, &u->claim);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL)
			ask(consent, &d->claim);
	}
}

void
verify_approved(struct consent *consent, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;

	k->proved = consent->model->asked_order;
	k->stands = true;
	k->against = 0;
}

void
verify_answered(struct consent *consent, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;

	if (!claim_is_made(k))
		return;
	verify_prove(consent, k);
}

static void
probe_again(struct consent *consent, struct claim *k)
{
	struct user *u = claim_user(k);
	uint64_t at = probed_again_at(k);

	k->to_probe = true;
	if (u->spoke_at == TIMER_NEVER) {
		u->spoke_at = at > consent->env->now.mono_ms ? at : consent->env->now.mono_ms;
		verify_plan(consent, u);
	}
}

void
verify_spoke(struct consent *consent, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;
	uint64_t at;

	if (k->stands || !claim_is_made(k))
		return;
	if (!u->turn) {
		user_mark(consent->model, u, MARK_HURRY);
		return;
	}
	if (k->suspended_ms != 0) {
		/* Perhaps she is back: that is seen sooner, but not more often than others' rosters are read. */
		at = u->roster_asked_at + AGAIN_MIN_MS;
		if (d == NULL && k->step == CLAIM_RESTS && at < k->at)
			verify_again(consent, k, at > consent->env->now.mono_ms ? at - consent->env->now.mono_ms : 0);
		return;
	}
	if (k->step != CLAIM_ASKED &&
	    (!k->linked || claim_can_read(consent->model, k) || claim_may_be_read(consent->model, k)))
		probe_again(consent, k);
}

void
verify_hurry(struct consent *consent, const char *account)
{
	const struct account *a = device_account(consent->model, account);
	struct device *d;

	for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
		if (!claim_is_made(&d->claim) || d->claim.suspended_ms != 0 || claim_is_known(d))
			continue;
		if (d->user->turn)
			probe_again(consent, &d->claim);
		else
			user_mark(consent->model, d->user, MARK_HURRY);
	}
}

static void
probe_in_turn(struct consent *consent, struct claim *k)
{
	/* While a repeated request waits, a probe would take it back (SERVERS 12). */
	if (!k->to_probe || k->suspended_ms != 0 || k->step == CLAIM_ASKED || !claim_is_made(k) ||
	    (!k->stands && probed_again_at(k) > consent->env->now.mono_ms))
		return;
	/* As long as it isn't proved an answer may have been lost; then it is probed when it says something again. */
	k->to_probe = !k->stands;
	verify_probe(consent, k);
}

void
verify_probe_next(struct consent *consent, struct user *u)
{
	struct device *d;

	probe_in_turn(consent, &u->claim);
	for (d = u->devices; d != NULL; d = d->next)
		probe_in_turn(consent, &d->claim);
}

static void
read_soon(struct consent *consent, struct claim *k)
{
	if (claim_is_made(k) && claim_user(k)->turn && k->step == CLAIM_RESTS && (!k->stands || k->suspended_ms != 0))
		verify_again(consent, k, ROSTER_AFTER_MS);
}

void
verify_granted(struct consent *consent, const struct host *h)
{
	const struct table_node *n;
	const struct account *a;
	struct device *d;
	struct user *u;

	for (u = consent->model->users; u != NULL; u = u->next) {
		if (u->host == h)
			read_soon(consent, &u->claim);
	}
	for (n = table_next(&consent->model->accounts, NULL); n != NULL; n = table_next(&consent->model->accounts, n)) {
		a = TABLE_OF(n, const struct account, node);
		for (d = host_find(consent->model, a->domain->name) == h ? a->devices : NULL; d != NULL;
		     d = d->same_account)
			read_soon(consent, &d->claim);
	}
}
