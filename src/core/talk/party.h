/*
 * Who runs a command: a user whose claim stands, one who has accepted the request of her
 * bridge, an account that somebody shows, or a stranger; and what whoever may not is told.
 */
#ifndef PP_CORE_TALK_PARTY_H
#define PP_CORE_TALK_PARTY_H

#include "core/talk/state.h"

bool party_is_enrolled(const struct talk *talk, const struct event *ev);

/*
 * The sender as an enrolled user whose claim stands, if what she runs shows anything; otherwise the command is answered and NULL
 * returned.  The same who may link and change: not before she has accepted the request of her bridge (verify.h).
 */
struct user *party_enrolled(struct talk *talk, const struct event *ev);
struct user *party_accepted(struct talk *talk, const struct event *ev);

/* U, an enrolled user who is the sender, if her claim stands; otherwise the command is answered, whatever it asks, and NULL returned. */
struct user *party_proved(struct talk *talk, const struct event *ev, struct user *u);

/* Whoever isn't is told what he can do, as far as he may be told anything; who would CHANGE something only that. */
void party_not_enrolled(struct talk *talk, const struct event *ev, bool to_change);

/*
 * The user whom somebody names in a form: by her address as people type it (jid_parse_typed()), whatever its resource, or by
 * that of her bridge.  NULL: it is nobody's, or no address.
 */
struct user *party_named(const struct talk *talk, const char *text);

/* Before she has accepted she is told so wherever she asks, and her request is sent again if it may have been lost. */
void party_ask_to_accept(struct talk *talk, const struct event *ev, struct user *u, enum text_id text);

#endif
