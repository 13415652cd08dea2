/* What follows when a row is durable, or isn't: the second half of consent.h and enrol.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "core/consent/ask_rate.h"
#include "core/consent/invite.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/remind.h"
#include "core/consent/suspend.h"
#include "core/flight/change.h"
#include "core/flight/probe.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/settle.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Lines of rows that could not be written: less than the time after which that is tried again. */
#define UNSAVED_SAID_MS 5000

static void
enrolled(struct consent *consent, struct user *u, struct reply *reply, bool ok)
{
	if (!ok) {
		reply_done(consent->env, reply, false, TEXT(TEXT_ENROL_UNWRITTEN));
		user_mark(consent->model, u, MARK_GONE);
		return;
	}
	u->stored = true;
	say_log(consent->env, LOG_LEVEL_INFO, "user.enrolled", "user", u->primary, NULL);
	if (consent->env->link_up && user_shown(u)) {
		invite_user(consent, u);
		user_mark(consent->model, u, MARK_POLL);
	}
	settle_has_turn(u, true);
	/* What hints have told so far is all that is known; the feed begins when she accepts. */
	settle_knows(u);
	if (user_shown(u))
		settle_begin(consent->model, u);
	user_known(consent->model, u);
	user_mark(consent->model, u, MARK_TIMES);
	reply_done(consent->env, reply, true, TEXT(TEXT_ENROLLED, u->bridge));
}

static void
linked(struct consent *consent, struct user *u, struct device *d, struct reply *reply, bool ok)
{
	if (!ok) {
		reply_done(consent->env, reply, false, TEXT(TEXT_LINK_UNWRITTEN));
		device_remove(consent->model, d);
		return;
	}
	d->stored = true;
	if (!device_live(d) || u->leaving) {
		/* It was ended while the registry wrote it. */
		reply_done(consent->env, reply, false, TEXT(TEXT_ENDED_MEANWHILE));
		return;
	}
	say_log(consent->env, LOG_LEVEL_INFO, "device.asked", "user", u->primary, "device", d->id, "account", d->jid,
	    NULL);
	if (consent->env->link_up && user_shown(u)) {
		invite_withdraw(consent, d);
		invite_account(consent, u, d);
		invite_question(consent, u, d);
	}
	user_mark(consent->model, u, MARK_TIMES);
	reply_done(consent->env, reply, true, TEXT(TEXT_ASKED, d->jid, u->bridge));
}

static void
thank(struct consent *consent, struct user *u, struct device *d, struct change *ch)
{
	enum text_id shown = !user_shown(u)   ? TEXT_THANKS_LATER :
	    audience_is_nobody(d->visibility) ? TEXT_THANKS_HIDDEN :
						TEXT_THANKS_SHOWN;

	reply_done(consent->env, change_take_reply(ch), true,
	    TEXT(d->approved ? shown : TEXT_THANKS_ACCEPT, u->primary));
}

/* What the durable row says of consent is in force from here on. */
static void
agreed(struct consent *consent, struct user *u, struct device *d, const struct change *ch)
{
	bool was = d->approved, was_wide = d->wide;

	d->approved = d->approved || ch->approved;
	d->confirmed = ch->confirmed;
	d->wide = ch->wide;
	if (ch->approved)
		d->approval_due = false;
	if (d->approved && !was) {
		if (consent->env->link_up && user_shown(u))
			probe_send(consent->flight, u, d);
		user_mark(consent->model, u, MARK_PROVED);
	}
	/* The first question may have been lost: not every server keeps messages, or takes those of strangers. */
	if (d->approved && !was && !d->confirmed)
		remind_approved(consent, u, d);
	if (d->wide)
		d->wider = d->few = false;
	if (d->state == LINK_ACTIVE && d->wide != was_wide)
		user_touch(consent->model, u);
	if (d->state == LINK_ACTIVE || ch->state != LINK_ACTIVE)
		return;
	d->state = LINK_ACTIVE;
	device_knows(d);
	say_log(consent->env, LOG_LEVEL_INFO, "device.linked", "user", u->primary, "device", d->id, "account", d->jid,
	    NULL);
	if (consent->env->link_up && user_shown(u) && claim_stands(u))
		say_message(consent->env, u->bridge, u->primary,
		    TEXT(audience_is_nobody(d->visibility) ? TEXT_HIDDEN_NOW : TEXT_SHOWN_NOW, d->jid, d->label));
	user_touch(consent->model, u);
}

/* Likewise what it says of the rest.  A name moves from one to the other, so that nothing can fail. */
static void
edited(struct consent *consent, struct user *u, struct device *d, struct change *ch)
{
	uint32_t seen = audience_extent(&consent->env->set, u, d);

	if (strcmp(d->label, ch->label) == 0 && d->kind == ch->device_kind && d->kind_given == ch->kind_given &&
	    d->visibility == ch->visibility && d->show_status == ch->show_status)
		return;
	device_rename(d, change_take_label(ch));
	device_is(d, ch->device_kind);
	d->kind_given = ch->kind_given;
	d->visibility = ch->visibility;
	d->show_status = ch->show_status;
	user_touch(consent->model, u);
	/* What is hidden, or told to fewer, is gone as fast as what has ended. */
	user_urgent(consent->model, u, audience_narrowed(seen, audience_extent(&consent->env->set, u, d)));
}

/*
 * A row of a device that is not ending.  Each row holds what the ones before
 * it said: when one fails and the next doesn't, that counts all the same.
 */
static void
rewritten(struct consent *consent, struct user *u, struct device *d, struct change *ch, bool ok)
{
	if (ok) {
		d->stored = true;
		d->withdrawn = d->withdrawn || ch->withdrawn;
		device_goes(d, TIMER_NEVER);
		edited(consent, u, d, ch);
		if (d->resource == NULL)
			agreed(consent, u, d, ch);
		/* More are to see it than it was asked for. */
		if (d->wider && d->asked_at == 0)
			remind_approved(consent, u, d);
	} else {
		if (ch->kind == CHANGE_OTHER && d->resource == NULL)
			d->claim.unsaved = true;
		if (d->approval_due || d->claim.unsaved)
			change_again(consent->flight);
	}
	if (ch->reply == NULL)
		return;
	if (ok && ch->kind == CHANGE_CONSENT) {
		thank(consent, u, d, ch);
		return;
	}
	reply_done(consent->env, change_take_reply(ch), ok, TEXT(ok ? TEXT_SAVED : TEXT_UNWRITTEN));
}

/* Each row that can't be written fails anew each time: a line each time tells of them all. */
static void
say_unsaved(struct consent *consent, const struct user *u, const struct device *d)
{
	char others[24];

	if (consent->unsaved_said_at != 0 && consent->unsaved_said_at + UNSAVED_SAID_MS > consent->env->now.mono_ms) {
		consent->unsaved_others++;
		return;
	}
	snprintf(others, sizeof(others), "%" PRIu64, consent->unsaved_others);
	say_log(consent->env, LOG_LEVEL_ERROR, "registry.unsaved", "user", u->primary, "device",
	    d != NULL ? d->id : NULL, "others", consent->unsaved_others > 0 ? others : NULL, "text",
	    "an end of consent is in force but not stored; it is tried again every 10 s", NULL);
	consent->unsaved_said_at = consent->env->now.mono_ms;
	consent->unsaved_others = 0;
}

/* An end that is not durable yet: in force, and written as soon as the registry takes it. */
static void
unsaved(struct consent *consent, struct user *u, struct device *d)
{
	say_unsaved(consent, u, d);
	if (d != NULL) {
		d->unsaved = true;
		change_again(consent->flight);
	} else {
		change_leave_again(consent->flight, u);
		enrol_unwritten(consent, u);
	}
}

/* Her rows are gone. */
static void
left(struct consent *consent, struct user *u)
{
	say_log(consent->env, LOG_LEVEL_INFO, "user.left", "user", u->primary, NULL);
	/* Who comes after her is asked at once: the echo of this would be taken for an answer. */
	if (consent->env->link_up && !u->heir)
		say_presence(consent->env, u->bridge, u->primary, PRESENCE_UNSUBSCRIBE);
	ask_rate_left(consent, u);
	user_mark(consent->model, u, MARK_GONE);
}

/* The end of a write of the user's own row. */
static void
user_stored(struct consent *consent, struct user *u, struct change *ch, bool ok)
{
	switch (ch->kind) {
	case CHANGE_ENROL:
		enrolled(consent, u, change_take_reply(ch), ok);
		break;
	case CHANGE_LEAVE:
		if (!ok)
			unsaved(consent, u, NULL);
		reply_done(consent->env, change_take_reply(ch), true,
		    TEXT(consent_shown_by(consent, u->primary, NULL, 0) > 0 ? TEXT_LEFT_SHOWN : TEXT_LEFT));
		break;
	case CHANGE_GONE:
		if (!ok) {
			change_stays(u);
			unsaved(consent, u, NULL);
			break;
		}
		left(consent, u);
		break;
	default:
		if (!ok)
			change_user_again(consent->flight, u);
		break;
	}
}

/* The end of a write of the row of one of her devices. */
static void
device_stored(struct consent *consent, struct user *u, struct device *d, struct change *ch, bool ok)
{
	switch (ch->kind) {
	case CHANGE_LINK:
		linked(consent, u, d, change_take_reply(ch), ok);
		break;
	case CHANGE_END:
		d->stored = true;
		if (ok)
			d->unsaved = false;
		else
			unsaved(consent, u, d);
		user_mark(consent->model, u, MARK_PLACE);
		reply_done(consent->env, change_take_reply(ch), true, TEXT(TEXT_ENDED));
		break;
	default:
		if (device_live(d) && !u->leaving) {
			rewritten(consent, u, d, ch, ok);
			break;
		}
		reply_done(consent->env, change_take_reply(ch), false, TEXT(TEXT_ENDED_MEANWHILE));
		break;
	}
}

void
consent_stored(struct consent *consent, struct change *ch, bool ok)
{
	struct user *u = user_find(consent->model, ch->primary);
	struct device *d;

	/* What was to be seen less is, or isn't to be: either way that is looked at once more. */
	if (u != NULL && ch->narrows)
		user_touch(consent->model, u);
	if (u != NULL && ch->id[0] == '\0') {
		user_stored(consent, u, ch, ok);
		return;
	}
	d = u != NULL ? device_by_id(u, ch->id) : NULL;
	if (d != NULL && d->generation == ch->generation) {
		device_stored(consent, u, d, ch, ok);
		return;
	}
	reply_done(consent->env, change_take_reply(ch), false, TEXT(TEXT_ENDED_MEANWHILE));
}

void
consent_unsaved(struct consent *consent)
{
	struct device_record row;
	struct device *d;
	struct user *u;

	change_tries(consent->flight);
	for (u = consent->model->users; u != NULL; u = u->next) {
		if (u->going)
			continue; /* all its rows are being deleted */
		for (d = u->devices; d != NULL; d = d->next) {
			if (device_live(d) && d->approval_due && !u->leaving)
				consent_approved(consent, d);
			if (device_live(d) && d->claim.unsaved && !u->leaving && !suspend_unsaved(consent, d))
				change_again(consent->flight);
			row = change_row(d);
			if (d->unsaved && !change_device(consent->flight, d, &row, CHANGE_END, NULL))
				change_again(consent->flight);
		}
		if (change_unsaved(consent->flight, u))
			user_touch(consent->model, u);
	}
}
