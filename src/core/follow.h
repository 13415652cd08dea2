/*
 * What follows from what comes back: the one place from which the rooms are
 * told of each other's answers.  Calls go down; what is to go up is handed out
 * below, and taken here.  What an answer means it leaves to them; it decides in
 * which order they hear of it, and what is asked of whoever was silent.  Marks go
 * up: what a room has changed of a user (user_mark()) and others are to see to is
 * offered to them here, in the order of the floors.
 */
#ifndef PP_CORE_FOLLOW_H
#define PP_CORE_FOLLOW_H

#include "core/top.h"

/* All writes up to TICKET are durable, or (not OK) couldn't be written. */
void follow_stored(struct core *c, uint64_t ticket, bool ok);

/* U is gone: whoever may know her forgets her, the top floor first. */
void follow_forget(struct core *c, struct user *u);

/* U, or NULL: the turn of her claim has come, and her roster is to be asked for. */
void follow_claim(struct core *c, struct user *u);

/* EVENT_ANSWER. */
void follow_answer(struct core *c, const struct event *ev);

/* The time of Q is over. */
void follow_due(struct core *c, struct query *q);

/* Is EV, a request, a ping of ours that has come back?  Then it needs no answer. */
bool follow_self(struct core *c, const struct event *ev);

/*
 * What follows from all marks: at the end of each event, timer and action, and of
 * core_configure(), before core_deadline() is asked for.  Frees nothing that an
 * action points to.
 */
void follow_marked(struct core *c);

static inline void
follow_marks(struct core *c)
{
	if (c->model.marked.next != NULL && c->model.marked.next != &c->model.marked)
		follow_marked(c);
}

#endif
