/*
 * IQs that ask something of us: commands with their forms, roster pushes,
 * queries.  Owns what can't be read and what is said to that; never answers, and
 * never knows who may ask.
 */
#ifndef PP_WIRE_DECODE_REQUEST_H
#define PP_WIRE_DECODE_REQUEST_H

#include "core/event.h"
#include "wire/xml.h"

struct decoder;

/*
 * IQ, of type get or set and with an id, as an EVENT_COMMAND, EVENT_ROSTER_PUSH
 * or EVENT_REQUEST (RFC 6120, section 8.2.3; XEP-0050; RFC 6121, section 2.1.6).
 * Returns DECODED_EVENT, DECODED_REFUSE or ERR_NOMEM.
 */
int decode_request(struct decoder *d, const struct xml *iq, struct event *ev);

#endif
