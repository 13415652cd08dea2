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
static const struct rate enrols = {60000, 5};			  /* an account that enrols */
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

/* Those that share a bucket are asked, or ask, more seldom than they might, which for most never shows. */
static struct ask_buckets *
of_account(struct core *c, const char *jid)
{
	return &c->asks[hash_bytes(c->key, jid, strlen(jid)) % ASK_SLOTS];
}

/* Not in the user, who would have a new one whenever he enrols. */
static struct ask_buckets *
of_asker(struct core *c, const struct user *u)
{
	return &c->asks[u->by_primary.hash % ASK_SLOTS];
}

static struct ask_buckets *
of_pair(struct core *c, const struct user *u, const char *jid)
{
	return &c->asks[(hash_bytes(c->key, jid, strlen(jid)) ^ u->by_primary.hash) % ASK_SLOTS];
}

const char *
ask_rate_refuses(struct core *c, const struct user *u, const char *jid)
{
	if (is_full(c, of_pair(c, u, jid)->pair, &pair) || is_full(c, of_account(c, jid)->asked, &asked))
		return "That account was asked several times just now; please try again in a few minutes.";
	if (is_full(c, of_asker(c, u)->asker, &asker))
		return "You have asked many accounts just now; please try again in a few minutes.";
	if (is_full(c, c->ask_bucket, &all))
		return "This service asks many accounts just now; please try again in a moment.";
	return NULL;
}

const char *
ask_rate_refuses_enrolment(struct core *c, const char *primary)
{
	uint64_t *bucket = &of_account(c, primary)->enrols;

	if (is_full(c, *bucket, &enrols))
		return "You have enrolled several times just now; please try again in a few minutes.";
	pour(c, bucket, &enrols);
	return NULL;
}

void
ask_rate_note(struct core *c, const struct user *u, const char *jid)
{
	pour(c, &of_pair(c, u, jid)->pair, &pair);
	pour(c, &of_account(c, jid)->asked, &asked);
	pour(c, &of_asker(c, u)->asker, &asker);
	pour(c, &c->ask_bucket, &all);
}
