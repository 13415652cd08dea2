/*
 * The stanzas that the program sends, as text.  Everything that is put into
 * them is escaped; TO may be NULL (our own account's server).
 */
#ifndef PP_WATCH_STANZA_H
#define PP_WATCH_STANZA_H

#include "base/buf.h"

/* Presence with the announcement of our features (XEP-0115); VER is its hash. */
void stanza_presence(struct buf *out, const char *ver);
void stanza_goodbye(struct buf *out);

void stanza_get_roster(struct buf *out, const char *id);

/* XEP-0060, section 6.5.8: the item called "current" of NODE. */
void stanza_get_item(struct buf *out, const char *id, const char *to, const char *node);

void stanza_ping(struct buf *out, const char *id, const char *to);

/* Answers.  NODE is the one asked for, or NULL. */
void stanza_result(struct buf *out, const char *id, const char *to);
void stanza_disco(struct buf *out, const char *id, const char *to, const char *node);
void stanza_version(struct buf *out, const char *id, const char *to, const char *version);

/* An error of type cancel; CONDITION is one of RFC 6120, section 8.3.3. */
void stanza_error(struct buf *out, const char *id, const char *to, const char *condition);

#endif
