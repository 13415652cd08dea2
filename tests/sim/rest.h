/*
 * Counters that come home (THREATS 26): when nothing happens any more, every
 * counter, queue and bucket of the core is at its rest value.  rest.table says
 * of each field of the core's structs what it is; rest.c is the one file of the
 * simulator that looks inside.
 */
#ifndef PP_TESTS_SIM_REST_H
#define PP_TESTS_SIM_REST_H

#include "core/core.h"

/* NULL, or the name of the first field that is not at rest; FORMS: those that nobody sends are over, too. */
const char *rest_trouble(const struct core *c, bool forms);

/* Are IQs, writes or events under way?  Then it is no moment to look. */
bool rest_is_busy(const struct core *c);

#endif
