/*
 * What follows from what comes back: the one place from which the rooms are
 * told of each other's answers.  Calls go down; what is to go up is handed out
 * below, and taken here.  What an answer means it leaves to them; it decides in
 * which order they hear of it, and what is asked of whoever was silent.
 */
#ifndef PP_CORE_FOLLOW_H
#define PP_CORE_FOLLOW_H

#include "core/state.h"

/* All writes up to TICKET are durable, or (not OK) couldn't be written. */
void follow_stored(struct core *c, uint64_t ticket, bool ok);

/* EVENT_ANSWER. */
void follow_answer(struct core *c, const struct event *ev);

/* The time of Q is over. */
void follow_due(struct core *c, struct query *q);

/* Is EV, a request, a ping of ours that has come back?  Then it needs no answer. */
bool follow_self(struct core *c, const struct event *ev);

#endif
