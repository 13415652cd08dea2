/* Events for single clients that signed in, in the order in which they are to go: for delivery.c. */
#ifndef PP_CORE_OUTLETS_ERRAND_H
#define PP_CORE_OUTLETS_ERRAND_H

#include "core/outlets/state.h"

/* What U's NODE holds is to be told TO, or his client RESOURCE.  NULL: he may not be told, or there are too many, or no memory. */
struct errand *errand_new(struct outlets *outlets, struct user *u, int node, enum audience who, const char *to,
    const char *resource);

/* Behind all others; E is the core's from here on. */
void errand_put(struct outlets *outlets, struct errand *e);

/* Accepts NULL. */
void errand_free(struct outlets *outlets, struct errand *e);

void errand_init(struct outlets *outlets);

/* A user who leaves is gone when the contacts have been told. */
void errand_check_done(struct outlets *outlets, struct user *u);

#endif
