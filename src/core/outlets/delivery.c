#include "core/outlets/delivery.h"

#include "base/rate.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/contacts.h"
#include "core/model/deliverer.h"
#include "core/model/user.h"
#include "core/outlets/errand.h"
#include "core/outlets/notification.h"
#include "core/outlets/telling.h"
#include "core/sources/blocking.h"
#include "core/sources/roster.h"

/* What a user's own clients are told at sign-in, as a contact is. */
static const struct rate of_own = {GREET_EVERY_MS, GREET_BURST};

static bool
we_deliver(const struct outlets *outlets, const struct user *u, int node)
{
	enum deliverer m = deliverer_of(outlets->model, u, node);

	return m == DELIVERER_WE || (m == DELIVERER_WE_IN_GAPS && !user_online(u));
}

/* RESOURCE NULL: all of her clients; so also when one can't be told alone. */
static void
put_own(struct outlets *outlets, struct user *u, int node, const char *resource)
{
	struct errand *e = resource != NULL ? errand_new(outlets, u, node, AUDIENCE_SELF, u->primary, resource) : NULL;

	if (e == NULL) {
		telling_own(outlets, u, node);
		return;
	}
	errand_put(outlets, e);
}

static void
to_contacts(struct outlets *outlets, struct user *u)
{
	u->deliver = u->retell = u->late = false;
	if (notification_allowed(outlets, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		telling_all(outlets, u);
}

void
delivery_published(struct outlets *outlets, struct user *u, int node)
{
	if (!we_deliver(outlets, u, node))
		return;
	if (node == NODE_PUBLIC)
		telling_outdated(u);
	put_own(outlets, u, node, NULL);
	if (!notification_allowed(outlets, u, node, AUDIENCE_CONTACT) || !(u->host->grant.roster & MAY_GET))
		return;
	if (blocking_is_fresh(outlets->sources, u)) {
		to_contacts(outlets, u);
		roster_once_more(outlets->sources, u);
	} else {
		u->late = u->late || u->roster_asking || u->blocklist_asking;
		u->deliver = blocking_comes(outlets->sources, u) ||
		    !u->leaving; /* who leaves doesn't wait for one that isn't coming */
	}
	errand_check_done(outlets, u);
}

void
delivery_new_contact(struct outlets *outlets, struct contact *k)
{
	struct user *u = k->user;

	if (we_deliver(outlets, u, NODE_PUBLIC) && u->pep.digest[NODE_PUBLIC] != 0 &&
	    notification_allowed(outlets, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		telling_one(outlets, k);
}

/* Errands that waited for this roster: those whose contact is still one go on. */
static void
release(struct outlets *outlets, struct user *u, bool known)
{
	struct errand *e;

	while ((e = u->waiting) != NULL) {
		u->waiting = e->next;
		if (known && contacts_find(u, e->to) != NULL)
			errand_put(outlets, e);
		else
			errand_free(outlets, e);
	}
}

/* Contacts who signed in before this stream began, when nobody could greet them. */
static void
retell(struct outlets *outlets, struct user *u)
{
	if (u->retell && u->settled && user_shown(u) && claim_stands(u) && we_deliver(outlets, u, NODE_PUBLIC) &&
	    u->pep.digest[NODE_PUBLIC] != 0)
		to_contacts(outlets, u);
}

void
delivery_settled(struct outlets *outlets, struct user *u)
{
	/* Without a roster of this stream it is done when that has come. */
	if (u->roster_known && u->roster_at >= outlets->env->up_at)
		retell(outlets, u);
}

void
delivery_roster(struct outlets *outlets, struct user *u)
{
	release(outlets, u, true);
	if (u->late)
		roster_once_more(outlets->sources, u);
	if (u->deliver)
		to_contacts(outlets, u);
	u->late = false;
	retell(outlets, u);
	telling_go_on(outlets, u);
	errand_check_done(outlets, u);
}

void
delivery_leaves(struct outlets *outlets, struct user *u)
{
	u->deliver = u->deliver && blocking_comes(outlets->sources, u);
	u->late = u->late && u->deliver;
	/* Nor is anybody told when some roster comes later. */
	if (!roster_coming(u) && !u->blocklist_asking && u->telling == TELLING_NOT)
		telling_outdated(u);
}

void
delivery_abandon(struct outlets *outlets, struct user *u, bool again)
{
	u->retell = u->retell || again;
	release(outlets, u, false);
	/* A roster that comes later will do, but who leaves doesn't wait for one. */
	if (u->leaving) {
		u->deliver = u->late = false;
		telling_outdated(u);
	}
	errand_check_done(outlets, u);
}

void
delivery_want_roster(struct outlets *outlets, struct user *u)
{
	/* It can't be had, for now: what waits for it waits for a later one only if that takes no memory. */
	if (!blocking_comes(outlets->sources, u)) {
		delivery_abandon(outlets, u, false);
		user_mark(outlets->model, u, MARK_TIMES);
	}
}

static void
wait_for_roster(struct outlets *outlets, struct errand *e)
{
	struct user *u = e->user;

	e->next = u->waiting;
	u->waiting = e;
	delivery_want_roster(outlets, u);
}

bool
delivery_greet(struct outlets *outlets, struct contact *k, const char *resource)
{
	struct user *u = k->user;
	struct errand *e;

	/* Where the server sends the last item at sign-in, it does so only while the owner is online. */
	if (u->withheld != 0 || !we_deliver(outlets, u, NODE_PUBLIC) || u->pep.digest[NODE_PUBLIC] == 0 ||
	    (user_setup(u, NODE_PUBLIC) < SETUP_SILENT && user_online(u)))
		return false;
	if (!(u->host->grant.roster & MAY_GET) || !notification_allowed(outlets, u, NODE_PUBLIC, AUDIENCE_CONTACT))
		return false; /* the grant has been taken back: who is a contact can't be known */
	e = resource != NULL ? errand_new(outlets, u, NODE_PUBLIC, AUDIENCE_CONTACT, k->jid, resource) : NULL;
	if (e == NULL)
		telling_one(outlets, k);
	else if (blocking_is_fresh(outlets->sources, u))
		errand_put(outlets, e);
	else
		wait_for_roster(outlets, e);
	return true;
}

/* RESOURCE NULL: all of them, too often some time ago. */
static void
own_client(struct outlets *outlets, struct user *u, const char *resource)
{
	int node;

	if (u->withheld != 0)
		return;
	if (rate_opens(u->own_bucket, &of_own) > outlets->env->now.mono_ms) {
		u->own_at = rate_opens(u->own_bucket, &of_own);
		user_mark(outlets->model, u, MARK_TIMES);
		return;
	}
	rate_pour(&u->own_bucket, &of_own, outlets->env->now.mono_ms);
	for (node = NODE_PUBLIC; node < NODES; node++) {
		if (user_setup(u, node) >= SETUP_SILENT && u->pep.digest[node] != 0)
			put_own(outlets, u, node, resource);
	}
}

void
delivery_clients(struct outlets *outlets, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->fresh)
			own_client(outlets, u, d->resource);
		d->fresh = false;
	}
}

uint64_t
delivery_deadline(const struct user *u)
{
	return u->own_at != 0 ? u->own_at : TIMER_NEVER;
}

void
delivery_due(struct outlets *outlets, struct user *u)
{
	if (u->own_at == 0 || u->own_at > outlets->env->now.mono_ms)
		return;
	u->own_at = 0;
	if (outlets->env->link_up)
		own_client(outlets, u, NULL);
}

void
delivery_stands(struct outlets *outlets, struct user *u)
{
	if (u->own_missed) {
		u->own_missed = false;
		own_client(outlets, u, NULL);
	}
	if (!u->retell || !u->settled)
		return;
	if (u->roster_known && u->roster_at >= outlets->env->up_at && blocking_is_fresh(outlets->sources, u))
		retell(outlets, u);
	else if (we_deliver(outlets, u, NODE_PUBLIC))
		blocking_comes(outlets->sources, u);
}

bool
delivery_next(struct outlets *outlets, struct action *act)
{
	struct errand *e;

	errand_free(outlets, outlets->carried);
	outlets->carried = NULL;
	while ((e = outlets->errands) != NULL) {
		outlets->errands = e->next;
		if (outlets->errands == NULL)
			outlets->errands_tail = &outlets->errands;
		/* It has waited for the server to read: who is a contact now is to be seen first. */
		if (e->who != AUDIENCE_SELF && !blocking_is_fresh(outlets->sources, e->user)) {
			wait_for_roster(outlets, e);
			continue;
		}
		/* He may have been removed since, or blocked. */
		if ((e->who == AUDIENCE_SELF || audience_reaches(contacts_find(e->user, e->to))) &&
		    notification_make(outlets, e->user, e->node, e->who, act)) {
			act->to.bare = e->to;
			act->to.resource = e->resource;
			outlets->carried = e;
			return true;
		}
		errand_free(outlets, e);
	}
	return false;
}

static void
forget_list(struct outlets *outlets, struct errand **at, const struct user *u)
{
	struct errand *e;

	while ((e = *at) != NULL) {
		if (u != NULL && e->user != u) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		errand_free(outlets, e);
	}
}

void
delivery_forget_user(struct outlets *outlets, struct user *u)
{
	telling_forget(outlets, u);
	if (u->errands == 0)
		return;
	if (outlets->carried != NULL && outlets->carried->user == u) {
		errand_free(outlets, outlets->carried);
		outlets->carried = NULL;
	}
	forget_list(outlets, &u->waiting, u);
	forget_list(outlets, &outlets->errands, u);
	for (outlets->errands_tail = &outlets->errands; *outlets->errands_tail != NULL;
	     outlets->errands_tail = &(*outlets->errands_tail)->next)
		;
}

void
delivery_link_up(struct outlets *outlets)
{
	struct user *u;

	for (u = outlets->model->users; u != NULL; u = u->next) {
		u->retell = true;
		u->own_missed = false;
	}
}

void
delivery_doubt(struct outlets *outlets)
{
	struct user *u;
	int node;

	for (u = outlets->model->users; u != NULL; u = u->next) {
		if (!user_waits(u) && (u->told_at == 0 || u->told_at < outlets->flight->arrived_at))
			continue;
		u->told_at = 0;
		for (node = 0; node < NODES; node++)
			u->pep.doubtful[node] = u->pep.doubtful[node] || u->pep.digest[node] != 0;
	}
}

void
delivery_clear(struct outlets *outlets)
{
	struct user *u;

	errand_free(outlets, outlets->carried);
	outlets->carried = NULL;
	forget_list(outlets, &outlets->errands, NULL);
	outlets->errands_tail = &outlets->errands;
	for (u = outlets->model->users; u != NULL; u = u->next) {
		u->deliver = u->late = u->own_missed = false;
		forget_list(outlets, &u->waiting, NULL);
		telling_forget(outlets, u);
	}
}
