/*
 * Where the parts of an XML stream begin and end: its header, the elements
 * below the root, its end tag.  Owns the count of what goes by and never keeps
 * any of it, so that a part can be refused before anything is built of it
 * (THREATS 14, 15).
 *
 * It is exact for well-formed XML; what isn't is found by expat, which gets
 * every part that is not refused.  Comments, processing instructions and text
 * between the parts are passed over.
 *
 * A part can be cut further where that keeps its meaning: behind each child of
 * its first child, a roster's items for example.
 */
#ifndef PP_WIRE_SCAN_H
#define PP_WIRE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_found {
	SCAN_MORE,    /* everything was read, no part ended */
	SCAN_OVER,    /* a start tag that passes `elements_max`, or made the part wild */
	SCAN_CHILD,   /* with `cut`: a child of the part's first child, whole; the part goes on */
	SCAN_HEADER,  /* the root's start tag */
	SCAN_ELEMENT, /* an element below the root, whole */
	SCAN_END,     /* the root's end tag */
	SCAN_BAD      /* `reason` says why it can't go on */
};

/* A zeroed one is at the beginning of a stream; all but the first and the private part is for reading. */
struct scan {
	/* for writing */
	size_t elements_max; /* of a part, for SCAN_OVER; 0: there is no such bound, nor is it said that it is wild */
	bool cut;

	bool inside; /* a part has begun and not ended */
	bool began;  /* it did so in what the last call read, at `start`; otherwise `start` is 0 */
	size_t start;
	size_t bytes;	 /* of the part so far */
	size_t elements; /* of the part so far, by their start tags */
	bool wild;	 /* it passed STANZA_DEPTH_MAX, STANZA_ATTRS_MAX or TAG_BYTES_MAX */
	size_t top;	 /* where its own start tag ends; 0: it has not, or was wild */
	size_t child;	 /* where that of its first child begins and ends; 0: likewise, or it is an empty one */
	size_t child_end;
	uint64_t stray; /* comments, processing instructions, runs of text between the parts */
	const char *reason;

	/* private */
	unsigned char state;
	char quote;
	bool straying;
	unsigned matched; /* characters of a delimiter */
	size_t depth;	  /* open elements, the root among them */
	size_t attrs;	  /* of the current tag */
	size_t tag;	  /* where it began in the part */
	bool past;	  /* the first child has ended */
};

/* A single tag is never longer, not even in a roster: expat keeps a prefixed attribute's namespace for each. */
#define TAG_BYTES_MAX (64 * 1024)

/*
 * Read up to LEN bytes at DATA, to behind the first thing found; *USED says
 * how many.  What is said of a part that ended stands until the next call.
 */
enum scan_found scan(struct scan *s, const char *data, size_t len, size_t *used);

#endif
