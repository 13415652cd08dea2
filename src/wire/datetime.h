/*
 * XEP-0082 DateTime, always printed in UTC.  Moments are Unix time in
 * milliseconds.  Owns the calendar; never asks what time it is, nor libc for a
 * time zone.
 */
#ifndef PP_WIRE_DATETIME_H
#define PP_WIRE_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#define DATETIME_SIZE 21    /* "2026-11-23T10:00:00Z" and NUL */
#define DATETIME_MS_SIZE 25 /* "2026-11-23T10:00:00.123Z" and NUL */

/* The proleptic Gregorian calendar in UTC. */
struct datetime {
	int year; /* 0 to 9999 */
	int month, day;
	int hour, minute, second, ms;
};

/* A moment before the year 0 or after 9999 becomes the first or the last of them. */
void datetime_from_ms(int64_t ms, struct datetime *out);
int64_t datetime_to_ms(const struct datetime *dt);

/* Print to the second, or with milliseconds; what is finer is cut off. */
void datetime_print(int64_t ms, char out[DATETIME_SIZE]);
void datetime_print_ms(int64_t ms, char out[DATETIME_MS_SIZE]);

/*
 * Parse CCYY-MM-DDThh:mm:ss[.s+](Z|(+|-)hh:mm), all of S: XEP-0082, section
 * 3.2, and nothing besides it (no lower case, no leap second, no 24:00).
 * Digits beyond milliseconds are cut off.  False, and *MS untouched, for
 * anything else; S may be NULL.
 */
bool datetime_parse(const char *s, int64_t *ms);

#endif
