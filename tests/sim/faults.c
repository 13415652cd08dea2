/* What goes wrong, and how it heals. */
#include "sim.h"

#include <string.h>

static void
cut(struct sim *s)
{
	uint64_t end;

	if (!s->up) {
		drive_link_up(s);
		return;
	}
	drive_link_down(s);
	end = s->now.mono_ms + (sim_chance(s, 70) ? 1000 + sim_below(s, 3000) : sim_below(s, 120000));
	while (!s->failed && drive_turn(s, end))
		;
	if (!s->failed && sim_chance(s, 85))
		drive_link_up(s);
}

static void
restart(struct sim *s, bool crash)
{
	bool drain;

	s->crashed = s->crashed || crash;
	sim_line(s, crash ? "-- crash" : "-- restart");
	/* A second signal doesn't wait: for the next process that is a crash which lost nothing noted. */
	drain = !crash && sim_chance(s, 80);
	drive_stop(s, drain, crash);
	if (s->failed)
		return;
	s->now.mono_ms += 1000;
	s->now.wall_ms += 1000;
	drive_start(s, !drain);
	if (!s->failed && sim_chance(s, 85))
		drive_link_up(s);
}

/* Privileges that go, come back, or are others. */
static void
regrant(struct sim *s)
{
	int h = (int)sim_below(s, SIM_HOSTS);
	struct grant_event *g = &s->final[h];

	if (!s->wishes[h])
		return;
	*g = s->wished[h];
	s->grants[h] = true;
	if (sim_chance(s, 60)) {
		if (sim_chance(s, 30))
			g->roster = 0;
		if (sim_chance(s, 30))
			g->message = false;
		if (sim_chance(s, 30))
			g->presence = g->presence_roster = false;
		if (sim_chance(s, 40))
			g->iq_owner = 0;
		if (sim_chance(s, 30))
			g->iq_pubsub = g->iq_owner = 0;
	}
	sim_line(s, "-- grants of host %d change", h);
	if (s->up)
		server_grant(s, h, g, sim_chance(s, 70) ? 0 : sim_below(s, 20000));
}

/* The user, or one of her clients, makes her node wider. */
static void
widen(struct sim *s)
{
	struct node *n = &s->people[sim_below(s, (uint64_t)s->nusers)].nodes[sim_below(s, NODES)];

	if (n->exists)
		n->config.access = ACCESS_OTHER;
}

void
faults_act(struct sim *s)
{
	int f = 1 << (3 + sim_below(s, 9));

	if (!s->up && sim_chance(s, 50)) {
		drive_link_up(s);
		return;
	}
	switch (s->faults & f) {
	case FAULT_CUT:
		cut(s);
		break;
	case FAULT_RESTART:
		restart(s, false);
		break;
	case FAULT_CRASH:
		restart(s, true);
		break;
	case FAULT_STORE:
		s->reg.failing = !s->reg.failing;
		break;
	case FAULT_GRANT:
		regrant(s);
		break;
	case FAULT_FULL:
		s->full_until = s->now.mono_ms + sim_below(s, 3000);
		break;
	case FAULT_REMOTE:
		s->remote_down = !s->remote_down;
		s->missed = true;
		break;
	case FAULT_NODE:
		widen(s);
		break;
	default:
		break;
	}
}

void
faults_heal(struct sim *s)
{
	bool changed = memcmp(s->final, s->wished, sizeof(s->final)) != 0 ||
	    memcmp(s->grants, s->wishes, sizeof(s->grants)) != 0;
	int h;

	s->healed = true;
	s->remote_down = false;
	s->reg.failing = false;
	s->full_until = 0;
	drive_pump(s);
	memcpy(s->final, s->wished, sizeof(s->final));
	memcpy(s->grants, s->wishes, sizeof(s->grants));
	/* What was lost on other servers' streams is asked for again only on a new one of ours. */
	if (s->up && s->missed)
		drive_link_down(s);
	if (!s->up) {
		s->now.mono_ms += 1000;
		s->now.wall_ms += 1000;
		drive_link_up(s);
	} else if (changed) {
		for (h = 0; h < SIM_HOSTS; h++) {
			if (s->grants[h])
				server_grant(s, h, &s->final[h], 25000);
		}
	}
}
