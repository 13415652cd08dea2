/* A linked account on a host that grants rosters, after a start. */
#ifndef PP_TESTS_CLAIMS_FIXTURE_H
#define PP_TESTS_CLAIMS_FIXTURE_H

#include "core_fixture.h"

void both_grant(void);
void comes_back(void);
void desk_is_suspended(void);

#endif
