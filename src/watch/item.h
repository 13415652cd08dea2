/*
 * A pubsub answer (XEP-0060, section 6.5) or event payload to a set of devices.
 */
#ifndef PP_WATCH_ITEM_H
#define PP_WATCH_ITEM_H

#include "watch/board.h"
#include "watch/tree.h"

#define ITEM_ID "current"

/*
 * The set in the answer IQ (its <iq/> element) for NODE; LANG is the user's
 * language, two or three letters, or NULL.  Unknown elements, attributes and
 * values are passed over, and whatever exceeds the bounds of board.h.  The
 * devices come sorted by label.
 *
 * On success 0 and *SET, freed with board_set_free(); *SET is NULL if the node
 * holds no item.  ERR_INVALID: not an answer for that node; ERR_NOMEM.
 */
int item_parse(const struct tree *tree, void *iq, const char *node, const char *lang, struct board_set **set);

#endif
