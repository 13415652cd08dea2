/*
 * How often accounts are asked to be devices, and how often they enrol.  Who links and unlinks in a loop
 * would have us send a stranger requests without end: each account is asked
 * rarely, whoever wants it, and by the same user more rarely still; each user
 * asks for no more than people have; and all together leave the servers their
 * peace.
 *
 * Several users would still keep all others from an account, by taking whatever
 * it can be asked as soon as it can.  So of an account's rate half is for those
 * who have not had it asked within the hour; and who of them comes too late is
 * put in its line: for half an hour there is room for him, behind those who were
 * in it before, which is in ten minutes at most.  He isn't called; he asks again.
 * A user's own request, which is asked for by nobody else, is no part of that.
 */
#ifndef PP_CORE_CONSENT_ASK_RATE_H
#define PP_CORE_CONSENT_ASK_RATE_H

#include "core/consent/state.h"

/*
 * Why U may not ask JID, a prepared bare JID (or her own, by her request), at this moment; TEXT_NONE: he may.
 * If it is for others who asked it, he is in its line then, as long as there is a place: so this is asked
 * last, when nothing else refuses him.
 */
enum text_id ask_rate_refuses(struct consent *consent, const struct user *u, const char *jid);

/* He does. */
void ask_rate_note(struct consent *consent, const struct user *u, const char *jid);

/* The question to JID for U named fewer than all her contacts; was there one within the hour, whatever has ended since?
 * Where nothing more can be noted (ask_book.h) it is not known: then there was none. */
void ask_rate_named_few(struct consent *consent, const struct user *u, const char *jid);
bool ask_rate_has_named_few(struct consent *consent, const struct user *u, const char *jid);

/*
 * Why PRIMARY may not enrol, or TEXT_NONE: he who enrols and leaves in a loop would
 * have all that is bounded for a user begin anew each time, requests for her
 * roster, publishes, lines of the log.  It is leaving that counts, so that many
 * who enrol for the first time don't take it from each other.
 */
enum text_id ask_rate_refuses_enrolment(struct consent *consent, const char *primary);
void ask_rate_left(struct consent *consent, const struct user *u);

#endif
