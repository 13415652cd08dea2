/*
 * For tests of the parser.  Every input is read whole, byte by byte, in sevens
 * and in random pieces, and must give the same.
 */
#ifndef PP_TESTS_PARSE_FIXTURE_H
#define PP_TESTS_PARSE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/parse.h"

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' id='s1'>"
#define GOT_HEADER "header"

#define ROSTER_OPEN "<iq type='result' from='a@b' to='c'><query xmlns='jabber:iq:roster'>"
#define ROSTER_CLOSE "</query></iq>"
#define ROSTER_ITEM "<item jid='contact@example.org' subscription='both'><group>Friends</group></item>"

/* The next of always the same random numbers. */
unsigned roll(unsigned sides);

/* What becomes of an element that is too large: nothing is shown of it, or its beginning is, or it is admitted. */
extern enum larges {
	LARGES_PASS,
	LARGES_SHOW,
	LARGES_ADMITTED
} larges;

/*
 * All that comes of LEN bytes, as text; valid until the next call.  `?` is before the beginning of what is too large,
 * `!` before that of what can't be admitted, `~` before a portion, `=` before the last one.
 */
const char *read_bytes(const char *in, size_t len);
#define assert_reads(in, out) assert_string_equal(read_bytes(in, strlen(in)), out)

/* A stream that has had its header. */
struct parser *after_header(void);

#endif
