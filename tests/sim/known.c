/*
 * The ledger: what the core was told, as far as it may count.  Kept from the
 * events alone, so that an item can be held against it.
 */
#include "sim.h"

#include <string.h>
#include <strings.h>

/* The core writes again every ten seconds what could not be written. */
#define ENDS_AGAIN_MS 15000

/* What a server says of a request that was taken back. */
#define ECHO_MS 30000

struct link_entry *
known_live(struct sim *s, int user, int account)
{
	int i;

	for (i = s->nlinks - 1; i >= 0; i--) {
		struct link_entry *l = &s->links[i];

		if (l->user == user && l->account == account && !l->revoked && !l->forgotten)
			return l;
	}
	return NULL;
}

struct link_entry *
known_id(struct sim *s, int user, const char *id)
{
	int i;

	for (i = s->nlinks - 1; i >= 0; i--) {
		if (s->links[i].user == user && strcmp(s->links[i].id, id) == 0)
			return &s->links[i];
	}
	return NULL;
}

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

static void
revoke(struct sim *s, struct link_entry *l)
{
	if (l->active)
		s->people[l->user].narrowed = true;
	l->revoked = true;
	l->active = false;
	memset(l->told, 0, sizeof(l->told));
}

static void
leave(struct sim *s, int u)
{
	int i;

	if (s->people[u].state != IN)
		return;
	s->people[u].state = LEAVING;
	s->people[u].orphan = s->people[u].suspended = false;
	s->people[u].perhaps_left = false;
	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].user == u)
			revoke(s, &s->links[i]);
	}
}

bool
known_named(const struct sim *s, int h)
{
	size_t i;

	for (i = 0; i < s->set.nhosts; i++) {
		if (same_text(s->set.hosts[i], host_names[h]))
			return true;
	}
	return false;
}

/* What empties the items of its users takes grants. */
bool
known_host(const struct sim *s, int h)
{
	bool named = known_named(s, h);
	int i;

	for (i = 0; i < s->nusers; i++)
		named = named || (s->accounts[i].host == h && s->people[i].state != OUT);
	return named;
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
		revoke(s, l);
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
			leave(s, u);
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
		revoke(s, l);
}

/* The core says so: then it must be so. */
void
known_ended(struct sim *s, const char *primary, const char *id)
{
	int u = user_of(s, primary);
	struct link_entry *l = u >= 0 ? known_id(s, u, id) : NULL;

	if (l != NULL)
		revoke(s, l);
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
		leave(s, u);
	else if (strcmp(node, "leave") == 0)
		s->people[u].perhaps_left = true;
	id = strcmp(node, "unlink") == 0 && ev->command.sessionid == NULL ? field(ev, "device") : NULL;
	l = id != NULL ? known_id(s, u, id) : NULL;
	if (l != NULL && s->people[u].state == IN)
		revoke(s, l);
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

static void
enrolling(struct sim *s, int u)
{
	struct person *p = &s->people[u];

	if (p->state != OUT)
		return;
	if (!p->asked && !p->heir)
		sim_fail(s, "3: a row for %s, who has not asked to enrol", p->jid);
	claim_enrols(s, u);
	p->asked = false;
	p->state = ENROLLING;
	s->accounts[u].nrostered = 0; /* of who enrols anew nothing is remembered */
}

void
known_not_enrolled(struct sim *s)
{
	int i;

	for (i = 0; i < s->nusers; i++)
		s->people[i].asked = false;
}

/* A row is on its way: of a new link, this is where its entry begins. */
void
known_write(struct sim *s, const struct write *w)
{
	int u = user_of(s, w->device.primary), a = account_of(s, w->device.jid);
	struct link_entry *l;

	claim_written(s, w);
	if (w->kind == ACTION_STORE_USER && user_of(s, w->user.primary) >= 0)
		enrolling(s, user_of(s, w->user.primary));
	if (w->kind == ACTION_STORE_USER && w->user.leaving && user_of(s, w->user.primary) >= 0)
		leave(s, user_of(s, w->user.primary));
	if (u >= 0 && w->kind == ACTION_DELETE_DEVICE) {
		l = known_id(s, u, w->device.id);
		if (l != NULL && !l->durable && s->people[u].state == IN)
			sim_fail(s, "F12: the row of %s goes, and its end is not durable", l->id);
		if (l != NULL)
			l->forgotten = true;
	}
	if (w->kind != ACTION_STORE_DEVICE || w->device.resource != NULL)
		return;
	l = u >= 0 ? known_id(s, u, w->device.id) : NULL;
	if (l != NULL) {
		if (w->device.state == LINK_REFUSED || w->device.state == LINK_REVOKED)
			revoke(s, l);
		if (!s->held &&
		    ((w->device.approved && !l->approved) ||
			(w->device.approved && w->device.confirmed && !l->confirmed) ||
			(w->device.state == LINK_ACTIVE &&
			    /* What a jump of the clock makes of a suspended one is written before her word is heard. */
			    ((l->revoked && w->device.suspended_ms == 0 && s->people[u].state != LEAVING) ||
				!w->device.approved || !w->device.confirmed))))
			sim_fail(s, "1: the row of %s says more than was agreed (%d %d, revoked %d)", l->id,
			    l->approved, l->confirmed, l->revoked);
		return;
	}
	if (u < 0 || a < 0 || s->nlinks == SIM_LINKS_MAX) {
		sim_fail(s, "3: a device for an account that nobody named, %s", w->device.jid);
		return;
	}
	if (w->device.state != LINK_REQUESTED || w->device.approved || w->device.confirmed)
		sim_fail(s, "1: a link begins as %s", link_state_name(w->device.state));
	if (!s->people[u].approved)
		sim_fail(s, "19: %s links %s, and may be anybody", s->people[u].jid, w->device.jid);
	l = &s->links[s->nlinks++];
	l->user = u;
	l->account = a;
	memcpy(l->id, w->device.id, strlen(w->device.id) + 1);
}

void
known_durable(struct sim *s, const struct write *w)
{
	int u = user_of(s, w->device.primary);
	struct link_entry *l = u >= 0 ? known_id(s, u, w->device.id) : NULL;

	if (l != NULL)
		l->durable = w->device.state == LINK_REFUSED || w->device.state == LINK_REVOKED;
	if (l != NULL && w->device.withdrawn && s->accounts[l->account].sees[u])
		sim_fail(s, "2: %s is said to see the bridge no more, and does", l->id);
}

void
known_ends(struct sim *s)
{
	const struct link_entry *l;
	int i;

	/* What was refused, or could not be said for want of memory, is written ten seconds later. */
	if (s->now.mono_ms < s->reg.failed_at + ENDS_AGAIN_MS || s->now.mono_ms < s->nomem_at + ENDS_AGAIN_MS)
		return;
	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		if (l->revoked && l->stored && !l->durable && !l->forgotten && s->people[l->user].state == IN &&
		    !registry_busy(s, l->user, l->id))
			sim_fail(s, "F12: the end of %s is in force and not written", l->id);
	}
}

void
known_stored(struct sim *s, const struct write *w, bool ok)
{
	const char *primary = w->device.primary != NULL ? w->device.primary : w->user.primary;
	int u = user_of(s, primary), i;
	struct link_entry *l = w->device.primary != NULL && u >= 0 ? known_id(s, u, w->device.id) : NULL;

	if (u >= 0)
		s->people[u].stirred = true;
	if (u >= 0 && ok && w->kind == ACTION_STORE_DEVICE &&
	    (w->device.visibility != VISIBLE_CONTACTS || !w->device.show_status))
		s->people[u].narrowed = true;
	if (l != NULL && ok && !l->active && !l->revoked && w->device.state == LINK_ACTIVE)
		l->active = l->newly = true;
	if (l != NULL && ok)
		l->stored = true;
	else if (l != NULL && !l->stored)
		l->forgotten = true;
	if (l != NULL || w->device.primary != NULL || u < 0)
		return;
	if (s->people[u].state == ENROLLING && (w->kind == ACTION_STORE_USER || !ok)) {
		s->people[u].state = ok ? IN : OUT;
	}
	if (w->kind == ACTION_DELETE_USER && ok) {
		/* That something was left behind may not have been said for want of memory. */
		if (s->nomem_at != 0 && s->nomem_at + 5000 > s->now.mono_ms)
			s->people[u].residue = true;
		s->people[u].state = OUT;
		memset(s->people[u].told, 0, sizeof(s->people[u].told));
		memset(s->people[u].fed_shut, 0, sizeof(s->people[u].fed_shut));
		memset(s->people[u].sure_roster, 0, sizeof(s->people[u].sure_roster));
		for (i = 0; i < s->nlinks; i++) {
			if (s->links[i].user == u)
				s->links[i].forgotten = true;
		}
	}
}

/* What was said before BEFORE is from another time. */
static void
make_ghosts(struct told *told, uint64_t before, bool in_doubt)
{
	int c;

	for (c = 0; c < SIM_CLIENTS; c++) {
		if (told[c].there && told[c].at >= before)
			continue;
		/* What was a ghost before may have been dropped in the meantime, and what was said by nobody knows whom is. */
		told[c].weak = told[c].weak || told[c].ghost || in_doubt;
		told[c].ghost = told[c].there;
		told[c].fed = told[c].off = false;
	}
}

/* All is asked for anew; what was before stays until it is answered, or for some time. */
void
known_resumed(struct sim *s, int user)
{
	int i;

	/* What is said at this moment is mostly what has told of it. */
	make_ghosts(s->people[user].told, s->now.mono_ms, false);
	s->people[user].probed_at = 0;
	s->people[user].resumed_at = s->now.mono_ms;
	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].user != user)
			continue;
		make_ghosts(s->links[i].told, s->now.mono_ms, claim_is_unsure(s, &s->links[i]));
		s->links[i].heard = s->links[i].newly = false;
	}
}

void
known_link(struct sim *s, bool up)
{
	int i;

	for (i = 0; i < s->nusers && !up; i++) {
		make_ghosts(s->people[i].told, UINT64_MAX, claim_in_doubt(&s->people[i]));
		s->people[i].probed = s->people[i].stirred = false;
		s->people[i].probed_at = 0;
	}
	for (i = 0; i < s->nlinks && !up; i++) {
		make_ghosts(s->links[i].told, UINT64_MAX, claim_is_unsure(s, &s->links[i]));
		s->links[i].heard = s->links[i].newly = s->links[i].asked = false;
		/* Who accepts on the next stream may be somebody else. */
		s->links[i].confirmed = s->links[i].confirmed && s->links[i].approved;
		s->links[i].denied = 0;
		if (s->links[i].stale == 1)
			s->links[i].stale = -1;
	}
	claim_link(s);
}

/* A new process knows what the registry holds: an end that could not be written is forgotten with the old one. */
void
known_start(struct sim *s)
{
	const struct device_record *r;
	struct link_entry *l;
	struct person *p;
	int i;

	for (i = 0; i < s->nusers; i++) {
		p = &s->people[i];
		memset(p->told, 0, sizeof(p->told));
		memset(p->fed_roster, 0, sizeof(p->fed_roster));
		memset(p->fed_shut, 0, sizeof(p->fed_shut));
		memset(p->sure_roster, 0, sizeof(p->sure_roster));
		p->probed = p->stirred = false;
		p->narrowed = !known_named(s, s->accounts[i].host);
		p->probed_at = 0;
		p->nodes[0].ncandidates = p->nodes[1].ncandidates = -1;
		p->answered = p->stale = false;
		p->state = !s->reg.has[i] ? OUT : s->reg.users[i].leaving ? LEAVING : IN;
	}
	claim_start(s);
	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		memset(l->told, 0, sizeof(l->told));
		l->heard = l->active = l->newly = l->asked = l->answered = false;
		l->reminded = 0;
		l->denied = 0;
		l->stale = 0;
		r = registry_device(s, l->user, l->id);
		l->stored = r != NULL;
		l->forgotten = r == NULL;
		if (r == NULL || s->people[l->user].state == LEAVING)
			continue;
		l->approved = r->approved;
		l->confirmed = r->confirmed;
		l->active = r->state == LINK_ACTIVE;
		l->revoked = l->durable = r->state == LINK_REFUSED || r->state == LINK_REVOKED;
	}
}
