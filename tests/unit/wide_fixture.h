/* An account that is asked to be shown to few or to all. */
#ifndef PP_TESTS_WIDE_FIXTURE_H
#define PP_TESTS_WIDE_FIXTURE_H

#include "core_fixture.h"

#define TO_CONTACTS "to the contacts of " ALICE
#define TO_HERSELF "to the own clients of " ALICE

void links_for(const char *visibility);
void shows_to(const char *visibility);
void is_linked_for_herself(void);

#endif
