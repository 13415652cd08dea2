/* For tests of whom a user blocks. */
#ifndef PP_TESTS_BLOCKING_FIXTURE_H
#define PP_TESTS_BLOCKING_FIXTURE_H

#include "core_fixture.h"

#define CAROL "carol@work.test"
#define BLOCKING (GRANT_ALL | GRANT_PRESENCE_ROSTER | GRANT_BLOCKING)

void on_ejabberd(unsigned what);
void changes_now(void);
/* When her roster, and whom she blocks, has been read once more. */
void changes(void);
/* Her roster isn't polled any more, and is old. */
void goes_offline(void);

#endif
