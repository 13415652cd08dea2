/*
 * What a step of the PEP outlet of a user leaves behind: nothing more to do, another try,
 * a rest until something comes; why she counts as blocked, and when she is let go.
 */
#ifndef PP_CORE_OUTLETS_PEP_STEP_H
#define PP_CORE_OUTLETS_PEP_STEP_H

#include "core/outlets/state.h"

#define BLOCKED_RETRY_MS 60000 /* a privilege or an invitation that came is noticed within this */

/* Something that may show in U's item has changed; or is to go from NODES, each as 1 << node: that waits for nothing. */
void pep_touch(const struct outlets *outlets, struct user *u);
void pep_urgent(const struct outlets *outlets, struct user *u, unsigned nodes);

/* What was in the way of another item, or under other settings, may not be any more: no error of before is waited for. */
void pep_forget_errors(struct user *u);

/* In MS at most, and in half of that at least: not all at once. */
uint64_t pep_later(struct outlets *outlets, uint64_t ms);

/* Why nothing is published; TEXT_NONE: nothing is wrong. */
enum text_id pep_reason(const struct core_settings *set, const struct user *u);

/* What the node of the step under way is to be open for, by the settings as they are. */
enum access pep_access(const struct outlets *outlets, const struct user *u);

/* Both nodes are as they should be, or the private one after the public one. */
void pep_nothing_left(struct outlets *outlets, struct user *u);

/*
 * The node of the step under way is about to be set up as TARGET.  When that
 * makes it more silent than the registry says, a crash would leave contacts
 * without events: then no step is sent before a row that allows for it is
 * durable; pep_stored() says when, or that it can't be.  False: there is no
 * memory for the row, and the set-up comes later.
 */
bool pep_begin_setup(struct outlets *outlets, struct user *u, enum node_setup target);

/* The registry can't be written, so that no set-up may begin: the node stays as it is for a while. */
void pep_no_setup(struct outlets *outlets, struct user *u);

/* What each publish tries once may be tried again. */
void pep_try_anew(struct user *u);

/* The host has granted nothing and nobody would deliver what is published: it waits for a grant. */
void pep_no_grant(struct outlets *outlets, struct user *u);

/* A grant of U's host came, or changed: what waited for one goes on. */
void pep_granted(struct outlets *outlets, struct user *u);

/* The step failed for now: everything is due again. */
void pep_rest(struct user *u);

/* Try again later, each time later than before; blocked after some times.  Or the same from the beginning. */
void pep_retry(struct outlets *outlets, struct user *u, const char *error);
void pep_give_up(struct outlets *outlets, struct user *u, const char *error);

/* She is blocked for this reason, which she and the log are told once; or is no more. */
void pep_block(struct outlets *outlets, struct user *u, enum blocked why, const char *error);
/* Nothing was said to an ordinary request, and there is no other way. */
void pep_unanswered(struct outlets *outlets, struct user *u);
void pep_unblock(struct outlets *outlets, struct user *u);

/* Her last item stays when she has left. */
void pep_say_residue(struct outlets *outlets, const struct user *u);

/*
 * Nothing of this life is in the private node, nor has to be.  An earlier one
 * may have left something, of which no row tells: it is emptied once, where
 * that takes no invitation.
 */
bool pep_is_to_be_cleaned(const struct outlets *outlets, const struct user *u);

/* When the items that are published have to be renewed, so that they don't expire. */
void pep_plan_refresh(struct outlets *outlets, struct user *u);

/* The settings say another pace: what was used up was so by the former one, and may be hours of this one. */
void pep_repaced(struct user *u);

#endif
