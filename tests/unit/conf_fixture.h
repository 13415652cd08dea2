/* For tests of the configuration: one is loaded, and what is said of it. */
#ifndef PP_TESTS_CONF_FIXTURE_H
#define PP_TESTS_CONF_FIXTURE_H

#include "base/buf.h"
#include "sys/conf.h"

#define COMPONENT "component { jid = \"presence.home.test\" secret-file = \"%S\" }\n"
#define HOSTS "hosts = { \"home.test\" }\n"

extern struct conf conf;
extern struct buf errors; /* "LINE: text\n" each */
extern const struct conf_reporter reporter;

/* Setup and teardown for cmocka: a directory with a secret. */
int conf_setup(void **state);
int conf_teardown(void **state);

/* %S in TEXT is the path of the secret. */
int loads(const char *text);

/* It is invalid, and WANT is all that is said of it. */
void says(const char *text, const char *want);

#define TEST(f) cmocka_unit_test_setup_teardown(f, conf_setup, conf_teardown)

#endif
