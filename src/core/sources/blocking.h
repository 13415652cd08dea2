/*
 * Whom a user blocks (XEP-0191).  No server keeps events from him: ejabberd lets
 * a privileged message through, and Prosody's own PEP asks no block list.  That
 * one is its own; but where the events are ours to send and the host grants `iq'
 * "urn:xmpp:blocking" `get', her block list is read behind each roster, and who
 * is told is decided when both are there.  The list isn't kept: what remains of
 * it is a mark on each contact (audience.h).
 *
 * A list that can't be read says nothing: the marks stay as they were, and who
 * has none is told.
 */
#ifndef PP_CORE_SOURCES_BLOCKING_H
#define PP_CORE_SOURCES_BLOCKING_H

#include "core/sources/state.h"

/* U's roster has just been read.  True: her block list is asked for, and nobody is told before it has come. */
bool blocking_ask(struct sources *sources, struct user *u);

/* What was asked for by WAY; A is NULL: no answer came. */
void blocking_answer(struct sources *sources, struct user *u, enum way way, const struct answer_event *a);

/* The stream is over, and with it what was asked for: a roster without its list is old. */
void blocking_link_down(struct user *u);

/* May it be decided on the roster of U, and her block list, as they were read who gets something?  If not, it is wanted. */
bool blocking_is_fresh(const struct sources *sources, const struct user *u);

/* Her roster, or whom she blocks of it, is wanted: false if it can't be had for now. */
bool blocking_comes(struct sources *sources, struct user *u);

#endif
