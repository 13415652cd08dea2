/* What a user's nodes are to hold: computed from what is known now. */
#ifndef PP_CORE_VIEW_ITEM_H
#define PP_CORE_VIEW_ITEM_H

#include "core/view/state.h"

/*
 * The item of NODE_PUBLIC or NODE_PRIVATE, the latter empty where the public
 * one says it all; its arrays are the core's scratch, valid until the next
 * item_compute().
 */
void item_compute(struct view *view, const struct user *u, int node, struct item *out);

/*
 * What decides whether an item changed: everything in it but the times and the
 * last tie-break of `preferred`, and by which settings it is published (how
 * long it is to stand, who may see it).  Never 0.
 */
uint64_t item_digest(const struct view *view, const struct user *u, int node, const struct item *item);

/* Would the private node show more than the public one? */
bool item_differs(const struct view *view, const struct user *u);

/* The scratch: 0 or ERR_NOMEM. */
int item_init(struct view *view);
void item_clear(struct view *view);

#endif
