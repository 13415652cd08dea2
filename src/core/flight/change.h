/*
 * Registry writes and what follows from them: nothing is visible outside
 * before it is durable.  Tickets come back in the order they went out.
 */
#ifndef PP_CORE_FLIGHT_CHANGE_H
#define PP_CORE_FLIGHT_CHANGE_H

#include "core/flight/change_queue.h"

struct reply;

/*
 * Write U's row; REPLY (owned from here on, or NULL) is the command that waits.
 * Returns false when there is no memory for it.
 */
bool change_user(struct flight *flight, struct user *u, enum change_kind kind, struct reply *reply);

/*
 * D's row as it will be when all that is on its way to the registry has come
 * there: what every further row is made from, so that none takes back what
 * another one has said.  Strings are valid until the next change of D.
 */
struct device_record change_row(const struct device *d);

/* Is a row of D on its way?  Then D must not be forgotten. */
bool change_pending(const struct device *d);

/*
 * Write D's row as ROW; D itself follows when it is durable, but for
 * CHANGE_END.  REPLY as above.  Returns false when there is no memory for it.
 */
bool change_device(struct flight *flight, const struct device *d, const struct device_record *row,
    enum change_kind kind, struct reply *reply);

/* U has left and nothing is published any more: delete its rows, then U. */
void change_gone(struct flight *flight, struct user *u);

/* U's row is written as she is now, or, if that can't be, after a while. */
void change_soon(struct flight *flight, struct user *u);

/*
 * Something is to go from U's NODES, or has gone from all: her row says so, in case the program ends before it has.  (Of
 * who leaves it says enough.)  Said before the change that is the reason, they become durable together; of a CHANGE_EDIT
 * change_device() says it, and until it has come back nothing says that all has gone.
 */
void change_owes(struct flight *flight, struct user *u, unsigned nodes);
/* So said her row before the start. */
void change_owed(struct user *u, unsigned nodes);
void change_owes_nothing(struct flight *flight, struct user *u);

/* What is marked `unsaved' is written again after a while; that time has come. */
void change_again(struct flight *flight);
void change_tries(struct flight *flight);

/* Her rows could not be deleted. */
void change_stays(struct user *u);

/* U's row could not be written, or that she leaves: again after a while; and then.  True: she leaves, and may have gone by that. */
void change_user_again(struct flight *flight, struct user *u);
void change_leave_again(struct flight *flight, struct user *u);
bool change_unsaved(struct flight *flight, struct user *u);

#endif
