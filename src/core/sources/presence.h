/*
 * Presence in: from subscriptions (to a bridge JID, authoritative) and from
 * privileged hints (to our domain, XEP-0356, section 4.4).  State is a function
 * of (user, device, resource), so the same presence twice changes nothing.
 */
#ifndef PP_CORE_SOURCES_PRESENCE_H
#define PP_CORE_SOURCES_PRESENCE_H

#include "core/sources/state.h"

/* True: EV is one of the latter, of anybody, who may be somebody's contact (greeting.h). */
bool presence_in(struct sources *sources, const struct event *ev);

/* The link came up: what we know is from before, and everyone will be probed in turn. */
void presence_link_up(struct sources *sources);
void presence_link_down(struct sources *sources);

/* U's turn has come: her probes and requests are put in the queue of actions, or what is still to be asked. */
void presence_turn(struct sources *sources, struct user *u);

/*
 * The probes and requests of U, who is stored and shown, as soon as the pace lets her; what was known of her is from
 * before, and until then she isn't settled.
 */
void presence_ask_soon(struct sources *sources, struct user *u);

/*
 * There may be a place for a client of hers that found none, or for one of a linked account that found none among the
 * others: it is probed for, by each user once in a minute; other probes of her host wait for as long as these take.
 */
void presence_has_place(struct sources *sources, struct user *u);
uint64_t presence_deadline(const struct user *u);
void presence_due(struct sources *sources, struct user *u);

/* U, who waits for her turn, comes before those who have not spoken; after it, what she has said is asked for. */
void presence_hurry(struct sources *sources, struct user *u);

/* The answer to a ping of a primary's resource known from hints only; NULL: silence, which means nothing. */
void presence_pinged(struct sources *sources, struct user *u, const char *resource, const struct answer_event *a);

/* The answer to disco#info of a resource: a guess of the device's kind. */
void presence_info(struct sources *sources, struct user *u, const char *bare, const char *resource,
    const struct answer_event *a);

#endif
