/* For tests of many users on one host, some of whom get no answer. */
#ifndef PP_TESTS_SLOTS_FIXTURE_H
#define PP_TESTS_SLOTS_FIXTURE_H

#include "core_fixture.h"

#define SILENT 40
#define USERS 80
#define MANY 240
#define VERY_MANY 500
#define WITH_USERS(f) cmocka_unit_test_setup_teardown(f, with_users, core_teardown)
#define WITH_VERY_MANY(f) cmocka_unit_test_setup_teardown(f, with_very_many, core_teardown)
#define WITH_MANY(f) cmocka_unit_test_setup_teardown(f, with_many, core_teardown)

const char *user(unsigned i);
const char *client(unsigned i);
int with_users(void **state);
int with_many(void **state);
int with_very_many(void **state);
void changes(unsigned i);
void are_silent(unsigned n);
/* One of the others changes: it is published within MS. */
void assert_served(unsigned i, uint64_t ms);

#endif
