/*
 * The one connection to the server: connects, shakes hands (XEP-0114), watches
 * over it and connects again.  Who owns it pulls what came in with link_next()
 * and appends what is to go out to link_output(); the event loop only wakes it.
 *
 * Liveness (F5, F6): connecting, the server's header and the handshake have a
 * deadline each; the kernel gives up what it can't deliver in 30 s; and when
 * nothing has come for ping_ms the server is sent a XEP-0199 ping to a resource
 * of our own domain, which it routes back to us (an IQ to a bare domain would be
 * dropped by some).  Once a ping has come back, a silence of dead_ms ends the
 * stream.  When nothing has been sent for say_ms a blank is.
 *
 * What has not been sent when a connection ends is dropped: nothing is carried
 * over to the next stream.
 */
#ifndef PP_SYS_LINK_H
#define PP_SYS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "sys/link_values.h"
#include "sys/outqueue.h"
#include "wire/stream.h"

/* link_can_send() says no above the high mark, until the low one is reached. */
#define LINK_HIGH_WATER OUTQUEUE_HIGH_WATER
#define LINK_LOW_WATER OUTQUEUE_LOW_WATER

struct event_base;
struct link;

void link_times_default(struct link_times *t);

/* What CONF points to, and BASE, must live longer.  Returns NULL when there is no memory. */
struct link *link_new(struct event_base *base, const struct link_conf *conf, const struct link_times *times);

/* Closes without a word.  Accepts NULL. */
void link_free(struct link *l);

/*
 * Take over another configuration, whose domain must be the same; the one before
 * is needed no longer after.  If the server is another one the link is lost and
 * made anew.  A link that waits for its next attempt makes it within a second.
 */
void link_configure(struct link *l, const struct link_conf *conf);

/*
 * Give the connection up, if there is one, and make another; WHY is for people.
 * WANTED: no failure, which the next attempt would wait longer after.
 */
void link_reconnect(struct link *l, const char *why, bool wanted);

/* Connect as soon as the loop runs. */
void link_start(struct link *l);

/* Close the stream politely, and for good: ends with LINK_DOWN of REASON_STOPPED. */
void link_stop(struct link *l);

enum link_item {
	LINK_NOTHING, /* until the loop has run again: also in the middle of much that is skipped */
	LINK_UP,      /* the handshake was accepted */
	LINK_STANZA,  /* link_stanza(), valid until the next link_ call */
	LINK_LARGE, /* likewise what there is of it, as wire/stream.h says; skipped, unless link_admit() is called now */
	LINK_PORTION,
	LINK_LAST,
	LINK_SKIPPED,
	LINK_DOWN /* no connection was made, or it is gone: link_failure() */
};

/*
 * What came in next.  A caller who doesn't ask stops the reading, and with it
 * the server.
 */
enum link_item link_next(struct link *l);

const struct xml *link_stanza(const struct link *l);

/* After LINK_LARGE: that stanza is waited for. */
void link_admit(struct link *l);

void link_failure(const struct link *l, struct link_failure *out);

/* There may be more to take by link_next() without waiting. */
bool link_has_input(const struct link *l);

bool link_is_up(const struct link *l);

/* Is up, and below the high-water mark. */
bool link_can_send(const struct link *l);

/* Append whole stanzas here while link_can_send(), then link_flush(). */
struct buf *link_output(struct link *l);
void link_flush(struct link *l);

/* Bytes that wait to be sent. */
size_t link_queued(const struct link *l);

/* Of the streams so far. */
const struct stream_counts *link_counts(const struct link *l);

#endif
