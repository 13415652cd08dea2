#include "core/model/device.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "base/mention.h"
#include "core/model/silence.h"

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

/* DEVICE_ID_LEN characters that depend on the text alone, so that a restart finds the same. */
static void
derive_id(const struct core *c, const char *a, const char *b, char *out)
{
	char text[2 * JID_MAX + 2];
	uint64_t h;
	int i, n;

	n = snprintf(text, sizeof(text), "%s/%s", a, b);
	h = hash_bytes(c->key, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
	for (i = 0; i < DEVICE_ID_LEN; i++, h >>= 5)
		out[i] = alphabet[h & 31];
	out[DEVICE_ID_LEN] = '\0';
}

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

size_t
device_cut(const char *s, size_t max)
{
	size_t len = strlen(s);

	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

enum label_fit
device_label_fits(const char *label, const char *jid, const char *resource)
{
	size_t len;

	if (label == NULL || *label == '\0')
		return LABEL_MISSING;
	/* The name of a resource is that of its own account, whose contacts know it. */
	if (resource != NULL)
		return LABEL_FITS;
	len = strlen(label);
	/* What is cut may have hidden what is left, and the other way. */
	if (mention_address(label, device_cut(label, LABEL_BYTES_MAX), len > LABEL_BYTES_MAX - 4, jid) ||
	    (len > LABEL_BYTES_MAX && mention_address(label, len, false, jid)))
		return LABEL_TELLS;
	return LABEL_FITS;
}

static bool
is_labelled(const struct user *u, const char *label)
{
	const struct device *d;

	for (d = u->devices; d != NULL && strcmp(d->label, label) != 0; d = d->next)
		;
	return d != NULL;
}

/*
 * What a linked account that nobody has named is called: a word of the protocol, as
 * its kind is in an item, with a number when others have it.  It is data like any
 * label, stored and published, and not a text in somebody's language (text.h).
 */
static void
invent_label(const struct user *u, enum device_kind kind, char *out, size_t size)
{
	const char *word = kind == KIND_OTHER ? "device" : kind_name(kind);
	unsigned n = 1;

	snprintf(out, size, "%s", word);
	while (is_labelled(u, out))
		snprintf(out, size, "%s %u", word, ++n);
}

static char *
copy_label(const char *label)
{
	return mem_strndup(label, device_cut(label, LABEL_BYTES_MAX));
}

static void
resource_free(struct resource *r)
{
	if (r == NULL)
		return;
	mem_free(r->name);
	mem_free(r->status);
	mem_free(r->lang);
	mem_free(r);
}

static int
account_join(struct core *c, struct device *d)
{
	struct table_node *n = table_get(&c->accounts, d->jid, strlen(d->jid));
	struct account *a = n != NULL ? TABLE_OF(n, struct account, node) : NULL;

	if (a == NULL) {
		a = mem_alloc(sizeof(*a));
		if (a == NULL)
			return ERR_NOMEM;
		a->jid = mem_strdup(d->jid);
		a->domain = domain_get(c, jid_domain(d->jid));
		if (a->jid == NULL || a->domain == NULL ||
		    table_put(&c->accounts, &a->node, a->jid, strlen(a->jid)) != 0) {
			domain_drop(c, a->domain);
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
account_leave(struct core *c, struct device *d)
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
		table_del(&c->accounts, &a->node);
		domain_drop(c, a->domain);
		mem_free(a->jid);
		mem_free(a);
	}
}

struct account *
device_account(const struct core *c, const char *jid)
{
	struct table_node *n = table_get(&c->accounts, jid, strlen(jid));

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
		resource_free(r);
	}
	mem_free(d->jid);
	mem_free(d->resource);
	mem_free(d->label);
	mem_free(d);
}

int
device_add(struct core *c, struct user *u, const char *jid, const char *resource, const char *label,
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
			invent_label(u, kind, invented, sizeof(invented));
			label = invented;
		}
	}
	d->user = u;
	d->kind = kind;
	d->audit.at = TIMER_NEVER;
	d->audit.linked = true;
	d->jid = mem_strdup(jid);
	d->resource = mem_strdup(resource);
	d->gone_at = TIMER_NEVER;
	d->claim.at = TIMER_NEVER;
	d->claim.linked = true;
	d->state = resource != NULL ? LINK_ACTIVE : LINK_REQUESTED;
	d->created_ms = d->since_ms = c->now.wall_ms;
	d->label = copy_label(label);
	if (d->jid == NULL || (resource != NULL && d->resource == NULL) || d->label == NULL ||
	    (resource == NULL && account_join(c, d) != 0)) {
		device_free(d);
		return ERR_NOMEM;
	}
	if (resource != NULL)
		derive_id(c, jid, resource, d->id);
	else
		rng_word(&c->rng, d->id, DEVICE_ID_LEN);
	while (device_by_id(u, d->id) != NULL)
		rng_word(&c->rng, d->id, DEVICE_ID_LEN);
	d->next = u->devices;
	u->devices = d;
	u->ndevices++;
	*out = d;
	return 0;
}

void
device_remove(struct core *c, struct device *d)
{
	struct device **at;

	for (at = &d->user->devices; *at != d; at = &(*at)->next)
		;
	*at = d->next;
	d->user->ndevices--;
	ring_out(&d->audit.ring);
	account_leave(c, d);
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

static struct resource *
resource_find(const struct device *d, const char *name)
{
	struct resource *r;

	for (r = d->resources; r != NULL && strcmp(r->name, name) != 0; r = r->next)
		;
	return r;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
copy_text(const char *text, size_t max, char **out)
{
	*out = NULL;
	if (text == NULL || *text == '\0')
		return 0;
	*out = mem_strndup(text, device_cut(text, max));
	return *out != NULL ? 0 : ERR_NOMEM;
}

/* Replace *AT by COPY; true if it was another. */
static bool
set_text(char **at, char *copy)
{
	bool other = !same(*at, copy);

	mem_free(*at);
	*at = copy;
	return other;
}

bool
device_has_named(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && (r->ghost || r->silent || strcmp(r->name, UNNAMED) == 0); r = r->next)
		;
	return r != NULL;
}

static bool
drop_resource(struct device *d, const char *name)
{
	struct resource **at = &d->resources, *r;

	while ((r = *at) != NULL && strcmp(r->name, name) != 0)
		at = &r->next;
	if (r == NULL)
		return false;
	*at = r->next;
	d->nresources--;
	resource_free(r);
	return true;
}

int
device_available(struct core *c, struct device *d, const char *resource, const struct presence_event *p, bool fed,
    bool *changed, struct resource **out)
{
	struct resource *r = resource_find(d, resource), *fresh = NULL;
	char *status = NULL, *lang = NULL;
	bool other = false, moved;

	if (r == NULL && d->nresources >= DEVICE_RESOURCES_MAX)
		return ERR_LIMIT;
	if (r == NULL) {
		fresh = mem_alloc(sizeof(*fresh));
		if (fresh != NULL)
			fresh->name = mem_strdup(resource);
		if (fresh == NULL || fresh->name == NULL)
			goto nomem;
	}
	if (copy_text(p->status, STATUS_BYTES_MAX, &status) != 0 ||
	    copy_text(status != NULL ? p->lang : NULL, LANG_BYTES_MAX, &lang) != 0)
		goto nomem;
	if (fresh != NULL) {
		r = fresh;
		r->id[0] = 'r';
		if (strcmp(resource, UNNAMED) != 0)
			derive_id(c, d->id, resource, r->id + 1);
		else
			memcpy(r->id, UNNAMED_ID, sizeof(UNNAMED_ID));
		r->next = d->resources;
		d->resources = r;
		d->nresources++;
		other = true;
	}
	if (strcmp(resource, UNNAMED) != 0 && drop_resource(d, UNNAMED))
		other = true;
	if (other || r->show != p->show) {
		d->since_ms = c->now.wall_ms;
		other = true;
	}
	moved = other || r->priority != p->priority;
	if (moved || r->idle_since_ms != p->idle_since_ms)
		other = true;
	r->show = p->show;
	r->priority = p->priority;
	r->idle_since_ms = p->idle_since_ms;
	if (set_text(&r->status, status))
		other = true;
	if (set_text(&r->lang, lang))
		other = true;
	/* What not all may see doesn't say where she is reached best. */
	if (moved)
		r->changed = ++c->changes_seen;
	r->ghost = r->silent = false;
	r->heard_s = (uint32_t)(c->now.mono_ms / 1000);
	if (fed)
		r->fed = true;
	if (d->stale)
		other = true;
	d->stale = false;
	d->known = true;
	d->gone_at = TIMER_NEVER;
	*changed = other;
	*out = r;
	return 0;
nomem:
	resource_free(fresh);
	mem_free(status);
	mem_free(lang);
	return ERR_NOMEM;
}

/* A resource of the primary without a row is shown for a while after it has gone, but not too many. */
static void
linger(struct core *c, struct device *d)
{
	struct device *o, *oldest = NULL;
	unsigned n = 0;

	if (d->resource == NULL || d->stored)
		return;
	d->gone_at = c->now.mono_ms + c->set.linger_ms;
	for (o = d->user->devices; o != NULL; o = o->next) {
		if (o->gone_at == TIMER_NEVER)
			continue;
		n++;
		if (oldest == NULL || o->gone_at < oldest->gone_at)
			oldest = o;
	}
	if (n > USER_GONE_MAX)
		oldest->gone_at = c->now.mono_ms;
}

bool
device_is_silent(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && r->silent; r = r->next)
		;
	return r == NULL && d->resources != NULL;
}

bool
device_unavailable(struct core *c, struct device *d, const char *resource, bool keep_ghosts)
{
	struct resource **at = &d->resources, *r;
	bool changed = false;

	while ((r = *at) != NULL) {
		if ((resource != NULL && strcmp(r->name, resource) != 0) || (keep_ghosts && r->ghost)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		d->nresources--;
		resource_free(r);
		changed = true;
	}
	if (changed) {
		d->since_ms = c->now.wall_ms;
		d->stale = device_is_silent(d);
		linger(c, d);
	}
	return changed;
}

void
device_lose(struct core *c, struct device *d, struct resource *r)
{
	drop_resource(d, r->name);
	d->since_ms = c->now.wall_ms;
	linger(c, d);
}

bool
device_shows(const struct device *d, const struct resource *r)
{
	return !r->silent || d->stale;
}

void
device_make_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL; r = r->next) {
		r->ghost = true;
		r->fed = false; /* its end, or that of the subscription, may be told meanwhile */
	}
	d->known = false;
}

void
device_drop_ghosts(struct core *c, struct device *d)
{
	struct resource **at = &d->resources, *r;
	bool changed = false;

	while ((r = *at) != NULL) {
		if (!r->ghost) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		d->nresources--;
		resource_free(r);
		changed = true;
	}
	if (changed) {
		d->since_ms = c->now.wall_ms;
		linger(c, d);
	}
}

bool
device_in_doubt(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && !(r->ghost && device_shows(d, r)); r = r->next)
		;
	return !d->known || r != NULL;
}

void
device_keep_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL; r = r->next) {
		r->silent = r->silent || r->ghost;
		r->ghost = false;
	}
}

void
device_hear_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL && d->stale; r = r->next)
		r->silent = r->silent && !r->ghost;
}

int
show_rank(enum show s)
{
	switch (s) {
	case SHOW_CHAT:
		return 4;
	case SHOW_NONE:
		return 3;
	case SHOW_AWAY:
		return 2;
	case SHOW_XA:
		return 1;
	case SHOW_DND:
		break;
	}
	return 0;
}

const struct resource *
device_best(const struct device *d, bool ghosts)
{
	const struct resource *r, *best = NULL;
	int by;

	for (r = d->resources; r != NULL; r = r->next) {
		if (!device_shows(d, r) || (ghosts && !r->ghost))
			continue;
		by = best == NULL ? 1 : show_rank(r->show) - show_rank(best->show);
		if (by == 0)
			by = r->priority - best->priority;
		if (by > 0 || (by == 0 && r->changed > best->changed))
			best = r;
	}
	return best;
}
