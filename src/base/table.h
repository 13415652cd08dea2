/*
 * A hash table from strings to things that embed a struct table_node.  The
 * table owns neither the things nor their keys; a key must stay as it is while
 * its node is in the table.  Chained, keyed hash, grows, never shrinks.
 */
#ifndef PP_BASE_TABLE_H
#define PP_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct table_node {
	struct table_node *next;
	const char *key;
	size_t keylen;
	uint64_t hash;
};

struct table {
	struct table_node **slots;
	size_t nslots; /* a power of two, or 0 */
	size_t count;
	uint8_t key[HASH_KEY_LEN];
};

/* The container of a node, as offsetof(3) has it. */
#define TABLE_OF(node, type, member) ((type *)((uintptr_t)(node)-offsetof(type, member)))

void table_init(struct table *t, const uint8_t key[HASH_KEY_LEN]);

/* Frees the slots, not the things. */
void table_clear(struct table *t);

struct table_node *table_get(const struct table *t, const char *key, size_t keylen);

/* Returns 0, ERR_NOMEM or ERR_EXISTS; on failure nothing has changed. */
int table_put(struct table *t, struct table_node *node, const char *key, size_t keylen);

/* NODE must be in T. */
void table_del(struct table *t, struct table_node *node);

/*
 * Walk: start with NULL, get each node once; NULL at the end.  The node just
 * got may be deleted only after its successor has been asked for.
 */
struct table_node *table_next(const struct table *t, const struct table_node *node);

#endif
