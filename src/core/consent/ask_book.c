#include "core/consent/ask_book.h"

#include "base/limits.h"
#include "base/mem.h"
#include "core/tools/say.h"

/* With each one that is made so many are looked at whether they are over: what is over goes faster than what comes. */
#define LOOK_AT 3

struct ask_note *
ask_find(const struct consent *consent, enum ask_of of, uint64_t key)
{
	struct table_node *n = table_get(&consent->asks[of].notes, (const char *)&key, sizeof(key));

	return n != NULL ? TABLE_OF(n, struct ask_note, node) : NULL;
}

static void
forget(struct ask_book *book, struct ask_note *note)
{
	table_del(&book->notes, &note->node);
	ring_out(&note->turn);
	mem_free(note->line);
	mem_free(note);
}

/*
 * Where there is no room for another one, a line that nobody is kept from is of less use than he; so is what was asked for
 * few nearly an hour ago.
 */
static bool
is_over(const struct consent *consent, const struct ask_book *book, const struct ask_note *note)
{
	uint64_t now = consent->env->now.mono_ms;

	return note->until <= now || (book->notes.count >= ASK_NOTES_MAX && note->bucket <= now);
}

/* Those whose turn it is, the longest unseen first: each is forgotten, or goes to the end. */
static void
look_at_some(const struct consent *consent, struct ask_book *book)
{
	struct ask_note *note;
	struct ring *r;
	unsigned i;

	for (i = 0; i < LOOK_AT && (r = ring_first(&book->turns)) != NULL; i++) {
		note = TABLE_OF(r, struct ask_note, turn);
		if (is_over(consent, book, note))
			forget(book, note);
		else
			ring_add(&book->turns, r);
	}
}

struct ask_note *
ask_make(struct consent *consent, enum ask_of of, uint64_t key)
{
	struct ask_book *book = &consent->asks[of];
	struct ask_note *note = ask_find(consent, of, key);

	if (note != NULL)
		return note;
	look_at_some(consent, book);
	if (book->notes.count >= ASK_NOTES_MAX)
		return NULL;
	note = mem_alloc(sizeof(*note));
	if (note != NULL) {
		note->key = key;
		if (table_put(&book->notes, &note->node, (const char *)&note->key, sizeof(note->key)) == 0) {
			ring_add(&book->turns, &note->turn);
			return note;
		}
	}
	mem_free(note);
	say_oom(consent->env);
	return NULL;
}

void
ask_matters(struct ask_note *note, uint64_t until)
{
	if (note->until < until)
		note->until = until;
}

bool
ask_room(struct ask_note *note)
{
	unsigned room = note->room == 0 ? 2 : note->room * 2;
	struct ask_entry *line;

	if (note->nline < note->room)
		return true;
	line = mem_realloc(note->line, room * sizeof(*line));
	if (line == NULL)
		return false;
	note->line = line;
	note->room = room;
	return true;
}

void
ask_init(struct consent *consent, const uint8_t *key)
{
	enum ask_of of;

	for (of = 0; of < ASK_OF_KINDS; of++)
		table_init(&consent->asks[of].notes, key);
}

void
ask_clear(struct consent *consent)
{
	struct ring *r;
	enum ask_of of;

	for (of = 0; of < ASK_OF_KINDS; of++) {
		while ((r = ring_first(&consent->asks[of].turns)) != NULL)
			forget(&consent->asks[of], TABLE_OF(r, struct ask_note, turn));
		table_clear(&consent->asks[of].notes);
	}
}
