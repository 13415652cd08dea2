/* For tests of what evidence against an approval leads to. */
#ifndef PP_TESTS_SUSPEND_FIXTURE_H
#define PP_TESTS_SUSPEND_FIXTURE_H

#include "core_fixture.h"

#define CAROL "carol@home.test"
#define DAY_MS (24 * 60 * 60 * 1000)

/* The program was away; what is known of WHO (NULL: of nobody) on home.test is gone. */
void comes_back_without(const char *who);
void is_suspended_at_once(void);
void assert_empty(const char *owner);
void enrols_too(const char *who, const char *resource);

#endif
