#include "core/consent/suspend.h"

#include <stdio.h>
#include <string.h>

#include "core/consent/verify_private.h"
#include "core/consent/withhold.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/say.h"

/* Who has been suspended for so long doesn't come back. */
#define LAPSE_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

/* But not as long as that may be the server's fault, which may take some time to be seen and mended. */
#define LAPSE_FAULT_MS (4 * LAPSE_MS)

/* Evidence against so many users of a host, if nothing speaks for any; or against more, and most of them, is against the host. */
#define FAULT_ALL 2
#define FAULT_MOST 4

/* So long are they held. */
#define HOLD_MS (10 * 60 * 1000)

/* The server's fault */

/* A-labels or not: is D what H is? */
static bool
is_at(const struct host *h, const struct domain *d)
{
	return strcmp(h->key, d->key) == 0;
}

/* Users with accounts at a host: of whom a roster was as it should be; of whom only others came. */
struct count {
	size_t well, lacking;
};

static void
weigh(struct claim *k, bool *well, bool *lacks)
{
	if (!claim_is_made(k))
		return;
	if (k->lacks || (k->suspended_ms != 0 && k->against != 0))
		*lacks = true;
	else if (k->stands)
		*well = true;
}

static struct count
count_users(const struct consent *consent, const struct host *h)
{
	struct count n = {0, 0};
	const struct domain *last = NULL;
	struct device *d;
	struct user *u;
	bool well, lacks, here = false;

	for (u = consent->model->users; u != NULL; u = u->next) {
		well = lacks = false;
		if (u->host == h)
			weigh(&u->claim, &well, &lacks);
		for (d = u->devices; d != NULL && !well; d = d->next) {
			if (d->resource != NULL)
				continue;
			if (d->account->domain != last) {
				last = d->account->domain; /* mostly the same few */
				here = is_at(h, last);
			}
			if (here)
				weigh(&d->claim, &well, &lacks);
		}
		n.well += well;
		n.lacking += lacks && !well;
	}
	return n;
}

static bool
is_fault_of_server(const struct count *n)
{
	return n->lacking >= FAULT_MOST ? n->lacking > n->well : n->lacking >= FAULT_ALL && n->well == 0;
}

static bool
is_fault(const struct consent *consent, const struct host *h)
{
	const struct count n = count_users(consent, h);

	return is_fault_of_server(&n);
}

static void
say_suspicious(struct consent *consent, const struct host *h)
{
	const struct count n = count_users(consent, h);
	char lacking[24], users[24];

	snprintf(lacking, sizeof(lacking), "%zu", n.lacking);
	snprintf(users, sizeof(users), "%zu", n.lacking + n.well);
	say_log(consent->env, LOG_LEVEL_ERROR, "roster.suspicious", "host", h->name, "lacking", lacking, "users", users,
	    "text",
	    "the rosters of most users lack this service's contact, so that their storage may be damaged; what was "
	    "published for them stands for ten minutes, and they are looked at again",
	    NULL);
}

static void
look_again(struct consent *consent, struct claim *k)
{
	if (!claim_is_made(k) || k->suspended_ms != 0 || k->against == 0)
		return;
	k->against = consent->env->now.mono_ms;
	k->tries = 0;
	verify_again(consent, k, FORCE_MS);
}

/* Fewer rosters of H lack a bridge than before. */
static void
fewer_lack(struct consent *consent, struct host *h)
{
	const struct table_node *n;
	struct device *d;
	struct user *u;

	if (!h->suspicious || is_fault(consent, h))
		return;
	h->suspicious = false;
	say_log(consent->env, LOG_LEVEL_INFO, "roster.trusted", "host", h->name, NULL);
	for (u = consent->model->users; u != NULL; u = u->next) {
		if (u->host == h)
			look_again(consent, &u->claim);
	}
	for (n = table_next(&consent->model->accounts, NULL); n != NULL; n = table_next(&consent->model->accounts, n)) {
		if (!is_at(h, TABLE_OF(n, const struct account, node)->domain))
			continue;
		for (d = TABLE_OF(n, const struct account, node)->devices; d != NULL; d = d->same_account)
			look_again(consent, &d->claim);
	}
}

void
verify_lacks(struct consent *consent, struct claim *k, bool lacks)
{
	struct host *h = claim_host(consent->model, k);
	bool before = k->lacks;

	k->lacks = lacks;
	if (before && !lacks && h != NULL)
		fewer_lack(consent, h);
}

/* One account */

bool
suspend_unsaved(struct consent *consent, struct device *d)
{
	struct device_record row = change_row(d);

	d->claim.unsaved = !change_device(consent->flight, d, &row, CHANGE_OTHER, NULL);
	return !d->claim.unsaved;
}

static void
write(struct consent *consent, struct claim *k)
{
	if (!k->linked)
		change_soon(consent->flight, claim_user(k));
	else if (!suspend_unsaved(consent, claim_device(k)))
		change_again(consent->flight);
}

static void
say_suspended(struct consent *consent, struct claim *k, const char *reason)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);

	if (d == NULL)
		say_log(consent->env, LOG_LEVEL_WARN, "user.suspended", "user", u->primary, "reason", reason, "text",
		    "nothing of hers is shown until that is otherwise; nobody is unsubscribed", NULL);
	else
		say_log(consent->env, LOG_LEVEL_WARN, "device.suspended", "user", u->primary, "device", d->id,
		    "account", d->jid, "reason", reason, NULL);
}

static void
suspend(struct consent *consent, struct claim *k, const char *reason)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);
	uint32_t seen = d != NULL ? audience_extent(&consent->env->set, u, d) : 0;
	unsigned narrowed;

	say_suspended(consent, k, reason);
	k->suspended_ms = consent->env->now.wall_ms > 0 ? consent->env->now.wall_ms : 1;
	k->against = consent->env->now.mono_ms;
	k->tries = 0;
	narrowed = d != NULL ? audience_narrowed(seen, audience_extent(&consent->env->set, u, d)) : 0;
	change_owes(consent->flight, u, narrowed);
	write(consent, k);
	if (d != NULL) {
		user_urgent(consent->model, u, narrowed);
	} else {
		verify_take_back(consent, u);
		withhold_begin(consent, u, WITHHELD_SUSPENDED);
	}
	verify_lacks(consent, k, false);
	verify_again(consent, k, verify_backoff(k));
}

void
suspend_decide(struct consent *consent, struct claim *k, const char *reason)
{
	struct host *h = claim_host(consent->model, k);
	bool fault = is_fault(consent, h);
	uint64_t ms, held;

	k->stands = false;
	if (!fault && h->suspicious) {
		fewer_lack(consent, h); /* others have come since: all are looked at again */
		return;
	}
	if (fault && !h->suspicious) {
		h->suspicious = true;
		h->suspicious_at = consent->env->now.mono_ms;
		say_suspicious(consent, h);
	}
	held = fault ? consent->env->now.mono_ms - h->suspicious_at : HOLD_MS;
	if (held >= HOLD_MS) {
		suspend(consent, k, reason);
		return;
	}
	ms = verify_backoff(k);
	verify_again(consent, k, ms < HOLD_MS - held ? ms : HOLD_MS - held);
}

void
suspend_end(struct consent *consent, struct claim *k)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);
	struct host *h = claim_host(consent->model, k);

	k->suspended_ms = 0;
	write(consent, k);
	if (h != NULL)
		fewer_lack(consent, h);
	if (d == NULL) {
		say_log(consent->env, LOG_LEVEL_INFO, "user.resumed", "user", u->primary, NULL);
		withhold_end(consent, u, WITHHELD_SUSPENDED);
		if (consent->env->link_up && user_shown(u))
			user_mark(consent->model, u, MARK_ASK);
		return;
	}
	say_log(consent->env, LOG_LEVEL_INFO, "device.resumed", "user", u->primary, "device", d->id, "account", d->jid,
	    NULL);
	verify_probe_soon(consent, k);
	user_mark(consent->model, u, MARK_PROVED);
	user_touch(consent->model, u);
}

static void
lapse(struct consent *consent, struct claim *k)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);

	say_log(consent->env, LOG_LEVEL_WARN, d != NULL ? "device.lapsed" : "user.lapsed", "user", u->primary, "device",
	    d != NULL ? d->id : NULL, "account", d != NULL ? d->jid : NULL, NULL);
	k->lapsed = true;
	user_mark(consent->model, u, MARK_LAPSED);
}

void
suspend_confirmed(struct consent *consent, struct claim *k, uint64_t asked_at)
{
	int64_t left = k->suspended_ms + LAPSE_MS - consent->env->now.wall_ms;
	uint64_t ms;

	/* The clock was set: it is counted from here. */
	if (left > LAPSE_MS) {
		k->suspended_ms = consent->env->now.wall_ms;
		left = LAPSE_MS;
		write(consent, k);
	}
	if (k->against == 0)
		k->against = consent->env->now.mono_ms;
	if (left <= 0 && k->against + FORCE_MS <= asked_at &&
	    (left <= LAPSE_MS - LAPSE_FAULT_MS || !is_fault(consent, claim_host(consent->model, k)))) {
		lapse(consent, k);
		return;
	}
	ms = verify_backoff(k);
	if (left > 0 && (uint64_t)left < ms)
		ms = (uint64_t)left;
	verify_again(consent, k, ms);
}

static void
shift(struct consent *consent, struct claim *k, int64_t by_ms)
{
	if (k->suspended_ms == 0)
		return;
	k->suspended_ms = k->suspended_ms > -by_ms ? k->suspended_ms + by_ms : 1;
	write(consent, k);
}

void
suspend_clock_set(struct consent *consent, struct user *u, int64_t by_ms)
{
	struct device *d;

	shift(consent, &u->claim, by_ms);
	for (d = u->devices; d != NULL; d = d->next)
		shift(consent, &d->claim, by_ms);
}
