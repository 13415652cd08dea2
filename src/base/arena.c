#include "base/arena.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define CHUNK_MIN 16384

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of `data` */
	char data[];
};

static void
use(struct arena *a, struct arena_chunk *c)
{
	a->at = c->data;
	a->end = c->data + c->size;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c;

	a->status = 0;
	if (a->chunks == NULL)
		return;
	while ((c = a->chunks)->next != NULL) {
		a->chunks = c->next;
		a->total -= c->size;
		mem_free(c);
	}
	use(a, c);
}

void
arena_clear(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	mem_free(a->chunks);
	a->chunks = NULL;
	a->at = a->end = NULL;
	a->total = 0;
}

void *
arena_grow(struct arena *a, size_t size)
{
	struct arena_chunk *c;
	size_t want = a->total > CHUNK_MIN ? a->total : CHUNK_MIN;

	if (want < size)
		want = size;
	/* The first chunk may be larger than the bound: then there is no second. */
	if (a->chunks != NULL && a->max != 0 && a->total + want > a->max)
		want = a->total < a->max ? a->max - a->total : 0;
	if (a->status == 0 && want < size)
		a->status = ERR_LIMIT;
	if (a->status != 0)
		return NULL;
	c = mem_alloc(sizeof(*c) + want);
	if (c == NULL) {
		a->status = ERR_NOMEM;
		return NULL;
	}
	c->size = want;
	c->next = a->chunks;
	a->chunks = c;
	a->total += want;
	use(a, c);
	a->at += size;
	return c->data;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_bytes(a, len + 1);

	if (p != NULL) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}
