#include "core/consent/enrol.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "core/consent/agree.h"
#include "core/consent/ask_rate.h"
#include "core/consent/invite.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/flight/change.h"
#include "core/flight/probe.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* The request to a user's own account is not taken for lost before. */
#define INVITE_APART_MS 30000

/* Whoever it is may try again and again. */
#define REFUSED_EVERY_MS 60000

/* The administrator has perhaps forgotten a host. */
static void
note_refused(struct consent *consent, const char *primary)
{
	if (consent->env->now.mono_ms < consent->refused_until)
		return;
	consent->refused_until = consent->env->now.mono_ms + REFUSED_EVERY_MS;
	say_log(consent->env, LOG_LEVEL_WARN, "user.refused", "user", primary, "host", jid_domain(primary), "text",
	    "cannot enrol: `hosts` in the configuration does not name that host", NULL);
}

int
enrol_ask(struct consent *consent, const char *primary, struct reply *reply, enum text_id *why)
{
	struct host *h = host_find(consent->model, jid_domain(primary));
	struct user *u = user_find(consent->model, primary);
	int status;

	if (strchr(primary, '@') == NULL || h == NULL || !h->configured) {
		note_refused(consent, primary);
		*why = TEXT_ENROL_HOST;
		return ERR_DENIED;
	}
	if (u != NULL && !u->leaving && u->claim.suspended_ms != 0) {
		enrol_begin_anew(consent, u, reply);
		return 0;
	}
	if (u != NULL) {
		*why = u->leaving ? TEXT_ENROL_LEAVING : TEXT_ENROL_ALREADY;
		return ERR_EXISTS;
	}
	*why = ask_rate_refuses_enrolment(consent, primary);
	if (*why != TEXT_NONE)
		return ERR_LIMIT;
	status = user_add(consent->model, primary, &u);
	if (status != 0) {
		*why = status == ERR_LIMIT ? TEXT_ENROL_LONG :
		    status == ERR_INVALID  ? TEXT_ENROL_NO_ADDRESS :
					     TEXT_NO_MEMORY;
		return status;
	}
	verify_begin(u);
	u->created_ms = consent->env->now.wall_ms;
	if (!change_user(consent->flight, u, CHANGE_ENROL, reply))
		user_remove(consent->model, u); /* the command stays without an answer: there was no memory for one */
	return 0;
}

static bool
has_void(const struct user *u)
{
	const struct device *d;

	for (d = u->devices; d != NULL && !claim_is_void(d); d = d->next)
		;
	return d != NULL;
}

void
enrol_accepted(struct consent *consent, struct user *u)
{
	bool has_rows = has_void(u);

	if (has_rows && !agree_has_just_moved(consent, u)) {
		/* Of a host that isn't configured any more no row is lost: she is asked again when it is. */
		if (user_shown(u))
			enrol_begin_anew(consent, u, NULL);
		return;
	}
	u->approved = true;
	verify_approved(consent, u, NULL);
	/* Without it what she links from here on would be void after a crash. */
	change_soon(consent->flight, u);
	say_log(consent->env, LOG_LEVEL_INFO, "user.approved", "user", u->primary, NULL);
	if (!user_shown(u))
		return;
	if (has_rows)
		user_mark(consent->model, u, MARK_ASK); /* and all that she has linked */
	else
		probe_send(consent->flight, u, NULL);
}

void
enrol_invite(struct consent *consent, struct user *u)
{
	/* Before her turn on this stream it is about to be sent anyway. */
	if (!consent->env->link_up || !u->turn || !user_shown(u) ||
	    u->invited_at + INVITE_APART_MS > consent->env->now.mono_ms ||
	    ask_rate_refuses(consent, u, u->primary) != TEXT_NONE)
		return;
	ask_rate_note(consent, u, u->primary);
	invite_user(consent, u);
}

void
enrol_leave(struct consent *consent, struct user *u, struct reply *reply)
{
	struct device *d;

	u->leaving = true;
	if (!change_user(consent->flight, u, CHANGE_LEAVE, reply))
		change_leave_again(consent->flight, u);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && device_live(d) && consent->env->link_up && d->claim.suspended_ms == 0)
			invite_part(consent, d);
	}
	verify_forget_user(consent, u);
	user_mark(consent->model, u, MARK_LEAVES);
	user_urgent(consent->model, u, ALL_NODES);
}

void
enrol_unwritten(struct consent *consent, struct user *u)
{
	struct reply *reply = u->heir_reply;

	u->heir_reply = NULL;
	if (reply != NULL)
		reply_done(consent->env, reply, false, TEXT(TEXT_ENROL_LATER));
}

void
enrol_begin_anew(struct consent *consent, struct user *u, struct reply *reply)
{
	u->heir = true;
	u->heir_reply = reply;
	enrol_leave(consent, u, NULL);
	if (u->unsaved)
		enrol_unwritten(consent, u);
}

void
enrol_loaded(struct consent *consent, struct user *u, const struct user_record *row)
{
	verify_begin(u);
	u->stored = true;
	u->created_ms = row->created_ms;
	u->reminded = remind_passed(consent, row->created_ms);
	u->approved = row->approved;
	u->claim.suspended_ms = row->approved ? row->suspended_ms : 0;
	u->moved_ms = row->approved ? 0 : row->suspended_ms;
	if (u->claim.suspended_ms != 0)
		u->withheld |= WITHHELD_SUSPENDED;
	if (!u->host->configured)
		u->withheld |= WITHHELD_HOST;
	u->leaving = row->leaving;
	u->generation = row->generation;
}

struct reply *
enrol_take_reply(struct user *u)
{
	struct reply *reply = u->heir_reply;

	u->heir_reply = NULL;
	return reply;
}
