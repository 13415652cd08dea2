/*
 * The board as plain lines: one for each device, and again whenever it changed.
 *
 * TIME ADDRESS "LABEL" KIND STATE [preferred] [stale] [since=T] [idle=T]
 *     [resources=STATE,STATE...] [status="TEXT"]
 * TIME ADDRESS "LABEL" KIND removed
 * TIME ADDRESS no-devices
 * TIME ADDRESS removed
 * each of which (but `removed`) may end in error="TEXT"
 */
#ifndef PP_WATCH_LINES_H
#define PP_WATCH_LINES_H

#include "base/buf.h"
#include "watch/board.h"

/*
 * Append what changed of C since it was last appended, as it is at NOW
 * (seconds since 1970).  A contact that has left is GONE.
 */
void lines_contact(struct buf *out, struct board_contact *c, int64_t now, bool gone);

#endif
