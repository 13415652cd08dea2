#include "core/verify.h"

#include <string.h>

#include "core/audit.h"
#include "core/delivery.h"
#include "core/device.h"
#include "core/host.h"
#include "core/missing.h"
#include "core/presence.h"
#include "core/silence.h"
#include "core/suspend.h"
#include "core/user.h"
#include "core/verify_private.h"

/* A probe that is answered at all is answered within this, mostly; then the roster is asked for. */
#define ROSTER_AFTER_MS 2000

/* Who says something while unproved is probed again, but not more often than this. */
#define SPOKE_EVERY_MS 1000

/* Whether a host grants rosters is looked at again after this, as long as it may yet say so. */
#define LOOK_AGAIN_MS 1000

struct user *
verify_user(struct claim *k)
{
	return k->linked ? TABLE_OF(k, struct device, claim)->user : TABLE_OF(k, struct user, claim);
}

struct device *
verify_device(struct claim *k)
{
	return k->linked ? TABLE_OF(k, struct device, claim) : NULL;
}

struct host *
verify_host(const struct core *c, struct claim *k)
{
	return k->linked ? host_find(c, verify_device(k)->account->domain->name) : verify_user(k)->host;
}

bool
verify_is_claim(struct claim *k)
{
	const struct user *u = verify_user(k);
	const struct device *d = verify_device(k);

	if (!u->stored || u->leaving || (u->withheld & WITHHELD_HOST))
		return false;
	if (d == NULL)
		return u->approved;
	return u->approved && d->approved && d->stored && device_live(d) && user_shown(u);
}

bool
verify_can_read(const struct core *c, struct claim *k)
{
	const struct host *h = verify_host(c, k);

	return h != NULL && h->configured && (h->grant.roster & MAY_GET);
}

/* Can't that be told yet? */
static bool
may_be_read(const struct core *c, struct claim *k)
{
	const struct host *h = verify_host(c, k);

	return h != NULL && h->configured && missing_waits(c, h);
}

static void
plan(struct core *c, struct user *u)
{
	const struct device *d;

	u->verify_at = u->claim.at < u->spoke_at ? u->claim.at : u->spoke_at;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at < u->verify_at)
			u->verify_at = d->claim.at;
	}
	user_arm(c, u);
}

void
verify_again(struct core *c, struct claim *k, uint64_t ms)
{
	k->at = ms < TIMER_NEVER - c->now.mono_ms ? c->now.mono_ms + ms : TIMER_NEVER;
	plan(c, verify_user(k));
}

static void
rest(struct core *c, struct claim *k)
{
	k->step = CLAIM_RESTS;
	verify_again(c, k, TIMER_NEVER);
}

static void
reset(struct claim *k)
{
	const int64_t suspended = k->suspended_ms;
	const bool linked = k->linked, unsaved = k->unsaved;

	memset(k, 0, sizeof(*k));
	k->at = TIMER_NEVER;
	k->suspended_ms = suspended;
	k->linked = linked;
	k->unsaved = unsaved;
}

void
verify_reset(struct core *c)
{
	struct table_node *n;
	struct account *a;
	struct device *d;
	struct host *h;
	struct user *u;

	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		h->suspicious = false;
	}
	for (n = table_next(&c->accounts, NULL); n != NULL; n = table_next(&c->accounts, n)) {
		a = TABLE_OF(n, struct account, node);
		a->read_order = 0;
	}
	for (u = c->users; u != NULL; u = u->next) {
		reset(&u->claim);
		u->spoke_at = TIMER_NEVER;
		u->own_missed = false;
		/* Lost with the link the server still has the request that was to be taken back. */
		u->requested = u->requested || (u->withdrew_at != 0 && u->withdrew_at >= c->arrived_at);
		u->withdrew_at = 0;
		for (d = u->devices; d != NULL; d = d->next)
			reset(&d->claim);
		plan(c, u);
	}
}

static struct asking *
probe_of(struct claim *k)
{
	return k->linked ? &verify_device(k)->probe : &verify_user(k)->probe;
}

void
verify_probe(struct core *c, struct claim *k)
{
	struct asking *asked = probe_of(k), before = *asked;

	presence_probe(c, verify_user(k), verify_device(k));
	k->probed_at = c->now.mono_ms;
	/* What is waited for since the first one is not put off by whoever makes us ask again. */
	if (before.order != 0 && !k->stands && k->suspended_ms == 0)
		silence_asked_before(asked, &before);
}

/* Not more often than that is it probed again, whoever wants it. */
static uint64_t
probed_again_at(struct claim *k)
{
	uint64_t since = probe_of(k)->since;

	return (since > k->probed_at ? since : k->probed_at) + SPOKE_EVERY_MS;
}

void
verify_probe_soon(struct core *c, struct claim *k)
{
	k->to_probe = true;
	presence_hurry(c, verify_user(k));
}

static void
ask(struct core *c, struct claim *k)
{
	if (!verify_is_claim(k) || k->stands || k->step == CLAIM_ASKED)
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

/* Proofs */

/* What could not be probed before is watched from here on. */
static void
watch(struct core *c, struct user *u)
{
	if (!u->settled)
		return;
	audit_settled(c, u);
	user_arm(c, u);
}

/* What D's account says counts.  What was kept as it was last shown, while that was open, is to be heard of or to go. */
static void
counts(struct core *c, struct user *u, struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && !r->ghost; r = r->next)
		;
	if (r != NULL && u->settled)
		user_unsettle(c, u);
	if (d->stale || d->resources != NULL)
		user_touch(c, u);
	if (!d->unreached)
		d->stale = device_is_silent(d);
}

static void
proved(struct core *c, struct claim *k)
{
	struct user *u = verify_user(k);

	k->to_probe = false;
	watch(c, u);
	if (k->linked) {
		counts(c, u, verify_device(k));
		user_check_settled(c, u);
		return;
	}
	user_touch(c, u);
	user_check_settled(c, u);
	delivery_stands(c, u);
}

void
verify_prove(struct core *c, struct claim *k)
{
	bool stood = k->stands;

	k->proved = c->asked_order;
	k->stands = true;
	k->against = 0;
	k->tries = 0;
	k->step = CLAIM_RESTS;
	/* A roster that is contradicted is read again: it says something of the server. */
	if (k->lacks && !verify_can_read(c, k))
		verify_lacks(c, k, false);
	verify_again(c, k, k->lacks ? FORCE_MS : TIMER_NEVER);
	if (!k->linked)
		verify_user(k)->requested = false;
	if (k->suspended_ms != 0)
		suspend_end(c, k);
	else if (!stood)
		proved(c, k);
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

	if (!verify_is_claim(k))
		return;
	verify_prove(c, k);
}

static void
probe_again(struct core *c, struct claim *k)
{
	struct user *u = verify_user(k);
	uint64_t at = probed_again_at(k);

	k->to_probe = true;
	if (u->spoke_at == TIMER_NEVER) {
		u->spoke_at = at > c->now.mono_ms ? at : c->now.mono_ms;
		plan(c, u);
	}
}

void
verify_spoke(struct core *c, struct user *u, struct device *d)
{
	struct claim *k = d != NULL ? &d->claim : &u->claim;
	uint64_t at;

	if (k->stands || !verify_is_claim(k))
		return;
	if (!u->turn) {
		presence_hurry(c, u);
		return;
	}
	if (k->suspended_ms != 0) {
		/* Perhaps she is back: that is seen sooner, but not more often than others' rosters are read. */
		at = u->roster_asked_at + AGAIN_MIN_MS;
		if (d == NULL && k->step == CLAIM_RESTS && at < k->at)
			verify_again(c, k, at > c->now.mono_ms ? at - c->now.mono_ms : 0);
		return;
	}
	if (k->step != CLAIM_ASKED && (!k->linked || verify_can_read(c, k) || may_be_read(c, k)))
		probe_again(c, k);
}

bool
verify_believes(const struct core *c, struct device *d)
{
	struct claim *k = &d->claim;

	return d->resource != NULL || k->stands || !verify_is_claim(k) ||
	    (!verify_can_read(c, k) && !may_be_read(c, k));
}

bool
verify_may_probe(const struct core *c, struct user *u, struct device *d)
{
	if (!u->stored || !user_shown(u))
		return false;
	if (d == NULL)
		return u->approved && u->claim.stands;
	return u->approved && d->approved && d->stored && device_live(d) && d->claim.suspended_ms == 0 &&
	    verify_believes(c, d);
}

bool
verify_is_void(const struct device *d)
{
	return !d->user->approved && (d->resource == NULL || d->stored);
}

bool
verify_knows(const struct device *d)
{
	const struct claim *k = &d->claim;

	if (k->suspended_ms != 0 || verify_is_void(d))
		return false;
	return (!d->approved && !d->approval_due) || k->stands;
}

bool
verify_asks(struct core *c, const char *account)
{
	const struct account *a = device_account(c, account);
	struct device *d;
	bool any = false;

	for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
		if (!verify_is_claim(&d->claim) || d->claim.suspended_ms != 0 || verify_knows(d))
			continue;
		if (d->user->turn)
			probe_again(c, &d->claim);
		else
			presence_hurry(c, d->user);
		any = true;
	}
	return any;
}

bool
verify_stands(const struct user *u)
{
	return !u->approved || u->claim.stands;
}

/* Evidence */

void
verify_lacks(struct core *c, struct claim *k, bool lacks)
{
	struct host *h = verify_host(c, k);
	bool before = k->lacks;

	k->lacks = lacks;
	if (before && !lacks && h != NULL)
		suspend_fewer(c, h);
}

void
verify_refuted(struct core *c, struct claim *k, uint64_t asked_at, const char *reason)
{
	uint64_t force_at = k->against + FORCE_MS;

	k->step = CLAIM_RESTS;
	if (k->suspended_ms != 0) {
		suspend_confirmed(c, k, asked_at);
		return;
	}
	verify_lacks(c, k, true);
	if (k->against == 0) {
		k->against = c->now.mono_ms;
		verify_again(c, k, FORCE_MS);
		/* What the server answers to the probe weighs more than what it says of its storage. */
		if (verify_user(k)->turn && (k->linked || !verify_user(k)->requested))
			verify_probe_soon(c, k);
	} else if (force_at <= asked_at) {
		suspend_decide(c, k, reason);
	} else {
		verify_again(c, k, force_at > c->now.mono_ms ? force_at - c->now.mono_ms : 0);
	}
}

/* What is due */

/* Of what can't be verified everything counts, and so does what was heard before that was known. */
static void
believe(struct core *c, struct claim *k)
{
	rest(c, k);
	watch(c, verify_user(k));
	counts(c, verify_user(k), verify_device(k));
	user_check_settled(c, verify_user(k));
}

static void
run(struct core *c, struct claim *k)
{
	k->at = TIMER_NEVER;
	if (!verify_is_claim(k))
		rest(c, k);
	else if (k->step == CLAIM_ASKED)
		verify_judge_request(c, verify_user(k));
	else if (verify_can_read(c, k))
		verify_read(c, k);
	else if (may_be_read(c, k))
		verify_again(c, k, LOOK_AGAIN_MS);
	else if (!k->linked)
		verify_judge_probe(c, verify_user(k));
	else
		believe(c, k);
}

static void
probe_in_turn(struct core *c, struct claim *k)
{
	/* While a repeated request waits, a probe would take it back (SERVERS 12). */
	if (!k->to_probe || k->suspended_ms != 0 || k->step == CLAIM_ASKED || !verify_is_claim(k) ||
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

void
verify_due(struct core *c, struct user *u)
{
	uint64_t now = c->now.mono_ms;
	struct device *d;

	if (u->spoke_at <= now) {
		u->spoke_at = TIMER_NEVER;
		presence_hurry(c, u);
	}
	if (u->claim.at <= now)
		run(c, &u->claim);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.at <= now)
			run(c, &d->claim);
	}
	plan(c, u);
}

static void
read_soon(struct core *c, struct claim *k)
{
	if (verify_is_claim(k) && verify_user(k)->turn && k->step == CLAIM_RESTS &&
	    (!k->stands || k->suspended_ms != 0))
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
