/*
 * The board as JSON (RFC 8259), one object on a line for each contact.
 *
 * All of it is ASCII: whatever is not is written as \uXXXX, so that no byte of
 * a contact's reaches a terminal as anything else.
 */
#ifndef PP_WATCH_JSON_H
#define PP_WATCH_JSON_H

#include "base/buf.h"
#include "watch/board.h"

/* Append S between double quotes; NULL as null.  What isn't UTF-8 becomes U+FFFD. */
void json_string(struct buf *out, const char *s);

/*
 * Append the line of C as it is at NOW (seconds since 1970); nothing if it is
 * the same as when it was last appended.  A contact that has left is GONE.
 *
 * {"contact","time","name","updated","expires","expired","devices":[{"id",
 * "kind","label","state","preferred","stale","since","resources":[{"id",
 * "show","status","idle"}]}],"error"}
 */
void json_contact(struct buf *out, struct board_contact *c, int64_t now, bool gone);

#endif
