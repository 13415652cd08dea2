#include "core/ask_rate.h"

#include <string.h>

#include "base/limits.h"

/* So many at once, and from then on one in so many milliseconds. */
struct rate {
	uint64_t every_ms;
	unsigned burst;
};

static const struct rate asked = {60000, 10}; /* an account, by whomever */
static const struct rate pair = {600000, 3};	/* an account, by the same user: nobody keeps others from it */
static const struct rate asker = {30000, 2 * USER_DEVICES_MAX}; /* all accounts, by one user */
static const struct rate all = {20, 1000};			  /* all accounts, by all users */

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
	/* Those that share a bucket are asked more seldom than they might be, which for most never shows. */
	uint64_t hash = hash_bytes(c->key, jid, strlen(jid));
	uint64_t *of_account = &c->asked_buckets[hash % ASKED_SLOTS];
	uint64_t *of_pair = &c->pair_buckets[(hash ^ u->by_primary.hash) % ASKED_SLOTS];

	if (is_full(c, *of_pair, &pair) || is_full(c, *of_account, &asked))
		return "That account was asked several times just now; please try again in a few minutes.";
	if (is_full(c, u->asker_bucket, &asker))
		return "You have asked many accounts just now; please try again in a few minutes.";
	if (is_full(c, c->ask_bucket, &all))
		return "This service asks many accounts just now; please try again in a moment.";
	pour(c, of_pair, &pair);
	pour(c, of_account, &asked);
	pour(c, &u->asker_bucket, &asker);
	pour(c, &c->ask_bucket, &all);
	return NULL;
}
