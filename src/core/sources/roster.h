/*
 * The primary's roster: who may watch (`from`, `both`), and the group whose
 * members become linked accounts.  Polled, since no server pushes it to
 * components; a push is acted on where one comes.
 */
#ifndef PP_CORE_SOURCES_ROSTER_H
#define PP_CORE_SOURCES_ROSTER_H

#include "core/sources/state.h"

/*
 * Something waits for U's roster, in any state that she is in: it is asked for
 * as soon as the pace lets it, and no sooner than ten seconds after the last
 * time.  False: it can't be had.
 */
bool roster_want(struct sources *sources, struct user *u);

/* Is it asked for, or about to be? */
bool roster_coming(const struct user *u);

/*
 * U's contacts were told by a roster that was fresh, but not new: it is read once
 * more in turn, after the same ten seconds, for whoever has become one since.
 */
void roster_once_more(struct sources *sources, struct user *u);

/* U is to be looked through for devices, and who watches, in turn: each user once in a minute while she is online. */
void roster_poll(const struct sources *sources, struct user *u);

/*
 * It was read, or could not be had, and the outlets have made of it what they could:
 * who is online may accept somebody; of who isn't, contacts may still wait for it.
 */
void roster_poll_again(const struct sources *sources, struct user *u);

/* U's turn has come, a TURN_WANTED or one of those after it. */
void roster_turn(struct sources *sources, struct user *u, enum turn turn);

/* Until when it is not to be asked for, because that was done a moment ago; 0: it may be. */
uint64_t roster_rests_until(const struct sources *sources, const struct user *u);

/* What the answer A (NULL: none came) to a request for U's roster says of her host: 1: it serves us; -1: it doesn't; 0: nothing. */
int roster_tells_of_host(const struct user *u, const struct answer_event *a);

/* The answer, and what came of it in portions before (NULL: nothing). */
void roster_answer(struct sources *sources, struct user *u, struct reading *r, const struct answer_event *a);

/* A portion, with more to come.  False: it can't be read, for lack of memory. */
bool roster_portion(struct sources *sources, struct query *q, const struct answer_event *a);

/*
 * It is to be asked for, and was a moment ago; or it was too large, and something waits
 * for it: that is done when its time has come.
 */
uint64_t roster_deadline(const struct sources *sources, const struct user *u);
void roster_due(struct sources *sources, struct user *u);

void roster_link_down(struct user *u);

#endif
