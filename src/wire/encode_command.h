/*
 * Replies to commands (XEP-0050), with their forms (XEP-0004).  Owns how a form
 * is written; never what it asks or says: that is core/talk/command_form.c's.
 */
#ifndef PP_WIRE_ENCODE_COMMAND_H
#define PP_WIRE_ENCODE_COMMAND_H

struct encoding;

/* The result of an ACTION_COMMAND_REPLY.  Returns 0, or ERR_INVALID without a node and as encode_iq() does. */
int encode_command_reply(struct encoding *e);

#endif
