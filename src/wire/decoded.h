/*
 * What became of a stanza, in one word.  Owns the word alone: what a stanza
 * says is in the event, and nothing here reads one.
 */
#ifndef PP_WIRE_DECODED_H
#define PP_WIRE_DECODED_H

enum decoded {
	DECODED_EVENT,	 /* EV is filled; its strings live until the next decode() or the next stanza */
	DECODED_NOTHING, /* means nothing to us; drop it */
	DECODED_REFUSE	 /* an IQ get or set that we can't read: EV is an EVENT_REQUEST of REQUEST_MALFORMED */
};

#endif
