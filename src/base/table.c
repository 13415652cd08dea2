#include "base/table.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define SLOTS_MIN 16

void
table_init(struct table *t, const uint8_t key[HASH_KEY_LEN])
{
	memset(t, 0, sizeof(*t));
	memcpy(t->key, key, HASH_KEY_LEN);
}

void
table_clear(struct table *t)
{
	if (t == NULL)
		return;
	mem_free(t->slots);
	t->slots = NULL;
	t->nslots = t->count = 0;
}

static struct table_node **
slot_of(const struct table *t, uint64_t hash)
{
	return &t->slots[hash & (t->nslots - 1)];
}

static struct table_node *
find(const struct table *t, uint64_t hash, const char *key, size_t keylen)
{
	struct table_node *n;

	if (t->nslots == 0)
		return NULL;
	for (n = *slot_of(t, hash); n != NULL; n = n->next) {
		if (n->hash == hash && n->keylen == keylen && memcmp(n->key, key, keylen) == 0)
			return n;
	}
	return NULL;
}

struct table_node *
table_get(const struct table *t, const char *key, size_t keylen)
{
	if (t->nslots == 0)
		return NULL;
	return find(t, hash_bytes(t->key, key, keylen), key, keylen);
}

static int
grow(struct table *t)
{
	struct table_node **old = t->slots, *n, *next, **slot;
	size_t i, nold = t->nslots, nslots = nold != 0 ? nold * 2 : SLOTS_MIN;
	struct table_node **slots = mem_array(nslots, sizeof(*slots));

	if (slots == NULL)
		return ERR_NOMEM;
	t->slots = slots;
	t->nslots = nslots;
	for (i = 0; i < nold; i++) {
		for (n = old[i]; n != NULL; n = next) {
			next = n->next;
			slot = slot_of(t, n->hash);
			n->next = *slot;
			*slot = n;
		}
	}
	mem_free(old);
	return 0;
}

int
table_put(struct table *t, struct table_node *node, const char *key, size_t keylen)
{
	uint64_t hash = hash_bytes(t->key, key, keylen);
	struct table_node **slot;
	int status;

	if (find(t, hash, key, keylen) != NULL)
		return ERR_EXISTS;
	if (t->count >= t->nslots) {
		status = grow(t);
		if (status != 0 && t->nslots == 0)
			return status;
	}
	slot = slot_of(t, hash);
	node->key = key;
	node->keylen = keylen;
	node->hash = hash;
	node->next = *slot;
	*slot = node;
	t->count++;
	return 0;
}

void
table_del(struct table *t, struct table_node *node)
{
	struct table_node **at;

	for (at = slot_of(t, node->hash); *at != NULL; at = &(*at)->next) {
		if (*at == node) {
			*at = node->next;
			node->next = NULL;
			t->count--;
			return;
		}
	}
}

struct table_node *
table_next(const struct table *t, const struct table_node *node)
{
	size_t i = 0;

	if (node != NULL) {
		if (node->next != NULL)
			return node->next;
		i = (size_t)(node->hash & (t->nslots - 1)) + 1;
	}
	for (; i < t->nslots; i++) {
		if (t->slots[i] != NULL)
			return t->slots[i];
	}
	return NULL;
}
