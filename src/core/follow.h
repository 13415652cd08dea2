/*
 * What follows from what comes back: the one place from which the rooms are
 * told of each other's answers.  Calls go down; what is to go up is handed out
 * below, and taken here.  It never decides anything itself.
 */
#ifndef PP_CORE_FOLLOW_H
#define PP_CORE_FOLLOW_H

#include "core/state.h"

/* All writes up to TICKET are durable, or (not OK) couldn't be written. */
void follow_stored(struct core *c, uint64_t ticket, bool ok);

#endif
