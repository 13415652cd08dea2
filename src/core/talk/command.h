/*
 * Ad-hoc commands at our domain (XEP-0050): how people enrol, link, look and
 * leave.  The primary is always the authenticated sender (THREATS 12).
 */
#ifndef PP_CORE_TALK_COMMAND_H
#define PP_CORE_TALK_COMMAND_H

#include "core/talk/state.h"

void command_in(struct talk *talk, const struct event *ev);

/* The commands, for disco#items; returns how many there are. */
size_t command_list(const struct named **out);
/* The name of this one; TEXT_NONE: there is none such. */
enum text_id command_name(const char *node);

#endif
