/* A user has USER_DEVICES_MAX places: who makes room for one more device. */
#ifndef PP_CORE_CONSENT_PLACE_H
#define PP_CORE_CONSENT_PLACE_H

#include "core/consent/state.h"

/*
 * D has ended, and nothing of it is still to be written: only then may its row
 * go, or the end would be lost with it.
 */
bool place_forgettable(const struct device *d);

/*
 * A place for one more: if there is none left, that of the resource that has been
 * gone longest, of the oldest tombstone, or of what was edited and is gone.  If there
 * can be none, device_add() will say so.
 */
void place_make(struct consent *consent, struct user *u);

/* Is there one, or would somebody make room? */
bool place_is_to_be_had(const struct consent *consent, struct user *u);

/*
 * ROW, which is about to be loaded, has had to make room: its deletion was lost.  It is
 * one that has ended, or a resource that was edited to be shown to all.  Then it is
 * to be deleted once more.
 */
bool place_is_over(const struct user *u, const struct device_record *row);

/* The row of PRIMARY with this id goes.  Nothing waits for that: if it doesn't, it is over at the next start.  False: no memory. */
bool place_forget(struct consent *consent, const char *primary, const char *id);

#endif
