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
is_full(const struct core *c, uint64_t bucket, const struct rate *r)
{
	return rate_opens(bucket, r) > c->now.mono_ms;
}

/* An account has one, however its domain is written: each of its labels has two forms. */
static uint64_t
hash_account(const struct core *c, const char *jid)
{
	char work[JID_MAX + 1];
	const char *account = jid_ascii(jid, work);

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

static uint64_t
hash_pair(const struct core *c, const struct user *u, const char *jid)
{
	return hash_account(c, jid) ^ u->by_primary.hash;
}

static struct ask_buckets *
of_pair(struct core *c, const struct user *u, const char *jid)
{
	return &c->asks[hash_pair(c, u, jid) % ASK_SLOTS];
}

/* Lines */

static uint16_t
minute(const struct core *c)
{
	return (uint16_t)(c->now.mono_ms / 60000);
}

static void
leave_line(struct ask_buckets *b, unsigned i)
{
	memmove(&b->line[i], &b->line[i + 1], (--b->nline - i) * sizeof(b->line[0]));
}

/* Who was asked for long ago is as one who never was, and who had a place and did not come as one who was asked for. */
static void
look_at_line(const struct core *c, struct ask_buckets *b)
{
	uint16_t age;
	unsigned i = 0;

	while (i < b->nline) {
		age = (uint16_t)(minute(c) - b->line[i].minute);
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
line_up(const struct core *c, struct ask_buckets *b, uint32_t who, bool waits)
{
	unsigned i = find_in_line(b, who);

	if (i == b->nline && b->nline == ASK_ENTRIES) {
		for (i = 0; b->line[i].waits;)
			i++;
	}
	if (i < b->nline)
		leave_line(b, i);
	b->line[b->nline++] = (struct ask_entry){.who = who, .minute = minute(c), .waits = waits};
}

/* For somebody with so many others BEFORE him; it is said in how long there is room if there is none now. */
static enum text_id
behind(const struct core *c, uint64_t bucket, unsigned before)
{
	uint64_t now = c->now.mono_ms,
		 opens = rate_opens((bucket > now ? bucket : now) + before * asked.every_ms, &asked);

	if (opens <= now)
		return TEXT_NONE;
	if (opens <= now + asked.every_ms)
		return TEXT_ACCOUNT_OFTEN;
	return opens <= now + 5 * asked.every_ms ? TEXT_ACCOUNT_OFTEN_5 : TEXT_ACCOUNT_OFTEN_10;
}

static enum text_id
line_refuses(const struct core *c, struct ask_buckets *b, uint32_t who)
{
	unsigned i, places;
	enum text_id why;

	look_at_line(c, b);
	i = find_in_line(b, who);
	places = places_before(b, b->nline);
	if (i < b->nline && b->line[i].waits)
		return behind(c, b->asked, places_before(b, i));
	if (i < b->nline) {
		why = behind(c, b->asked, places + asked.burst - AGAIN_BURST);
		return why != TEXT_NONE ? TEXT_OTHERS_FIRST : TEXT_NONE;
	}
	why = behind(c, b->asked, places);
	if (why != TEXT_NONE && places < PLACES)
		line_up(c, b, who, true);
	return why;
}

/* Her own request is wanted by nobody else. */
static bool
is_own(const struct user *u, const char *jid)
{
	return strcmp(u->primary, jid) == 0;
}

enum text_id
ask_rate_refuses(struct core *c, const struct user *u, const char *jid)
{
	if (is_full(c, of_pair(c, u, jid)->pair, &pair))
		return TEXT_PAIR_OFTEN;
	if (is_full(c, of_asker(c, u)->asker, &asker))
		return TEXT_ASKER_OFTEN;
	if (is_full(c, c->ask_bucket, &all))
		return TEXT_ALL_OFTEN;
	return is_own(u, jid) ? TEXT_NONE : line_refuses(c, of_account(c, jid), (uint32_t)hash_pair(c, u, jid));
}

void
ask_rate_note(struct core *c, const struct user *u, const char *jid)
{
	struct ask_buckets *b = of_account(c, jid);

	rate_pour(&of_pair(c, u, jid)->pair, &pair, c->now.mono_ms);
	rate_pour(&of_asker(c, u)->asker, &asker, c->now.mono_ms);
	rate_pour(&c->ask_bucket, &all, c->now.mono_ms);
	if (is_own(u, jid))
		return;
	rate_pour(&b->asked, &asked, c->now.mono_ms);
	look_at_line(c, b);
	line_up(c, b, (uint32_t)hash_pair(c, u, jid), false);
}

void
ask_rate_named_few(struct core *c, const struct user *u, const char *jid)
{
	of_pair(c, u, jid)->few_s = (uint32_t)(c->now.mono_ms / 1000) + FEW_S;
}

bool
ask_rate_has_named_few(struct core *c, const struct user *u, const char *jid)
{
	return of_pair(c, u, jid)->few_s > c->now.mono_ms / 1000;
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
