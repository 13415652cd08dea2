/* What a roster has of a user's contacts and of her roster group, and what of it is put in force: for roster.c alone. */
#ifndef PP_CORE_SOURCES_ROSTER_ITEMS_H
#define PP_CORE_SOURCES_ROSTER_ITEMS_H

#include "core/model/contacts.h"
#include "core/sources/state.h"

/* The items of (a portion of) ROSTER, into R.  Returns 0, or ERR_NOMEM. */
int roster_take_items(struct sources *sources, struct reading *r, const struct roster_event *roster);

/* All of it has been read: U's contacts are those of R, and who is in her group and wasn't asked yet is.  The same. */
int roster_put_in_force(struct sources *sources, struct user *u, struct reading *r);

#endif
