/*
 * Rates: so many at once, and from then on one in so many milliseconds, over
 * every window (the generic cell rate algorithm).  A bucket is the moment at
 * which it is empty again; 0 is an empty one.
 */
#ifndef PP_BASE_RATE_H
#define PP_BASE_RATE_H

#include <stdint.h>

struct rate {
	uint64_t every_ms;
	unsigned burst;
};

/* When there is room in BUCKET for another one, in milliseconds of the clock that fills it; it may be past. */
uint64_t rate_opens(uint64_t bucket, const struct rate *r);

/* One more, at NOW; there may be no room, but nobody waits for longer than after having used up all of it. */
void rate_pour(uint64_t *bucket, const struct rate *r, uint64_t now);

#endif
