#include "watch/board.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "watch/stamp.h"
#include "watch/text.h"

void
board_set_free(struct board_set *set)
{
	struct board_device *d;
	size_t i, k;

	if (set == NULL)
		return;
	for (i = 0; i < set->ndevices; i++) {
		d = &set->devices[i];
		for (k = 0; k < d->nresources; k++) {
			mem_free(d->resources[k].id);
			mem_free(d->resources[k].status);
		}
		mem_free(d->resources);
		mem_free(d->id);
		mem_free(d->label);
	}
	mem_free(set->devices);
	mem_free(set);
}

static void
contact_free(struct board *b, struct board_contact *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (c->feed[i].id[0] != '\0')
			b->in_flight--;
		board_set_free(c->feed[i].set);
		mem_free(c->feed[i].problem);
	}
	mem_free(c->address);
	mem_free(c->display);
	mem_free(c->name);
	mem_free(c->shown);
	mem_free(c);
}

void
board_clear(struct board *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->ncontacts; i++)
		contact_free(b, b->contacts[i]);
	mem_free(b->contacts);
	memset(b, 0, sizeof(*b));
}

struct board_contact *
board_find(struct board *b, const char *address)
{
	size_t i;

	for (i = 0; i < b->ncontacts; i++)
		if (strcasecmp(b->contacts[i]->address, address) == 0)
			return b->contacts[i];
	return NULL;
}

void
board_roster_begin(struct board *b)
{
	size_t i;

	for (i = 0; i < b->ncontacts; i++)
		b->contacts[i]->seen = false;
}

static int
order(const struct board_contact *a, const struct board_contact *b)
{
	int diff;

	if (a->self != b->self)
		return a->self ? -1 : 1;
	diff = strcasecmp(a->name != NULL ? a->name : a->display, b->name != NULL ? b->name : b->display);
	return diff != 0 ? diff : strcmp(a->address, b->address);
}

/* Put C where it belongs; there is room. */
static void
insert(struct board *b, struct board_contact *c)
{
	size_t at = b->ncontacts;

	while (at > 0 && order(c, b->contacts[at - 1]) < 0) {
		b->contacts[at] = b->contacts[at - 1];
		at--;
	}
	b->contacts[at] = c;
	b->ncontacts++;
	b->change++;
}

static void
take_out(struct board *b, const struct board_contact *c)
{
	size_t at = 0;

	while (b->contacts[at] != c)
		at++;
	b->ncontacts--;
	memmove(&b->contacts[at], &b->contacts[at + 1], (b->ncontacts - at) * sizeof(b->contacts[0]));
	b->change++;
}

static int
make_room(struct board *b)
{
	struct board_contact **grown;
	size_t capacity;

	if (b->ncontacts >= BOARD_CONTACTS_MAX)
		return ERR_LIMIT;
	if (b->ncontacts < b->capacity)
		return 0;
	capacity = b->capacity != 0 ? b->capacity * 2 : 16;
	grown = mem_realloc(b->contacts, capacity * sizeof(grown[0]));
	if (grown == NULL)
		return ERR_NOMEM;
	b->contacts = grown;
	b->capacity = capacity;
	return 0;
}

static struct board_contact *
contact_new(const char *address, bool self)
{
	struct board_contact *c = mem_alloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	c->self = self;
	c->address = mem_strdup(address);
	c->display = text_dup_clean(address, BOARD_ADDRESS_MAX);
	if (c->address != NULL && c->display != NULL)
		return c;
	mem_free(c->address);
	mem_free(c->display);
	mem_free(c);
	return NULL;
}

int
board_roster_item(struct board *b, const char *address, const char *name, bool self)
{
	struct board_contact *c;
	char *clean = NULL;
	int status;

	if (strlen(address) > BOARD_ADDRESS_MAX)
		return ERR_LIMIT;
	if (name != NULL) {
		clean = text_dup_clean(name, BOARD_NAME_MAX);
		if (clean == NULL)
			return ERR_NOMEM;
	}
	if (clean != NULL && clean[0] == '\0') {
		mem_free(clean);
		clean = NULL;
	}
	c = board_find(b, address);
	if (c != NULL && strcmp(c->name != NULL ? c->name : "", clean != NULL ? clean : "") == 0) {
		mem_free(clean);
		c->seen = true;
		return 0;
	}
	if (c != NULL) {
		take_out(b, c);
	} else {
		status = make_room(b);
		if (status == 0 && (c = contact_new(address, self)) == NULL)
			status = ERR_NOMEM;
		if (status != 0) {
			mem_free(clean);
			return status;
		}
	}
	mem_free(c->name);
	c->name = clean;
	c->seen = true;
	c->changed = true;
	insert(b, c);
	return 0;
}

void
board_roster_end(struct board *b, void (*gone)(struct board_contact *c, void *arg), void *arg)
{
	struct board_contact *c;
	size_t i = 0;

	while (i < b->ncontacts) {
		c = b->contacts[i];
		if (c->seen) {
			i++;
			continue;
		}
		if (gone != NULL)
			gone(c, arg);
		take_out(b, c);
		contact_free(b, c);
	}
}

void
board_answer(struct board *b, struct board_contact *c, enum board_source source, struct board_set *set,
    const char *problem)
{
	board_set_free(c->feed[source].set);
	c->feed[source].set = set;
	board_unanswered(b, c, source, problem);
}

void
board_unanswered(struct board *b, struct board_contact *c, enum board_source source, const char *problem)
{
	struct board_feed *f = &c->feed[source];

	mem_free(f->problem);
	f->problem = problem != NULL ? text_dup_clean(problem, BOARD_LABEL_MAX) : NULL;
	f->answered = true;
	c->changed = true;
	b->change++;
}

bool
board_set_expired(const struct board_set *set, int64_t now)
{
	return set->expiry_broken || (set->expires != STAMP_NONE && set->expires <= now);
}

const struct board_set *
board_shown(const struct board_contact *c, int64_t now)
{
	const struct board_set *private = c->feed[SOURCE_PRIVATE].set;

	if (private != NULL && private->ndevices > 0 && !board_set_expired(private, now))
		return private;
	return c->feed[SOURCE_CONTACTS].set;
}

const char *
board_problem(const struct board_contact *c)
{
	return c->feed[SOURCE_CONTACTS].problem;
}

const struct board_resource *
board_device_best(const struct board_device *d)
{
	const struct board_resource *best = NULL;
	size_t i;

	for (i = 0; i < d->nresources; i++)
		if (best == NULL || d->resources[i].show < best->show)
			best = &d->resources[i];
	return best;
}

enum board_state
board_device_state(const struct board_set *set, const struct board_device *d, int64_t now)
{
	const struct board_resource *best = board_device_best(d);

	if (board_set_expired(set, now) || (best == NULL && d->stale))
		return STATE_UNKNOWN;
	return best != NULL ? best->show : STATE_UNAVAILABLE;
}

const char *
board_state_text(enum board_state state)
{
	switch (state) {
	case STATE_CHAT:
		return "chat";
	case STATE_AVAILABLE:
		return "available";
	case STATE_AWAY:
		return "away";
	case STATE_XA:
		return "xa";
	case STATE_DND:
		return "dnd";
	case STATE_UNAVAILABLE:
		return "unavailable";
	case STATE_UNKNOWN:
		break;
	}
	return "unknown";
}
