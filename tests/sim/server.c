/* What the component's own server does with IQs and messages, by its personality. */
#include "sim.h"

#include <string.h>

#include "cover.h"

#define SLOW_MS 14000

static bool
ejabberd_silent(const struct sim *s)
{
	return s->personality == EJABBERD_2412 || s->personality == EJABBERD_2607;
}

static bool
is_pubsub(enum action_kind k)
{
	return k == ACTION_PUBLISH || k == ACTION_CREATE || k == ACTION_CONFIG_GET || k == ACTION_CONFIG_SET ||
	    k == ACTION_RETRACT || k == ACTION_AFFILIATE || k == ACTION_UNSUBSCRIBE;
}

/* Not all of whom she blocks is blocked as he is. */
static void
answer_blocklist(struct sim *s, struct iq *iq, struct answer_event *a)
{
	const struct person *p = &s->people[iq->user];
	struct address *items = sim_mem(s, SIM_ACCOUNTS_MAX * sizeof(*items));
	bool *shut = sim_mem(s, sizeof(p->shuts_out));
	size_t n = 0;
	int i;

	a->ok = true;
	if (s->pep_down) {
		a->ok = false;
		a->error = COND_INTERNAL_SERVER_ERROR;
		return;
	}
	memcpy(shut, p->shuts_out, sizeof(p->shuts_out));
	for (i = 0; i < s->naccounts; i++) {
		if (!shut[i])
			continue;
		items[n].bare = s->accounts[i].jid;
		items[n++].resource = i % 3 == 0 ? client_name(0) : NULL;
	}
	iq->shut = shut;
	a->payload = PAYLOAD_BLOCKLIST;
	a->blocklist.items = items;
	a->blocklist.nitems = n;
}

/* May the component do this by privilege at this moment? */
static bool
may(const struct sim *s, const struct iq *iq)
{
	int h = s->accounts[iq->user].host;
	const struct grant_event *g = &s->final[h];

	if (!s->grants[h] || s->gone[h] || s->personality == EJABBERD_2301)
		return false;
	if (iq->kind == ACTION_PUBLISH || iq->kind == ACTION_CREATE || iq->kind == ACTION_RETRACT)
		return g->iq_pubsub & MAY_SET;
	if (iq->kind == ACTION_BLOCKLIST_GET)
		return g->iq_blocking & MAY_GET;
	return g->iq_owner == (MAY_GET | MAY_SET);
}

static int
host_of(const char *jid)
{
	int h;

	for (h = 0; h < SIM_HOSTS - 1 && !same_text(strchr(jid, '@') + 1, host_names[h]); h++)
		;
	return h;
}

static void
too_large(struct answer_event *a)
{
	a->extent = EXTENT_TOO_LARGE;
	if (!a->ok)
		a->payload = PAYLOAD_NONE;
	a->ok = a->echo = a->wrapped = false;
	a->error = COND_RESOURCE_CONSTRAINT;
	a->inner_id = a->inner_from = a->text = NULL;
	a->app = APP_NONE;
	memset(&a->roster, 0, sizeof(a->roster));
	memset(&a->blocklist, 0, sizeof(a->blocklist));
}

static void
answer_roster(struct sim *s, const struct iq *iq, struct answer_event *a)
{
	int i, account = account_of(s, iq->to), h = host_of(iq->to);
	bool damaged = account >= 0 && s->accounts[account].damaged;
	const struct person *p = iq->user >= 0 ? &s->people[iq->user] : NULL;
	static const char *const group[] = {"Devices"};
	struct roster_item *items;
	size_t n = 0;

	if (!s->grants[h] || s->gone[h] || !(s->final[h].roster & MAY_GET)) {
		a->ok = false;
		a->error = COND_FORBIDDEN;
		return;
	}
	items = sim_mem(s, (SIM_ACCOUNTS_MAX + SIM_USERS_MAX) * sizeof(*items));
	for (i = 0; i < s->nusers; i++) {
		if (account < 0 || s->accounts[account].subs[i] != SUB_YES || damaged)
			continue;
		items[n].jid = s->people[i].bridge;
		items[n++].subscription = SUBSCRIPTION_FROM;
	}
	for (i = 0; p != NULL && i < s->naccounts && !damaged; i++) {
		if (p->roster[i] == SUBSCRIPTION_NONE && !p->group[i])
			continue;
		items[n].jid = s->accounts[i].jid;
		items[n].subscription = p->roster[i];
		items[n].groups = group;
		items[n++].ngroups = p->group[i];
	}
	a->ok = true;
	a->payload = PAYLOAD_ROSTER;
	a->roster.items = items;
	a->roster.nitems = n;
	if (p != NULL && p->large)
		too_large(a);
}

/* To a client: disco#info, ping. */
static bool
answer_client(struct sim *s, const struct iq *iq, struct answer_event *a)
{
	int i = account_of(s, iq->to), c = client_of(iq->to_resource);

	if (i < 0 || c < 0 || !s->accounts[i].clients[c].available) {
		a->ok = false;
		a->error = COND_SERVICE_UNAVAILABLE;
		return s->personality == PROSODY || i < 0 || s->accounts[i].host >= 0;
	}
	if (iq->kind == ACTION_PING)
		return true;
	a->payload = PAYLOAD_INFO;
	a->category = "client";
	a->type = s->accounts[i].type;
	return a->type != NULL;
}

/* To an account without resources, elsewhere: ejabberd with mod_privilege lets no IQ out to a bare JID. */
static bool
answer_entity(const struct sim *s, int account, struct answer_event *a)
{
	a->payload = PAYLOAD_INFO;
	a->category = "client";
	a->type = s->accounts[account].type;
	return a->type != NULL && !ejabberd_silent(s) && !s->remote_down;
}

static bool
privileged(struct sim *s, struct iq *iq, struct answer_event *a)
{
	if (!may(s, iq)) {
		if (ejabberd_silent(s))
			return false;
		a->ok = false;
		a->error = s->personality == PROSODY ? COND_FORBIDDEN : COND_SERVICE_UNAVAILABLE;
		return true;
	}
	a->wrapped = true;
	a->inner_id = iq->id;
	a->inner_from = s->personality == PROSODY ? NULL : iq->to;
	if (s->personality == EJABBERD_2412 && iq->way != WAY_PRIVILEGED_CAPS) {
		a->ok = a->echo = true;
		return true;
	}
	if (iq->kind == ACTION_BLOCKLIST_GET) {
		answer_blocklist(s, iq, a);
		return true;
	}
	return pep(s, iq, a);
}

/* False: silence. */
static bool
answer(struct sim *s, struct iq *iq, struct answer_event *a)
{
	static const char *const names[] = {"Prosody", "ejabberd", "ejabberd", "ejabberd"};
	int i = account_of(s, iq->to), h = i >= 0 ? s->accounts[i].host : -1;

	a->id = iq->id;
	a->ok = true;
	if (iq->to_resource != NULL)
		return answer_client(s, iq, a);
	if (iq->kind == ACTION_INFO_GET && i >= 0)
		return answer_entity(s, i, a);
	if (iq->kind == ACTION_ROSTER_GET) {
		answer_roster(s, iq, a);
		return a->ok || !ejabberd_silent(s);
	}
	if (iq->kind == ACTION_BLOCKLIST_GET || (is_pubsub(iq->kind) && iq->way != WAY_ORDINARY))
		return privileged(s, iq, a);
	if (s->personality == EJABBERD_2412)
		return false;
	if (is_pubsub(iq->kind)) {
		/* 26.07 drops them to a host that grants nothing. */
		if (s->personality == EJABBERD_2607 && (h < 0 || !s->grants[h] || s->gone[h]))
			return false;
		return pep(s, iq, a);
	}
	a->payload = PAYLOAD_INFO;
	a->category = "server";
	a->name = names[s->personality];
	return true;
}

static uint64_t
takes_time(struct sim *s)
{
	if ((s->faults & FAULT_DELAY) && !s->healed && sim_chance(s, 15))
		return sim_below(s, SLOW_MS);
	return sim_below(s, 30);
}

/* A ping to the component itself: the server routes it there. */
static void
return_ping(struct sim *s, const struct action *act)
{
	struct event ev = {.kind = EVENT_REQUEST};

	ev.from.bare = ev.to.bare = SIM_DOMAIN;
	ev.to.resource = sim_dup(s, act->to.resource);
	ev.request.kind = REQUEST_PING;
	ev.request.id = sim_dup(s, act->id);
	drive_later(s, takes_time(s), &ev, NULL);
}

/* A roster that comes in portions; not always to its end. */
static void
answer_in_portions(struct sim *s, struct iq *iq, struct event *ev, uint64_t ms)
{
	struct roster_event all = ev->answer.roster;
	size_t portion = s->people[iq->user].portion, at;

	count_outcome(iq->kind, 4);
	ev->answer.extent = EXTENT_PORTION;
	ev->answer.roster.nitems = portion;
	for (at = 0; all.nitems - at > portion; at += portion) {
		ev->answer.roster.items = all.items + at;
		drive_later(s, ms, ev, iq);
		ms += sim_chance(s, 20) ? sim_below(s, 3000) : 0;
		if (!s->healed && sim_chance(s, 4)) {
			count_outcome(iq->kind, 5);
			too_large(&ev->answer);
			drive_later(s, ms, ev, iq);
			return;
		}
	}
	ev->answer.extent = EXTENT_LAST;
	ev->answer.roster.items = all.items + at;
	ev->answer.roster.nitems = all.nitems - at;
	drive_later(s, ms, ev, iq);
}

static void
take_iq(struct sim *s, const struct action *act)
{
	struct iq *iq = sim_mem(s, sizeof(*iq));
	struct event ev = {.kind = EVENT_ANSWER};
	bool lossy = (s->faults & FAULT_LOSS) && !s->healed;

	iq->kind = act->kind;
	iq->id = sim_dup(s, act->id);
	iq->from = sim_dup(s, act->from.bare);
	iq->to = sim_dup(s, act->to.bare);
	iq->to_resource = sim_dup(s, act->to.resource);
	iq->way = act->way;
	iq->user = user_of(s, act->to.bare);
	iq->node = node_of(act->node);
	iq->access = act->access;
	iq->config = act->config;
	iq->at = iq->asked_at = s->now.mono_ms;
	iq->epoch = s->epoch;
	iq->key = s->taking.key;
	iq->word = act->kind == ACTION_ROSTER_GET && host_of(iq->to) >= 0 && !s->told_grant[host_of(iq->to)];
	iq->next = s->iqs;
	s->iqs = iq;
	if (same_text(iq->to, SIM_DOMAIN)) {
		return_ping(s, act);
		return;
	}
	if (act->kind == ACTION_PUBLISH) {
		iq->item = item_clone(s, &act->publish);
		iq->content = item_content(iq->item);
	}
	if ((lossy && sim_chance(s, 8)) || !answer(s, iq, &ev.answer) || (lossy && sim_chance(s, 8))) {
		/* It never came there, or is dropped there, or its answer is. */
		count_outcome(iq->kind, 3);
		return;
	}
	ev.from.bare = iq->to;
	ev.from.resource = iq->to_resource;
	ev.to.bare = iq->from;
	if ((s->faults & FAULT_SIZE) && !s->healed && sim_chance(s, 1))
		too_large(&ev.answer);
	if (iq->user >= 0 && ev.answer.payload == PAYLOAD_ROSTER && ev.answer.ok) {
		iq->roster = memcpy(sim_mem(s, sizeof(ev.answer.roster)), &ev.answer.roster, sizeof(ev.answer.roster));
		if (s->people[iq->user].portion > 0 && ev.answer.roster.nitems > s->people[iq->user].portion) {
			answer_in_portions(s, iq, &ev, takes_time(s));
			return;
		}
	}
	count_outcome(iq->kind, ev.answer.extent == EXTENT_TOO_LARGE ? 5 : ev.answer.echo ? 2 : ev.answer.ok ? 0 : 1);
	drive_later(s, takes_time(s), &ev, iq);
}

/* An event by the message privilege: the contact has it. */
static void
take_event(struct sim *s, const struct action *act)
{
	int u = user_of(s, act->owner), a = account_of(s, act->to.bare);

	/* Prosody itself drops what goes to whom she blocks. */
	if (u >= 0 && a >= 0 && node_of(act->node) == NODE_PUBLIC && !s->stripped && !s->accounts[a].blocks[u] &&
	    !(s->personality == PROSODY && s->people[u].shuts_out[a]))
		s->people[u].seen[a] = item_content(&act->publish);
}

/* To ourselves: the server keeps the order, however long it takes. */
static void
take_headline(struct sim *s, const struct action *act)
{
	struct event ev = {.kind = EVENT_HEADLINE};
	uint64_t ms = takes_time(s);

	if (s->mute)
		return;
	ev.from.bare = ev.to.bare = SIM_DOMAIN;
	ev.to.resource = sim_dup(s, act->to.resource);
	drive_in_order(s, STREAM_SELF, ms, &ev);
}

/* A form comes back: it is filled in and submitted, or something else is done to it, or it is forgotten. */
static void
take_reply(struct sim *s, const struct action *act)
{
	static const enum command_action acts[] = { COMMAND_CANCEL, COMMAND_CANCEL, COMMAND_PREV, COMMAND_NEXT,
		COMMAND_OTHER, COMMAND_EXECUTE };
	struct event ev = {.kind = EVENT_COMMAND};
	struct form_value *v;

	if (act->reply.status != STATUS_EXECUTING || sim_chance(s, 20))
		return;
	v = sim_mem(s, 4 * sizeof(*v));
	ev.from.bare = sim_dup(s, act->to.bare);
	ev.from.resource = sim_dup(s, act->to.resource);
	ev.to.bare = SIM_DOMAIN;
	ev.command.id = "form";
	ev.command.node = sim_dup(s, act->reply.node);
	ev.command.sessionid = sim_dup(s, act->reply.sessionid);
	ev.command.set = !sim_chance(s, 5);
	ev.command.action = sim_chance(s, 35) ? acts[sim_below(s, 6)] : COMMAND_COMPLETE;
	ev.command.fields = v;
	ev.command.nfields = people_fill(s, ev.from.bare, ev.command.node, v);
	drive_later(s, sim_below(s, 5000), &ev, NULL);
}

void
server_takes(struct sim *s, const struct action *act)
{
	switch (act->kind) {
	case ACTION_MESSAGE:
		claim_reply(s, act);
		route_message(s, act);
		break;
	case ACTION_ANSWER:
	case ACTION_ERROR:
		break;
	case ACTION_HEADLINE:
		take_headline(s, act);
		break;
	case ACTION_COMMAND_REPLY:
		claim_reply(s, act);
		take_reply(s, act);
		break;
	case ACTION_EVENT:
		take_event(s, act);
		break;
	default:
		take_iq(s, act);
		break;
	}
}

void
server_grant(struct sim *s, int host, const struct grant_event *g, uint64_t ms)
{
	struct event ev = {.kind = EVENT_GRANT};

	ev.from.bare = host_names[host];
	ev.to.bare = SIM_DOMAIN;
	ev.grant = *g;
	s->gone[host] = false;
	/* A stream keeps its order. */
	if (s->granted_at[host] > s->now.mono_ms + ms)
		ms = s->granted_at[host] - s->now.mono_ms;
	s->granted_at[host] = s->now.mono_ms + ms;
	drive_later(s, ms, &ev, NULL);
}
