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
count_users(const struct core *c, const struct host *h)
{
	struct count n = {0, 0};
	const struct domain *last = NULL;
	struct device *d;
	struct user *u;
	bool well, lacks, here = false;

	for (u = c->users; u != NULL; u = u->next) {
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
is_fault(const struct core *c, const struct host *h)
{
	const struct count n = count_users(c, h);

	return is_fault_of_server(&n);
}

static void
say_suspicious(struct core *c, const struct host *h)
{
	const struct count n = count_users(c, h);
	char lacking[24], users[24];

	snprintf(lacking, sizeof(lacking), "%zu", n.lacking);
	snprintf(users, sizeof(users), "%zu", n.lacking + n.well);
	say_log(c, LOG_LEVEL_ERROR, "roster.suspicious", "host", h->name, "lacking", lacking, "users", users, "text",
	    "the rosters of most users lack this service's contact, so that their storage may be damaged; what was "
	    "published for them stands for ten minutes, and they are looked at again",
	    NULL);
}

static void
look_again(struct core *c, struct claim *k)
{
	if (!claim_is_made(k) || k->suspended_ms != 0 || k->against == 0)
		return;
	k->against = c->now.mono_ms;
	k->tries = 0;
	verify_again(c, k, FORCE_MS);
}

/* Fewer rosters of H lack a bridge than before. */
static void
fewer_lack(struct core *c, struct host *h)
{
	const struct table_node *n;
	struct device *d;
	struct user *u;

	if (!h->suspicious || is_fault(c, h))
		return;
	h->suspicious = false;
	say_log(c, LOG_LEVEL_INFO, "roster.trusted", "host", h->name, NULL);
	for (u = c->users; u != NULL; u = u->next) {
		if (u->host == h)
			look_again(c, &u->claim);
	}
	for (n = table_next(&c->accounts, NULL); n != NULL; n = table_next(&c->accounts, n)) {
		if (!is_at(h, TABLE_OF(n, const struct account, node)->domain))
			continue;
		for (d = TABLE_OF(n, const struct account, node)->devices; d != NULL; d = d->same_account)
			look_again(c, &d->claim);
	}
}

void
verify_lacks(struct core *c, struct claim *k, bool lacks)
{
	struct host *h = claim_host(c, k);
	bool before = k->lacks;

	k->lacks = lacks;
	if (before && !lacks && h != NULL)
		fewer_lack(c, h);
}

/* One account */

bool
suspend_unsaved(struct core *c, struct device *d)
{
	struct device_record row = change_row(c, d);

	d->claim.unsaved = !change_device(c, d, &row, CHANGE_OTHER, NULL);
	return !d->claim.unsaved;
}

static void
write(struct core *c, struct claim *k)
{
	if (!k->linked)
		change_soon(c, claim_user(k));
	else if (!suspend_unsaved(c, claim_device(k)))
		change_again(c);
}

static void
say_suspended(struct core *c, struct claim *k, const char *reason)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);

	if (d == NULL)
		say_log(c, LOG_LEVEL_WARN, "user.suspended", "user", u->primary, "reason", reason, "text",
		    "nothing of hers is shown until that is otherwise; nobody is unsubscribed", NULL);
	else
		say_log(c, LOG_LEVEL_WARN, "device.suspended", "user", u->primary, "device", d->id, "account", d->jid,
		    "reason", reason, NULL);
}

static void
suspend(struct core *c, struct claim *k, const char *reason)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);
	uint32_t seen = d != NULL ? audience_extent(&c->set, u, d) : 0;
	unsigned narrowed;

	say_suspended(c, k, reason);
	k->suspended_ms = c->now.wall_ms > 0 ? c->now.wall_ms : 1;
	k->against = c->now.mono_ms;
	k->tries = 0;
	narrowed = d != NULL ? audience_narrowed(seen, audience_extent(&c->set, u, d)) : 0;
	change_owes(c, u, narrowed);
	write(c, k);
	if (d != NULL) {
		user_urgent(c, u, narrowed);
	} else {
		verify_take_back(c, u);
		withhold_begin(c, u, WITHHELD_SUSPENDED);
	}
	verify_lacks(c, k, false);
	verify_again(c, k, verify_backoff(k));
}

void
suspend_decide(struct core *c, struct claim *k, const char *reason)
{
	struct host *h = claim_host(c, k);
	bool fault = is_fault(c, h);
	uint64_t ms, held;

	k->stands = false;
	if (!fault && h->suspicious) {
		fewer_lack(c, h); /* others have come since: all are looked at again */
		return;
	}
	if (fault && !h->suspicious) {
		h->suspicious = true;
		h->suspicious_at = c->now.mono_ms;
		say_suspicious(c, h);
	}
	held = fault ? c->now.mono_ms - h->suspicious_at : HOLD_MS;
	if (held >= HOLD_MS) {
		suspend(c, k, reason);
		return;
	}
	ms = verify_backoff(k);
	verify_again(c, k, ms < HOLD_MS - held ? ms : HOLD_MS - held);
}

void
suspend_end(struct core *c, struct claim *k)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);
	struct host *h = claim_host(c, k);

	k->suspended_ms = 0;
	write(c, k);
	if (h != NULL)
		fewer_lack(c, h);
	if (d == NULL) {
		say_log(c, LOG_LEVEL_INFO, "user.resumed", "user", u->primary, NULL);
		withhold_end(c, u, WITHHELD_SUSPENDED);
		if (c->link_up && user_shown(u))
			user_mark(c, u, MARK_ASK);
		return;
	}
	say_log(c, LOG_LEVEL_INFO, "device.resumed", "user", u->primary, "device", d->id, "account", d->jid, NULL);
	verify_probe_soon(c, k);
	user_mark(c, u, MARK_PROVED);
	user_touch(c, u);
}

static void
lapse(struct core *c, struct claim *k)
{
	struct user *u = claim_user(k);
	struct device *d = claim_device(k);

	say_log(c, LOG_LEVEL_WARN, d != NULL ? "device.lapsed" : "user.lapsed", "user", u->primary, "device",
	    d != NULL ? d->id : NULL, "account", d != NULL ? d->jid : NULL, NULL);
	k->lapsed = true;
	user_mark(c, u, MARK_LAPSED);
}

void
suspend_confirmed(struct core *c, struct claim *k, uint64_t asked_at)
{
	int64_t left = k->suspended_ms + LAPSE_MS - c->now.wall_ms;
	uint64_t ms;

	/* The clock was set: it is counted from here. */
	if (left > LAPSE_MS) {
		k->suspended_ms = c->now.wall_ms;
		left = LAPSE_MS;
		write(c, k);
	}
	if (k->against == 0)
		k->against = c->now.mono_ms;
	if (left <= 0 && k->against + FORCE_MS <= asked_at &&
	    (left <= LAPSE_MS - LAPSE_FAULT_MS || !is_fault(c, claim_host(c, k)))) {
		lapse(c, k);
		return;
	}
	ms = verify_backoff(k);
	if (left > 0 && (uint64_t)left < ms)
		ms = (uint64_t)left;
	verify_again(c, k, ms);
}

static void
shift(struct core *c, struct claim *k, int64_t by_ms)
{
	if (k->suspended_ms == 0)
		return;
	k->suspended_ms = k->suspended_ms > -by_ms ? k->suspended_ms + by_ms : 1;
	write(c, k);
}

void
suspend_clock_set(struct core *c, struct user *u, int64_t by_ms)
{
	struct device *d;

	shift(c, &u->claim, by_ms);
	for (d = u->devices; d != NULL; d = d->next)
		shift(c, &d->claim, by_ms);
}
