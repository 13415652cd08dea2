/* What an item may say, by what the core was told, or by what is true. */
#include "oracle.h"

#include <string.h>

#define LATE_MS 4000 /* a probe may have to wait for the link */

/* One device of an item, held against what is expected of it. */
struct view {
	int node, account;
	bool final, linked;
	bool event;			 /* which says again what was published */
	bool quiet;			 /* it may be stale, for having been asked in vain or for an error */
	bool held;			 /* or, in the end, since its roster says otherwise, and so do others */
	const struct device_record *row; /* NULL: none, or it is changing */
	struct told told[SIM_CLIENTS];
	bool met[SIM_CLIENTS];
	bool ghost;    /* part of it nobody has said on this stream */
	int low, high; /* how good a place to reach the user, as far as that can be told; -1: none */
};

#define UNKNOWN_HIGH 100000 /* better than all that is known */

static int
rank(const struct presence_event *p)
{
	static const int ranks[] = {[SHOW_CHAT] = 4, [SHOW_NONE] = 3, [SHOW_AWAY] = 2, [SHOW_XA] = 1, [SHOW_DND] = 0};

	return ranks[p->show] * 1000 + p->priority + 128;
}

static bool
meets(const struct view *v, const struct told *t, const struct item_resource *r)
{
	bool status = v->node == NODE_PRIVATE || !v->linked || (v->row != NULL && v->row->show_status);

	if (!t->there || t->p.show != r->show || t->p.idle_since_ms != r->idle_since_ms)
		return false;
	if (v->linked && v->row == NULL && v->node == NODE_PUBLIC && r->status == NULL)
		return true; /* the answer is on its way */
	if (v->linked && v->row == NULL)
		status = true;
	return same_text(status ? t->p.status : NULL, r->status);
}

static int
sureness(const struct sim *s, const struct view *v, int c)
{
	const struct told *t = &v->told[c];
	bool hidden = silent_may_be_hidden(s, v->account, c, t);

	if (t->ghost)
		return t->weak ? 0 : hidden ? 1 : 2;
	if (t->perhaps)
		return 3;
	return hidden ? 4 : 6;
}

/*
 * Who the resources of D from K on are, of those not in USED, into WHO.  Of
 * several that look alike the surest: not a ghost, then one that can't have
 * been dropped, then by its hidden text.  Returns how sure that is; -1: somebody
 * is none of them.
 */
static int
assign(const struct sim *s, const struct view *v, const struct item_device *d, size_t k, unsigned used, int who[])
{
	const struct item_resource *r = &d->resources[k];
	int c, sure, best = -1, rest[SIM_CLIENTS];

	if (k == d->nresources)
		return 0;
	for (c = 0; c < SIM_CLIENTS && k < SIM_CLIENTS; c++) {
		if ((used >> c & 1) != 0 || !meets(v, &v->told[c], r))
			continue;
		sure = assign(s, v, d, k + 1, used | 1u << c, rest);
		if (sure < 0)
			continue;
		sure += 2 * sureness(s, v, c) + same_text(v->told[c].p.status, r->status);
		if (sure <= best)
			continue;
		best = sure;
		rest[k] = c;
		memcpy(who + k, rest + k, (d->nresources - k) * sizeof(*who));
	}
	return best;
}

/* For the message: the first one that nobody is, or the last. */
static const struct item_resource *
stranger(const struct view *v, const struct item_device *d)
{
	size_t k;
	int c;

	for (k = 0; k + 1 < d->nresources; k++) {
		for (c = 0; c < SIM_CLIENTS && !meets(v, &v->told[c], &d->resources[k]); c++)
			;
		if (c == SIM_CLIENTS)
			break;
	}
	return &d->resources[k];
}

/* With a text that is hidden one may look like another. */
static void
weigh(struct view *v, const struct item_resource *r)
{
	int c, key, low = UNKNOWN_HIGH, high = -1;

	for (c = 0; c < SIM_CLIENTS; c++) {
		if (!meets(v, &v->told[c], r))
			continue;
		key = rank(&v->told[c].p);
		low = key < low ? key : low;
		high = key > high ? key : high;
	}
	v->low = low > v->low ? low : v->low;
	v->high = high > v->high ? high : v->high;
}

static void
compare_resources(struct sim *s, struct view *v, const struct item_device *d)
{
	bool waiting = !v->final && s->now.mono_ms < s->up_at + s->settle_min;
	const struct item_resource *r;
	const struct told *t;
	int c, who[SIM_CLIENTS];
	size_t k;

	v->low = v->high = -1;
	v->ghost = false;
	if (d->nresources > 0 && assign(s, v, d, 0, 0, who) < 0) {
		r = stranger(v, d);
		sim_fail(s, "%s: device %s (%s) is shown as [%s %s], which is not so", v->final ? "15" : "6", d->id,
		    d->label, show_name(r->show), r->status != NULL ? r->status : "");
		return;
	}
	for (k = 0; k < d->nresources; k++) {
		c = who[k];
		v->met[c] = true;
		v->ghost = v->ghost || v->told[c].ghost;
		weigh(v, &d->resources[k]);
	}
	for (c = 0; c < SIM_CLIENTS; c++) {
		t = &v->told[c];
		if (!t->there || v->met[c] || t->perhaps || (t->ghost && (t->weak || !waiting)) ||
		    (!v->final && silent_may_be_hidden(s, v->account, c, t)))
			continue;
		sim_fail(s, "%s: device %s (%s) is shown without %s [%s]%s",
		    v->final	 ? "15" :
			t->ghost ? "F11" :
				   "6",
		    d->id, d->label, client_name(c), show_name(t->p.show), t->ghost ? ", which nobody has said" : "");
	}
}

/* May it be that the core still waits for answers to this user's probes? */
static bool
may_wait(const struct sim *s, int user)
{
	const struct person *p = &s->people[user];

	return p->probed_at == 0 || s->now.mono_ms < p->probed_at + s->settle_max + LATE_MS;
}

/* It does: a device of hers has not been heard of, and its time is not over. */
static bool
must_wait(const struct sim *s, int user)
{
	const struct link_entry *l;
	int i;

	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		if (l->user == user && l->active && !l->newly && !l->heard && !l->forgotten && !l->suspended)
			return s->now.mono_ms < s->up_at + s->settle_min;
	}
	return false;
}

/*
 * F11: what is published before all is known says `stale' of what isn't, never that it is unavailable.  OFF: so it
 * was said; LIVE: on this stream.
 */
static void
compare_doubt(struct sim *s, int user, const struct view *v, const struct item_device *d, bool off, bool live)
{
	if (v->final || v->event)
		return;
	if (d->stale && !v->quiet && (!may_wait(s, user) || (live && !v->ghost)))
		sim_fail(s, "6: device %s is stale", d->id);
	if (!d->stale && v->ghost)
		sim_fail(s, "F11: device %s is shown as live, which nobody has said", d->id);
	if (!d->stale && d->nresources == 0 && !off && must_wait(s, user))
		sim_fail(s, "F11: device %s is called unavailable before anything was heard of it", d->id);
}

/* In the end nothing is, but what nobody could find out about. */
static void
compare_stale(struct sim *s, const struct view *v, const struct item_device *d)
{
	bool unknown = false;
	int c;

	for (c = 0; c < SIM_CLIENTS; c++)
		unknown = unknown || v->told[c].weak;
	if (v->final && d->stale && !unknown && !v->held)
		sim_fail(s, "15: device %s (%s) stays stale", d->id, d->label);
}

/* What is true of the account, as the bridge of USER may see it: TOLD becomes that. */
static void
truth(struct sim *s, int account, int user, bool answered, struct told *out)
{
	struct told told[SIM_CLIENTS];
	int c;

	memcpy(told, out, sizeof(told));
	memset(out, 0, SIM_CLIENTS * sizeof(*out));
	for (c = 0; c < SIM_CLIENTS && s->accounts[account].subs[user] == SUB_YES; c++) {
		out[c].there = s->accounts[account].clients[c].available;
		out[c].p = s->accounts[account].clients[c].p;
	}
	silent_unknown(s, account, answered, told, out);
}

const struct device_record *
oracle_row(const struct sim *s, int user, const char *resource)
{
	const struct row *r;

	for (r = s->reg.rows; r != NULL; r = r->next) {
		if (same_text(r->r.primary, s->people[user].jid) && same_text(r->r.resource, resource))
			return &r->r;
	}
	return NULL;
}

bool
oracle_visible(const struct sim *s, const struct device_record *row, int node)
{
	if (node == NODE_PRIVATE)
		return row->visibility != VISIBLE_HIDDEN;
	/* Contacts see what its account has agreed to. */
	return row->visibility == VISIBLE_CONTACTS &&
	    (row->resource != NULL || row->wide || s->set.access != ACCESS_PRESENCE);
}

/* Can what it shows not be told?  Presence that is directed to us looks like that of a subscription. */
static bool
is_unsure(const struct sim *s, const struct link_entry *l, bool final)
{
	if (!final)
		return claim_is_unsure(s, l);
	return s->accounts[l->account].life > 0 && s->accounts[l->account].subs[l->user] != SUB_YES;
}

static void
compare_linked(struct sim *s, struct link_entry *l, struct view *v, const struct item_device *d)
{
	const struct device_record *row = registry_device(s, l->user, l->id);

	if (l->revoked || l->forgotten)
		sim_fail(s, "7: device %s is shown, which has ended", d->id);
	if (!l->approved || !l->confirmed)
		sim_fail(s, "1: device %s is shown without consent (approved %d, confirmed %d)", d->id, l->approved,
		    l->confirmed);
	if (row == NULL || row->state != LINK_ACTIVE)
		sim_fail(s, "1: device %s is shown, and its consent is not durable", d->id);
	if (v->row != NULL && !oracle_visible(s, v->row, v->node))
		sim_fail(s, "1: device %s is shown to whom it is hidden from", d->id);
	if (!same_text(d->jid, v->node == NODE_PRIVATE ? s->accounts[l->account].jid : NULL))
		sim_fail(s, "1: device %s is shown with the address %s", d->id, d->jid != NULL ? d->jid : "-");
	if (l->suspended)
		sim_fail(s, "19: device %s is shown, which is suspended", d->id);
	if (is_unsure(s, l, v->final)) {
		claim_newcomer(s, l, d);
		return;
	}
	memcpy(v->told, l->told, sizeof(v->told));
	v->account = l->account;
	v->quiet = silent_may_be_stale(s, l->account, -1, v->told);
	v->held = s->accounts[l->account].subs[l->user] != SUB_YES;
	/* Where the server is to blame it stays as it was known, and nobody says that it is gone. */
	if (v->final && v->held && d->stale && s->accounts[l->account].host >= 0 &&
	    claim_may_be_held(s, s->accounts[l->account].host))
		return;
	if (v->final)
		truth(s, l->account, l->user, l->answered, v->told);
	compare_stale(s, v, d);
	compare_resources(s, v, d);
	if (l->stale == 0)
		compare_doubt(s, l->user, v, d, l->heard || l->newly, l->heard || l->newly);
}

static void
compare_resource(struct sim *s, int user, struct view *v, const struct item_device *d)
{
	const char *name = d->label;
	const struct told *told;
	int c;

	if (registry_device(s, user, d->id) != NULL)
		name = registry_device(s, user, d->id)->resource;
	c = client_of(name);
	if (c < 0 || d->jid != NULL) {
		sim_fail(s, "3: device %s (%s) is shown, which nobody has", d->id, d->label);
		return;
	}
	if (v->row != NULL && !oracle_visible(s, v->row, v->node))
		sim_fail(s, "1: resource %s is shown to whom it is hidden from", d->id);
	v->account = user;
	v->told[c] = s->people[user].told[c];
	v->quiet = s->people[user].stale || silent_may_be_stale(s, user, c, s->people[user].told) ||
	    (s->people[user].resumed_at != 0 && s->people[user].told[c].at == s->people[user].resumed_at);
	if (v->final) {
		memcpy(v->told, s->people[user].told, sizeof(v->told));
		truth(s, user, user, s->people[user].answered, v->told);
		if (!v->told[c].there && v->row == NULL)
			sim_fail(s, "15: resource %s is gone and still shown", d->label);
		for (int o = 0; o < SIM_CLIENTS; o++)
			v->told[o].there = v->told[o].there && o == c;
	}
	compare_stale(s, v, d);
	compare_resources(s, v, d);
	told = &s->people[user].told[c];
	compare_doubt(s, user, v, d, told->off, told->off || (told->there && !told->ghost));
}

static const struct item_device *
device_in(const struct item *item, const char *id)
{
	size_t i;

	for (i = 0; item != NULL && i < item->ndevices; i++) {
		if (strcmp(item->devices[i].id, id) == 0)
			return &item->devices[i];
	}
	return NULL;
}

/* Is this linked account to be shown, beyond doubt? */
static bool
required(struct sim *s, const struct link_entry *l, int node)
{
	const struct device_record *row = registry_device(s, l->user, l->id);

	return row != NULL && !l->revoked && !l->forgotten && !l->suspended && l->stored && row->state == LINK_ACTIVE &&
	    oracle_visible(s, row, node) && !registry_busy(s, l->user, l->id);
}

bool
oracle_differs(struct sim *s, int user)
{
	const struct row *r;
	int i;

	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].user == user && required(s, &s->links[i], NODE_PRIVATE))
			return true;
	}
	for (r = s->reg.rows; r != NULL; r = r->next) {
		if (same_text(r->r.primary, s->people[user].jid) && r->r.resource != NULL &&
		    r->r.visibility == VISIBLE_SELF && !registry_busy(s, user, r->r.id))
			return true;
	}
	return false;
}

static void
complete(struct sim *s, int user, int node, const struct item *item, bool final)
{
	const struct device_record *row;
	struct told told[SIM_CLIENTS];
	size_t i;
	int k;

	for (k = 0; k < s->nlinks; k++) {
		if (s->links[k].user == user && required(s, &s->links[k], node) &&
		    device_in(item, s->links[k].id) == NULL)
			sim_fail(s, "%s: device %s of %s is not shown", final ? "15" : "6", s->links[k].id,
			    s->people[user].jid);
	}
	memcpy(told, s->people[user].told, sizeof(told));
	if (final)
		truth(s, user, user, s->people[user].answered, told);
	for (k = 0; k < SIM_CLIENTS; k++) {
		row = oracle_row(s, user, client_name(k));
		if (!told[k].there || told[k].ghost || told[k].perhaps ||
		    (!final && silent_may_be_hidden(s, user, k, &told[k])) ||
		    (row != NULL && (!oracle_visible(s, row, node) || registry_busy(s, user, row->id))))
			continue;
		for (i = 0; i < item->ndevices; i++) {
			if (row != NULL ? strcmp(item->devices[i].id, row->id) == 0 :
					  strcmp(item->devices[i].label, client_name(k)) == 0)
				break;
		}
		if (i == item->ndevices)
			sim_fail(s, "%s: resource %s of %s is not shown", final ? "15" : "6", client_name(k),
			    s->people[user].jid);
	}
}

static bool
all_stale(const struct item *item)
{
	size_t i;

	for (i = 0; i < item->ndevices && item->devices[i].stale; i++)
		;
	return i == item->ndevices;
}

void
oracle_compare(struct sim *s, int user, int node, const struct item *item, bool final, bool event)
{
	int best = -1, chosen = -2 * UNKNOWN_HIGH, less;
	const struct item_device *d;
	struct link_entry *l;
	struct view v;
	size_t i;

	if (s->people[user].state == LEAVING || !known_named(s, s->accounts[user].host)) {
		if (item->ndevices > 0)
			sim_fail(s, "7: devices of somebody who has left, or whose host is removed");
		return;
	}
	if (s->people[user].suspended) {
		if (item->ndevices > 0)
			sim_fail(s, "19: devices of somebody who is suspended");
		return;
	}
	if (!final && claim_in_doubt(&s->people[user]) && (!s->people[user].proved || all_stale(item))) {
		claim_publish(s, user, node, item);
		return;
	}
	if (node == NODE_PRIVATE && item->ndevices == 0 &&
	    (!oracle_differs(s, user) || claim_in_doubt(&s->people[user])))
		return;
	/* Who begins anew leaves first. */
	if ((s->people[user].perhaps_left || (s->people[user].heir && !final)) && item->ndevices == 0)
		return;
	for (i = 0; i < item->ndevices && !s->failed; i++) {
		d = &item->devices[i];
		memset(&v, 0, sizeof(v));
		v.node = node;
		v.final = final;
		v.event = event;
		v.low = -1;
		v.high = UNKNOWN_HIGH;
		l = known_id(s, user, d->id);
		v.linked = l != NULL;
		v.row = registry_busy(s, user, d->id) ? NULL : registry_device(s, user, d->id);
		if (l != NULL)
			compare_linked(s, l, &v, d);
		else
			compare_resource(s, user, &v, d);
		less = d->stale ? UNKNOWN_HIGH : 0;
		if (v.low >= 0 && (best == -1 || v.low - less > best))
			best = v.low - less;
		if (d->preferred)
			chosen = v.high - less;
	}
	if (!s->failed && best != -1 && chosen < best)
		sim_fail(s, "6: a worse device is preferred");
	complete(s, user, node, item, final);
}

void
oracle_publish(struct sim *s, int user, int node, const struct item *item)
{
	oracle_compare(s, user, node, item, false, false);
	if (s->people[user].state == IN && !s->people[user].perhaps_left && !s->people[user].narrowed &&
	    must_wait(s, user))
		sim_fail(s, "F11: something is published before all is known, and nothing had to go");
}

void
oracle_event(struct sim *s, int user, int node, const struct item *item)
{
	oracle_compare(s, user, node, item, false, true);
}

/* Can anything be published there, as things are in the end? */
bool
oracle_can_publish(const struct sim *s, int user, int node)
{
	const struct node *n = &s->people[user].nodes[node];
	int h = s->accounts[user].host;
	const struct grant_event *g = &s->final[h];
	bool right = n->config.access == (node == NODE_PUBLIC ? s->set.access : ACCESS_WHITELIST);

	if (s->grants[h] && (g->iq_pubsub & MAY_SET))
		return g->iq_owner == (MAY_GET | MAY_SET) || !n->exists || right;
	if (node == NODE_PRIVATE || s->personality == EJABBERD_2412 ||
	    (s->personality == EJABBERD_2607 && !s->grants[h]))
		return false;
	return n->exists && n->publisher && right &&
	    (s->personality == PROSODY || n->by == BY_NOBODY || n->by == BY_BRIDGE);
}
