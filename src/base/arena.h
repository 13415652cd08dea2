/*
 * Memory that is given out in order and taken back all at once.  A zeroed
 * struct arena with `max` set is an empty one.
 */
#ifndef PP_BASE_ARENA_H
#define PP_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
	char *at, *end;		    /* what is left of the current chunk */
	struct arena_chunk *chunks; /* the current one first */
	size_t total;		    /* bytes of all chunks */
	size_t max;		    /* bound of `total` beyond the first chunk; 0: none */
	int status;		    /* 0, ERR_NOMEM or ERR_LIMIT once a request failed, until reset */
};

/* Take everything back; keeps the first chunk and frees the others. */
void arena_reset(struct arena *a);

/* Frees everything; accepts NULL. */
void arena_clear(struct arena *a);

/* The slow half of the two below. */
void *arena_grow(struct arena *a, size_t size);

/* SIZE bytes, neither zeroed nor aligned; NULL and a.status when there are none. */
static inline char *
arena_bytes(struct arena *a, size_t size)
{
	char *p = a->at;

	if ((size_t)(a->end - p) < size || p == NULL)
		return arena_grow(a, size);
	a->at = p + size;
	return p;
}

/* The same, aligned for any struct. */
static inline void *
arena_alloc(struct arena *a, size_t size)
{
	size_t pad = (size_t)(-(uintptr_t)a->at & (sizeof(void *) - 1));

	if (pad > 0) {
		if ((size_t)(a->end - a->at) < pad)
			return arena_grow(a, size);
		a->at += pad;
	}
	return arena_bytes(a, size);
}

/* LEN bytes of S and a NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t len);

#endif
