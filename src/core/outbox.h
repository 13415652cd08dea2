/*
 * The way out: when a user's item is published, how, and what follows from the
 * server's answers.  One step in flight for each user; the newest state wins;
 * nothing older is ever sent after something newer.
 *
 *	dirty --window, bucket--> ready --host window--> [set-up] --> publish --> acknowledged
 *	                                                    ^   precondition-not-met: read, configure, verify
 *	                                                    |   another's item: retract
 *	                                                    +-- errors: retry with backoff, or blocked with a reason
 */
#ifndef PP_CORE_OUTBOX_H
#define PP_CORE_OUTBOX_H

#include "core/state.h"

/* When outbox_due() has something to do; TIMER_NEVER. */
uint64_t outbox_deadline(const struct core *c, const struct user *u);
void outbox_due(struct core *c, struct user *u);

/* The next IQ of a ready user of H; false when there is none for now. */
bool outbox_next(struct core *c, struct host *h, struct action *act);

/* Both nodes are as they should be, or the private one after the public one. */
void outbox_nothing_left(struct core *c, struct user *u);

/* The link is lost: what was in flight is due again. */
void outbox_reset(struct user *u);

/* A grant of U's host came, or changed: what waited for one goes on. */
void outbox_granted(struct core *c, struct user *u);

/* How NODE is set up, as far as is known: SETUP_ASSUMED while that is changing. */
enum node_setup outbox_setup(const struct user *u, int node);

/*
 * The node of the step under way is about to be set up as TARGET.  When that
 * makes it more silent than the registry says, a crash would leave contacts
 * without events: then no step is sent before a row that allows for it is
 * durable; outbox_stored() says when, or that it can't be.
 */
void outbox_begin_setup(struct core *c, struct user *u, enum node_setup target);
void outbox_stored(struct core *c, struct user *u, uint64_t ticket, bool ok);

/* Why nothing is published; TEXT_NONE: nothing is wrong. */
enum text_id outbox_reason(const struct core_settings *set, const struct user *u);

/* When the items that are published have to be renewed, so that they don't expire. */
void outbox_plan_refresh(struct core *c, struct user *u);

#endif
