/* For tests of rosters that the test answers itself. */
#ifndef PP_TESTS_ROSTER_FIXTURE_H
#define PP_TESTS_ROSTER_FIXTURE_H

#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)
#define CAROL "carol@home.test"

extern const struct roster_item bob, carol;

void on_ejabberd(void);
/* Her bridge comes at the end. */
void comes(struct event *ev, enum extent extent, const struct roster_item *items, size_t n);

#endif
