#include "core/sources/anew.h"

#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/say.h"

#define TURNS 3			   /* before it counts whether others are served */
#define FIRST_PAUSE_MS 15000	   /* between two of them; it trebles */
#define PAUSE_MS 60000		   /* from then on; it doubles */
#define PAUSE_MAX_MS (3600 * 1000) /* but not further */
#define HEALED_MS (10 * 60 * 1000) /* what has worked for so long after the last one begins anew */
#define LOOK_AGAIN_MS 1000

/* A second connection that comes and goes costs a new stream in this time at most. */
#define ENDED_EVERY_MS 60000

void
anew_want(struct core *c, struct host *h, const char *why)
{
	if (!c->link_up || c->draining || c->anew_asked || h->anew_why != NULL)
		return;
	h->anew_why = why;
	if (c->anew_at > c->now.mono_ms)
		c->anew_at = c->now.mono_ms;
}

void
anew_works(const struct core *c, struct host *h)
{
	h->anew_why = NULL;
	if (h->anew_turns > 0 && h->anew_last + HEALED_MS <= c->now.mono_ms)
		h->anew_turns = 0;
}

static uint64_t
pause_of(const struct host *h)
{
	uint64_t ms = h->anew_turns < TURNS ? FIRST_PAUSE_MS : PAUSE_MS;
	unsigned i;

	if (h->anew_turns == 0)
		return 0;
	for (i = 1; i < h->anew_turns && i < TURNS && h->anew_turns < TURNS; i++)
		ms *= 3;
	for (i = TURNS; i < h->anew_turns && ms < PAUSE_MAX_MS; i++)
		ms *= 2;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

static bool
another_works(const struct core *c, const struct host *h)
{
	const struct host *o;

	for (o = host_next(c, NULL); o != NULL; o = host_next(c, o)) {
		if (o != h && o->configured && o->granted && o->users > 0 && o->anew_why == NULL)
			return true;
	}
	return false;
}

static bool
others_are_unsettled(const struct core *c, const struct host *h)
{
	const struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		if (u->host != h && u->host->granted && u->stored && user_shown(u) && !u->settled)
			return true;
	}
	return false;
}

/* When H has its new stream; TIMER_NEVER: not by itself. */
static uint64_t
turn_of(const struct core *c, const struct host *h)
{
	uint64_t at = h->anew_last + pause_of(h);

	if (h->anew_why == NULL || (h->anew_turns >= TURNS && another_works(c, h)))
		return TIMER_NEVER;
	if (h->anew_turns == 0 || at < c->now.mono_ms)
		at = c->now.mono_ms;
	if (at == c->now.mono_ms && others_are_unsettled(c, h))
		at += LOOK_AGAIN_MS;
	return at;
}

void
anew_again(struct core *c)
{
	struct host *h;

	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h))
		h->anew_turns = 0;
	if (c->link_up)
		c->anew_at = c->now.mono_ms;
}

bool
anew_connection_ended(struct core *c)
{
	struct host *h;

	/* This is no guess, so it doesn't double. */
	if (c->now.mono_ms < c->ended_after)
		return false;
	c->ended_after = c->now.mono_ms + ENDED_EVERY_MS;
	anew_again(c);
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		if (h->configured)
			anew_want(c, h,
			    "another connection of this component has ended, and may have taken the privileges along");
	}
	return true;
}

uint64_t
anew_deadline(const struct core *c)
{
	return c->link_up && !c->draining && !c->anew_asked ? c->anew_at : TIMER_NEVER;
}

static void
begin_anew(struct core *c, struct host *h)
{
	struct said *s = say(c, ACTION_RECONNECT);

	if (s == NULL) {
		c->anew_at = c->now.mono_ms + LOOK_AGAIN_MS;
		return;
	}
	s->act.reconnect.reason = h->anew_why;
	c->anew_asked = true;
	h->anew_last = c->now.mono_ms;
	if (h->anew_turns < 32)
		h->anew_turns++;
}

void
anew_due(struct core *c)
{
	struct host *h;
	uint64_t at;

	c->anew_at = TIMER_NEVER;
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		at = turn_of(c, h);
		if (at <= c->now.mono_ms) {
			begin_anew(c, h);
			h->anew_why = NULL;
			return; /* it serves them all */
		}
		if (at < c->anew_at)
			c->anew_at = at;
	}
}
