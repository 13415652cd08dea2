/* For tests of what is published at once. */
#ifndef PP_TESTS_URGENT_FIXTURE_H
#define PP_TESTS_URGENT_FIXTURE_H

#include "core_fixture.h"

#define CELL "alice@cell.test"

/* What takes effect within this is at once. */
#define SOON 1000

/* What takes effect within this after a start is on time: then her roster has shown that her approval stands. */
#define PROVED 2500

void has_a_cell(void);
/* A stream on which the cell's server is silent. */
void comes_back(void);
void starts_anew(void);
void edits(const char *label, const char *var, const char *value);

#endif
