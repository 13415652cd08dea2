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
#ifndef PP_CORE_OUTLETS_PEP_H
#define PP_CORE_OUTLETS_PEP_H

#include "core/outlets/state.h"

/* When pep_due() has something to do; TIMER_NEVER. */
uint64_t pep_deadline(const struct outlets *outlets, const struct user *u);
void pep_due(struct outlets *outlets, struct user *u);

/* The next IQ of a ready user of H; false when there is none for now. */
bool pep_next(struct outlets *outlets, struct host *h, struct action *act);

/* All is known of her. */
void pep_settled(struct user *u);

/* The link is lost: what was in flight is due again. */
void pep_reset(struct user *u);

/* Rows up to TICKET are durable, or can't be: a set-up that waited for its own goes on (pep_begin_setup()), or doesn't. */
void pep_stored(struct outlets *outlets, struct user *u, uint64_t ticket, bool ok);

/* U has just been made from ROW; or one of her devices. */
void pep_loaded(struct user *u, const struct user_record *row);
void pep_loaded_device(struct user *u);

/* The program stops: what is known of U goes out now. */
void pep_hurry(const struct outlets *outlets, struct user *u);

#endif
