#include "core/outlets/pep_step.h"

#include "base/rate.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/rng.h"
#include "core/tools/say.h"
#include "core/view/item.h"

/* That a user is blocked, or isn't any more: so many times at once, and then one in ten minutes. */
static const struct rate blocked_lines = {10 * 60 * 1000, 3};

#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000
#define ERRORS_MAX 5  /* before a user counts as blocked */
#define LEAVE_TRIES 3 /* to publish the empty item of a user who leaves */

void
pep_touch(const struct outlets *outlets, struct user *u)
{
	if (u->pep.dirty)
		return;
	u->pep.dirty = true;
	u->pep.due = outlets->env->now.mono_ms + outlets->env->set.window_ms;
}

void
pep_forget_errors(struct user *u)
{
	u->pep.retry_at = u->pep.private_again = u->pep.refused_until = 0;
	u->pep.retries = 0;
}

void
pep_urgent(const struct outlets *outlets, struct user *u, unsigned nodes)
{
	u->pep.dirty = true;
	u->pep.urgent |= (uint8_t)nodes;
	u->pep.due = outlets->env->now.mono_ms;
	/* An error must not keep visible what is hidden. */
	pep_forget_errors(u);
}

uint64_t
pep_later(struct outlets *outlets, uint64_t ms)
{
	return outlets->env->now.mono_ms + ms / 2 + rng_below(&outlets->env->rng, ms / 2 + 1);
}

enum access
pep_access(const struct outlets *outlets, const struct user *u)
{
	return audience_access(&outlets->env->set, u->pep.node);
}

enum text_id
pep_reason(const struct core_settings *set, const struct user *u)
{
	switch (u->pep.blocked) {
	case BLOCKED_NOT:
		break;
	case BLOCKED_NO_PRIVILEGE:
		return TEXT_BLOCKED_PRIVILEGE;
	case BLOCKED_FORBIDDEN:
		return TEXT_BLOCKED_FORBIDDEN;
	case BLOCKED_NO_GRANT:
		return TEXT_BLOCKED_GRANT;
	case BLOCKED_ACCESS:
		if (audience_sees(set, u, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) == 0)
			return TEXT_BLOCKED_ACCESS_SELF;
		return TEXT_BLOCKED_ACCESS;
	case BLOCKED_REFUSED:
		return TEXT_BLOCKED_REFUSED;
	case BLOCKED_UNREAD:
		return TEXT_BLOCKED_UNREAD;
	case BLOCKED_TOO_BIG:
		return TEXT_BLOCKED_BIG;
	}
	return TEXT_NONE;
}

void
pep_try_anew(struct user *u)
{
	u->pep.retracted = u->pep.repaired = u->pep.redone = u->pep.emptied = u->pep.opens = false;
}

void
pep_say_residue(struct outlets *outlets, const struct user *u)
{
	say_log(outlets->env, LOG_LEVEL_WARN, "user.residue", "user", u->primary, "text",
	    "the empty item could not be published; the last one stays until it expires", NULL);
}

/* The empty item can't be published: after some tries she is let go all the same. */
static void
leave_anyway(struct outlets *outlets, struct user *u)
{
	if (!u->leaving || u->pep.retries < LEAVE_TRIES)
		return;
	pep_say_residue(outlets, u);
	u->pep.dirty = false;
	change_gone(outlets->flight, u);
}

/*
 * Or, while her host is neither configured nor grants anything, she is left
 * alone until it does or there is a new stream; but what the server could not do
 * for once is tried again, as anybody's.
 */
static bool
is_left_alone(const struct user *u, enum blocked why)
{
	return !u->leaving && (u->withheld & WITHHELD_HOST) && !host_may_publish(u->host) && why != BLOCKED_REFUSED &&
	    u->pep.retries >= LEAVE_TRIES;
}

/* SAID: by the server, whose silence is no word to leave her alone for. */
static void
block(struct outlets *outlets, struct user *u, enum blocked why, bool said, const char *error)
{
	enum text_id reason;

	u->pep.retry_at = pep_later(outlets, BLOCKED_RETRY_MS);
	/* When it is tried again, then by the privilege as well. */
	if (u->pep.refused_until > u->pep.retry_at)
		u->pep.retry_at = u->pep.refused_until;
	pep_try_anew(u);
	if (!user_shown(u)) {
		u->pep.retries++;
		if (said && is_left_alone(u, why))
			u->pep.retry_at = TIMER_NEVER;
		leave_anyway(outlets, u);
	}
	if ((u->pep.blocked == why && u->pep.blocked_told) || (u->withheld & WITHHELD_HOST))
		return;
	u->pep.blocked = why;
	/* Whoever lets us and forbids us in turn fills no log: it is said when it is still so. */
	u->pep.blocked_told = rate_opens(u->pep.blocked_bucket, &blocked_lines) <= outlets->env->now.mono_ms;
	if (!u->pep.blocked_told)
		return;
	rate_pour(&u->pep.blocked_bucket, &blocked_lines, outlets->env->now.mono_ms);
	reason = pep_reason(&outlets->env->set, u);
	say_log_text(say_log(outlets->env, LOG_LEVEL_WARN, "user.blocked", "user", u->primary, "error", error, NULL),
	    "reason", reason);
	if (user_shown(u))
		say_message(outlets->env, u->bridge, u->primary, TEXT(reason));
}

void
pep_block(struct outlets *outlets, struct user *u, enum blocked why, const char *error)
{
	block(outlets, u, why, true, error);
}

void
pep_unanswered(struct outlets *outlets, struct user *u)
{
	block(outlets, u, BLOCKED_NO_PRIVILEGE, false, "no answer");
}

void
pep_unblock(struct outlets *outlets, struct user *u)
{
	if (u->pep.blocked == BLOCKED_NOT)
		return;
	u->pep.blocked = BLOCKED_NOT;
	if (!u->pep.blocked_told)
		return;
	u->pep.blocked_told = false;
	say_log(outlets->env, LOG_LEVEL_INFO, "user.unblocked", "user", u->primary, NULL);
}

void
pep_retry(struct outlets *outlets, struct user *u, const char *error)
{
	uint64_t ms = RETRY_MIN_MS;
	unsigned i;

	for (i = 0; i < u->pep.retries && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	u->pep.retries++;
	u->pep.retry_at = pep_later(outlets, ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS);
	outlets->env->stats.errors++;
	if (u->pep.retries == ERRORS_MAX)
		pep_block(outlets, u, BLOCKED_REFUSED, error);
	else
		say_log(outlets->env, LOG_LEVEL_DEBUG, "publish.retry", "user", u->primary, "error", error, NULL);
}

void
pep_rest(struct user *u)
{
	u->pep.step = STEP_IDLE;
	u->pep.dirty = true;
	u->pep.follow = false;
}

void
pep_give_up(struct outlets *outlets, struct user *u, const char *error)
{
	pep_rest(u);
	pep_try_anew(u);
	pep_retry(outlets, u, error);
	leave_anyway(outlets, u);
}

void
pep_no_setup(struct outlets *outlets, struct user *u)
{
	u->pep.unsure[u->pep.node] = false;
	u->pep.setup_again = pep_later(outlets, BLOCKED_RETRY_MS);
	pep_give_up(outlets, u, "the registry can't be written");
	user_mark(outlets->model, u, MARK_TIMES);
}

void
pep_no_grant(struct outlets *outlets, struct user *u)
{
	pep_rest(u);
	pep_block(outlets, u, BLOCKED_NO_GRANT, "nothing was granted");
}

bool
pep_is_to_be_cleaned(const struct outlets *outlets, const struct user *u)
{
	return u->pep.digest[NODE_PRIVATE] == 0 && !u->pep.doubtful[NODE_PRIVATE] && !item_differs(outlets->view, u);
}

void
pep_granted(struct outlets *outlets, struct user *u)
{
	if (u->pep.retry_at != 0 && !u->pep.flying) {
		u->pep.retry_at = 0;
		user_mark(outlets->model, u, MARK_TIMES);
	}
	if (u->pep.private_again != 0 || u->withheld != 0 || pep_is_to_be_cleaned(outlets, u)) {
		u->pep.private_again = 0;
		pep_touch(outlets, u);
		user_mark(outlets->model, u, MARK_TIMES);
	}
}

bool
pep_begin_setup(struct outlets *outlets, struct user *u, enum node_setup target)
{
	enum node_setup before = user_setup(u, u->pep.node);

	u->pep.target = target;
	if (u->pep.setup[u->pep.node] != target)
		u->pep.unsure[u->pep.node] = true;
	if (target < SETUP_OURS || target <= before)
		return true;
	if (!change_user(outlets->flight, u, CHANGE_OTHER, NULL)) {
		pep_no_setup(outlets, u);
		return false;
	}
	u->pep.noting = outlets->flight->next_ticket;
	return true;
}

void
pep_plan_refresh(struct outlets *outlets, struct user *u)
{
	int64_t half = (int64_t)outlets->env->set.expire_s * 500, past;
	uint64_t at;
	int node;

	u->pep.refresh_at = 0;
	for (node = 0; node < NODES; node++) {
		if (u->pep.published_ms[node] == 0)
			continue;
		at = outlets->env->now.mono_ms;
		past = outlets->env->now.wall_ms - u->pep.published_ms[node];
		/* What is of the future was published before the clock was set. */
		if (past >= 0 && past < half)
			at += (uint64_t)(half - past);
		if (node == NODE_PRIVATE && u->pep.private_again > at)
			at = u->pep.private_again;
		if (u->pep.refresh_at == 0 || at < u->pep.refresh_at)
			u->pep.refresh_at = at;
	}
}

void
pep_nothing_left(struct outlets *outlets, struct user *u)
{
	bool follow = u->pep.follow;

	/* What wasn't looked at before she has settled is when she has. */
	if (u->settled || !user_shown(u)) {
		pep_plan_refresh(outlets, u);
		u->pep.force = false;
	}
	u->pep.follow = false;
	u->pep.rushed = 0;
	if (follow && u->pep.dirty)
		return;
	if (!follow)
		outlets->env->stats.suppressed++;
	u->pep.dirty = false;
	u->pep.urgent = 0;
	change_owes_nothing(outlets->flight, u);
	/* What was done to the nodes on the way may be needed another time. */
	pep_try_anew(u);
	if (u->leaving) {
		u->pep.done = true;
		user_mark(outlets->model, u, MARK_DONE);
	}
}

void
pep_repaced(struct user *u)
{
	u->pep.bucket = 0;
}
