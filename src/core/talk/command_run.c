#include "core/talk/command_run.h"

#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "core/consent/agree.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/verify.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/deliverer.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/outlets/pep_step.h"
#include "core/talk/command_form.h"
#include "core/talk/party.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

void
run_enrol(struct talk *talk, const struct event *ev)
{
	struct reply *w = reply_command(talk->env, ev);
	enum text_id why = TEXT_NONE;
	struct user *u;

	if (w == NULL || enrol_ask(talk->consent, ev->from.bare, w, &why) == 0)
		return;
	u = user_find(talk->model, ev->from.bare);
	if (why == TEXT_ENROL_ALREADY && !u->approved) {
		reply_free(w);
		party_ask_to_accept(talk, ev, u, TEXT_ENROL_ACCEPT);
	} else {
		reply_failed(talk->env, ev, w, why);
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
ask_again(struct talk *talk, const struct event *ev, struct user *u, struct device *d)
{
	enum text_id why = consent_ask_again(talk->consent, u, d);

	if (why != TEXT_NONE)
		reply_end(talk->env, ev, false, TEXT(why));
	else
		reply_end(talk->env, ev, true, TEXT(TEXT_ASKED_AGAIN, d->jid));
}

void
run_link(struct talk *talk, const struct event *ev)
{
	struct user *u = party_accepted(talk, ev);
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
		reply_end(talk->env, ev, false, TEXT(TEXT_ADDRESS_MISSING));
		return;
	}
	if (jid_parse_typed(&jid, text) != 0 || jid.locallen == 0) {
		reply_end(talk->env, ev, false, TEXT(TEXT_ADDRESS_INVALID));
		return;
	}
	if (jid.resource != NULL) {
		reply_end(talk->env, ev, false, TEXT(TEXT_ADDRESS_RESOURCE));
		return;
	}
	why = wished(ev, jid.text, NULL, &wish);
	if (why != TEXT_NONE) {
		reply_end(talk->env, ev, false, TEXT(why));
		return;
	}
	/* One that was found in a roster is called as it was there. */
	d = device_by_same_account(u, jid.text);
	if (d != NULL && consent_waits(talk->consent, d)) {
		ask_again(talk, ev, u, d);
		return;
	}
	if (consent_known_form(talk->consent, u, true, &jid) != 0) {
		reply_end(talk->env, ev, false, TEXT(TEXT_ADDRESS_INVALID));
		return;
	}
	w = reply_command(talk->env, ev);
	if (w != NULL && consent_ask(talk->consent, u, jid.text, &wish, w, &why) != 0)
		reply_failed(talk->env, ev, w, why);
}

static struct device *
chosen(struct talk *talk, const struct event *ev, struct user *u, bool linked)
{
	const char *id = form_value(ev, "device");
	struct device *d = id != NULL ? device_by_id(u, id) : NULL;

	if (d != NULL && device_live(d) && (linked ? d->resource == NULL : d->stored || d->resource != NULL))
		return d;
	reply_end(talk->env, ev, false, TEXT(TEXT_NO_SUCH_DEVICE));
	return NULL;
}

void
run_edit(struct talk *talk, const struct event *ev)
{
	struct user *u = party_accepted(talk, ev);
	struct device *d = u != NULL ? chosen(talk, ev, u, false) : NULL;
	struct consent_wish wish;
	struct reply *w;
	enum text_id why;

	if (d == NULL)
		return;
	why = wished(ev, d->jid, d->resource, &wish);
	if (why != TEXT_NONE) {
		reply_end(talk->env, ev, false, TEXT(why));
		return;
	}
	w = reply_command(talk->env, ev);
	if (w != NULL && consent_edit(talk->consent, d, &wish, w, &why) != 0)
		reply_failed(talk->env, ev, w, why);
}

/*
 * By an address: of who shows the sender, whose word that is in any case, as if he had refused or removed the contact;
 * otherwise of a device of hers, once it is known that it is she who has linked it.  An id nobody else knows; an address
 * anybody may try, and who isn't proved is told the same of each.
 */
static void
unlink_by_address(struct talk *talk, const struct event *ev, const char *address)
{
	struct user *by = party_named(talk, address), *u = user_find(talk->model, ev->from.bare);
	struct device *shown, *own = NULL;
	struct jid jid;

	if (jid_parse_typed(&jid, address) != 0 || jid.locallen == 0) {
		reply_end(talk->env, ev, false, TEXT(TEXT_ADDRESS_INVALID));
		return;
	}
	jid.text[jid.barelen] = '\0';
	shown = by != NULL && !by->leaving ? device_by_account(by, ev->from.bare) : NULL;
	if (shown != NULL && audience_tells(talk->model, shown)) {
		consent_ended(talk->consent, shown, true, reply_command(talk->env, ev));
		return;
	}
	/* Who may be somebody else ends it all the same, and is not told that there was something. */
	if (shown != NULL && shown->stored)
		consent_ended(talk->consent, shown, true, NULL);
	if (user_enrolled(u)) {
		if (party_proved(talk, ev, u) == NULL)
			return;
		if (shown == NULL)
			own = device_by_same_account(u, jid.text);
	}
	if (own != NULL)
		consent_ended(talk->consent, own, false, reply_command(talk->env, ev));
	else
		reply_end(talk->env, ev, true, TEXT(TEXT_ENDED_IF_SHOWN));
}

void
run_unlink(struct talk *talk, const struct event *ev)
{
	const char *device = form_value(ev, "device");
	struct device *d = NULL;
	struct user *u;

	if (device != NULL && strchr(device, '@') != NULL) {
		unlink_by_address(talk, ev, device);
		return;
	}
	u = party_enrolled(talk, ev);
	if (u != NULL)
		d = chosen(talk, ev, u, true);
	if (d != NULL)
		consent_ended(talk->consent, d, false, reply_command(talk->env, ev));
}

/* The sender, who isn't enrolled, ends what others show of him. */
static void
leave_shown(struct talk *talk, const struct event *ev)
{
	struct device *by[SHOWN_BY_MAX];
	size_t all = consent_shown_by(talk->consent, ev->from.bare, by, SHOWN_BY_MAX),
	       n = all < SHOWN_BY_MAX ? all : SHOWN_BY_MAX, i;
	struct reply *w = n < all ? NULL : reply_command(talk->env, ev);
	char number[24];

	/* They are written in this order, and the answer comes with the last one. */
	for (i = 0; i < n; i++)
		consent_ended(talk->consent, by[i], true, i + 1 == n ? w : NULL);
	if (n == all)
		return;
	snprintf(number, sizeof(number), "%zu", all - n);
	reply_end(talk->env, ev, true, TEXT(TEXT_ENDED_SOME, number));
}

void
run_leave(struct talk *talk, const struct event *ev)
{
	struct user *u;

	if (!party_is_enrolled(talk, ev) && consent_shown_by(talk->consent, ev->from.bare, NULL, 0) > 0) {
		leave_shown(talk, ev);
		return;
	}
	u = party_enrolled(talk, ev);
	if (u != NULL)
		enrol_leave(talk->consent, u, reply_command(talk->env, ev));
}

/* The user ACCOUNT (NULL: none was named) waits for no yes of the sender; others are WAITING, or he has agreed already. */
static void
nothing_to_confirm(struct talk *talk, const struct event *ev, const char *account, const struct user *u, size_t waiting)
{
	struct device *by[SHOWN_BY_MAX], *d = NULL;
	size_t i, n = consent_shown_by(talk->consent, ev->from.bare, by, SHOWN_BY_MAX);

	if (account != NULL)
		d = consent_shown_as(talk->consent, ev->from.bare, u);
	for (i = 0; account == NULL && i < n && i < SHOWN_BY_MAX; i++) {
		if (by[i]->confirmed && agree_has(talk->consent, by[i]) && !by[i]->approved)
			d = by[i];
	}
	if (d != NULL && !d->confirmed)
		d = NULL; /* his yes is just being written */
	if (waiting > 0 && (account == NULL || d == NULL))
		reply_end(talk->env, ev, true, TEXT(TEXT_CHOOSE_ONE));
	else if (d != NULL && !d->approved)
		reply_end(talk->env, ev, true, TEXT(TEXT_THANKS_ACCEPT, d->user->primary));
	else if (d != NULL || (account == NULL && n > 0))
		reply_end(talk->env, ev, true, TEXT(TEXT_AGREED_ALREADY));
	else {
		verify_hurry(talk->consent, ev->from.bare);
		reply_end(talk->env, ev, false, TEXT(TEXT_NOBODY_WAITS));
	}
}

void
run_confirm(struct talk *talk, const struct event *ev)
{
	struct device *pending[1], *d = NULL;
	size_t n = consent_pending(talk->consent, ev->from.bare, pending, 1);
	const char *account = form_value(ev, "account");
	struct user *u = account != NULL ? party_named(talk, account) : NULL;
	enum agree_yes yes;
	struct reply *w;

	if (account != NULL)
		d = consent_shown_as(talk->consent, ev->from.bare, u);
	else if (n == 1 && consent_shown_by(talk->consent, ev->from.bare, NULL, 0) == 1)
		d = pending[0];
	if (d == NULL || agree_has(talk->consent, d)) {
		nothing_to_confirm(talk, ev, account, u, n);
		return;
	}
	yes = agree_weigh(talk->consent, d, true);
	if (yes == YES_UNASKED || yes == YES_TOO_SOON) {
		agree_asked_by_reply(talk->consent, d);
		reply_end(talk->env, ev, false, TEXT(TEXT_CONFIRM_AGAIN, d->user->primary, d->jid, d->label));
		return;
	}
	w = reply_command(talk->env, ev);
	if (w != NULL)
		consent_confirmed(talk->consent, d, w);
}

/* Who shows the sender, who is no user himself. */
static void
run_shown_by(struct talk *talk, const struct event *ev)
{
	struct said *s;

	if (consent_shown_by(talk->consent, ev->from.bare, NULL, 0) == 0) {
		party_not_enrolled(talk, ev, false);
		return;
	}
	s = reply_answer(talk->env, ev, STATUS_COMPLETED);
	if (s != NULL)
		form_shown_by(talk, s, ev->from.bare);
}

void
run_devices(struct talk *talk, const struct event *ev)
{
	enum text_id reason;
	struct user *u;
	struct said *s;

	if (!party_is_enrolled(talk, ev)) {
		run_shown_by(talk, ev);
		return;
	}
	u = party_enrolled(talk, ev);
	s = u != NULL ? reply_answer(talk->env, ev, STATUS_COMPLETED) : NULL;
	if (s == NULL)
		return;
	form_devices(talk, s, u);
	if (!u->approved) {
		enrol_invite(talk->consent, u);
		s->act.reply.note = say_text(talk->env, s, TEXT(TEXT_ACCEPT_FIRST, u->bridge));
		s->act.reply.note_type = "warn";
		return;
	}
	reason = pep_reason(&talk->env->set, u);
	if (reason == TEXT_NONE)
		reason = deliverer_reason(u);
	if (reason != TEXT_NONE) {
		s->act.reply.note.id = reason;
		s->act.reply.note_type = "warn";
	}
}
