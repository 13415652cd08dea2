/*
 * Sessions of commands (XEP-0050): forms that were shown and not sent yet.  They
 * have random ids, are bound to full JID and command, are few, and expire
 * (THREATS 13, B3).
 *
 *	- An account has two, of which the older makes room; one, as long as it has
 *	  accepted no request, its bridge's or that of anybody who would show it.
 *	- So many are there for users of configured hosts, and as many for whoever
 *	  is none, since being asked is not in his hands but in those of any user: he
 *	  takes no room from them.
 *	- Beyond it who has most of them loses his oldest: an account of ours, or
 *	  another domain, whose accounts cost it nothing.  A user keeps his only one
 *	  for a minute in any case.
 */
#ifndef PP_CORE_TALK_COMMAND_SESSION_H
#define PP_CORE_TALK_COMMAND_SESSION_H

#include "core/talk/state.h"

struct session;

/*
 * One for whoever sent EV, for this COMMAND, whose name outlives it.  NULL: there
 * is no memory, or no room: all are users' only ones that have just begun.
 */
struct session *session_begin(struct talk *talk, const struct event *ev, const char *command);

/* Its form is shown, in the same event: now whoever has to makes room for it. */
void session_shown(struct talk *talk, struct session *s);

/* The one that EV goes on with, if it is the sender's and this COMMAND's; NULL: there is none. */
struct session *session_find(const struct talk *talk, const struct event *ev, const char *command);

const char *session_id(const struct session *s);
void session_end(struct talk *talk, struct session *s);

/* The timer in a session, for the heap, and what follows when it is due. */
struct session *session_of(struct timer *t);
void session_due(struct talk *talk, struct session *s);

void session_init(struct talk *talk, const uint8_t *key);
void session_clear(struct talk *talk);

#endif
