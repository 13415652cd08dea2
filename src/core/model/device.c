#include "core/model/device.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/model/silence.h"
#include "core/model/user.h"

struct device *
device_by_id(const struct user *u, const char *id)
{
	struct device *d;

	for (d = u->devices; d != NULL && strcmp(d->id, id) != 0; d = d->next)
		;
	return d;
}

bool
device_live(const struct device *d)
{
	return d->state == LINK_REQUESTED || d->state == LINK_ACTIVE;
}

struct device *
device_by_account(const struct user *u, const char *jid)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && device_live(d) && strcmp(d->jid, jid) == 0)
			return d;
	}
	return NULL;
}

struct device *
device_by_same_account(const struct user *u, const char *jid)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && device_live(d) && jid_same_account(d->jid, jid))
			return d;
	}
	return NULL;
}

bool
device_is_there(const struct user *u, const char *jid)
{
	size_t local = (size_t)(jid_domain(jid) - jid);
	char work[JID_PART_MAX + 1];
	const char *key = NULL;
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL || strncmp(d->jid, jid, local) != 0 || jid_domain(d->jid) != d->jid + local)
			continue;
		/* Once, whatever the user has linked: somebody asks for each item of a roster. */
		if (key == NULL)
			key = jid_ascii_domain(jid + local, work);
		if (strcmp(d->account->domain->key, key) == 0)
			return true;
	}
	return false;
}

struct device *
device_by_resource(const struct user *u, const char *resource)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL && strcmp(d->resource, resource) == 0)
			return d;
	}
	return NULL;
}

static int
account_join(struct model *model, struct device *d)
{
	struct table_node *n = table_get(&model->accounts, d->jid, strlen(d->jid));
	struct account *a = n != NULL ? TABLE_OF(n, struct account, node) : NULL;

	if (a == NULL) {
		a = mem_alloc(sizeof(*a));
		if (a == NULL)
			return ERR_NOMEM;
		a->jid = mem_strdup(d->jid);
		a->domain = domain_get(model, jid_domain(d->jid));
		if (a->jid == NULL || a->domain == NULL ||
		    table_put(&model->accounts, &a->node, a->jid, strlen(a->jid)) != 0) {
			domain_drop(model, a->domain);
			mem_free(a->jid);
			mem_free(a);
			return ERR_NOMEM;
		}
	}
	d->account = a;
	d->same_account = a->devices;
	a->devices = d;
	return 0;
}

static void
account_leave(struct model *model, struct device *d)
{
	struct account *a = d->account;
	struct device **at;

	if (a == NULL)
		return;
	for (at = &a->devices; *at != d; at = &(*at)->same_account)
		;
	*at = d->same_account;
	d->account = NULL;
	if (a->devices == NULL) {
		table_del(&model->accounts, &a->node);
		domain_drop(model, a->domain);
		mem_free(a->jid);
		mem_free(a);
	}
}

struct account *
device_account(const struct model *model, const char *jid)
{
	struct table_node *n = table_get(&model->accounts, jid, strlen(jid));

	return n != NULL ? TABLE_OF(n, struct account, node) : NULL;
}

static void
device_free(struct device *d)
{
	struct resource *r, *next;

	if (d == NULL)
		return;
	for (r = d->resources; r != NULL; r = next) {
		next = r->next;
		device_resource_free(r);
	}
	mem_free(d->jid);
	mem_free(d->resource);
	mem_free(d->label);
	mem_free(d);
}

int
device_add(struct model *model, struct user *u, const char *jid, const char *resource, const char *label,
    enum device_kind kind, struct device **out)
{
	char invented[LABEL_BYTES_MAX];
	struct device *d;

	if (u->ndevices >= USER_DEVICES_MAX)
		return ERR_LIMIT;
	d = mem_alloc(sizeof(*d));
	if (d == NULL)
		return ERR_NOMEM;
	if (device_label_fits(label, jid, resource) != LABEL_FITS) {
		label = resource;
		if (resource == NULL) {
			device_invent_label(u, kind, invented, sizeof(invented));
			label = invented;
		}
	}
	d->user = u;
	d->kind = kind;
	d->audit.linked = true;
	d->jid = mem_strdup(jid);
	d->resource = mem_strdup(resource);
	d->gone_at = TIMER_NEVER;
	d->claim.linked = true;
	d->since_ms = model->env->now.wall_ms;
	d->label = device_copy_label(label);
	if (d->jid == NULL || (resource != NULL && d->resource == NULL) || d->label == NULL ||
	    (resource == NULL && account_join(model, d) != 0)) {
		device_free(d);
		return ERR_NOMEM;
	}
	if (resource != NULL)
		device_derive_id(model, jid, resource, d->id);
	else
		rng_word(&model->env->rng, d->id, DEVICE_ID_LEN);
	while (device_by_id(u, d->id) != NULL)
		rng_word(&model->env->rng, d->id, DEVICE_ID_LEN);
	d->next = u->devices;
	u->devices = d;
	u->ndevices++;
	*out = d;
	return 0;
}

void
device_loaded(struct device *d, const struct device_record *row)
{
	memset(d->id, 0, sizeof(d->id));
	memcpy(d->id, row->id, strnlen(row->id, DEVICE_ID_LEN));
}

void
device_remove(struct model *model, struct device *d)
{
	struct device **at;

	for (at = &d->user->devices; *at != d; at = &(*at)->next)
		;
	*at = d->next;
	d->user->ndevices--;
	user_mark(model, d->user, MARK_PLACE);
	ring_out(&d->audit.ring);
	account_leave(model, d);
	device_free(d);
}

enum device_kind
device_kind_of(const char *category, const char *type)
{
	static const struct {
		const char *type;
		enum device_kind kind;
	} known[] = {
		{"phone", KIND_MOBILE},
		{"handheld", KIND_MOBILE},
		{"tablet", KIND_TABLET},
		{"pc", KIND_COMPUTER},
		{"web", KIND_COMPUTER},
		{"console", KIND_COMPUTER},
	};
	size_t i;

	if (category == NULL || type == NULL || strcmp(category, "client") != 0)
		return KIND_OTHER;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(type, known[i].type) == 0)
			return known[i].kind;
	}
	return KIND_OTHER;
}

struct device_record
device_record(const struct device *d)
{
	struct device_record r = {0};

	r.primary = d->user->primary;
	r.id = d->id;
	r.jid = d->jid;
	r.resource = d->resource;
	r.label = d->label;
	r.kind = d->kind;
	r.kind_given = d->kind_given;
	r.visibility = d->visibility;
	r.show_status = d->show_status;
	r.state = d->state;
	r.approved = d->approved;
	r.confirmed = d->confirmed;
	r.wide = d->wide;
	r.withdrawn = d->withdrawn;
	r.generation = d->generation;
	r.created_ms = d->created_ms;
	r.suspended_ms = d->claim.suspended_ms;
	return r;
}

void
device_goes(struct device *d, uint64_t at)
{
	d->gone_at = at;
}

void
device_is(struct device *d, enum device_kind kind)
{
	d->kind = kind;
}

void
device_rename(struct device *d, char *label)
{
	mem_free(d->label);
	d->label = label;
}
