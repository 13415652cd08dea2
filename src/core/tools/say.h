/* Actions that wait their turn: everything but the paced ones, which core_next() makes when asked. */
#ifndef PP_CORE_TOOLS_SAY_H
#define PP_CORE_TOOLS_SAY_H

#include "core/tools/env.h"

/*
 * A new action at the end of the queue; NULL when there is no memory (env->oom
 * is set), or when ANSWERS_MAX actions wait and this is a line for the log (it
 * is not set).  An answer, which anybody may cause, is of answers.h.
 */
struct said *say(struct env *env, enum action_kind kind);

/* A copy of S that lives as long as the action; NULL for NULL (and when memory fails: env->oom). */
const char *say_str(struct env *env, struct said *s, const char *text);
void *say_mem(struct env *env, struct said *s, size_t size);

/* The same of a text and its arguments; of a name that is shown as it is, which may be NULL. */
struct text say_text(struct env *env, struct said *s, const struct text *text);
struct text say_verbatim(struct env *env, struct said *s, const char *name);

/* With KEY of the tables. */
void say_init(struct env *env, const uint8_t *key);

/* There was no memory for something: the event has failed (core_feed()). */
void say_oom(struct env *env);

/* The first, or NULL; what was taken before is freed. */
struct said *say_take(struct env *env);
struct said *say_take_answer(struct env *env);
void say_clear(struct env *env);

/* Of all that was said: how much it is; and does what was said then, which is no answer, still wait to be taken? */
uint64_t say_order(const struct env *env);
bool say_waits(const struct env *env, uint64_t order);

/* The link is lost: what was to go out on it is forgotten. */
void say_drop_stanzas(struct env *env);

/* The usual ones. */
void say_presence(struct env *env, const char *from, const char *to, enum presence_type type);
/* The same from RESOURCE of FROM; NULL: from the bare JID. */
void say_presence_as(struct env *env, const char *from, const char *resource, const char *to, enum presence_type type);
/* `subscribe', with what the one who is asked is to read. */
void say_subscribe(struct env *env, const char *from, const char *to, const struct text *status,
    const struct text *nick);
void say_message(struct env *env, const char *from, const char *to, const struct text *text);
void say_error(struct env *env, const struct event *ev, const char *id, enum error_type type, enum condition condition,
    enum app_condition app, enum text_id text);

/* KEY, VALUE, ..., NULL; a NULL value leaves its key out.  The line, or NULL. */
struct said *say_log(struct env *env, enum log_level level, const char *event, ...) __attribute__((sentinel));
/* One more of its fields: what a person is told of it.  A NULL LINE is none. */
void say_log_text(struct said *line, const char *key, enum text_id text);

/* S, which was said, is not to be taken. */
void say_break(struct said *s);

#endif
