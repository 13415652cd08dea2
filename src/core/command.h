/*
 * Ad-hoc commands at our domain (XEP-0050): how people enrol, link, look and
 * leave.  The primary is always the authenticated sender (THREATS 12); sessions
 * have random ids, are bound to full JID and node, are few, and expire
 * (THREATS 13).
 */
#ifndef PP_CORE_COMMAND_H
#define PP_CORE_COMMAND_H

#include "core/state.h"

struct session;

/* A command (or a chat message) whose answer waits for the registry. */
struct waiting {
	bool chat;
	char *id, *node, *sessionid;
	char *from; /* of a chat: the bridge JID */
	char *to, *to_resource;
};

void waiting_free(struct waiting *w); /* accepts NULL */
struct waiting *waiting_chat(struct core *c, const char *from, const char *to);

/* Answer W (NULL: nobody waits) with a note, and free it. */
void command_done(struct core *c, struct waiting *w, bool ok, const struct text *note);

void command_in(struct core *c, const struct event *ev);
void command_session_due(struct core *c, struct session *s);
void command_clear(struct core *c);

/* The commands, for disco#items; returns how many there are. */
size_t command_list(const struct named **out);
/* The name of this one; TEXT_NONE: there is none such. */
enum text_id command_name(const char *node);

/* The timer in a session, for the heap. */
struct session *command_session_of(struct timer *t);

#endif
