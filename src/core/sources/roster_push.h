/*
 * What a server says of a roster that has changed, unasked.  It is newer than any answer
 * that was asked for before it; never taken for a whole roster.
 */
#ifndef PP_CORE_SOURCES_ROSTER_PUSH_H
#define PP_CORE_SOURCES_ROSTER_PUSH_H

#include "core/sources/state.h"

/*
 * EVENT_ROSTER_PUSH (THREATS 3): counts only from a managed account of a host that granted rosters; whose it is then, or
 * NULL, by its addresses alone.
 */
struct user *roster_pusher(const struct sources *sources, const struct event *ev);
void roster_push(struct sources *sources, const struct event *ev);

#endif
