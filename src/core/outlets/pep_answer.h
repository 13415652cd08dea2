/*
 * What the server's answers mean for the PEP outlet of a user: which way works on this
 * host, what a refusal calls for (set-up, repair, retraction, another way), when
 * to try again, and when a user counts as blocked.
 */
#ifndef PP_CORE_OUTLETS_PEP_ANSWER_H
#define PP_CORE_OUTLETS_PEP_ANSWER_H

#include "core/flight/query.h"
#include "core/outlets/state.h"

/* What came back of T's user's step in flight; A NULL: no answer in time. */
void pep_answer(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a);

#endif
