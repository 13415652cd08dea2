/* For tests of the watcher's conversation: a board, a clock, and a server that says what a test wants. */
#ifndef PP_TESTS_TALK_FIXTURE_H
#define PP_TESTS_TALK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/talk.h"
#include "watch_fixture.h"

#define TIMEOUT 15000

extern struct board board;
extern struct talk talk;
extern int64_t now;

/* The N-th id: they are 1, 2, 3 ... with zeros before them. */
char *id_text(unsigned int n);

/* What the server says. */
void says(const char *xml);
void saysf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void rings(const char *from);
void answers(const char *from, unsigned int n, const char *payload);

/* After MS more milliseconds: what was sent by then. */
const char *sent(int64_t ms);
void assert_sends(int64_t ms, const char *part);
void assert_quiet(int64_t ms);

size_t devices_of(const char *address);

/* bob@home.test signs in. */
void start(void);

/* Setups and teardown for cmocka.  The roster holds alice (both), carol (to) and others; its request had id 1 ... */
int signed_in(void **state);
/* ... and all has been fetched: ids 2 and 3 for ourselves, 4 alice, 5 carol. */
int settled(void **state);
int done(void **state);

#define WITH(test, setup) cmocka_unit_test_setup_teardown(test, setup, done)

#endif
