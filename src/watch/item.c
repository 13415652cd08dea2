#include "watch/item.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "watch/stamp.h"
#include "watch/text.h"

#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_IDLE "urn:xmpp:idle:1"
#define LANG_MAX 35 /* RFC 5646, section 4.4.1 */

/* The payload is the same on both nodes; either name may be its namespace. */
static bool
is_ours(const struct tree *t, void *el, const char *name)
{
	return tree_is(t, el, name, BOARD_NODE) || tree_is(t, el, name, BOARD_NODE_PRIVATE);
}

/* The text directly in EL, clean.  NULL: no memory. */
static char *
text_of(const struct tree *t, void *el, size_t max)
{
	struct buf raw = {.max = max * 4};
	const char *part;
	char *clean;
	void *c;

	for (c = t->first(el); c != NULL; c = t->next(c)) {
		if (t->name(c) != NULL || (part = t->text(c)) == NULL)
			continue;
		buf_put(&raw, part, strnlen(part, raw.max - raw.len));
	}
	clean = raw.failed ? NULL : text_dup_clean(buf_text(&raw), max);
	buf_clear(&raw);
	return clean;
}

static bool
flag(const struct tree *t, void *el, const char *name)
{
	const char *value = t->attr(el, name);

	return value != NULL && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

static int64_t
stamp(const struct tree *t, void *el, const char *name)
{
	int64_t at;

	return stamp_parse(t->attr(el, name), &at) ? at : STAMP_NONE;
}

/* How well LANG fits: 3 the user's own, 2 none said, 1 another. */
static int
fitness(const struct tree *t, void *el, const char *lang)
{
	const char *have = t->attr(el, "lang");
	size_t len;

	if (have == NULL || have[0] == '\0' || strlen(have) > LANG_MAX)
		return 2;
	if (lang == NULL)
		return 1;
	len = strlen(lang);
	return strncasecmp(have, lang, len) == 0 && (have[len] == '\0' || have[len] == '-') ? 3 : 1;
}

/* The first of the best fitting children called NAME. */
static void *
in_language(const struct tree *t, void *el, const char *name, const char *lang)
{
	void *c, *best = NULL;
	int score, top = 0;

	for (c = t->first(el); c != NULL; c = t->next(c)) {
		if (!is_ours(t, c, name))
			continue;
		score = fitness(t, c, lang);
		if (score > top) {
			top = score;
			best = c;
		}
	}
	return best;
}

static enum board_state
show_of(const char *word)
{
	enum board_state s;

	for (s = STATE_CHAT; s <= STATE_DND; s++)
		if (strcmp(word, board_state_text(s)) == 0)
			return s;
	return STATE_AVAILABLE; /* RFC 6121, section 4.7.2.1: what isn't known is ignored */
}

static const char *
kind_of(const char *word)
{
	static const char *const kinds[] = {"fixed", "mobile", "computer", "tablet"};
	size_t i;

	for (i = 0; word != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i]) == 0)
			return kinds[i];
	return "other";
}

static int
read_resource(const struct tree *t, void *el, const char *lang, struct board_resource *r)
{
	char *word;
	void *c;

	r->show = STATE_AVAILABLE;
	r->idle = STAMP_NONE;
	r->id = text_dup_clean(t->attr(el, "id"), BOARD_ID_MAX);
	if (r->id == NULL)
		return ERR_NOMEM;
	for (c = t->first(el); c != NULL && !is_ours(t, c, "show"); c = t->next(c))
		;
	if (c != NULL) {
		word = text_of(t, c, BOARD_ID_MAX);
		if (word == NULL)
			return ERR_NOMEM;
		r->show = show_of(word);
		mem_free(word);
	}
	c = in_language(t, el, "status", lang);
	if (c != NULL) {
		r->status = text_of(t, c, BOARD_STATUS_MAX);
		if (r->status == NULL)
			return ERR_NOMEM;
		if (r->status[0] == '\0') {
			mem_free(r->status);
			r->status = NULL;
		}
	}
	c = tree_child(t, el, "idle", NS_IDLE);
	if (c != NULL)
		r->idle = stamp(t, c, "since");
	return 0;
}

/* How many children called NAME, at most MAX. */
static size_t
count(const struct tree *t, void *el, const char *name, size_t max)
{
	size_t n = 0;
	void *c;

	for (c = t->first(el); c != NULL && n < max; c = t->next(c))
		if (is_ours(t, c, name))
			n++;
	return n;
}

static int
read_device(const struct tree *t, void *el, const char *lang, struct board_device *d)
{
	size_t n;
	void *c;
	int status;

	d->kind = kind_of(t->attr(el, "kind"));
	d->preferred = flag(t, el, "preferred");
	d->stale = flag(t, el, "stale");
	d->since = stamp(t, el, "since");
	c = in_language(t, el, "label", lang);
	d->label = c != NULL ? text_of(t, c, BOARD_LABEL_MAX) : mem_strdup("");
	if (d->label == NULL)
		return ERR_NOMEM;
	if (d->label[0] == '\0') {
		mem_free(d->label);
		d->label = mem_strdup(d->id);
		if (d->label == NULL)
			return ERR_NOMEM;
	}
	n = count(t, el, "resource", BOARD_RESOURCES_MAX);
	if (n == 0)
		return 0;
	d->resources = mem_array(n, sizeof(d->resources[0]));
	if (d->resources == NULL)
		return ERR_NOMEM;
	for (c = t->first(el); c != NULL && d->nresources < n; c = t->next(c)) {
		if (!is_ours(t, c, "resource"))
			continue;
		status = read_resource(t, c, lang, &d->resources[d->nresources++]);
		if (status != 0)
			return status;
	}
	return 0;
}

static bool
known(const struct board_set *set, const char *id)
{
	size_t i;

	for (i = 0; i < set->ndevices; i++)
		if (strcmp(set->devices[i].id, id) == 0)
			return true;
	return false;
}

/* So that rows keep their places whatever the order of the publisher. */
static void
sort(struct board_set *set)
{
	struct board_device d;
	size_t i, at;
	int diff;

	for (i = 1; i < set->ndevices; i++) {
		d = set->devices[i];
		for (at = i; at > 0; at--) {
			diff = strcasecmp(d.label, set->devices[at - 1].label);
			if (diff > 0 || (diff == 0 && strcmp(d.id, set->devices[at - 1].id) >= 0))
				break;
			set->devices[at] = set->devices[at - 1];
		}
		set->devices[at] = d;
	}
}

static int
read_set(const struct tree *t, void *el, const char *lang, struct board_set *set)
{
	struct board_device *d;
	size_t n = count(t, el, "device", BOARD_DEVICES_MAX);
	char *id;
	void *c;
	int status;

	set->updated = stamp(t, el, "updated");
	set->expires = stamp(t, el, "expires");
	set->expiry_broken = t->attr(el, "expires") != NULL && set->expires == STAMP_NONE;
	if (n == 0)
		return 0;
	set->devices = mem_array(n, sizeof(set->devices[0]));
	if (set->devices == NULL)
		return ERR_NOMEM;
	for (c = t->first(el); c != NULL && set->ndevices < n; c = t->next(c)) {
		if (!is_ours(t, c, "device"))
			continue;
		id = text_dup_clean(t->attr(c, "id"), BOARD_ID_MAX);
		if (id == NULL)
			return ERR_NOMEM;
		/* A device is its id: without one, or with one seen already, it is none. */
		if (id[0] == '\0' || known(set, id)) {
			mem_free(id);
			continue;
		}
		d = &set->devices[set->ndevices++];
		d->id = id;
		status = read_device(t, c, lang, d);
		if (status != 0)
			return status;
	}
	sort(set);
	return 0;
}

/* The payload of the item called ITEM_ID, or of the first item. */
static void *
payload(const struct tree *t, void *items)
{
	void *item, *el, *first = NULL;
	const char *id;

	for (item = t->first(items); item != NULL; item = t->next(item)) {
		if (!tree_is(t, item, "item", NS_PUBSUB))
			continue;
		for (el = t->first(item); el != NULL && !is_ours(t, el, "devices"); el = t->next(el))
			;
		if (el == NULL)
			continue;
		id = t->attr(item, "id");
		if (id != NULL && strcmp(id, ITEM_ID) == 0)
			return el;
		if (first == NULL)
			first = el;
	}
	return first;
}

int
item_parse(const struct tree *t, void *iq, const char *node, const char *lang, struct board_set **out)
{
	struct board_set *set;
	const char *have;
	void *el;
	int status;

	*out = NULL;
	el = tree_child(t, iq, "pubsub", NS_PUBSUB);
	if (el != NULL)
		el = tree_child(t, el, "items", NS_PUBSUB);
	if (el == NULL)
		return ERR_INVALID;
	have = t->attr(el, "node");
	if (have == NULL || strcmp(have, node) != 0)
		return ERR_INVALID;
	el = payload(t, el);
	if (el == NULL)
		return 0;
	set = mem_alloc(sizeof(*set));
	if (set == NULL)
		return ERR_NOMEM;
	status = read_set(t, el, lang, set);
	if (status != 0) {
		board_set_free(set);
		return status;
	}
	*out = set;
	return 0;
}
