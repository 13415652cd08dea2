#include "core/consent/ask_rate.h"

#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "base/rate.h"
#include "core/consent/ask_book.h"

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
#define FEW_MS 3600000

static bool
is_full(const struct consent *consent, uint64_t bucket, const struct rate *r)
{
	return rate_opens(bucket, r) > consent->env->now.mono_ms;
}

/* Of one who has asked for nothing lately there is no note. */
static bool
is_used_up(const struct consent *consent, const struct ask_note *note, const struct rate *r)
{
	return note != NULL && is_full(consent, note->bucket, r);
}

static void
pour(const struct consent *consent, struct ask_note *note, const struct rate *r)
{
	if (note == NULL)
		return;
	rate_pour(&note->bucket, r, consent->env->now.mono_ms);
	ask_matters(note, note->bucket);
}

/* An account has one, however its domain is written: each of its labels has two forms. */
static uint64_t
hash_account(const struct consent *consent, const char *jid)
{
	char work[JID_MAX + 1];
	const char *account = jid_ascii(jid, work);

	return hash_bytes(consent->env->key, account, strlen(account));
}

/* Not in the user, who would have a new one whenever he enrols. */
static uint64_t
hash_pair(const struct consent *consent, const struct user *u, const char *jid)
{
	return hash_account(consent, jid) ^ u->by_primary.hash;
}

/* Lines */

static uint16_t
minute(const struct consent *consent)
{
	return (uint16_t)(consent->env->now.mono_ms / 60000);
}

static void
leave_line(struct ask_note *b, unsigned i)
{
	memmove(&b->line[i], &b->line[i + 1], (--b->nline - i) * sizeof(b->line[0]));
}

/* Who was asked for long ago is as one who never was, and who had a place and did not come as one who was asked for. */
static void
look_at_line(const struct consent *consent, struct ask_note *b)
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
find_in_line(const struct ask_note *b, uint32_t who)
{
	unsigned i = 0;

	while (i < b->nline && b->line[i].who != who)
		i++;
	return i;
}

/* How many have a place before the I-th. */
static unsigned
places_before(const struct ask_note *b, unsigned i)
{
	unsigned n = 0, k;

	for (k = 0; k < i; k++)
		n += b->line[k].waits;
	return n;
}

/* WHO is the last one, if there is memory for him; in a full line who was asked for longest ago is forgotten. */
static void
line_up(const struct consent *consent, struct ask_note *b, uint32_t who, bool waits)
{
	unsigned i = find_in_line(b, who);

	if (i == b->nline && b->nline == ASK_ENTRIES) {
		for (i = 0; b->line[i].waits;)
			i++;
	}
	if (i < b->nline)
		leave_line(b, i);
	if (!ask_room(b))
		return;
	ask_matters(b, consent->env->now.mono_ms + (LATELY_MIN + 1) * 60000);
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
line_refuses(const struct consent *consent, struct ask_note *b, uint32_t who)
{
	unsigned i, places;
	enum text_id why;

	if (b == NULL)
		return TEXT_NONE;
	look_at_line(consent, b);
	i = find_in_line(b, who);
	places = places_before(b, b->nline);
	if (i < b->nline && b->line[i].waits)
		return behind(consent, b->bucket, places_before(b, i));
	if (i < b->nline) {
		why = behind(consent, b->bucket, places + asked.burst - AGAIN_BURST);
		return why != TEXT_NONE ? TEXT_OTHERS_FIRST : TEXT_NONE;
	}
	why = behind(consent, b->bucket, places);
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

/* Notes of what is asked are there, so that nothing is forgotten of it. */
static bool
make_notes(struct consent *consent, const struct user *u, uint64_t account, uint64_t of_both)
{
	return ask_make(consent, ASK_OF_PAIR, of_both) != NULL &&
	    ask_make(consent, ASK_OF_ASKER, u->by_primary.hash) != NULL &&
	    ask_make(consent, ASK_OF_ACCOUNT, account) != NULL;
}

enum text_id
ask_rate_refuses(struct consent *consent, const struct user *u, const char *jid)
{
	uint64_t account = hash_account(consent, jid), both = hash_pair(consent, u, jid);
	enum text_id why = TEXT_NONE;

	if (is_used_up(consent, ask_find(consent, ASK_OF_PAIR, both), &pair))
		return TEXT_PAIR_OFTEN;
	if (is_used_up(consent, ask_find(consent, ASK_OF_ASKER, u->by_primary.hash), &asker))
		return TEXT_ASKER_OFTEN;
	if (is_full(consent, consent->ask_bucket, &all))
		return TEXT_ALL_OFTEN;
	if (!is_own(u, jid))
		why = line_refuses(consent, ask_find(consent, ASK_OF_ACCOUNT, account), (uint32_t)both);
	if (why == TEXT_NONE && !make_notes(consent, u, account, both))
		why = TEXT_ALL_OFTEN;
	return why;
}

void
ask_rate_note(struct consent *consent, const struct user *u, const char *jid)
{
	uint64_t account = hash_account(consent, jid), both = hash_pair(consent, u, jid);
	struct ask_note *b = ask_make(consent, ASK_OF_ACCOUNT, account);

	pour(consent, ask_make(consent, ASK_OF_PAIR, both), &pair);
	pour(consent, ask_make(consent, ASK_OF_ASKER, u->by_primary.hash), &asker);
	rate_pour(&consent->ask_bucket, &all, consent->env->now.mono_ms);
	if (is_own(u, jid) || b == NULL)
		return;
	pour(consent, b, &asked);
	look_at_line(consent, b);
	line_up(consent, b, (uint32_t)both, false);
}

void
ask_rate_named_few(struct consent *consent, const struct user *u, const char *jid)
{
	struct ask_note *note = ask_make(consent, ASK_OF_FEW, hash_pair(consent, u, jid));

	if (note != NULL)
		ask_matters(note, consent->env->now.mono_ms + FEW_MS);
}

bool
ask_rate_has_named_few(struct consent *consent, const struct user *u, const char *jid)
{
	const struct ask_note *note = ask_find(consent, ASK_OF_FEW, hash_pair(consent, u, jid));

	return note != NULL && note->until > consent->env->now.mono_ms;
}

enum text_id
ask_rate_refuses_enrolment(struct consent *consent, const char *primary)
{
	const struct ask_note *note = ask_find(consent, ASK_OF_LEAVER, hash_account(consent, primary));

	return is_used_up(consent, note, &ends) ? TEXT_ENROL_OFTEN : TEXT_NONE;
}

void
ask_rate_left(struct consent *consent, const struct user *u)
{
	pour(consent, ask_make(consent, ASK_OF_LEAVER, hash_account(consent, u->primary)), &ends);
}
