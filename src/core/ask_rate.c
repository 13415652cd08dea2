#include "core/ask_rate.h"

#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "base/rate.h"

static const struct rate asked = {60000, 10}; /* an account, by whomever */
static const struct rate pair = {600000, 3};	/* an account, by the same user: nobody keeps others from it */
static const struct rate asker = {30000, 2 * USER_DEVICES_MAX}; /* all accounts, by one user */
static const struct rate ends = {60000, 5};			  /* an account that leaves, to enrol again */
static const struct rate all = {20, 1000};			  /* all accounts, by all users */

static bool
is_full(const struct core *c, uint64_t bucket, const struct rate *r)
{
	return rate_opens(bucket, r) > c->now.mono_ms;
}

/* An account has one, however its domain is written: each of its labels has two forms. */
static uint64_t
hash_account(const struct core *c, const char *jid)
{
	char work[JID_MAX + 1];
	const char *account = jid_unicode(jid, work);

	return hash_bytes(c->key, account, strlen(account));
}

/* Those that share a bucket are asked, or ask, more seldom than they might, which for most never shows. */
static struct ask_buckets *
of_account(struct core *c, const char *jid)
{
	return &c->asks[hash_account(c, jid) % ASK_SLOTS];
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
	return &c->asks[(hash_account(c, jid) ^ u->by_primary.hash) % ASK_SLOTS];
}

enum text_id
ask_rate_refuses(struct core *c, const struct user *u, const char *jid)
{
	if (is_full(c, of_pair(c, u, jid)->pair, &pair))
		return TEXT_PAIR_OFTEN;
	if (is_full(c, of_account(c, jid)->asked, &asked))
		return TEXT_ACCOUNT_OFTEN;
	if (is_full(c, of_asker(c, u)->asker, &asker))
		return TEXT_ASKER_OFTEN;
	if (is_full(c, c->ask_bucket, &all))
		return TEXT_ALL_OFTEN;
	return TEXT_NONE;
}

void
ask_rate_note(struct core *c, const struct user *u, const char *jid)
{
	rate_pour(&of_pair(c, u, jid)->pair, &pair, c->now.mono_ms);
	rate_pour(&of_account(c, jid)->asked, &asked, c->now.mono_ms);
	rate_pour(&of_asker(c, u)->asker, &asker, c->now.mono_ms);
	rate_pour(&c->ask_bucket, &all, c->now.mono_ms);
}

enum text_id
ask_rate_refuses_enrolment(struct core *c, const char *primary)
{
	if (is_full(c, of_account(c, primary)->ends, &ends))
		return TEXT_ENROL_OFTEN;
	return TEXT_NONE;
}

void
ask_rate_left(struct core *c, const struct user *u)
{
	rate_pour(&of_account(c, u->primary)->ends, &ends, c->now.mono_ms);
}
