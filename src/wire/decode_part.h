/*
 * Parts that stanzas of several kinds have in common: an <error/>, an address,
 * a roster.  Owns the decoder's memory, and how it is handed out; never knows
 * what kind of stanza a part is of, and never makes an event.
 *
 * What is given out lives as the decoder says (decode.h): in its memory until
 * the next decode(), or in the stanza itself.
 */
#ifndef PP_WIRE_DECODE_PART_H
#define PP_WIRE_DECODE_PART_H

#include <stddef.h>

#include "base/arena.h"
#include "base/jid.h"
#include "base/limits.h"
#include "core/event.h"
#include "wire/xml.h"

struct decoder {
	struct jid from;
	struct jid to;
	struct jid other; /* of the moment */
	char status[STATUS_BYTES_MAX + 1];
	struct arena arena; /* all that is given out; its status says what went wrong */
	bool sparing;	    /* lists of addresses are left unread, */
	bool left;	    /* and there is one */
};

/* A list of addresses is next: true, and noted, if it is to be left unread. */
bool decode_leaves(struct decoder *d);

/* Zeroed memory for N things of SIZE bytes; NULL: arena.status says why. */
void *decode_array(struct decoder *d, size_t n, size_t size);

/*
 * The condition of the <error/> in STANZA (RFC 6120, section 8.3), COND_UNDEFINED
 * without one.  APP and TEXT, either of which may be NULL, come as APP_NONE and
 * NULL, and are set to what there is besides: the first condition of XEP-0050 or
 * XEP-0060, the first text, which lives in the stanza.
 */
enum condition decode_error(const struct xml *stanza, enum app_condition *app, const char **text);

/*
 * S, which may be NULL, as an address without resource, prepared (RFC 7622): S
 * itself if it is that already.  NULL: it is none, or arena.status says why.
 */
const char *decode_bare(struct decoder *d, const char *s);

/*
 * The items of <query xmlns='jabber:iq:roster'/> (RFC 6121, section 2.1); those
 * without a readable bare JID are left out.  Returns 0, or ERR_NOMEM or
 * ERR_LIMIT: then OUT may have lost some, and stands for nothing.
 */
int decode_roster(struct decoder *d, const struct xml *query, struct roster_event *out);

#endif
