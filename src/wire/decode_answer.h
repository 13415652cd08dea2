/*
 * IQs that answer one of ours: results, errors, and privileged requests that
 * came back.  Owns what an answer's payload means; never knows what was asked,
 * or whether anything was: the core compares id and sender.
 */
#ifndef PP_WIRE_DECODE_ANSWER_H
#define PP_WIRE_DECODE_ANSWER_H

#include "core/event.h"
#include "wire/xml.h"

struct decoder;

/*
 * IQ, which has an id, as an EVENT_ANSWER; PRIVILEGE is the one in it
 * (decode_privilege.h), or NULL.  An answer too large for the decoder is one, as
 * decode_too_large() leaves it.  Returns DECODED_EVENT or ERR_NOMEM.
 */
int decode_answer(struct decoder *d, const struct xml *iq, const struct xml *privilege, struct event *ev);

/* A is the answer of which only the beginning is known: of EXTENT_TOO_LARGE, an error without any lists. */
void decode_too_large(struct answer_event *a);

#endif
