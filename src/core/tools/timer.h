/*
 * Deadlines as data: a binary heap of timers that are part of what they
 * belong to.  The heap never calls anybody; the core asks for what is due.
 */
#ifndef PP_CORE_TOOLS_TIMER_H
#define PP_CORE_TOOLS_TIMER_H

#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

enum timer_kind {
	TIMER_USER,
	TIMER_QUERY,
	TIMER_SESSION,
	TIMER_WATCHER
};

struct timer {
	uint64_t at;
	size_t pos; /* 1 .. ; 0: not in the heap */
	enum timer_kind kind;
};

struct timers {
	struct timer **heap;
	size_t count;
	size_t cap;
};

/* T is in no heap yet. */
void timer_init(struct timer *t, enum timer_kind kind);

void timers_clear(struct timers *ts);

/* Make room for N timers in all, so that timer_set() can't fail.  Returns 0 or ERR_NOMEM. */
int timers_reserve(struct timers *ts, size_t n);

/*
 * Put T at AT, or take it out for TIMER_NEVER.  Room must have been reserved;
 * a timer that is in the heap already needs none.
 */
void timer_set(struct timers *ts, struct timer *t, uint64_t at);

/* The earliest; NULL when there is none. */
struct timer *timers_first(const struct timers *ts);

#endif
