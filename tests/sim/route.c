/* Presence and subscriptions as servers route them; each domain's stream keeps its order. */
#include "sim.h"

#include <string.h>

#include "cover.h"

static int
stream_of(const struct sim *s, int account)
{
	if (s->accounts[account].host >= 0)
		return STREAM_OURS;
	return s->accounts[account].trusted ? STREAM_TRUSTED : STREAM_FAR;
}

bool
route_reaches(const struct sim *s, int account)
{
	return s->accounts[account].host >= 0 || !s->remote_down;
}

static void
put(struct sim *s, int account, struct event *ev)
{
	int stream = stream_of(s, account);
	bool faulty = !s->healed && stream != STREAM_OURS;
	uint64_t at = s->now.mono_ms;

	if (!s->up)
		return;
	if (!route_reaches(s, account) || (faulty && (s->faults & FAULT_LOSS) && sim_chance(s, 4))) {
		s->missed = true;
		cover(COVER_FAULT, route_reaches(s, account) ? 1 : 10, 0);
		return;
	}
	at += sim_below(s, stream == STREAM_OURS ? 4 : 200);
	if (faulty && (s->faults & FAULT_DELAY) && sim_chance(s, 10)) {
		at += sim_below(s, 4000);
		cover(COVER_FAULT, 0, 0);
	}
	drive_in_order(s, stream, at - s->now.mono_ms, ev);
}

static void
send_to(struct sim *s, int account, int client, int user, const char *resource, enum presence_type type)
{
	const struct account *a = &s->accounts[account];
	struct event ev = {.kind = EVENT_PRESENCE};

	if (user >= 0 && a->blocks[user] && (type == PRESENCE_AVAILABLE || type == PRESENCE_UNAVAILABLE))
		return;
	if (client >= 0 && type == PRESENCE_AVAILABLE)
		ev.presence = a->clients[client].p;
	ev.presence.type = type;
	ev.from.bare = a->jid;
	ev.from.resource = client > 0 || (client == 0 && !a->bare) ? client_name(client) : NULL;
	ev.to.bare = user >= 0 ? s->people[user].bridge : SIM_DOMAIN;
	ev.to.resource = resource;
	put(s, account, &ev);
}

void
route_send(struct sim *s, int account, int client, int user, enum presence_type type)
{
	send_to(s, account, client, user, NULL, type);
}

/* To RESOURCE of the bridge; NULL: to the bare JID. */
static bool
send_clients(struct sim *s, int account, int user, const char *resource, enum presence_type type)
{
	bool any = false;
	int c;

	for (c = 0; c < SIM_CLIENTS; c++) {
		if (!s->accounts[account].clients[c].available)
			continue;
		any = true;
		send_to(s, account, c, user, resource, type);
	}
	return any;
}

/* What is meant for one contact comes as a hint as well, where he is at home. */
static void
directed(struct sim *s, int account, int client)
{
	struct event ev = {.kind = EVENT_PRESENCE};

	if (!sim_chance(s, 20))
		return;
	ev.from.bare = s->accounts[account].jid;
	ev.from.resource = client_name(client);
	ev.to.bare = SIM_DOMAIN;
	ev.presence.type = sim_chance(s, 50) ? PRESENCE_AVAILABLE : PRESENCE_UNAVAILABLE;
	ev.presence.show = SHOW_XA;
	ev.presence.status = "for one alone";
	drive_later(s, sim_below(s, 1000), &ev, NULL);
}

/* The same by the presence privilege: of the account itself, and of contacts where that is granted. */
static void
hint(struct sim *s, int account, int client, bool killed)
{
	const struct account *a = &s->accounts[account];
	enum presence_type type = a->clients[client].available ? PRESENCE_AVAILABLE : PRESENCE_UNAVAILABLE;
	int u, h;

	if ((killed && s->personality != PROSODY) || s->stripped)
		return;
	if (a->host >= 0 && s->grants[a->host] && s->final[a->host].presence) {
		route_send(s, account, client, -1, type);
		if (s->final[a->host].presence_roster)
			directed(s, account, client);
		return;
	}
	for (u = 0; u < s->nusers; u++) {
		h = s->accounts[u].host;
		if (s->grants[h] && s->final[h].presence_roster && s->people[u].roster[account] > SUBSCRIPTION_NONE &&
		    sim_chance(s, 70)) {
			route_send(s, account, client, -1, type);
			return;
		}
	}
}

void
route_changed(struct sim *s, int account, int client, bool killed)
{
	struct account *a = &s->accounts[account];
	struct client *from = &a->clients[client];
	bool hint_first = sim_chance(s, 50);
	int u;

	if (hint_first)
		hint(s, account, client, killed);
	for (u = 0; u < s->nusers; u++) {
		if (a->subs[u] == SUB_YES || (from->directed[u] && !from->available))
			route_send(s, account, client, u, from->available ? PRESENCE_AVAILABLE : PRESENCE_UNAVAILABLE);
		from->directed[u] = from->directed[u] && from->available;
	}
	if (!hint_first)
		hint(s, account, client, killed);
}

void
route_approve(struct sim *s, int account, int user)
{
	struct account *a = &s->accounts[account];

	a->subs[user] = SUB_YES;
	if (a->late_approval && (!a->bare_approval || s->healed))
		send_clients(s, account, user, NULL, PRESENCE_AVAILABLE);
	route_send(s, account, -1, user, PRESENCE_SUBSCRIBED);
	if (!a->late_approval && (!a->bare_approval || s->healed))
		send_clients(s, account, user, NULL, PRESENCE_AVAILABLE);
	if (a->asks_back)
		route_send(s, account, -1, user, PRESENCE_SUBSCRIBE);
}

void
route_end(struct sim *s, int account, int user)
{
	struct account *a = &s->accounts[account];
	bool first = sim_chance(s, 50), had = a->subs[user] == SUB_YES;

	a->subs[user] = SUB_NONE;
	if (had && first)
		send_clients(s, account, user, NULL, PRESENCE_UNAVAILABLE);
	route_send(s, account, -1, user, PRESENCE_UNSUBSCRIBED);
	if (had && !first)
		send_clients(s, account, user, NULL, PRESENCE_UNAVAILABLE);
	if (sim_chance(s, 50))
		route_send(s, account, -1, user, PRESENCE_UNSUBSCRIBE);
}

static void
bounce(struct sim *s, int account, int user)
{
	static const enum condition errors[] = { COND_REMOTE_SERVER_NOT_FOUND, COND_REMOTE_SERVER_TIMEOUT,
		COND_SERVICE_UNAVAILABLE, COND_FORBIDDEN, COND_GONE };
	struct event ev = {.kind = EVENT_PRESENCE};

	if (!s->up)
		return;
	ev.from.bare = s->accounts[account].jid;
	ev.to.bare = s->people[user].bridge;
	ev.presence.type = PRESENCE_ERROR;
	ev.presence.error = errors[sim_below(s, 5)];
	drive_later(s, sim_below(s, 8000), &ev, NULL);
}

/* Who hasn't read so far what he is asked has, after six seconds; in the end everybody agrees. */
static void
agrees_in_the_end(struct sim *s, int account, int user)
{
	struct event ev = {.kind = EVENT_MESSAGE};

	if (s->accounts[account].manner == REFUSING)
		return;
	ev.from.bare = s->accounts[account].jid;
	ev.from.resource = "r1";
	ev.to.bare = s->people[user].bridge;
	ev.message.word = WORD_YES;
	ev.message.chat = true;
	drive_later(s, 6000, &ev, NULL);
}

/* Not every account takes messages of who is no contact yet, or keeps them; in the end each takes its questions. */
void
route_message(struct sim *s, const struct action *act)
{
	int user = user_of_bridge(s, act->from.bare), account = account_of(s, act->to.bare);
	struct event ev = {.kind = EVENT_MESSAGE};

	if (user < 0 || account < 0 || !s->up)
		return;
	if (s->healed && route_reaches(s, account) &&
	    (act->text.id == TEXT_CONFIRM_CONTACTS || act->text.id == TEXT_CONFIRM_SELF))
		agrees_in_the_end(s, account, user);
	if (route_reaches(s, account) && (s->healed || !sim_chance(s, 10)))
		return;
	ev.from.bare = s->accounts[account].jid;
	ev.to.bare = s->people[user].bridge;
	ev.message.error = true;
	ev.message.word = sim_chance(s, 50) ? WORD_OTHER : WORD_NONE;
	drive_later(s, sim_below(s, 8000), &ev, NULL);
}

/*
 * Of a roster that can't be read nothing is known, and nothing is written to it;
 * Prosody has in memory that of who is online, ejabberd what its sessions need.
 */
static bool
takes_damaged(const struct sim *s, const struct account *a, enum presence_type type)
{
	bool online = false;
	int c;

	for (c = 0; c < SIM_CLIENTS; c++)
		online = online || a->clients[c].available;
	if (type == PRESENCE_PROBE)
		return online || s->personality != PROSODY;
	return type == PRESENCE_UNSUBSCRIBED; /* that it sees the bridge no more is another matter */
}

void
route_presence(struct sim *s, const struct action *act)
{
	int user = user_of_bridge(s, act->from.bare), account = account_of(s, act->to.bare);
	const char *resource;
	struct account *a;

	if (user < 0 || account < 0)
		return;
	a = &s->accounts[account];
	if (a->damaged && !takes_damaged(s, a, act->presence.type))
		return;
	if (!route_reaches(s, account)) {
		if (act->presence.type == PRESENCE_SUBSCRIBE || act->presence.type == PRESENCE_PROBE)
			bounce(s, account, user);
		return;
	}
	switch (act->presence.type) {
	case PRESENCE_SUBSCRIBE:
		if (a->subs[user] == SUB_YES) {
			route_approve(s, account, user);
			break;
		}
		a->subs[user] = SUB_PENDING;
		if (!a->silent && sim_chance(s, 50))
			route_send(s, account, -1, user, PRESENCE_UNAVAILABLE);
		break;
	case PRESENCE_PROBE:
		/* The answer goes to where the probe came from (SERVERS 12). */
		resource = sim_dup(s, act->from.resource);
		if (a->deaf || a->blocks[user])
			break;
		if (a->subs[user] == SUB_YES && !send_clients(s, account, user, resource, PRESENCE_AVAILABLE) &&
		    !a->silent)
			send_to(s, account, -1, user, resource, PRESENCE_UNAVAILABLE);
		break;
	case PRESENCE_UNSUBSCRIBE:
		if (a->subs[user] != SUB_NONE && s->personality != PROSODY)
			route_end(s, account, user);
		a->subs[user] = SUB_NONE;
		break;
	case PRESENCE_SUBSCRIBED:
		a->sees[user] = true;
		break;
	case PRESENCE_UNSUBSCRIBED:
		a->sees[user] = false;
		if (a->asks_back)
			route_send(s, account, -1, user, PRESENCE_SUBSCRIBE);
		break;
	default:
		break;
	}
}

/* XEP-0191, sections 3.3 and 3.4: whoever is blocked is told that nobody is there, and what is so when that is over. */
void
route_block(struct sim *s, int account, int user, bool blocks)
{
	struct account *a = &s->accounts[account];

	if (a->blocks[user] == blocks)
		return;
	sim_line(s, "-- %s %s %s", a->jid, blocks ? "blocks" : "unblocks", s->people[user].jid);
	if (blocks && a->subs[user] == SUB_YES)
		send_clients(s, account, user, NULL, PRESENCE_UNAVAILABLE);
	a->blocks[user] = blocks;
	if (!blocks && a->subs[user] == SUB_YES)
		send_clients(s, account, user, NULL, PRESENCE_AVAILABLE);
}

/* Prosody tells a component that connects who is there. */
void
route_connected(struct sim *s)
{
	int i, c;

	if (s->personality != PROSODY)
		return;
	for (i = 0; i < s->naccounts; i++) {
		for (c = 0; c < SIM_CLIENTS; c++) {
			if (s->accounts[i].host >= 0 && s->accounts[i].clients[c].available)
				hint(s, i, c, false);
		}
	}
}
