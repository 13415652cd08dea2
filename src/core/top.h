/* Shared by core.c, next.c and load.c alone. */
#ifndef PP_CORE_TOP_H
#define PP_CORE_TOP_H

#include "core/model/state.h"

/* Whatever is due by now, in each room. */
void core_run_timers(struct core *c);

/* EVENT_LOAD_USER, EVENT_LOAD_DEVICE; return 0, ERR_NOMEM, or what user_add() and device_add() say. */
int core_load_user(struct core *c, const struct user_record *r);
int core_load_device(struct core *c, const struct device_record *r);

#endif
