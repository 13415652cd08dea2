/*
 * Registry writes and what follows from them: nothing is visible outside
 * before it is durable.  Tickets come back in the order they went out.
 */
#ifndef PP_CORE_CHANGE_H
#define PP_CORE_CHANGE_H

#include "core/state.h"

struct waiting;

/*
 * Write U's row; REPLY (owned from here on, or NULL) is the command that waits.
 * Returns false when there is no memory for it.
 */
bool change_user(struct core *c, struct user *u, enum change_kind kind, struct waiting *reply);

/*
 * Write D's row, as it would be with STATE, APPROVED, CONFIRMED; D itself is
 * changed when the row is durable, but for CHANGE_END.  Returns the change, so
 * that CHANGE_EDIT can fill in the rest before the next core_next(); NULL
 * without memory.
 */
struct change *change_device(struct core *c, const struct device *d, const struct device_record *row,
    enum change_kind kind, struct waiting *reply);

/* U has left and nothing is published any more: delete its rows, then U. */
void change_gone(struct core *c, struct user *u);

/* What is marked `unsaved' is written again after a while. */
void change_again(struct core *c);

/* EVENT_STORED, EVENT_STORE_FAILED. */
void change_stored(struct core *c, uint64_t ticket, bool ok);
void change_clear(struct core *c);

#endif
