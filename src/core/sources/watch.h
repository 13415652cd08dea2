/*
 * When is all known of a user on this stream?  When it is, or after some time, she
 * is settled: whatever has not answered by then is offline.  Resources known from
 * hints alone, of whose end nobody tells, are pinged.
 */
#ifndef PP_CORE_SOURCES_WATCH_H
#define PP_CORE_SOURCES_WATCH_H

#include "core/sources/state.h"

/* Something became known (MARK_KNOWN): the wait ends soon if it was the last thing. */
void watch_known(struct sources *sources, struct user *u);

/* When U is to be looked at; TIMER_NEVER. */
uint64_t watch_deadline(const struct sources *sources, struct user *u);

/* If it is time U is settled: true. */
bool watch_settles(struct sources *sources, struct user *u);

/* If it is time: those resources of hers are pinged. */
void watch_pings(struct sources *sources, struct user *u);

#endif
