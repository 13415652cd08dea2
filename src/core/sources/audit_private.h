/* Shared by audit*.c alone, each above the one before: audit_of.c, audit_judge.c, audit.c. */
#ifndef PP_CORE_SOURCES_AUDIT_PRIVATE_H
#define PP_CORE_SOURCES_AUDIT_PRIVATE_H

#include "core/flight/pace.h"
#include "core/sources/state.h"

/* An answer is waited for this long. */
#define ANSWER_MS 10000

/* Rounds in which a domain answered nobody before its accounts are stale. */
#define HANGS_MAX 2

/* The audit of U's primary (D: of that linked account), and back: the device is NULL for a primary's. */
struct audit *audit_of(struct user *u, struct device *d);
struct device *audit_device(struct audit *a);
struct user *audit_user(struct audit *a);
struct domain *audit_domain(struct audit *a);
uint64_t audit_who(struct audit *a);

/* The devices whose resources are A's, one after the other. */
struct device *audit_first(struct audit *a);
struct device *audit_next(const struct audit *a, const struct device *d);

/* Does R, a resource of D, count?  What is known from hints alone is pinged (watch.c). */
bool audit_counts(const struct device *d, const struct resource *r);

/* When the one that has been quiet longest was heard of; TIMER_NEVER: nothing is available. */
uint64_t audit_oldest(struct audit *a);

/* Is R missing in this round?  Is a resource, of those that were SILENT in the round before, or of the others? */
bool audit_misses(const struct audit *a, const struct device *d, const struct resource *r);
bool audit_misses_any(struct audit *a, bool silent);

/* Whose approval doesn't stand is never probed; nor is anybody before all is known that this stream began with. */
bool audit_may_ask(const struct sources *sources, struct audit *a);

/* One that has answered a probe before: is there nothing to say that it would not now? */
bool audit_could_answer(const struct sources *sources, struct audit *a);

/* A's silence is to be judged by what others of its domain are answered later: see to it that some are asked. */
void audit_call_witnesses(struct sources *sources, struct audit *a);

/* The time of A's last probe is over; true when that was the end of the round. */
bool audit_judge(struct sources *sources, struct user *u, struct audit *a);

/* A is to be probed in its turn. */
void audit_queue(struct audit *a, enum turn turn);

#endif
