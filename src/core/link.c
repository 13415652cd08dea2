#include "core/link.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/change.h"
#include "core/command.h"
#include "core/delivery.h"
#include "core/device.h"
#include "core/host.h"
#include "core/say.h"
#include "core/user.h"

#define TEXT_MAX (2 * JID_MAX + 512)

/* The question is asked again when the account accepts the request later than this. */
#define ASK_AGAIN_MS 60000

static const char ended_meanwhile[] = "It has ended in the meantime.";

static const char *
audience(const struct device *d)
{
	return d->visibility == VISIBLE_CONTACTS ? "the contacts" : "the own clients";
}

void
link_request_primary(struct core *c, struct user *u)
{
	char nick[JID_MAX + 32];

	u->asked = true;
	snprintf(nick, sizeof(nick), "Devices of %s", u->primary);
	say_presence(c, u->bridge, u->primary, PRESENCE_SUBSCRIBE,
	    "You have enrolled: please accept, so that your contacts can be shown where you can be reached.", nick);
}

void
link_request(struct core *c, struct user *u, struct device *d)
{
	char text[TEXT_MAX], nick[JID_MAX + 32];

	snprintf(nick, sizeof(nick), "Devices of %s", u->primary);
	snprintf(text, sizeof(text),
	    "%s asks to show the presence of this account to %s of %s as the device \"%s\". Accept, then answer yes.",
	    u->primary, audience(d), u->primary, d->label);
	say_presence(c, u->bridge, d->jid, PRESENCE_SUBSCRIBE, text, nick);
}

static void
ask_to_confirm(struct core *c, struct user *u, struct device *d)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text),
	    "%s asks to show the presence of %s to %s of %s as the device \"%s\". Answer yes to agree, no to refuse. You can "
	    "end it at any time by removing this contact.",
	    u->primary, d->jid, audience(d), u->primary, d->label);
	say_message(c, u->bridge, d->jid, text);
	d->asked_at = c->now.mono_ms;
}

int
link_enrol(struct core *c, const char *primary, struct waiting *reply, const char **why)
{
	struct host *h = host_find(c, jid_domain(primary));
	struct user *u = user_find(c, primary);
	int status;

	if (strchr(primary, '@') == NULL || h == NULL || !h->configured) {
		*why = "Only accounts of the hosts that this service is set up for can enrol.";
		return ERR_DENIED;
	}
	if (u != NULL) {
		*why = u->leaving ? "You are just leaving; please try again in a moment." : "You are enrolled already.";
		return ERR_EXISTS;
	}
	status = user_add(c, primary, &u);
	if (status != 0) {
		*why = status == ERR_LIMIT ?
		    "Your address is too long for this service." :
		    status == ERR_INVALID ?
		    "No address of this service can be made of yours: is it written from right to left?" :
		    "This service is out of memory; please try again later.";
		return status;
	}
	u->created_ms = c->now.wall_ms;
	u->out.refresh_at = TIMER_NEVER;
	if (!change_user(c, u, CHANGE_ENROL, reply))
		user_remove(c, u); /* the command stays without an answer: there was no memory for one */
	return 0;
}

/* THREATS 11: nothing that could feed presence back to itself. */
static const char *
refuse(const struct core *c, const struct user *u, const char *jid)
{
	const struct user *other;
	const char *domain = jid_domain(jid);
	size_t len = strlen(domain), ours = strlen(c->set.domain);

	if (strchr(jid, '@') == NULL)
		return "A device is an account: an address of the form name@server.";
	if (strcmp(jid, u->primary) == 0)
		return "Your own account's resources are devices already.";
	if (len >= ours && strcmp(domain + len - ours, c->set.domain) == 0 &&
	    (len == ours || domain[len - ours - 1] == '.'))
		return "An address of this service can't be a device.";
	if (device_by_account(u, jid) != NULL)
		return "That account is linked already.";
	other = user_find(c, jid);
	if (other != NULL && device_by_account(other, u->primary) != NULL)
		return "That account has your account as its device; two accounts can't be devices of each other.";
	return NULL;
}

static void
forget_tombstone(struct core *c, struct user *u, const char *jid)
{
	struct device *d, *next;
	struct said *s;

	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		if (d->resource != NULL || device_live(d) || d->unsaved || strcmp(d->jid, jid) != 0)
			continue;
		s = say(c, ACTION_DELETE_DEVICE);
		if (s == NULL)
			return;
		s->act.device.primary = say_str(c, s, u->primary);
		s->act.device.id = say_str(c, s, d->id);
		device_remove(c, d);
	}
}

int
link_ask(struct core *c, struct user *u, const char *jid, const struct link_wish *wish, struct waiting *reply,
    const char **why)
{
	struct device_record row;
	struct device *d;
	int status;

	*why = refuse(c, u, jid);
	if (*why != NULL)
		return ERR_INVALID;
	forget_tombstone(c, u, jid);
	status = device_add(c, u, jid, NULL, wish->label, &d);
	if (status != 0) {
		*why = status == ERR_LIMIT ? "You have as many devices as this service allows." :
					     "This service is out of memory; please try again later.";
		return status;
	}
	d->generation = ++u->generation;
	if (wish->kind > KIND_OTHER) {
		d->kind = (enum device_kind)wish->kind;
		d->kind_given = true;
	}
	if (wish->visibility >= 0)
		d->visibility = (enum visibility)wish->visibility;
	d->show_status = wish->show_status > 0;
	row = device_record(d);
	if (change_device(c, d, &row, CHANGE_LINK, reply) == NULL)
		device_remove(c, d); /* the command stays without an answer: there was no memory for one */
	change_user(c, u, CHANGE_OTHER, NULL);
	return 0;
}

int
link_edit(struct core *c, struct device *d, const struct link_wish *wish, struct waiting *reply)
{
	struct device_record row = device_record(d);
	char label[LABEL_BYTES_MAX + 1];
	size_t len;

	if (wish->label != NULL && *wish->label != '\0') {
		len = device_cut(wish->label, LABEL_BYTES_MAX);
		memcpy(label, wish->label, len);
		label[len] = '\0';
		row.label = label;
	}
	if (wish->kind >= 0) {
		row.kind = (enum device_kind)wish->kind;
		row.kind_given = true;
	}
	if (wish->visibility >= 0)
		row.visibility = (enum visibility)wish->visibility;
	if (wish->show_status >= 0)
		row.show_status = wish->show_status > 0;
	return change_device(c, d, &row, CHANGE_EDIT, reply) != NULL ? 0 : ERR_NOMEM;
}

static bool
is_trusted(const struct core *c, const char *jid)
{
	size_t i;

	for (i = 0; i < c->set.ntrusted; i++) {
		if (strcmp(c->set.trusted[i], jid_domain(jid)) == 0)
			return true;
	}
	return false;
}

static int
consent(struct core *c, struct device *d, bool approved, bool confirmed, struct waiting *reply)
{
	struct device_record row = device_record(d);

	row.approved = approved;
	row.confirmed = confirmed;
	row.state = approved && confirmed ? LINK_ACTIVE : LINK_REQUESTED;
	return change_device(c, d, &row, CHANGE_CONSENT, reply) != NULL ? 0 : ERR_NOMEM;
}

void
link_approved(struct core *c, struct device *d)
{
	if (d->approved)
		return;
	consent(c, d, true, d->confirmed || is_trusted(c, d->jid), NULL);
}

int
link_confirmed(struct core *c, struct device *d, struct waiting *reply)
{
	return consent(c, d, d->approved, true, reply);
}

void
link_ended(struct core *c, struct device *d, bool by_account, struct waiting *reply)
{
	struct device_record row;
	struct user *u = d->user;

	say_log(c, LOG_LEVEL_INFO, "device.ended", "user", u->primary, "device", d->id, "account", d->jid, "by",
	    by_account ? "account" : "user", NULL);
	/* In force at once, durable as soon as may be. */
	d->state = by_account && !d->confirmed ? LINK_REFUSED : LINK_REVOKED;
	d->approved = d->confirmed = false;
	device_unavailable(c, d, NULL, false);
	row = device_record(d);
	if (change_device(c, d, &row, CHANGE_END, reply) == NULL) {
		d->unsaved = true;
		change_again(c);
	}
	if (c->link_up) {
		say_presence(c, u->bridge, d->jid, PRESENCE_UNSUBSCRIBE, NULL, NULL);
		say_presence(c, u->bridge, d->jid, PRESENCE_UNSUBSCRIBED, NULL, NULL);
	}
	user_touch(c, u);
	u->out.urgent = true;
	u->out.due = c->now.mono_ms;
	user_arm(c, u);
	user_check_settled(c, u);
}

void
link_leave(struct core *c, struct user *u, struct waiting *reply)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && device_live(d) && c->link_up) {
			say_presence(c, u->bridge, d->jid, PRESENCE_UNSUBSCRIBE, NULL, NULL);
			say_presence(c, u->bridge, d->jid, PRESENCE_UNSUBSCRIBED, NULL, NULL);
		}
	}
	u->leaving = true;
	if (!change_user(c, u, CHANGE_LEAVE, reply)) {
		u->unsaved = true;
		change_again(c);
	}
	u->out.retry_at = 0;
	u->out.retries = 0;
	user_touch(c, u);
}

static void
enrolled(struct core *c, struct user *u, struct waiting *reply, bool ok)
{
	char text[TEXT_MAX];

	if (!ok) {
		command_done(c, reply, false,
		    "The registry can't be written, so you are not enrolled; please try again later.");
		user_remove(c, u);
		return;
	}
	u->stored = true;
	say_log(c, LOG_LEVEL_INFO, "user.enrolled", "user", u->primary, NULL);
	if (c->link_up) {
		link_request_primary(c, u);
		if (u->host->grant.roster & MAY_GET)
			host_poll(u);
	}
	/* What hints have told so far is all that is known; the feed begins when she accepts. */
	u->known = true;
	user_unsettle(c, u);
	user_check_settled(c, u);
	snprintf(text, sizeof(text),
	    "You are enrolled. Accept the contact request of %s; then link other accounts with the command \"link\".",
	    u->bridge);
	command_done(c, reply, true, text);
}

static void
linked(struct core *c, struct user *u, struct device *d, struct waiting *reply, bool ok)
{
	char text[TEXT_MAX];

	if (!ok) {
		command_done(c, reply, false,
		    "The registry can't be written, so nothing was linked; please try again later.");
		device_remove(c, d);
		return;
	}
	d->stored = true;
	if (!device_live(d) || u->leaving) {
		/* It was ended while the registry wrote it. */
		command_done(c, reply, false, ended_meanwhile);
		return;
	}
	say_log(c, LOG_LEVEL_INFO, "device.asked", "user", u->primary, "device", d->id, "account", d->jid, NULL);
	if (c->link_up) {
		link_request(c, u, d);
		ask_to_confirm(c, u, d);
	}
	snprintf(text, sizeof(text),
	    "Asked %s. It is shown when it has accepted the contact request of %s and has answered yes (or run the command "
	    "\"confirm\").",
	    d->jid, u->bridge);
	command_done(c, reply, true, text);
}

/* A row that is on its way was made before what has just become true: one with both follows it. */
static void
write_again(struct core *c, struct device *d)
{
	const struct change *ch;
	struct device_record row;

	for (ch = c->changes; ch != NULL; ch = ch->next) {
		if (strcmp(ch->id, d->id) == 0 && strcmp(ch->primary, d->user->primary) == 0)
			break;
	}
	if (ch == NULL)
		return;
	row = device_record(d);
	if (change_device(c, d, &row, CHANGE_OTHER, NULL) == NULL) {
		d->unsaved = true;
		change_again(c);
	}
}

static void
consented(struct core *c, struct user *u, struct device *d, struct change *ch, bool ok)
{
	char text[TEXT_MAX];
	bool was = d->approved;

	if (!ok) {
		command_done(c, ch->reply, false,
		    "The registry can't be written, so nothing has changed; please try again later.");
		ch->reply = NULL;
		return;
	}
	/* Two consents may have been on their way at once. */
	d->approved = d->approved || ch->approved;
	d->confirmed = d->confirmed || ch->confirmed;
	if (d->approved && !was && c->link_up) {
		say_presence(c, u->bridge, d->jid, PRESENCE_PROBE, NULL, NULL);
		/* The first question may have been lost: not every server keeps messages. */
		if (!d->confirmed && (d->asked_at == 0 || d->asked_at + ASK_AGAIN_MS < c->now.mono_ms))
			ask_to_confirm(c, u, d);
	}
	if (d->approved && d->confirmed && ch->state != LINK_ACTIVE) {
		consent(c, d, true, true, ch->reply);
		ch->reply = NULL;
		return;
	}
	if (d->state != LINK_ACTIVE && d->approved && d->confirmed) {
		d->state = LINK_ACTIVE;
		d->known = true;
		say_log(c, LOG_LEVEL_INFO, "device.linked", "user", u->primary, "device", d->id, "account", d->jid,
		    NULL);
		snprintf(text, sizeof(text), "%s is shown as your device \"%s\" now.", d->jid, d->label);
		if (c->link_up)
			say_message(c, u->bridge, u->primary, text);
		user_touch(c, u);
	}
	write_again(c, d);
	if (ch->reply != NULL) {
		snprintf(text, sizeof(text),
		    d->approved ? "Thank you. %s shows this account's presence now; remove the contact to end it." :
				  "Thank you. Now accept the contact request of %s's bridge.",
		    u->primary);
		command_done(c, ch->reply, true, text);
		ch->reply = NULL;
	}
}

static void
edited(struct core *c, struct user *u, struct device *d, struct change *ch, bool ok)
{
	if (ok) {
		device_set_label(d, ch->label);
		d->kind = ch->device_kind;
		d->kind_given = ch->kind_given;
		d->visibility = ch->visibility;
		d->show_status = ch->show_status;
		d->stored = true;
		d->gone_at = TIMER_NEVER;
		write_again(c, d);
		user_touch(c, u);
	}
	command_done(c, ch->reply, ok, ok ? "Saved." : "The registry can't be written; please try again later.");
	ch->reply = NULL;
}

/* An end that is not durable yet: in force, and written as soon as the registry takes it. */
static void
unsaved(struct core *c, struct user *u, struct device *d)
{
	say_log(c, LOG_LEVEL_ERROR, "registry.unsaved", "user", u->primary, "device", d != NULL ? d->id : NULL, "text",
	    "an end of consent is in force but not stored; it is tried again every 10 s", NULL);
	if (d != NULL)
		d->unsaved = true;
	else
		u->unsaved = true;
	change_again(c);
}

/* The end of a write of the user's own row. */
static void
user_stored(struct core *c, struct user *u, struct change *ch, bool ok)
{
	struct waiting *reply = ch->reply;

	switch (ch->kind) {
	case CHANGE_ENROL:
		ch->reply = NULL;
		enrolled(c, u, reply, ok);
		break;
	case CHANGE_LEAVE:
		if (!ok)
			unsaved(c, u, NULL);
		ch->reply = NULL;
		command_done(c, reply, true, "You have left. Nothing of yours is published any more.");
		break;
	case CHANGE_GONE:
		u->going = false;
		if (!ok) {
			unsaved(c, u, NULL);
			break;
		}
		say_log(c, LOG_LEVEL_INFO, "user.left", "user", u->primary, NULL);
		if (c->link_up)
			say_presence(c, u->bridge, u->primary, PRESENCE_UNSUBSCRIBE, NULL, NULL);
		user_remove(c, u);
		break;
	default:
		break;
	}
}

/* The end of a write of the row of one of her devices. */
static void
device_stored(struct core *c, struct user *u, struct device *d, struct change *ch, bool ok)
{
	struct waiting *reply = ch->reply;

	switch (ch->kind) {
	case CHANGE_LINK:
		ch->reply = NULL;
		linked(c, u, d, reply, ok);
		break;
	case CHANGE_CONSENT:
		if (device_live(d) && !u->leaving) {
			consented(c, u, d, ch, ok);
			break;
		}
		ch->reply = NULL;
		command_done(c, reply, false, ended_meanwhile);
		break;
	case CHANGE_EDIT:
		edited(c, u, d, ch, ok);
		break;
	case CHANGE_END:
		d->stored = true;
		if (ok)
			d->unsaved = false;
		else
			unsaved(c, u, d);
		ch->reply = NULL;
		command_done(c, reply, true, "Ended. It is not shown any more.");
		break;
	default:
		break;
	}
}

void
link_stored(struct core *c, struct change *ch, bool ok)
{
	struct user *u = user_find(c, ch->primary);
	struct waiting *reply = ch->reply;
	struct device *d;

	if (u != NULL && ch->id[0] == '\0') {
		user_stored(c, u, ch, ok);
		return;
	}
	d = u != NULL ? device_by_id(u, ch->id) : NULL;
	if (d != NULL && d->generation == ch->generation) {
		device_stored(c, u, d, ch, ok);
		return;
	}
	ch->reply = NULL;
	command_done(c, reply, false, ended_meanwhile);
}

void
link_unsaved(struct core *c)
{
	struct device_record row;
	struct device *d;
	struct user *u;

	c->unsaved_at = TIMER_NEVER;
	for (u = c->users; u != NULL; u = u->next) {
		for (d = u->devices; d != NULL; d = d->next) {
			if (!d->unsaved)
				continue;
			row = device_record(d);
			if (change_device(c, d, &row, CHANGE_END, NULL) == NULL)
				change_again(c);
		}
		if (u->unsaved) {
			u->unsaved = !change_user(c, u, CHANGE_LEAVE, NULL);
			if (u->unsaved)
				change_again(c);
			user_touch(c, u);
		}
	}
}

size_t
link_pending(const struct core *c, const char *account, struct device **out, size_t max)
{
	struct account *a = device_account(c, account);
	struct device *d;
	size_t n = 0;

	for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
		if (d->state != LINK_REQUESTED || d->confirmed || !d->stored || d->user->leaving)
			continue;
		if (n < max)
			out[n] = d;
		n++;
	}
	return n;
}
