/*
 * Answers to what anybody may ask, which wait to be taken: results, errors and
 * replies to commands.  Whoever asks most must not have the server read nothing
 * but what he is answered, nor keep the others from their answers (THREATS 26):
 *
 *	- while something is to be published, told or asked as well, it has its
 *	  turns: after an answer as many as the answer has KiB, and one;
 *	- who asks is an account of a configured host, or else a domain, whose
 *	  accounts cost it nothing.  They have their turns one after the other;
 *	  accounts and domains alternate;
 *	- so many answers may wait, and so many bytes of them, for accounts, and as
 *	  many for domains.  Beyond that who has most of them, by their number, loses
 *	  his oldest to one who would not have as many; otherwise who asks gets none.
 *	  So nobody loses the only one that he waits for, however large it is.
 */
#ifndef PP_CORE_TOOLS_ANSWERS_H
#define PP_CORE_TOOLS_ANSWERS_H

#include "core/tools/env.h"

/*
 * A new answer for TO, a bare JID, behind those he waits for; NULL when there is
 * no memory (env->oom is set), or when he has so many that this one is not made.
 */
struct said *answers_say(struct env *env, enum action_kind kind, const char *to);

/* What was said to whom asked has grown. */
void answers_grow(struct said *s, size_t size);

/* The next one, out of the queue; NULL: none.  It is the caller's to free. */
struct said *answers_take(struct env *env);

/* Is one to go before what else there is? */
bool answers_first(const struct env *env);

/* Something else went before them. */
void answers_let_go(struct env *env);

size_t answers_wait(const struct env *env);

/*
 * Who shares what: BARE, an account AT_HOME at a configured host; otherwise its
 * domain, in one form, which may be made in WORK of JID_PART_MAX + 1 bytes.
 */
const char *answers_asker(const struct env *env, const char *bare, char *work, bool *at_home);

#endif
