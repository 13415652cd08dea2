#include "core/sources/roster.h"

#include <stdio.h>
#include <string.h>

#include "core/consent/verify.h"
#include "core/flight/pace.h"
#include "core/flight/query.h"
#include "core/model/contacts.h"
#include "core/model/user.h"
#include "core/sources/roster_items.h"
#include "core/tools/say.h"

/* What has told contacts of a change is read once more behind those events, so that its answer says that they arrived. */
#define ONCE_MORE_MS 1000

/* A roster that was too large is not asked for again before. */
#define LARGE_AGAIN_MS (10 * 60 * 1000)

static bool
is_granted(const struct user *u)
{
	return (u->host->grant.roster & MAY_GET) != 0;
}

static bool
send(struct sources *sources, struct user *u)
{
	struct query *q = query_add(sources->flight, ASK_ROSTER, u, u->host, u->primary, NULL, true);
	struct said *s;

	if (q == NULL)
		return false;
	s = say(sources->env, ACTION_ROSTER_GET);
	if (s == NULL) {
		query_end(sources->flight, q);
		return false;
	}
	u->roster_asking = true;
	u->roster_overtaken = u->roster_unheard = false;
	u->roster_order = silence_order(sources->model);
	u->roster_sent_at = sources->env->now.mono_ms;
	s->act.id = say_str(sources->env, s, q->id);
	s->act.from.bare = sources->env->set.domain;
	s->act.to.bare = say_str(sources->env, s, u->primary);
	return true;
}

/* It has been asked for, or will not be. */
static void
unwant(struct user *u)
{
	if (u->roster_wanted || u->roster_once_more)
		pace_no_roster(u);
	u->roster_wanted = u->roster_once_more = false;
	u->roster_rests = 0;
}

uint64_t
roster_rests_until(const struct sources *sources, const struct user *u)
{
	uint64_t until = u->roster_sent_at != 0 ? u->roster_sent_at + ROSTER_REST_MS : 0;

	/* What was too large is left alone for longer. */
	if (until < u->roster_until)
		until = u->roster_until;
	return until > sources->env->now.mono_ms ? until : 0;
}

bool
roster_coming(const struct user *u)
{
	return u->roster_asking || u->roster_wanted;
}

static bool
may_be_asked(const struct sources *sources, const struct user *u)
{
	return sources->env->link_up && is_granted(u) && !u->roster_asking &&
	    u->roster_until <= sources->env->now.mono_ms;
}

/* It has its turn, or after some time. */
static void
take_turn(struct sources *sources, struct user *u)
{
	u->roster_rests = roster_rests_until(sources, u);
	if (u->roster_rests == 0)
		pace_roster(u, u->roster_wanted ? TURN_WANTED : TURN_ONCE_MORE);
	else
		pace_no_roster(u);
	user_mark(sources->model, u, MARK_TIMES);
}

bool
roster_want(struct sources *sources, struct user *u)
{
	if (roster_coming(u))
		return true;
	if (!may_be_asked(sources, u))
		return false;
	u->roster_wanted = true;
	take_turn(sources, u);
	return true;
}

void
roster_once_more(struct sources *sources, struct user *u)
{
	if (roster_coming(u) || u->roster_once_more || !may_be_asked(sources, u))
		return;
	u->roster_once_more = true;
	u->roster_rests = roster_rests_until(sources, u);
	if (u->roster_rests < sources->env->now.mono_ms + ONCE_MORE_MS)
		u->roster_rests = sources->env->now.mono_ms + ONCE_MORE_MS;
	pace_no_roster(u);
	user_mark(sources->model, u, MARK_TIMES);
}

void
roster_poll(const struct sources *sources, struct user *u)
{
	if (is_granted(u) && u->stored && user_shown(u) && !u->roster_wanted && !u->roster_once_more)
		pace_poll(sources->flight, u);
}

void
roster_poll_again(const struct sources *sources, struct user *u)
{
	if (user_online(u) || user_waits(u))
		roster_poll(sources, u);
}

void
roster_turn(struct sources *sources, struct user *u, enum turn turn)
{
	bool may = may_be_asked(sources, u);

	if (turn > TURN_CLAIM && (!u->stored || !user_shown(u)))
		may = false;
	if (may && send(sources, u))
		pace_asked(sources->flight, u->host, turn, u->roster_items);
	unwant(u);
	if (u->roster_asking)
		return;
	u->roster_asked_at = sources->env->now.mono_ms; /* or the next one would be at once */
	/* It can't be had, for now: what waits for it waits for a later one only if that takes no memory. */
	if (turn == TURN_WANTED)
		user_mark(sources->model, u, MARK_NO_ROSTER);
	user_mark(sources->model, u, MARK_POLL_AGAIN);
	user_mark(sources->model, u, MARK_TIMES);
}

bool
roster_portion(struct sources *sources, struct query *q, const struct answer_event *a)
{
	return query_reads(sources->flight, q) && a->ok && a->payload == PAYLOAD_ROSTER &&
	    roster_take_items(sources, q->reading, &a->roster) == 0;
}

/*
 * The ways in which servers keep rosters from a component that has lost its
 * privileges: they say nothing, or forbid what they gave before.  Another error
 * is the account's own: on Prosody whoever blocks us has his server refuse us
 * for him.
 */
static bool
like_a_lost_grant(const struct host *h, const struct answer_event *a)
{
	return a == NULL || (!a->ok && a->error == COND_FORBIDDEN && h->roster_worked);
}

/*
 * R is what came before the last portion; NULL: nothing.  False when there is no
 * memory: then the roster before stands, whatever this one says of the claim.
 * USED is false when it is not to be used.
 */
static bool
read_roster(struct sources *sources, struct user *u, struct reading *r, const struct answer_event *a, bool *used)
{
	struct reading *begun = NULL;
	bool done;

	if (r == NULL)
		r = begun = reading_new(sources->model, u, true);
	done = r != NULL && roster_take_items(sources, r, &a->roster) == 0;
	*used = done && verify_roster(sources->consent, u, r->shows_bridge) && !u->roster_unheard;
	if (r != NULL)
		r->overtaken = u->roster_overtaken;
	if (*used)
		done = roster_put_in_force(sources, u, r) == 0;
	reading_free(begun);
	return done;
}

/* Whose roster it is isn't known: nobody gets anything by it, and nobody is forgotten for it. */
static void
not_to_be_used(struct sources *sources, struct user *u)
{
	u->roster_asked_at = sources->env->now.mono_ms;
	pace_polled(u);
	user_mark(sources->model, u, MARK_NO_ROSTER | MARK_UNUSED);
	user_mark(sources->model, u, MARK_POLL_AGAIN);
	user_mark(sources->model, u, MARK_TIMES);
}

/* Her roster is larger than any that is read: that is about her alone, and is not tried again at once. */
static void
too_large(struct sources *sources, struct user *u, const struct reading *r)
{
	char items[24];

	u->roster_until = sources->env->now.mono_ms + LARGE_AGAIN_MS;
	if (r != NULL && r->shows_bridge)
		verify_roster(sources->consent, u, true);
	if (r != NULL)
		u->roster_items = (uint32_t)r->items;
	if (u->roster_large)
		return;
	u->roster_large = true;
	snprintf(items, sizeof(items), "%zu", r != NULL ? r->items : 0);
	say_log(sources->env, LOG_LEVEL_WARN, "roster.too_large", "user", u->primary, "read", r != NULL ? items : NULL,
	    "text",
	    "the roster is larger than any that is read; events don't reach her contacts, and no device is found in it",
	    NULL);
	if (!u->leaving)
		say_message(sources->env, u->bridge, u->primary, TEXT(TEXT_ROSTER_UNREADABLE));
}

/* It was refused, no answer came, or it can't be taken. */
static void
not_read(struct sources *sources, struct user *u, const struct answer_event *a)
{
	/* It may have been taken back meanwhile. */
	bool again = is_granted(u) && like_a_lost_grant(u->host, a) && !u->roster_twice && u->host->roster_worked;

	say_log(sources->env, LOG_LEVEL_DEBUG, "roster.refused", "user", u->primary, "answer",
	    query_outcome_name(query_outcome(a)), "error", a == NULL ? "no answer" : condition_name(a->error), NULL);
	u->roster_asked_at = sources->env->now.mono_ms;
	pace_polled(u);
	/* What waits for it goes on waiting. */
	u->roster_twice = again && roster_want(sources, u);
	if (u->roster_twice)
		return;
	verify_no_roster(sources->consent, u);
	user_mark(sources->model, u, MARK_NO_ROSTER);
	user_mark(sources->model, u, MARK_POLL_AGAIN);
	user_mark(sources->model, u, MARK_TIMES);
}

int
roster_tells_of_host(const struct user *u, const struct answer_event *a)
{
	enum outcome outcome = query_outcome(a);

	if (outcome == OUTCOME_RESULT || outcome == OUTCOME_TOO_LARGE)
		return a->payload == PAYLOAD_ROSTER;
	return is_granted(u) && like_a_lost_grant(u->host, a) ? -1 : 0;
}

void
roster_answer(struct sources *sources, struct user *u, struct reading *r, const struct answer_event *a)
{
	enum outcome outcome = query_outcome(a);
	bool used = false, read;

	if (outcome == OUTCOME_TOO_LARGE)
		too_large(sources, u, r);
	/* Who wants one while this one is read has it then. */
	read = outcome == OUTCOME_RESULT && a->payload == PAYLOAD_ROSTER && read_roster(sources, u, r, a, &used);
	u->roster_asking = false;
	if (!read) {
		not_read(sources, u, a);
		return;
	}
	u->roster_twice = false;
	u->host->roster_worked = true;
	u->roster_large = false;
	u->roster_until = 0;
	if (!used) {
		not_to_be_used(sources, u);
		return;
	}
	u->roster_known = true;
	u->roster_at = u->roster_asked_at = sources->env->now.mono_ms;
	unwant(u);
	pace_polled(u);
	if (u->roster_overtaken)
		roster_once_more(sources, u);
	user_mark(sources->model, u, MARK_READ);
	user_mark(sources->model, u, MARK_POLL_AGAIN);
}

uint64_t
roster_deadline(const struct sources *sources, const struct user *u)
{
	if (!sources->env->link_up || u->roster_asking)
		return TIMER_NEVER;
	if (u->roster_wanted || u->roster_once_more)
		return u->roster_rests != 0 ? u->roster_rests : TIMER_NEVER;
	return u->roster_until != 0 && user_waits(u) ? u->roster_until : TIMER_NEVER;
}

void
roster_due(struct sources *sources, struct user *u)
{
	if (roster_deadline(sources, u) > sources->env->now.mono_ms)
		return;
	if (u->roster_wanted || u->roster_once_more) {
		take_turn(sources, u);
		return;
	}
	u->roster_until = 0;
	roster_want(sources, u);
}

void
roster_link_down(struct user *u)
{
	unwant(u);
	u->roster_asking = u->roster_twice = false;
	/* A new stream asks for everything, and waits for nothing of the last one. */
	u->roster_until = 0;
	/* Nothing will say who has the name of who hasn't accepted yet. */
	if (!u->approved)
		u->roster_at = 0;
}
