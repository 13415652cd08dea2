#include "core/talk/command_form.h"

#include <stdio.h>
#include <string.h>

#include "core/consent/agree.h"
#include "core/consent/consent.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/say.h"

#define FIELDS_MAX 8

static const struct form_option kinds[] = {
	{ "fixed", {.id = TEXT_KIND_FIXED} },
	{ "mobile", {.id = TEXT_KIND_MOBILE} },
	{ "computer", {.id = TEXT_KIND_COMPUTER} },
	{ "tablet", {.id = TEXT_KIND_TABLET} },
	{ "other", {.id = TEXT_KIND_OTHER} },
};

static const struct form_option visibilities[] = {
	{ "contacts", {.id = TEXT_TO_CONTACTS} },
	{ "self", {.id = TEXT_TO_SELF} },
	{ "hidden", {.id = TEXT_TO_NOBODY} },
};

/* The same where they are shown nothing. */
static const struct form_option own_visibilities[] = {
	{ "contacts", {.id = TEXT_TO_CONTACTS_LATER} },
	{ "self", {.id = TEXT_TO_SELF} },
	{ "hidden", {.id = TEXT_TO_NOBODY} },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *
form_value(const struct event *ev, const char *var)
{
	size_t i;

	for (i = 0; i < ev->command.nfields; i++) {
		if (strcmp(ev->command.fields[i].var, var) == 0)
			return ev->command.fields[i].value;
	}
	return NULL;
}

enum text_id
form_wish(const struct event *ev, struct consent_wish *wish)
{
	const char *kind = form_value(ev, "kind"), *visibility = form_value(ev, "visibility");
	const char *status = form_value(ev, "status-text");
	enum visibility v;
	enum device_kind k;

	wish->label = form_value(ev, "label");
	wish->kind = wish->visibility = wish->show_status = -1;
	if (kind != NULL && *kind != '\0') {
		if (!kind_parse(kind, &k))
			return TEXT_KIND_INVALID;
		wish->kind = (int)k;
	}
	if (visibility != NULL && *visibility != '\0') {
		if (!visibility_parse(visibility, &v))
			return TEXT_VISIBILITY_INVALID;
		wish->visibility = (int)v;
	}
	if (status != NULL && *status != '\0')
		wish->show_status = strcmp(status, "1") == 0 || strcmp(status, "true") == 0;
	return TEXT_NONE;
}

bool
form_hides(const struct event *ev)
{
	struct consent_wish wish;

	return form_wish(ev, &wish) == TEXT_NONE && audience_is_nobody(wish.visibility) &&
	    (wish.label == NULL || *wish.label == '\0') && wish.kind < 0 && wish.show_status < 0;
}

/* A form in S's memory with room for FIELDS_MAX fields; NULL without memory. */
static struct form *
form_new(struct talk *talk, struct said *s, enum text_id title, enum text_id instructions)
{
	struct form *f = say_mem(talk->env, s, sizeof(*f));
	struct form_field *fields = say_mem(talk->env, s, FIELDS_MAX * sizeof(*fields));

	if (f == NULL || fields == NULL)
		return NULL;
	f->title = title;
	f->instructions = instructions;
	f->fields = fields;
	s->act.reply.form = f;
	return f;
}

static struct form_field *
add(struct form *f, const char *var, enum field_type type, enum text_id label)
{
	/* The array is ours; it is const for those who read the action. */
	struct form_field *field = (struct form_field *)(uintptr_t)&f->fields[f->nfields++];

	field->var = var;
	field->type = type;
	field->label = label;
	return field;
}

static void
choose(struct form_field *field, const struct form_option *options, size_t n, const char *value)
{
	field->options = options;
	field->noptions = n;
	field->value = value;
}

static void
add_wish(const struct talk *talk, struct form *f, bool edit)
{
	bool contacts = audience_sees(&talk->env->set, NULL, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) != 0;
	struct form_field *field;

	add(f, "label", FIELD_TEXT_SINGLE, edit ? TEXT_FIELD_LABEL_CHANGE : TEXT_FIELD_LABEL_NEW);
	field = add(f, "kind", FIELD_LIST_SINGLE, TEXT_FIELD_KIND_OF);
	choose(field, kinds, COUNT(kinds), edit ? NULL : "other");
	field = add(f, "visibility", FIELD_LIST_SINGLE, TEXT_FIELD_SHOWN_TO);
	choose(field, contacts ? visibilities : own_visibilities, COUNT(visibilities), edit ? NULL : "contacts");
	field = add(f, "status-text", FIELD_BOOLEAN, TEXT_FIELD_STATUS);
	field->value = edit ? NULL : "0";
}

bool
form_link(struct talk *talk, struct said *s, const struct event *ev)
{
	struct form *f = form_new(talk, s, TEXT_FORM_LINK, TEXT_FORM_LINK_HOW);

	(void)ev;
	if (f == NULL)
		return false;
	add(f, "jid", FIELD_JID_SINGLE, TEXT_FIELD_ADDRESS)->required = true;
	add_wish(talk, f, false);
	return true;
}

/* Those of U's devices that can be chosen (only linked accounts, or all): how many were put into OPTIONS. */
static size_t
choose_devices(struct talk *talk, struct said *s, const struct user *u, bool linked, struct form_option *options)
{
	const struct device *d;
	size_t n = 0;

	for (d = u->devices; d != NULL; d = d->next) {
		if (!device_live(d) || audience_sees(&talk->env->set, u, d, NO_NODE, AUDIENCE_SELF) == 0 ||
		    (linked && d->resource != NULL))
			continue;
		options[n].value = say_str(talk->env, s, d->id);
		options[n++].label = say_verbatim(talk->env, s, d->label);
	}
	return n;
}

/* Likewise who shows ACCOUNT. */
static size_t
choose_shown_by(struct talk *talk, struct said *s, const char *account, struct form_option *options)
{
	struct device *by[FORM_CHOICES_MAX];
	size_t i, n = consent_shown_by(talk->consent, account, by, FORM_CHOICES_MAX);

	for (i = 0; i < n && i < FORM_CHOICES_MAX; i++) {
		options[i].value = say_str(talk->env, s, by[i]->user->primary);
		options[i].label = say_text(talk->env, s, TEXT(TEXT_SHOWN_BY_AS, by[i]->user->primary, by[i]->label));
	}
	return i;
}

static bool
device_form(struct talk *talk, struct said *s, const struct event *ev, enum text_id title, enum text_id text, bool edit)
{
	struct form *f = form_new(talk, s, title, text);
	struct form_option *options = say_mem(talk->env, s, (USER_DEVICES_MAX + FORM_CHOICES_MAX) * sizeof(*options));
	const struct user *u = user_find(talk->model, ev->from.bare);
	struct form_field *field;
	size_t n = 0;

	if (f != NULL && options != NULL && u != NULL)
		n = choose_devices(talk, s, u, !edit, options);
	if (f != NULL && options != NULL && !edit)
		n += choose_shown_by(talk, s, ev->from.bare, options + n);
	if (n == 0) {
		s->act.reply.form = NULL;
		return false;
	}
	field = add(f, "device", FIELD_LIST_SINGLE, TEXT_FIELD_DEVICE);
	field->required = true;
	choose(field, options, n, n == 1 ? options[0].value : NULL);
	if (edit)
		add_wish(talk, f, true);
	return true;
}

bool
form_edit(struct talk *talk, struct said *s, const struct event *ev)
{
	return device_form(talk, s, ev, TEXT_FORM_EDIT, TEXT_FORM_EDIT_HOW, true);
}

bool
form_unlink(struct talk *talk, struct said *s, const struct event *ev)
{
	return device_form(talk, s, ev, TEXT_FORM_UNLINK, TEXT_FORM_UNLINK_HOW, false);
}

bool
form_leave(struct talk *talk, struct said *s, const struct event *ev)
{
	bool enrolled = user_enrolled(user_find(talk->model, ev->from.bare));

	return form_new(talk, s, TEXT_FORM_LEAVE, enrolled ? TEXT_FORM_LEAVE_HOW : TEXT_FORM_LEAVE_SHOWN_HOW) != NULL;
}

bool
form_confirm(struct talk *talk, struct said *s, const struct event *ev)
{
	struct form *f = form_new(talk, s, TEXT_FORM_CONFIRM, TEXT_FORM_CONFIRM_HOW);
	struct form_option *options = say_mem(talk->env, s, FORM_CHOICES_MAX * sizeof(*options));
	struct device *pending[FORM_CHOICES_MAX];
	size_t i, n = consent_pending(talk->consent, ev->from.bare, pending, FORM_CHOICES_MAX);
	struct form_field *field;

	if (f == NULL || options == NULL)
		return false;
	for (i = 0; i < n && i < FORM_CHOICES_MAX; i++) {
		options[i].value = say_str(talk->env, s, pending[i]->user->primary);
		options[i].label = *TEXT(TEXT_VERBATIM, options[i].value);
	}
	field = add(f, "account", FIELD_LIST_SINGLE, TEXT_FIELD_ACCOUNT);
	field->required = true;
	choose(field, options, i, NULL);
	return true;
}

static enum text_id
consent_text(const struct talk *talk, const struct device *d)
{
	if (d->resource != NULL)
		return TEXT_CONSENT_NOT_NEEDED;
	if (d->claim.suspended_ms != 0)
		return TEXT_CONSENT_SUSPENDED;
	if (d->state == LINK_REFUSED)
		return TEXT_CONSENT_REFUSED;
	if (d->state == LINK_REVOKED)
		return TEXT_CONSENT_ENDED;
	if (d->approved && agree_has(talk->consent, d))
		return TEXT_CONSENT_GIVEN;
	if (d->approved)
		return TEXT_CONSENT_YES;
	return agree_has(talk->consent, d) ? TEXT_CONSENT_ACCEPTANCE : TEXT_CONSENT_ANSWER;
}

static enum text_id
state_text(const struct talk *talk, struct device *d)
{
	static const enum text_id states[] = {
		[SHOW_NONE] = TEXT_STATE_AVAILABLE,
		[SHOW_CHAT] = TEXT_STATE_CHAT,
		[SHOW_AWAY] = TEXT_STATE_AWAY,
		[SHOW_XA] = TEXT_STATE_XA,
		[SHOW_DND] = TEXT_STATE_DND,
	};
	const struct resource *best = device_best(d, !claim_believes(talk->model, d));

	if (d->resource == NULL && d->state != LINK_ACTIVE)
		return TEXT_NONE;
	return best != NULL ? states[best->show] : TEXT_STATE_UNAVAILABLE;
}

/* Who shows ACCOUNT, as many as have room in a table behind BYTES of names: how many are in BY; that there are more is said. */
static size_t
shown_by(struct talk *talk, struct said *s, const char *account, size_t bytes, struct device **by)
{
	size_t all = consent_shown_by(talk->consent, account, by, SHOWN_BY_MAX), n;
	char number[24];

	for (n = 0; n < all && n < SHOWN_BY_MAX; n++) {
		bytes += strlen(by[n]->user->primary) + strlen(by[n]->label);
		if (bytes > SHOWN_BY_BYTES_MAX)
			break;
	}
	if (n < all) {
		snprintf(number, sizeof(number), "%zu", all - n);
		s->act.reply.note = say_text(talk->env, s, TEXT(TEXT_SHOWN_BY_MORE, number));
		s->act.reply.note_type = "info";
	}
	return n;
}

void
form_devices(struct talk *talk, struct said *s, const struct user *u)
{
	struct form *f = form_new(talk, s, TEXT_FORM_DEVICES, TEXT_NONE);
	struct device *by[SHOWN_BY_MAX], *d;
	size_t bytes = 0, nby, n = 0, i;
	struct text *cells;

	for (d = u->devices; d != NULL; d = d->next)
		bytes += strlen(d->jid) + strlen(d->label);
	nby = shown_by(talk, s, u->primary, bytes, by);
	cells = say_mem(talk->env, s, (u->ndevices + nby + 1) * FIELDS_MAX * sizeof(*cells));
	if (f == NULL || cells == NULL)
		return;
	f->result = true;
	add(f, "id", FIELD_TEXT_SINGLE, TEXT_FIELD_ID);
	add(f, "label", FIELD_TEXT_SINGLE, TEXT_FIELD_LABEL);
	add(f, "kind", FIELD_TEXT_SINGLE, TEXT_FIELD_KIND);
	add(f, "visibility", FIELD_TEXT_SINGLE, TEXT_FIELD_SHOWN_TO);
	add(f, "jid", FIELD_JID_SINGLE, TEXT_FIELD_ACCOUNT);
	add(f, "state", FIELD_TEXT_SINGLE, TEXT_FIELD_STATE);
	add(f, "consent", FIELD_TEXT_SINGLE, TEXT_FIELD_CONSENT);
	if (nby > 0)
		add(f, "account", FIELD_JID_SINGLE, TEXT_FIELD_SHOWN_BY);
	f->cells = cells;
	for (d = u->devices; d != NULL; d = d->next) {
		if (audience_sees(&talk->env->set, u, d, NO_NODE, AUDIENCE_SELF) == 0)
			continue;
		cells[n++] = say_verbatim(talk->env, s, d->id);
		cells[n++] = say_verbatim(talk->env, s, d->label);
		cells[n++] = *TEXT(TEXT_VERBATIM, kind_name(d->kind));
		cells[n++] = *TEXT(TEXT_VERBATIM, visibility_name(d->visibility));
		cells[n++] = say_verbatim(talk->env, s, d->jid);
		cells[n++].id = state_text(talk, d);
		cells[n++].id = consent_text(talk, d);
		n += nby > 0;
		f->nrows++;
	}
	/* Her account is a device of theirs: of that she sees what they call it, and her own consent. */
	for (i = 0; i < nby; i++, n += f->nfields) {
		cells[n + 1] = say_verbatim(talk->env, s, by[i]->label);
		cells[n + 6].id = consent_text(talk, by[i]);
		cells[n + 7] = say_verbatim(talk->env, s, by[i]->user->primary);
		f->nrows++;
	}
}

void
form_shown_by(struct talk *talk, struct said *s, const char *account)
{
	struct form *f = form_new(talk, s, TEXT_FORM_SHOWN_BY, TEXT_NONE);
	struct device *by[SHOWN_BY_MAX];
	size_t nby = shown_by(talk, s, account, 0, by), n = 0, i;
	struct text *cells = say_mem(talk->env, s, (nby + 1) * 3 * sizeof(*cells));

	if (f == NULL || cells == NULL)
		return;
	f->result = true;
	add(f, "account", FIELD_JID_SINGLE, TEXT_FIELD_ACCOUNT);
	add(f, "label", FIELD_TEXT_SINGLE, TEXT_FIELD_AS);
	add(f, "consent", FIELD_TEXT_SINGLE, TEXT_FIELD_CONSENT);
	f->cells = cells;
	for (i = 0; i < nby; i++) {
		cells[n++] = say_verbatim(talk->env, s, by[i]->user->primary);
		cells[n++] = say_verbatim(talk->env, s, by[i]->label);
		cells[n++].id = consent_text(talk, by[i]);
		f->nrows++;
	}
}
