#include "core/ask_rate.h"

#include <string.h>

#include "base/limits.h"

/* So many at once, and from then on one in so many milliseconds: for each account, for each user, in all. */
static const struct rate {
	uint64_t every_ms;
	unsigned burst;
} asked = {60000, 5}, asker = {30000, 2 * USER_DEVICES_MAX}, all = {20, 1000};

static bool
is_full(const struct core *c, uint64_t bucket, const struct rate *r)
{
	return bucket > c->now.mono_ms + (r->burst - 1) * r->every_ms;
}

static void
pour(const struct core *c, uint64_t *bucket, const struct rate *r)
{
	if (*bucket < c->now.mono_ms)
		*bucket = c->now.mono_ms;
	*bucket += r->every_ms;
}

const char *
ask_rate_take(struct core *c, struct user *u, const char *jid)
{
	/* Accounts that share a bucket are asked more seldom than they might be, which for most never shows. */
	uint64_t *bucket = &c->asked_buckets[hash_bytes(c->key, jid, strlen(jid)) % ASKED_SLOTS];

	if (is_full(c, *bucket, &asked))
		return "That account was asked several times just now; please try again in a few minutes.";
	if (is_full(c, u->asker_bucket, &asker))
		return "You have asked many accounts just now; please try again in a few minutes.";
	if (is_full(c, c->ask_bucket, &all))
		return "This service asks many accounts just now; please try again in a moment.";
	pour(c, bucket, &asked);
	pour(c, &u->asker_bucket, &asker);
	pour(c, &c->ask_bucket, &all);
	return NULL;
}
