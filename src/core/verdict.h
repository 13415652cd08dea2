/*
 * What may be concluded about a host from how its accounts fare (THREATS 24).
 * One account can make its server refuse us for itself alone: it blocks us, it
 * was deleted, its storage is damaged.  So a verdict needs two accounts that
 * enrolled themselves at least a day apart; or, where nobody has had a success
 * on this stream, all who have tried.  Any success ends it.
 */
#ifndef PP_CORE_VERDICT_H
#define PP_CORE_VERDICT_H

#include "core/state.h"

/* Somebody was served: nothing speaks against the host any more. */
void verdict_success(struct evidence *e);

/* U was not. */
void verdict_failure(struct evidence *e, const struct user *u);

/* Does what was gathered since the last success speak about H, and not only about those accounts? */
bool verdict_stands(const struct evidence *e, const struct host *h);

#endif
