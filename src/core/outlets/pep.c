#include "core/outlets/pep.h"

#include <string.h>

#include "core/flight/query.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/outlets/pep_step.h"
#include "core/outlets/pep_way.h"
#include "core/outlets/slots.h"
#include "core/sources/missing.h"
#include "core/view/item.h"

/* What is to go doesn't wait for the bucket, but for so many publishes more: then it does, as all do in the long run. */
#define URGENT_BURST 8

/* On a new stream most are known again by then. */
#define ANSWERS_MS 2000

#define TRIAL_WAIT_MS 50
#define TRIAL_LIFE_MS 3000 /* what a server drops in silence must not hold others up for long */

/* The nodes from which something has to go, until that is acknowledged: what has failed is as urgent as it was. */
static unsigned
urgent(const struct user *u)
{
	return u->pep.urgent | u->pep.rushed;
}

/*
 * Is NODE published before she has settled?  If something has to go from it,
 * which what was never published there need not; and if it was so on this
 * stream: it says already what isn't known.
 */
static bool
hurries(const struct user *u, int node)
{
	return ((u->hasty >> node & 1) != 0 && claim_stands(u)) ||
	    ((urgent(u) >> node & 1) != 0 && (u->pep.digest[node] != 0 || u->pep.doubtful[node]));
}

static bool
ready(const struct outlets *outlets, const struct user *u)
{
	return outlets->env->link_up && outlets->env->loaded && u->stored && u->pep.dirty && u->pep.step == STEP_IDLE &&
	    !u->pep.queued &&
	    ((u->settled && claim_stands(u)) || hurries(u, NODE_PUBLIC) || hurries(u, NODE_PRIVATE) || !user_shown(u));
}

/* Does an item say anything of her own clients: what they are, if it is they, or what they were on the stream before? */
static bool
is_known(const struct user *u)
{
	const struct device *d;
	const struct resource *r;

	for (d = u->devices; d != NULL; d = d->next) {
		for (r = d->resource != NULL ? d->resources : NULL; r != NULL; r = r->next) {
			if (r->ghost || claim_stands(u))
				return true;
		}
	}
	return false;
}

uint64_t
pep_deadline(const struct outlets *outlets, const struct user *u)
{
	uint64_t at, burst;

	if (!ready(outlets, u)) {
		if (!outlets->env->link_up || u->pep.step != STEP_IDLE || u->pep.dirty)
			return TIMER_NEVER;
		if (u->pep.look_at == 0 || (u->pep.refresh_at != 0 && u->pep.refresh_at < u->pep.look_at))
			return u->pep.refresh_at != 0 ? u->pep.refresh_at : TIMER_NEVER;
		return u->pep.look_at;
	}
	at = u->pep.due;
	burst = (uint64_t)(outlets->env->set.burst - 1 + (urgent(u) != 0 ? URGENT_BURST : 0)) *
	    outlets->env->set.rate_ms;
	if (u->pep.bucket > at + burst)
		at = u->pep.bucket - burst;
	if (u->pep.retry_at > at)
		at = u->pep.retry_at;
	/* What is in haste right after a start, when nothing is known of her, says what her clients answer by then. */
	if (!u->settled && user_shown(u) && !is_known(u) && outlets->env->up_at + ANSWERS_MS > at)
		at = outlets->env->up_at + ANSWERS_MS;
	return at;
}

void
pep_due(struct outlets *outlets, struct user *u)
{
	if (u->pep.refresh_at != 0 && u->pep.refresh_at <= outlets->env->now.mono_ms) {
		u->pep.refresh_at = 0;
		u->pep.force = true;
		if (!u->pep.dirty)
			u->pep.due = outlets->env->now.mono_ms;
		u->pep.dirty = true;
	}
	if (u->pep.look_at != 0 && u->pep.look_at <= outlets->env->now.mono_ms) {
		u->pep.look_at = 0;
		if (!u->pep.dirty)
			u->pep.due = outlets->env->now.mono_ms;
		u->pep.dirty = true;
	}
	if (ready(outlets, u) && pep_deadline(outlets, u) <= outlets->env->now.mono_ms)
		slots_ready(u, urgent(u) != 0);
}

/* What is dirty is on its way. */
static void
taken(struct user *u)
{
	u->pep.dirty = false;
	u->pep.rushed |= u->pep.urgent;
	u->pep.urgent = 0;
}

void
pep_reset(struct user *u)
{
	if (u->pep.step != STEP_IDLE || u->pep.rushed != 0)
		u->pep.dirty = true;
	u->pep.step = STEP_IDLE;
	u->pep.flying = u->pep.follow = false;
	u->pep.retry_at = 0;
	u->pep.retries = 0;
	u->hasty = 0;
	u->pep.look_at = 0;
	u->pep.private_again = u->pep.setup_again = u->pep.refused_until = 0;
	u->pep.no_ordinary = false;
	pep_try_anew(u);
}

void
pep_stored(struct outlets *outlets, struct user *u, uint64_t ticket, bool ok)
{
	if (u->pep.noting == 0 || u->pep.noting > ticket)
		return;
	u->pep.noting = 0;
	if (!outlets->env->link_up || u->pep.step == STEP_IDLE || u->pep.flying)
		return;
	if (ok)
		slots_ready(u, true);
	else
		pep_no_setup(outlets, u);
}

/* May the private node be touched now?  What it has to wait for is a time; or a grant, see pep_granted(). */
static bool
private_waits(struct outlets *outlets, struct user *u)
{
	struct host *h = u->host;
	enum trial trial;

	if (u->pep.private_again > outlets->env->now.mono_ms) {
		u->pep.look_at = u->pep.private_again;
		return true;
	}
	if (!pep_is_to_be_cleaned(outlets, u))
		return false;
	if (!user_shown(u) || !host_may_publish(h))
		return true;
	trial = pep_privileged(outlets, u);
	if (trial == TRIAL_WORKS || trial == TRIAL_UNKNOWN)
		return false;
	u->pep.look_at = trial != TRIAL_FAILED		     ? outlets->env->now.mono_ms + TRIAL_LIFE_MS :
	    u->pep.refused_until > outlets->env->now.mono_ms ? u->pep.refused_until :
							       h->privileged_again;
	return true;
}

/* Which node from FIRST on has to be published; false when they are as they should be. */
static bool
pick_node(struct outlets *outlets, struct user *u, int first, struct item *item)
{
	int node;

	for (node = first; node < NODES; node++) {
		if (node == NODE_PRIVATE && private_waits(outlets, u))
			continue;
		if (!user_shown(u) && u->pep.digest[node] == 0 && !u->pep.doubtful[node])
			continue;
		if ((!u->settled || !claim_stands(u)) && user_shown(u)) {
			if (!hurries(u, node))
				continue;
			if (!u->settled)
				u->hasty |= 1U << node;
		}
		item_compute(outlets->view, u, node, item);
		u->pep.computed = item_digest(outlets->view, u, node, item);
		if (u->pep.digest[node] == u->pep.computed && !u->pep.doubtful[node] &&
		    !(u->pep.force && u->pep.published_ms[node] != 0))
			continue;
		u->pep.node = node;
		return true;
	}
	return false;
}

enum route {
	ROUTE_WAIT,
	ROUTE_NONE, /* nobody would deliver it */
	ROUTE_SETUP,
	ROUTE_PRIVILEGED,
	ROUTE_ORDINARY
};

static enum route
choose(struct outlets *outlets, struct user *u, enum node_setup *wanted)
{
	struct host *h = u->host;
	enum node_setup now = u->pep.setup[u->pep.node];
	enum trial trial;

	if (host_may_grant(outlets->model, h))
		return ROUTE_WAIT;
	/* What only takes away is published all the same: who fetches it is told the truth. */
	if (h->missing && user_shown(u) && urgent(u) == 0 && missing_delivery(u, u->pep.node))
		return ROUTE_NONE;
	if (!host_may_publish(h))
		return ROUTE_ORDINARY;
	trial = pep_privileged(outlets, u);
	if (trial == TRIAL_FAILED)
		return ROUTE_ORDINARY;
	if (!host_setup(outlets->model, h, wanted))
		return ROUTE_WAIT;
	/* To empty a node it has to be no other than it is. */
	if (h->configured && *wanted != SETUP_NONE && (now != *wanted || u->pep.unsure[u->pep.node]) &&
	    (host_may_own(h) || now == SETUP_NONE) && u->pep.setup_again <= outlets->env->now.mono_ms)
		return trial == TRIAL_RUNNING ? ROUTE_WAIT : ROUTE_SETUP;
	if (host_may_own(h) && now != SETUP_NONE && !u->pep.no_ordinary &&
	    (h->ordinary == TRIAL_UNKNOWN || h->ordinary == TRIAL_WORKS))
		return ROUTE_ORDINARY;
	return trial == TRIAL_RUNNING ? ROUTE_WAIT : ROUTE_PRIVILEGED;
}

static struct query *
send(struct outlets *outlets, struct user *u, enum action_kind kind, enum way way, struct action *act)
{
	struct host *h = u->host;
	struct query *q;

	q = query_add(outlets->flight, ASK_PEP, u, h, u->primary, NULL, way != WAY_ORDINARY);
	if (q == NULL) {
		u->pep.step = STEP_IDLE;
		u->pep.dirty = true;
		pep_retry(outlets, u, "too many requests are waiting for answers");
		user_mark(outlets->model, u, MARK_TIMES);
		return NULL;
	}
	query_goes(q, way);
	u->pep.flying = true;
	if (way != WAY_ORDINARY && h->privileged == TRIAL_UNKNOWN) {
		h->privileged = TRIAL_RUNNING;
		q->trial = true;
		query_lives(outlets->flight, q, TRIAL_LIFE_MS);
	}
	if (way == WAY_ORDINARY && h->ordinary == TRIAL_UNKNOWN && host_may_publish(h)) {
		h->ordinary = TRIAL_RUNNING;
		q->trial = true;
		query_lives(outlets->flight, q, TRIAL_LIFE_MS);
	}
	slots_take(outlets, q);
	memset(act, 0, sizeof(*act));
	act->kind = kind;
	act->id = q->id;
	act->way = way;
	act->from.bare = way == WAY_ORDINARY ? u->bridge : outlets->env->set.domain;
	act->to.bare = act->owner = u->primary;
	act->node = u->pep.node == NODE_PUBLIC ? NODE_DEVICES : NODE_DEVICES_PRIVATE;
	act->access = pep_access(outlets, u);
	return q;
}

static void
fill_config(const struct user *u, struct action *act)
{
	act->config.access = act->access;
	act->config.no_events = u->pep.target == SETUP_OURS || u->pep.target == SETUP_SILENT;
	act->config.no_last = u->pep.target == SETUP_SILENT;
	act->config.restore = act->kind == ACTION_CONFIG_SET; /* an earlier set-up may have silenced it */
}

/* Send the set-up or repair step that an answer has led to. */
static bool
send_step(struct outlets *outlets, struct user *u, struct action *act)
{
	static const enum action_kind kinds[] = {
		[STEP_CREATE] = ACTION_CREATE,
		[STEP_READ] = ACTION_CONFIG_GET,
		[STEP_CONFIGURE] = ACTION_CONFIG_SET,
		[STEP_VERIFY] = ACTION_CONFIG_GET,
		[STEP_AFFILIATE] = ACTION_AFFILIATE,
		[STEP_RETRACT] = ACTION_RETRACT,
		[STEP_EMPTY] = ACTION_RETRACT,
		[STEP_CLEAN] = ACTION_RETRACT,
	};

	if (send(outlets, u, kinds[u->pep.step], u->pep.step == STEP_EMPTY ? u->pep.way : u->host->form, act) == NULL)
		return false;
	/* With another publisher's item what was acknowledged goes as well, whether or not the answer comes. */
	if (u->pep.step == STEP_RETRACT || u->pep.step == STEP_EMPTY)
		u->pep.doubtful[u->pep.node] = true;
	fill_config(u, act);
	act->who = u->bridge;
	return true;
}

/* ITEM is the one that pick_node() has just computed. */
static bool
send_publish(struct outlets *outlets, struct user *u, enum way way, const struct item *item, struct action *act)
{
	u->pep.step = STEP_PUBLISH;
	if (send(outlets, u, ACTION_PUBLISH, way, act) == NULL)
		return false;
	u->pep.way = way;
	u->pep.doubted = u->pep.doubtful[u->pep.node];
	u->pep.doubtful[u->pep.node] = true;
	act->publish = *item;
	u->pep.sent_ms = item->expires_ms != 0 ? item->updated_ms : 0;
	if (u->pep.follow)
		return true; /* what changed meanwhile is still to be published in the public node */
	taken(u);
	if (u->pep.bucket < outlets->env->now.mono_ms)
		u->pep.bucket = outlets->env->now.mono_ms;
	u->pep.bucket += outlets->env->set.rate_ms;
	return true;
}

/* Is a repair under way that would make of the node what the settings don't want any more? */
static bool
is_overtaken(const struct outlets *outlets, const struct user *u)
{
	enum pep_step step = u->pep.step;

	return u->pep.aimed != pep_access(outlets, u) &&
	    (step == STEP_CONFIGURE || step == STEP_VERIFY || (step == STEP_EMPTY && u->pep.opens));
}

static bool
may_step(const struct user *u)
{
	/* As the publish that was answered just now. */
	if (u->pep.step == STEP_EMPTY)
		return u->pep.way == WAY_ORDINARY || host_may_publish(u->host);
	if (u->pep.step == STEP_CREATE || u->pep.step == STEP_RETRACT)
		return host_may_publish(u->host);
	return host_may_own(u->host);
}

/* Put U's next step on the way; false when it has none for now. */
static bool
advance(struct outlets *outlets, struct user *u, struct action *act)
{
	enum node_setup wanted;
	struct item item;

	if (is_overtaken(outlets, u))
		u->pep.step = STEP_READ;
	if (u->pep.step != STEP_IDLE) {
		if (may_step(u))
			return u->pep.noting == 0 && send_step(outlets, u, act);
		pep_rest(u); /* the grant was taken back in the middle of it */
	}
	u->pep.step = STEP_IDLE;
	/* What has to go from the public node meanwhile doesn't wait until the private one has followed. */
	if (u->pep.follow && u->pep.urgent != 0 && pep_deadline(outlets, u) <= outlets->env->now.mono_ms)
		u->pep.follow = false;
	if (!pick_node(outlets, u, u->pep.follow ? NODE_PRIVATE : NODE_PUBLIC, &item)) {
		pep_nothing_left(outlets, u);
		return false;
	}
	if (u->pep.node == NODE_PRIVATE && pep_is_to_be_cleaned(outlets, u)) {
		u->pep.step = STEP_CLEAN;
		if (!send_step(outlets, u, act))
			return false;
		if (!u->pep.follow)
			taken(u);
		/* The public node is as it should be; what changes from here on is still to be published. */
		u->pep.follow = true;
		return true;
	}
	switch (choose(outlets, u, &wanted)) {
	case ROUTE_WAIT:
		pep_rest(u);
		u->pep.retry_at = outlets->env->now.mono_ms + TRIAL_WAIT_MS +
		    outlets->model->nusers / 64; /* many users look less often */
		return false;
	case ROUTE_NONE:
		pep_no_grant(outlets, u);
		return false;
	case ROUTE_SETUP:
		u->pep.step = STEP_CREATE;
		return pep_begin_setup(outlets, u, wanted) && u->pep.noting == 0 && send_step(outlets, u, act);
	case ROUTE_PRIVILEGED:
		return send_publish(outlets, u, u->host->form, &item, act);
	case ROUTE_ORDINARY:
		return send_publish(outlets, u, WAY_ORDINARY, &item, act);
	}
	return false;
}

bool
pep_next(struct outlets *outlets, struct host *h, struct action *act)
{
	struct user *u;

	while ((u = slots_next(outlets, h)) != NULL) {
		if (advance(outlets, u, act)) {
			user_mark(outlets->model, u, MARK_TIMES);
			return true;
		}
		/* change_gone() only asks for the end; U lives until the registry has answered. */
		user_mark(outlets->model, u, MARK_TIMES);
	}
	return false;
}

void
pep_loaded(struct user *u, const struct user_record *row)
{
	int node;

	memcpy(u->pep.digest, row->digest, sizeof(row->digest));
	memcpy(u->pep.setup, row->setup, sizeof(row->setup));
	for (node = 0; node < NODES; node++)
		u->pep.published_ms[node] = row->digest[node] != 0 ? row->published_ms : 0;
	u->pep.doubtful[NODE_PUBLIC] = row->doubtful;
	u->pep.doubtful[NODE_PRIVATE] = row->doubtful && row->digest[NODE_PRIVATE] != 0;
}

void
pep_loaded_device(struct user *u)
{
	if (u->pep.doubtful[NODE_PUBLIC])
		u->pep.doubtful[NODE_PRIVATE] = true;
}

void
pep_settled(struct user *u)
{
	u->hasty = 0;
}

void
pep_hurry(const struct outlets *outlets, struct user *u)
{
	if (u->pep.dirty && u->settled)
		u->pep.due = outlets->env->now.mono_ms;
}
