/*
 * The primary's roster: who may watch (`from`, `both`), and the group whose
 * members become linked accounts.  Polled, since no server pushes it to
 * components; a push is acted on where one comes.
 */
#ifndef PP_CORE_ROSTER_H
#define PP_CORE_ROSTER_H

#include "core/state.h"

/* Ask for U's roster now (unless that is under way). */
void roster_ask(struct core *c, struct user *u);

/* U came online, or went: ask now, within the host's budget, or else in turn. */
void roster_soon(struct core *c, struct user *u);

/* The next poll that is due, within each host's budget; true when something was put in the queue. */
bool roster_poll_next(struct core *c, struct host *h);
uint64_t roster_poll_deadline(const struct core *c, const struct host *h);

/* The answer, and what came of it in portions before (NULL: nothing). */
void roster_answer(struct core *c, struct user *u, struct reading *r, const struct answer_event *a);

/* A portion, with more to come.  False: it can't be read, for lack of memory. */
bool roster_portion(struct core *c, struct query *q, const struct answer_event *a);

/*
 * A roster that was too large is asked for again when its time has come, if
 * something waits for it.
 */
uint64_t roster_again_deadline(const struct core *c, const struct user *u);
void roster_again_due(struct core *c, struct user *u);

/* What U is to know of her roster, a sentence; NULL: nothing. */
const char *roster_reason(const struct user *u);

/* EVENT_ROSTER_PUSH (THREATS 3): counts only from a managed account of a host that granted rosters. */
void roster_push(struct core *c, const struct event *ev);

#endif
