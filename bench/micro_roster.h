/* Where the time of a large roster goes: each stage on its own, and what its contacts take in memory. */
#ifndef PP_BENCH_MICRO_ROSTER_H
#define PP_BENCH_MICRO_ROSTER_H

#include <stddef.h>

/* Print it for N contacts, in milliseconds of processor time. */
void micro_roster(size_t n);

#endif
