/* The clocks, read here and nowhere else: everything below gets time as a value. */
#ifndef PP_SYS_CLOCK_H
#define PP_SYS_CLOCK_H

#include "core/types.h"

/*
 * Now.  The monotonic part goes on while the machine sleeps (CLOCK_BOOTTIME)
 * where the system has such a clock.
 */
void clock_now(struct instant *out);

#endif
