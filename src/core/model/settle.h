/*
 * Is all known of a user that this stream can tell?  Until she has settled what is published
 * waits, or says of what isn't known that it is from before.  Who knows (watch.c, presence.c)
 * says so here; nothing is decided.
 */
#ifndef PP_CORE_MODEL_SETTLE_H
#define PP_CORE_MODEL_SETTLE_H

#include "core/model/state.h"

/* Nothing is known of U, and nothing is waited for yet. */
void settle_forget(struct user *u);

/* She has been asked: what has not answered by the settle time is offline. */
void settle_begin(struct model *model, struct user *u);

/* Within MS at most. */
void settle_soon(const struct model *model, struct user *u, uint64_t ms);

/* She has had her turn to be asked on this stream; or has it again. */
void settle_has_turn(struct user *u, bool has);

/* Something was heard of her own account. */
void settle_knows(struct user *u);

/* She has; or (while there is a stream) what is to be said of her doesn't depend on what is known. */
void settle_end(struct user *u);
void settle_skip(const struct model *model, struct user *u);

#endif
