#include "core/outlets/pep_answer.h"

#include <string.h>

#include "core/flight/line.h"
#include "core/flight/query.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/pep_step.h"
#include "core/outlets/pep_way.h"
#include "core/outlets/slots.h"
#include "core/tools/say.h"

#define SAID_EVERY_MS (10 * 60 * 1000)

static void
go(struct user *u, enum pep_step step)
{
	u->pep.step = step;
	slots_ready(u, true);
}

/* Start over at once, by another way or with the set-up. */
static void
again(struct outlets *outlets, struct user *u)
{
	u->pep.step = STEP_IDLE;
	u->pep.dirty = true;
	u->pep.due = outlets->env->now.mono_ms;
	slots_ready(u, true);
}

static void
note(struct outlets *outlets, struct user *u)
{
	struct said *s = say(outlets->env, ACTION_NOTE_PUBLISHED);

	if (s == NULL)
		return;
	s->act.user = user_record(u);
	s->act.user.primary = say_str(outlets->env, s, u->primary);
}

static void
acknowledged(struct outlets *outlets, struct user *u)
{
	u->pep.digest[u->pep.node] = u->pep.computed;
	u->pep.doubtful[u->pep.node] = false;
	u->pep.published_ms[u->pep.node] = u->pep.sent_ms;
	u->pep.retries = 0;
	u->pep.retry_at = 0;
	pep_try_anew(u);
	outlets->env->stats.published++;
	pep_unblock(outlets, u);
	note(outlets, u);
	say_log(outlets->env, LOG_LEVEL_DEBUG, "published", "user", u->primary, "node",
	    u->pep.node == NODE_PUBLIC ? "devices" : "devices-private", NULL);
	delivery_published(outlets, u, u->pep.node);
	u->pep.step = STEP_IDLE;
	/* The private node may have to follow, at once and outside the bucket. */
	u->pep.follow = true;
	if (u->pep.node == NODE_PUBLIC)
		slots_ready(u, true);
	else
		pep_nothing_left(outlets, u);
}

/* May there be another line in the log?  A user can have her node repaired with each of her publishes. */
static bool
may_say(const struct outlets *outlets, uint64_t *said_at)
{
	if (*said_at != 0 && outlets->env->now.mono_ms < *said_at + SAID_EVERY_MS)
		return false;
	*said_at = outlets->env->now.mono_ms;
	return true;
}

static void
repair(struct outlets *outlets, struct user *u, const char *error)
{
	enum access wanted = pep_access(outlets, u);
	enum node_setup target = user_setup(u, u->pep.node);

	if (u->host->configured && host_may_own(u->host) && u->host->privileged != TRIAL_FAILED && !u->pep.repaired) {
		if ((target == SETUP_NONE || target == SETUP_ASSUMED) && !host_setup(outlets->model, u->host, &target))
			target = SETUP_SERVER;
		if (!pep_begin_setup(outlets, u, target))
			return;
		if (may_say(outlets, &u->pep.repair_said_at))
			say_log(outlets->env, LOG_LEVEL_WARN, "node.repair", "user", u->primary, "access",
			    access_name(wanted), "text",
			    "the node exists with another configuration; it is set right before anything is published",
			    NULL);
		go(u, STEP_READ);
		return;
	}
	pep_block(outlets, u, BLOCKED_ACCESS, error);
	pep_rest(u);
}

/*
 * Who is no publisher is forbidden it, and so is who is one, on ejabberd, where
 * an item of somebody else lies.
 */
static enum blocked
why_refused(const struct user *u, const struct answer_event *a)
{
	if (host_may_publish(u->host) && u->host->privileged != TRIAL_FAILED)
		return BLOCKED_REFUSED;
	return a->error == COND_FORBIDDEN && u->host->server != SERVER_DELIVERS ? BLOCKED_FORBIDDEN :
										  BLOCKED_NO_PRIVILEGE;
}

/* A publish as an affiliate was refused although the node was set up. */
static void
affiliate_refused(struct outlets *outlets, struct user *u, const struct answer_event *a)
{
	bool owner = host_may_own(u->host) && u->host->privileged != TRIAL_FAILED &&
	    u->pep.refused_until <= outlets->env->now.mono_ms;

	if (owner && a->error != COND_ITEM_NOT_FOUND && !u->pep.retracted) {
		/* ejabberd lets nobody but the owner overwrite another publisher's item. */
		u->pep.retracted = true;
		go(u, STEP_RETRACT);
		return;
	}
	if (owner && !u->pep.redone) {
		u->pep.redone = true;
		u->pep.unsure[u->pep.node] = true;
		again(outlets, u);
		return;
	}
	/* Set up a moment ago, and not there yet, or not any more: that is no word about the way. */
	if (owner && a->error == COND_ITEM_NOT_FOUND && u->pep.retries < REFUSED_MAX) {
		pep_give_up(outlets, u, condition_name(a->error));
		return;
	}
	/* This one may have been sent before the grant came, or before another user's was refused. */
	if (host_may_publish(u->host) && u->host->privileged != TRIAL_FAILED &&
	    u->pep.refused_until <= outlets->env->now.mono_ms) {
		pep_no_ordinary(outlets, u, false);
		again(outlets, u);
		return;
	}
	if (u->pep.node == NODE_PRIVATE) {
		/* The invitation was for the public node alone, which is the user's choice. */
		u->pep.private_again = pep_later(outlets, BLOCKED_RETRY_MS);
		if (u->leaving)
			pep_say_residue(outlets, u);
		/* The public node was as it should be; what has changed since is still to be published. */
		u->pep.step = STEP_IDLE;
		u->pep.retries = 0;
		u->pep.follow = true;
		pep_nothing_left(outlets, u);
		return;
	}
	pep_block(outlets, u, why_refused(u, a), condition_name(a->error));
	pep_rest(u);
}

/* May an item of ours lie in the node? */
static bool
holds_something(const struct user *u)
{
	return u->pep.digest[u->pep.node] != 0 || u->pep.doubtful[u->pep.node];
}

static void
publish_refused(struct outlets *outlets, struct user *u, enum way way, const struct answer_event *a)
{
	if (a->app == APP_PRECONDITION_NOT_MET) {
		/*
		 * More may see what lies in it than are to, or will when it is opened, as it has to be by other
		 * settings: then it may hold who has not agreed to that.  Or it can't be set right, and what has
		 * ended would stand there.
		 */
		if (!u->pep.emptied && holds_something(u)) {
			u->pep.emptied = true;
			go(u, STEP_EMPTY);
		} else {
			repair(outlets, u, a->text);
		}
		return;
	}
	if (a->app == APP_PAYLOAD_TOO_BIG) {
		pep_block(outlets, u, BLOCKED_TOO_BIG, a->text);
		pep_rest(u);
		return;
	}
	if (way == WAY_ORDINARY &&
	    (a->error == COND_FORBIDDEN || a->error == COND_NOT_AUTHORIZED || a->error == COND_NOT_ALLOWED ||
		a->error == COND_ITEM_NOT_FOUND || a->error == COND_SUBSCRIPTION_REQUIRED ||
		a->error == COND_SERVICE_UNAVAILABLE || a->error == COND_REGISTRATION_REQUIRED)) {
		affiliate_refused(outlets, u, a);
		return;
	}
	/* Somebody makes the node at the same time, or has just deleted it. */
	if (a->error == COND_ITEM_NOT_FOUND && !u->pep.redone) {
		u->pep.redone = true;
		u->pep.unsure[u->pep.node] = u->pep.unsure[u->pep.node] || host_may_own(u->host);
		again(outlets, u);
		return;
	}
	pep_give_up(outlets, u, a->text != NULL ? a->text : condition_name(a->error));
}

/*
 * The node is as it can be.  EXISTED: it was there and may not be configured by
 * us.  We may have silenced it ourselves in an earlier life: an event too many
 * is better than none (doc/delivery.md).
 */
static void
set_up(struct outlets *outlets, struct user *u, bool existed)
{
	u->pep.setup[u->pep.node] = existed ? SETUP_ASSUMED : u->pep.target;
	u->pep.unsure[u->pep.node] = false;
	u->pep.step = STEP_IDLE;
	u->pep.dirty = true;
	u->pep.due = outlets->env->now.mono_ms;
	slots_ready(u, true);
}

/* The server refused a step of set-up or repair. */
static void
step_refused(struct outlets *outlets, struct user *u, enum pep_step step, const struct answer_event *a)
{
	switch (step) {
	case STEP_CREATE:
		if (a->error == COND_CONFLICT && host_may_own(u->host))
			go(u, STEP_READ);
		else if (a->error == COND_CONFLICT)
			set_up(outlets, u, true);
		else
			pep_give_up(outlets, u, condition_name(a->error));
		break;
	case STEP_READ:
	case STEP_VERIFY:
		u->pep.unsure[u->pep.node] = true;
		pep_give_up(outlets, u, condition_name(a->error));
		break;
	case STEP_CONFIGURE:
		if (u->pep.aimed != pep_access(outlets, u)) {
			go(u, STEP_READ); /* there are other settings since */
			break;
		}
		pep_block(outlets, u, BLOCKED_ACCESS, condition_name(a->error));
		pep_rest(u);
		break;
	case STEP_AFFILIATE:
		/* The configuration stands; every publish will be a privileged one. */
		pep_no_ordinary(outlets, u, false);
		set_up(outlets, u, false);
		break;
	case STEP_RETRACT:
		again(outlets, u);
		break;
	case STEP_CLEAN:
	case STEP_EMPTY:
	case STEP_IDLE:
	case STEP_PUBLISH:
		break;
	}
}

static void
step_done(struct outlets *outlets, struct user *u, enum pep_step step, const struct answer_event *a)
{
	enum access wanted = pep_access(outlets, u);

	switch (step) {
	case STEP_READ:
		if (a->access != wanted && may_say(outlets, &u->pep.access_said_at))
			say_log(outlets->env, LOG_LEVEL_WARN, "node.access", "user", u->primary, "found",
			    access_name(a->access), "wanted", access_name(wanted), NULL);
		/* As its owner, whatever way that was published. */
		u->pep.opens = a->access != wanted && wanted == ACCESS_PRESENCE && holds_something(u);
		u->pep.way = u->host->form;
		u->pep.aimed = wanted;
		go(u, u->pep.opens ? STEP_EMPTY : STEP_CONFIGURE);
		break;
	case STEP_CONFIGURE:
		go(u, STEP_VERIFY);
		break;
	case STEP_VERIFY:
		if (u->pep.aimed != wanted) {
			go(u, STEP_READ); /* there are other settings since */
			break;
		}
		if (a->access != wanted) {
			pep_block(outlets, u, BLOCKED_ACCESS, "the new configuration was accepted and not applied");
			pep_rest(u);
			break;
		}
		u->pep.repaired = true;
		go(u, STEP_AFFILIATE);
		break;
	case STEP_CREATE:
		if (host_may_own(u->host))
			go(u, STEP_AFFILIATE);
		else
			set_up(outlets, u, false);
		break;
	case STEP_AFFILIATE:
		set_up(outlets, u, false);
		break;
	case STEP_RETRACT:
		again(outlets, u);
		break;
	case STEP_PUBLISH:
		acknowledged(outlets, u);
		break;
	case STEP_CLEAN:
	case STEP_EMPTY:
	case STEP_IDLE:
		break;
	}
}

/* What lay in the private node is gone, or there was nothing. */
static bool
is_clean(const struct answer_event *a)
{
	return a->ok || a->error == COND_ITEM_NOT_FOUND;
}

static void
cleaned(struct outlets *outlets, struct user *u, bool clean)
{
	if (clean) {
		u->pep.digest[NODE_PRIVATE] = u->pep.computed;
		u->pep.published_ms[NODE_PRIVATE] = 0;
		note(outlets, u);
	} else {
		u->pep.private_again = u->pep.look_at = pep_later(outlets, BLOCKED_RETRY_MS);
	}
	u->pep.step = STEP_IDLE;
	pep_nothing_left(outlets, u);
}

/* The node that isn't as it should be holds nothing of hers any more; or what it held can't be taken out. */
static void
emptied(struct outlets *outlets, struct user *u, bool clean)
{
	bool opens = u->pep.opens;

	u->pep.opens = false;
	if (!clean) {
		/* It isn't opened with that in it. */
		if (opens)
			pep_give_up(outlets, u, "the item can't be retracted");
		else
			repair(outlets, u, "its item can't be retracted");
		return;
	}
	/* Of whom nothing is to be shown that is all: of a host that was taken out nothing is set up. */
	if (!user_shown(u)) {
		u->pep.sent_ms = 0;
		acknowledged(outlets, u);
		return;
	}
	u->pep.digest[u->pep.node] = 0;
	u->pep.doubtful[u->pep.node] = false;
	u->pep.published_ms[u->pep.node] = 0;
	note(outlets, u);
	if (opens)
		go(u, STEP_CONFIGURE);
	else
		repair(outlets, u, "precondition-not-met");
}

static void
executed(struct outlets *outlets, struct user *u, enum pep_step step, enum way way, const struct answer_event *a)
{
	if (step == STEP_CLEAN)
		cleaned(outlets, u, is_clean(a));
	else if (step == STEP_EMPTY)
		emptied(outlets, u, is_clean(a));
	else if (a->ok)
		step_done(outlets, u, step, a);
	else if (step == STEP_PUBLISH)
		publish_refused(outlets, u, way, a);
	else
		step_refused(outlets, u, step, a);
}

/* The node's configuration, say, with a list of all groups in it: that is no word about the way. */
static void
too_large(struct outlets *outlets, const struct query_taken *t)
{
	struct user *u = t->user;

	pep_give_back_trial(t);
	if (u->pep.step == STEP_CLEAN) {
		cleaned(outlets, u, false);
	} else {
		pep_block(outlets, u, BLOCKED_UNREAD, "the answer is too large");
		pep_rest(u);
	}
	user_mark(outlets->model, u, MARK_TIMES);
}

void
pep_answer(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a)
{
	struct user *u = t->user;
	enum pep_step step = u->pep.step;

	u->pep.flying = false;
	/* The answer may have gone to the other connection: it says nothing of any way. */
	if (a == NULL && line_shared(outlets->flight)) {
		if (step == STEP_CLEAN)
			cleaned(outlets, u, false);
		else
			pep_give_up(outlets, u, "another connection takes answers");
		pep_give_back_trial(t);
		user_mark(outlets->model, u, MARK_TIMES);
		return;
	}
	if (query_outcome(a) == OUTCOME_TOO_LARGE) {
		too_large(outlets, t);
		return;
	}
	if (a != NULL && step == STEP_PUBLISH)
		u->pep.doubtful[u->pep.node] = u->pep.doubted; /* unless it is acknowledged: see there */
	switch (pep_judge_way(outlets, t, a)) {
	case WAY_EXECUTED:
		executed(outlets, u, step, t->way, a);
		break;
	case WAY_ANOTHER:
		again(outlets, u);
		break;
	case WAY_FOR_LATER:
		if (step == STEP_CLEAN)
			cleaned(outlets, u, false);
		else
			pep_give_up(outlets, u, a != NULL ? condition_name(a->error) : "no answer");
		break;
	case WAY_NONE_LEFT:
		pep_unanswered(outlets, u);
		pep_rest(u);
		break;
	}
	user_mark(outlets->model, u, MARK_TIMES);
}
