/*
 * When is all known of a user on this stream?  When it is, or after some time, she
 * is settled: whatever has not answered by then is offline.  Resources known from
 * hints alone, of whose end nobody tells, are pinged.
 */
#ifndef PP_CORE_SOURCES_WATCH_H
#define PP_CORE_SOURCES_WATCH_H

#include "core/model/state.h"

/* Something became known (MARK_KNOWN): the wait ends soon if it was the last thing. */
void watch_known(struct core *c, struct user *u);

/* When U is to be looked at; TIMER_NEVER. */
uint64_t watch_deadline(const struct core *c, struct user *u);

/* If it is time U is settled: true. */
bool watch_settles(struct core *c, struct user *u);

/* If it is time: those resources of hers are pinged. */
void watch_pings(struct core *c, struct user *u);

#endif
