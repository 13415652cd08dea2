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
anew_want(struct sources *sources, struct host *h, const char *why)
{
	if (!sources->env->link_up || sources->env->draining || sources->anew_asked || h->anew_why != NULL)
		return;
	h->anew_why = why;
	if (sources->anew_at > sources->env->now.mono_ms)
		sources->anew_at = sources->env->now.mono_ms;
}

void
anew_works(const struct sources *sources, struct host *h)
{
	h->anew_why = NULL;
	if (h->anew_turns > 0 && h->anew_last + HEALED_MS <= sources->env->now.mono_ms)
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
another_works(const struct sources *sources, const struct host *h)
{
	const struct host *o;

	for (o = host_next(sources->model, NULL); o != NULL; o = host_next(sources->model, o)) {
		if (o != h && o->configured && o->granted && o->users > 0 && o->anew_why == NULL)
			return true;
	}
	return false;
}

static bool
others_are_unsettled(const struct sources *sources, const struct host *h)
{
	const struct user *u;

	for (u = sources->model->users; u != NULL; u = u->next) {
		if (u->host != h && u->host->granted && u->stored && user_shown(u) && !u->settled)
			return true;
	}
	return false;
}

/* When H has its new stream; TIMER_NEVER: not by itself. */
static uint64_t
turn_of(const struct sources *sources, const struct host *h)
{
	uint64_t at = h->anew_last + pause_of(h);

	if (h->anew_why == NULL || (h->anew_turns >= TURNS && another_works(sources, h)))
		return TIMER_NEVER;
	if (h->anew_turns == 0 || at < sources->env->now.mono_ms)
		at = sources->env->now.mono_ms;
	if (at == sources->env->now.mono_ms && others_are_unsettled(sources, h))
		at += LOOK_AGAIN_MS;
	return at;
}

void
anew_again(struct sources *sources)
{
	struct host *h;

	for (h = host_next(sources->model, NULL); h != NULL; h = host_next(sources->model, h))
		h->anew_turns = 0;
	if (sources->env->link_up)
		sources->anew_at = sources->env->now.mono_ms;
}

bool
anew_connection_ended(struct sources *sources)
{
	struct host *h;

	/* This is no guess, so it doesn't double. */
	if (sources->env->now.mono_ms < sources->ended_after)
		return false;
	sources->ended_after = sources->env->now.mono_ms + ENDED_EVERY_MS;
	anew_again(sources);
	for (h = host_next(sources->model, NULL); h != NULL; h = host_next(sources->model, h)) {
		if (h->configured)
			anew_want(sources, h,
			    "another connection of this component has ended, and may have taken the privileges along");
	}
	return true;
}

uint64_t
anew_deadline(const struct sources *sources)
{
	return sources->env->link_up && !sources->env->draining && !sources->anew_asked ? sources->anew_at :
											  TIMER_NEVER;
}

static void
begin_anew(struct sources *sources, struct host *h)
{
	struct said *s = say(sources->env, ACTION_RECONNECT);

	if (s == NULL) {
		sources->anew_at = sources->env->now.mono_ms + LOOK_AGAIN_MS;
		return;
	}
	s->act.reconnect.reason = h->anew_why;
	sources->anew_asked = true;
	h->anew_last = sources->env->now.mono_ms;
	if (h->anew_turns < 32)
		h->anew_turns++;
}

void
anew_due(struct sources *sources)
{
	struct host *h;
	uint64_t at;

	sources->anew_at = TIMER_NEVER;
	for (h = host_next(sources->model, NULL); h != NULL; h = host_next(sources->model, h)) {
		at = turn_of(sources, h);
		if (at <= sources->env->now.mono_ms) {
			begin_anew(sources, h);
			h->anew_why = NULL;
			return; /* it serves them all */
		}
		if (at < sources->anew_at)
			sources->anew_at = at;
	}
}
