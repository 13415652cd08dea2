/*
 * By which way a user's requests get to be executed: privileged, in the form that her
 * server takes, or ordinary, as an affiliate.  Each answer tells of it, and so does none.
 */
#ifndef PP_CORE_OUTLETS_PEP_WAY_H
#define PP_CORE_OUTLETS_PEP_WAY_H

#include "core/outlets/state.h"

struct query_taken;

#define REFUSED_MAX 2 /* tries before an account that is refused alone is tried by another way for a while */

/* What an answer, or none, says about a way. */
enum way_verdict {
	WAY_EXECUTED,  /* the step itself: its answer counts */
	WAY_ANOTHER,   /* by another way, at once */
	WAY_FOR_LATER, /* it works for others: this account, or this kind of request */
	WAY_NONE_LEFT
};

/* What is known of privileged requests of U, whose server may refuse them for her alone.  One at a time finds out. */
enum trial pep_privileged(struct outlets *outlets, const struct user *u);

/* A: the answer to T, a request for a user; NULL: none came. */
enum way_verdict pep_judge_way(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a);

/* Nothing was found out by T, if it was to: another request is to do that. */
void pep_give_back_trial(const struct query_taken *t);

/* Ordinary requests of U's are not for her, which nobody has said (SILENT) or her server has: with the privilege they are not needed. */
void pep_no_ordinary(struct outlets *outlets, struct user *u, bool silent);

/* H grants something else now. */
void pep_way_granted(struct host *h);

/* On another stream, and of a host that is new, nothing is known. */
void pep_way_reset(struct host *h);

#endif
