/* Servers answer probes for who lives there, to where the probe came from, as all do (RFC 6121, section 4.3.2). */
#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

struct living {
	struct living *next;
	const char *full, *how;
};

struct place {
	struct table_node node;
	const char *bare;
	struct living *clients;
	enum condition error; /* COND_NONE: it answers */
	bool dumb;
};

struct owed {
	const char *from, *to, *how;
	enum condition error;
	bool paid;
};

static struct table places;
static struct owed *owed;
static size_t nowed, next_owed;
static const char *frozen;

static const char *
bare_of(const char *full)
{
	size_t n = strcspn(full, "/");
	char bare[256];

	assert_true(n < sizeof(bare));
	memcpy(bare, full, n);
	bare[n] = '\0';
	return kept(bare);
}

static struct place *
place_find(const char *bare)
{
	struct table_node *n = table_get(&places, bare, strlen(bare));

	return n != NULL ? TABLE_OF(n, struct place, node) : NULL;
}

static struct place *
place_of(const char *bare)
{
	struct place *p = place_find(bare);

	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		keep_memory(p);
		p->bare = kept(bare);
		assert_int_equal(table_put(&places, &p->node, p->bare, strlen(p->bare)), 0);
	}
	return p;
}

static struct living **
client_at(struct place *p, const char *full)
{
	struct living **at = &p->clients;

	while (*at != NULL && strcmp((*at)->full, full) != 0)
		at = &(*at)->next;
	return at;
}

void
lives(const char *full, const char *how)
{
	struct place *p = place_of(bare_of(full));
	struct living **at = client_at(p, full);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		keep_memory(*at);
		(*at)->full = kept(full);
	}
	(*at)->how = kept(how);
	says(full, how);
}

void
dies(const char *full)
{
	struct living **at = client_at(place_of(bare_of(full)), full);

	assert_non_null(*at);
	*at = (*at)->next;
}

void
answers_no_probe(const char *bare, bool so)
{
	place_of(bare)->dumb = so;
}

void
bounces(const char *bare, enum condition error)
{
	place_of(bare)->error = error;
}

void
freezes(const char *domain)
{
	const struct event tick = {.kind = EVENT_TICK};

	frozen = domain;
	feeds(&tick);
}

static void
owe(const char *from, const char *to, const char *how, enum condition error)
{
	if (nowed % 256 == 0)
		owed = realloc(owed, (nowed + 256) * sizeof(*owed));
	assert_non_null(owed);
	owed[nowed++] = (struct owed){from, to, how, error, false};
}

void
probe_taken(const struct action *act)
{
	struct place *p = place_find(act->to.bare);
	const struct living *l;
	char to[512];

	if (p == NULL || p->dumb)
		return;
	snprintf(to, sizeof(to), "%s/%s", act->from.bare, act->from.resource);
	if (p->error != COND_NONE)
		owe(p->bare, kept(to), "error", p->error);
	else
		for (l = p->clients; l != NULL; l = l->next)
			owe(l->full, kept(to), l->how, COND_NONE);
}

bool
probes_answered(void)
{
	struct owed *o;
	size_t i;

	while (next_owed < nowed && owed[next_owed].paid)
		next_owed++;
	for (i = next_owed; i < nowed; i++) {
		o = &owed[i];
		if (o->paid || (frozen != NULL && strstr(o->from, frozen) != NULL))
			continue;
		o->paid = true;
		presence_comes(o->from, o->to, o->how, o->error);
		return true;
	}
	return false;
}

void
probes_forgotten(void)
{
	nowed = next_owed = 0;
}

void
places_forgotten(void)
{
	static const uint8_t key[HASH_KEY_LEN];

	table_clear(&places);
	table_init(&places, key);
	free(owed);
	owed = NULL;
	frozen = NULL;
	probes_forgotten();
}
