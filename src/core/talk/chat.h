/*
 * Chat messages to a bridge JID: a linked account's yes or no, and a word of
 * help for the user.  Nobody else gets an answer.
 */
#ifndef PP_CORE_TALK_CHAT_H
#define PP_CORE_TALK_CHAT_H

#include "core/talk/state.h"

/* EVENT_MESSAGE. */
void chat_message(struct talk *talk, const struct event *ev);

#endif
