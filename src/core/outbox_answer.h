/*
 * What the server's answers mean for a user's outbox: which way works on this
 * host, what a refusal calls for (set-up, repair, retraction, another way), when
 * to try again, and when a user counts as blocked.
 */
#ifndef PP_CORE_OUTBOX_ANSWER_H
#define PP_CORE_OUTBOX_ANSWER_H

#include "core/query.h"

/* What came back of T's user's step in flight; A NULL: no answer in time. */
void outbox_answer(struct core *c, const struct query_taken *t, const struct answer_event *a);

/* The registry can't be written, so that no set-up may begin: the node stays as it is for a while. */
void outbox_no_setup(struct core *c, struct user *u);

/* The host has granted nothing and nobody would deliver what is published: it waits for a grant. */
void outbox_no_grant(struct core *c, struct user *u);

/* The step failed for now: everything is due again. */
void outbox_rest(struct user *u);

/* Try again later, each time later than before; blocked after some times. */
void outbox_retry(struct core *c, struct user *u, const char *error);

#endif
