/* Action to stanza: the only place that writes stanzas of the component. */
#ifndef PP_WIRE_ENCODE_H
#define PP_WIRE_ENCODE_H

#include "base/buf.h"
#include "core/action.h"

struct encode_identity {
	const char *domain; /* our own: `from` of privileged stanzas */
	const char *name;   /* XEP-0092 */
	const char *version;
	const char *os; /* NULL: not told */
};

/*
 * Append the stanza of ACT to OUT.  Returns 0, ERR_NOMEM, ERR_LIMIT (larger
 * than STANZA_OUT_MAX) or ERR_INVALID (ACT is not a stanza); on failure OUT is
 * as it was.
 */
int encode(const struct encode_identity *id, const struct action *act, struct buf *out);

/* Append only <devices/>, the payload of the item; PRIVATE or not is in the item itself. */
struct writer;
void encode_devices(struct writer *w, const struct item *item);

#endif
