/*
 * Yesterday's approvals: what the core can know of them, by what it was told on
 * this stream, and what it must not show before that (THREATS 25).
 */
#include "sim.h"

#include <string.h>

bool
claim_in_doubt(const struct person *p)
{
	return p->approved && (!p->proved || p->lacked || p->late_roster);
}

bool
claim_is_verifiable(const struct sim *s, int account)
{
	int h = s->accounts[account].host;

	if (h < 0 || !known_named(s, h))
		return false;
	return !s->told_grant[h] || (s->granted[h].roster & MAY_GET);
}

bool
claim_is_unsure(const struct sim *s, const struct link_entry *l)
{
	return l->approved && (!l->proved || l->lacked || l->suspended) && claim_is_verifiable(s, l->account);
}

/* The core asks: where it is to be answered, and whom it must not ask. */
void
claim_asked(struct sim *s, const struct action *act)
{
	int u = user_of_bridge(s, act->from.bare), a = account_of(s, act->to.bare);
	struct link_entry *l = u >= 0 && a >= 0 && a != u ? known_live(s, u, a) : NULL;
	bool asks = act->presence.type == PRESENCE_PROBE || act->presence.type == PRESENCE_SUBSCRIBE;

	if (u >= 0 && a == u && act->presence.type == PRESENCE_UNSUBSCRIBE)
		s->people[u].withdrew = s->now.mono_ms;
	if (u < 0 || !asks)
		return;
	if (a == u)
		s->people[u].requested = act->presence.type == PRESENCE_SUBSCRIBE;
	if (!s->held && a != u && (s->people[u].suspended || (l != NULL && l->suspended)))
		sim_fail(s, "19: %s is asked on behalf of %s, who is suspended", act->to.bare, s->people[u].jid);
	if (act->presence.type != PRESENCE_PROBE)
		return;
	if (l != NULL)
		l->probe = sim_dup(s, act->from.resource);
	else if (a == u)
		s->people[u].probe = sim_dup(s, act->from.resource);
	if (a == u && !s->people[u].approved && !s->held)
		sim_fail(s, "19: %s is probed and has not approved", s->people[u].jid);
}

void
claim_said(struct sim *s, const struct log_line *log)
{
	int u = log->nfields > 0 ? user_of(s, log->fields[0].value) : -1;
	struct link_entry *l;

	if (u < 0)
		return;
	if (strcmp(log->event, "user.suspended") == 0) {
		s->people[u].suspended = s->people[u].narrowed = true;
		/* An answer may have gone to the other connection before that was noticed. */
		if (!claim_in_doubt(&s->people[u]) && !s->second_ever)
			sim_fail(s, "19: %s is suspended without a reason", s->people[u].jid);
	}
	if (strcmp(log->event, "user.resumed") == 0) {
		s->people[u].suspended = false;
		known_resumed(s, u);
	}
	l = strncmp(log->event, "device.", 7) == 0 ? known_id(s, u, log->fields[1].value) : NULL;
	if (l != NULL && strcmp(log->event, "device.suspended") == 0)
		l->suspended = s->people[u].narrowed = true;
	if (l != NULL && strcmp(log->event, "device.resumed") == 0)
		l->suspended = false;
	if (l != NULL && strcmp(log->event, "device.unanswered") == 0 && !s->held &&
	    (l->revoked || s->people[u].suspended || ++l->reminded > 1))
		sim_fail(s, "7: %s is told of %s, which does not wait, or again", s->people[u].jid, l->id);
	/* What follows is said to all whom it concerns. */
	if (strcmp(log->event, "user.lapsed") == 0)
		s->people[u].perhaps_left = true;
	if (l != NULL && strcmp(log->event, "device.lapsed") == 0)
		l->denied = 0;
}

void
claim_written(struct sim *s, const struct write *w)
{
	int u = user_of(s, w->user.primary != NULL ? w->user.primary : w->device.primary);
	struct link_entry *l = u >= 0 && w->kind == ACTION_STORE_DEVICE ? known_id(s, u, w->device.id) : NULL;

	if (w->kind == ACTION_STORE_USER && u >= 0 && s->people[u].state == IN)
		s->people[u].suspended = w->user.suspended_ms != 0;
	if (l != NULL)
		l->suspended = w->device.suspended_ms != 0;
	if (u >= 0)
		s->people[u].narrowed = s->people[u].narrowed || s->people[u].suspended || (l != NULL && l->suspended);
}

static bool
is_answer(const char *probe, const struct event *ev)
{
	return probe != NULL && same_text(probe, ev->to.resource) &&
	    (ev->presence.type == PRESENCE_AVAILABLE || ev->presence.type == PRESENCE_UNAVAILABLE);
}

/* Her approval was not durable, and what she has linked or edited since then was. */
static bool
has_rows(const struct sim *s, int user)
{
	const struct row *r;

	for (r = s->reg.rows; r != NULL && !same_text(r->r.primary, s->people[user].jid); r = r->next)
		;
	return r != NULL;
}

void
claim_presence(struct sim *s, int user, struct link_entry *l, const struct event *ev)
{
	struct person *p = &s->people[user];

	if (l == NULL) {
		if (ev->presence.type == PRESENCE_SUBSCRIBED) {
			/* Of who has approved before it tells only in answer to a request. */
			p->proved = p->proved || p->requested || !p->approved;
			p->heir = p->heir || p->approved || has_rows(s, user);
			p->approved = true;
		}
		if (is_answer(p->probe, ev)) {
			p->proved = true;
			p->lacked = p->late_roster = false;
		}
		return;
	}
	if (ev->presence.type == PRESENCE_SUBSCRIBED) {
		l->proved = l->proved || !l->approved;
		l->orphan = false; /* whoever it is now has said so himself */
	}
	if (is_answer(l->probe, ev)) {
		l->proved = true;
		l->lacked = l->suspended;
	}
}

/* Was this roster of a user read, beyond doubt, to tell of her contacts? */
bool
claim_reads_for_her(const struct sim *s, const struct iq *iq)
{
	int i;

	for (i = 0; i < s->nlinks && s->links[i].account != iq->user; i++)
		;
	return !iq->word && i == s->nlinks;
}

void
claim_roster(struct sim *s, const struct event *ev, const struct iq *iq)
{
	const struct roster_event *roster = iq->roster != NULL ? iq->roster : &ev->answer.roster;
	const struct roster_item *items = roster->items;
	int a = account_of(s, iq->to), u, i;
	struct link_entry *l;
	size_t k;
	bool shows, late = s->now.mono_ms >= iq->at + QUERY_LIFE_MS;

	/* What came before it broke off may have been proof. */
	if (!ev->answer.ok) {
		if (iq->user >= 0 && iq->begun)
			s->people[iq->user].proved = s->people[iq->user].late_roster = true;
		return;
	}
	for (u = 0; u < s->nusers; u++) {
		for (k = 0; k < roster->nitems && !same_text(items[k].jid, s->people[u].bridge); k++)
			;
		shows = k < roster->nitems && items[k].subscription >= SUBSCRIPTION_FROM;
		if (u == a) {
			s->people[u].proved = s->people[u].proved || shows;
			/* What comes late counts only if it was asked for on her own behalf. */
			s->people[u].lacked = !shows && s->people[u].approved;
			s->people[u].late_roster = late;
			continue;
		}
		for (i = 0; i < s->nlinks; i++) {
			l = &s->links[i];
			if (l->user != u || l->account != a)
				continue;
			/* Of a user's roster it isn't known which of the two it was read for. */
			l->proved = l->proved || (shows && a >= s->nusers && !late);
			l->lacked = !shows || (late && l->lacked);
		}
	}
}

void
claim_link(struct sim *s)
{
	int i;

	for (i = 0; i < s->nusers; i++) {
		s->people[i].proved = s->people[i].lacked = s->people[i].late_roster = false;
		s->people[i].probe = NULL;
		s->people[i].withdrew = 0;
	}
	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].lacked)
			s->links[i].stale = -1;
		s->links[i].proved = s->links[i].lacked = false;
		s->links[i].probe = NULL;
	}
}

void
claim_start(struct sim *s)
{
	const struct device_record *r;
	int i;

	for (i = 0; i < s->nusers; i++) {
		s->people[i].approved = s->reg.has[i] && s->reg.users[i].approved;
		s->people[i].suspended = s->reg.has[i] && s->reg.users[i].suspended_ms != 0;
		s->people[i].narrowed = s->people[i].narrowed || s->people[i].suspended;
		s->people[i].heir = false;
		/* Who has not approved makes no claim; nor does she who did when nobody could write it. */
		s->people[i].orphan = s->people[i].orphan && s->people[i].approved;
	}
	for (i = 0; i < s->nlinks; i++) {
		r = registry_device(s, s->links[i].user, s->links[i].id);
		s->links[i].suspended = r != NULL && r->suspended_ms != 0;
		if (s->links[i].suspended)
			s->people[s->links[i].user].narrowed = true;
	}
	claim_link(s);
}

void
claim_enrols(struct sim *s, int user)
{
	struct person *p = &s->people[user];

	p->approved = p->suspended = p->orphan = p->heir = p->proved = p->lacked = p->late_roster = false;
	p->withdrew = 0;
}

/* The account is deleted, and somebody else registers its name; while there is a link the server tells of it. */
void
claim_deletes(struct sim *s, int account)
{
	struct account *a = &s->accounts[account];
	struct person *p = account < s->nusers ? &s->people[account] : NULL;
	int i;

	for (i = 0; i < s->nusers; i++) {
		if (a->subs[i] != SUB_NONE)
			route_end(s, account, i);
	}
	memset(a->clients, 0, sizeof(a->clients));
	a->life++;
	a->damaged = false;
	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].account == account && !s->up)
			s->links[i].orphan = true;
	}
	if (p == NULL)
		return;
	p->orphan = p->orphan || (!s->up && p->approved && p->state == IN);
	memset(p->roster, 0, sizeof(p->roster));
	memset(p->group, 0, sizeof(p->group));
	/* Whoever has not approved goes on as she was, and what was published before isn't published again. */
	for (i = 0; i < NODES && (p->approved || p->state == OUT); i++) {
		p->nodes[i].exists = p->nodes[i].publisher = false;
		p->nodes[i].by = BY_NOBODY;
		p->nodes[i].item = NULL;
	}
}

static bool
text_names(const struct text *t, const char *jid)
{
	size_t i;

	for (i = 0; t->args[i] != NULL; i++) {
		if (strcmp(t->args[i], jid) == 0)
			return true;
	}
	return false;
}

/* Is the account of L somebody else's by now, and can that be known? */
static bool
is_newcomers(const struct sim *s, const struct link_entry *l)
{
	int h = s->accounts[l->account].host;

	return l->orphan && h >= 0 && s->told_grant[h] && claim_is_verifiable(s, l->account) &&
	    (s->faults & (FAULT_GRANT | FAULT_RELOAD)) == 0;
}

static bool
reply_names(const struct command_reply *r, const char *jid)
{
	size_t i;

	if (text_names(&r->note, jid))
		return true;
	for (i = 0; r->form != NULL && i < r->form->nrows * r->form->nfields; i++) {
		if (text_names(&r->form->cells[i], jid))
			return true;
	}
	return false;
}

/* Who has got the name of a linked account is not told whose it was. */
static void
link_reply(struct sim *s, const struct action *act, int account)
{
	const struct device_record *row;
	const struct link_entry *l;
	const char *jid;
	int i;

	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		jid = s->people[l->user].jid;
		row = registry_device(s, l->user, l->id);
		/* An approval that could not be kept is asked for again, by the address. */
		if (l->account != account || !l->approved || row == NULL || !row->approved || l->revoked ||
		    l->forgotten || !is_newcomers(s, l))
			continue;
		if (act->kind == ACTION_MESSAGE ?
			same_text(act->from.bare, s->people[l->user].bridge) && text_names(&act->text, jid) :
			reply_names(&act->reply, jid))
			sim_fail(s, "19: a newcomer at %s is told of %s", act->to.bare, jid);
	}
}

/* Who has got the name is told nothing of what was linked. */
void
claim_reply(struct sim *s, const struct action *act)
{
	int u = user_of(s, act->to.bare), a = account_of(s, act->to.bare);

	/* A user's own list names accounts that he has linked. */
	if (a >= 0 && (u < 0 || s->people[u].state != IN) && !s->held)
		link_reply(s, act, a);
	if (u < 0 || !s->people[u].orphan || s->people[u].state != IN || s->held)
		return;
	if (act->kind == ACTION_COMMAND_REPLY && act->reply.form != NULL && strcmp(act->reply.node, "leave") != 0 &&
	    strcmp(act->reply.node, "confirm") != 0)
		sim_fail(s, "19: a newcomer at %s is shown what was linked", act->to.bare);
	for (a = 0; act->kind == ACTION_MESSAGE && a < s->naccounts; a++) {
		if (a != u && text_names(&act->text, s->accounts[a].jid) &&
		    same_text(act->from.bare, s->people[u].bridge))
			sim_fail(s, "19: a newcomer at %s is told of %s", act->to.bare, s->accounts[a].jid);
	}
}

/* His presence can be told from that of the one before by the time for which he has been idle. */
void
claim_newcomer(struct sim *s, const struct link_entry *l, const struct item_device *d)
{
	size_t i;

	if (!is_newcomers(s, l))
		return;
	for (i = 0; i < d->nresources; i++) {
		if (d->resources[i].idle_since_ms == NEWCOMER_MS + s->accounts[l->account].life)
			sim_fail(s, "19: device %s shows somebody else", d->id);
	}
}

/* All that is left is what it was. */
void
claim_publish(struct sim *s, int user, int node, const struct item *item)
{
	const struct item_device *d;
	struct link_entry *l;
	size_t i, k;

	/* What speaks against one who was proved counts later; all of it may be stale for other reasons. */
	if (node == NODE_PRIVATE && item->ndevices > 0 && !s->people[user].late_roster && !s->people[user].proved)
		sim_fail(s, "19: %s, whoever that is, is shown the private node", s->people[user].jid);
	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		l = known_id(s, user, d->id);
		for (k = 0; k < d->nresources; k++) {
			if (l == NULL && s->people[user].orphan &&
			    d->resources[k].idle_since_ms == NEWCOMER_MS + s->accounts[user].life)
				sim_fail(s, "19: %s shows somebody else", s->people[user].jid);
		}
		if (!d->stale)
			sim_fail(s, "19: device %s (%s) of %s is shown, whoever that is", d->id, d->label,
			    s->people[user].jid);
		if (l != NULL && (l->revoked || l->forgotten || l->suspended || !l->approved || !l->confirmed))
			sim_fail(s, "7: device %s is shown, which has ended", d->id);
	}
}

/* In the end */

static bool
is_broken(const struct sim *s, int user)
{
	return s->people[user].state == IN && s->people[user].approved && s->accounts[user].subs[user] != SUB_YES;
}

/* So many, or so few others, that the core may take it for the server's fault. */
bool
claim_may_be_held(const struct sim *s, int host)
{
	const struct link_entry *l;
	int i, broken = 0;

	for (i = 0; i < s->nusers; i++)
		broken += s->accounts[i].host == host && is_broken(s, i);
	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		broken += s->accounts[l->account].host == host && l->approved && !l->revoked && !l->forgotten &&
		    s->accounts[l->account].subs[l->user] != SUB_YES;
	}
	return broken > 1;
}

void
claim_final(struct sim *s)
{
	const struct person *p;
	int i, h;

	for (i = 0; i < s->nusers && !s->failed; i++) {
		p = &s->people[i];
		h = s->accounts[i].host;
		if (p->state != IN || !known_named(s, h))
			continue;
		if (p->suspended && s->accounts[i].subs[i] == SUB_YES)
			sim_fail(s, "15: %s stays suspended", p->jid);
		if (is_broken(s, i) && !p->suspended && s->grants[h] && (s->final[h].roster & MAY_GET) &&
		    !claim_may_be_held(s, h) && !(s->faults & (FAULT_STORAGE | FAULT_SIZE)))
			sim_fail(s, "19: %s has not approved, and isn't suspended", p->jid);
	}
}
