/*
 * The one writer of XML.  Escapes everything, removes what XML 1.0 forbids
 * (THREATS 16): whatever strings go in, what comes out is well-formed.  Owns what
 * is open; never knows what it writes about, and never leaves half of it.
 *
 *	struct writer w;
 *	writer_init(&w, out);
 *	write_open(&w, "iq");
 *	write_attr(&w, "to", jid);
 *	write_open_ns(&w, "query", NS_ROSTER);
 *	write_close(&w);
 *	write_close(&w);
 *	if (writer_end(&w) != 0) ...
 */
#ifndef PP_WIRE_WRITE_H
#define PP_WIRE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WRITER_DEPTH_MAX 16

struct writer {
	struct buf *out;
	size_t start; /* length of OUT at init */
	const char *open[WRITER_DEPTH_MAX];
	size_t depth;
	bool tag_open;	 /* `>` of the last start tag is still to come */
	bool misused;	 /* opened too deep, closed too often, an attribute where none can be */
	bool was_failed; /* OUT, before we began */
};

void writer_init(struct writer *w, struct buf *out);

/* NAME is borrowed until its write_close(); names and namespaces are ours, never a peer's. */
void write_open(struct writer *w, const char *name);
void write_open_ns(struct writer *w, const char *name, const char *ns);
/* Only right after write_open(); a NULL value writes nothing. */
void write_attr(struct writer *w, const char *name, const char *value);
/* A bare JID and a resource, which may be NULL, as one value; a NULL BARE writes nothing. */
void write_attr_jid(struct writer *w, const char *name, const char *bare, const char *resource);
void write_attr_u(struct writer *w, const char *name, uint64_t value);
void write_text(struct writer *w, const char *text);
void write_close(struct writer *w);
/* <name>text</name>; nothing at all for a NULL text. */
void write_element(struct writer *w, const char *name, const char *text);

/*
 * 0, or ERR_NOMEM, ERR_LIMIT (OUT's own bound) or ERR_INVALID (the calls don't
 * match: something is still open, ...): then OUT is as it was at init.
 */
int writer_end(struct writer *w);

/*
 * Append S as a text or an attribute's value, whichever quotes are around it:
 * escaped, without what XML 1.0, section 2.2 forbids and without bytes that
 * are not UTF-8.
 */
void write_escaped(struct buf *out, const char *s);

#endif
