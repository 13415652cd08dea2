#include "core/flight/line.h"

#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "core/tools/say.h"

/* The first batch comes so soon after the stream has begun, then one in each of these; they are spread. */
#define FIRST_MS 2000
#define EVERY_MS 60000
#define SHARED_EVERY_MS 20000
#define JITTER_MS 5000

/* What isn't back by then is asked after once, by another batch: if that comes back the rest is lost. */
#define BACK_MS 5000

/* What is missing is missed for as long, though a later one is here already: servers keep their order. */
#define GRACE_MS 2000

/* We are alone again when so many batches in a row came back whole, at this distance: by chance, one time in 2^24. */
#define ALONE_BATCHES 3
#define ALONE_EVERY_MS 2000

/* So many batches of which nothing at all came back: this server doesn't do it. */
#define MUTE_BATCHES 6

#define FOREIGN_EVERY_MS (60 * 60 * 1000)

static uint64_t
later(struct flight *flight, uint64_t ms)
{
	return flight->env->now.mono_ms + ms - rng_below(&flight->env->rng, JITTER_MS < ms ? JITTER_MS : ms);
}

static void
forget(struct line *l)
{
	bool shared = l->shared; /* until we are seen to be alone */
	uint64_t foreign = l->foreign, foreign_again = l->foreign_again;

	memset(l, 0, sizeof(*l));
	l->shared = shared;
	l->foreign = foreign;
	l->foreign_again = foreign_again;
	l->next_at = l->judge_at = TIMER_NEVER;
}

void
line_init(struct flight *flight)
{
	forget(&flight->line);
}

void
line_link_up(struct flight *flight)
{
	forget(&flight->line);
	/* If the other one ends from here on that is to be seen. */
	flight->line.next_at = flight->line.shared ? flight->env->now.mono_ms : later(flight, FIRST_MS);
}

void
line_link_down(struct flight *flight)
{
	forget(&flight->line);
}

bool
line_shared(const struct flight *flight)
{
	return flight->line.shared;
}

static void
plan(struct flight *flight)
{
	flight->line.next_at = later(flight, flight->line.shared ? SHARED_EVERY_MS : EVERY_MS);
}

/* What is never sent must not be missed. */
static bool
send_one(struct flight *flight)
{
	struct line *l = &flight->line;
	struct headline *h = &l->sent[l->nsent];
	struct said *s = say(flight->env, ACTION_HEADLINE);

	if (s == NULL)
		return false;
	rng_word(&flight->env->rng, h->resource, RNG_ID_LEN);
	s->act.from.bare = s->act.to.bare = flight->env->set.domain;
	s->act.to.resource = say_str(flight->env, s, h->resource);
	if (s->broken)
		return false;
	h->number = ++l->numbers;
	l->nsent++;
	return true;
}

/* Of the batches so far nothing has come back: nothing may ever. */
static bool
is_mute(struct flight *flight)
{
	struct line *l = &flight->line;

	l->mutes = l->heard || l->nsent == 0 ? 0 : l->mutes + 1;
	l->heard = false;
	if (l->mutes < MUTE_BATCHES)
		return false;
	say_log(flight->env, LOG_LEVEL_DEBUG, "link.mute", "text",
	    "nothing comes back of what this component sends to itself: another connection could not be seen", NULL);
	return true;
}

static void
send_batch(struct flight *flight)
{
	struct line *l = &flight->line;
	bool missing = l->nsent > 0;
	unsigned i;

	l->next_at = TIMER_NEVER;
	if (flight->env->draining || is_mute(flight))
		return;
	if (l->nsent + LINE_BATCH > LINE_SENT_MAX) {
		plan(flight); /* it is slower than we ask */
		return;
	}
	l->full = true;
	for (i = 0; i < LINE_BATCH; i++)
		l->full = send_one(flight) && l->full;
	l->asked_after = missing && !l->asked_after;
	if (l->asked_after)
		plan(flight);
	else
		l->next_at = flight->env->now.mono_ms + BACK_MS;
}

static void
missed(struct flight *flight)
{
	struct line *l = &flight->line;

	l->wholes = 0;
	l->missed_here = true;
	if (l->shared)
		return;
	l->shared = true;
	say_log(flight->env, LOG_LEVEL_WARN, "link.shared", "text",
	    "another connection gets stanzas of this component, and answers are lost: one that the server still holds open, "
	    "a second process, or another component in the same listener of ejabberd (set `global_routes: false`, or use a "
	    "listener for each)",
	    NULL);
}

/* Whatever was sent before the last one that came back, and is not here, is lost. */
static void
judge(struct flight *flight)
{
	struct line *l = &flight->line;
	size_t i, kept = 0;

	l->judge_at = TIMER_NEVER;
	for (i = 0; i < l->nsent; i++) {
		if (l->sent[i].number > l->returned)
			l->sent[kept++] = l->sent[i];
	}
	if (kept < l->nsent)
		missed(flight);
	l->nsent = kept;
	if (kept == 0)
		plan(flight);
}

static void
alone(struct flight *flight)
{
	struct line *l = &flight->line;

	l->shared = false;
	say_log(flight->env, LOG_LEVEL_INFO, "link.alone", "text",
	    "nobody else gets stanzas of this component any more", NULL);
	/* If the other one ended before this stream began, this one has all that is granted. */
	l->ended = l->missed_here;
}

/* All that was sent has come back. */
static void
whole(struct flight *flight)
{
	struct line *l = &flight->line;

	if (!l->full)
		return;
	l->asked_after = false;
	if (l->shared && ++l->wholes == ALONE_BATCHES)
		alone(flight);
	plan(flight);
	if (l->shared)
		l->next_at = flight->env->now.mono_ms + ALONE_EVERY_MS;
}

/* Only we know the address, and nobody but the server's components may speak in our domain's name. */
static struct headline *
find(struct line *l, const char *resource)
{
	size_t i;

	for (i = 0; i < l->nsent; i++) {
		if (strcmp(l->sent[i].resource, resource) == 0)
			return &l->sent[i];
	}
	return NULL;
}

void
line_headline(struct flight *flight, const struct event *ev)
{
	struct line *l = &flight->line;
	struct headline *h = NULL;

	if (ev->from.bare != NULL && strcmp(ev->from.bare, flight->env->set.domain) == 0 && ev->from.resource == NULL &&
	    strcmp(ev->to.bare, flight->env->set.domain) == 0 && ev->to.resource != NULL)
		h = find(l, ev->to.resource);
	if (h == NULL) {
		flight->env->stats.strangers++;
		return;
	}
	l->heard = true;
	l->mutes = 0;
	if (h->number > l->returned)
		l->returned = h->number;
	l->nsent--;
	memmove(h, h + 1, (size_t)(l->sent + l->nsent - h) * sizeof(*h));
	if (l->nsent == 0)
		whole(flight);
	else if (l->sent[0].number < l->returned && l->judge_at == TIMER_NEVER)
		l->judge_at = flight->env->now.mono_ms + GRACE_MS;
	if (l->next_at == TIMER_NEVER)
		plan(flight); /* so it does it after all */
}

uint64_t
line_deadline(const struct flight *flight)
{
	const struct line *l = &flight->line;

	return l->judge_at < l->next_at ? l->judge_at : l->next_at;
}

void
line_due(struct flight *flight)
{
	struct line *l = &flight->line;

	if (l->judge_at <= flight->env->now.mono_ms)
		judge(flight);
	if (l->next_at <= flight->env->now.mono_ms)
		send_batch(flight);
}

bool
line_has_ended(const struct flight *flight)
{
	return flight->line.ended;
}

void
line_end_taken(struct flight *flight)
{
	flight->line.ended = false;
}

void
line_foreign(struct flight *flight, const struct event *ev)
{
	struct line *l = &flight->line;
	char count[24];

	l->foreign++;
	if (ev->to.bare == NULL || (l->foreign_again != 0 && flight->env->now.mono_ms < l->foreign_again))
		return;
	snprintf(count, sizeof(count), "%llu", (unsigned long long)l->foreign);
	say_log(flight->env, LOG_LEVEL_WARN, "link.foreign", "domain", jid_domain(ev->to.bare), "from", ev->from.bare,
	    "count", count, "text",
	    "stanzas for another domain come to this component, and its own may go there: on ejabberd two components share "
	    "a listener: set `global_routes: false`, or give each a listener of its own",
	    NULL);
	l->foreign = 0;
	l->foreign_again = flight->env->now.mono_ms + FOREIGN_EVERY_MS;
}
