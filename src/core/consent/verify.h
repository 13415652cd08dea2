/*
 * Does yesterday's approval stand?  What the registry says of a
 * user's approval, and of a linked account's where its host grants rosters, is a
 * claim: while the component was away the contact may have been removed, or the
 * account deleted and its name given to somebody else.  On each stream a claim
 * is proved by
 *
 *	- presence that comes to where its account was probed from (probe.h);
 *	- a complete roster, asked for on this stream, that shows the bridge as
 *	  `from' or `both';
 *	- where rosters are not granted and probes are met by silence: `subscribed',
 *	  in answer to a repeated `subscribe'.
 *
 * That a roster can't be had where they are granted proves nothing: who has the name
 * now can see to that, by blocking us, or by filling it.  It is asked for ever more slowly.
 *
 * Until then the last item stands and nothing newer goes out.  A roster without
 * the bridge is evidence against it, unless a proof is newer than the request
 * for it; so is a repeated request that the server leaves unanswered while it
 * answers others.  After FORCE_MS, confirmed by a second one, suspend.h decides
 * what follows.
 *
 *	link up --> probed --2 s--> roster in turn --shows--> stands
 *	                |              |
 *	                +---answer--+  +--lacks--> against --60 s, lacks again--> suspended, or held
 *
 * An account that has not approved makes no claim, and is never probed.  Nothing
 * could tell who has enrolled in its name from whoever gets that name after her:
 * until she accepts the request of her bridge she can't leave him anything, neither
 * links nor names (consent.h), and what an earlier version has let her leave is void.
 */
#ifndef PP_CORE_CONSENT_VERIFY_H
#define PP_CORE_CONSENT_VERIFY_H

#include "core/consent/state.h"

/* U is new: nothing is due. */
void verify_begin(struct user *u);

/* The stream is new, or gone: nothing is proved, nothing speaks against anything. */
void verify_reset(struct consent *consent);

/* U's turn to be asked has come: her primary, which is not suspended, is. */
void verify_ask(struct consent *consent, struct user *u);

/* The probes of U and her devices are on their way. */
void verify_asked(struct consent *consent, struct user *u);

/* U's primary (D: that linked account) has just approved, or answered a probe. */
void verify_approved(struct consent *consent, struct user *u, struct device *d);
void verify_answered(struct consent *consent, struct user *u, struct device *d);

/* It was heard of, which proves nothing: anybody may direct presence to us. */
void verify_spoke(struct consent *consent, struct user *u, struct device *d);

/* `subscribed' from a primary that has approved already: the answer to a repeated request; or, true, a new beginning. */
bool verify_subscribed(struct consent *consent, struct user *u);

/* Is this `unsubscribed' from U's primary no more than the echo of a request that was taken back? */
bool verify_is_echo(const struct consent *consent, const struct user *u);

/* Those of U and her devices are probed who are to be once more, and were not asked too lately. */
void verify_probe_next(struct consent *consent, struct user *u);

/* Somebody in the name of ACCOUNT wants to know something: whose it is is asked sooner for that. */
void verify_hurry(struct consent *consent, const char *account);

/*
 * U's complete roster, in answer to the last request; SHOWS: with the bridge.
 * False: it must not be used, since it may be that of a damaged storage, or of
 * somebody else.
 */
bool verify_roster(struct consent *consent, struct user *u, bool shows);

/* It was refused, could not be taken, or no answer came. */
void verify_no_roster(struct consent *consent, struct user *u);

/* A portion of the roster of a linked account; false: what follows is of no use. */
bool verify_portion(struct consent *consent, const char *account, const struct answer_event *a);

/* The answer to the request for it, or the last portion; NULL: none came. */
void verify_account(struct consent *consent, const char *account, const struct answer_event *a);

/*
 * The turn of a claim at H has come: a linked account's roster is asked for, if it
 * is still to be.  Returns the user whose own is; or else what she rests for MS.
 */
struct user *verify_turn(struct consent *consent, struct host *h, struct ring *who);
void verify_rests(struct consent *consent, struct user *u, uint64_t ms);

/* A grant of H came or changed, or it has said what it is: what could not be read may be readable now. */
void verify_granted(struct consent *consent, const struct host *h);

/* u->verify_at has come. */
void verify_due(struct consent *consent, struct user *u);

/* It, or hers and all her devices', is none any more: nothing refers to it. */
void verify_forget(struct consent *consent, struct claim *k);
void verify_forget_user(struct consent *consent, struct user *u);

#endif
