/*
 * What is said to the accounts of those who are asked: a user's own, and those that
 * are to be her devices.
 */
#ifndef PP_CORE_CONSENT_INVITE_H
#define PP_CORE_CONSENT_INVITE_H

#include "core/consent/state.h"

/* The requests; sent (again) after a start of the program. */
void invite_user(struct consent *consent, struct user *u);
void invite_account(struct consent *consent, struct user *u, struct device *d);

/* The question for its yes; sent with the request, and again as remind.h says. */
void invite_question(struct consent *consent, struct user *u, struct device *d);

/*
 * Being linked makes nobody an audience.  An account that asks to see the
 * bridge is refused, once for each stream.  What an earlier version approved,
 * perhaps in a link that has ended since, is taken back, once for each row:
 * true if that was said now.  It is noted as done when the account is heard
 * later on the same stream (with told_s set, noting not).  Our own subscription to the
 * account stands (RFC 6121, section 3.2).
 */
void invite_deny(struct consent *consent, struct device *d);
bool invite_withdraw(struct consent *consent, struct device *d);

/* The request to U may have been lost with the link. */
void invite_link_down(struct user *u);

/* D's account, by whoever may be somebody else, has asked to see the bridge: that is heard when it is known who he is. */
void invite_asks(struct device *d);

/* The account of D is no contact of the bridge any more. */
void invite_part(struct consent *consent, const struct device *d);

#endif
