/*
 * Who of a host publishes next, and how many at once: as many as its server
 * answers in time (F17).  Accounts whose requests get no answer while those of
 * others do, because they block us or their storage hangs, must not hold what
 * the others wait for (THREATS 24):
 *
 *	- a request that has waited for HOLD_MS while a later one was answered holds
 *	  no slot any more, and after OVERDUE_MS says nothing of what the server can
 *	  take;
 *	- whoever was not answered for OVERDUE_MS has a quarter of the slots together
 *	  with all who were not, each for HOLD_MS, and says nothing either, until she
 *	  is answered; who was so once goes before those who were so again;
 *	- where as many as may be under way are overdue and none has been overtaken,
 *	  the server may be silent, or all may be of that kind: a quarter more is
 *	  tried, and each second twice as many, until something is answered.
 */
#ifndef PP_CORE_OUTLETS_SLOTS_H
#define PP_CORE_OUTLETS_SLOTS_H

#include "core/outlets/state.h"

/* The stream is new. */
void slots_reset(struct host *h);

/* Users in turn. */
void slots_ready(struct user *u, bool first);
void slots_hurry(struct user *u); /* who waits for her turn is the first */
void slots_leave(struct user *u);
void slots_clear(struct host *h); /* nobody waits any more */
bool slots_wanted(const struct host *h);

/* Whose turn it is, if there is room; NULL: nobody's. */
struct user *slots_next(struct outlets *outlets, struct host *h);

/* Q, a publish or a step towards it, is on its way; when it has ended, or before, the slot is another's. */
void slots_take(struct outlets *outlets, struct query *q);

/* Nobody will see how requests of U (NULL: of all) end: slots are others', and others find out what they were to. */
void slots_forget(struct outlets *outlets, const struct user *u);

/* The timer of Q: true when it goes on waiting without being judged. */
bool slots_look(struct outlets *outlets, struct query *q);

/* Q was answered, or was not in time: what that says of her, and of the host. */
void slots_measure(struct outlets *outlets, struct query *q, bool answered);

/* Q had no answer in its time, and goes on waiting without a slot; or has ended so. */
void slots_shrink(const struct outlets *outlets, struct query *q);

/* The window after an answer that took so long, or after none. */
void slots_adapt(struct host *h, bool answered, uint64_t took);

#endif
