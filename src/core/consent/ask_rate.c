#include "core/consent/ask_rate.h"

#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "base/rate.h"

static const struct rate asked = {60000, 10};			  /* an account, by whomever */
static const struct rate pair = {600000, 3};			  /* an account, by the same user */
static const struct rate asker = {30000, 2 * USER_DEVICES_MAX}; /* all accounts, by one user */
static const struct rate ends = {60000, 5};			  /* an account that leaves, to enrol again */
static const struct rate all = {20, 1000};			  /* all accounts, by all users */

/* Of an account's rate, what there is for those who had it asked within so many minutes; so many a place is kept. */
#define AGAIN_BURST 5
#define LATELY_MIN 60
#define PLACE_MIN 30
/* One less than an account is asked at once, so that with all places taken there is still room for one in a minute. */
#define PLACES 9

/* For so long who was asked for few may answer that, whatever he is asked meanwhile. */
#define FEW_S 3600

static bool
is_full(const struct consent *consent, uint64_t bucket, const struct rate *r)
{
	return rate_opens(bucket, r) > consent->env->now.mono_ms;
}

/* An account has one, however its domain is written: each of its labels has two forms. */
static uint64_t
hash_account(const struct consent *consent, const char *jid)
{
	char work[JID_MAX + 1];
	const char *account = jid_ascii(jid, work);

	return hash_bytes(consent->env->key, account, strlen(account));
}

/* Those that share a bucket are asked, or ask, more seldom than they might, which for most never shows. */
static struct ask_buckets *
of_account(struct consent *consent, const char *jid)
{
	return &consent->asks[hash_account(consent, jid) % ASK_SLOTS];
}

/* Not in the user, who would have a new one whenever he enrols. */
static struct ask_buckets *
of_asker(struct consent *consent, const struct user *u)
{
	return &consent->asks[u->by_primary.hash % ASK_SLOTS];
}

static uint64_t
hash_pair(const struct consent *consent, const struct user *u, const char *jid)
{
	return hash_account(consent, jid) ^ u->by_primary.hash;
}

static struct ask_buckets *
of_pair(struct consent *consent, const struct user *u, const char *jid)
{
	return &consent->asks[hash_pair(consent, u, jid) % ASK_SLOTS];
}

/* Lines */

static uint16_t
minute(const struct consent *consent)
{
	return (uint16_t)(consent->env->now.mono_ms / 60000);
}

static void
leave_line(struct ask_buckets *b, unsigned i)
{
	memmove(&b->line[i], &b->line[i + 1], (--b->nline - i) * sizeof(b->line[0]));
}

/* Who was asked for long ago is as one who never was, and who had a place and did not come as one who was asked for. */
static void
look_at_line(const struct consent *consent, struct ask_buckets *b)
{
	uint16_t age;
	unsigned i = 0;

	while (i < b->nline) {
		age = (uint16_t)(minute(consent) - b->line[i].minute);
		if (age >= PLACE_MIN)
			b->line[i].waits = false;
		if (age >= LATELY_MIN)
			leave_line(b, i);
		else
			i++;
	}
}

static unsigned
find_in_line(const struct ask_buckets *b, uint32_t who)
{
	unsigned i = 0;

	while (i < b->nline && b->line[i].who != who)
		i++;
	return i;
}

/* How many have a place before the I-th. */
static unsigned
places_before(const struct ask_buckets *b, unsigned i)
{
	unsigned n = 0, k;

	for (k = 0; k < i; k++)
		n += b->line[k].waits;
	return n;
}

/* WHO is the last one; in a full line who was asked for longest ago is forgotten. */
static void
line_up(const struct consent *consent, struct ask_buckets *b, uint32_t who, bool waits)
{
	unsigned i = find_in_line(b, who);

	if (i == b->nline && b->nline == ASK_ENTRIES) {
		for (i = 0; b->line[i].waits;)
			i++;
	}
	if (i < b->nline)
		leave_line(b, i);
	b->line[b->nline++] = (struct ask_entry){.who = who, .minute = minute(consent), .waits = waits};
}

/* For somebody with so many others BEFORE him; it is said in how long there is room if there is none now. */
static enum text_id
behind(const struct consent *consent, uint64_t bucket, unsigned before)
{
	uint64_t now = consent->env->now.mono_ms,
		 opens = rate_opens((bucket > now ? bucket : now) + before * asked.every_ms, &asked);

	if (opens <= now)
		return TEXT_NONE;
	if (opens <= now + asked.every_ms)
		return TEXT_ACCOUNT_OFTEN;
	return opens <= now + 5 * asked.every_ms ? TEXT_ACCOUNT_OFTEN_5 : TEXT_ACCOUNT_OFTEN_10;
}

static enum text_id
line_refuses(const struct consent *consent, struct ask_buckets *b, uint32_t who)
{
	unsigned i, places;
	enum text_id why;

	look_at_line(consent, b);
	i = find_in_line(b, who);
	places = places_before(b, b->nline);
	if (i < b->nline && b->line[i].waits)
		return behind(consent, b->asked, places_before(b, i));
	if (i < b->nline) {
		why = behind(consent, b->asked, places + asked.burst - AGAIN_BURST);
		return why != TEXT_NONE ? TEXT_OTHERS_FIRST : TEXT_NONE;
	}
	why = behind(consent, b->asked, places);
	if (why != TEXT_NONE && places < PLACES)
		line_up(consent, b, who, true);
	return why;
}

/* Her own request is wanted by nobody else. */
static bool
is_own(const struct user *u, const char *jid)
{
	return strcmp(u->primary, jid) == 0;
}

enum text_id
ask_rate_refuses(struct consent *consent, const struct user *u, const char *jid)
{
	if (is_full(consent, of_pair(consent, u, jid)->pair, &pair))
		return TEXT_PAIR_OFTEN;
	if (is_full(consent, of_asker(consent, u)->asker, &asker))
		return TEXT_ASKER_OFTEN;
	if (is_full(consent, consent->ask_bucket, &all))
		return TEXT_ALL_OFTEN;
	return is_own(u, jid) ? TEXT_NONE :
				line_refuses(consent, of_account(consent, jid), (uint32_t)hash_pair(consent, u, jid));
}

void
ask_rate_note(struct consent *consent, const struct user *u, const char *jid)
{
	struct ask_buckets *b = of_account(consent, jid);

	rate_pour(&of_pair(consent, u, jid)->pair, &pair, consent->env->now.mono_ms);
	rate_pour(&of_asker(consent, u)->asker, &asker, consent->env->now.mono_ms);
	rate_pour(&consent->ask_bucket, &all, consent->env->now.mono_ms);
	if (is_own(u, jid))
		return;
	rate_pour(&b->asked, &asked, consent->env->now.mono_ms);
	look_at_line(consent, b);
	line_up(consent, b, (uint32_t)hash_pair(consent, u, jid), false);
}

void
ask_rate_named_few(struct consent *consent, const struct user *u, const char *jid)
{
	of_pair(consent, u, jid)->few_s = (uint32_t)(consent->env->now.mono_ms / 1000) + FEW_S;
}

bool
ask_rate_has_named_few(struct consent *consent, const struct user *u, const char *jid)
{
	return of_pair(consent, u, jid)->few_s > consent->env->now.mono_ms / 1000;
}

enum text_id
ask_rate_refuses_enrolment(struct consent *consent, const char *primary)
{
	if (is_full(consent, of_account(consent, primary)->ends, &ends))
		return TEXT_ENROL_OFTEN;
	return TEXT_NONE;
}

void
ask_rate_left(struct consent *consent, const struct user *u)
{
	rate_pour(&of_account(consent, u->primary)->ends, &ends, consent->env->now.mono_ms);
}
