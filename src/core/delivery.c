#include "core/delivery.h"

#include <string.h>

#include "base/mem.h"
#include "core/audience.h"
#include "core/change.h"
#include "core/host.h"
#include "core/item.h"
#include "core/outbox.h"
#include "core/roster.h"
#include "core/user.h"

/* Who gets something by our decision is decided on a roster no older than this (DESIGN 4). */
#define ROSTER_FRESH_MS 60000

/* ejabberd doesn't tell of dropped connections: a resource not heard of for so long counts as new. */
#define SEEN_LIFE_MS (10 * 60 * 1000)

/*
 * Greetings of one contact: so many at once, then one in this time.  Who signs
 * in more often gets the newest state when it is time again.
 */
#define GREET_BURST 8
#define GREET_EVERY_MS 10000

enum mode {
	MODE_SERVER, /* the server delivers */
	MODE_GAPS,   /* we do while the owner is offline */
	MODE_OURS    /* we do */
};

static enum mode
mode_of(const struct core *c, const struct user *u, int node)
{
	if (!u->host->grant.message)
		return MODE_SERVER;
	if (outbox_setup(u, node) >= SETUP_OURS)
		return MODE_OURS;
	return host_delivers(c, u->host) ? MODE_SERVER : MODE_GAPS;
}

static bool
we_deliver(const struct core *c, const struct user *u, int node)
{
	enum mode m = mode_of(c, u, node);

	return m == MODE_OURS || (m == MODE_GAPS && !user_online(u));
}

/* May WHO be told what NODE of U holds?  Asked for each event, and again when it is sent. */
static bool
may_be_told(const struct core *c, const struct user *u, int node, enum audience who)
{
	return audience_sees(&c->set, u, NULL, node, who) != 0;
}

void
delivery_check_done(struct core *c, struct user *u)
{
	if (u->leaving && u->out.done && !u->deliver && u->errands == 0)
		change_gone(c, u);
}

static void
errand_free(struct core *c, struct errand *e)
{
	struct user *u;

	if (e == NULL)
		return;
	u = e->user;
	u->errands--;
	c->nerrands--;
	mem_free(e->to);
	mem_free(e->resource);
	mem_free(e);
	delivery_check_done(c, u);
}

static struct errand *
errand_new(struct core *c, struct user *u, int node, enum audience who, const char *to, const char *resource)
{
	struct errand *e;

	if (c->nerrands >= ERRANDS_MAX || !may_be_told(c, u, node, who))
		return NULL;
	e = mem_alloc(sizeof(*e));
	if (e == NULL) {
		c->oom = true;
		return NULL;
	}
	e->user = u;
	e->node = node;
	e->who = who;
	e->epoch = u->epoch;
	u->errands++;
	c->nerrands++;
	e->to = mem_strdup(to);
	e->resource = mem_strdup(resource);
	if (e->to == NULL || (resource != NULL && e->resource == NULL)) {
		c->oom = true;
		errand_free(c, e);
		return NULL;
	}
	return e;
}

static void
put(struct core *c, struct errand *e)
{
	if (e == NULL)
		return;
	e->next = NULL;
	*c->errands_tail = e;
	c->errands_tail = &e->next;
}

static void
put_own(struct core *c, struct user *u, int node, const char *resource)
{
	struct errand *e = errand_new(c, u, node, AUDIENCE_SELF, u->primary, resource);

	if (e == NULL)
		return;
	e->bare = resource == NULL;
	put(c, e);
}

static void
to_contacts(struct core *c, struct user *u)
{
	const struct contact *k;
	struct errand *e;

	u->deliver = u->retell = false;
	for (k = u->contacts; k != NULL; k = k->next) {
		e = errand_new(c, u, NODE_PUBLIC, AUDIENCE_CONTACT, k->jid, NULL);
		if (e == NULL)
			return;
		e->bare = true;
		put(c, e);
	}
}

void
delivery_published(struct core *c, struct user *u, int node)
{
	if (!we_deliver(c, u, node))
		return;
	if (node == NODE_PUBLIC)
		u->epoch++; /* what waited for contacts is outdated */
	put_own(c, u, node, NULL);
	if (!may_be_told(c, u, node, AUDIENCE_CONTACT) || !(u->host->grant.roster & MAY_GET))
		return;
	/* A contact who was accepted a moment ago must be among them. */
	u->deliver = true;
	roster_ask(c, u);
	delivery_check_done(c, u);
}

void
delivery_new_contact(struct core *c, struct user *u, const char *jid)
{
	if (we_deliver(c, u, NODE_PUBLIC) && u->out.digest[NODE_PUBLIC] != 0)
		put(c, errand_new(c, u, NODE_PUBLIC, AUDIENCE_CONTACT, jid, NULL));
}

static struct contact *
contact_of(const struct user *u, const char *jid)
{
	struct contact *k;

	for (k = u->contacts; k != NULL && strcmp(k->jid, jid) != 0; k = k->next)
		;
	return k;
}

/* Errands that waited for this roster: those whose contact is still one go on. */
static void
release(struct core *c, struct user *u, bool known)
{
	struct errand **at = &c->errands_waiting, *e;

	while ((e = *at) != NULL) {
		if (e->user != u) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		if (known && contact_of(u, e->to) != NULL)
			put(c, e);
		else
			errand_free(c, e);
	}
}

/* Contacts who signed in before this stream began, when nobody could greet them. */
static void
retell(struct core *c, struct user *u)
{
	if (u->retell && u->settled && user_shown(u) && we_deliver(c, u, NODE_PUBLIC) &&
	    u->out.digest[NODE_PUBLIC] != 0)
		to_contacts(c, u);
}

void
delivery_settled(struct core *c, struct user *u)
{
	/* Without a roster of this stream it is done when that has come. */
	if (u->roster_known && u->roster_at >= c->up_at)
		retell(c, u);
}

void
delivery_roster(struct core *c, struct user *u)
{
	release(c, u, true);
	if (u->deliver)
		to_contacts(c, u);
	retell(c, u);
	delivery_check_done(c, u);
}

void
delivery_leaves(struct core *c, struct user *u)
{
	if (u->deliver && (u->host->grant.roster & MAY_GET))
		roster_ask(c, u);
	u->deliver = u->deliver && u->roster_asking;
}

void
delivery_abandon(struct core *c, struct user *u)
{
	release(c, u, false);
	/* A roster that comes later will do, but who leaves doesn't wait for one. */
	if (u->leaving)
		u->deliver = false;
	delivery_check_done(c, u);
}

static struct watcher *
watcher_find(const struct core *c, const char *jid)
{
	struct table_node *n = table_get(&c->watchers, jid, strlen(jid));

	return n != NULL ? TABLE_OF(n, struct watcher, node) : NULL;
}

void
delivery_watch(struct core *c, struct contact *k)
{
	struct watcher *w;

	if (!k->user->host->grant.message || host_delivers(c, k->user->host))
		return;
	w = watcher_find(c, k->jid);
	if (w == NULL) {
		w = mem_alloc(sizeof(*w));
		if (w == NULL)
			return;
		w->timer.kind = TIMER_WATCHER;
		w->timer.at = TIMER_NEVER;
		w->jid = mem_strdup(k->jid);
		if (w->jid == NULL || user_reserve_timer(c) != 0 ||
		    table_put(&c->watchers, &w->node, w->jid, strlen(w->jid)) != 0) {
			mem_free(w->jid);
			mem_free(w);
			return;
		}
	}
	k->watcher = w;
	k->next_watched = w->contacts;
	w->contacts = k;
}

void
delivery_unwatch(struct core *c, struct contact *k)
{
	struct watcher *w = k->watcher;
	struct contact **at;

	if (w == NULL)
		return;
	for (at = &w->contacts; *at != k; at = &(*at)->next_watched)
		;
	*at = k->next_watched;
	k->watcher = NULL;
	if (w->contacts == NULL) {
		timer_set(&c->timers, &w->timer, TIMER_NEVER);
		table_del(&c->watchers, &w->node);
		mem_free(w->jid);
		mem_free(w);
	}
}

/* Note the resource; true if it is new here. */
static bool
signs_in(struct core *c, struct watcher *w, const char *resource, bool available)
{
	uint64_t hash = hash_bytes(c->key, resource, strlen(resource)) | 1;
	size_t i, oldest = 0;
	bool fresh;

	for (i = 0; i < sizeof(w->seen) / sizeof(w->seen[0]); i++) {
		if (w->seen[i].hash == hash) {
			fresh = w->seen[i].at + SEEN_LIFE_MS < c->now.mono_ms;
			w->seen[i].at = c->now.mono_ms;
			if (!available)
				w->seen[i].hash = w->seen[i].at = 0;
			return fresh;
		}
		if (w->seen[i].at < w->seen[oldest].at)
			oldest = i;
	}
	if (available) {
		w->seen[oldest].hash = hash;
		w->seen[oldest].at = c->now.mono_ms;
	}
	return true;
}

static void
greet(struct core *c, struct user *u, const struct address *to)
{
	struct errand *e;

	/* Where the server sends the last item at sign-in, it does so only while the owner is online. */
	if (u->withheld != 0 || !we_deliver(c, u, NODE_PUBLIC) || u->out.digest[NODE_PUBLIC] == 0 ||
	    (outbox_setup(u, NODE_PUBLIC) < SETUP_SILENT && user_online(u)))
		return;
	e = errand_new(c, u, NODE_PUBLIC, AUDIENCE_CONTACT, to->bare, to->resource);
	if (e == NULL)
		return;
	if (u->roster_known && u->roster_at + ROSTER_FRESH_MS > c->now.mono_ms) {
		put(c, e);
		return;
	}
	if (!(u->host->grant.roster & MAY_GET)) {
		errand_free(c, e); /* the grant has been taken back: who is a contact can't be known */
		return;
	}
	e->next = c->errands_waiting;
	c->errands_waiting = e;
	roster_ask(c, u);
}

static void
greet_by_all(struct core *c, struct watcher *w, const struct address *to)
{
	struct contact *k;

	if (w->bucket < c->now.mono_ms)
		w->bucket = c->now.mono_ms;
	w->bucket += GREET_EVERY_MS;
	for (k = w->contacts; k != NULL; k = k->next_watched)
		greet(c, k->user, to);
}

void
delivery_presence(struct core *c, const struct address *from, bool available)
{
	struct watcher *w = c->watchers.count > 0 ? watcher_find(c, from->bare) : NULL;

	if (w == NULL || !signs_in(c, w, from->resource, available) || !available)
		return;
	if (w->bucket > c->now.mono_ms + (GREET_BURST - 1) * GREET_EVERY_MS) {
		timer_set(&c->timers, &w->timer, w->bucket - (GREET_BURST - 1) * GREET_EVERY_MS);
		return;
	}
	greet_by_all(c, w, from);
}

void
delivery_watcher_due(struct core *c, struct watcher *w)
{
	const struct address all = {w->jid, NULL};

	timer_set(&c->timers, &w->timer, TIMER_NEVER);
	if (c->link_up)
		greet_by_all(c, w, &all);
}

void
delivery_own_client(struct core *c, struct user *u, const char *resource)
{
	int node;

	if (u->withheld != 0)
		return;
	if (u->own_bucket > c->now.mono_ms + (GREET_BURST - 1) * GREET_EVERY_MS) {
		u->own_at = u->own_bucket - (GREET_BURST - 1) * GREET_EVERY_MS;
		user_arm(c, u);
		return;
	}
	if (u->own_bucket < c->now.mono_ms)
		u->own_bucket = c->now.mono_ms;
	u->own_bucket += GREET_EVERY_MS;
	for (node = NODE_PUBLIC; node < NODES; node++) {
		if (outbox_setup(u, node) >= SETUP_SILENT && u->out.digest[node] != 0)
			put_own(c, u, node, resource);
	}
}

bool
delivery_next(struct core *c, struct action *act)
{
	struct errand *e;
	struct user *u;

	errand_free(c, c->carried);
	c->carried = NULL;
	while ((e = c->errands) != NULL) {
		c->errands = e->next;
		if (c->errands == NULL)
			c->errands_tail = &c->errands;
		u = e->user;
		if ((e->bare && e->epoch != u->epoch && e->who != AUDIENCE_SELF) || !u->host->grant.message ||
		    !may_be_told(c, u, e->node, e->who)) {
			errand_free(c, e);
			continue;
		}
		memset(act, 0, sizeof(*act));
		item_compute(c, u, e->node, &act->publish);
		/* What the server may have got meanwhile is not to be contradicted: the next publish tells everybody. */
		if (u->out.doubtful[e->node] || item_digest(c, u, e->node, &act->publish) != u->out.digest[e->node]) {
			errand_free(c, e);
			continue;
		}
		act->kind = ACTION_EVENT;
		act->owner = u->primary;
		act->from.bare = c->set.domain;
		act->to.bare = e->to;
		act->to.resource = e->resource;
		act->node = e->node == NODE_PUBLIC ? NODE_DEVICES : NODE_DEVICES_PRIVATE;
		act->privilege_version = u->host->grant.version;
		c->carried = e;
		u->told_at = c->now.mono_ms;
		c->stats.events_sent++;
		return true;
	}
	return false;
}

static void
forget_list(struct core *c, struct errand **at, const struct user *u)
{
	struct errand *e;

	while ((e = *at) != NULL) {
		if (u != NULL && e->user != u) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		errand_free(c, e);
	}
}

void
delivery_forget_user(struct core *c, struct user *u)
{
	if (c->carried != NULL && (u == NULL || c->carried->user == u)) {
		errand_free(c, c->carried);
		c->carried = NULL;
	}
	if (u != NULL && u->errands == 0)
		return;
	forget_list(c, &c->errands_waiting, u);
	forget_list(c, &c->errands, u);
	for (c->errands_tail = &c->errands; *c->errands_tail != NULL; c->errands_tail = &(*c->errands_tail)->next)
		;
}

void
delivery_link_up(struct core *c)
{
	struct table_node *n;
	struct watcher *w;
	struct user *u;

	c->up_at = c->now.mono_ms;
	for (u = c->users; u != NULL; u = u->next)
		u->retell = true;
	/* Nobody told us who signed out meanwhile: whoever is heard of signs in. */
	for (n = table_next(&c->watchers, NULL); n != NULL; n = table_next(&c->watchers, n)) {
		w = TABLE_OF(n, struct watcher, node);
		memset(w->seen, 0, sizeof(w->seen));
	}
}

void
delivery_doubt(struct core *c)
{
	struct user *u;
	int node;

	for (u = c->users; u != NULL; u = u->next) {
		if (!u->deliver && u->errands == 0 && (u->told_at == 0 || u->told_at < c->arrived_at))
			continue;
		u->told_at = 0;
		for (node = 0; node < NODES; node++)
			u->out.doubtful[node] = u->out.doubtful[node] || u->out.digest[node] != 0;
	}
}

void
delivery_clear(struct core *c)
{
	delivery_forget_user(c, NULL);
}
