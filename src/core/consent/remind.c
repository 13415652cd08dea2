#include "core/consent/remind.h"

#include "base/limits.h"
#include "core/consent/agree.h"
#include "core/consent/ask_rate.h"
#include "core/consent/invite.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/say.h"

/*
 * Between two questions at least.  Who accepts and then types his yes needs less; whose server has dropped the first one
 * does not wait long for the second.
 */
#define ASK_APART_MS 30000

/* Each new stream sends what is not answered yet: so soon after that it isn't sent once more. */
#define STREAM_MS (60 * 60 * 1000)

/* Others ask the account too often just now: later. */
#define LATER_MS (10 * 60 * 1000)

/* It isn't known yet who has the name of the account: that is looked at again. */
#define PROVED_MS 10000

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* After the first time. */
static const int64_t again_ms[] = {DAY_MS, 7 * DAY_MS};

#define TIMES (sizeof(again_ms) / sizeof(again_ms[0]))

uint8_t
remind_passed(const struct consent *consent, int64_t created_ms)
{
	uint8_t n = 0;

	while (n < TIMES && created_ms + again_ms[n] <= consent->env->now.wall_ms)
		n++;
	return n;
}

static bool
waits(const struct device *d)
{
	return d->resource == NULL && d->state == LINK_REQUESTED && d->stored && !claim_is_void(d);
}

/* The question for its yes can be sent to it. */
static bool
can_be_asked(const struct device *d)
{
	return d->ask_at != 0 && d->resource == NULL && d->stored && device_live(d) && !claim_is_void(d);
}

void
remind_unproved(struct consent *consent, struct user *u, struct device *d)
{
	if (d->ask_at != 0 || d->claim.suspended_ms != 0 || agree_has(consent, d))
		return;
	d->ask_at = consent->env->now.mono_ms + PROVED_MS;
	user_mark(consent->model, u, MARK_TIMES);
}

static void
ask_for_more(struct consent *consent, struct user *u, struct device *d)
{
	if (!device_live(d) || !agree_lacks_yes(consent, d) || agree_by_trust(consent, d))
		return;
	agree_for_more(d);
	remind_approved(consent, u, d);
	/* Settings that change, or a link that is lost, again and again are no reason to ask again and again. */
	if (ask_rate_refuses(consent, u, d->jid) != TEXT_NONE)
		d->ask_at += LATER_MS;
	else
		ask_rate_note(consent, u, d->jid);
}

void
remind_wider(struct consent *consent, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next)
		ask_for_more(consent, u, d);
}

void
remind_proved(struct consent *consent, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL || d->state != LINK_ACTIVE || d->asked_at != 0 ||
		    !audience_tells(consent->model, d))
			continue;
		ask_for_more(consent, u, d);
	}
}

void
remind_approved(struct consent *consent, struct user *u, struct device *d)
{
	d->ask_at = consent->env->now.mono_ms;
	if (d->asked_at != 0 && !d->bounced && d->asked_at + ASK_APART_MS > d->ask_at)
		d->ask_at = d->asked_at + ASK_APART_MS;
	user_mark(consent->model, u, MARK_TIMES);
}

void
remind_bounced(struct consent *consent, struct user *u, struct device *d)
{
	d->bounced = true;
	agree_returned(d);
	/* It has come back although it was sent to a contact, or the approval was faster. */
	if (d->ask_at != 0)
		remind_approved(consent, u, d);
}

void
remind_heard(struct consent *consent, struct user *u, struct device *d)
{
	if (!d->bounced || !d->approved || d->ask_at != 0 || agree_has(consent, d) ||
	    ask_rate_refuses(consent, u, d->jid) != TEXT_NONE)
		return;
	ask_rate_note(consent, u, d->jid);
	remind_approved(consent, u, d);
}

void
remind_clock_set(struct consent *consent, struct user *u)
{
	struct device *d;
	uint8_t n = remind_passed(consent, u->created_ms);

	if (n > u->reminded)
		u->reminded = n;
	for (d = u->devices; d != NULL; d = d->next) {
		n = remind_passed(consent, d->created_ms);
		if (n > d->reminded)
			d->reminded = n;
	}
}

/* The moment of the next time on the monotonic clock. */
static uint64_t
moment(const struct consent *consent, int64_t created_ms, uint8_t reminded)
{
	int64_t at;

	if (reminded >= TIMES)
		return TIMER_NEVER;
	at = created_ms + again_ms[reminded];
	return at <= consent->env->now.wall_ms ? consent->env->now.mono_ms :
						 consent->env->now.mono_ms + (uint64_t)(at - consent->env->now.wall_ms);
}

static uint64_t
device_moment(const struct consent *consent, const struct device *d)
{
	uint64_t at = moment(consent, d->created_ms, d->reminded);

	return at < d->later_at ? d->later_at : at;
}

static bool
may_ask(const struct consent *consent, const struct user *u)
{
	return consent->env->link_up && !consent->env->draining && u->stored && u->turn && user_shown(u) &&
	    claim_stands(u);
}

uint64_t
remind_deadline(const struct consent *consent, const struct user *u)
{
	const struct device *d;
	uint64_t at = TIMER_NEVER, t;

	if (!may_ask(consent, u))
		return TIMER_NEVER;
	if (!u->approved)
		at = moment(consent, u->created_ms, u->reminded);
	for (d = u->devices; d != NULL; d = d->next) {
		t = waits(d) ? device_moment(consent, d) : TIMER_NEVER;
		if (t < at)
			at = t;
		if (can_be_asked(d) && d->ask_at < at)
			at = d->ask_at;
	}
	return at;
}

/* Was everything that is not answered yet sent a moment ago, at the beginning of the stream? */
static bool
is_fresh(const struct consent *consent)
{
	return consent->env->up_at + STREAM_MS > consent->env->now.mono_ms;
}

static void
tell(struct consent *consent, struct user *u, const struct device *d)
{
	say_log(consent->env, LOG_LEVEL_INFO, "device.unanswered", "user", u->primary, "device", d->id, "account",
	    d->jid, NULL);
	say_message(consent->env, u->bridge, u->primary, TEXT(TEXT_UNANSWERED, d->jid, d->label));
}

static void
remind_device(struct consent *consent, struct user *u, struct device *d)
{
	if (d->approved || !is_fresh(consent)) {
		if (ask_rate_refuses(consent, u, d->jid) != TEXT_NONE) {
			d->later_at = consent->env->now.mono_ms + LATER_MS;
			return;
		}
		ask_rate_note(consent, u, d->jid);
		if (d->approved)
			remind_approved(consent, u, d);
		else
			invite_account(consent, u, d);
	}
	d->reminded = remind_passed(consent, d->created_ms);
	if (d->reminded == TIMES)
		tell(consent, u, d);
}

static void
ask(struct consent *consent, struct user *u, struct device *d)
{
	d->ask_at = 0;
	/* A yes that is just being written is one. */
	if (agree_has(consent, d))
		return;
	/* Who has the name is asked nothing before it is known who that is. */
	if (audience_tells(consent->model, d))
		invite_question(consent, u, d);
	else if (d->claim.suspended_ms == 0)
		d->ask_at = consent->env->now.mono_ms + PROVED_MS;
}

void
remind_due(struct consent *consent, struct user *u)
{
	struct device *d;
	uint64_t now = consent->env->now.mono_ms;

	if (!may_ask(consent, u))
		return;
	if (!u->approved && moment(consent, u->created_ms, u->reminded) <= now) {
		u->reminded = remind_passed(consent, u->created_ms);
		if (!is_fresh(consent))
			invite_user(consent, u);
	}
	for (d = u->devices; d != NULL; d = d->next) {
		if (waits(d) && device_moment(consent, d) <= now)
			remind_device(consent, u, d);
		if (can_be_asked(d) && d->ask_at <= now)
			ask(consent, u, d);
	}
}
