/* What each command does, once its form is filled in: for the table of command.c.  Each answers EV, or has it answered. */
#ifndef PP_CORE_TALK_COMMAND_RUN_H
#define PP_CORE_TALK_COMMAND_RUN_H

#include "core/model/state.h"

void run_enrol(struct core *c, const struct event *ev);
void run_devices(struct core *c, const struct event *ev);
void run_link(struct core *c, const struct event *ev);
void run_edit(struct core *c, const struct event *ev);
void run_unlink(struct core *c, const struct event *ev);
void run_leave(struct core *c, const struct event *ev);
void run_confirm(struct core *c, const struct event *ev);

#endif
