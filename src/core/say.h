/* Actions that wait their turn: everything but the paced ones, which core_next() makes when asked. */
#ifndef PP_CORE_SAY_H
#define PP_CORE_SAY_H

#include "core/state.h"

/*
 * A new action at the end of the queue; NULL when there is no memory (core->oom
 * is set), or when ANSWERS_MAX actions wait and this is one of those that
 * anybody may cause: an answer, an error, a line for the log (it is not set).
 */
struct said *say(struct core *c, enum action_kind kind);

/* A copy of S that lives as long as the action; NULL for NULL (and when memory fails: core->oom). */
const char *say_str(struct core *c, struct said *s, const char *text);
void *say_mem(struct core *c, struct said *s, size_t size);

/* The first, or NULL; what was taken before is freed. */
struct said *say_take(struct core *c);
void say_clear(struct core *c);

/* The link is lost: what was to go out on it is forgotten. */
void say_drop_stanzas(struct core *c);

/* The usual ones. */
void say_presence(struct core *c, const char *from, const char *to, enum presence_type type, const char *status,
    const char *nick);
/* The same from RESOURCE of FROM; NULL: from the bare JID. */
void say_presence_as(struct core *c, const char *from, const char *resource, const char *to, enum presence_type type,
    const char *status, const char *nick);
void say_message(struct core *c, const char *from, const char *to, const char *body);
void say_error(struct core *c, const struct event *ev, const char *id, enum error_type type, enum condition condition,
    enum app_condition app, const char *text);

/* KEY, VALUE, ..., NULL; a NULL value leaves its key out. */
void say_log(struct core *c, enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
