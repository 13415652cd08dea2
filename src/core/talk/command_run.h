/* What each command does, once its form is filled in: for the table of command.c.  Each answers EV, or has it answered. */
#ifndef PP_CORE_TALK_COMMAND_RUN_H
#define PP_CORE_TALK_COMMAND_RUN_H

#include "core/talk/state.h"

void run_enrol(struct talk *talk, const struct event *ev);
void run_devices(struct talk *talk, const struct event *ev);
void run_link(struct talk *talk, const struct event *ev);
void run_edit(struct talk *talk, const struct event *ev);
void run_unlink(struct talk *talk, const struct event *ev);
void run_leave(struct talk *talk, const struct event *ev);
void run_confirm(struct talk *talk, const struct event *ev);

#endif
