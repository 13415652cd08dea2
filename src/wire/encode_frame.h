/*
 * What stanzas are written in: their addresses, the <iq/> around a request or an
 * answer, the privileged one around that.  Owns `struct encoding', what all files
 * of the encoder write with; never knows what an action's content is.
 *
 * Those who write content return 0 or ERR_INVALID, and leave the rest to the
 * writer: what went wrong there, writer_end() tells.  After ERR_INVALID something
 * may be open: encode() undoes all of it.
 */
#ifndef PP_WIRE_ENCODE_FRAME_H
#define PP_WIRE_ENCODE_FRAME_H

#include "core/action.h"
#include "wire/encode_identity.h"
#include "wire/write.h"

struct encoding {
	struct writer w;
	const struct encode_identity *id; /* borrowed */
	const struct action *act;	  /* borrowed */
	struct buf text;		  /* encode_text() */
};

/*
 * The attributes `to' and `from' of the stanza that was just opened; `from' is
 * our domain if the action has none (XEP-0114).  Returns 0, or ERR_INVALID if
 * TO is nobody.
 */
int encode_addresses(struct encoding *e, const struct address *to);

/* Open <iq/> of TYPE with the addresses of the action.  Returns 0, or ERR_INVALID without an id or a `to'. */
int encode_iq(struct encoding *e, const char *type);

/*
 * Open <iq/> of TYPE to the owner of the node, in the way of the action
 * (XEP-0356, section 4.4); encode_end() closes all of it.  Returns 0, or
 * ERR_INVALID without an id or an owner, or with one too long to be an address.
 */
int encode_pep(struct encoding *e, const char *type);

/* T as its reader gets it, until the next one; NULL for TEXT_NONE.  Without memory e->text has failed. */
const char *encode_text(struct encoding *e, const struct text *t);

/* Close whatever is open. */
void encode_end(struct encoding *e);

/* <field var=VAR type=TYPE><value>VALUE</value></field> of a form (XEP-0004); TYPE may be NULL, as may VALUE. */
void encode_field(struct writer *w, const char *var, const char *type, const char *value);

#endif
