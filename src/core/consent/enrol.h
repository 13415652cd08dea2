/*
 * A user: she enrols, accepts the request of her bridge, leaves; and whoever may have
 * come after her begins with nothing.
 */
#ifndef PP_CORE_CONSENT_ENROL_H
#define PP_CORE_CONSENT_ENROL_H

#include "core/consent/state.h"

struct reply;

/* Enrol PRIMARY, or say why not in *WHY. */
int enrol_ask(struct consent *consent, const char *primary, struct reply *reply, enum text_id *why);

/*
 * The user has accepted the request of her bridge, for the first time.  What is void
 * (verify.h) ends with that, and she begins with nothing: but for who had accepted
 * it under the component's former name, a week ago at most.
 */
void enrol_accepted(struct consent *consent, struct user *u);

/* She wants what she can't do before she accepts it: it is sent again, if it may have been lost, within ask_rate.h. */
void enrol_invite(struct consent *consent, struct user *u);

/* The user, who isn't leaving yet, leaves: by command or by removing the bridge contact. */
void enrol_leave(struct consent *consent, struct user *u, struct reply *reply);

/*
 * U's account, which may be another's by now, enrols again: all that was is ended, and
 * when it is gone it begins with nothing.  REPLY (owned from here on, or NULL) is the
 * command that waits.
 */
void enrol_begin_anew(struct consent *consent, struct user *u, struct reply *reply);

/* What that waits for can't be written for now: the command is answered, and the rest is done later. */
void enrol_unwritten(struct consent *consent, struct user *u);

/* U has just been made from ROW. */
void enrol_loaded(struct consent *consent, struct user *u, const struct user_record *row);

/* The command that waits for U, whose account enrols again, for the caller to keep; NULL: none. */
struct reply *enrol_take_reply(struct user *u);

#endif
