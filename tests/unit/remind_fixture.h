/* For tests of what is asked again. */
#ifndef PP_TESTS_REMIND_FIXTURE_H
#define PP_TESTS_REMIND_FIXTURE_H

#include "core_fixture.h"

#define QUESTION "Answer yes"
#define CAROL "carol@work.test"
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define APART (30 * SECOND)

int remind_setup(void **state);
unsigned questions(const char *to);
unsigned requests(const char *to);
void comes_up(void);

#define REMINDED(f) cmocka_unit_test_setup_teardown(f, remind_setup, core_teardown)

#endif
