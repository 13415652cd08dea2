/* What goes wrong, and how it heals. */
#include "sim.h"

#include <string.h>

#include "base/err.h"
#include "cover.h"

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

	sim_line(s, crash ? "-- crash" : "-- restart");
	/* A second signal doesn't wait: for the next process that is a crash which lost nothing noted. */
	drain = !crash && sim_chance(s, 80);
	drive_stop(s, drain, crash);
	if (s->failed)
		return;
	s->now.mono_ms += 1000;
	s->now.wall_ms += 1000;
	if (sim_chance(s, 25))
		registry_earlier(s);
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
		if (sim_chance(s, 30))
			g->iq_blocking = 0;
	}
	sim_line(s, "-- grants of host %d change", h);
	if (s->up)
		server_grant(s, h, g, sim_chance(s, 70) ? 0 : sim_below(s, 20000));
}

/* The user, or one of her clients, makes her node wider; or the PEP service has troubles of its own. */
static void
disturb(struct sim *s)
{
	struct node *n = &s->people[sim_below(s, (uint64_t)s->nusers)].nodes[sim_below(s, NODES)];

	switch (sim_below(s, 4)) {
	case 0:
		s->small_items = !s->small_items;
		break;
	case 1:
		s->pep_down = !s->pep_down;
		break;
	default:
		if (n->exists)
			n->config.access = ACCESS_OTHER;
		break;
	}
}

/* The wall clock is set, or the machine has slept; the monotonic one knows nothing of it (F14). */
static void
jump(struct sim *s)
{
	static const int64_t minutes[] = {1, -1, 8 * 60, 24 * 60, -24 * 60, 400 * 24 * 60, -90 * 24 * 60};

	s->now.wall_ms += minutes[sim_below(s, 7)] * 60000;
	sim_line(s, "-- the clock jumps");
}

/* Settings that make no sense: they must change nothing. */
static void
reload_badly(struct sim *s)
{
	struct core_settings bad = s->set;

	switch (sim_below(s, 5)) {
	case 0:
		bad.domain = "other.test";
		break;
	case 1:
		bad.burst = 0;
		break;
	case 2:
		bad.probes_per_s = 0;
		break;
	case 3:
		bad.rosters_per_s = 0;
		break;
	default:
		bad.access = ACCESS_OTHER;
		break;
	}
	if (core_configure(s->core, &bad) != ERR_INVALID)
		sim_fail(s, "F16: settings that make no sense are taken");
}

/* Take over what is set now. */
static void
take_settings(struct sim *s)
{
	int h, i;

	for (i = 0; i < s->nusers; i++) {
		/* Of whom nothing was shown as long as her host was not named nobody knows where she is. */
		if (s->unnamed[s->accounts[i].host] && known_named(s, s->accounts[i].host))
			s->people[i].probed_at = 0;
		s->people[i].nodes[NODE_PUBLIC].npublished = 0; /* another rate from here on */
		s->people[i].narrowed = s->people[i].narrowed || s->set.access == ACCESS_WHITELIST ||
		    !known_named(s, s->accounts[i].host);
	}
	if (s->set.settle_ms < s->settle_min)
		s->settle_min = s->set.settle_ms;
	if (s->set.settle_ms > s->settle_max)
		s->settle_max = s->set.settle_ms;
	if (s->set.probes_per_s > s->probes_max)
		s->probes_max = s->set.probes_per_s;
	if (s->set.rosters_per_s > s->rosters_max)
		s->rosters_max = s->set.rosters_per_s;
	if (s->set.audit_s != 0 && (s->audit_min == 0 || s->set.audit_s < s->audit_min))
		s->audit_min = s->set.audit_s;
	for (h = 0; h < SIM_HOSTS; h++) {
		s->told_grant[h] = s->told_grant[h] && known_host(s, h);
		s->unnamed[h] = !known_named(s, h);
	}
	if (core_configure(s->core, &s->set) != 0)
		sim_fail(s, "F16: good settings are refused");
	drive_kind(s, EVENT_TICK);
}

static void
reload(struct sim *s)
{
	static const unsigned windows[] = {50, 250, 2000}, rates[] = {500, 2000, 5000}, bursts[] = {2, 10, 20},
			      settles[] = {5000, 30000}, probes[] = {2, 10, 500}, lingers[] = {3000, 20000},
			      expires[] = {0, 3600, 24 * 60 * 60}, audits[] = {0, 30, 600};
	static const char *const groups[] = {"Devices", "Phones", ""};

	sim_line(s, "-- reload");
	cover(COVER_RUN, (int)s->personality, 2);
	if (sim_chance(s, 25)) {
		reload_badly(s);
		return;
	}
	s->set.window_ms = windows[sim_below(s, 3)];
	s->set.rate_ms = rates[sim_below(s, 3)];
	s->set.burst = bursts[sim_below(s, 3)];
	s->set.settle_ms = settles[sim_below(s, 2)];
	s->set.probes_per_s = probes[sim_below(s, 3)];
	s->set.rosters_per_s = sim_chance(s, 50) ? 20 : 1;
	s->set.linger_ms = lingers[sim_below(s, 2)];
	s->set.group = groups[sim_below(s, 3)];
	if (sim_chance(s, 20))
		s->set.expire_s = expires[sim_below(s, 3)];
	if (sim_chance(s, 30))
		s->set.audit_s = audits[sim_below(s, 3)];
	if (sim_chance(s, 30))
		s->set.deliver = sim_chance(s, 50) ? DELIVER_AUTO : sim_chance(s, 50) ? DELIVER_ALWAYS : DELIVER_NEVER;
	if (sim_chance(s, 20))
		s->set.access = sim_chance(s, 50) ? ACCESS_PRESENCE : ACCESS_WHITELIST;
	if (sim_chance(s, 20))
		s->set.nhosts = 1 + sim_below(s, SIM_HOSTS);
	take_settings(s);
}

/*
 * A second connection of our domain, which Prosody refuses; with its end the
 * privileges of ours are gone.  What was on the line too short a time to be
 * noticed is made good by the next stream only.
 */
static void
second(struct sim *s)
{
	int h;

	if (s->personality == PROSODY)
		return;
	sim_line(s, s->second ? "-- the other connection ends" : "-- another connection");
	s->second = !s->second;
	if (s->second) {
		s->second_ever = true;
		s->second_at = s->now.mono_ms;
		s->betrayed = false;
		return;
	}
	for (h = 0; h < SIM_HOSTS; h++)
		s->gone[h] = s->up;
	s->stripped = s->up;
	/* By chance all of a round may have come back to us. */
	if (s->mute || !s->betrayed || s->now.mono_ms < s->second_at + 80000 || s->now.mono_ms < s->up_at + 20000)
		s->missed = true;
}

/* Somebody's roster grows beyond all bounds, or becomes like others again. */
static void
resize(struct sim *s)
{
	struct person *p = &s->people[sim_below(s, (uint64_t)s->nusers)];

	p->large = !p->large && sim_chance(s, 50);
	p->portion = sim_below(s, 4);
	sim_line(s, "-- the roster of %s: portions of %zu%s", p->jid, p->portion, p->large ? ", too large" : "");
}

static void
passes(struct sim *s, uint64_t ms)
{
	uint64_t end = s->now.mono_ms + ms;

	while (!s->failed && drive_turn(s, end))
		;
}

/* Most of it while nobody listens: an account is deleted, and its name registered anew; or a contact is removed. */
static void
change_hands(struct sim *s)
{
	int a = (int)sim_below(s, (uint64_t)s->naccounts), u = (int)sim_below(s, (uint64_t)s->nusers);
	bool down = sim_chance(s, 75);

	if (down && s->up)
		drive_link_down(s);
	if (s->failed)
		return;
	if (sim_chance(s, 60)) {
		sim_line(s, "-- %s is somebody else's", s->accounts[a].jid);
		claim_deletes(s, a);
	} else {
		u = a < s->nusers && sim_chance(s, 50) ? a : u;
		sim_line(s, "-- %s removes %s", s->accounts[a].jid, s->people[u].bridge);
		route_end(s, a, u);
	}
	passes(s, sim_below(s, 5000));
	if (!s->failed && down && sim_chance(s, 85))
		drive_link_up(s);
	/* Long enough, sometimes, for it to be seen. */
	if (!s->failed && sim_chance(s, 50))
		passes(s, sim_below(s, 300000));
}

/* Rosters that can't be read read as empty ones: one's, or all of a host's; or they are mended. */
static void
damage(struct sim *s)
{
	int a = (int)sim_below(s, (uint64_t)s->naccounts), i, h = s->accounts[a].host;
	bool yes = !s->accounts[a].damaged, all = sim_chance(s, 40);

	if (h < 0)
		return;
	sim_line(s, "-- the storage of %s is %s", all ? host_names[h] : s->accounts[a].jid, yes ? "damaged" : "mended");
	for (i = 0; i < s->naccounts; i++) {
		if (i == a || (all && s->accounts[i].host == h))
			s->accounts[i].damaged = yes;
	}
	s->missed = true;
	if (sim_chance(s, 50))
		passes(s, sim_below(s, 200000));
}

/* No user's own account does so with her own bridge: she would leave. */
static void
block(struct sim *s)
{
	int a = (int)sim_below(s, (uint64_t)s->naccounts), u = (int)sim_below(s, (uint64_t)s->nusers);

	if (a != u)
		route_block(s, a, u, !s->accounts[a].blocks[u]);
}

void
faults_act(struct sim *s)
{
	static const int acts[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21};
	int i = acts[sim_below(s, sizeof(acts) / sizeof(acts[0]))], f = 1 << i;

	if (!s->up && sim_chance(s, 50)) {
		drive_link_up(s);
		return;
	}
	if (s->faults & f & ~(FAULT_STRANGER | FAULT_MEMORY))
		cover(COVER_FAULT, i, 0);
	switch (s->faults & f) {
	case FAULT_CUT:
		cut(s);
		break;
	case FAULT_RESTART:
		cover(COVER_RUN, (int)s->personality, 3);
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
		if (sim_chance(s, 10))
			people_insist(s);
		break;
	case FAULT_REMOTE:
		s->remote_down = !s->remote_down;
		s->missed = true;
		break;
	case FAULT_NODE:
		disturb(s);
		break;
	case FAULT_CLOCK:
		jump(s);
		break;
	case FAULT_RELOAD:
		reload(s);
		break;
	case FAULT_SECOND:
		second(s);
		break;
	case FAULT_SIZE:
		resize(s);
		break;
	case FAULT_DEATH:
		silent_death(s);
		break;
	case FAULT_FREEZE:
		silent_freeze(s);
		break;
	case FAULT_ACCOUNT:
		change_hands(s);
		break;
	case FAULT_STORAGE:
		damage(s);
		break;
	case FAULT_BLOCK:
		block(s);
		break;
	default:
		break;
	}
}

static bool
any_gone(const struct sim *s)
{
	int h;

	for (h = 0; h < SIM_HOSTS; h++) {
		if (s->up && s->grants[h] && !s->told_grant[h])
			return true;
	}
	return false;
}

/* What a host grants and has not said on this stream the core wins back by itself, unless it has tried often enough. */
static void
win_back(struct sim *s)
{
	uint64_t end = s->now.mono_ms + 180000;

	drive_unhold(s);
	while (!s->failed && any_gone(s) && drive_turn(s, end))
		;
	if (any_gone(s))
		drive_link_down(s);
}

/* The core notices by itself that there was another connection, and asks for a new stream. */
static void
alone(struct sim *s)
{
	uint64_t end;

	if (s->second)
		second(s);
	if (!s->up || !s->stripped || s->missed)
		return;
	end = s->now.mono_ms + 90000;
	while (!s->failed && s->stripped && drive_turn(s, end))
		;
	if (s->stripped)
		sim_fail(s, "17: the end of another connection is not noticed");
}

void
faults_heal(struct sim *s)
{
	bool changed = memcmp(s->final, s->wished, sizeof(s->final)) != 0 ||
	    memcmp(s->grants, s->wishes, sizeof(s->grants)) != 0;
	bool all;
	int h, i;

	s->healed = true;
	alone(s);
	win_back(s);
	for (i = 0; i < s->nusers; i++)
		s->people[i].large = false;
	s->remote_down = false;
	for (h = 0; h < s->naccounts; h++)
		s->accounts[h].damaged = false;
	for (h = 0; h < s->naccounts; h++)
		for (i = 0; i < s->nusers; i++)
			route_block(s, h, i, false);
	s->reg.failing = s->small_items = s->pep_down = false;
	drive_unhold(s);
	drive_pump(s);
	/* Of a host that stays removed the items stay empty. */
	all = s->opt.seed % 4 != 0;
	if ((s->set.nhosts < SIM_HOSTS && all) || (s->deaths && s->set.audit_s != 30)) {
		if (all)
			s->set.nhosts = SIM_HOSTS;
		s->set.audit_s = 30;
		take_settings(s);
	}
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
