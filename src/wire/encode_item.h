/*
 * The payload of an item, doc/protocol.md's <devices/>.  Owns its form on the
 * wire; never decides what is in it, and never knows which node or stanza it is
 * for: whether it is the private one is in the item itself.
 */
#ifndef PP_WIRE_ENCODE_ITEM_H
#define PP_WIRE_ENCODE_ITEM_H

#include "core/action.h"

struct writer;

/* Append <devices/>, whole; what goes wrong the writer keeps. */
void encode_devices(struct writer *w, const struct item *item);

#endif
