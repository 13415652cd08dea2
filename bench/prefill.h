/* A registry and a configuration for the benchmark's users. */
#ifndef PP_BENCH_PREFILL_H
#define PP_BENCH_PREFILL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Make PATH, which must not exist, with USERS users of bench/feed.h: approved,
 * nodes set up, linked accounts agreed.  *PROBES is how many presence probes
 * they cost after the link came up.  Returns 0 or an enum err; WHY says more.
 */
int prefill_registry(const char *path, size_t users, uint64_t *probes, char *why, size_t whylen);

/* Write DIR/polypresence.conf and what it names.  Returns 0 or ERR_IO. */
int prefill_conf(const char *dir, unsigned port);

#endif
