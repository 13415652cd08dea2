/*
 * What the account of a linked device has agreed to, what it was asked, and what its
 * yes is worth.
 *
 * A yes is one to the last question that its owner can have read, and agrees to what
 * that named: to be shown to the user alone, or to her contacts as well (`wide').  What
 * was asked before the program's start isn't known; what came back, or was lost with
 * the link, was not read.  What is void (said before the account accepted, on another
 * stream, or under the component's former name) was no yes to anybody.
 */
#ifndef PP_CORE_CONSENT_AGREE_H
#define PP_CORE_CONSENT_AGREE_H

#include "core/consent/state.h"

struct reply;

/* Whoever accepts so soon after the component got another name is who had accepted it before. */
bool agree_has_just_moved(const struct consent *consent, const struct user *u);

/* Its domain is one whose accounts agree to everything. */
bool agree_is_trusted(const struct consent *consent, const char *jid);

/* change_row() of D without a yes that is void: what all that is made of its consent begins with. */
struct device_record agree_row(const struct consent *consent, const struct device *d);

/* D is to be seen by more than its account has agreed to. */
bool agree_lacks_yes(const struct consent *consent, const struct device *d);

/*
 * Has the owner of D said yes?  Before the account has accepted that counts on the
 * stream on which it was said alone: who has the name on the next one may accept what
 * he has never agreed to.  (Not for a week after the component got another name: all
 * have to accept anew then.)
 */
bool agree_has(const struct consent *consent, const struct device *d);

/* D's account has agreed to be shown, and by its domain, which is trusted, to whatever more: true, and that is written. */
bool agree_by_trust(struct consent *consent, struct device *d);

/*
 * What a yes of D's account is, at this moment: one that agrees to all that D is to be
 * shown to; nothing new; one to a question that was never put to it, or not since the
 * program's start; or one that may be to the question before, for fewer people.  COMMAND:
 * it is said by the command, which has put the question in its answer perhaps.
 */
enum agree_yes {
	YES_COUNTS,
	YES_SAID,
	YES_UNASKED,
	YES_TOO_SOON
};

enum agree_yes agree_weigh(const struct consent *consent, const struct device *d, bool command);

/*
 * Write that the account has accepted, or said yes to all that D is to be shown to, as
 * far as its row on the way doesn't say so already.  REPLY is taken.  False: no memory.
 */
bool agree_write(struct consent *consent, struct device *d, bool approved, bool confirmed, struct reply *reply);

/* The question for its yes is sent: it names contacts (WIDE), or her alone. */
void agree_asked(const struct consent *consent, struct device *d, bool wide);

/* So does what has been said to it, which may be what its owner reads last. */
void agree_asked_few(struct device *d);

/* The question whether contacts may see D goes out with the answer to a command of its account, and can't come back. */
void agree_asked_by_reply(const struct consent *consent, struct device *d);

/* More are to see D than its account was asked for: of that it was asked nothing yet. */
void agree_for_more(struct device *d);

/* The last question came back; or what was on its way is lost with the link. */
void agree_returned(struct device *d);
void agree_link_down(const struct consent *consent, struct device *d);

/* D has just been made from ROW: what its account was asked last, maybe under other settings, isn't known. */
void agree_loaded(struct device *d, const struct device_record *row);

#endif
