#include "wire/decode_answer.h"

#include <string.h>

#include "base/err.h"
#include "wire/decode_part.h"
#include "wire/decode_privilege.h"
#include "wire/decoded.h"
#include "wire/ns.h"

/*
 * The first value of field VAR of a form (XEP-0004); NULL: no such field, "":
 * one without a value.
 */
static const char *
field_value(const struct xml *form, const char *var)
{
	const struct xml *field;
	const char *name, *value;

	for (field = xml_child(form, NS_DATA, "field"); field != NULL; field = xml_again(field, NS_DATA, "field")) {
		name = xml_attr(field, "var");
		if (name == NULL || strcmp(name, var) != 0)
			continue;
		value = xml_child_text(field, NS_DATA, "value");
		return value != NULL ? value : "";
	}
	return NULL;
}

static void
config_payload(const struct xml *configure, struct answer_event *a)
{
	const struct xml *form = xml_child(configure, NS_DATA, "x");
	const char *access = field_value(form, "pubsub#access_model");

	a->payload = PAYLOAD_CONFIG;
	a->access = access != NULL && *access != '\0' ? access_parse(access) : ACCESS_UNKNOWN;
}

/* Gateways and bots have others beside that of a client; of servers the one that names them is not the first everywhere. */
static int
rank(const char *category)
{
	return strcmp(category, "client") == 0 ? 2 : strcmp(category, "server") == 0 ? 1 : 0;
}

/* The first identity of those that say most. */
static void
info_payload(const struct xml *query, struct answer_event *a)
{
	const struct xml *x;
	const char *category, *type;
	int best = -1;

	a->payload = PAYLOAD_INFO;
	for (x = xml_child(query, NS_DISCO_INFO, "identity"); x != NULL; x = xml_again(x, NS_DISCO_INFO, "identity")) {
		category = xml_attr(x, "category");
		type = xml_attr(x, "type");
		if (category == NULL || *category == '\0' || type == NULL || *type == '\0')
			continue;
		if (rank(category) <= best)
			continue;
		best = rank(category);
		a->category = category;
		a->type = type;
		a->name = xml_attr(x, "name");
	}
}

/* S, prepared, as what is blocked; false: it is no address, or arena.status says why. */
static bool
blocked_address(struct decoder *d, const char *s, struct address *out)
{
	struct jid *jid = &d->other;
	int status = s != NULL ? jid_parse(jid, s, strlen(s)) : ERR_INVALID;

	if (status == ERR_NOMEM)
		d->arena.status = status;
	if (status != 0)
		return false;
	out->bare = arena_strndup(&d->arena, jid->text, jid->barelen);
	if (jid->resource != NULL)
		out->resource = arena_strndup(&d->arena, jid->resource, strlen(jid->resource));
	return out->bare != NULL;
}

/* What is no address can't be a contact's: it is left out. */
static int
blocklist_payload(struct decoder *d, const struct xml *blocklist, struct answer_event *a)
{
	struct address *items;
	const struct xml *x;
	size_t n = 0;

	a->payload = PAYLOAD_BLOCKLIST;
	if (decode_leaves(d))
		return 0;
	items = decode_array(d, xml_count(blocklist, NS_BLOCKING, "item"), sizeof(*items));
	if (items == NULL)
		return d->arena.status;
	for (x = xml_child(blocklist, NS_BLOCKING, "item"); x != NULL; x = xml_again(x, NS_BLOCKING, "item"))
		n += blocked_address(d, xml_attr(x, "jid"), &items[n]);
	a->blocklist.items = items;
	a->blocklist.nitems = n;
	return d->arena.status;
}

static int
payload(struct decoder *d, const struct xml *iq, struct answer_event *a)
{
	const struct xml *x;

	for (x = iq->child; x != NULL; x = x->next) {
		if (strcmp(x->name, "query") == 0) {
			if (strcmp(x->ns, NS_ROSTER) == 0) {
				a->payload = PAYLOAD_ROSTER;
				return decode_leaves(d) ? 0 : decode_roster(d, x, &a->roster);
			}
			if (strcmp(x->ns, NS_DISCO_INFO) == 0) {
				info_payload(x, a);
				return 0;
			}
		} else if (strcmp(x->name, "blocklist") == 0 && strcmp(x->ns, NS_BLOCKING) == 0) {
			return blocklist_payload(d, x, a);
		} else if (strcmp(x->name, "pubsub") == 0 && strcmp(x->ns, NS_PUBSUB_OWNER) == 0) {
			x = xml_child(x, NS_PUBSUB_OWNER, "configure");
			if (x != NULL)
				config_payload(x, a);
			return 0;
		}
	}
	return 0;
}

/*
 * The outer type says little: Prosody 0.12 and 13.0.1 send `result' around a
 * forwarded error, ejabberd `error' without an <error/> of its own.
 */
int
decode_answer(struct decoder *d, const struct xml *iq, const struct xml *privilege, struct event *ev)
{
	struct answer_event *a = &ev->answer;
	const struct xml *judged = iq;
	const char *type, *bare;
	int status;

	memset(a, 0, sizeof(*a));
	ev->kind = EVENT_ANSWER;
	a->id = xml_attr(iq, "id");
	if (decode_forwarded(privilege, "iq") != NULL) {
		judged = decode_forwarded(privilege, "iq");
		a->wrapped = true;
		a->inner_id = xml_attr(judged, "id");
		a->inner_from = xml_attr(judged, "from");
		bare = decode_bare(d, a->inner_from);
		/* What can't be read stays as it came: it equals no bare JID, and is not absent. */
		if (bare != NULL)
			a->inner_from = bare;
	}
	type = xml_attr(judged, "type");
	a->echo = type != NULL && (strcmp(type, "get") == 0 || strcmp(type, "set") == 0);
	/* A <privilege/> that forwards no IQ is not the result of anything. */
	a->ok = type != NULL && strcmp(type, "result") == 0 && (privilege == NULL || a->wrapped);
	status = d->arena.status;
	if (!a->ok)
		a->error = decode_error(judged, &a->app, &a->text);
	else if (status == 0)
		status = payload(d, judged, a);
	if (status == ERR_NOMEM)
		return status;
	/* Half a roster would read as contacts who left. */
	if (status != 0)
		decode_too_large(a);
	return DECODED_EVENT;
}

void
decode_too_large(struct answer_event *a)
{
	a->extent = EXTENT_TOO_LARGE;
	if (!a->ok)
		a->payload = PAYLOAD_NONE;
	a->ok = false;
	a->error = COND_RESOURCE_CONSTRAINT;
	a->app = APP_NONE;
	a->text = NULL;
	memset(&a->roster, 0, sizeof(a->roster));
	memset(&a->blocklist, 0, sizeof(a->blocklist));
}
