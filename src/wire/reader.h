/*
 * The text of one element to its tree: by wire/plain.h if it is plain, as almost
 * all are, otherwise by expat, which is made anew from time to time, because it
 * remembers every name that it ever saw.  Owns expat and the tree's memory;
 * never looks for where an element ends, and never keeps its text.
 */
#ifndef PP_WIRE_READER_H
#define PP_WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "wire/xml.h"

struct XML_ParserStruct;
struct piece;

/* An element that has begun. */
struct reader_frame {
	struct xml *x;
	struct xml *last; /* child */
	struct piece *first, *tail;
	size_t nslen;
};

/* A zeroed one has had no header; all but the private part is for reading. */
struct reader {
	struct xml *root;	/* name and attributes; NULL before the header */
	const char *default_ns; /* that the root declares; NULL: none */
	struct xml *element;	/* the last one read; NULL: it could not be */
	const char *reason;	/* of the last ERR_PROTOCOL */

	/* private */
	struct XML_ParserStruct *expat;
	struct buf header;    /* as it came, for each new expat */
	struct arena lasting; /* of the header's tree */
	struct arena arena;   /* of the element's */
	struct reader_frame frames[STANZA_DEPTH_MAX];
	size_t depth; /* frames in use */
	bool opened;  /* this expat has had the header */
	size_t fed;   /* bytes, since expat was new */
};

/* The root's start tag and what is before it.  Returns 0, ERR_PROTOCOL or ERR_NOMEM. */
int reader_header(struct reader *r, const char *data, size_t len);

/*
 * An element below the root, whole, from its `<` to its last `>`.  Returns 1
 * (`element` is it, until the next call), 0 (unbound or misused namespace
 * prefixes), ERR_LIMIT (its tree would be too large), ERR_PROTOCOL (not XML) or
 * ERR_NOMEM; after these two nothing can be read any more.
 */
int reader_element(struct reader *r, const char *data, size_t len);

/* Frees everything; R is as a zeroed one after. */
void reader_clear(struct reader *r);

#endif
