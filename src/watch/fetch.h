/*
 * Which items are to be fetched, which are on their way, and whether an answer
 * is one that was asked for.  Time is monotonic milliseconds, an argument.
 */
#ifndef PP_WATCH_FETCH_H
#define PP_WATCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/board.h"

/*
 * Requests in flight: so many by our own decision, and so many in all when
 * bells ring, so that servers that don't answer don't delay those that do.
 */
#define FETCH_IN_FLIGHT_MAX 16
#define FETCH_IN_FLIGHT_RUNG_MAX 32
#define FETCH_ID_LEN 32 /* 128 random bits in hexadecimal */
/* A bell that rings without end costs one request in this time. */
#define FETCH_GAP_MS 100

/* The node's name of a source. */
const char *fetch_node(enum board_source source);

/*
 * Something may have changed at NODE of C.  Nothing happens for a node that
 * isn't ours, or the private one of anybody else.  A request in flight is
 * followed by another one: it may have been answered before the change.
 */
void fetch_ring(struct board_contact *c, const char *node);

/* Fetch what was never answered, or (AGAIN) everything of everyone, without haste. */
void fetch_all(struct board *b, bool again);

/*
 * The next request to be sent at NOW, if the bound allows one.  The caller
 * then calls fetch_sent.
 */
bool fetch_next(struct board *b, int64_t now, struct board_contact **c, enum board_source *source);
void fetch_sent(struct board *b, struct board_contact *c, enum board_source source, const char id[FETCH_ID_LEN + 1],
    int64_t now, int64_t deadline);

/*
 * An IQ result or error with ID came from FROM (NULL: it said none, which only
 * the account itself may, RFC 6120, section 8.1.2.1).  True, and the request
 * is over, only if exactly that was asked of exactly that address.
 */
bool fetch_match(struct board *b, const char *id, const char *from, struct board_contact **c,
    enum board_source *source);

/* One request that ran out of time at NOW, which is over with that; false: none. */
bool fetch_overdue(struct board *b, int64_t now, struct board_contact **c, enum board_source *source);

/* In how many milliseconds from NOW a rung request may be sent that may not yet; -1: there is none. */
int64_t fetch_wait(const struct board *b, int64_t now);

/* The connection is gone: nothing is in flight any more. */
void fetch_reset(struct board *b);

/* Nothing wanted, nothing in flight, everything answered or given up. */
bool fetch_idle(const struct board *b);

#endif
