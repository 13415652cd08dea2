#include "wire/decode_part.h"

#include <string.h>

#include "base/err.h"
#include "wire/ns.h"

bool
decode_leaves(struct decoder *d)
{
	d->left = d->left || d->sparing;
	return d->sparing;
}

void *
decode_array(struct decoder *d, size_t n, size_t size)
{
	void *p = NULL;

	if (n > SCRATCH_BYTES_MAX / size)
		d->arena.status = ERR_LIMIT;
	else
		p = arena_alloc(&d->arena, n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

/* A condition counts only in the namespace that its XEP gives it. */
static enum app_condition
app_condition(const struct xml *x)
{
	enum app_condition app;
	bool pubsub;

	if (strcmp(x->ns, NS_PUBSUB_ERRORS) != 0 && strcmp(x->ns, NS_COMMANDS) != 0)
		return APP_NONE;
	app = app_condition_parse(x->name);
	pubsub = app == APP_PRECONDITION_NOT_MET || app == APP_PAYLOAD_TOO_BIG;
	return strcmp(x->ns, pubsub ? NS_PUBSUB_ERRORS : NS_COMMANDS) == 0 ? app : APP_NONE;
}

enum condition
decode_error(const struct xml *stanza, enum app_condition *app, const char **text)
{
	const struct xml *error = xml_child(stanza, stanza->ns, "error");
	enum condition condition = COND_NONE;
	enum app_condition found;
	const struct xml *x;

	for (x = error != NULL ? error->child : NULL; x != NULL; x = x->next) {
		if (strcmp(x->ns, NS_STANZA_ERRORS) != 0) {
			found = app_condition(x);
			if (app != NULL && *app == APP_NONE)
				*app = found;
		} else if (strcmp(x->name, "text") == 0) {
			if (text != NULL && *text == NULL && x->textlen != 0)
				*text = x->text;
		} else if (condition == COND_NONE) {
			condition = condition_parse(x->name);
		}
	}
	return condition != COND_NONE ? condition : COND_UNDEFINED;
}

const char *
decode_bare(struct decoder *d, const char *s)
{
	struct jid *jid = &d->other;
	int status;

	if (s == NULL)
		return NULL;
	status = jid_parse(jid, s, strlen(s));
	if (status == ERR_NOMEM)
		d->arena.status = status;
	if (status != 0 || jid->resource != NULL)
		return NULL;
	/* Servers mostly send what is prepared already. */
	if (strcmp(jid->text, s) == 0)
		return s;
	return arena_strndup(&d->arena, jid->text, jid->barelen);
}

static const char *const *
roster_groups(struct decoder *d, const struct xml *item, size_t *n)
{
	const struct xml *x;
	const char **groups;

	*n = 0;
	if (item->child == NULL)
		return NULL;
	groups = decode_array(d, xml_count(item, NS_ROSTER, "group"), sizeof(*groups));
	if (groups == NULL)
		return NULL;
	for (x = xml_child(item, NS_ROSTER, "group"); x != NULL; x = xml_again(x, NS_ROSTER, "group"))
		groups[(*n)++] = x->text;
	return groups;
}

int
decode_roster(struct decoder *d, const struct xml *query, struct roster_event *out)
{
	struct roster_item *items;
	const char *subscription;
	const struct xml *x;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	items = decode_array(d, xml_count(query, NS_ROSTER, "item"), sizeof(*items));
	if (items == NULL)
		return d->arena.status;
	for (x = xml_child(query, NS_ROSTER, "item"); x != NULL; x = xml_again(x, NS_ROSTER, "item")) {
		items[n].jid = decode_bare(d, xml_attr(x, "jid"));
		if (items[n].jid == NULL)
			continue;
		items[n].name = xml_attr(x, "name");
		subscription = xml_attr(x, "subscription");
		if (subscription != NULL) {
			items[n].remove = strcmp(subscription, "remove") == 0;
			items[n].subscription = subscription_parse(subscription);
		}
		items[n].groups = roster_groups(d, x, &items[n].ngroups);
		n++;
	}
	out->items = items;
	out->nitems = n;
	return d->arena.status;
}
