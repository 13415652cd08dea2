/*
 * The server's side of XEP-0114, as fast as one core allows: takes one
 * component at a time, grants it everything for one host (XEP-0356), answers
 * each of its requests at once, feeds it and counts what it publishes.  It
 * checks nothing that it is not asked to: not the handshake, not the XML.
 */
#ifndef PP_BENCH_FAKESERVER_H
#define PP_BENCH_FAKESERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include "bench/feed.h"

/* What one reader did with one feed. */
struct outcome {
	double seconds;	     /* from the first byte of a presence to the answer to the ping behind the last one */
	double cpu_seconds;  /* of the reader's process, meanwhile */
	uint64_t publishes;  /* meanwhile */
	uint64_t bytes;	     /* of these publishes */
	double settled;	     /* seconds after that until the last publish of all */
	uint64_t publishes_after;
	uint64_t wrong;	     /* users whose last item is not their last state */
	uint64_t unpublished; /* users without an item */
	long rss_kib, peak_kib; /* of the reader, when it had answered */
};

struct fakeserver;

/* F is borrowed.  NULL when there is no memory or no socket (errno says why). */
struct fakeserver *fakeserver_new(const struct feed *f);
void fakeserver_free(struct fakeserver *s); /* accepts NULL */

/* On 127.0.0.1. */
unsigned fakeserver_port(const struct fakeserver *s);

/*
 * Take the connection of process READER, let it come to rest (PROBES: so many
 * presence probes have to be answered first), feed PRESENCES stanzas, then wait
 * until it has nothing more to publish.  Returns 0 or -1; WHY then says in a
 * few words what was waited for in vain.
 */
int fakeserver_run(struct fakeserver *s, pid_t reader, uint64_t probes, uint64_t presences, struct outcome *out,
    const char **why);

#endif
