/* Stanza to event: the only place that knows what incoming XML means. */
#ifndef PP_WIRE_DECODE_H
#define PP_WIRE_DECODE_H

#include "core/event.h"
#include "wire/xml.h"

struct decoder;

/* Scratch memory for prepared JIDs, rosters and forms; grows to a bound, is reused for each stanza. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);

enum decoded {
	DECODED_EVENT,	 /* EV is filled; its strings live until the next decode() or the next stanza */
	DECODED_NOTHING, /* means nothing to us; drop it */
	DECODED_REFUSE	 /* an IQ get or set that we can't read: EV is an EVENT_REQUEST of REQUEST_MALFORMED */
};

/* Returns an enum decoded, or ERR_NOMEM. */
int decode(struct decoder *d, const struct xml *stanza, struct event *ev);

/*
 * The same for what there is of a stanza that is too large, its BEGINNING
 * (wire/parse.h): of EXTENT_TOO_LARGE if it is an answer.  Of anything else
 * nothing can be said.
 */
int decode_beginning(struct decoder *d, const struct xml *beginning, struct event *ev);

/* The same for a portion, or with LAST the last one, of a roster. */
int decode_portion(struct decoder *d, const struct xml *portion, bool last, struct event *ev);

#endif
