/*
 * Deadlines as data: a binary heap of timers that are part of what they
 * belong to.  The heap never calls anybody; the core asks for what is due.
 */
#ifndef PP_CORE_TOOLS_TIMER_H
#define PP_CORE_TOOLS_TIMER_H

#include <stdbool.h>
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
	bool begun;
};

struct timers {
	struct timer **heap;
	size_t count;
	size_t cap;
	size_t begun; /* there is room for so many */
};

void timers_clear(struct timers *ts);

/* T, which is zeroed, is one of TS until its end, with room in the heap whenever it is set.  Returns 0 or ERR_NOMEM. */
int timer_begin(struct timers *ts, struct timer *t, enum timer_kind kind);
void timer_end(struct timers *ts, struct timer *t); /* accepts one that has not begun */

/* Put T, which has begun, at AT, or take it out for TIMER_NEVER. */
void timer_set(struct timers *ts, struct timer *t, uint64_t at);

/* The earliest; NULL when there is none. */
struct timer *timers_first(const struct timers *ts);

#endif
