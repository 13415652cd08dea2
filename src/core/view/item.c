#include "core/view/item.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/device_ghost.h"
#include "core/model/user.h"

/* Expiry is spread over this much of its length, so that refreshes don't come together. */
#define EXPIRE_JITTER_PERCENT 10

/* What an item of NODE says of D: what her own clients find there, as everybody does whom the server lets in. */
static unsigned
in_node(const struct view *view, const struct device *d, int node)
{
	return audience_sees(&view->env->set, d->user, d, node, AUDIENCE_SELF);
}

bool
item_differs(const struct view *view, const struct user *u)
{
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if ((in_node(view, d, NODE_PRIVATE) & ~in_node(view, d, NODE_PUBLIC)) != 0)
			return true;
	}
	return false;
}

/* Until all is known only what was said on this stream is so; the rest is what it was, or can't be told. */
static bool
is_stale(const struct device *d, int node)
{
	return d->stale || ((d->user->hasty >> node & 1) != 0 && device_in_doubt(d));
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct item_device *)a)->id, ((const struct item_device *)b)->id);
}

static int
resource_by_id(const void *a, const void *b)
{
	return strcmp(((const struct item_resource *)a)->id, ((const struct item_resource *)b)->id);
}

static size_t
put_resources(const struct device *d, bool text, bool ghosts, struct item_resource *out)
{
	const struct resource *r;
	size_t n = 0;

	for (r = d->resources; r != NULL; r = r->next) {
		if (!device_shows(d, r) || (ghosts && !r->ghost))
			continue;
		out[n].id = r->id;
		out[n].show = r->show;
		out[n].status = text ? r->status : NULL;
		out[n].lang = out[n].status != NULL ? r->lang : NULL;
		out[n++].idle_since_ms = r->idle_since_ms;
	}
	if (n > 1)
		qsort(out, n, sizeof(*out), resource_by_id);
	return n;
}

/*
 * Who says most falls silent until all the rest fits: a device that floods the
 * item harms itself first.  DEVICES are in the order of the item.
 */
static void
bound_statuses(const struct view *view, const struct item_device *devices, size_t n)
{
	struct item_resource *r;
	size_t said[USER_DEVICES_MAX], total = 0, most, i, k;

	for (i = 0; i < n; i++) {
		said[i] = 0;
		for (k = 0; k < devices[i].nresources; k++)
			if (devices[i].resources[k].status != NULL)
				said[i] += strlen(devices[i].resources[k].status);
		total += said[i];
	}
	while (total > ITEM_STATUS_BYTES_MAX) {
		for (most = i = 0; i < n; i++)
			if (said[i] > said[most])
				most = i;
		total -= said[most];
		said[most] = 0;
		r = view->item_resources + (devices[most].resources - view->item_resources);
		for (k = 0; k < devices[most].nresources; k++)
			r[k].status = r[k].lang = NULL;
	}
}

/* The best of what is shown of D: as long as an account can't be believed, no more than what it was. */
static const struct resource *
best_shown(const struct view *view, struct device *d)
{
	return device_best(d, !claim_believes(view->model, d));
}

/* Positive when A is the better place to reach the user than B; both have a resource. */
static int
better(const struct view *view, struct device *a, struct device *b, int node)
{
	const struct resource *ra = best_shown(view, a), *rb = best_shown(view, b);
	int by;

	by = (int)is_stale(b, node) - (int)is_stale(a, node);
	if (by == 0)
		by = show_rank(ra->show) - show_rank(rb->show);
	if (by == 0)
		by = ra->priority - rb->priority;
	if (by == 0)
		by = ra->changed > rb->changed ? 1 : -1;
	return by;
}

static const struct device *
preferred(const struct view *view, const struct user *u, int node)
{
	struct device *d, *best = NULL;

	for (d = u->devices; d != NULL; d = d->next) {
		if (in_node(view, d, node) != 0 && best_shown(view, d) != NULL &&
		    (best == NULL || better(view, d, best, node) > 0))
			best = d;
	}
	return best;
}

static int64_t
expiry(const struct view *view, const struct user *u)
{
	int64_t life = (int64_t)view->env->set.expire_s * 1000;

	if (life == 0)
		return 0;
	return view->env->now.wall_ms + life -
	    (int64_t)(u->by_primary.hash % 1000) * life * EXPIRE_JITTER_PERCENT / 100000;
}

/*
 * As long as it isn't known whose account this is an item only takes away: what
 * is left in it is what it was, and her own clients, who may not be hers, are
 * shown nothing at all; nor is anybody once something speaks against her.
 */
static bool
is_kept(const struct user *u, const struct device *d, int node)
{
	const struct resource *r;

	if (node == NODE_PRIVATE || u->claim.against != 0)
		return false;
	for (r = d->resources; r != NULL && !r->ghost; r = r->next)
		;
	return d->stored || r != NULL;
}

void
item_compute(struct view *view, const struct user *u, int node, struct item *out)
{
	const bool in_doubt = user_shown(u) && !claim_stands(u);
	const struct device *best = in_doubt ? NULL : preferred(view, u, node);
	struct device *d;
	struct item_device *to = view->item_devices;
	struct item_resource *resources = view->item_resources;
	bool any = false;
	unsigned sees;

	memset(out, 0, sizeof(*out));
	for (d = (node == NODE_PUBLIC || item_differs(view, u)) ? u->devices : NULL; d != NULL; d = d->next) {
		sees = in_node(view, d, node);
		if (sees == 0 || (in_doubt && !is_kept(u, d, node)))
			continue;
		to->id = d->id;
		to->kind = d->kind;
		to->label = d->label;
		to->jid = (sees & SEES_JID) != 0 ? d->jid : NULL;
		to->preferred = d == best;
		to->stale = is_stale(d, node) || in_doubt;
		to->since_ms = d->since_ms;
		to->resources = resources;
		to->nresources = put_resources(d, (sees & SEES_TEXT) != 0, in_doubt || !claim_believes(view->model, d),
		    resources);
		resources += to->nresources;
		any = any || to->nresources > 0;
		to++;
	}
	out->devices = view->item_devices;
	out->ndevices = (size_t)(to - view->item_devices);
	if (out->ndevices > 1)
		qsort(view->item_devices, out->ndevices, sizeof(*to), by_id);
	bound_statuses(view, view->item_devices, out->ndevices);
	out->updated_ms = view->env->now.wall_ms;
	out->expires_ms = any ? expiry(view, u) : 0;
}

/* What is hashed, gathered so that one hash covers many short strings. */
struct mix {
	const uint8_t *key;
	uint64_t sum;
	size_t len;
	char data[512];
};

static void
fold(struct mix *m)
{
	m->sum = (m->sum << 7 | m->sum >> 57) ^ hash_bytes(m->key, m->data, m->len);
	m->sum *= 0x9e3779b97f4a7c15ULL;
	m->len = 0;
}

static void
mix(struct mix *m, const void *data, size_t len)
{
	const char *p = data;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		if (m->len == sizeof(m->data))
			fold(m);
		n = sizeof(m->data) - m->len;
		if (n > len)
			n = len;
		memcpy(m->data + m->len, p, n);
		m->len += n;
	}
}

static void
mix_text(struct mix *m, const char *s)
{
	if (s == NULL)
		s = "\1"; /* which is no text that XML can hold */
	mix(m, s, strlen(s) + 1);
}

uint64_t
item_digest(const struct view *view, const struct user *u, int node, const struct item *item)
{
	struct mix m;
	const struct item_device *d;
	const struct item_resource *r;
	const struct resource *best;
	struct device *dev;
	int64_t fixed[4];
	size_t i, k;

	m.key = view->env->key;
	m.sum = 1;
	m.len = 0;
	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		/* The item was made of these devices: see item_compute(). */
		for (dev = u->devices; dev->id != d->id; dev = dev->next)
			;
		best = best_shown(view, dev);
		mix_text(&m, d->id);
		mix_text(&m, d->label);
		mix_text(&m, d->jid);
		fixed[0] = (int64_t)d->kind;
		fixed[1] = d->stale | d->preferred << 1;
		fixed[2] = (int64_t)d->nresources;
		fixed[3] = best != NULL ? best->priority : 0;
		mix(&m, fixed, sizeof(fixed));
		for (k = 0; k < d->nresources; k++) {
			r = &d->resources[k];
			mix_text(&m, r->id);
			mix_text(&m, r->status);
			mix_text(&m, r->lang);
			fixed[0] = (int64_t)r->show;
			fixed[1] = r->idle_since_ms;
			fixed[2] = fixed[3] = 0;
			mix(&m, fixed, sizeof(fixed));
		}
	}
	fixed[0] = node;
	fixed[1] = item->expires_ms != 0 ? view->env->set.expire_s : 0;
	fixed[2] = node == NODE_PUBLIC ? (int64_t)view->env->set.access : ACCESS_WHITELIST;
	mix(&m, fixed, 3 * sizeof(fixed[0]));
	fold(&m);
	return m.sum != 0 ? m.sum : 1;
}

int
item_init(struct view *view)
{
	view->item_devices = mem_array(USER_DEVICES_MAX, sizeof(*view->item_devices));
	view->item_resources = mem_array(USER_DEVICES_MAX * DEVICE_RESOURCES_MAX, sizeof(*view->item_resources));
	return view->item_devices != NULL && view->item_resources != NULL ? 0 : ERR_NOMEM;
}

void
item_clear(struct view *view)
{
	mem_free(view->item_devices);
	mem_free(view->item_resources);
}
