/*
 * Action to stanza: the only place that writes stanzas of the component, and the
 * only header of it that anybody outside src/wire includes.  Presence, messages
 * and IQs without content are written here, the others by the files beside this.
 * Owns whether a stanza is whole: half of one is never left behind.  Never
 * decides what is sent.
 */
#ifndef PP_WIRE_ENCODE_H
#define PP_WIRE_ENCODE_H

#include "base/buf.h"
#include "core/action.h"
#include "wire/encode_identity.h"

/*
 * Append the stanza of ACT to OUT.  Returns 0, ERR_NOMEM, ERR_LIMIT (larger
 * than STANZA_OUT_MAX) or ERR_INVALID (ACT is not a stanza); on failure OUT is
 * as it was.
 */
int encode(const struct encode_identity *id, const struct action *act, struct buf *out);

#endif
