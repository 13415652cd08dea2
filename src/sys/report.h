/*
 * What the log says of the program as a whole: the link's ups and downs, each
 * told once and clearly, and the line `stats' every minute or when asked for.
 */
#ifndef PP_SYS_REPORT_H
#define PP_SYS_REPORT_H

#include <stdint.h>

#include "core/core.h"
#include "sys/conf.h"
#include "sys/link.h"
#include "sys/perform.h"

#define REPORT_STATS_MS 60000

struct report {
	uint64_t next_stats;
	enum link_reason last; /* why there is no stream; REASON_NONE while there is one */
	uint64_t refused;      /* events that the core could not take */
	uint64_t ignored;      /* stanzas that mean nothing to us, since the start */
};

void report_init(struct report *r, uint64_t now);

/* `ready': the handshake was accepted. */
void report_up(struct report *r, const struct conf *conf);

/*
 * `link.down'.  A reason is said once at its level, with what can be done
 * about it; the attempts after it that fail for the same reason at debug.
 * LARGEST: of the stanzas that were sent on it, in bytes.
 */
void report_down(struct report *r, const struct conf *conf, const struct link_failure *f, size_t largest);

/* `insecure': at each start and reload, if the link crosses a network in the clear (THREATS 22). */
void report_insecure(const struct conf *conf);

/* core_feed() or decode() failed with STATUS: counted, and said once for each stats line. */
void report_refused(struct report *r, int status);

/* The next `stats'; report_hurry(): now. */
uint64_t report_deadline(const struct report *r);
void report_hurry(struct report *r);
void report_stats(struct report *r, const struct instant *now, const struct core *core, const struct link *link,
    const struct perform *perform);

#endif
