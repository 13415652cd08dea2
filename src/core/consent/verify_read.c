/* Rosters that are read for the sake of claims: in turn, at each host's pace, and what they show (verify.h). */
#include <string.h>

#include "core/consent/verify.h"
#include "core/consent/verify_private.h"
#include "core/flight/pace.h"
#include "core/flight/query.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/say.h"

#define REASON "the bridge is not in its roster"

void
verify_read(struct consent *consent, struct claim *k)
{
	k->step = CLAIM_READ;
	verify_again(consent, k, READ_AGAIN_MS);
	if (!ring_in(&k->turn))
		pace_put(claim_host(consent->model, k), TURN_CLAIM, &k->turn);
}

void
verify_forget(struct consent *consent, struct claim *k)
{
	ring_out(&k->turn);
	if (k->lacks)
		verify_lacks(consent, k, false);
}

void
verify_forget_user(struct consent *consent, struct user *u)
{
	struct device *d;

	verify_forget(consent, &u->claim);
	for (d = u->devices; d != NULL; d = d->next)
		verify_forget(consent, &d->claim);
}

static uint64_t
account_rests_until(const struct consent *consent, const struct account *a)
{
	uint64_t until = a->read_at + ROSTER_REST_MS;

	return a->read_at != 0 && until > consent->env->now.mono_ms ? until : 0;
}

static bool
ask_account(struct consent *consent, struct host *h, struct account *a)
{
	struct user *u = user_find(consent->model, a->jid);
	struct device *d;
	struct query *q;
	struct said *s;

	if (a->read_order != 0)
		return false;
	q = query_add(consent->flight, ASK_CLAIM, NULL, h, a->jid, NULL, true);
	if (q == NULL)
		return false;
	s = say(consent->env, ACTION_ROSTER_GET);
	if (s == NULL) {
		query_end(consent->flight, q);
		return false;
	}
	for (d = a->devices; d != NULL; d = d->same_account)
		d->claim.seen = false;
	if (u != NULL)
		u->claim.seen = false;
	a->read_order = silence_order(consent->model);
	a->read_at = consent->env->now.mono_ms;
	s->act.id = say_str(consent->env, s, q->id);
	s->act.from.bare = consent->env->set.domain;
	s->act.to.bare = say_str(consent->env, s, a->jid);
	return true;
}

struct user *
verify_turn(struct consent *consent, struct host *h, struct ring *who)
{
	struct claim *k = TABLE_OF(who, struct claim, turn);
	uint64_t rests;

	if (k->step != CLAIM_READ || !claim_is_made(k) || !claim_can_read(consent->model, k))
		return NULL;
	if (!k->linked)
		return claim_user(k);
	rests = account_rests_until(consent, claim_device(k)->account);
	if (rests != 0)
		verify_again(consent, k, rests - consent->env->now.mono_ms);
	else if (ask_account(consent, h, claim_device(k)->account))
		pace_asked(consent->flight, h, TURN_CLAIM, 0);
	return NULL;
}

void
verify_rests(struct consent *consent, struct user *u, uint64_t ms)
{
	verify_again(consent, &u->claim, ms);
}

/* What was under way when it was proved says nothing: it is asked for once more. */
static bool
is_outdated(const struct claim *k, uint64_t order)
{
	return order <= k->proved;
}

static void
shown(struct consent *consent, struct claim *k)
{
	if (k->lacks)
		verify_lacks(consent, k, false);
	verify_prove(consent, k);
}

bool
verify_roster(struct consent *consent, struct user *u, bool shows)
{
	struct claim *k = &u->claim;

	if (!claim_is_made(k))
		return true;
	if (shows) {
		shown(consent, k);
		return true;
	}
	if (is_outdated(k, u->roster_order)) {
		verify_read(consent, k);
		return false;
	}
	verify_refuted(consent, k, u->roster_sent_at, REASON);
	/* Of who is suspended they may be told that there is nothing any more. */
	return k->suspended_ms != 0;
}

/* What else can prove it is tried once more. */
static void
not_read(struct consent *consent, struct claim *k)
{
	if (k->step != CLAIM_READ || !claim_is_made(k))
		return;
	k->step = CLAIM_RESTS;
	verify_again(consent, k, verify_backoff(k));
	if (!k->stands)
		verify_probe_soon(consent, k);
}

void
verify_no_roster(struct consent *consent, struct user *u)
{
	not_read(consent, &u->claim);
}

static struct device *
linked_by(const struct consent *consent, const struct account *a, const char *bridge)
{
	const struct user *u = user_find_bridge(consent->model, bridge);
	struct device *d;

	for (d = u != NULL ? u->devices : NULL; d != NULL; d = d->next) {
		if (d->account == a && device_live(d))
			return d;
	}
	return NULL;
}

/* It tells of her too whose primary the account is, if her bridge is there; if not, her own turn does. */
static void
look(struct consent *consent, const struct account *a, const struct roster_event *roster)
{
	struct user *u = user_find(consent->model, a->jid);
	const struct roster_item *i;
	struct device *d;
	size_t n;

	for (n = 0; n < roster->nitems; n++) {
		i = &roster->items[n];
		if (i->subscription != SUBSCRIPTION_FROM && i->subscription != SUBSCRIPTION_BOTH)
			continue;
		d = linked_by(consent, a, i->jid);
		if (d != NULL)
			d->claim.seen = true;
		else if (u != NULL && strcmp(i->jid, u->bridge) == 0)
			u->claim.seen = true;
	}
}

bool
verify_portion(struct consent *consent, const char *account, const struct answer_event *answer)
{
	struct account *a = device_account(consent->model, account);

	if (a == NULL || !answer->ok || answer->payload != PAYLOAD_ROSTER)
		return false;
	look(consent, a, &answer->roster);
	return true;
}

void
verify_account(struct consent *consent, const char *account, const struct answer_event *answer)
{
	struct account *a = device_account(consent->model, account);
	bool ok = query_outcome(answer) == OUTCOME_RESULT && answer->payload == PAYLOAD_ROSTER;
	uint64_t order;
	struct device *d;
	struct user *u;

	if (a == NULL)
		return;
	order = a->read_order;
	a->read_order = 0;
	if (ok)
		look(consent, a, &answer->roster);
	u = user_find(consent->model, a->jid);
	if (ok && u != NULL && u->claim.seen && claim_is_made(&u->claim))
		shown(consent, &u->claim);
	for (d = a->devices; d != NULL; d = d->same_account) {
		if (ok && d->claim.seen && claim_is_made(&d->claim))
			shown(consent, &d->claim);
		else if (!ok)
			not_read(consent, &d->claim);
		else if (!claim_is_made(&d->claim))
			continue;
		else if (is_outdated(&d->claim, order))
			verify_read(consent, &d->claim);
		else
			verify_refuted(consent, &d->claim, a->read_at, REASON);
	}
}
