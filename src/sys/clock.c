#include "sys/clock.h"

#include <time.h>

#ifdef CLOCK_BOOTTIME
#define CLOCK_STEADY CLOCK_BOOTTIME
#else
#define CLOCK_STEADY CLOCK_MONOTONIC
#endif

void
clock_now(struct instant *out)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_STEADY, &ts) != 0)
		clock_gettime(CLOCK_MONOTONIC, &ts);
	out->mono_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	clock_gettime(CLOCK_REALTIME, &ts);
	out->wall_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
