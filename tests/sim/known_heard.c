/* The ledger, by what the core is told: presence, chats, commands, answers.  Kept from the events alone. */
#include "sim.h"

#include <string.h>

/* What a server says of a request that was taken back. */
#define ECHO_MS 30000

static void
drop_told(struct told *told, int client, bool keep_ghosts)
{
	int c;

	for (c = 0; c < SIM_CLIENTS; c++) {
		if (client >= 0 && c != client)
			continue;
		if (told[c].ghost && keep_ghosts) {
			told[c].off = told[c].weak; /* if it had been dropped */
			told[c].weak = true;
			continue;
		}
		memset(&told[c], 0, sizeof(told[c]));
		told[c].off = true;
	}
}

static void
set_told(const struct sim *s, struct told *t, const struct presence_event *p, bool fed)
{
	bool was_fed = t->there && t->fed;

	memset(t, 0, sizeof(*t));
	t->there = true;
	t->at = s->now.mono_ms;
	t->fed = fed || was_fed;
	t->p = *p;
}

/* What a contact has got says nothing of what all may know. */
static void
hinted(struct sim *s, const struct event *ev, int client)
{
	int u = user_of(s, ev->from.bare), h = u >= 0 ? s->accounts[u].host : 0;

	if (u < 0 || client < 0 || !known_named(s, h) || !s->told_grant[h] || !s->granted[h].presence ||
	    s->granted[h].presence_roster || s->people[u].state == LEAVING ||
	    (s->people[u].state == OUT && !s->people[u].asked))
		return;
	if (ev->presence.type == PRESENCE_AVAILABLE)
		set_told(s, &s->people[u].told[client], &ev->presence, false);
	else if (ev->presence.type == PRESENCE_UNAVAILABLE)
		drop_told(s->people[u].told, client, false);
}

/*
 * From the bare JID: of an account without resources, as long as nothing has been heard of one on this stream.  If
 * one was that may have fallen silent, it may have counted.
 */
static bool
unnamed(struct sim *s, struct link_entry *l, const struct event *ev)
{
	bool perhaps = false;
	int c;

	for (c = 1; c < SIM_CLIENTS; c++) {
		if (!l->told[c].there || l->told[c].ghost)
			continue;
		if (!silent_may_be_hidden(s, l->account, c, &l->told[c]))
			return false;
		perhaps = true;
	}
	set_told(s, &l->told[0], &ev->presence, true);
	l->told[0].perhaps = perhaps;
	return !perhaps;
}

static bool
says_gone(const struct event *ev)
{
	return ev->presence.error == COND_GONE || ev->presence.error == COND_ITEM_NOT_FOUND;
}

static void
linked(struct sim *s, struct link_entry *l, const struct event *ev, int client)
{
	bool bare = s->accounts[l->account].bare;

	switch (ev->presence.type) {
	case PRESENCE_AVAILABLE:
		if (client < 0 && !unnamed(s, l, ev))
			break;
		if (client >= 0)
			set_told(s, &l->told[client], &ev->presence, true);
		if (bare && client > 0)
			memset(&l->told[0], 0, sizeof(l->told[0]));
		l->heard = true;
		l->stale = 0;
		break;
	case PRESENCE_UNAVAILABLE:
		drop_told(l->told, client, client < 0);
		l->heard = true;
		l->stale = 0;
		break;
	case PRESENCE_SUBSCRIBED:
		l->approved = true;
		l->confirmed = l->confirmed || s->accounts[l->account].trusted;
		break;
	case PRESENCE_UNSUBSCRIBED:
		known_revoke(s, l);
		break;
	case PRESENCE_SUBSCRIBE:
		l->asked = true;
		break;
	case PRESENCE_ERROR:
		l->heard = true;
		if (says_gone(ev))
			drop_told(l->told, client, client < 0);
		l->stale = says_gone(ev) ? 0 : -1;
		break;
	default:
		break;
	}
}

void
known_lost(struct sim *s, const struct event *ev)
{
	int u = user_of_bridge(s, ev->to.bare), a = account_of(s, ev->from.bare), c = client_of(ev->from.resource);
	struct link_entry *l = u >= 0 && a >= 0 ? known_live(s, u, a) : NULL;

	if (ev->kind != EVENT_PRESENCE || u < 0 || a < 0 || c < 0)
		return;
	if (a == u)
		s->people[u].told[c].perhaps = true;
	else if (l != NULL)
		l->told[c].perhaps = true;
}

static void
presence(struct sim *s, const struct event *ev)
{
	int u = user_of_bridge(s, ev->to.bare), a = account_of(s, ev->from.bare), c = client_of(ev->from.resource);
	struct link_entry *l;

	if (same_text(ev->to.bare, SIM_DOMAIN) && ev->to.resource == NULL) {
		hinted(s, ev, c);
		return;
	}
	if (u < 0 || a < 0 || s->people[u].state != IN)
		return;
	s->people[u].stirred = true;
	if (a == u) {
		claim_presence(s, u, NULL, ev);
		s->people[u].answered = s->people[u].answered || silent_answers(ev);
		if (ev->presence.type == PRESENCE_ERROR && says_gone(ev))
			drop_told(s->people[u].told, c, c < 0);
		else if (ev->presence.type == PRESENCE_ERROR)
			s->people[u].stale = true;
		if (ev->presence.type == PRESENCE_AVAILABLE && c >= 0)
			set_told(s, &s->people[u].told[c], &ev->presence, true);
		else if (ev->presence.type == PRESENCE_UNAVAILABLE)
			drop_told(s->people[u].told, c, c < 0);
		else if (ev->presence.type == PRESENCE_UNSUBSCRIBED &&
		    (s->people[u].withdrew == 0 || s->now.mono_ms >= s->people[u].withdrew + ECHO_MS))
			known_leave(s, u);
		return;
	}
	l = known_live(s, u, a);
	if (l == NULL || !l->stored)
		return;
	l->answered = l->answered || silent_answers(ev);
	claim_presence(s, u, l, ev);
	linked(s, l, ev, c);
}

static void
message(struct sim *s, const struct event *ev)
{
	int u = user_of_bridge(s, ev->to.bare), a = account_of(s, ev->from.bare);
	struct link_entry *l = u >= 0 && a >= 0 ? known_live(s, u, a) : NULL;

	if (l == NULL || !ev->message.chat || ev->message.word == WORD_NONE)
		return;
	if (ev->message.word == WORD_YES) {
		l->confirmed = true;
		l->orphan = false;
	} else if (ev->message.word == WORD_NO && l->stored)
		known_revoke(s, l);
}

static const char *
field(const struct event *ev, const char *var)
{
	size_t i;

	for (i = 0; i < ev->command.nfields; i++) {
		if (strcmp(ev->command.fields[i].var, var) == 0)
			return ev->command.fields[i].value;
	}
	return NULL;
}

static void
command(struct sim *s, const struct event *ev)
{
	int u = user_of(s, ev->from.bare), a = account_of(s, ev->from.bare), i;
	const char *node = ev->command.node, *id;
	struct link_entry *l;

	if (!ev->command.set || !same_text(ev->to.bare, SIM_DOMAIN))
		return;
	if (strcmp(node, "confirm") == 0 && ev->command.action != COMMAND_CANCEL) {
		for (i = 0; i < s->nusers; i++) {
			l = a >= 0 ? known_live(s, i, a) : NULL;
			if (l !=
			    NULL) /* which of several was meant is not ours to know: those not meant stay unstored */
				l->confirmed = true;
		}
	}
	if (u < 0)
		return;
	/* Of a session only the core knows whether it is one: see known_write(). */
	if (strcmp(node, "leave") == 0 && ev->command.nfields > 0 && ev->command.sessionid == NULL)
		known_leave(s, u);
	else if (strcmp(node, "leave") == 0)
		s->people[u].perhaps_left = true;
	id = strcmp(node, "unlink") == 0 && ev->command.sessionid == NULL ? field(ev, "device") : NULL;
	l = id != NULL ? known_id(s, u, id) : NULL;
	if (l != NULL && s->people[u].state == IN)
		known_revoke(s, l);
	if (strcmp(node, "enrol") == 0 && s->people[u].state == IN && s->people[u].suspended)
		s->people[u].heir = true;
	if (strcmp(node, "enrol") == 0 && s->people[u].state == OUT) {
		if (!s->people[u].asked)
			memset(s->people[u].told, 0, sizeof(s->people[u].told));
		s->people[u].asked = true;
	}
}

/* Who is no contact is forgotten with what was known of him; and without the grant nothing of it counts. */
static void
forget_shut(struct sim *s, int user)
{
	struct person *p = &s->people[user];
	bool granted = s->granted[s->accounts[user].host].iq_blocking & MAY_GET;
	int a;

	for (a = 0; a < s->naccounts; a++)
		p->fed_shut[a] = p->fed_shut[a] && p->sure_roster[a] && granted;
}

/* A list that comes late may not have been waited for: it is known only who isn't in it. */
static void
read_shut(struct sim *s, const struct iq *iq)
{
	struct person *p = &s->people[iq->user];
	bool late = s->now.mono_ms >= iq->at + QUERY_LIFE_MS;
	int a;

	for (a = 0; a < s->naccounts; a++)
		p->fed_shut[a] = iq->shut[a] && p->sure_roster[a] && (p->fed_shut[a] || !late);
}

static void
answered(struct sim *s, const struct event *ev, const struct iq *iq)
{
	struct person *p;
	struct node *n;
	size_t i;
	bool used, listed[SIM_ACCOUNTS_MAX + 1] = {false};
	int a;

	if (iq == NULL || iq->fed || iq->epoch != s->epoch)
		return;
	if (iq->kind == ACTION_ROSTER_GET && ev->answer.extent != EXTENT_PORTION && !iq->word)
		claim_roster(s, ev, iq);
	if (iq->user < 0)
		return;
	p = &s->people[iq->user];
	if (iq->kind == ACTION_ROSTER_GET && ev->answer.extent == EXTENT_TOO_LARGE)
		p->large_at = s->now.mono_ms;
	if (iq->kind == ACTION_ROSTER_GET && ev->answer.ok && ev->answer.extent != EXTENT_PORTION) {
		/*
		 * Later than that its silence may have been judged: then what was known before stands.  One without the
		 * bridge is not used, but to tell that there is nothing; nor is one that was read for another's sake.
		 */
		used = s->now.mono_ms < iq->at + QUERY_LIFE_MS && !p->lacked && claim_reads_for_her(s, iq);
		if (used)
			memset(p->fed_roster, 0, sizeof(p->fed_roster));
		p->roster_at = s->now.mono_ms;
		for (i = 0; i < iq->roster->nitems; i++) {
			a = account_of(s, iq->roster->items[i].jid);
			if (a >= 0)
				p->fed_roster[a] = p->fed_roster[a] ||
				    iq->roster->items[i].subscription >= SUBSCRIPTION_FROM;
			listed[a >= 0 ? a : SIM_ACCOUNTS_MAX] = a >= 0 &&
			    iq->roster->items[i].subscription >= SUBSCRIPTION_FROM;
		}
		for (a = 0; a < s->naccounts; a++)
			p->sure_roster[a] = listed[a] && (used || p->sure_roster[a]);
		forget_shut(s, iq->user);
	}
	if (iq->kind == ACTION_BLOCKLIST_GET && ev->answer.ok && !ev->answer.echo)
		read_shut(s, iq);
	a = client_of(iq->to_resource);
	if (iq->kind == ACTION_PING && !ev->answer.ok && ev->answer.extent == EXTENT_WHOLE &&
	    s->now.mono_ms < iq->at + QUERY_LIFE_MS && a >= 0 && p->told[a].there && !p->told[a].fed)
		drop_told(p->told, a, false);
	if (iq->kind == ACTION_PUBLISH && ev->answer.ok && ev->answer.wrapped == (iq->way != WAY_ORDINARY) &&
	    !ev->answer.echo) {
		n = &p->nodes[iq->node];
		if (s->now.mono_ms >= iq->at + 3000 && n->ncandidates >= 0 && n->ncandidates < 8)
			n->candidates[n->ncandidates++] = iq->content; /* perhaps too late */
		else if (s->now.mono_ms < iq->at + 3000) {
			n->ncandidates = 1;
			n->candidates[0] = iq->content;
		}
	}
}

static void
pushed(struct sim *s, const struct event *ev)
{
	int u = user_of(s, ev->from.bare), h = u >= 0 ? s->accounts[u].host : 0;
	const struct roster_item *i = ev->roster.items;
	int a = account_of(s, i->jid);

	if (u < 0 || a < 0 || ev->from.resource != NULL || !known_named(s, h) || !s->told_grant[h] ||
	    !(s->granted[h].roster & MAY_GET))
		return;
	s->people[u].fed_roster[a] = !i->remove && i->subscription >= SUBSCRIPTION_FROM;
	s->people[u].sure_roster[a] = s->people[u].sure_roster[a] && s->people[u].fed_roster[a];
	forget_shut(s, u);
	s->people[u].pushed[a] = s->now.mono_ms;
}

void
known_event(struct sim *s, const struct event *ev, const struct iq *iq)
{
	int h;

	switch (ev->kind) {
	case EVENT_PRESENCE:
		if (ev->from.bare != NULL && ev->to.bare != NULL)
			presence(s, ev);
		break;
	case EVENT_ROSTER_PUSH:
		pushed(s, ev);
		break;
	case EVENT_MESSAGE:
		message(s, ev);
		break;
	case EVENT_COMMAND:
		command(s, ev);
		break;
	case EVENT_ANSWER:
		answered(s, ev, iq);
		break;
	case EVENT_GRANT:
		for (h = 0; h < SIM_HOSTS; h++) {
			if (known_host(s, h) && same_text(ev->from.bare, host_names[h]) && ev->from.resource == NULL &&
			    same_text(ev->to.bare, SIM_DOMAIN)) {
				s->told_grant[h] = true;
				s->granted[h] = ev->grant;
			}
		}
		break;
	default:
		break;
	}
}
