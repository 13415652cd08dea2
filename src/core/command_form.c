#include "core/command_form.h"

#include <stdio.h>
#include <string.h>

#include "core/audience.h"
#include "core/device.h"
#include "core/say.h"
#include "core/user.h"
#include "core/verify.h"

#define FIELDS_MAX 8

static const struct form_option kinds[] = {
	{"fixed", "Fixed phone"},
	{"mobile", "Mobile phone"},
	{"computer", "Computer"},
	{"tablet", "Tablet"},
	{"other", "Other"},
};

static const struct form_option visibilities[] = {
	{"contacts", "My contacts"},
	{"self", "Only my own clients"},
	{"hidden", "Nobody"},
};

/* The same where they are shown nothing. */
static const struct form_option own_visibilities[] = {
	{"contacts", "My contacts (at present this service shows devices to their owner only)"},
	{"self", "Only my own clients"},
	{"hidden", "Nobody"},
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

const char *
form_wish(const struct event *ev, struct link_wish *wish)
{
	const char *kind = form_value(ev, "kind"), *visibility = form_value(ev, "visibility");
	const char *status = form_value(ev, "status-text");
	enum visibility v;
	enum device_kind k;

	wish->label = form_value(ev, "label");
	wish->kind = wish->visibility = wish->show_status = -1;
	if (kind != NULL && *kind != '\0') {
		if (!kind_parse(kind, &k))
			return "The kind is one of fixed, mobile, computer, tablet, other.";
		wish->kind = (int)k;
	}
	if (visibility != NULL && *visibility != '\0') {
		if (!visibility_parse(visibility, &v))
			return "The visibility is one of contacts, self, hidden.";
		wish->visibility = (int)v;
	}
	if (status != NULL)
		wish->show_status = strcmp(status, "1") == 0 || strcmp(status, "true") == 0;
	return NULL;
}

/* A form in S's memory with room for FIELDS_MAX fields; NULL without memory. */
static struct form *
form_new(struct core *c, struct said *s, const char *title, const char *instructions)
{
	struct form *f = say_mem(c, s, sizeof(*f));
	struct form_field *fields = say_mem(c, s, FIELDS_MAX * sizeof(*fields));

	if (f == NULL || fields == NULL)
		return NULL;
	f->title = title;
	f->instructions = instructions;
	f->fields = fields;
	s->act.reply.form = f;
	return f;
}

static struct form_field *
add(struct form *f, const char *var, enum field_type type, const char *label)
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
add_wish(const struct core *c, struct form *f, bool edit)
{
	bool contacts = audience_sees(&c->set, NULL, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) != 0;
	struct form_field *field;

	add(f, "label", FIELD_TEXT_SINGLE, edit ? "New label (empty: leave as it is)" : "Label, such as Desk phone");
	field = add(f, "kind", FIELD_LIST_SINGLE, "Kind of device");
	choose(field, kinds, COUNT(kinds), edit ? NULL : "other");
	field = add(f, "visibility", FIELD_LIST_SINGLE, "Shown to");
	choose(field, contacts ? visibilities : own_visibilities, COUNT(visibilities), edit ? NULL : "contacts");
	field = add(f, "status-text", FIELD_BOOLEAN, "Show its status text to contacts");
	field->value = edit ? NULL : "0";
}

bool
form_link(struct core *c, struct said *s, const struct event *ev)
{
	struct form *f = form_new(c, s, "Link an account as a device",
	    "The account is shown when it has accepted a contact request and has answered yes.");

	(void)ev;
	if (f == NULL)
		return false;
	add(f, "jid", FIELD_JID_SINGLE, "Address of the account")->required = true;
	add_wish(c, f, false);
	return true;
}

/* A list of the user's devices (only linked accounts, or all); false when there is none. */
static bool
add_devices(struct core *c, struct said *s, struct form *f, const struct user *u, bool linked)
{
	struct form_option *options = say_mem(c, s, (u->ndevices + 1) * sizeof(*options));
	const struct device *d;
	struct form_field *field;
	size_t n = 0;

	if (options == NULL)
		return false;
	for (d = u->devices; d != NULL; d = d->next) {
		if (!device_live(d) || !(d->stored || d->resource != NULL) || (linked && d->resource != NULL))
			continue;
		options[n].value = say_str(c, s, d->id);
		options[n++].label = say_str(c, s, d->label);
	}
	if (n == 0)
		return false;
	field = add(f, "device", FIELD_LIST_SINGLE, "Device");
	field->required = true;
	choose(field, options, n, n == 1 ? options[0].value : NULL);
	return true;
}

static bool
device_form(struct core *c, struct said *s, const struct event *ev, const char *title, const char *text, bool linked,
    bool edit)
{
	struct form *f = form_new(c, s, title, text);
	struct user *u = user_find(c, ev->from.bare);

	if (f == NULL || !add_devices(c, s, f, u, linked)) {
		s->act.reply.form = NULL;
		return false;
	}
	if (edit)
		add_wish(c, f, true);
	return true;
}

bool
form_edit(struct core *c, struct said *s, const struct event *ev)
{
	return device_form(c, s, ev, "Edit a device", "What you leave empty stays as it is.", false, true);
}

bool
form_unlink(struct core *c, struct said *s, const struct event *ev)
{
	return device_form(c, s, ev, "Unlink a device", "It is not shown any more from then on.", true, false);
}

bool
form_leave(struct core *c, struct said *s, const struct event *ev)
{
	(void)ev;
	return form_new(c, s, "Leave",
		   "All your links end and nothing of yours is published any more. Send this form to go ahead.") !=
	    NULL;
}

bool
form_confirm(struct core *c, struct said *s, const struct event *ev)
{
	struct form *f = form_new(c, s, "Confirm", "Who may show the presence of this account?");
	struct form_option *options = say_mem(c, s, FORM_CHOICES_MAX * sizeof(*options));
	struct device *pending[FORM_CHOICES_MAX];
	size_t i, n = link_pending(c, ev->from.bare, pending, FORM_CHOICES_MAX);
	struct form_field *field;

	if (f == NULL || options == NULL)
		return false;
	for (i = 0; i < n && i < FORM_CHOICES_MAX; i++) {
		options[i].value = say_str(c, s, pending[i]->user->primary);
		options[i].label = options[i].value;
	}
	field = add(f, "account", FIELD_LIST_SINGLE, "Account");
	field->required = true;
	choose(field, options, i, NULL);
	return true;
}

static const char *
consent_word(const struct device *d)
{
	if (d->resource != NULL)
		return "not needed";
	if (d->claim.suspended_ms != 0)
		return "not known to its server any more: suspended";
	if (d->state == LINK_REFUSED)
		return "refused";
	if (d->state == LINK_REVOKED)
		return "ended";
	if (d->approved && d->confirmed)
		return "given";
	if (d->approved)
		return "waits for its yes";
	return d->confirmed ? "waits for its acceptance of the contact request" : "waits for its answer";
}

static const char *
state_word(const struct core *c, struct device *d)
{
	const struct resource *best = device_best(d, !verify_believes(c, d));

	if (d->resource == NULL && d->state != LINK_ACTIVE)
		return "";
	if (best == NULL)
		return "unavailable";
	return best->show == SHOW_NONE ? "available" : show_name(best->show);
}

void
form_devices(struct core *c, struct said *s, const struct user *u)
{
	struct form *f = form_new(c, s, "Your devices", NULL);
	const char **cells = say_mem(c, s, (u->ndevices + 1) * 7 * sizeof(*cells));
	struct device *d;
	size_t n = 0;

	if (f == NULL || cells == NULL)
		return;
	f->result = true;
	add(f, "id", FIELD_TEXT_SINGLE, "Id");
	add(f, "label", FIELD_TEXT_SINGLE, "Label");
	add(f, "kind", FIELD_TEXT_SINGLE, "Kind");
	add(f, "visibility", FIELD_TEXT_SINGLE, "Shown to");
	add(f, "jid", FIELD_JID_SINGLE, "Account");
	add(f, "state", FIELD_TEXT_SINGLE, "State");
	add(f, "consent", FIELD_TEXT_SINGLE, "Consent");
	f->cells = cells;
	for (d = u->devices; d != NULL; d = d->next) {
		if (audience_sees(&c->set, u, d, NO_NODE, AUDIENCE_SELF) == 0)
			continue;
		cells[n++] = say_str(c, s, d->id);
		cells[n++] = say_str(c, s, d->label);
		cells[n++] = kind_name(d->kind);
		cells[n++] = visibility_name(d->visibility);
		cells[n++] = say_str(c, s, d->jid);
		cells[n++] = state_word(c, d);
		cells[n++] = consent_word(d);
		f->nrows++;
	}
}

void
form_shown_by(struct core *c, struct said *s, const struct account *a)
{
	struct form *f = form_new(c, s, "Who shows this account's presence", NULL);
	const struct device *d;
	const char **cells;
	size_t n = 0;

	for (d = a->devices; d != NULL; d = d->same_account)
		n++;
	cells = say_mem(c, s, (n + 1) * 3 * sizeof(*cells));
	if (f == NULL || cells == NULL)
		return;
	f->result = true;
	add(f, "account", FIELD_JID_SINGLE, "Account");
	add(f, "label", FIELD_TEXT_SINGLE, "As");
	add(f, "consent", FIELD_TEXT_SINGLE, "Consent");
	f->cells = cells;
	n = 0;
	for (d = a->devices; d != NULL; d = d->same_account) {
		if (audience_sees(&c->set, d->user, d, NO_NODE, AUDIENCE_ACCOUNT) == 0)
			continue;
		cells[n++] = say_str(c, s, d->user->primary);
		cells[n++] = say_str(c, s, d->label);
		cells[n++] = consent_word(d);
		f->nrows++;
	}
}
