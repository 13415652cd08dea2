/*
 * Sessions of commands (XEP-0050): forms that were shown and not sent yet.  They
 * have random ids, are bound to full JID and command, are few, and expire
 * (THREATS 13).
 */
#ifndef PP_CORE_COMMAND_SESSION_H
#define PP_CORE_COMMAND_SESSION_H

#include "core/state.h"

struct session;

/*
 * One for whoever sent EV, for this COMMAND, whose name outlives it; another one
 * of the same account, or of who has most of them, may make room.  NULL: there is
 * no memory.
 */
struct session *session_begin(struct core *c, const struct event *ev, const char *command);

/* The one that EV goes on with, if it is the sender's and this COMMAND's; NULL: there is none. */
struct session *session_find(const struct core *c, const struct event *ev, const char *command);

const char *session_id(const struct session *s);
void session_end(struct core *c, struct session *s);

/* The timer in a session, for the heap, and what follows when it is due. */
struct session *session_of(struct timer *t);
void session_due(struct core *c, struct session *s);

void session_clear(struct core *c);

#endif
