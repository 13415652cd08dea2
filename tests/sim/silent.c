/*
 * Who dies without a word, who answers no probe, servers that freeze: when the core may find somebody silent, and
 * when it has to (core/sources/audit.h).
 */
#include "sim.h"

#include <string.h>

#include "cover.h"

#define FREEZE_MS 90000
#define PARTS_MS 5000 /* an answer comes in parts for so long at most */

static void
kill_client(struct account *a, int client)
{
	if (!a->clients[client].available)
		return;
	a->clients[client].available = false;
	a->clients[client].dead = true;
}

static void
kill_account(struct sim *s, struct account *a)
{
	int c;

	if (a->deaf)
		return; /* nobody could ever tell */
	s->deaths = true;
	for (c = 0; c < SIM_CLIENTS; c++)
		kill_client(a, c);
}

/* A client, an account's, or half of those of a domain, as when the node of a cluster dies. */
void
silent_death(struct sim *s)
{
	struct account *a = &s->accounts[sim_below(s, (uint64_t)s->naccounts)];
	uint64_t how = sim_below(s, 3);
	int i;

	sim_line(s, "-- death at %s", how == 2 ? a->domain : a->jid);
	if (how == 0 && !a->deaf) {
		s->deaths = true;
		kill_client(a, (int)sim_below(s, SIM_CLIENTS));
	} else if (how == 1) {
		kill_account(s, a);
	}
	for (i = 0; how == 2 && i < s->naccounts; i++) {
		if (same_text(s->accounts[i].domain, a->domain) && sim_chance(s, 50))
			kill_account(s, &s->accounts[i]);
	}
}

/* All that a server would say comes later; what it has been told is kept. */
void
silent_freeze(struct sim *s)
{
	int stream = (int)sim_below(s, 3);
	uint64_t until = s->now.mono_ms + sim_below(s, FREEZE_MS);

	sim_line(s, "-- frozen: stream %d", stream);
	if (s->last_from[stream] < until)
		s->last_from[stream] = until;
}

/* To the address from which the account was probed on this stream: whatever it is, it is an answer. */
bool
silent_answers(const struct event *ev)
{
	return ev->to.resource != NULL && ev->presence.type != PRESENCE_ERROR;
}

/* Has nothing been heard of it for so long that it may have been asked for? */
static bool
is_due(const struct sim *s, const struct told *t)
{
	return s->audit_min != 0 && t->at + (uint64_t)s->audit_min * 1000 <= s->now.mono_ms;
}

/* Or, when another of its account was, have been missing in two answers? */
static bool
quiet(const struct sim *s, const struct told *t)
{
	return s->audit_min != 0 && t->at + 2 * PARTS_MS <= s->now.mono_ms;
}

bool
silent_may_be_hidden(const struct sim *s, int account, int client, const struct told *t)
{
	const struct account *a = &s->accounts[account];
	const struct client *k = &a->clients[client];

	/* What is alive and answers is shown, unless too much of what it said was lost, or it isn't subscribed to. */
	return quiet(s, t) &&
	    (!k->available || a->life > 0 || k->since > t->at || (s->faults & FAULT_SECOND) ||
		(a->host < 0 && (s->faults & (FAULT_LOSS | FAULT_REMOTE))));
}

bool
silent_may_be_stale(const struct sim *s, int account, int client, const struct told told[SIM_CLIENTS])
{
	bool due = false, any = false;
	int c;

	for (c = 0; c < SIM_CLIENTS; c++)
		due = due || (told[c].there && is_due(s, &told[c]));
	for (c = 0; c < SIM_CLIENTS; c++) {
		if (!told[c].there || (client >= 0 && client != c))
			continue;
		any = true;
		/* What was said beside one that had not fallen silent yet has perhaps not counted. */
		if (!told[c].ghost && !told[c].perhaps && !silent_may_be_hidden(s, account, c, &told[c]) &&
		    !(due && quiet(s, &told[c])))
			return false;
	}
	return any;
}

/* Does anybody else of that domain answer probes, so that its silence is more than the server's? */
static bool
has_witness(struct sim *s, int account)
{
	const struct link_entry *l;
	const struct account *b;
	bool available;
	int i, c, u;

	for (i = 0; i < s->naccounts; i++) {
		b = &s->accounts[i];
		available = false;
		for (c = 0; c < SIM_CLIENTS; c++)
			available = available || b->clients[c].available;
		if (i == account || !available || b->deaf || !same_text(b->domain, s->accounts[account].domain))
			continue;
		for (u = 0; u < s->nusers; u++) {
			l = u != i ? known_live(s, u, i) : NULL;
			if (s->people[u].state == IN && b->subs[u] == SUB_YES &&
			    (u == i || (l != NULL && l->stored && l->approved)))
				return true;
		}
	}
	return false;
}

/* In the end: OUT, what is true of the account, becomes what the core can know. */
void
silent_unknown(struct sim *s, int account, bool answered, const struct told told[SIM_CLIENTS],
    struct told out[SIM_CLIENTS])
{
	const struct account *a = &s->accounts[account];
	bool alone = !answered || !has_witness(s, account);
	int c;

	for (c = 0; c < SIM_CLIENTS; c++) {
		/* It was there before this stream, and nobody could say that it still is. */
		if (a->deaf && out[c].there && (!told[c].there || told[c].ghost))
			out[c].ghost = out[c].weak = true;
		if (!told[c].there || !(a->deaf ? !out[c].there : a->clients[c].dead && alone))
			continue;
		out[c] = told[c];
		out[c].ghost = out[c].weak = true;
	}
}
