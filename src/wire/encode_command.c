#include "wire/encode_command.h"

#include "base/err.h"
#include "wire/catalogue.h"
#include "wire/encode_frame.h"
#include "wire/ns.h"

static const char *
field_type(enum field_type type)
{
	switch (type) {
	case FIELD_HIDDEN:
		return "hidden";
	case FIELD_FIXED:
		return "fixed";
	case FIELD_JID_SINGLE:
		return "jid-single";
	case FIELD_BOOLEAN:
		return "boolean";
	case FIELD_LIST_SINGLE:
		return "list-single";
	case FIELD_TEXT_SINGLE:
		break;
	}
	return "text-single";
}

static void
open_field(struct writer *w, const struct form_field *f)
{
	write_open(w, "field");
	write_attr(w, "var", f->var);
	write_attr(w, "label", catalogue_text(f->label));
	write_attr(w, "type", field_type(f->type));
}

static void
form_fields(struct encoding *e, const struct form *form)
{
	struct writer *w = &e->w;
	const struct form_field *f;
	size_t i, j;

	for (i = 0; i < form->nfields; i++) {
		f = &form->fields[i];
		open_field(w, f);
		if (f->required) {
			write_open(w, "required");
			write_close(w);
		}
		write_element(w, "value", f->value);
		for (j = 0; j < f->noptions; j++) {
			write_open(w, "option");
			write_attr(w, "label", encode_text(e, &f->options[j].label));
			write_element(w, "value", f->options[j].value);
			write_close(w);
		}
		write_close(w);
	}
}

static void
result_rows(struct encoding *e, const struct form *form)
{
	struct writer *w = &e->w;
	const char *cell;
	size_t i, row;

	write_open(w, "reported");
	for (i = 0; i < form->nfields; i++) {
		open_field(w, &form->fields[i]);
		write_close(w);
	}
	write_close(w);
	for (row = 0; row < form->nrows; row++) {
		write_open(w, "item");
		for (i = 0; i < form->nfields; i++) {
			cell = encode_text(e, &form->cells[row * form->nfields + i]);
			encode_field(w, form->fields[i].var, NULL, cell != NULL ? cell : "");
		}
		write_close(w);
	}
}

static void
form_element(struct encoding *e, const struct form *form)
{
	struct writer *w = &e->w;

	write_open_ns(w, "x", NS_DATA);
	write_attr(w, "type", form->result ? "result" : "form");
	write_element(w, "title", catalogue_text(form->title));
	write_element(w, "instructions", catalogue_text(form->instructions));
	if (!form->result)
		form_fields(e, form);
	else if (form->nfields != 0)
		result_rows(e, form);
	write_close(w);
}

static const char *
status_name(enum command_status status)
{
	switch (status) {
	case STATUS_EXECUTING:
		return "executing";
	case STATUS_CANCELED:
		return "canceled";
	case STATUS_COMPLETED:
		break;
	}
	return "completed";
}

int
encode_command_reply(struct encoding *e)
{
	const struct command_reply *r = &e->act->reply;
	struct writer *w = &e->w;
	int status;

	if (r->node == NULL)
		return ERR_INVALID;
	status = encode_iq(e, "result");
	if (status != 0)
		return status;
	write_open_ns(w, "command", NS_COMMANDS);
	write_attr(w, "node", r->node);
	write_attr(w, "sessionid", r->sessionid);
	write_attr(w, "status", status_name(r->status));
	if (r->status == STATUS_EXECUTING) {
		/* All our commands have one form. */
		write_open(w, "actions");
		write_attr(w, "execute", "complete");
		write_open(w, "complete");
		write_close(w);
		write_close(w);
	}
	if (r->form != NULL)
		form_element(e, r->form);
	if (r->note.id != TEXT_NONE) {
		write_open(w, "note");
		write_attr(w, "type", r->note_type != NULL ? r->note_type : "info");
		write_text(w, encode_text(e, &r->note));
		write_close(w);
	}
	encode_end(e);
	return 0;
}
