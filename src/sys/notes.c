#include "sys/notes.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

void
notes_init(struct notes *n, const uint8_t key[HASH_KEY_LEN])
{
	table_init(&n->table, key);
}

static void
forget(struct notes *n, struct table_node *node)
{
	struct note *note = TABLE_OF(node, struct note, node);

	table_del(&n->table, node);
	mem_free(note);
}

void
notes_clear(struct notes *n)
{
	notes_forget(n, n->table.count);
	table_clear(&n->table);
}

static void
copy(struct note *note, const struct user_record *u)
{
	memcpy(note->user.digest, u->digest, sizeof(note->user.digest));
	memcpy(note->user.setup, u->setup, sizeof(note->user.setup));
	note->user.published_ms = u->published_ms;
	note->user.owes = u->owes;
}

int
notes_put(struct notes *n, const struct user_record *u)
{
	size_t len = strlen(u->primary);
	struct table_node *node = table_get(&n->table, u->primary, len);
	struct note *note;
	char *jid;

	if (node == NULL) {
		/* The JID stands behind the note, in the same memory. */
		note = mem_alloc(sizeof(*note) + len + 1);
		if (note == NULL)
			return ERR_NOMEM;
		jid = (char *)(note + 1);
		memcpy(jid, u->primary, len);
		if (table_put(&n->table, &note->node, jid, len) != 0) {
			mem_free(note);
			return ERR_NOMEM;
		}
		note->user.primary = jid;
	} else {
		note = TABLE_OF(node, struct note, node);
	}
	copy(note, u);
	return 0;
}

void
notes_renew(struct notes *n, const struct user_record *u)
{
	struct table_node *node = table_get(&n->table, u->primary, strlen(u->primary));

	if (node != NULL)
		copy(TABLE_OF(node, struct note, node), u);
}

const struct note *
notes_next(const struct notes *n, const struct note *after)
{
	struct table_node *node = table_next(&n->table, after != NULL ? &after->node : NULL);

	return node != NULL ? TABLE_OF(node, struct note, node) : NULL;
}

void
notes_forget(struct notes *n, size_t count)
{
	struct table_node *node = table_next(&n->table, NULL), *next;

	for (; node != NULL && count > 0; node = next, count--) {
		next = table_next(&n->table, node);
		forget(n, node);
	}
}
