/*
 * Events to contacts where the server doesn't see to it: ejabberd sends them
 * through one session of the owner, so that nobody gets them while she is
 * offline, just after a friendship was made, or while one of her sessions has
 * sent no presence.  There the node is configured to deliver nothing, and the
 * component sends each event itself with the `message` privilege, to those whom
 * a fresh roster shows as `from` or `both` and her block list doesn't name
 * (doc/delivery.md, blocking.h).
 */
#ifndef PP_CORE_OUTLETS_DELIVERY_H
#define PP_CORE_OUTLETS_DELIVERY_H

#include "core/outlets/state.h"

/* NODE of U was published and acknowledged. */
void delivery_published(struct outlets *outlets, struct user *u, int node);

/* U's roster has come, with her block list where that counts; or it could not be had: AGAIN, the next one tells all of it. */
void delivery_roster(struct outlets *outlets, struct user *u);
void delivery_abandon(struct outlets *outlets, struct user *u, bool again);

/*
 * A stream begins: whoever signed in while there was none has got nothing, and
 * is told once, when the user has settled and her roster has been read.
 */
void delivery_link_up(struct outlets *outlets);
void delivery_settled(struct outlets *outlets, struct user *u);

/* U's claim stands: whoever was told nothing while that was in question is told now. */
void delivery_stands(struct outlets *outlets, struct user *u);

/* Clients of U herself have signed in: those of her devices that are fresh. */
void delivery_clients(struct outlets *outlets, struct user *u);

/* When delivery_due() has something to do about U; TIMER_NEVER. */
uint64_t delivery_deadline(const struct user *u);
void delivery_due(struct outlets *outlets, struct user *u);

/* K was not in the roster read before, or was blocked: he has missed what was delivered. */
void delivery_new_contact(struct outlets *outlets, struct contact *k);

/* K, or the one client RESOURCE of his, has signed in.  False: it isn't ours to tell him anything. */
bool delivery_greet(struct outlets *outlets, struct contact *k, const char *resource);

/* U leaves: the roster that contacts still wait for is asked for now, or not waited for. */
void delivery_leaves(struct outlets *outlets, struct user *u);

/* The next event to a client that signed in. */
bool delivery_next(struct outlets *outlets, struct action *act);

/* Contacts of U are to be told something, for which her roster is to be read. */
void delivery_want_roster(struct outlets *outlets, struct user *u);

/*
 * The link is lost, or the program ends: contacts may not have got what was
 * published.  For whoever that may be the items are published once more.
 */
void delivery_doubt(struct outlets *outlets);

void delivery_forget_user(struct outlets *outlets, struct user *u);
void delivery_clear(struct outlets *outlets);

#endif
