/* The files that the program writes: whether they can be made where the configuration says. */
#ifndef PP_SYS_CONF_PLACES_H
#define PP_SYS_CONF_PLACES_H

#include "sys/conf_values.h"
#include "sys/options.h"

/*
 * For -t: what is missing when it starts, it says then.  Of C, which ENTRIES have
 * made and P is what is wrong with; what can't be written is added to P.
 */
void conf_places_check(const struct conf *c, const struct entries *entries, struct problems *p);

#endif
