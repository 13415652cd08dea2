/*
 * Stanza to event: the only place that knows what incoming XML means, and the
 * only header of it that anybody outside src/wire includes.  Presence and
 * messages are read here, IQs by decode_answer.h and decode_request.h.  Owns the
 * event, and the decoder's life; never decides what follows from a stanza, and
 * never keeps one.
 */
#ifndef PP_WIRE_DECODE_H
#define PP_WIRE_DECODE_H

#include "core/event.h"
#include "wire/decoded.h"
#include "wire/xml.h"

struct decoder;

/* Scratch memory for prepared JIDs, rosters and forms; grows to a bound, is reused for each stanza. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);

/* Returns an enum decoded, or ERR_NOMEM. */
int decode(struct decoder *d, const struct xml *stanza, struct event *ev);

/*
 * The same, but for lists of addresses, a roster or a block list, which anybody may
 * send and which cost as much as all the rest of a stanza many times over: they are
 * empty in EV, and *MORE says that there is one.  Where it is waited for (core_awaits())
 * decode() has it.
 */
int decode_head(struct decoder *d, const struct xml *stanza, struct event *ev, bool *more);

/*
 * The same for what there is of a stanza that is too large, its BEGINNING
 * (wire/parse.h): of EXTENT_TOO_LARGE if it is an answer.  Of anything else
 * nothing can be said.
 */
int decode_beginning(struct decoder *d, const struct xml *beginning, struct event *ev);

/* The same for a portion, or with LAST the last one, of a roster. */
int decode_portion(struct decoder *d, const struct xml *portion, bool last, struct event *ev);

#endif
