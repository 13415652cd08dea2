/*
 * Answers to people: replies to ad-hoc commands (XEP-0050), and those that wait
 * for the registry (what is not durable isn't said).  Owns `struct reply'; never
 * knows what was commanded, nor decides what is said.
 */
#ifndef PP_CORE_TOOLS_REPLY_H
#define PP_CORE_TOOLS_REPLY_H

#include "core/tools/env.h"

/* Somebody whose command, or chat message, is still to be answered. */
struct reply {
	bool chat;
	char *id, *node, *sessionid;
	char *from; /* of a chat: the bridge JID */
	char *to, *to_resource;
};

/* Whoever sent EV, a command; or TO, who has written to the bridge FROM.  NULL without memory (env->oom is set). */
struct reply *reply_command(struct env *env, const struct event *ev);
struct reply *reply_chat(struct env *env, const char *from, const char *to);

/* Nobody waits any more; accepts NULL. */
void reply_free(struct reply *r);

/* Answer R (NULL: nobody waits), and free it. */
void reply_done(struct env *env, struct reply *r, bool ok, const struct text *note);

/*
 * The reply to the command NODE with this id, to be filled in; NULL as say()
 * says.  A NULL SESSIONID makes one up.
 */
struct said *reply_said(struct env *env, const struct address *to, const char *id, const char *node,
    const char *sessionid, enum command_status status);

/* One that completes it with a note: of type `info' if OK, otherwise `error', and counted as a no. */
void reply_finish(struct env *env, const struct address *to, const char *id, const char *node, const char *sessionid,
    bool ok, const struct text *note);

/* The reply to EV, a command, to be filled in; or its end, with a note; or the same where R had been to wait. */
struct said *reply_answer(struct env *env, const struct event *ev, enum command_status status);
void reply_end(struct env *env, const struct event *ev, bool ok, const struct text *note);
void reply_failed(struct env *env, const struct event *ev, struct reply *r, enum text_id why);

#endif
