/* A user has USER_DEVICES_MAX places: who makes room for one more device. */
#ifndef PP_CORE_CONSENT_PLACE_H
#define PP_CORE_CONSENT_PLACE_H

#include "core/model/state.h"

/*
 * D has ended, and nothing of it is still to be written: only then may its row
 * go, or the end would be lost with it.
 */
bool place_forgettable(const struct core *c, const struct device *d);

/*
 * A place for one more: if there is none left, that of the resource that has been
 * gone longest, of the oldest tombstone, or of what was edited and is gone.  If there
 * can be none, device_add() will say so.
 */
void place_make(struct core *c, struct user *u);

#endif
