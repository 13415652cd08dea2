/* An event notification (XEP-0163) of what a node holds, as we send one ourselves: to whom, and whether at this moment. */
#ifndef PP_CORE_OUTLETS_NOTIFICATION_H
#define PP_CORE_OUTLETS_NOTIFICATION_H

#include "core/outlets/state.h"

/* Greetings of one contact by all users, and of a user's own clients: so many at once, then one in this time. */
#define GREET_BURST 8
#define GREET_EVERY_MS 10000

/* May WHO be told what NODE of U holds?  Asked for each event, and again when it is sent. */
bool notification_allowed(const struct outlets *outlets, const struct user *u, int node, enum audience who);

/*
 * What NODE of U holds as an event that is about to be sent; but for its
 * recipient.  False: what was acknowledged is not what is true now, or it may
 * not be sent.
 */
bool notification_make(struct outlets *outlets, struct user *u, int node, enum audience who, struct action *act);

#endif
