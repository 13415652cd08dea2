/*
 * The XEP-0114 stream as a machine: push bytes in, get stanzas out.  Owns where
 * the stream stands; never a socket, and never reads what a stanza says.
 * States: header sent -> header received -> handshake sent -> open -> closed.
 *
 * What comes in is bounded (base/limits.h): a stanza over a bound is skipped
 * to its end and counted, unless it is the large one that is waited for; a
 * DOCTYPE or an entity ends the stream; comments, processing instructions and
 * text between stanzas are ignored and counted (THREATS 14, 15).
 */
#ifndef PP_WIRE_STREAM_H
#define PP_WIRE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/xml.h"

enum stream_item {
	STREAM_NONE,
	STREAM_HEADER, /* the server's header came: see stream_id(), answer with stream_handshake() */
	STREAM_OPEN,   /* the handshake was accepted */
	STREAM_STANZA, /* stream_stanza() */
	/* as wire/parse.h has them, with what is given out in stream_stanza() */
	STREAM_LARGE, /* skipped, unless stream_admit() is called now */
	STREAM_PORTION,
	STREAM_LAST,
	STREAM_SKIPPED,
	STREAM_ERROR, /* <stream:error/>: stream_error(); the stream is dead after it */
	STREAM_END    /* </stream:stream> */
};

/* Since stream_new(), over all streams. */
struct stream_counts {
	uint64_t bytes;
	uint64_t stanzas; /* given out, to their ends */
	uint64_t skipped; /* over a bound, or with broken namespaces */
	uint64_t stray;	  /* comments, processing instructions, runs of text between stanzas */
};

struct stream;

/* DOMAIN is copied.  NULL when there is no memory. */
struct stream *stream_new(const char *domain);
void stream_free(struct stream *s); /* accepts NULL */

/* Forget everything and append our header to OUT.  Returns 0 or ERR_NOMEM. */
int stream_start(struct stream *s, struct buf *out);

/*
 * Take up to LEN bytes at DATA, stopping behind the first item; *USED says how
 * many were taken (all of them when 0 is returned).  Feed the rest in the next
 * call.  The item is valid until then.
 *
 * Returns 1 (*ITEM is set), 0 (more bytes needed), ERR_PROTOCOL (not XML, not a
 * component stream, or forbidden markup; stream_reason() says what) or ERR_NOMEM.
 * After these two, STREAM_ERROR and STREAM_END it returns ERR_PROTOCOL until
 * the next stream_start().
 */
int stream_push(struct stream *s, const char *data, size_t len, size_t *used, enum stream_item *item);

/* The `id` of the server's header, of which the digest is made (XEP-0114, section 3); "" before it. */
const char *stream_id(const struct stream *s);

/*
 * Append <handshake/> with DIGEST (lower-case hex of SHA-1(id + secret)).
 * Returns 0, ERR_NOMEM, ERR_LIMIT (OUT's bound) or ERR_INVALID (no header came yet).
 */
int stream_handshake(struct stream *s, const char *digest, struct buf *out);

/* Append </stream:stream>. */
void stream_close(struct stream *s, struct buf *out);

/* The stanza, or what there is of it; NULL after another item.  Any element below the root is one. */
const struct xml *stream_stanza(const struct stream *s);

/* After STREAM_LARGE: that stanza is waited for, and may be large. */
void stream_admit(struct stream *s);

/* The condition of <stream:error/> (RFC 6120, section 4.9.3) and its text, "" if none. */
const char *stream_error(const struct stream *s);
const char *stream_error_text(const struct stream *s);
/* What was wrong, in a few words, after ERR_PROTOCOL. */
const char *stream_reason(const struct stream *s);

const struct stream_counts *stream_counts(const struct stream *s);

#endif
