/*
 * How often accounts are asked to be devices.  Who links and unlinks in a loop
 * would have us send a stranger requests without end: each account is asked
 * rarely, whoever wants it, and by the same user more rarely still, so that he
 * keeps no other from it; each user asks for no more than people have; and all
 * together leave the servers their peace.
 */
#ifndef PP_CORE_ASK_RATE_H
#define PP_CORE_ASK_RATE_H

#include "core/state.h"

/*
 * May U ask JID, a prepared bare JID, now?  Then that counts.  Otherwise
 * returns why not, in a sentence for people.
 */
const char *ask_rate_take(struct core *c, struct user *u, const char *jid);

#endif
