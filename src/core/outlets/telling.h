/*
 * Who is still to be told what a node holds: a mark on each contact, and users
 * in turn.  A user with many contacts tells a portion of them and then rests for
 * a moment, so that others, and all that is not an event, aren't held up behind
 * hers; what waits takes no memory, so nothing has to be dropped.
 *
 * The rules of delivery.h are looked at for each event when it is sent: what is
 * acknowledged must be what is true, and the roster fresh.
 */
#ifndef PP_CORE_OUTLETS_TELLING_H
#define PP_CORE_OUTLETS_TELLING_H

#include "core/outlets/state.h"

/* user->telling */
enum {
	TELLING_NOT,
	TELLING_TURN,
	TELLING_RESTS
};

/* All contacts of U are to be told, or K, but for those whom she blocks; or her own clients, of NODE. */
void telling_all(struct outlets *outlets, struct user *u);
void telling_one(struct outlets *outlets, struct contact *k);
void telling_own(struct outlets *outlets, struct user *u, int node);

/* What waits for U's contacts is outdated. */
void telling_outdated(struct user *u);

/* K is no contact any more, or blocked. */
void telling_gone(struct contact *k);

/* U's roster has come: who waited for it is told now. */
void telling_go_on(struct outlets *outlets, struct user *u);

/* The next event to send. */
bool telling_next(struct outlets *outlets, struct action *act);

/* Those whose rest is over take turns again. */
uint64_t telling_deadline(const struct outlets *outlets);
void telling_due(struct outlets *outlets);

/* The program is about to stop: nobody rests any more. */
void telling_hurry(struct outlets *outlets);

/* Nothing of U is to be told any more. */
void telling_forget(struct outlets *outlets, struct user *u);

#endif
