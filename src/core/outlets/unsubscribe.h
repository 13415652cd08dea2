/*
 * The end of explicit subscriptions (THREATS 23): a contact who has subscribed
 * to the node outlives the friendship, and both servers go on sending him every
 * event.  So when he leaves the roster the component ends it as the owner, where
 * it may; a few at a time, and of one host's users fifty in a second, since a
 * roster can lose all its contacts at once.
 */
#ifndef PP_CORE_OUTLETS_UNSUBSCRIBE_H
#define PP_CORE_OUTLETS_UNSUBSCRIBE_H

#include "core/outlets/state.h"

/* K, who is none of its user's contacts any more, is to be unsubscribed; it is freed then, or now. */
void unsubscribe_later(struct contact *k);

/* U takes a turn at her host for the next one, if there is one and it may be: after a roster was read, or one is done. */
void unsubscribe_next(struct outlets *outlets, struct user *u);

/* Her turn. */
uint64_t unsubscribe_deadline(const struct user *u);
void unsubscribe_due(struct outlets *outlets, struct user *u);

/* Forget those of U. */
void unsubscribe_clear(struct user *u);

#endif
