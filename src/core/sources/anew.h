/*
 * New streams on our own account.  Privileges that were lost (ejabberd takes a
 * component's away when another connection of it closes), and advertisements
 * that never came, come back on a new stream only; but a new stream makes
 * everybody's devices unknown for a while, so it is not asked for lightly: three
 * times for a host, then not while another host's grants work, otherwise ever
 * more seldom; and never while users of another host are still unsettled.
 */
#ifndef PP_CORE_SOURCES_ANEW_H
#define PP_CORE_SOURCES_ANEW_H

#include "core/sources/state.h"

/* A new stream is wanted for the sake of H, as soon as that may be; WHY is a literal, for the log. */
void anew_want(struct sources *sources, struct host *h, const char *why);

/* A request that needs a privilege was executed on H. */
void anew_works(const struct sources *sources, struct host *h);

/* The administrator has reloaded, or a second connection was seen to end: hosts that have used up their turns have new ones. */
void anew_again(struct sources *sources);

/* When anew_due() has something to do; TIMER_NEVER. */
uint64_t anew_deadline(const struct sources *sources);
void anew_due(struct sources *sources);

/*
 * Another connection of this component was seen to have ended, which on
 * ejabberd takes our privileges along: a new stream is asked for.  False: not
 * yet, for the sake of its rate; ask again later.
 */
bool anew_connection_ended(struct sources *sources);

#endif
