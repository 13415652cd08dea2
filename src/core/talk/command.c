#include "core/talk/command.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/consent/agree.h"
#include "core/consent/invite.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/verify.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/deliverer.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/outlets/pep.h"
#include "core/outlets/pep_step.h"
#include "core/talk/command_form.h"
#include "core/talk/command_session.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Who is shown a form. */
enum party {
	ANYBODY,
	PARTIES,  /* users, and accounts that users show */
	ACCEPTED, /* users who have accepted the request of their bridge */
};

struct command {
	const char *node;
	enum text_id name;
	enum party party;
	/* Shows a form, or NULL: it runs at once. */
	bool (*ask)(struct core *c, struct said *s, const struct event *ev);
	void (*run)(struct core *c, const struct event *ev);
};

static void run_enrol(struct core *c, const struct event *ev);
static void run_devices(struct core *c, const struct event *ev);
static void run_link(struct core *c, const struct event *ev);
static void run_edit(struct core *c, const struct event *ev);
static void run_unlink(struct core *c, const struct event *ev);
static void run_leave(struct core *c, const struct event *ev);
static void run_confirm(struct core *c, const struct event *ev);

static const struct command commands[] = {
	{"enrol", TEXT_COMMAND_ENROL, ANYBODY, NULL, run_enrol},
	{"devices", TEXT_COMMAND_DEVICES, ANYBODY, NULL, run_devices},
	{"link", TEXT_COMMAND_LINK, ACCEPTED, form_link, run_link},
	{"edit", TEXT_COMMAND_EDIT, ACCEPTED, form_edit, run_edit},
	{"unlink", TEXT_COMMAND_UNLINK, PARTIES, form_unlink, run_unlink},
	{"leave", TEXT_COMMAND_LEAVE, PARTIES, form_leave, run_leave},
	{"confirm", TEXT_COMMAND_CONFIRM, ANYBODY, form_confirm, run_confirm},
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

size_t
command_list(const struct named **out)
{
	static struct named list[NCOMMANDS];
	size_t i;

	for (i = 0; i < NCOMMANDS; i++) {
		list[i].node = commands[i].node;
		list[i].name = commands[i].name;
	}
	*out = list;
	return NCOMMANDS;
}

static const struct command *
find(const char *node)
{
	size_t i;

	for (i = 0; node != NULL && i < NCOMMANDS; i++) {
		if (strcmp(commands[i].node, node) == 0)
			return &commands[i];
	}
	return NULL;
}

enum text_id
command_name(const char *node)
{
	const struct command *cmd = find(node);

	return cmd != NULL ? cmd->name : TEXT_NONE;
}

/* Answers */

static struct said *
answer(struct core *c, const struct event *ev, enum command_status status)
{
	return reply_said(c, &ev->from, ev->command.id, ev->command.node, ev->command.sessionid, status);
}

static void
finish(struct core *c, const struct event *ev, bool ok, const struct text *note)
{
	reply_finish(c, &ev->from, ev->command.id, ev->command.node, ev->command.sessionid, ok, note);
}

/* What says which device ends, or is hidden, shows none, and that waits for nothing. */
static bool
shows_nothing(const struct event *ev)
{
	const char *node = ev->command.node;

	return strcmp(node, "leave") == 0 ||
	    (ev->command.nfields > 0 && (strcmp(node, "unlink") == 0 || (strcmp(node, "edit") == 0 && form_hides(ev))));
}

static bool
is_enrolled(const struct core *c, const struct event *ev)
{
	return user_enrolled(user_find(c, ev->from.bare));
}

/* Whoever isn't is told what he can do, as far as he may be told anything. */
static void
not_enrolled(struct core *c, const struct event *ev)
{
	enum text_id text = TEXT_NOT_ENROLLED;

	if (consent_shown_by(c, ev->from.bare, NULL, 0) > 0) {
		text = TEXT_NOT_ENROLLED_SHOWN;
	} else if (find(ev->command.node)->party != ACCEPTED) {
		/* The same to everybody: who may be somebody else is not told that there is something. */
		verify_hurry(c, ev->from.bare);
		text = TEXT_NOT_ENROLLED_NOR_KNOWN;
	}
	finish(c, ev, false, TEXT(text));
}

/* The sender as an enrolled user; otherwise the command is answered and NULL returned. */
static struct user *
enrolled(struct core *c, const struct event *ev)
{
	struct user *u = user_find(c, ev->from.bare);

	if (!user_enrolled(u)) {
		not_enrolled(c, ev);
		return NULL;
	}
	if (shows_nothing(ev))
		return u;
	/* What was linked is shown to nobody who may have come after her, not even that it was. */
	if (u->claim.suspended_ms != 0) {
		finish(c, ev, false, TEXT(TEXT_NOT_A_CONTACT));
		return NULL;
	}
	/* Whoever speaks for a host that was taken out is any other server. */
	if (!user_shown(u)) {
		finish(c, ev, false, TEXT(TEXT_NOTHING_SHOWN));
		return NULL;
	}
	if (!claim_stands(u)) {
		verify_spoke(c, u, NULL);
		finish(c, ev, false, TEXT(TEXT_BEING_ASKED));
		return NULL;
	}
	return u;
}

/* Before that she is told so wherever she asks, and her request is sent again if it may have been lost. */
static void
ask_to_accept(struct core *c, const struct event *ev, struct user *u, enum text_id text)
{
	enrol_invite(c, u);
	finish(c, ev, false, TEXT(text, u->bridge));
}

/* The same who may link and change: not before she has accepted the request of her bridge (verify.h). */
static struct user *
accepted(struct core *c, const struct event *ev)
{
	struct user *u = enrolled(c, ev);

	if (u == NULL || u->approved)
		return u;
	ask_to_accept(c, ev, u, TEXT_ACCEPT_FIRST);
	return NULL;
}

/* A command that failed before anything was on its way to the registry. */
static void
failed(struct core *c, const struct event *ev, struct reply *w, enum text_id why)
{
	reply_free(w);
	finish(c, ev, false, TEXT(why));
}

static void
run_enrol(struct core *c, const struct event *ev)
{
	struct reply *w = reply_command(c, ev);
	enum text_id why = TEXT_NONE;
	struct user *u;

	if (w == NULL || enrol_ask(c, ev->from.bare, w, &why) == 0)
		return;
	u = user_find(c, ev->from.bare);
	if (why == TEXT_ENROL_ALREADY && !u->approved) {
		reply_free(w);
		ask_to_accept(c, ev, u, TEXT_ENROL_ACCEPT);
	} else {
		failed(c, ev, w, why);
	}
}

/* What EV says of a device of JID (or of her own RESOURCE); TEXT_NONE, or why that can't be. */
static enum text_id
wished(const struct event *ev, const char *jid, const char *resource, struct consent_wish *wish)
{
	enum text_id why = form_wish(ev, wish);

	if (why == TEXT_NONE && device_label_fits(wish->label, jid, resource) == LABEL_TELLS)
		why = TEXT_LABEL_ADDRESS;
	return why;
}

/* Whoever links what waits for its answer already wants that it is asked once more. */
static void
ask_again(struct core *c, const struct event *ev, struct user *u, struct device *d)
{
	enum text_id why = consent_ask_again(c, u, d);

	if (why != TEXT_NONE)
		finish(c, ev, false, TEXT(why));
	else
		finish(c, ev, true, TEXT(TEXT_ASKED_AGAIN, d->jid));
}

static void
run_link(struct core *c, const struct event *ev)
{
	struct user *u = accepted(c, ev);
	enum text_id why = TEXT_NONE;
	const char *text;
	struct consent_wish wish;
	struct reply *w;
	struct device *d;
	struct jid jid;

	if (u == NULL)
		return;
	text = form_value(ev, "jid");
	if (text == NULL || *text == '\0') {
		finish(c, ev, false, TEXT(TEXT_ADDRESS_MISSING));
		return;
	}
	if (jid_parse_typed(&jid, text) != 0 || jid.locallen == 0) {
		finish(c, ev, false, TEXT(TEXT_ADDRESS_INVALID));
		return;
	}
	if (jid.resource != NULL) {
		finish(c, ev, false, TEXT(TEXT_ADDRESS_RESOURCE));
		return;
	}
	why = wished(ev, jid.text, NULL, &wish);
	if (why != TEXT_NONE) {
		finish(c, ev, false, TEXT(why));
		return;
	}
	/* One that was found in a roster is called as it was there. */
	d = device_by_same_account(u, jid.text);
	if (d != NULL && consent_waits(c, d)) {
		ask_again(c, ev, u, d);
		return;
	}
	if (consent_known_form(c, u, true, &jid) != 0) {
		finish(c, ev, false, TEXT(TEXT_ADDRESS_INVALID));
		return;
	}
	w = reply_command(c, ev);
	if (w != NULL && consent_ask(c, u, jid.text, &wish, w, &why) != 0)
		failed(c, ev, w, why);
}

static struct device *
chosen(struct core *c, const struct event *ev, struct user *u, bool linked)
{
	const char *id = form_value(ev, "device");
	struct device *d = id != NULL ? device_by_id(u, id) : NULL;

	if (d != NULL && device_live(d) && (linked ? d->resource == NULL : d->stored || d->resource != NULL))
		return d;
	finish(c, ev, false, TEXT(TEXT_NO_SUCH_DEVICE));
	return NULL;
}

static void
run_edit(struct core *c, const struct event *ev)
{
	struct user *u = accepted(c, ev);
	struct device *d = u != NULL ? chosen(c, ev, u, false) : NULL;
	struct consent_wish wish;
	struct reply *w;
	enum text_id why;

	if (d == NULL)
		return;
	why = wished(ev, d->jid, d->resource, &wish);
	if (why != TEXT_NONE) {
		finish(c, ev, false, TEXT(why));
		return;
	}
	w = reply_command(c, ev);
	if (w != NULL && consent_edit(c, d, &wish, w, &why) != 0)
		failed(c, ev, w, why);
}

/* The sender's account is a device of the user BY no more: as if it had refused, or removed the contact. */
static void
end_shown_by(struct core *c, const struct event *ev, const char *by)
{
	struct user *u = user_find(c, by);
	struct device *d = u != NULL && !u->leaving ? device_by_account(u, ev->from.bare) : NULL;

	if (d != NULL && audience_tells(c, d)) {
		consent_ended(c, d, true, reply_command(c, ev));
		return;
	}
	/* Who may be somebody else ends it all the same, and is not told that there was something. */
	if (d != NULL && d->stored)
		consent_ended(c, d, true, NULL);
	finish(c, ev, true, TEXT(TEXT_ENDED_IF_SHOWN));
}

static void
run_unlink(struct core *c, const struct event *ev)
{
	const char *device = form_value(ev, "device");
	struct device *d = NULL;
	struct user *u;

	if (device != NULL && strchr(device, '@') != NULL) {
		end_shown_by(c, ev, device);
		return;
	}
	u = enrolled(c, ev);
	if (u != NULL)
		d = chosen(c, ev, u, true);
	if (d != NULL)
		consent_ended(c, d, false, reply_command(c, ev));
}

/* The sender, who isn't enrolled, ends what others show of him. */
static void
leave_shown(struct core *c, const struct event *ev)
{
	struct device *by[SHOWN_BY_MAX];
	size_t all = consent_shown_by(c, ev->from.bare, by, SHOWN_BY_MAX), n = all < SHOWN_BY_MAX ? all : SHOWN_BY_MAX,
	       i;
	struct reply *w = n < all ? NULL : reply_command(c, ev);
	char number[24];

	/* They are written in this order, and the answer comes with the last one. */
	for (i = 0; i < n; i++)
		consent_ended(c, by[i], true, i + 1 == n ? w : NULL);
	if (n == all)
		return;
	snprintf(number, sizeof(number), "%zu", all - n);
	finish(c, ev, true, TEXT(TEXT_ENDED_SOME, number));
}

static void
run_leave(struct core *c, const struct event *ev)
{
	struct user *u;

	if (!is_enrolled(c, ev) && consent_shown_by(c, ev->from.bare, NULL, 0) > 0) {
		leave_shown(c, ev);
		return;
	}
	u = enrolled(c, ev);
	if (u != NULL)
		enrol_leave(c, u, reply_command(c, ev));
}

/* The user ACCOUNT (NULL: none was named) waits for no yes of the sender; others are WAITING, or he has agreed already. */
static void
nothing_to_confirm(struct core *c, const struct event *ev, const char *account, size_t waiting)
{
	struct device *by[SHOWN_BY_MAX], *d = NULL;
	size_t i, n = consent_shown_by(c, ev->from.bare, by, SHOWN_BY_MAX);

	if (account != NULL)
		d = consent_shown_as(c, ev->from.bare, account);
	for (i = 0; account == NULL && i < n && i < SHOWN_BY_MAX; i++) {
		if (by[i]->confirmed && agree_has(c, by[i]) && !by[i]->approved)
			d = by[i];
	}
	if (d != NULL && !d->confirmed)
		d = NULL; /* his yes is just being written */
	if (waiting > 0 && (account == NULL || d == NULL))
		finish(c, ev, true, TEXT(TEXT_CHOOSE_ONE));
	else if (d != NULL && !d->approved)
		finish(c, ev, true, TEXT(TEXT_THANKS_ACCEPT, d->user->primary));
	else if (d != NULL || (account == NULL && n > 0))
		finish(c, ev, true, TEXT(TEXT_AGREED_ALREADY));
	else {
		verify_hurry(c, ev->from.bare);
		finish(c, ev, false, TEXT(TEXT_NOBODY_WAITS));
	}
}

static void
run_confirm(struct core *c, const struct event *ev)
{
	struct device *pending[1], *d = NULL;
	size_t n = consent_pending(c, ev->from.bare, pending, 1);
	const char *account = form_value(ev, "account");
	enum agree_yes yes;
	struct reply *w;

	if (account != NULL)
		d = consent_shown_as(c, ev->from.bare, account);
	else if (n == 1)
		d = pending[0];
	if (d == NULL || agree_has(c, d)) {
		nothing_to_confirm(c, ev, account, n);
		return;
	}
	yes = agree_weigh(c, d, true);
	if (yes == YES_UNASKED || yes == YES_TOO_SOON) {
		agree_asked_by_reply(c, d);
		finish(c, ev, false, TEXT(TEXT_CONFIRM_AGAIN, d->user->primary, d->jid, d->label));
		return;
	}
	w = reply_command(c, ev);
	if (w != NULL)
		consent_confirmed(c, d, w);
}

/* Who shows the sender, who is no user himself. */
static void
run_shown_by(struct core *c, const struct event *ev)
{
	struct said *s;

	if (consent_shown_by(c, ev->from.bare, NULL, 0) == 0) {
		not_enrolled(c, ev);
		return;
	}
	s = answer(c, ev, STATUS_COMPLETED);
	if (s != NULL)
		form_shown_by(c, s, ev->from.bare);
}

static void
run_devices(struct core *c, const struct event *ev)
{
	enum text_id reason;
	struct user *u;
	struct said *s;

	if (!is_enrolled(c, ev)) {
		run_shown_by(c, ev);
		return;
	}
	u = enrolled(c, ev);
	s = u != NULL ? answer(c, ev, STATUS_COMPLETED) : NULL;
	if (s == NULL)
		return;
	form_devices(c, s, u);
	if (!u->approved) {
		enrol_invite(c, u);
		s->act.reply.note = say_text(c, s, TEXT(TEXT_ACCEPT_FIRST, u->bridge));
		s->act.reply.note_type = "warn";
		return;
	}
	reason = pep_reason(&c->set, u);
	if (reason == TEXT_NONE)
		reason = deliverer_reason(u);
	if (reason != TEXT_NONE) {
		s->act.reply.note.id = reason;
		s->act.reply.note_type = "warn";
	}
}

/* May the sender be shown the form of CMD?  If not, he is answered. */
static bool
may_begin(struct core *c, const struct event *ev, const struct command *cmd)
{
	switch (cmd->party) {
	case ACCEPTED:
		return accepted(c, ev) != NULL;
	case PARTIES:
		return (!is_enrolled(c, ev) && consent_shown_by(c, ev->from.bare, NULL, 0) > 0) ||
		    enrolled(c, ev) != NULL;
	case ANYBODY:
		break;
	}
	return true;
}

/* Show the form, or run at once what needs none. */
static void
start(struct core *c, const struct event *ev, const struct command *cmd)
{
	struct event with = *ev;
	struct session *session;
	struct said *s;

	if (cmd->ask == NULL) {
		cmd->run(c, ev);
		return;
	}
	if (!may_begin(c, ev, cmd))
		return;
	if (cmd->ask == form_confirm && consent_pending(c, ev->from.bare, NULL, 0) <= 1) {
		cmd->run(c, ev);
		return;
	}
	session = session_begin(c, ev, cmd->node);
	if (session == NULL) {
		say_error(c, ev, ev->command.id, ERROR_WAIT, COND_RESOURCE_CONSTRAINT, APP_NONE, TEXT_COMMAND_CROWDED);
		return;
	}
	with.command.sessionid = session_id(session);
	s = answer(c, &with, STATUS_EXECUTING);
	if (s != NULL && cmd->ask(c, s, ev)) {
		session_shown(c, session);
		return;
	}
	session_end(c, session);
	if (s == NULL)
		return;
	s->act.reply.status = STATUS_COMPLETED;
	s->act.reply.note.id = TEXT_NO_DEVICE;
	s->act.reply.note_type = "info";
}

void
command_in(struct core *c, const struct event *ev)
{
	const struct command_event *e = &ev->command;
	const struct command *cmd = find(e->node);
	struct session *s;

	c->stats.commands++;
	if (ev->from.bare == NULL || e->id == NULL)
		return;
	if (cmd == NULL || strcmp(ev->to.bare, c->set.domain) != 0 || ev->to.resource != NULL) {
		say_error(c, ev, e->id, ERROR_CANCEL, COND_ITEM_NOT_FOUND, APP_NONE, TEXT_NO_SUCH_COMMAND);
		return;
	}
	if (!e->set || e->action == COMMAND_OTHER) {
		say_error(c, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_MALFORMED_ACTION, TEXT_COMMAND_MALFORMED);
		return;
	}
	if (e->action == COMMAND_PREV) {
		say_error(c, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_ACTION, TEXT_COMMAND_ONE_STEP);
		return;
	}
	if (c->nchanges >= WRITES_MAX) {
		say_error(c, ev, e->id, ERROR_WAIT, COND_RESOURCE_CONSTRAINT, APP_NONE, TEXT_COMMAND_BUSY);
		return;
	}
	if (e->sessionid != NULL) {
		s = session_find(c, ev, cmd->node);
		if (s == NULL) {
			say_error(c, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_SESSIONID, TEXT_COMMAND_ENDED);
			return;
		}
		if (e->action == COMMAND_CANCEL)
			answer(c, ev, STATUS_CANCELED);
		else
			cmd->run(c, ev);
		session_end(c, s);
		return;
	}
	if (e->action == COMMAND_CANCEL) {
		say_error(c, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_SESSIONID, TEXT_COMMAND_NO_CANCEL);
		return;
	}
	if (e->nfields > 0)
		cmd->run(c, ev);
	else
		start(c, ev, cmd);
}
