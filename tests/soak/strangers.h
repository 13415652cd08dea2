/*
 * Stanzas of strangers, no two of the same sender: presence to addresses of
 * bridges and to nobody's, messages, requests, and what pretends to be more.
 */
#ifndef PP_TESTS_SOAK_STRANGERS_H
#define PP_TESTS_SOAK_STRANGERS_H

#include <stdint.h>

#include "base/buf.h"
#include "tests/soak/world.h"

enum flood_kind {
	FLOOD_MIXED,   /* one in ten asks for an answer */
	FLOOD_REQUESTS /* all do */
};

struct flood {
	enum flood_kind kind;
	uint64_t sent; /* stanzas so far, and senders */
	uint64_t requests;
};

/* Append N stanzas. */
void flood_put(struct flood *f, struct world *w, struct buf *b, unsigned n);

#endif
