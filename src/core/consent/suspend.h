/*
 * What evidence against a claim (verify.h) leads to once it is in force.  A
 * user is suspended: nothing of her is shown in any outlet, her rows stay,
 * nobody is unsubscribed or asked for anything; only her roster is read again,
 * ever more slowly.  So is a linked account, alone.  What speaks for it later
 * ends that as if nothing had been.  After LAPSE_MS, and only on rosters of
 * this stream, it is over.
 *
 * A damaged storage reads as an empty roster: most users of a host at once, or all
 * of a few, are the server's fault.  Each counts once, whatever she links, and for
 * the server if any roster of hers is as it should be: so nobody makes it alone, nor
 * with some accounts more.  Then they are held: what was shown last stands, and
 * isn't renewed; what speaks against each counts again once the others' rosters
 * read as before.  What says the same after HOLD_MS is believed: they are suspended,
 * which is nobody's end as long as it is most of them.
 */
#ifndef PP_CORE_CONSENT_SUSPEND_H
#define PP_CORE_CONSENT_SUSPEND_H

#include "core/consent/state.h"

/* There is evidence against K, and what confirms it; REASON for the log. */
void suspend_decide(struct consent *consent, struct claim *k, const char *reason);

/* K is suspended, and there is new evidence against it: look again later, or it lapses. */
void suspend_confirmed(struct consent *consent, struct claim *k, uint64_t asked_at);

/* K, which is suspended, is proved. */
void suspend_end(struct consent *consent, struct claim *k);

/* The wall clock was set by BY_MS: for how long U, or a link of hers, has been suspended stays what it is. */
void suspend_clock_set(struct consent *consent, struct user *u, int64_t by_ms);

/* What could not be written is written again; false if it fails. */
bool suspend_unsaved(struct consent *consent, struct device *d);

#endif
