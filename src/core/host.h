/*
 * Hosts of the server: what each one grants, and what was found to work there on
 * this connection.  Whose turn to publish it is, and how much a host can take, is
 * slots.h.
 */
#ifndef PP_CORE_HOST_H
#define PP_CORE_HOST_H

#include "core/state.h"

/* The host of this name, made if need be; NULL when there is no memory. */
struct host *host_get(struct core *c, const char *name);
struct host *host_find(const struct core *c, const char *name);
void host_free_all(struct core *c);

/* Take over which hosts the settings name. */
int host_configure(struct core *c);

/* The stream is new: nothing is known. */
void host_reset(struct core *c);

/* EVENT_GRANT (THREATS 2): counts only from a configured host, to our domain. */
void host_grant(struct core *c, const struct event *ev);

/* Lines of what hosts grant that had to wait, and when the next one is to be made; TIMER_NEVER. */
void host_due(struct core *c);
uint64_t host_deadline(const struct core *c);

/* The answer to disco#info of the host itself; NULL: none came. */
void host_info(struct core *c, struct host *h, const struct answer_event *a);

/* Users of H that have been waiting for what works now go on. */
void host_wake(struct core *c, const struct host *h);

/*
 * Another connection of this component was seen to have ended, which on
 * ejabberd takes our privileges along: a new stream is asked for.  False: not
 * yet, for the sake of its rate; ask again later.
 */
bool host_second_connection_ended(struct core *c);

bool host_may_publish(const struct host *h); /* privileged, by the grant */
bool host_may_own(const struct host *h);     /* likewise pubsub#owner, get and set */

/* How a node of a user of H is to be set up; false while that can't be told yet. */
bool host_setup(const struct core *c, const struct host *h, enum node_setup *out);

/* Does a contact get events when the owner has no available session? */
bool host_delivers(const struct core *c, const struct host *h);

void host_forget_user(struct user *u);

#endif
