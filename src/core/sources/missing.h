/*
 * A privilege that never came (SERVERS 1).  A server says what it grants right
 * after the handshake, or never.  So some time after it, once a ping to our own
 * domain that was sent behind it has come back, the log names each configured
 * host that has granted nothing, with the lines to add; and one roster is asked
 * of it, which tells "not granted" (an error is its word) from an advertisement
 * that got lost (see anew.h).
 */
#ifndef PP_CORE_SOURCES_MISSING_H
#define PP_CORE_SOURCES_MISSING_H

#include "core/sources/state.h"

/* The stream is new. */
void missing_link_up(struct sources *sources);

/* The ping has come back; A is NULL: not in time. */
void missing_pinged(struct sources *sources, const struct answer_event *a);

/* The roster that was asked of H was answered; A is NULL: it was not. */
void missing_answered(struct sources *sources, struct host *h, const struct answer_event *a);

/*
 * Would nobody deliver what is published in NODE of U, since we have silenced the
 * node on the strength of a grant that is not there any more?
 */
bool missing_delivery(const struct user *u, int node);

/* When missing_due() has something to do; TIMER_NEVER. */
uint64_t missing_deadline(const struct sources *sources);
void missing_due(struct sources *sources);

/* The program begins, or the link is lost: nothing is missed, and no new stream wanted. */
void missing_reset(struct sources *sources);

#endif
