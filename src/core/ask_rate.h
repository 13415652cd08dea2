/*
 * How often accounts are asked to be devices, and how often they enrol.  Who links and unlinks in a loop
 * would have us send a stranger requests without end: each account is asked
 * rarely, whoever wants it, and by the same user more rarely still, so that he
 * keeps no other from it; each user asks for no more than people have; and all
 * together leave the servers their peace.
 */
#ifndef PP_CORE_ASK_RATE_H
#define PP_CORE_ASK_RATE_H

#include "core/state.h"

/* Why U may not ask JID, a prepared bare JID, at this moment; TEXT_NONE: he may. */
enum text_id ask_rate_refuses(struct core *c, const struct user *u, const char *jid);

/* He does. */
void ask_rate_note(struct core *c, const struct user *u, const char *jid);

/*
 * Why PRIMARY may not enrol, or TEXT_NONE: he who enrols and leaves in a loop would
 * have all that is bounded for a user begin anew each time, requests for her
 * roster, publishes, lines of the log.  It is leaving that counts, so that many
 * who enrol for the first time don't take it from each other.
 */
enum text_id ask_rate_refuses_enrolment(struct core *c, const char *primary);
void ask_rate_left(struct core *c, const struct user *u);

#endif
