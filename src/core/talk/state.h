/* Conversations that go on: sessions of commands (command_session.c). */
#ifndef PP_CORE_TALK_STATE_H
#define PP_CORE_TALK_STATE_H

#include "core/consent/state.h"
#include "core/outlets/state.h"

struct talk {
	struct env *env;
	struct model *model;
	struct consent *consent;
	struct outlets *outlets;
	struct table sessions;
};

#endif
