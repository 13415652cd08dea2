/*
 * What no answer says.  Our clock can't tell a server that drops a request from
 * one that has a million others to answer first: silence is measured by what
 * the same domain has answered meanwhile.  A request that was not answered in
 * its time is silent
 *
 *	- when SILENCE_OTHERS later ones of the same kind, to other accounts, were
 *	  answered;
 *	- or when nothing at all has come from there for that time;
 *	- or after two such times, when something that was asked later than each
 *	  of them has been answered; of probes, which are overtaken, only where
 *	  fewer than that could answer, or none has been answered on this stream.
 *
 * Otherwise it goes on waiting, but not for ever.
 */
#ifndef PP_CORE_MODEL_SILENCE_H
#define PP_CORE_MODEL_SILENCE_H

#include "core/model/state.h"

/*
 * The domain NAME, made when it is not known; one reference more.  NULL when there
 * is no memory.  Whoever has an account there (a user, a linked account) holds one.
 */
struct domain *domain_get(struct model *model, const char *name);

/* NULL: nobody has an account there. */
struct domain *domain_find(const struct model *model, const char *name);

/* One reference less; accepts NULL. */
void domain_drop(struct model *model, struct domain *d);

/* The stream is new: nothing has come from anywhere. */
void silence_reset(struct model *model);

/* A request of KIND is about to be sent. */
void silence_asked(struct model *model, struct asking *q);

/* The same was asked again: it is judged by when it was asked FIRST. */
void silence_asked_before(struct asking *q, const struct asking *first);

/* The request that ASKED noted, to an account WHO (any word for it), was answered by D. */
void silence_answered(struct model *model, struct domain *d, enum asked kind, uint64_t who, const struct asking *asked);

/* Something that was no answer came from D. */
void silence_heard(const struct model *model, struct domain *d);

enum silence {
	SILENCE_WAIT,	  /* it may still be answered: judge again at asking->until */
	SILENCE_WAIT_ASK, /* the same, and nothing is under way that could tell: something else is to be asked there */
	SILENCE_COUNTS
};

/* ASKED has had no answer for MS, the time that its kind has; called at asking->until. */
enum silence silence_judge(const struct model *model, const struct domain *d, enum asked kind, uint64_t who,
    struct asking *asked, uint64_t ms);

/* The same where it is known how many OTHERS could answer, of all that have an account there. */
enum silence silence_judge_among(const struct model *model, const struct domain *d, enum asked kind, uint64_t who,
    struct asking *asked, uint64_t ms, size_t others);

/* Was a request of KIND, to another account and later than ORDER, answered? */
bool silence_followed(const struct domain *d, enum asked kind, uint64_t who, uint64_t order);

/* Q was answered, or nothing is waited for any more. */
void silence_over(struct asking *q);

/* Something else is asked: its order among all that is. */
uint64_t silence_order(struct model *model);

#endif
