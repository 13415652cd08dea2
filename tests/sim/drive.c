/* The core's caller: feeds events, takes actions, moves the clock to the next moment at which anything happens. */
#include "sim.h"

#include <string.h>

#include "base/err.h"
#include "actions.h"
#include "base/mem.h"
#include "cover.h"

#define ACTIONS_MAX 20000 /* at one moment: more is a circle */

static void
carry_out(struct sim *s, const struct action *act)
{
	trace_action(s, act);
	count_action(act);
	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
	case ACTION_NOTE_PUBLISHED:
		registry_takes(s, act);
		return;
	case ACTION_LOG:
		claim_said(s, &act->log);
		if (strcmp(act->log.event, "user.residue") == 0 && user_of(s, act->log.fields[0].value) >= 0)
			s->people[user_of(s, act->log.fields[0].value)].residue = true;
		if (strcmp(act->log.event, "device.asked") == 0)
			check_asked(s, act->log.fields[0].value, act->log.fields[2].value);
		if (strcmp(act->log.event, "device.ended") == 0)
			known_ended(s, act->log.fields[0].value, act->log.fields[1].value);
		return;
	case ACTION_DRAINED:
		s->drained = true;
		return;
	case ACTION_RECONNECT:
		if (!s->again)
			s->again_at = s->now.mono_ms;
		s->again = true;
		return;
	default:
		break;
	}
	if (!s->reg.async)
		registry_commit(s, false); /* durable before it may be seen */
	if (!s->up)
		return; /* dropped, as the program does */
	check_action(s, act);
	if (act->kind == ACTION_PRESENCE)
		route_presence(s, act);
	else
		server_takes(s, act);
}

static void
take(struct sim *s, const struct action *act)
{
	actions_begin(s, act);
	carry_out(s, act);
	actions_end(s);
}

static void
take_all(struct sim *s)
{
	struct action act;
	unsigned n = 0;

	do {
		while (!s->failed && core_next(s->core, &act)) {
			if (++n > ACTIONS_MAX) {
				sim_fail(s, "12: the core goes round in circles");
				return;
			}
			take(s, &act);
		}
		actions_flush(s);
	} while (!s->failed && registry_commit(s, true));
}

void
drive_unhold(struct sim *s)
{
	if (s->full_until > s->now.mono_ms)
		s->full_until = s->now.mono_ms;
}

void
drive_pump(struct sim *s)
{
	if (s->now.mono_ms < s->full_until)
		return;
	s->held = s->full_until != 0;
	take_all(s);
	s->held = false;
	s->full_until = 0;
	known_not_enrolled(s);
	known_ends(s);
	if (!s->failed && !s->drained && s->fed_at == s->now.mono_ms && core_deadline(s->core) <= s->now.mono_ms)
		sim_fail(s, "12: the core has nothing to do, and wants to be woken at once");
}

/* As the program does it: of what nobody waits for the addresses are never read. */
static struct event
unread(const struct event *ev)
{
	struct event head = *ev;

	if (ev->kind == EVENT_ROSTER_PUSH) {
		head.roster.nitems = 0;
	} else if (ev->kind == EVENT_ANSWER && ev->answer.extent == EXTENT_WHOLE) {
		head.answer.roster.nitems = 0;
		head.answer.blocklist.nitems = 0;
	}
	return head;
}

int
drive_core_well(struct sim *s, const struct event *ev)
{
	struct event head;

	s->fed_at = s->now.mono_ms;
	s->fed_wall = s->now.wall_ms;
	actions_event(s, ev);
	cover(COVER_EVENT, (int)ev->kind, 0);
	head = unread(ev);
	return core_feed(s->core, &s->now, core_awaits(s->core, &s->now, &head) ? ev : &head);
}

int
drive_core(struct sim *s, const struct event *ev)
{
	bool start = ev->kind == EVENT_LOAD_USER || ev->kind == EVENT_LOAD_DEVICE || ev->kind == EVENT_LOADED;
	uint64_t n;
	int status;

	if (!(s->faults & FAULT_MEMORY) || s->healed || start || !sim_chance(s, 4))
		return drive_core_well(s, ev);
	n = 1 + sim_below(s, sim_chance(s, 50) ? 6 : 40);
	mem_fail_at(n);
	status = drive_core_well(s, ev);
	if (mem_fail_at(0) < n)
		return status; /* it didn't need that many */
	/* What was to be said may be lost, as on the way: a new stream makes it good. */
	s->missed = true;
	s->nomem_at = s->now.mono_ms;
	cover(COVER_FAULT, 14, 0);
	cover(COVER_RUN, (int)s->personality, 1);
	if (status != ERR_NOMEM)
		return status;
	cover(COVER_EVENT, (int)ev->kind, 1);
	sim_line(s, "-- no memory: the same again");
	return drive_core_well(s, ev);
}

/* As the program does: what comes in portions is admitted by the core, or it is told of the beginning alone. */
static bool
is_passed_over(struct sim *s, struct event *ev, struct iq *iq)
{
	bool portion = ev->kind == EVENT_ANSWER && ev->answer.extent == EXTENT_PORTION;
	struct event begun = *ev;

	if (iq == NULL || !(portion || iq->begun))
		return false;
	if (iq->begun)
		return !iq->admitted;
	iq->begun = true;
	begun.answer.extent = EXTENT_TOO_LARGE;
	begun.answer.ok = false;
	begun.answer.error = COND_RESOURCE_CONSTRAINT;
	memset(&begun.answer.roster, 0, sizeof(begun.answer.roster));
	iq->admitted = core_admits(s->core, &s->now, &begun);
	if (!iq->admitted)
		*ev = begun;
	return false;
}

void
drive_feed(struct sim *s, const struct event *event, struct iq *iq)
{
	struct event copy = *event, *ev = &copy;
	int status;

	if (is_passed_over(s, ev, iq))
		return;
	trace_event(s, ev);
	known_event(s, ev, iq);
	status = drive_core(s, ev);
	if (status != 0)
		sim_fail(s, "core_feed() returned %d", status);
	if (iq != NULL && ev->kind == EVENT_ANSWER && ev->answer.extent == EXTENT_PORTION)
		iq->at = s->now.mono_ms; /* its time begins anew */
	else if (iq != NULL)
		iq->fed = true;
	drive_pump(s);
}

void
drive_kind(struct sim *s, enum event_kind kind)
{
	struct event ev = {.kind = kind};

	drive_feed(s, &ev, NULL);
}

void
drive_enqueue(struct sim *s, struct pending *p)
{
	struct pending **at = &s->queue;

	if (p->stream >= 0) {
		if (p->at < s->last_from[p->stream])
			p->at = s->last_from[p->stream];
		s->last_from[p->stream] = p->at;
	}
	while (*at != NULL && (*at)->at <= p->at)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

/* What comes of an action waits until it is known what comes of the others. */
static void
enqueue(struct sim *s, struct pending *p)
{
	if (s->taking.on)
		actions_hold(s, p);
	else
		drive_enqueue(s, p);
}

void
drive_in_order(struct sim *s, int stream, uint64_t ms, const struct event *ev)
{
	struct pending *p = sim_mem(s, sizeof(*p));

	p->at = s->now.mono_ms + ms;
	p->ev = *ev;
	p->stream = stream;
	enqueue(s, p);
}

void
drive_later(struct sim *s, uint64_t ms, const struct event *ev, struct iq *iq)
{
	struct pending *p = sim_mem(s, sizeof(*p));

	p->at = s->now.mono_ms + ms;
	p->ev = *ev;
	p->iq = iq;
	p->stream = -1;
	enqueue(s, p);
	if (iq != NULL && ev->answer.extent == EXTENT_WHOLE && (s->faults & FAULT_TWICE) && !s->healed &&
	    sim_chance(s, 20)) {
		struct pending *again = sim_mem(s, sizeof(*again));

		cover(COVER_FAULT, 2, 0);
		*again = *p;
		again->at += sim_below(s, 3000);
		again->stale = true;
		enqueue(s, again);
	}
}

/* An answer that was given already changes nothing. */
static void
feed_again(struct sim *s, struct pending *p)
{
	struct core_stats before, after;

	if (!p->iq->fed)
		return; /* the first one is still under way */
	trace_event(s, &p->ev);
	core_stats(s->core, &before);
	drive_core_well(s, &p->ev);
	core_stats(s->core, &after);
	if (after.strangers != before.strangers + 1)
		sim_fail(s, "5: an answer was taken twice");
	drive_pump(s);
}

/* A stanza goes to one connection, also when it is read in portions. */
static bool
goes_elsewhere(struct sim *s, const struct pending *p)
{
	bool part = p->iq != NULL && p->ev.kind == EVENT_ANSWER &&
	    (p->ev.answer.extent == EXTENT_PORTION || p->ev.answer.extent == EXTENT_LAST);

	if (p->local)
		return false;
	if (part && p->iq->went)
		return p->iq->elsewhere;
	if (!part)
		return s->second && sim_chance(s, 50);
	p->iq->went = true;
	return p->iq->elsewhere = s->second && sim_chance(s, 50);
}

static void
deliver(struct sim *s)
{
	struct pending *p = s->queue;

	s->queue = p->next;
	if (goes_elsewhere(s, p)) {
		sim_line(s, "-- the other connection takes a stanza");
		s->betrayed = s->betrayed || p->ev.kind == EVENT_HEADLINE;
		known_lost(s, &p->ev);
		return;
	}
	if (p->local)
		registry_feed(s, p->writes, !s->reg.failing);
	else if (p->stale && core_deadline(s->core) > s->now.mono_ms)
		feed_again(s, p);
	else if (!p->stale)
		drive_feed(s, &p->ev, p->iq);
}

/* The core wants another stream: this one ends, and a second later there is a new one. */
static void
renew(struct sim *s)
{
	if (s->up) {
		drive_link_down(s);
		s->again_at = s->now.mono_ms + 1000;
	} else {
		s->again = false;
		drive_link_up(s);
	}
}

bool
drive_turn(struct sim *s, uint64_t until)
{
	uint64_t deadline = s->drained ? UINT64_MAX : core_deadline(s->core), at;
	bool full = s->full_until > s->now.mono_ms;

	if (full && deadline < s->full_until)
		deadline = s->full_until;
	if (full && s->full_until < deadline)
		deadline = s->full_until;
	at = s->queue != NULL && s->queue->at < deadline ? s->queue->at : deadline;
	if (s->again && s->again_at < at)
		at = s->again_at;
	if (at > until)
		at = until;
	if (at > s->now.mono_ms) {
		s->now.wall_ms += (int64_t)(at - s->now.mono_ms);
		s->now.mono_ms = at;
	}
	if (s->again && s->again_at <= s->now.mono_ms) {
		renew(s);
	} else if (deadline <= at) {
		s->ticks++;
		drive_kind(s, EVENT_TICK);
	} else if (s->queue != NULL && s->queue->at <= at) {
		deliver(s);
	} else {
		return false;
	}
	if ((s->ticks & 15) == 0)
		check_gauges(s);
	return true;
}

/* What was on its way on the stream is lost with it. */
static void
drop_queue(struct sim *s, bool registry)
{
	struct pending **at = &s->queue;

	while (*at != NULL) {
		if ((*at)->local && !registry)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

void
drive_link_up(struct sim *s)
{
	bool lost;
	int h;

	if (s->up)
		return;
	s->up = true;
	s->stripped = false;
	s->epoch++;
	s->up_at = s->now.mono_ms;
	memset(s->granted_at, 0, sizeof(s->granted_at));
	s->settle_min = s->settle_max = s->set.settle_ms;
	s->probes_max = s->set.probes_per_s;
	s->rosters_max = s->set.rosters_per_s;
	memset(s->tokens, 0, sizeof(s->tokens));
	memset(s->nwanted, 0, sizeof(s->nwanted));
	s->tokens_at = s->now.mono_ms;
	memset(s->told_grant, 0, sizeof(s->told_grant));
	memset(s->worded, 0, sizeof(s->worded));
	memset(s->granted, 0, sizeof(s->granted));
	known_link(s, true);
	drive_kind(s, EVENT_LINK_UP);
	for (h = 0; h < SIM_HOSTS; h++) {
		/* Another connection of ours may take the advertisement, or close and take the privileges along. */
		lost = s->personality != PROSODY && (s->faults & FAULT_GRANT) && !s->healed && sim_chance(s, 15);
		s->gone[h] = lost && sim_chance(s, 50);
		if (s->grants[h] && !lost)
			server_grant(s, h, &s->final[h], s->personality == PROSODY ? 0 : sim_below(s, 40));
	}
	route_connected(s);
}

void
drive_link_down(struct sim *s)
{
	if (!s->up)
		return;
	s->up = false;
	drop_queue(s, false);
	drive_unhold(s);
	memset(s->told_grant, 0, sizeof(s->told_grant));
	memset(s->worded, 0, sizeof(s->worded));
	memset(s->granted, 0, sizeof(s->granted));
	known_link(s, false);
	drive_kind(s, EVENT_LINK_DOWN);
}

void
drive_start(struct sim *s, bool crashed)
{
	uint8_t seed[CORE_SEED_LEN];
	int i;

	for (i = 0; i < CORE_SEED_LEN; i++)
		seed[i] = (uint8_t)sim_below(s, 256);
	for (i = 0; i < s->naccounts; i++)
		s->accounts[i].nrostered = 0;
	s->naskings = 0;
	s->core = core_new(&s->set, seed, s->key);
	/* The buckets are new as well. */
	for (i = 0; i < s->naccounts; i++)
		memset(s->accounts[i].by, 0, sizeof(s->accounts[i].by));
	s->drained = s->again = false;
	known_start(s);
	registry_load(s, crashed);
}

/* The program ends: as it should, or at this very moment. */
void
drive_stop(struct sim *s, bool drain, bool crash)
{
	uint64_t end = s->now.mono_ms + 2500;

	if (drain) {
		drive_kind(s, EVENT_DRAIN);
		while (!s->failed && !s->drained && drive_turn(s, end))
			;
		if (!s->failed && !s->drained && s->full_until <= s->now.mono_ms)
			sim_fail(s, "F15: the core doesn't finish");
		registry_commit(s, true);
	}
	s->up = false;
	s->full_until = 0;
	drop_queue(s, true);
	registry_flush(s, crash);
	core_free(s->core);
	s->core = NULL;
	memset(s->told_grant, 0, sizeof(s->told_grant));
	memset(s->worded, 0, sizeof(s->worded));
	memset(s->granted, 0, sizeof(s->granted));
}
