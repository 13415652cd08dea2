/*
 * Who else is on our line.  ejabberd accepts a second connection of one
 * component, a ghost's for example, and gives each stanza to any of them; when
 * one of them ends, the privileges of the others are gone until somebody
 * connects anew (doc/threats.md, 27).  Two domains of one listener come to the
 * same.  Nobody tells of it, but it can be seen: we send ourselves a few
 * messages now and then, and a server keeps the order of what it routes from
 * one connection to another.  One that is missing although a later one came
 * back went to somebody else; that nothing comes back at all says nothing.
 */
#ifndef PP_CORE_FLIGHT_LINE_H
#define PP_CORE_FLIGHT_LINE_H

#include "core/flight/state.h"

void line_init(struct flight *flight);
void line_link_up(struct flight *flight);
void line_link_down(struct flight *flight);

/* EVENT_HEADLINE: one of ours, if it is from our domain to a resource of it that is waited for. */
void line_headline(struct flight *flight, const struct event *ev);

uint64_t line_deadline(const struct flight *flight);
void line_due(struct flight *flight);

/* Was another connection seen to have ended, of which nobody has taken note yet? */
bool line_has_ended(const struct flight *flight);
void line_end_taken(struct flight *flight);

/*
 * Is there another connection, as far as is known?  Then what is missing may
 * have gone there: silence is no verdict about anybody.
 */
bool line_shared(const struct flight *flight);

/* A stanza to another domain, which the server has routed to us. */
void line_foreign(struct flight *flight, const struct event *ev);

#endif
