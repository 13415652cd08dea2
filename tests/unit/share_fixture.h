/* For tests of who asks much. */
#ifndef PP_TESTS_SHARE_FIXTURE_H
#define PP_TESTS_SHARE_FIXTURE_H

#include "core_fixture.h"

const char *numbered(const char *before, unsigned n, const char *behind);
const char *long_text(size_t len);
/* A ping of BARE with an ID, whose answer waits if the link is full. */
void pings_with(const char *bare, const char *id);
void pings(const char *bare, unsigned n);

#endif
