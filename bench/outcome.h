/* What a round of the benchmark showed. */
#ifndef PP_BENCH_OUTCOME_H
#define PP_BENCH_OUTCOME_H

#include <stdint.h>

#include <sys/types.h>

#include "bench/feed.h"

/* What one reader did with one feed. */
struct outcome {
	double seconds;	    /* from the first byte of a presence to the answer to the ping behind the last one */
	double cpu_seconds; /* of the reader's process, meanwhile */
	uint64_t publishes; /* meanwhile */
	uint64_t bytes;	    /* of these publishes */
	double settled;	    /* seconds after that until the last publish of all */
	uint64_t publishes_after;
	uint64_t wrong;		/* users whose last item is not their last state */
	uint64_t unpublished;	/* users without an item */
	long rss_kib, peak_kib; /* of the reader, when it had answered */
};

/* Fill `wrong` and `unpublished` from ITEMS, the last public one of each user, and f->shows. */
void outcome_check(struct outcome *out, const struct feed *f, const struct buf *items);

/* Fill `rss_kib` and `peak_kib`. */
void outcome_memory(struct outcome *out, pid_t pid);

#endif
