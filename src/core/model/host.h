/*
 * Hosts of the server: what each one grants, and what was found to work there on
 * this connection.  Whose turn to publish it is, and how much a host can take, is
 * slots.h.
 */
#ifndef PP_CORE_MODEL_HOST_H
#define PP_CORE_MODEL_HOST_H

#include "core/model/state.h"

/* The host of this name, made if need be; NULL when there is no memory. */
struct host *host_get(struct model *model, const char *name);
struct host *host_find(const struct model *model, const char *name);
/* All there are, one after the other; H NULL: the first. */
struct host *host_next(const struct model *model, const struct host *h);

/* So its server writes H; false: there is no memory for it. */
bool host_is_written(struct host *h, const char *name);
void host_free_all(struct model *model);

/* Something may yet come from H: nothing is concluded from there being no grant. */
bool host_may_grant(const struct model *model, const struct host *h);

/* Take over whether the settings name H. */
void host_configure(const struct model *model, struct host *h);

bool host_may_publish(const struct host *h); /* privileged, by the grant */
bool host_may_own(const struct host *h);     /* likewise pubsub#owner, get and set */

/* How a node of a user of H is to be set up; false while that can't be told yet. */
bool host_setup(const struct model *model, const struct host *h, enum node_setup *out);

/* Does a contact get events when the owner has no available session? */
bool host_delivers(const struct model *model, const struct host *h);

#endif
