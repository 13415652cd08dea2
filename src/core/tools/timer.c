#include "core/tools/timer.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

void
timers_clear(struct timers *ts)
{
	mem_free(ts->heap);
	memset(ts, 0, sizeof(*ts));
}

static int
reserve(struct timers *ts, size_t n)
{
	struct timer **heap;
	size_t cap = ts->cap != 0 ? ts->cap : 64;

	if (n <= ts->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	heap = mem_realloc(ts->heap, cap * sizeof(*heap));
	if (heap == NULL)
		return ERR_NOMEM;
	ts->heap = heap;
	ts->cap = cap;
	return 0;
}

static void
place(struct timers *ts, struct timer *t, size_t pos)
{
	ts->heap[pos - 1] = t;
	t->pos = pos;
}

static void
sift_up(struct timers *ts, struct timer *t, size_t pos)
{
	while (pos > 1 && ts->heap[pos / 2 - 1]->at > t->at) {
		place(ts, ts->heap[pos / 2 - 1], pos);
		pos /= 2;
	}
	place(ts, t, pos);
}

static void
sift_down(struct timers *ts, struct timer *t, size_t pos)
{
	size_t child;

	while ((child = 2 * pos) <= ts->count) {
		if (child < ts->count && ts->heap[child]->at < ts->heap[child - 1]->at)
			child++;
		if (ts->heap[child - 1]->at >= t->at)
			break;
		place(ts, ts->heap[child - 1], pos);
		pos = child;
	}
	place(ts, t, pos);
}

void
timer_set(struct timers *ts, struct timer *t, uint64_t at)
{
	struct timer *last;
	size_t pos = t->pos;

	if (pos == 0) {
		t->at = at;
		if (at == TIMER_NEVER || ts->count == ts->cap)
			return;
		ts->count++;
		sift_up(ts, t, ts->count);
		return;
	}
	if (at == TIMER_NEVER) {
		t->at = at;
		t->pos = 0;
		last = ts->heap[--ts->count];
		if (last == t)
			return;
		if (pos > 1 && ts->heap[pos / 2 - 1]->at > last->at)
			sift_up(ts, last, pos);
		else
			sift_down(ts, last, pos);
		return;
	}
	if (at < t->at) {
		t->at = at;
		sift_up(ts, t, pos);
	} else if (at > t->at) {
		t->at = at;
		sift_down(ts, t, pos);
	}
}

int
timer_begin(struct timers *ts, struct timer *t, enum timer_kind kind)
{
	int status = reserve(ts, ts->begun + 1);

	if (status != 0)
		return status;
	ts->begun++;
	t->kind = kind;
	t->at = TIMER_NEVER;
	t->begun = true;
	return 0;
}

void
timer_end(struct timers *ts, struct timer *t)
{
	if (!t->begun)
		return;
	timer_set(ts, t, TIMER_NEVER);
	t->begun = false;
	ts->begun--;
}

struct timer *
timers_first(const struct timers *ts)
{
	return ts->count > 0 ? ts->heap[0] : NULL;
}
