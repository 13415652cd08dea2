/*
 * Registry writes that are on their way, in the order in which they went out, which is that
 * in which they come back.  Owns them until they are taken.
 */
#ifndef PP_CORE_FLIGHT_CHANGE_QUEUE_H
#define PP_CORE_FLIGHT_CHANGE_QUEUE_H

#include "core/flight/state.h"

struct reply;

/* A write of a row of U, which S says, behind the others; NULL: there is no memory for it, and S is not said.  Owns REPLY. */
struct change *change_put(struct flight *flight, enum change_kind kind, struct user *u, struct said *s,
    struct reply *reply);

/* Those of U, one after the other; CH NULL: the first.  There may be thousands of others. */
struct change *change_next(const struct user *u, const struct change *ch);

/* U goes: what is on its way is of nobody who has her name after her. */
void change_forget(struct user *u);

/* The oldest that is done with TICKET (EVENT_STORED, EVENT_STORE_FAILED), for change_free(); NULL: none is left. */
struct change *change_take(struct flight *flight, uint64_t ticket);
void change_free(struct change *ch);

/* What CH, which was taken, has brought with it, for the caller to keep; NULL: nothing. */
struct reply *change_take_reply(struct change *ch);
char *change_take_label(struct change *ch);

void change_init(struct flight *flight);
void change_clear(struct flight *flight);

#endif
