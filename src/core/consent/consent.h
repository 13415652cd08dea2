/*
 * Consent (in the spirit of RFC 6121, Appendix A).  A linked account
 * is published when the user has asked for it, the account has accepted the
 * subscription request and has said yes; until either side ends it.
 *
 *	            subscribed         yes
 *	REQUESTED ------------ approved ----- confirmed ==> ACTIVE
 *	    |  unsubscribed, no                               |  unsubscribed, unlink
 *	    v                                                 v
 *	 REFUSED (tombstone)                               REVOKED (tombstone)
 */
#ifndef PP_CORE_CONSENT_CONSENT_H
#define PP_CORE_CONSENT_CONSENT_H

#include "core/consent/state.h"

struct jid;
struct reply;

/* What a user says of a device; NULL or negative: not said. */
struct consent_wish {
	const char *label;
	int kind, visibility, show_status;
};

/*
 * J as its server knows it, as far as its domain is one of ours: ours, U's, a
 * configured host's.  Another that somebody has TYPED becomes what RFC 7622
 * wants on the wire; a server has written its own form.  Returns 0, or why J is
 * no address.
 */
int consent_known_form(const struct consent *consent, const struct user *u, bool typed, struct jid *j);

/* D is new: of a resource of the primary nobody is asked, of a linked account its owner is. */
void consent_begin(const struct consent *consent, struct device *d);

/* The registry has so much to write that people are to come back later. */
bool consent_is_busy(const struct consent *consent);

/* Ask JID to be a device of U, who has accepted the request of her bridge.  On failure REPLY is the caller's still. */
int consent_ask(struct consent *consent, struct user *u, const char *jid, const struct consent_wish *wish,
    struct reply *reply, enum text_id *why);

/*
 * Does D, a linked account, wait for an answer of its account?  Then what is missing can be asked for again.  TEXT_NONE:
 * it was; otherwise why not.
 */
bool consent_waits(const struct consent *consent, const struct device *d);
enum text_id consent_ask_again(struct consent *consent, struct user *u, struct device *d);

/*
 * What its user has edited of D.  Of a linked account that more people are to see than it
 * was asked for (its owner's word is about who sees it) the account is asked again, and
 * until it answers only those it has agreed to see it.  On failure (ERR_LIMIT, and *WHY) REPLY is the caller's still.
 */
int consent_edit(struct consent *consent, struct device *d, const struct consent_wish *wish, struct reply *reply,
    enum text_id *why);

/*
 * It is known who has the names of U's devices (MARK_PROVED): who has asked to see her
 * bridge is refused now, and of two accounts that have each other as devices, which
 * couldn't be said before, the other one's link ends (THREATS 11).
 */
void consent_proved(struct consent *consent, struct user *u);

/*
 * D has just been made from ROW.  What its account was asked last, maybe under other
 * settings, isn't known.  Where its label was one that tells the address, the row is written anew.
 */
void consent_loaded(struct consent *consent, struct device *d, const struct device_record *row);

/* The link is lost: what was said to D's account, and by it, may have been lost with it. */
void consent_link_down(const struct consent *consent, struct device *d);

/* The account of D, a live device, accepted the subscription, or the confirmation. */
void consent_approved(struct consent *consent, struct device *d);
int consent_confirmed(struct consent *consent, struct device *d, struct reply *reply);

/* D, a live device, was ended by the account (or refused), or by the user. */
void consent_ended(struct consent *consent, struct device *d, bool by_account, struct reply *reply);

/* D has been heard on the stream on which invite_withdraw() told it: that is noted as done. */
void consent_heard(struct consent *consent, struct device *d);

/* U's own claim, or some of her devices', have been suspended for so long that they end (MARK_LAPSED). */
void consent_lapsed(struct consent *consent, struct user *u);

/* What became durable, or could not be written: consent_stored.c. */
void consent_stored(struct consent *consent, struct change *ch, bool ok);

/* Try again to write what could not be stored: ends, and what the account or the server has said and says only once. */
void consent_unsaved(struct consent *consent);

/*
 * The links with ACCOUNT that it may be told of, and of these those that wait for its confirmation: up to MAX into OUT;
 * returns how many there are.
 */
size_t consent_shown_by(const struct consent *consent, const char *account, struct device **out, size_t max);
/* That of them with U, who may be NULL; NULL: there is none. */
struct device *consent_shown_as(const struct consent *consent, const char *account, const struct user *u);
size_t consent_pending(const struct consent *consent, const char *account, struct device **out, size_t max);

#endif
