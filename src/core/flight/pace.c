#include "core/flight/pace.h"
#include "core/model/host.h"

#include <string.h>

/* What was held up, by a server that doesn't read or a timer that is late, is made up for within these. */
#define PROBES_LATE_US 100000
#define ROSTERS_LATE_US 20000

/* Of the pace of probes: they are wanted more urgently elsewhere. */
#define AUDITS_SHARE 4

/* Rosters that somebody waits for, as a multiple of the others' pace. */
#define WANTED_TIMES 10

/* A roster costs the server, and us, more the more is in it: each so many items count as another one. */
#define ROSTER_ITEMS 1000

#define POLL_EVERY_MS 60000

/* So many are let go first. */
#define PATIENCE 3

#define SECOND_US 1000000

static uint64_t
now_us(const struct flight *flight)
{
	return flight->env->now.mono_ms * 1000;
}

void
pace_reset(struct flight *flight)
{
	struct host *h;
	enum turn turn;
	struct ring *r;
	struct pace *p;

	for (h = host_next(flight->model, NULL); h != NULL; h = host_next(flight->model, h)) {
		p = &h->pace;
		for (turn = 0; turn < TURNS; turn++) {
			while (turn != TURN_DUE && turn != TURN_POLL && (r = ring_first(&p->turns[turn])) != NULL)
				ring_out(r);
		}
		memset(p->passed, 0, sizeof(p->passed));
		p->probes_at = p->audits_at = p->rosters_at = p->wanted_at = now_us(flight);
	}
}

void
pace_put(struct host *h, enum turn turn, struct ring *r)
{
	ring_add(&h->pace.turns[turn], r);
}

void
pace_probe(struct user *u, enum turn turn)
{
	pace_put(u->host, turn, &u->probe_turn);
}

void
pace_roster(struct user *u, enum turn turn)
{
	pace_put(u->host, turn, &u->roster_turn);
}

void
pace_no_roster(struct user *u)
{
	ring_out(&u->roster_turn);
}

static struct user *
polled(const struct ring *r)
{
	return TABLE_OF(r, struct user, roster_turn);
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* When U's roster may be asked for again: the last request may have been lost with the link. */
static uint64_t
rested_at(const struct user *u)
{
	return u->roster_sent_at != 0 ? u->roster_sent_at + ROSTER_REST_MS : 0;
}

static uint64_t
poll_at(const struct user *u)
{
	return later(u->roster_asked_at != 0 ? u->roster_asked_at + POLL_EVERY_MS : 0, rested_at(u));
}

void
pace_poll(const struct flight *flight, struct user *u)
{
	if (!ring_in(&u->roster_turn))
		pace_roster(u, poll_at(u) <= flight->env->now.mono_ms ? TURN_DUE : TURN_POLL);
}

void
pace_polled(struct user *u)
{
	if (ring_in(&u->roster_turn) && !u->roster_wanted && !u->roster_once_more)
		pace_roster(u, TURN_POLL);
}

static bool
waits(const struct host *h, enum turn turn)
{
	return ring_first(&h->pace.turns[turn]) != NULL;
}

/* When the next of TURN may go; TIMER_NEVER: there is none. */
static uint64_t
at_us(const struct flight *flight, const struct host *h, enum turn turn)
{
	const struct pace *p = &h->pace;

	if (!flight->env->link_up || !waits(h, turn) || (flight->env->draining && turn != TURN_WANTED))
		return TIMER_NEVER;
	switch (turn) {
	case TURN_SPOKEN:
	case TURN_SETTLE:
		return p->probes_at;
	case TURN_AGAIN:
	case TURN_AUDIT:
		return waits(h, TURN_SETTLE) ? TIMER_NEVER : later(p->probes_at, p->audits_at);
	case TURN_WANTED:
		return p->wanted_at;
	case TURN_CLAIM:
	case TURN_ONCE_MORE:
		return p->rosters_at;
	case TURN_DUE:
	case TURN_POLL:
		return later(p->rosters_at, poll_at(polled(ring_first(&p->turns[turn]))) * 1000);
	case TURNS:
		break;
	}
	return TIMER_NEVER;
}

/* Which of the kinds from FIRST to LAST, which share a pace, goes next; TURNS: none. */
static enum turn
choose(const struct flight *flight, struct host *h, enum turn first, enum turn last)
{
	enum turn turn, next = TURNS;
	unsigned char *passed = h->pace.passed;

	for (turn = first; turn <= last; turn++) {
		if (at_us(flight, h, turn) > now_us(flight))
			continue;
		if (next == TURNS || (passed[turn] >= PATIENCE && passed[next] < PATIENCE))
			next = turn;
	}
	for (turn = first; turn <= last && next != TURNS; turn++) {
		if (turn == next)
			passed[turn] = 0;
		else if (passed[turn] < PATIENCE && at_us(flight, h, turn) <= now_us(flight))
			passed[turn]++;
	}
	return next;
}

bool
pace_take(const struct flight *flight, struct host *h, enum turn *turn, struct ring **who)
{
	*turn = choose(flight, h, TURN_SPOKEN, TURN_AUDIT);
	if (*turn == TURNS)
		*turn = choose(flight, h, TURN_WANTED, TURN_WANTED);
	if (*turn == TURNS)
		*turn = choose(flight, h, TURN_CLAIM, TURN_POLL);
	if (*turn == TURNS)
		return false;
	*who = ring_first(&h->pace.turns[*turn]);
	ring_out(*who);
	return true;
}

uint64_t
pace_deadline(const struct flight *flight, const struct host *h)
{
	uint64_t first = TIMER_NEVER, at;
	enum turn turn;

	for (turn = 0; turn < TURNS; turn++) {
		at = at_us(flight, h, turn);
		if (at < first)
			first = at;
	}
	return first != TIMER_NEVER ? (first + 999) / 1000 : TIMER_NEVER;
}

static void
spend(const struct flight *flight, uint64_t *at, uint64_t late, uint64_t cost)
{
	if (*at + late < now_us(flight))
		*at = now_us(flight) - late;
	*at += cost;
}

void
pace_probed(const struct flight *flight, struct host *h, enum turn turn, size_t probes)
{
	uint64_t cost = probes * SECOND_US / flight->env->set.probes_per_s;

	spend(flight, &h->pace.probes_at, PROBES_LATE_US, cost);
	if (turn == TURN_AGAIN || turn == TURN_AUDIT)
		spend(flight, &h->pace.audits_at, 0, AUDITS_SHARE * cost);
}

void
pace_asked(const struct flight *flight, struct host *h, enum turn turn, size_t items)
{
	uint64_t cost = (1 + items / ROSTER_ITEMS) * SECOND_US / flight->env->set.rosters_per_s;

	if (turn == TURN_WANTED)
		spend(flight, &h->pace.wanted_at, ROSTERS_LATE_US, cost / WANTED_TIMES);
	else
		spend(flight, &h->pace.rosters_at, ROSTERS_LATE_US, cost);
}

uint64_t
pace_audits_s(const struct flight *flight, size_t accounts)
{
	return (accounts * AUDITS_SHARE + flight->env->set.probes_per_s - 1) / flight->env->set.probes_per_s;
}

void
pace_forget(struct user *u)
{
	ring_out(&u->probe_turn);
	pace_no_roster(u);
}
