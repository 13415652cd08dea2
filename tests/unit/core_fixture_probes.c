/* Servers answer probes for who lives there, to where the probe came from, as all do (RFC 6121, section 4.3.2). */
#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

struct living {
	struct living *next;
	const char *full;
	struct presence_event says;
	bool named; /* by lives(); otherwise it has said something on this stream */
};

struct place {
	struct place *next;
	const char *bare;
	struct living *clients;
	enum condition error; /* COND_NONE: it answers */
	bool dumb;
	bool awake; /* it has answered a probe of this stream, by what it said */
};

struct owed {
	const char *from, *to;
	struct presence_event says;
	bool paid;
};

/* Not one of the core's tables, which may have to fail for want of memory. */
static struct place *places[BUCKETS];
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

static struct place **
bucket_of(const char *bare)
{
	unsigned h = 5381;

	while (*bare != '\0')
		h = h * 33 + (unsigned char)*bare++;
	return &places[h % BUCKETS];
}

static struct place *
place_find(const char *bare)
{
	struct place *p;

	for (p = *bucket_of(bare); p != NULL && strcmp(p->bare, bare) != 0; p = p->next)
		;
	return p;
}

static struct place *
place_of(const char *bare)
{
	struct place *p = place_find(bare);

	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		keep_memory(p);
		p->bare = kept(bare);
		p->next = *bucket_of(bare);
		*bucket_of(bare) = p;
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

static struct living *
client_of(struct place *p, const char *full)
{
	struct living **at = client_at(p, full);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		keep_memory(*at);
		(*at)->full = kept(full);
	}
	return *at;
}

void
lives(const char *full, const char *how)
{
	struct living *l = client_of(place_of(bare_of(full)), full);

	l->named = true;
	l->says = presence_of(how);
	says(full, how);
}

bool
answers_probes(const char *bare)
{
	const struct place *p = place_find(bare);

	return p == NULL || !p->dumb;
}

/* What somebody says who has answered a probe is what he answers with from here on, until the stream ends. */
void
probe_said(const char *full, const struct presence_event *says, bool answer)
{
	const char *bare = bare_of(full);
	struct place *p = answer ? place_of(bare) : place_find(bare);
	struct living **at;

	if (p == NULL)
		return;
	p->awake = p->awake || answer;
	if (!p->awake)
		return;
	if (says->type == PRESENCE_AVAILABLE) {
		client_of(p, full)->says = *says;
		return;
	}
	for (at = &p->clients; *at != NULL;) {
		if (strcmp((*at)->full, full) == 0 || strcmp(bare, full) == 0)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

static void
falls_asleep(struct place *p)
{
	struct living **at;

	p->awake = false;
	for (at = &p->clients; *at != NULL;) {
		if ((*at)->named)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
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
owe(const char *from, const char *to, const struct presence_event *says)
{
	if (nowed % 256 == 0)
		owed = realloc(owed, (nowed + 256) * sizeof(*owed));
	assert_non_null(owed);
	owed[nowed++] = (struct owed){from, to, *says, false};
}

void
probe_taken(const struct action *act)
{
	const struct presence_event error = {.type = PRESENCE_ERROR};
	struct place *p = place_find(act->to.bare);
	const struct living *l;
	char to[3 * 1024];

	if (p == NULL || p->dumb || !server_lets_see(p->bare, act->from.bare))
		return;
	snprintf(to, sizeof(to), "%s/%s", act->from.bare, act->from.resource);
	if (p->error != COND_NONE) {
		owe(p->bare, kept(to), &error);
		owed[nowed - 1].says.error = p->error;
		return;
	}
	for (l = p->clients; l != NULL; l = l->next)
		owe(l->full, kept(to), &l->says);
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
		presence_comes(o->from, o->to, &o->says);
		return true;
	}
	return false;
}

void
probes_forgotten(void)
{
	struct place *p;
	size_t i;

	nowed = next_owed = 0;
	for (i = 0; i < BUCKETS; i++) {
		for (p = places[i]; p != NULL; p = p->next)
			falls_asleep(p);
	}
}

void
places_forgotten(void)
{
	memset(places, 0, sizeof(places));
	free(owed);
	owed = NULL;
	frozen = NULL;
	nowed = next_owed = 0;
}
