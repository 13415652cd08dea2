/* For tests of what talks to a terminal: one that the test holds the other end of. */
#ifndef PP_TESTS_TTY_FIXTURE_H
#define PP_TESTS_TTY_FIXTURE_H

#include <stddef.h>

/* Standard input and output are a terminal of that size until tty_end(). */
void tty_begin(unsigned short rows, unsigned short columns);
void tty_size(unsigned short rows, unsigned short columns);

/* Standard output is a file until tty_end(); input is what it was. */
void file_begin(void);

/* Standard output can't be written until tty_end(). */
void closed_begin(void);

/* Gives both back; also as a cmocka teardown. */
int tty_end(void **state);

/* What was written there since the last look, valid until the next. */
const char *tty_written(void);

/* Somebody types; returns when it can be read. */
void tty_types(const char *keys);

#endif
