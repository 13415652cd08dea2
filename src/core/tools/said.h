/*
 * The memory of an action that waits to be taken.  Owns what lives as long as it;
 * never knows in which queue it is.
 */
#ifndef PP_CORE_TOOLS_SAID_H
#define PP_CORE_TOOLS_SAID_H

#include "core/tools/env.h"

/* SIZE zeroed bytes that live as long as S; NULL without memory, and S is broken: it is never taken. */
void *said_mem(struct said *s, size_t size);

void said_free(struct said *s); /* accepts NULL */

#endif
