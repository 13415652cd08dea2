/*
 * What was last acknowledged for each user, waiting to be written to the
 * registry: at most one note a user, the newest wins.
 */
#ifndef PP_SYS_NOTES_H
#define PP_SYS_NOTES_H

#include "base/table.h"
#include "core/record.h"

struct note {
	struct table_node node;
	struct user_record user; /* .primary is the note's own */
};

struct notes {
	struct table table;
};

void notes_init(struct notes *n, const uint8_t key[HASH_KEY_LEN]);

/* Accepts a zeroed struct. */
void notes_clear(struct notes *n);

/* Copy what ACTION_NOTE_PUBLISHED tells of U.  Returns 0 or ERR_NOMEM. */
int notes_put(struct notes *n, const struct user_record *u);

/* If there is a note of U's user, let it say what U says. */
void notes_renew(struct notes *n, const struct user_record *u);

/* Walk as table_next(), and forget the first COUNT of such a walk. */
const struct note *notes_next(const struct notes *n, const struct note *after);
void notes_forget(struct notes *n, size_t count);

#endif
