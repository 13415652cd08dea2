/*
 * What is asked again because it may have been lost, or has been forgotten.
 *
 * The question for the yes of a linked account (chat.h): servers may drop, or
 * bounce, messages of strangers, and take them from a contact.  So it is asked
 * again when the account has accepted the request, but ASK_APART_MS after the
 * first one at the soonest: two that come together are one too many for who got
 * both.  One that came back is asked again at once then; or, of who has
 * accepted already, when the account is heard of.
 *
 * What a link waits for, or a user's own approval: a request to an account that
 * is not there yet is lost, and no server tells.  It is asked again a day and a
 * week after the first time, and then the user is told that there was no
 * answer.  No row says how far that has come: what passes by while the program
 * isn't running, or by a clock that is set, is passed over, so that nobody is
 * told twice.
 *
 * Of a link that is active only more people can be asked for, which nobody is
 * reminded of.  Requests, and what is sent because an account is heard of, count
 * for ask_rate.h.  Nobody is asked while U's turn on this stream has not come, or her own
 * approval is in doubt.
 */
#ifndef PP_CORE_CONSENT_REMIND_H
#define PP_CORE_CONSENT_REMIND_H

#include "core/consent/state.h"

/* The settings let contacts see what they didn't: U's linked accounts that have not agreed to that are asked. */
void remind_wider(struct consent *consent, struct user *u);

/*
 * It is known who has the names of U's devices (MARK_PROVED): what is shown to fewer than it is to be, since the settings
 * were others or the question was lost with the program before, is asked for once.
 */
void remind_proved(struct consent *consent, struct user *u);

/* D has answered when it wasn't known yet who has its name: it is asked again when that is. */
void remind_unproved(struct consent *consent, struct user *u, struct device *d);

/* The account of D has accepted, which is durable now, and its yes is missing. */
void remind_approved(struct consent *consent, struct user *u, struct device *d);

/* The question to D's account came back. */
void remind_bounced(struct consent *consent, struct user *u, struct device *d);

/* D's account is available. */
void remind_heard(struct consent *consent, struct user *u, struct device *d);

/* How many of the times at which somebody is asked again have passed for what was first asked at CREATED_MS. */
uint8_t remind_passed(const struct consent *consent, int64_t created_ms);

/* The wall clock was set: what has passed by that is passed over. */
void remind_clock_set(struct consent *consent, struct user *u);

/* When remind_due() is to be called for U, on the monotonic clock. */
uint64_t remind_deadline(const struct consent *consent, const struct user *u);
void remind_due(struct consent *consent, struct user *u);

#endif
