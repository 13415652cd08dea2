#include "sys/clock.h"

#include <time.h>

#ifdef CLOCK_BOOTTIME
#define CLOCK_STEADY CLOCK_BOOTTIME
#else
#define CLOCK_STEADY CLOCK_MONOTONIC
#endif

/* 9999-12-31T23:59:59Z. */
#define WALL_MAX_S INT64_C(253402300799)

void
clock_now(struct instant *out)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_STEADY, &ts) != 0)
		clock_gettime(CLOCK_MONOTONIC, &ts);
	out->mono_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	clock_gettime(CLOCK_REALTIME, &ts);
	/* Whatever the machine takes for the time, it is one that can be written, and read again. */
	if (ts.tv_sec < 0)
		ts = (struct timespec){0};
	if (ts.tv_sec > WALL_MAX_S)
		ts.tv_sec = WALL_MAX_S;
	out->wall_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
