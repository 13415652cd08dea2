#include "core/sources/presence.h"

#include <string.h>

#include "base/err.h"
#include "core/consent/invite.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/place.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/flight/probe.h"
#include "core/flight/query.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/device_ghost.h"
#include "core/model/silence.h"
#include "core/model/settle.h"
#include "core/model/user.h"
#include "core/sources/audit.h"
#include "core/sources/roster.h"
#include "core/tools/say.h"

static void
ask_kind(struct sources *sources, struct user *u, struct device *d, struct resource *r, const char *bare)
{
	if (r->asked || !u->stored || !user_shown(u) || (d->resource == NULL && !claim_is_known(d)) || d->kind_given ||
	    (d->kind != KIND_OTHER && d->resource == NULL))
		return;
	r->asked = true;
	query_info(sources->flight, u, bare, strcmp(r->name, UNNAMED) != 0 ? r->name : NULL);
}

static void
primary_available(struct sources *sources, struct user *u, const struct event *ev, bool fed)
{
	struct device *d = device_by_resource(u, ev->from.resource);
	bool was_online = user_online(u), changed = false;
	bool fresh = d == NULL || d->resources == NULL || d->resources->ghost;
	struct resource *r;
	int status = 0;

	if (d == NULL) {
		place_make(sources->consent, u);
		status = device_add(sources->model, u, u->primary, ev->from.resource, NULL, KIND_OTHER, &d);
		if (status == 0)
			consent_begin(sources->consent, d);
	}
	if (status == 0)
		status = device_available(sources->model, d, ev->from.resource, &ev->presence, fed, &changed, &r);
	if (status != 0) {
		if (status == ERR_NOMEM)
			say_oom(sources->env);
		else
			u->crowded = true;
		return;
	}
	settle_knows(u);
	d->unreached = false;
	audit_seen(sources, u, NULL);
	ask_kind(sources, u, d, r, u->primary);
	if (!was_online)
		roster_poll(sources, u);
	if (fresh) {
		d->fresh = true;
		user_mark(sources->model, u, MARK_CLIENT);
	}
	if (changed)
		user_updated(sources->model, u);
	user_known(sources->model, u);
}

static void
primary_unavailable(struct sources *sources, struct user *u, const char *resource)
{
	bool changed = false;
	struct device *d;

	settle_knows(u);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL || (resource != NULL && strcmp(d->resource, resource) != 0))
			continue;
		/*
		 * A server that has just restarted says `unavailable` for accounts
		 * whose clients are on their way back: ghosts get until the end of
		 * the wait to show up, unless they are named.
		 */
		if (device_unavailable(sources->model, d, NULL, resource == NULL && !u->settled))
			changed = true;
		device_knows(d);
		d->unreached = false;
		if (resource == NULL && d->stale) {
			device_hear_ghosts(d);
			device_stale(d, false);
			changed = true;
		}
	}
	if (changed)
		user_touch(sources->model, u);
	user_known(sources->model, u);
}

static void
linked_presence(struct sources *sources, struct user *u, struct device *d, const struct event *ev)
{
	const char *resource = ev->from.resource;
	struct resource *r = NULL;
	bool changed = false, was_stale = d->stale;
	int64_t since_ms = d->since_ms;
	int status;

	d->unreached = false;
	if (!d->withdrawn && d->told_s != 0 && !d->noting)
		consent_heard(sources->consent, d);
	if (ev->presence.type == PRESENCE_AVAILABLE) {
		if (resource == NULL && device_has_named(d))
			return;
		if (claim_believes(sources->model, d))
			device_make_room(d, resource != NULL ? resource : UNNAMED);
		status = device_available(sources->model, d, resource != NULL ? resource : UNNAMED, &ev->presence, true,
		    &changed, &r);
		if (status != 0) {
			if (status == ERR_NOMEM)
				say_oom(sources->env);
			else
				d->crowded = true;
			return;
		}
		audit_seen(sources, u, d);
		ask_kind(sources, u, d, r, d->jid);
	} else {
		changed = device_unavailable(sources->model, d, resource, resource == NULL && !u->settled);
		if (resource == NULL)
			device_hear_ghosts(d);
		device_stale(d, device_is_silent(d));
		changed = changed || d->stale != was_stale;
		device_knows(d);
	}
	if (!claim_believes(sources->model, d))
		device_seems(d, since_ms, was_stale);
	if (r != NULL)
		remind_heard(sources->consent, u, d);
	if (d->state != LINK_ACTIVE)
		return;
	if (changed)
		user_updated(sources->model, u);
	user_known(sources->model, u);
}

/* Of all errors only these say that the account is not there. */
static bool
says_gone(enum condition error)
{
	return error == COND_GONE || error == COND_ITEM_NOT_FOUND;
}

/* The device's server can't be reached: what it last said stays, marked as stale. */
static void
linked_error(struct sources *sources, struct user *u, struct device *d, const struct event *ev)
{
	audit_refused(sources, u, d);
	d->missed = true;
	/* Whoever may be somebody else changes nothing of what is shown; what comes to where it was probed from is its server's. */
	if (!claim_believes(sources->model, d) && !probe_is_answer(sources->flight, u, ev->from.bare, ev->to.resource))
		return;
	if (says_gone(ev->presence.error)) {
		linked_presence(sources, u, d, ev);
		return;
	}
	device_knows(d);
	d->unreached = true;
	if (!d->stale && d->state == LINK_ACTIVE) {
		device_stale(d, true);
		user_touch(sources->model, u);
	}
	user_known(sources->model, u);
}

/* The same of the user's own account. */
static void
primary_error(struct sources *sources, struct user *u, const struct event *ev)
{
	struct device *d;

	/* What answers the request says nothing of resources that are known from hints. */
	if (!u->approved)
		return;
	audit_refused(sources, u, NULL);
	if (says_gone(ev->presence.error)) {
		primary_unavailable(sources, u, ev->from.resource);
		return;
	}
	settle_knows(u);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL || d->resources == NULL)
			continue;
		device_knows(d);
		d->unreached = true;
		if (!d->stale) {
			device_stale(d, true);
			user_touch(sources->model, u);
		}
	}
	user_known(sources->model, u);
}

static void
from_linked(struct sources *sources, struct user *u, struct device *d, const struct event *ev)
{
	switch (ev->presence.type) {
	case PRESENCE_AVAILABLE:
	case PRESENCE_UNAVAILABLE:
		linked_presence(sources, u, d, ev);
		break;
	case PRESENCE_SUBSCRIBED:
		consent_approved(sources->consent, d);
		break;
	case PRESENCE_UNSUBSCRIBED:
		consent_ended(sources->consent, d, true, NULL);
		break;
	case PRESENCE_SUBSCRIBE:
		if (audience_tells(sources->model, d))
			invite_deny(sources->consent, d);
		else
			invite_asks(d);
		break;
	case PRESENCE_ERROR:
		linked_error(sources, u, d, ev);
		break;
	case PRESENCE_UNSUBSCRIBE:
	case PRESENCE_PROBE:
		break;
	}
}

/* She may see her bridge: of many requests one is answered while that answer waits to be sent. */
static void
accept(struct sources *sources, struct user *u)
{
	if (say_waits(sources->env, u->accepted)) {
		sources->env->stats.unanswered++;
		return;
	}
	say_presence(sources->env, u->bridge, u->primary, PRESENCE_SUBSCRIBED);
	u->accepted = say_order(sources->env);
}

static void
from_primary(struct sources *sources, struct user *u, const struct event *ev)
{
	switch (ev->presence.type) {
	case PRESENCE_AVAILABLE:
		if (ev->from.resource != NULL)
			primary_available(sources, u, ev, true);
		break;
	case PRESENCE_UNAVAILABLE:
		primary_unavailable(sources, u, ev->from.resource);
		break;
	case PRESENCE_SUBSCRIBED:
		if (!u->approved)
			enrol_accepted(sources->consent, u);
		else if (verify_subscribed(sources->consent, u))
			enrol_begin_anew(sources->consent, u, NULL);
		break;
	case PRESENCE_UNSUBSCRIBED:
		/* The bridge contact was refused or removed: that is how people end things. */
		if (!verify_is_echo(sources->consent, u))
			enrol_leave(sources->consent, u, NULL);
		break;
	case PRESENCE_SUBSCRIBE:
		accept(sources, u);
		break;
	case PRESENCE_ERROR:
		primary_error(sources, u, ev);
		break;
	case PRESENCE_PROBE:
	case PRESENCE_UNSUBSCRIBE:
		break;
	}
}

static bool
is_state(const struct event *ev)
{
	return ev->presence.type == PRESENCE_AVAILABLE || ev->presence.type == PRESENCE_UNAVAILABLE;
}

/* To our domain: of all that comes there only privileged hints count. */
static bool
hint(struct sources *sources, const struct event *ev)
{
	struct user *u;

	if (ev->from.resource == NULL || !is_state(ev)) {
		sources->env->stats.strangers++;
		return false;
	}
	u = user_find(sources->model, ev->from.bare);
	if (u == NULL || u->leaving || !u->host->configured || !u->host->grant.presence) {
		sources->env->stats.strangers++;
		return true;
	}
	verify_spoke(sources->consent, u, NULL);
	/*
	 * `roster' hands on what a contact has got: that may have been meant for him
	 * alone, as what she sends to one whom she removes is.  What all may know
	 * comes by the bridge.
	 */
	if (u->host->grant.presence_roster)
		return true;
	if (ev->presence.type == PRESENCE_AVAILABLE)
		primary_available(sources, u, ev, false);
	else
		primary_unavailable(sources, u, ev->from.resource);
	return true;
}

/*
 * Whether it answers a probe or not, its server speaks; an error may be
 * another's word in its name.  D is NULL for U's primary.
 */
static void
hear(struct sources *sources, struct user *u, struct device *d, const struct event *ev)
{
	struct domain *domain = d != NULL ? d->account->domain : u->domain;
	struct asking *asked = d != NULL ? &d->probe : &u->probe;

	if (ev->presence.type == PRESENCE_ERROR)
		return;
	silence_heard(sources->model, domain);
	if (!probe_is_answer(sources->flight, u, ev->from.bare, ev->to.resource)) {
		if (is_state(ev))
			verify_spoke(sources->consent, u, d);
		return;
	}
	if (asked->order != 0) {
		silence_answered(sources->model, domain, ASKED_PROBE,
		    d != NULL ? d->account->node.hash : u->by_primary.hash, asked);
		silence_over(asked);
		audit_answered(sources, u, d);
	}
	if (is_state(ev))
		verify_answered(sources->consent, u, d);
}

bool
presence_in(struct sources *sources, const struct event *ev)
{
	struct user *u;
	struct device *d;

	sources->env->stats.presences++;
	if (ev->from.bare == NULL)
		return false;
	u = user_find_bridge(sources->model, ev->to.bare);
	if (u == NULL) {
		if (strcmp(ev->to.bare, sources->env->set.domain) == 0 && ev->to.resource == NULL)
			return hint(sources, ev);
		sources->env->stats.strangers++;
		return false;
	}
	if (!user_enrolled(u))
		return false;
	if (strcmp(ev->from.bare, u->primary) == 0) {
		hear(sources, u, NULL, ev);
		from_primary(sources, u, ev);
		return false;
	}
	d = device_by_account(u, ev->from.bare);
	/* Of what is void the account can say no more than that it is over. */
	if (d == NULL || !d->stored || (claim_is_void(d) && ev->presence.type != PRESENCE_UNSUBSCRIBED)) {
		sources->env->stats.strangers++;
		return false;
	}
	hear(sources, u, d, ev);
	from_linked(sources, u, d, ev);
	return false;
}
