/*
 * Points in time: XEP-0082 on the wire, seconds since 1970 (UTC) here.
 */
#ifndef PP_WATCH_STAMP_H
#define PP_WATCH_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#define STAMP_NONE INT64_MIN /* there is none */
#define STAMP_SIZE 32	     /* a buffer for stamp_put, with its NUL */

/*
 * Read a DateTime of XEP-0082, section 3.2 (fractions of a second are
 * dropped).  False, and nothing set, if S is NULL or anything else.
 */
bool stamp_parse(const char *s, int64_t *t);

/* Write T as 2026-11-22T23:09:00Z; nothing ("") for STAMP_NONE. */
void stamp_put(char out[STAMP_SIZE], int64_t t);

/*
 * Write how long ago T was at NOW, in at most four characters: 12s 59m 47h
 * 999d 10y; the future is 0s; nothing ("") for STAMP_NONE.
 */
void stamp_age(char out[STAMP_SIZE], int64_t t, int64_t now);

#endif
