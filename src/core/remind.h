/*
 * The question for the yes of a linked account (chat.h) may have been lost:
 * servers may drop, or bounce, messages of strangers, and take them from a
 * contact.  So it is asked again when the account has accepted the request, but
 * ASK_APART_MS after the first one at the soonest: two that come together are
 * one too many for who got both.  One that came back is asked again at once
 * then; or, of who has accepted already, when the account is heard of.
 *
 * Nobody is asked so whose link is not waiting, and no account more often than
 * ask_rate.h allows; nor while U's turn on this stream has not come, or her own
 * approval is in doubt.
 */
#ifndef PP_CORE_REMIND_H
#define PP_CORE_REMIND_H

#include "core/state.h"

/* The account of D has accepted, which is durable now, and its yes is missing. */
void remind_approved(struct core *c, struct user *u, struct device *d);

/* The question to D's account came back. */
void remind_bounced(struct core *c, struct user *u, struct device *d);

/* D's account, whose link still waits, is available. */
void remind_heard(struct core *c, struct user *u, struct device *d);

/* When remind_due() is to be called for U, on the monotonic clock. */
uint64_t remind_deadline(const struct core *c, const struct user *u);
void remind_due(struct core *c, struct user *u);

#endif
