#include "wire/decode_request.h"

#include <string.h>

#include "base/err.h"
#include "wire/decode_part.h"
#include "wire/decoded.h"
#include "wire/ns.h"

static const char *
echoed(const struct xml *x, const char *name, bool *too_long)
{
	const char *s = xml_attr(x, name);

	if (s != NULL && strlen(s) > ECHO_BYTES_MAX)
		*too_long = true;
	return s;
}

static enum command_action
command_action(const char *s)
{
	if (s == NULL || strcmp(s, "execute") == 0)
		return COMMAND_EXECUTE;
	if (strcmp(s, "cancel") == 0)
		return COMMAND_CANCEL;
	if (strcmp(s, "prev") == 0)
		return COMMAND_PREV;
	if (strcmp(s, "next") == 0)
		return COMMAND_NEXT;
	if (strcmp(s, "complete") == 0)
		return COMMAND_COMPLETE;
	return COMMAND_OTHER;
}

/* The fields that have a name.  Returns 0, ERR_NOMEM, ERR_LIMIT. */
static int
form_fields(struct decoder *d, const struct xml *form, struct command_event *c)
{
	struct form_value *fields;
	const struct xml *field, *value;
	const char *var;
	size_t n = 0;

	fields = decode_array(d, FORM_FIELDS_MAX, sizeof(*fields));
	if (fields == NULL)
		return d->arena.status;
	for (field = xml_child(form, NS_DATA, "field"); field != NULL; field = xml_again(field, NS_DATA, "field")) {
		var = xml_attr(field, "var");
		if (var == NULL)
			continue;
		value = xml_child(field, NS_DATA, "value");
		if (n == FORM_FIELDS_MAX || strlen(var) > ECHO_BYTES_MAX ||
		    (value != NULL && value->textlen > FORM_VALUE_BYTES_MAX))
			return ERR_LIMIT;
		fields[n].var = var;
		fields[n].value = value != NULL ? value->text : "";
		n++;
	}
	c->fields = fields;
	c->nfields = n;
	return 0;
}

static int
refuse(const char *id, struct event *ev, enum text_id why)
{
	memset(&ev->request, 0, sizeof(ev->request));
	ev->kind = EVENT_REQUEST;
	ev->request.kind = REQUEST_MALFORMED;
	ev->request.id = id;
	ev->request.why = why;
	return DECODED_REFUSE;
}

static int
command(struct decoder *d, const struct xml *x, const char *id, bool set, struct event *ev)
{
	struct command_event *c = &ev->command;
	bool too_long = false;
	const struct xml *form;
	const char *type;
	int status;

	memset(c, 0, sizeof(*c));
	ev->kind = EVENT_COMMAND;
	c->id = id;
	c->set = set;
	c->node = echoed(x, "node", &too_long);
	c->sessionid = echoed(x, "sessionid", &too_long);
	c->action = command_action(xml_attr(x, "action"));
	if (c->node == NULL || too_long)
		return refuse(id, ev, c->node == NULL ? TEXT_COMMAND_NO_NODE : TEXT_NAME_LONG);
	form = xml_child(x, NS_DATA, "x");
	if (form == NULL)
		return DECODED_EVENT;
	type = xml_attr(form, "type");
	if (type != NULL && strcmp(type, "cancel") == 0) {
		/* XEP-0004: the form was given up; some clients say it only there. */
		c->action = COMMAND_CANCEL;
		return DECODED_EVENT;
	}
	if (type == NULL || strcmp(type, "submit") != 0)
		return refuse(id, ev, TEXT_FORM_NO_TYPE);
	status = form_fields(d, form, c);
	if (status == ERR_NOMEM)
		return status;
	return status == 0 ? DECODED_EVENT : refuse(id, ev, TEXT_FORM_LARGE);
}

static int
push(struct decoder *d, const struct xml *query, const char *id, struct event *ev)
{
	int status = 0;

	ev->kind = EVENT_ROSTER_PUSH;
	memset(&ev->roster, 0, sizeof(ev->roster));
	if (!decode_leaves(d))
		status = decode_roster(d, query, &ev->roster);
	if (status == ERR_NOMEM)
		return status;
	if (status != 0)
		return refuse(id, ev, TEXT_ROSTER_PUSH);
	ev->roster.id = id;
	return DECODED_EVENT;
}

static enum request_kind
request_kind(const struct xml *x)
{
	static const struct {
		const char *ns;
		const char *name;
		enum request_kind kind;
	} known[] = {
		{NS_DISCO_INFO, "query", REQUEST_INFO},
		{NS_DISCO_ITEMS, "query", REQUEST_ITEMS},
		{NS_VERSION, "query", REQUEST_VERSION},
		{NS_PING, "ping", REQUEST_PING},
		{NS_TIME, "time", REQUEST_TIME},
		{NS_LAST, "query", REQUEST_LAST},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(x->name, known[i].name) == 0 && strcmp(x->ns, known[i].ns) == 0)
			return known[i].kind;
	return REQUEST_OTHER;
}

int
decode_request(struct decoder *d, const struct xml *iq, struct event *ev)
{
	const char *id = xml_attr(iq, "id");
	bool set = strcmp(xml_attr(iq, "type"), "set") == 0;
	bool too_long = false;
	const struct xml *x = xml_only_child(iq);
	struct request_event *r = &ev->request;

	/* RFC 6120, section 8.2.3: exactly one child. */
	if (x == NULL)
		return refuse(id, ev, TEXT_IQ_CHILD);
	if (strcmp(x->ns, NS_COMMANDS) == 0 && strcmp(x->name, "command") == 0)
		return command(d, x, id, set, ev);
	if (set && strcmp(x->ns, NS_ROSTER) == 0 && strcmp(x->name, "query") == 0)
		return push(d, x, id, ev);
	memset(r, 0, sizeof(*r));
	ev->kind = EVENT_REQUEST;
	r->id = id;
	r->kind = set ? REQUEST_OTHER : request_kind(x);
	if (r->kind == REQUEST_INFO || r->kind == REQUEST_ITEMS)
		r->node = echoed(x, "node", &too_long);
	return too_long ? refuse(id, ev, TEXT_NAME_LONG) : DECODED_EVENT;
}
