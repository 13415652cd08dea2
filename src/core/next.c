/* What is to be done next, and in which order (core_next() of core.h). */
#include <string.h>

#include "core/consent/verify.h"
#include "core/core.h"
#include "core/flight/pace.h"
#include "core/follow.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/pep.h"
#include "core/outlets/slots.h"
#include "core/outlets/telling.h"
#include "core/sources/audit.h"
#include "core/sources/presence.h"
#include "core/sources/roster.h"
#include "core/tools/answers.h"
#include "core/tools/say.h"
#include "core/top.h"

/* Timers that go off while actions are taken, and set each other off: one or two rounds in practice. */
#define ROUNDS_MAX 8

/* What was missed can't be known, but it can be asked for: a new stream begins with everything. */
static bool
start_anew(struct core *c, struct action *act)
{
	if (!c->env.link_up || c->env.draining || (!c->missed && !c->env.oom))
		return false;
	c->missed = c->env.oom = false;
	memset(act, 0, sizeof(*act));
	act->kind = ACTION_RECONNECT;
	act->reconnect.reason = "out of memory: what was missed is asked for anew";
	act->reconnect.failed = true;
	return true;
}

static bool
take_said(struct core *c, struct action *act)
{
	struct said *s = say_take(&c->env);

	if (s == NULL)
		return false;
	*act = s->act;
	return true;
}

static bool
take_answer(struct core *c, struct action *act)
{
	struct said *s = say_take_answer(&c->env);

	if (s == NULL)
		return false;
	*act = s->act;
	return true;
}

/* Whoever's turn it is at H asks, or is asked. */
static bool
ask_next(struct core *c, struct host *h, struct action *act)
{
	struct ring *who;
	enum turn turn;

	while (pace_take(&c->flight, h, &turn, &who)) {
		switch (turn) {
		case TURN_SPOKEN:
		case TURN_SETTLE:
			presence_turn(&c->sources, TABLE_OF(who, struct user, probe_turn));
			break;
		case TURN_AGAIN:
		case TURN_AUDIT:
			audit_turn(&c->sources, who, turn);
			break;
		case TURN_WANTED:
		case TURN_ONCE_MORE:
		case TURN_DUE:
		case TURN_POLL:
			roster_turn(&c->sources, TABLE_OF(who, struct user, roster_turn), turn);
			break;
		case TURN_CLAIM:
			follow_claim(c, verify_turn(&c->consent, h, who));
			break;
		case TURNS:
			break;
		}
		if (take_said(c, act))
			return true;
	}
	return false;
}

static bool
in_flight(const struct core *c)
{
	const struct host *h;
	const struct user *u;

	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
		if (h->in_flight > 0 || slots_wanted(h))
			return true;
	}
	/* Contacts are told once the roster has come. */
	for (u = c->model.users; u != NULL && !user_waits(u); u = u->next)
		;
	return u != NULL;
}

/* What was sent and not acknowledged when the program stops: the next one must not believe the digest before it. */
static void
note_doubts(struct core *c)
{
	struct user *u;
	struct said *s;
	int node;

	c->doubts_noted = true;
	delivery_doubt(&c->outlets);
	for (u = c->model.users; u != NULL; u = u->next) {
		if (!u->stored || (!u->pep.doubtful[NODE_PUBLIC] && !u->pep.doubtful[NODE_PRIVATE]))
			continue;
		s = say(&c->env, ACTION_NOTE_PUBLISHED);
		if (s == NULL)
			return;
		s->act.user = user_record(u);
		s->act.user.primary = say_str(&c->env, s, u->primary);
		for (node = 0; node < NODES; node++) {
			if (u->pep.doubtful[node])
				s->act.user.digest[node] = UINT64_MAX; /* of no item */
		}
	}
}

/* Hosts publish one after the other: on a link that is too slow for all the first one must not have all of it. */
static bool
next_publish(struct core *c, struct action *act)
{
	struct host *h = c->published_last;
	size_t i;

	for (i = 0; i < c->model.hosts.count; i++) {
		h = host_next(&c->model, h);
		if (h == NULL)
			h = host_next(&c->model, NULL);
		if (pep_next(&c->outlets, h, act)) {
			c->published_last = h;
			return true;
		}
	}
	return false;
}

/* What is published, told and asked, at its pace. */
static bool
next_paced(struct core *c, struct action *act)
{
	struct host *h;

	if (!c->env.link_up)
		return false;
	if (next_publish(c, act))
		return true;
	if (delivery_next(&c->outlets, act))
		return true;
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
		if (ask_next(c, h, act))
			return true;
	}
	/* There may be thousands of these. */
	return telling_next(&c->outlets, act);
}

static bool
next_action(struct core *c, struct action *act)
{
	/* A row of the registry is before what follows from it. */
	if (take_said(c, act) || start_anew(c, act))
		return true;
	if (answers_first(&c->env) && take_answer(c, act))
		return true;
	if (next_paced(c, act)) {
		follow_marks(c);
		answers_let_go(&c->env);
		return true;
	}
	/* What the ones above had to say, a user who is gone for example. */
	follow_marks(c);
	if (take_said(c, act) || take_answer(c, act))
		return true;
	if (c->env.draining && !c->drained &&
	    (((!c->env.link_up || !in_flight(c)) && c->flight.changes == NULL) ||
		c->env.now.mono_ms >= c->drain_until)) {
		if (!c->doubts_noted)
			note_doubts(c);
		if (take_said(c, act))
			return true;
		c->drained = true;
		memset(act, 0, sizeof(*act));
		act->kind = ACTION_DRAINED;
		return true;
	}
	return false;
}

bool
core_next(struct core *c, struct action *act)
{
	unsigned n;

	if (next_action(c, act))
		return true;
	/* What became due by the actions themselves is done now, so that the deadline is always ahead. */
	for (n = 0; n < ROUNDS_MAX && core_deadline(c) <= c->env.now.mono_ms; n++) {
		core_run_timers(c);
		if (next_action(c, act))
			return true;
	}
	return false;
}
