/* What must hold of the text that polypresence-watch makes of other people's. */
#ifndef PP_TESTS_FUZZ_WATCH_CHECK_H
#define PP_TESTS_FUZZ_WATCH_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "watch/board.h"

/* Clean, as text.h promises: UTF-8 on one line, nothing that a terminal acts upon, at most MAX bytes. */
void check_clean(const char *s, size_t max);

/* Within the bounds of board.h, clean, sorted, no id twice. */
void check_set(const struct board_set *set);

/* Lines with an end each, and nothing in them that a terminal acts upon but, with SGR, colours. */
void check_output(const char *s, bool sgr);

/* RFC 8259, all of it ASCII; LEN bytes of values, each ended by a line feed. */
void check_json(const char *s, size_t len);

#endif
