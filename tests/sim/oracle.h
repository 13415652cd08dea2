/* What the files that judge items have in common. */
#ifndef PP_TESTS_SIM_ORACLE_H
#define PP_TESTS_SIM_ORACLE_H

#include "sim.h"

/* An item against what the core was told; FINAL: against what is true.  EVENT: it says again what was published. */
void oracle_compare(struct sim *s, int user, int node, const struct item *item, bool final, bool event);

const struct device_record *oracle_row(const struct sim *s, int user, const char *resource);
bool oracle_visible(const struct sim *s, const struct device_record *row, int node);
/* Has she something to see that her contacts may not? */
bool oracle_differs(struct sim *s, int user);

/* Can anything be published there, as things are in the end? */
bool oracle_can_publish(const struct sim *s, int user, int node);

#endif
