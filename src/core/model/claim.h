/*
 * What follows, at this moment, from what is known of an approval that the registry
 * tells of: questions alone.  How it comes to be known is in verify.h.
 */
#ifndef PP_CORE_MODEL_CLAIM_H
#define PP_CORE_MODEL_CLAIM_H

#include "core/model/state.h"

/* Whose claim it is; the device is NULL for a primary's.  The host where its account lives is NULL when it is none of ours. */
struct user *claim_user(struct claim *k);
struct device *claim_device(struct claim *k);
struct host *claim_host(const struct model *model, struct claim *k);

/* Is K a claim at all? */
bool claim_is_made(struct claim *k);

/* Are rosters granted where the account of K lives?  Or can't that be told yet? */
bool claim_can_read(const struct model *model, struct claim *k);
bool claim_may_be_read(const struct model *model, struct claim *k);

/* May anything newer than the last item go out for U?  True of who has not approved: she claims nothing. */
bool claim_stands(const struct user *u);

/* May what the account of D has said on this stream be shown?  It may be somebody else's by now. */
bool claim_believes(const struct model *model, struct device *d);

/*
 * Has U's primary (D: that linked account) approved, for all that can be known:
 * may it be probed when it is not its turn?
 */
bool claim_may_probe(const struct model *model, struct user *u, struct device *d);

/*
 * Is D, a link or what was edited of a resource, from before its user has accepted
 * the request of her bridge?  It is shown to nobody, told of to nobody, and nobody
 * is asked for it.
 */
bool claim_is_void(const struct device *d);

/*
 * Is it known who has the name of D, a linked account?  Once it has approved not
 * before that is proved on this stream, wherever it lives, nor once there is evidence.
 */
bool claim_is_known(const struct device *d);

#endif
