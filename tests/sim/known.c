/*
 * The ledger: what the core knows, as far as it may count, so that an item can
 * be held against it.  Here by its rows, its streams and its starts; what it
 * is told by others is known_heard.c's.
 */
#include "sim.h"

#include <string.h>

/* The core writes again every ten seconds what could not be written. */
#define ENDS_AGAIN_MS 15000

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

void
known_revoke(struct sim *s, struct link_entry *l)
{
	if (l->active)
		s->people[l->user].narrowed = true;
	l->revoked = true;
	l->active = false;
	memset(l->told, 0, sizeof(l->told));
}

void
known_leave(struct sim *s, int u)
{
	int i;

	if (s->people[u].state != IN)
		return;
	s->people[u].state = LEAVING;
	s->people[u].orphan = s->people[u].suspended = false;
	s->people[u].perhaps_left = false;
	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].user == u)
			known_revoke(s, &s->links[i]);
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

/* The core says so: then it must be so. */
void
known_ended(struct sim *s, const char *primary, const char *id)
{
	int u = user_of(s, primary);
	struct link_entry *l = u >= 0 ? known_id(s, u, id) : NULL;

	if (l != NULL)
		known_revoke(s, l);
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
		known_leave(s, user_of(s, w->user.primary));
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
			known_revoke(s, l);
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
		p->narrowed = !known_named(s, s->accounts[i].host) || (s->reg.has[i] && s->reg.users[i].owes != 0);
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
