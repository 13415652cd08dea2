/*
 * Users of whom nothing is shown for now, though nobody has ended anything:
 * their rows stay and nobody is unsubscribed, but their items are emptied and
 * neither they nor their devices are asked for anything.
 *
 * What follows from it is decided where user_shown() is asked (user.h):
 * audience_sees() for every outlet; probes, polls, pings, greetings, requests.
 */
#ifndef PP_CORE_CONSENT_WITHHOLD_H
#define PP_CORE_CONSENT_WITHHOLD_H

#include "core/consent/state.h"

/* From here on nothing of U is shown, for WHY (of enum withheld): what is published is emptied at once. */
void withhold_begin(struct consent *consent, struct user *u, enum withheld why);

/*
 * WHY is over.  If it was the last reason she is shown again when everything is
 * known of her, which begins with her probes: those of the next stream, or
 * presence_ask_soon() on this one.
 */
void withhold_end(struct consent *consent, struct user *u, enum withheld why);

/*
 * WITHHELD_HOST: the settings don't name the user's host (any more).  What
 * empties the items takes grants: for that alone such a host counts as
 * configured as long as it has users.
 */
bool withhold_knows(const struct host *h);

/* Which hosts are configured has changed: what follows for their users. */
void withhold_configure(struct consent *consent);

/* Say of H, if it isn't configured, how many users it has, if any; of all hosts once the registry has been read. */
void withhold_say(struct consent *consent, const struct host *h);
void withhold_loaded(struct consent *consent);

#endif
