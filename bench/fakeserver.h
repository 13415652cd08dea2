/*
 * The server's side of XEP-0114, as fast as one core allows: takes one
 * component at a time, grants it everything for one host (XEP-0356), answers
 * each of its requests at once, feeds it and counts what it publishes.  It
 * checks nothing that it is not asked to: not the handshake, not the XML.
 */
#ifndef PP_BENCH_FAKESERVER_H
#define PP_BENCH_FAKESERVER_H

#include <stdint.h>

#include <sys/types.h>

#include "bench/outcome.h"

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
