#include "core/consent/consent.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "core/consent/agree.h"
#include "core/consent/ask_rate.h"
#include "core/consent/enrol.h"
#include "core/consent/invite.h"
#include "core/consent/place.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* That a server can't be reached is told within this. */
#define UNREACHED_S 120

/* What was said to the account has come there, or we would know by now: our own server has read on since. */
static bool
was_reached(const struct consent *consent, const struct device *d)
{
	const struct host *h = host_find(consent->model, jid_domain(d->jid));
	bool ours = h != NULL && h->configured;

	return consent->model->answered_order > d->told_order &&
	    (ours || (!d->missed && consent->env->now.mono_ms / 1000 >= d->told_s + UNREACHED_S));
}

void
consent_heard(struct consent *consent, struct device *d)
{
	struct device_record row;

	if (!was_reached(consent, d))
		return;
	d->noting = true;
	row = change_row(d);
	row.withdrawn = true;
	change_device(consent->flight, d, &row, CHANGE_OTHER, NULL);
}

/* After a crash the registry would hold two links with one account, and the ended one alive. */
static bool
ends_unwritten(const struct user *u, const char *jid)
{
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && !device_live(d) && !place_forgettable(d) && jid_same_account(d->jid, jid))
			return true;
	}
	return false;
}

/* THREATS 11: nothing that could feed presence back to itself. */
static enum text_id
refuse(const struct consent *consent, const struct user *u, const char *jid)
{
	const struct user *other;
	struct device *d;

	if (strchr(jid, '@') == NULL)
		return TEXT_LINK_NO_ACCOUNT;
	if (jid_same_account(jid, u->primary))
		return TEXT_LINK_OWN;
	if (jid_within_domain(jid_domain(jid), consent->env->set.domain))
		return TEXT_LINK_SERVICE;
	d = device_by_same_account(u, jid);
	if (d != NULL)
		return d->claim.suspended_ms != 0 ? TEXT_LINK_SUSPENDED : TEXT_LINK_ALREADY;
	if (ends_unwritten(u, jid))
		return TEXT_LINK_ENDS;
	if (!user_shown(u) || !u->approved)
		return TEXT_LINK_NOTHING_SHOWN;
	other = user_find(consent->model, jid);
	d = other != NULL ? device_by_account(other, u->primary) : NULL;
	if (d == NULL)
		return TEXT_NONE;
	if (!d->stored)
		return TEXT_LINK_BEING_ASKED;
	/* Who may be somebody else is not to find out whose device his account was; see consent_proved(). */
	return audience_tells(consent->model, d) ? TEXT_LINK_EACH_OTHER : TEXT_NONE;
}

int
consent_known_form(const struct consent *consent, const struct user *u, bool typed, struct jid *j)
{
	const struct host *h = host_find(consent->model, j->domain);
	char work[JID_PART_MAX + 1], text[JID_MAX + 1];
	const char *domain = j->domain;
	int len;

	if (jid_same_domain(j->domain, consent->env->set.domain))
		domain = consent->env->set.domain;
	else if (jid_same_domain(j->domain, u->domain->name))
		domain = u->domain->name;
	else if (h != NULL)
		domain = h->granted ? h->name : j->domain; /* what it calls itself is only known by what it says */
	else if (typed)
		domain = jid_unicode_domain(j->domain, work);
	if (strcmp(domain, j->domain) == 0)
		return 0;
	len = snprintf(text, sizeof(text), "%.*s%s%s%s%s", (int)j->locallen, j->text, j->locallen > 0 ? "@" : "",
	    domain, j->resource != NULL ? "/" : "", j->resource != NULL ? j->resource : "");
	return jid_parse(j, text, (size_t)len);
}

/* Of a link with JID that has ended nothing stays; true: its account may have been asked for fewer than contacts. */
static bool
forget_tombstone(struct consent *consent, struct user *u, const char *jid)
{
	struct device *d, *next;
	bool few = false;

	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		if (d->resource != NULL || !place_forgettable(d) || !jid_same_account(d->jid, jid))
			continue;
		few = few || d->few;
		if (!place_forget(consent, u->primary, d->id))
			break;
		device_remove(consent->model, d);
	}
	return few;
}

bool
consent_is_busy(const struct consent *consent)
{
	return consent->flight->nchanges >= WRITES_MAX;
}

void
consent_begin(const struct consent *consent, struct device *d)
{
	d->state = d->resource != NULL ? LINK_ACTIVE : LINK_REQUESTED;
	d->created_ms = consent->env->now.wall_ms;
	d->claim.at = TIMER_NEVER;
}

int
consent_ask(struct consent *consent, struct user *u, const char *jid, const struct consent_wish *wish,
    struct reply *reply, enum text_id *why)
{
	struct device_record row;
	struct device *d;
	bool was_narrow;
	size_t before;
	int status;

	*why = refuse(consent, u, jid);
	if (*why != TEXT_NONE)
		return ERR_INVALID;
	*why = ask_rate_refuses(consent, u, jid);
	if (*why != TEXT_NONE)
		return ERR_LIMIT;
	was_narrow = ask_rate_has_named_few(consent, u, jid);
	was_narrow = forget_tombstone(consent, u, jid) || was_narrow;
	before = u->ndevices;
	place_make(consent, u);
	status = device_add(consent->model, u, jid, NULL, wish->label,
	    wish->kind > 0 ? (enum device_kind)wish->kind : KIND_OTHER, &d);
	if (status != 0) {
		*why = status == ERR_LIMIT ? TEXT_LINK_FULL : TEXT_NO_MEMORY;
		return status;
	}
	consent_begin(consent, d);
	ask_rate_note(consent, u, jid);
	if (u->ndevices == before)
		user_touch(consent->model, u); /* another one made room for it */
	d->generation = ++u->generation;
	d->kind_given = d->kind != KIND_OTHER;
	if (wish->visibility >= 0)
		d->visibility = (enum visibility)wish->visibility;
	d->show_status = wish->show_status > 0;
	row = device_record(d);
	d->wider = was_narrow && audience_of_contacts(&consent->env->set, &row);
	d->few = d->wider;
	if (!change_device(consent->flight, d, &row, CHANGE_LINK, reply))
		device_remove(consent->model, d); /* the command stays without an answer: there was no memory for one */
	change_user(consent->flight, u, CHANGE_OTHER, NULL);
	return 0;
}

bool
consent_waits(const struct consent *consent, const struct device *d)
{
	return d->stored &&
	    ((d->state == LINK_REQUESTED && change_row(d).state == LINK_REQUESTED) || agree_lacks_yes(consent, d));
}

enum text_id
consent_ask_again(struct consent *consent, struct user *u, struct device *d)
{
	struct device_record row = change_row(d);
	enum text_id why;

	/* Who has its name now may be somebody else, who is not to be told whose device it was. */
	if (d->claim.suspended_ms != 0)
		return TEXT_LINK_SUSPENDED;
	if (!audience_tells(consent->model, d))
		return TEXT_LINK_BEING_ASKED;
	if (!user_shown(u))
		return TEXT_LINK_NOTHING_SHOWN;
	why = ask_rate_refuses(consent, u, d->jid);
	if (why != TEXT_NONE)
		return why;
	ask_rate_note(consent, u, d->jid);
	/* Before her turn on this stream it is about to be sent anyway. */
	if (!row.approved && u->turn)
		invite_account(consent, u, d);
	if (!agree_has(consent, d))
		invite_question(consent, u, d);
	return TEXT_NONE;
}

int
consent_edit(struct consent *consent, struct device *d, const struct consent_wish *wish, struct reply *reply,
    enum text_id *why)
{
	struct device_record row = agree_row(consent, d);
	bool lacked = audience_lacks_yes(&consent->env->set, d, &row);
	char label[LABEL_BYTES_MAX + 1];
	size_t len;

	if (device_label_fits(wish->label, d->jid, d->resource) == LABEL_FITS) {
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
	row.wide = row.wide || (d->resource == NULL && row.confirmed && agree_is_trusted(consent, d->jid));
	*why = TEXT_NONE;
	if (!lacked && audience_lacks_yes(&consent->env->set, d, &row)) {
		/* More are to see it: it is asked again, and shown to those until it answers. */
		*why = ask_rate_refuses(consent, d->user, d->jid);
		if (*why != TEXT_NONE)
			return ERR_LIMIT;
		ask_rate_note(consent, d->user, d->jid);
		agree_for_more(d);
	}
	if (wish->show_status >= 0)
		row.show_status = wish->show_status > 0;
	if (!change_device(consent->flight, d, &row, CHANGE_EDIT, reply)) /* the command stays without an answer */
		say_oom(consent->env);
	return 0;
}

void
consent_loaded(struct consent *consent, struct device *d, const struct device_record *row)
{
	consent_begin(consent, d);
	d->kind_given = row->kind_given;
	d->visibility = row->visibility;
	d->show_status = row->show_status;
	d->state = row->state;
	d->approved = row->approved;
	d->withdrawn = row->withdrawn;
	d->generation = row->generation;
	d->created_ms = row->created_ms;
	d->reminded = remind_passed(consent, row->created_ms);
	d->claim.suspended_ms = row->approved ? row->suspended_ms : 0;
	d->stored = true;
	/* What was agreed to under the component's former name is none: it is not shown for the time of settling, either. */
	if (d->resource == NULL && d->user->moved_ms != 0)
		user_urgent(consent->model, d->user, ALL_NODES);
	agree_loaded(d, row);
	if (!device_live(d) || device_label_fits(row->label, d->jid, d->resource) != LABEL_TELLS)
		return;
	say_log(consent->env, LOG_LEVEL_INFO, "device.renamed", "user", d->user->primary, "device", d->id, "account",
	    d->jid, "text", "the label in its row told the address of the account", NULL);
	d->claim.unsaved = true;
	change_again(consent->flight);
}

void
consent_link_down(const struct consent *consent, struct device *d)
{
	agree_link_down(consent, d);
	d->approval_due = false; /* it is asked for again */
	d->denied = d->asks = d->noting = d->agreed = false;
	d->told_s = 0;
}

void
consent_approved(struct consent *consent, struct device *d)
{
	if (d->approved)
		return;
	verify_approved(consent, d->user, d);
	/* Said once and true until it is taken back: what can't be written now is written later. */
	d->approval_due = true;
	if (!change_row(d).approved && !agree_write(consent, d, true, agree_is_trusted(consent, d->jid), NULL))
		change_again(consent->flight);
}

int
consent_confirmed(struct consent *consent, struct device *d, struct reply *reply)
{
	d->agreed = true;
	return agree_write(consent, d, d->approval_due, true, reply) ? 0 : ERR_NOMEM;
}

/* Is she to hear that the account has ended it?  Of what is in doubt nobody hears, who may have come after her. */
static bool
hears_of_end(const struct consent *consent, struct device *d)
{
	const struct user *u = d->user;

	return consent->env->link_up && d->stored && user_shown(u) && claim_stands(u) && !claim_is_void(d) &&
	    d->claim.suspended_ms == 0 && claim_believes(consent->model, d);
}

void
consent_ended(struct consent *consent, struct device *d, bool by_account, struct reply *reply)
{
	uint32_t seen = audience_extent(&consent->env->set, d->user, d);
	/* Who may be somebody else is not to find out by that whose device it was. */
	bool parts = by_account ? audience_tells(consent->model, d) : d->claim.suspended_ms == 0;
	bool hears = by_account && hears_of_end(consent, d), was_active = d->state == LINK_ACTIVE;
	struct device_record row;
	struct user *u = d->user;
	unsigned narrowed;

	/* In force at once, durable as soon as may be. */
	d->state = by_account && !d->confirmed ? LINK_REFUSED : LINK_REVOKED;
	d->approved = d->confirmed = d->wide = d->agreed = d->approval_due = false;
	device_unavailable(consent->model, d, NULL, false);
	verify_forget(consent, &d->claim);
	d->claim.suspended_ms = 0;
	d->claim.unsaved = false; /* its end says it all */
	row = change_row(d);
	narrowed = audience_narrowed(seen, audience_extent(&consent->env->set, u, d));
	change_owes(consent->flight, u, narrowed);
	if (!change_device(consent->flight, d, &row, CHANGE_END, reply)) {
		d->unsaved = true;
		change_again(consent->flight);
	}
	/* After that, which a crash in between would make untrue otherwise. */
	say_log(consent->env, LOG_LEVEL_INFO, "device.ended", "user", u->primary, "device", d->id, "account", d->jid,
	    "by", by_account ? "account" : "user", NULL);
	if (hears)
		say_message(consent->env, u->bridge, u->primary,
		    TEXT(was_active ? TEXT_ENDED_BY_ACCOUNT : TEXT_REFUSED_BY_ACCOUNT, d->jid, d->label));
	if (consent->env->link_up && parts)
		invite_part(consent, d);
	user_touch(consent->model, u);
	user_urgent(consent->model, u, narrowed);
	user_known(consent->model, u);
}

static size_t
told(const struct consent *consent, const char *account, bool pending, struct device **out, size_t max)
{
	struct account *a = device_account(consent->model, account);
	struct device *d;
	size_t n = 0;
	int pass;

	/* What is in force comes first: whoever asks again and again doesn't take its place. */
	for (pass = 0; pass < 2; pass++) {
		for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
			if ((d->state == LINK_ACTIVE) != (pass == 0) || (pending && agree_has(consent, d)))
				continue;
			if (d->user->leaving || !audience_tells(consent->model, d))
				continue;
			if (n < max)
				out[n] = d;
			n++;
		}
	}
	return n;
}

struct device *
consent_shown_as(const struct consent *consent, const char *account, const struct user *u)
{
	struct device *d = u != NULL ? device_by_account(u, account) : NULL;

	return d != NULL && !u->leaving && audience_tells(consent->model, d) ? d : NULL;
}

size_t
consent_shown_by(const struct consent *consent, const char *account, struct device **out, size_t max)
{
	return told(consent, account, false, out, max);
}

size_t
consent_pending(const struct consent *consent, const char *account, struct device **out, size_t max)
{
	return told(consent, account, true, out, max);
}

void
consent_lapsed(struct consent *consent, struct user *u)
{
	struct device *d;

	if (u->claim.lapsed) {
		u->claim.lapsed = false;
		enrol_leave(consent, u, NULL);
		return;
	}
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->claim.lapsed)
			consent_ended(consent, d, true, NULL);
		d->claim.lapsed = false;
	}
}

void
consent_proved(struct consent *consent, struct user *u)
{
	struct device *d, *e;
	struct user *other;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL || !audience_tells(consent->model, d))
			continue;
		if (consent->env->link_up && user_shown(u)) {
			if (!invite_withdraw(consent, d) && d->asks)
				invite_deny(consent, d);
			d->asks = false;
		}
		other = user_find(consent->model, d->jid);
		e = other != NULL ? device_by_account(other, u->primary) : NULL;
		if (e == NULL || !d->approved)
			continue;
		consent_ended(consent, e, false, NULL);
		if (consent->env->link_up && user_shown(other) && claim_stands(other))
			say_message(consent->env, other->bridge, other->primary, TEXT(TEXT_LINK_EACH_OTHER));
	}
}
