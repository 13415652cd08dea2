#include "core/outlets/slots.h"

#include <string.h>

#include "core/flight/query.h"

/* Publishes in flight: where a host starts, and the bounds. */
#define WINDOW_START 16
#define WINDOW_MIN 2
#define WINDOW_MAX 512

/* An answer is slow when it takes more than twice the best time and this. */
#define SLOW_EXTRA_MS 20

/* What is not answered so soon is about the account, or all are. */
#define OVERDUE_MS 2000
#define LOOK_AGAIN_MS 1000

/* So long holds its slot what a later one has overtaken, and whoever was not answered before. */
#define HOLD_MS 500

/* Beyond the window, while all of it is overdue. */
#define EXTRA_MAX WINDOW_MAX

/* The share of the slots for whom that is known of: one in so many, and one. */
#define SHARE 4

void
slots_reset(struct host *h)
{
	h->window = WINDOW_START;
	h->answered = 0;
	h->base_ms = UINT64_MAX;
	h->answered_order = 0;
	h->scout_at = 0;
	h->scouts = 0;
	h->extra = 0;
	h->shrunk_order = 0;
}

/* Users in turn */

void
slots_ready(struct user *u, bool first)
{
	struct ready *r = &u->host->ready[u->pep.unheard];

	if (u->pep.queued)
		return;
	u->pep.queued = true;
	u->ready = r;
	u->ready_prev = u->ready_next = NULL;
	if (r->head == NULL) {
		r->head = r->tail = u;
	} else if (first) {
		u->ready_next = r->head;
		r->head->ready_prev = u;
		r->head = u;
	} else {
		u->ready_prev = r->tail;
		r->tail->ready_next = u;
		r->tail = u;
	}
}

static void
unready(struct user *u)
{
	struct ready *r = u->ready;

	if (u->ready_prev != NULL)
		u->ready_prev->ready_next = u->ready_next;
	else
		r->head = u->ready_next;
	if (u->ready_next != NULL)
		u->ready_next->ready_prev = u->ready_prev;
	else
		r->tail = u->ready_prev;
	u->pep.queued = false;
}

void
slots_hurry(struct user *u)
{
	if (!u->pep.queued)
		return;
	unready(u);
	slots_ready(u, true);
}

void
slots_leave(struct user *u)
{
	if (u->pep.queued)
		unready(u);
}

void
slots_clear(struct host *h)
{
	size_t i;

	for (i = 0; i < READY; i++) {
		while (h->ready[i].head != NULL)
			unready(h->ready[i].head);
	}
}

static struct user *
first_unheard(const struct host *h)
{
	size_t i;

	for (i = 1; i < READY; i++) {
		if (h->ready[i].head != NULL)
			return h->ready[i].head;
	}
	return NULL;
}

bool
slots_wanted(const struct host *h)
{
	return h->ready[0].head != NULL || first_unheard(h) != NULL;
}

static size_t
quarter(const struct host *h)
{
	return h->window / SHARE > 1 ? h->window / SHARE : 1;
}

/* May one of those go who were not answered?  What works at a host is for others to find out. */
static bool
may_unheard(const struct host *h)
{
	bool others = h->ready[0].head != NULL;

	if (first_unheard(h) == NULL || (others && h->privileged == TRIAL_UNKNOWN && h->form == WAY_PRIVILEGED))
		return false;
	return h->unheard < quarter(h);
}

/* Nothing has come of all that is under way: so many more, and twice as many each time, until something is answered. */
static void
send_scouts(const struct outlets *outlets, struct host *h)
{
	if (h->in_flight < h->window + h->extra || h->overdue < h->window || h->scout_at > outlets->env->now.mono_ms)
		return;
	h->scouts = h->scouts == 0 ? quarter(h) : 2 * h->scouts;
	h->extra = h->in_flight - h->window + h->scouts;
	if (h->extra > EXTRA_MAX) {
		h->extra = EXTRA_MAX;
		h->scouts = quarter(h);
	}
	h->scout_at = outlets->env->now.mono_ms + LOOK_AGAIN_MS;
}

struct user *
slots_next(struct outlets *outlets, struct host *h)
{
	struct user *u;

	if (!slots_wanted(h))
		return NULL;
	send_scouts(outlets, h);
	if (h->in_flight >= h->window + h->extra)
		return NULL;
	u = may_unheard(h) ? first_unheard(h) : h->ready[0].head;
	if (u != NULL)
		unready(u);
	return u;
}

/* Slots */

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
slots_take(struct outlets *outlets, struct query *q)
{
	struct host *h = q->host;

	h->in_flight++;
	q->slot = true;
	q->unheard = q->user->pep.unheard;
	h->unheard += q->unheard != 0;
	timer_set(&outlets->env->timers, &q->timer, earlier(q->timer.at, outlets->env->now.mono_ms + HOLD_MS));
}

static void
give_back(struct query *q)
{
	struct host *h = q->host;

	if (!q->slot)
		return;
	h->in_flight--;
	h->unheard -= q->unheard != 0;
	h->overdue -= q->overdue;
	q->slot = q->overdue = false;
	if (h->in_flight < h->window)
		h->extra = h->scouts = 0;
}

static void
give_back_trial(const struct query *q)
{
	if (!q->trial)
		return;
	if (!q->handed_on && q->way != WAY_ORDINARY && q->host->privileged == TRIAL_RUNNING)
		q->host->privileged = TRIAL_UNKNOWN;
	if (q->way == WAY_ORDINARY && q->host->ordinary == TRIAL_RUNNING)
		q->host->ordinary = TRIAL_UNKNOWN;
}

void
slots_forget(struct outlets *outlets, const struct user *u)
{
	struct query *q;

	for (q = outlets->flight->all_queries; q != NULL; q = q->next) {
		if (q->ask != ASK_PEP || (u != NULL && q->user != u))
			continue;
		give_back(q);
		give_back_trial(q);
	}
}

static bool
is_overtaken(const struct query *q)
{
	return q->host->answered_order > q->asking.order;
}

/* She was not answered once, or more often. */
static void
note_unheard(const struct query *q)
{
	q->user->pep.unheard = q->unheard + 1 < READY ? q->unheard + 1 : READY - 1;
}

static void
look_at_overdue(struct query *q)
{
	struct host *h = q->host;

	note_unheard(q);
	if (q->slot && !q->overdue) {
		q->overdue = true;
		h->overdue++;
	}
	/* Somebody else may find out what works. */
	if (q->trial && !q->handed_on && q->way != WAY_ORDINARY && h->privileged == TRIAL_RUNNING && h->users > 1) {
		q->handed_on = true;
		h->privileged = TRIAL_UNKNOWN;
	}
}

bool
slots_look(struct outlets *outlets, struct query *q)
{
	uint64_t overdue_at = q->sent_at + OVERDUE_MS;

	if (q->unheard != 0 || is_overtaken(q))
		give_back(q);
	if (overdue_at <= outlets->env->now.mono_ms)
		look_at_overdue(q);
	if (outlets->env->now.mono_ms >= q->sent_at + q->life)
		return false;
	if (overdue_at <= outlets->env->now.mono_ms)
		overdue_at = outlets->env->now.mono_ms + LOOK_AGAIN_MS;
	timer_set(&outlets->env->timers, &q->timer, earlier(q->sent_at + q->life, overdue_at));
	return true;
}

/* As TCP does to its path: grow while answers stay quick, shrink when they slow down. */
void
slots_adapt(struct host *h, bool answered, uint64_t took)
{
	if (!answered) {
		h->window = h->window / 2 > WINDOW_MIN ? h->window / 2 : WINDOW_MIN;
		h->answered = 0;
		return;
	}
	if (took < h->base_ms)
		h->base_ms = took;
	if (++h->answered < h->window)
		return;
	h->answered = 0;
	if (took > 2 * h->base_ms + SLOW_EXTRA_MS) {
		h->window -= h->window / 4; /* which leaves two or three as they are */
		h->base_ms++;		    /* the best time may no longer be had */
	} else if (h->window < WINDOW_MAX) {
		h->window++;
	}
}

/* Once for all that was under way together, and not for whom that is nothing new. */
void
slots_shrink(const struct outlets *outlets, struct query *q)
{
	struct host *h = q->host;

	if (q->slot && q->unheard == 0 && q->asking.order > h->shrunk_order) {
		h->shrunk_order = outlets->model->asked_order;
		slots_adapt(h, false, 0);
	}
	give_back(q);
}

void
slots_measure(struct outlets *outlets, struct query *q, bool answered)
{
	struct host *h = q->host;
	uint64_t took = outlets->env->now.mono_ms - q->sent_at;
	bool alone = is_overtaken(q) && took >= OVERDUE_MS;

	if (answered && h->answered_order < q->asking.order)
		h->answered_order = q->asking.order;
	if (alone) {
		note_unheard(q);
	} else if (answered) {
		q->user->pep.unheard = 0;
		h->extra = h->scouts = 0;
		slots_adapt(h, true, took);
	} else {
		slots_shrink(outlets, q);
	}
	give_back(q);
}
