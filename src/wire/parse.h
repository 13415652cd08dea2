/*
 * Push parser of an XML stream: bytes in; its header, the elements below the
 * root as bounded trees, and its end out.  Owns what is held of a part that has
 * not all come, and what the stream died of; never knows what an element means.
 *
 * An element over a bound of base/limits.h, or with unbound or misused
 * namespace prefixes, is skipped to its end and counted; it takes no memory
 * however long it is.  An element is read (wire/reader.h) only when all of it is
 * here and within bounds.
 *
 * Of one that is too large its beginning is given out, so that who waits for it
 * can be told; and if the caller says that just this one is expected, all of
 * it, in portions that are bounded in turn, up to a bound of its own.
 */
#ifndef PP_WIRE_PARSE_H
#define PP_WIRE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/xml.h"

enum parser_item {
	PARSER_NONE,
	PARSER_HEADER,	/* parser_header() */
	PARSER_ELEMENT, /* parser_element() */
	PARSER_LARGE,	/* an element passed the bounds: it is skipped, unless parser_admit() is called now */
	PARSER_PORTION, /* some of one that was admitted; more comes */
	PARSER_LAST,	/* the rest of it */
	PARSER_SKIPPED, /* the rest of an element is skipped, and can't be admitted */
	PARSER_END	/* the root's end tag; nothing is read after it */
};

struct parser_counts {
	uint64_t bytes;	   /* read */
	uint64_t elements; /* given out, to their ends */
	uint64_t skipped;  /* elements over a bound */
	uint64_t stray;	   /* comments, processing instructions, text between the elements */
};

struct parser;

/* NULL when there is no memory. */
struct parser *parser_new(void);
void parser_free(struct parser *p); /* accepts NULL */

/* Back to the beginning of a stream; the counts go on. */
void parser_reset(struct parser *p);

/*
 * Take up to LEN bytes at DATA, stopping behind the first item; *USED says how
 * many (all of them when 0 is returned).
 *
 * Returns 1 (*ITEM is set and valid until the next call), 0 (more bytes
 * needed), ERR_PROTOCOL (parser_reason() says why) or ERR_NOMEM; after these
 * two it returns the same again until it is reset.
 */
int parser_push(struct parser *p, const char *data, size_t len, size_t *used, enum parser_item *item);

/* After PARSER_LARGE: let that element be as large as a roster (ROSTER_BYTES_MAX, ROSTER_ELEMENTS_MAX). */
void parser_admit(struct parser *p);

/* The root: its name and attributes, no children; NULL before PARSER_HEADER. */
const struct xml *parser_header(const struct parser *p);

/* The default namespace that the root declares; "" if none. */
const char *parser_default_ns(const struct parser *p);

/*
 * The element just given out; NULL if the last call gave none.  Of
 * PARSER_LARGE and PARSER_SKIPPED its name and attributes, and those of its
 * first child if it is known and has contents, and nothing else; of
 * PARSER_PORTION and PARSER_LAST these two and those of the first child's
 * children that are in the portion.  Anything behind the first child is in the
 * last one.
 */
const struct xml *parser_element(const struct parser *p);

const char *parser_reason(const struct parser *p);
const struct parser_counts *parser_counts(const struct parser *p);

#endif
