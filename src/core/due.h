/* What time brings a user: each room's deadline, and its turn when that has come. */
#ifndef PP_CORE_DUE_H
#define PP_CORE_DUE_H

#include "core/top.h"

/* When the first thing is that is to be done about U; TIMER_NEVER. */
uint64_t due_deadline(struct core *c, struct user *u);

/* Whatever of it is due by now. */
void due_user(struct core *c, struct user *u);

#endif
