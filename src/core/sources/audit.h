/*
 * The truth, also when nobody tells it.  A cluster node, a gateway or a far
 * server that dies says `unavailable` for nobody.  What nothing has confirmed
 * for the time of the setting `audit` is asked for by a probe (RFC 6121, section
 * 4.3), and is confirmed by being in the answer.
 *
 * A round is one probe, and a second one if a resource was missing in the
 * answer, or there was none.  What is missing then as well is silent: stale, or
 * not shown at all beside resources that are not silent.  Silent in the next
 * round too it is gone.  But
 *
 *	- nobody is probed whose approval doesn't stand (verify.h);
 *	- only who has answered a probe before can be silent: telephones that
 *	  never answer change by what they say, and by an error;
 *	- no answer at all is judged by what others of that domain were answered
 *	  meanwhile (silence.h); where that is not known, some are asked;
 *	- a domain that answers nobody hangs: after two rounds its accounts are
 *	  stale, and never gone.
 *
 * All that goes at a quarter of the pace of probes, in turn: where there are
 * more accounts than that, rounds are further apart.
 *
 * D is the linked account; NULL: U's primary, with all its resources that are
 * fed by its subscription.
 */
#ifndef PP_CORE_SOURCES_AUDIT_H
#define PP_CORE_SOURCES_AUDIT_H

#include "core/sources/state.h"

/* The user or the device goes. */
void audit_forget(struct audit *a);

/* A resource of it is available, which has just been said. */
void audit_seen(struct sources *sources, struct user *u, struct device *d);

/* Its probe was answered, by whatever comes next; by an error, which is not silence. */
void audit_answered(struct sources *sources, struct user *u, struct device *d);
void audit_refused(struct sources *sources, struct user *u, struct device *d);

/* The wait after the link came up is over: what U has now is watched from here on. */
void audit_settled(struct sources *sources, struct user *u);

/* The link is lost: everything will be asked for anyway. */
void audit_stop(struct user *u);

/* The settings are others. */
void audit_configure(struct sources *sources, unsigned before_s);

/* When audit_due() is to be called for U, on the monotonic clock. */
uint64_t audit_deadline(const struct sources *sources, const struct user *u);
void audit_due(struct sources *sources, struct user *u);

/* The turn (TURN_AUDIT, TURN_AGAIN) of an account has come: its probe is put in the queue of actions, if it still is to be. */
void audit_turn(struct sources *sources, struct ring *who, enum turn turn);

/* How many accounts of U are watched. */
size_t audit_accounts(const struct sources *sources, struct user *u);

/* How often each of ACCOUNTS of a host is asked, in seconds; 0: never. */
unsigned audit_period_s(const struct sources *sources, size_t accounts);

#endif
