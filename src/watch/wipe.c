#include "watch/wipe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

union header {
	size_t room; /* behind this */
	/* cppcheck-suppress unusedStructMember ; here for its alignment */
	max_align_t align;
};

void *
wipe_alloc(size_t size, void *arg)
{
	union header *h = size <= SIZE_MAX - sizeof(*h) ? mem_alloc(sizeof(*h) + size) : NULL;

	(void)arg;
	if (h == NULL) {
		fputs("polypresence-watch: out of memory\n", stderr);
		exit(1); /* atexit(3) gives the terminal back */
	}
	h->room = size;
	return h + 1;
}

void
wipe_free(void *p, void *arg)
{
	union header *h = p;

	(void)arg;
	if (h == NULL)
		return;
	h--;
	mem_wipe(h, sizeof(*h) + h->room);
	mem_free(h);
}

void *
wipe_realloc(void *p, size_t size, void *arg)
{
	union header *h = p;
	size_t room;
	void *moved;

	if (h == NULL)
		return wipe_alloc(size, arg);
	h--;
	if (size <= h->room)
		return p;
	/* Somebody may grow it byte by byte (libstrophe does, with text). */
	room = size < SIZE_MAX / 4 ? size + size / 2 : size;
	moved = wipe_alloc(room, arg);
	memcpy(moved, p, h->room);
	wipe_free(p, arg);
	return moved;
}
