/*
 * Answers to what others ask of us: results and errors.  Owns their form on the
 * wire; never decides which it is, or what may be told.  A command's reply is in
 * encode_command.h.
 */
#ifndef PP_WIRE_ENCODE_ANSWER_H
#define PP_WIRE_ENCODE_ANSWER_H

struct encoding;

/*
 * The result of an ACTION_ANSWER (XEP-0030, 0092, 0199, 0202, 0012).  Returns 0,
 * or ERR_INVALID as encode_iq() does and for a request that has no result.
 */
int encode_request_answer(struct encoding *e);

/* The error of an ACTION_ERROR (RFC 6120, section 8.3).  Returns as encode_iq() does. */
int encode_error(struct encoding *e);

#endif
