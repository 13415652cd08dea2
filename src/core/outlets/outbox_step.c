#include "core/outlets/outbox_step.h"

#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/rng.h"
#include "core/tools/say.h"
#include "core/view/item.h"

#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000
#define ERRORS_MAX 5  /* before a user counts as blocked */
#define LEAVE_TRIES 3 /* to publish the empty item of a user who leaves */

uint64_t
outbox_later(struct core *c, uint64_t ms)
{
	return c->now.mono_ms + ms / 2 + rng_below(&c->rng, ms / 2 + 1);
}

enum access
outbox_access(const struct core *c, const struct user *u)
{
	return audience_access(&c->set, u->out.node);
}

enum text_id
outbox_reason(const struct core_settings *set, const struct user *u)
{
	switch (u->out.blocked) {
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
outbox_try_anew(struct user *u)
{
	u->out.retracted = u->out.repaired = u->out.redone = u->out.emptied = u->out.opens = false;
}

void
outbox_say_residue(struct core *c, const struct user *u)
{
	say_log(c, LOG_LEVEL_WARN, "user.residue", "user", u->primary, "text",
	    "the empty item could not be published; the last one stays until it expires", NULL);
}

/* The empty item can't be published: after some tries she is let go all the same. */
static void
leave_anyway(struct core *c, struct user *u)
{
	if (!u->leaving || u->out.retries < LEAVE_TRIES)
		return;
	outbox_say_residue(c, u);
	u->out.dirty = false;
	change_gone(c, u);
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
	    u->out.retries >= LEAVE_TRIES;
}

/* SAID: by the server, whose silence is no word to leave her alone for. */
static void
block(struct core *c, struct user *u, enum blocked why, bool said, const char *error)
{
	enum text_id reason;

	u->out.retry_at = outbox_later(c, BLOCKED_RETRY_MS);
	/* When it is tried again, then by the privilege as well. */
	if (u->out.refused_until > u->out.retry_at)
		u->out.retry_at = u->out.refused_until;
	outbox_try_anew(u);
	if (!user_shown(u)) {
		u->out.retries++;
		if (said && is_left_alone(u, why))
			u->out.retry_at = TIMER_NEVER;
		leave_anyway(c, u);
	}
	if (u->out.blocked == why || (u->withheld & WITHHELD_HOST))
		return;
	u->out.blocked = why;
	reason = outbox_reason(&c->set, u);
	say_log_text(say_log(c, LOG_LEVEL_WARN, "user.blocked", "user", u->primary, "error", error, NULL), "reason",
	    reason);
	if (user_shown(u))
		say_message(c, u->bridge, u->primary, TEXT(reason));
}

void
outbox_block(struct core *c, struct user *u, enum blocked why, const char *error)
{
	block(c, u, why, true, error);
}

void
outbox_unanswered(struct core *c, struct user *u)
{
	block(c, u, BLOCKED_NO_PRIVILEGE, false, "no answer");
}

void
outbox_unblock(struct core *c, struct user *u)
{
	if (u->out.blocked == BLOCKED_NOT)
		return;
	u->out.blocked = BLOCKED_NOT;
	say_log(c, LOG_LEVEL_INFO, "user.unblocked", "user", u->primary, NULL);
}

void
outbox_retry(struct core *c, struct user *u, const char *error)
{
	uint64_t ms = RETRY_MIN_MS;
	unsigned i;

	for (i = 0; i < u->out.retries && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	u->out.retries++;
	u->out.retry_at = outbox_later(c, ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS);
	c->stats.errors++;
	if (u->out.retries == ERRORS_MAX)
		outbox_block(c, u, BLOCKED_REFUSED, error);
	else
		say_log(c, LOG_LEVEL_DEBUG, "publish.retry", "user", u->primary, "error", error, NULL);
}

void
outbox_rest(struct user *u)
{
	u->out.step = STEP_IDLE;
	u->out.dirty = true;
	u->out.follow = false;
}

void
outbox_give_up(struct core *c, struct user *u, const char *error)
{
	outbox_rest(u);
	outbox_try_anew(u);
	outbox_retry(c, u, error);
	leave_anyway(c, u);
}

void
outbox_no_setup(struct core *c, struct user *u)
{
	u->out.unsure[u->out.node] = false;
	u->out.setup_again = outbox_later(c, BLOCKED_RETRY_MS);
	outbox_give_up(c, u, "the registry can't be written");
	user_mark(c, u, MARK_TIMES);
}

void
outbox_no_grant(struct core *c, struct user *u)
{
	outbox_rest(u);
	outbox_block(c, u, BLOCKED_NO_GRANT, "nothing was granted");
}

bool
outbox_is_to_be_cleaned(const struct core *c, const struct user *u)
{
	return u->out.digest[NODE_PRIVATE] == 0 && !u->out.doubtful[NODE_PRIVATE] && !item_differs(c, u);
}

void
outbox_granted(struct core *c, struct user *u)
{
	if (u->out.retry_at != 0 && !u->out.flying) {
		u->out.retry_at = 0;
		user_mark(c, u, MARK_TIMES);
	}
	if (u->out.private_again != 0 || u->withheld != 0 || outbox_is_to_be_cleaned(c, u)) {
		u->out.private_again = 0;
		user_touch(c, u);
	}
}

bool
outbox_begin_setup(struct core *c, struct user *u, enum node_setup target)
{
	enum node_setup before = user_setup(u, u->out.node);

	u->out.target = target;
	if (u->out.setup[u->out.node] != target)
		u->out.unsure[u->out.node] = true;
	if (target < SETUP_OURS || target <= before)
		return true;
	if (!change_user(c, u, CHANGE_OTHER, NULL)) {
		outbox_no_setup(c, u);
		return false;
	}
	u->out.noting = c->next_ticket;
	return true;
}

void
outbox_plan_refresh(struct core *c, struct user *u)
{
	int64_t half = (int64_t)c->set.expire_s * 500, past;
	uint64_t at;
	int node;

	u->out.refresh_at = TIMER_NEVER;
	for (node = 0; node < NODES; node++) {
		if (u->out.published_ms[node] == 0)
			continue;
		at = c->now.mono_ms;
		past = c->now.wall_ms - u->out.published_ms[node];
		/* What is of the future was published before the clock was set. */
		if (past >= 0 && past < half)
			at += (uint64_t)(half - past);
		if (node == NODE_PRIVATE && u->out.private_again > at)
			at = u->out.private_again;
		if (at < u->out.refresh_at)
			u->out.refresh_at = at;
	}
}

void
outbox_nothing_left(struct core *c, struct user *u)
{
	bool follow = u->out.follow;

	/* What wasn't looked at before she has settled is when she has. */
	if (u->settled || !user_shown(u)) {
		outbox_plan_refresh(c, u);
		u->out.force = false;
	}
	u->out.follow = false;
	u->out.rushed = 0;
	if (follow && u->out.dirty)
		return;
	if (!follow)
		c->stats.suppressed++;
	u->out.dirty = false;
	u->out.urgent = 0;
	change_owes_nothing(c, u);
	/* What was done to the nodes on the way may be needed another time. */
	outbox_try_anew(u);
	if (u->leaving) {
		u->out.done = true;
		user_mark(c, u, MARK_DONE);
	}
}
