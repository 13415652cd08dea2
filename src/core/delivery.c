#include "core/delivery.h"

#include <string.h>

#include "base/mem.h"
#include "base/rate.h"
#include "core/audience.h"
#include "core/blocking.h"
#include "core/change.h"
#include "core/contacts.h"
#include "core/greeting.h"
#include "core/host.h"
#include "core/item.h"
#include "core/outbox.h"
#include "core/roster.h"
#include "core/telling.h"
#include "core/user.h"
#include "core/verify.h"

/* Who gets something by our decision is decided on a roster no older than this (DESIGN 4). */
#define ROSTER_FRESH_MS 60000

/* What a user's own clients are told at sign-in, as a contact is. */
static const struct rate of_own = {GREET_EVERY_MS, GREET_BURST};

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

bool
delivery_is_ours(const struct core *c, const struct user *u)
{
	return mode_of(c, u, NODE_PUBLIC) != MODE_SERVER && may_be_told(c, u, NODE_PUBLIC, AUDIENCE_CONTACT);
}

bool
delivery_waits(const struct user *u)
{
	return u->deliver || u->errands > 0 || telling_waits(u);
}

void
delivery_check_done(struct core *c, struct user *u)
{
	if (u->leaving && u->out.done && !delivery_waits(u))
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

/* NULL: there are too many of them, or there is no memory. */
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
	e->next = NULL;
	*c->errands_tail = e;
	c->errands_tail = &e->next;
}

/* RESOURCE NULL: all of her clients; so also when one can't be told alone. */
static void
put_own(struct core *c, struct user *u, int node, const char *resource)
{
	struct errand *e = resource != NULL ? errand_new(c, u, node, AUDIENCE_SELF, u->primary, resource) : NULL;

	if (e == NULL) {
		telling_own(c, u, node);
		return;
	}
	put(c, e);
}

static void
to_contacts(struct core *c, struct user *u)
{
	u->deliver = u->retell = u->late = false;
	if (may_be_told(c, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		telling_all(c, u);
}

static bool
is_read(const struct core *c, const struct user *u)
{
	return u->roster_known && u->roster_at != 0 && u->roster_at + ROSTER_FRESH_MS > c->now.mono_ms;
}

bool
delivery_roster_fresh(const struct core *c, const struct user *u)
{
	return is_read(c, u) && !u->blocklist_asking && !blocking_wanted(c, u);
}

/* Her roster, or whom she blocks of it, is on its way or about to be. */
static bool
comes(struct core *c, struct user *u)
{
	if (is_read(c, u) && (u->blocklist_asking || (blocking_wanted(c, u) && blocking_ask(c, u))))
		return true;
	return roster_want(c, u);
}

void
delivery_published(struct core *c, struct user *u, int node)
{
	if (!we_deliver(c, u, node))
		return;
	if (node == NODE_PUBLIC)
		telling_outdated(u);
	put_own(c, u, node, NULL);
	if (!may_be_told(c, u, node, AUDIENCE_CONTACT) || !(u->host->grant.roster & MAY_GET))
		return;
	if (delivery_roster_fresh(c, u)) {
		to_contacts(c, u);
		roster_once_more(c, u);
	} else {
		u->late = u->late || u->roster_asking || u->blocklist_asking;
		u->deliver = comes(c, u) || !u->leaving; /* who leaves doesn't wait for one that isn't coming */
	}
	delivery_check_done(c, u);
}

void
delivery_new_contact(struct core *c, struct contact *k)
{
	struct user *u = k->user;

	if (we_deliver(c, u, NODE_PUBLIC) && u->out.digest[NODE_PUBLIC] != 0 &&
	    may_be_told(c, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		telling_one(c, k);
}

/* Errands that waited for this roster: those whose contact is still one go on. */
static void
release(struct core *c, struct user *u, bool known)
{
	struct errand *e;

	while ((e = u->waiting) != NULL) {
		u->waiting = e->next;
		if (known && contacts_find(u, e->to) != NULL)
			put(c, e);
		else
			errand_free(c, e);
	}
}

/* Contacts who signed in before this stream began, when nobody could greet them. */
static void
retell(struct core *c, struct user *u)
{
	if (u->retell && u->settled && user_shown(u) && verify_stands(u) && we_deliver(c, u, NODE_PUBLIC) &&
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
	if (u->late)
		roster_once_more(c, u);
	if (u->deliver)
		to_contacts(c, u);
	u->late = false;
	retell(c, u);
	telling_go_on(c, u);
	delivery_check_done(c, u);
}

void
delivery_leaves(struct core *c, struct user *u)
{
	u->deliver = u->deliver && comes(c, u);
	u->late = u->late && u->deliver;
	/* Nor is anybody told when some roster comes later. */
	if (!roster_coming(u) && !u->blocklist_asking && u->telling == TELLING_NOT)
		telling_outdated(u);
}

void
delivery_abandon(struct core *c, struct user *u)
{
	release(c, u, false);
	/* A roster that comes later will do, but who leaves doesn't wait for one. */
	if (u->leaving) {
		u->deliver = u->late = false;
		telling_outdated(u);
	}
	delivery_check_done(c, u);
}

void
delivery_want_roster(struct core *c, struct user *u)
{
	/* It can't be had, for now: what waits for it waits for a later one only if that takes no memory. */
	if (!comes(c, u)) {
		delivery_abandon(c, u);
		user_arm(c, u);
	}
}

static void
wait_for_roster(struct core *c, struct errand *e)
{
	struct user *u = e->user;

	e->next = u->waiting;
	u->waiting = e;
	delivery_want_roster(c, u);
}

bool
delivery_greet(struct core *c, struct contact *k, const char *resource)
{
	struct user *u = k->user;
	struct errand *e;

	/* Where the server sends the last item at sign-in, it does so only while the owner is online. */
	if (u->withheld != 0 || !we_deliver(c, u, NODE_PUBLIC) || u->out.digest[NODE_PUBLIC] == 0 ||
	    (outbox_setup(u, NODE_PUBLIC) < SETUP_SILENT && user_online(u)))
		return false;
	if (!(u->host->grant.roster & MAY_GET) || !may_be_told(c, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		return false; /* the grant has been taken back: who is a contact can't be known */
	e = resource != NULL ? errand_new(c, u, NODE_PUBLIC, AUDIENCE_CONTACT, k->jid, resource) : NULL;
	if (e == NULL)
		telling_one(c, k);
	else if (delivery_roster_fresh(c, u))
		put(c, e);
	else
		wait_for_roster(c, e);
	return true;
}

void
delivery_own_client(struct core *c, struct user *u, const char *resource)
{
	int node;

	if (u->withheld != 0)
		return;
	if (rate_opens(u->own_bucket, &of_own) > c->now.mono_ms) {
		u->own_at = rate_opens(u->own_bucket, &of_own);
		user_arm(c, u);
		return;
	}
	rate_pour(&u->own_bucket, &of_own, c->now.mono_ms);
	for (node = NODE_PUBLIC; node < NODES; node++) {
		if (outbox_setup(u, node) >= SETUP_SILENT && u->out.digest[node] != 0)
			put_own(c, u, node, resource);
	}
}

/* While it isn't known whose account it is, nobody is told anything, but that there is nothing; then he is. */
static bool
waits_for_proof(struct user *u, enum audience who)
{
	if (!user_shown(u) || verify_stands(u))
		return false;
	if (who == AUDIENCE_SELF)
		u->own_missed = true;
	else
		u->retell = true;
	return true;
}

void
delivery_stands(struct core *c, struct user *u)
{
	if (u->own_missed) {
		u->own_missed = false;
		delivery_own_client(c, u, NULL);
	}
	if (!u->retell || !u->settled)
		return;
	if (u->roster_known && u->roster_at >= c->up_at && delivery_roster_fresh(c, u))
		retell(c, u);
	else if (we_deliver(c, u, NODE_PUBLIC))
		comes(c, u);
}

bool
delivery_event(struct core *c, struct user *u, int node, enum audience who, struct action *act)
{
	if (!u->host->grant.message || !may_be_told(c, u, node, who) || waits_for_proof(u, who))
		return false;
	memset(act, 0, sizeof(*act));
	item_compute(c, u, node, &act->publish);
	/* What the server may have got meanwhile is not to be contradicted: the next publish tells everybody. */
	if (u->out.doubtful[node] || item_digest(c, u, node, &act->publish) != u->out.digest[node])
		return false;
	act->kind = ACTION_EVENT;
	act->owner = u->primary;
	act->from.bare = c->set.domain;
	act->node = node == NODE_PUBLIC ? NODE_DEVICES : NODE_DEVICES_PRIVATE;
	act->privilege_version = u->host->grant.version;
	u->told_at = c->now.mono_ms;
	c->stats.events_sent++;
	return true;
}

bool
delivery_next(struct core *c, struct action *act)
{
	struct errand *e;

	errand_free(c, c->carried);
	c->carried = NULL;
	while ((e = c->errands) != NULL) {
		c->errands = e->next;
		if (c->errands == NULL)
			c->errands_tail = &c->errands;
		/* It has waited for the server to read: who is a contact now is to be seen first. */
		if (e->who != AUDIENCE_SELF && !delivery_roster_fresh(c, e->user)) {
			wait_for_roster(c, e);
			continue;
		}
		/* He may have been removed since, or blocked. */
		if ((e->who == AUDIENCE_SELF || audience_reaches(contacts_find(e->user, e->to))) &&
		    delivery_event(c, e->user, e->node, e->who, act)) {
			act->to.bare = e->to;
			act->to.resource = e->resource;
			c->carried = e;
			return true;
		}
		errand_free(c, e);
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
	telling_forget(c, u);
	if (u->errands == 0)
		return;
	if (c->carried != NULL && c->carried->user == u) {
		errand_free(c, c->carried);
		c->carried = NULL;
	}
	forget_list(c, &u->waiting, u);
	forget_list(c, &c->errands, u);
	for (c->errands_tail = &c->errands; *c->errands_tail != NULL; c->errands_tail = &(*c->errands_tail)->next)
		;
}

void
delivery_link_up(struct core *c)
{
	struct user *u;

	c->up_at = c->now.mono_ms;
	for (u = c->users; u != NULL; u = u->next)
		u->retell = true;
}

void
delivery_doubt(struct core *c)
{
	struct user *u;
	int node;

	for (u = c->users; u != NULL; u = u->next) {
		if (!delivery_waits(u) && (u->told_at == 0 || u->told_at < c->arrived_at))
			continue;
		u->told_at = 0;
		for (node = 0; node < NODES; node++)
			u->out.doubtful[node] = u->out.doubtful[node] || u->out.digest[node] != 0;
	}
}

void
delivery_clear(struct core *c)
{
	struct user *u;

	errand_free(c, c->carried);
	c->carried = NULL;
	forget_list(c, &c->errands, NULL);
	c->errands_tail = &c->errands;
	for (u = c->users; u != NULL; u = u->next) {
		forget_list(c, &u->waiting, NULL);
		telling_forget(c, u);
	}
}
