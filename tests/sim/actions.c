/*
 * A refactoring may say the same things of one event in another order.  To see
 * that nothing else has changed, the world must not depend on that order, and
 * what is said must be told without what is random (actions_text.h).
 *
 * Events are numbered, but for ticks that nothing follows from: those are the
 * core's own affair.  With --actions, memory never fails (how often it is asked
 * for is no behaviour), and the core's jitter comes from the seed, the moment and
 * the bound, in place of the generator from which ids are drawn too: two users
 * whose requests fail at the same moment wait equally long, whoever is the first
 * of them.
 */
#include "actions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "actions_text.h"

#define EQUALS 65536 /* more than there are actions at one moment */

/* How many of the same came at this moment. */
static struct {
	uint64_t h, moment;
	unsigned n;
} equals[EQUALS];
static uint64_t moment;
static struct sim *judged; /* with --actions */

struct rng;
uint64_t __real_rng_below(struct rng *r, uint64_t bound) __attribute__((weak));
uint64_t __wrap_rng_below(struct rng *r, uint64_t bound);

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
moment_of(const struct sim *s)
{
	return mix(s->opt.seed * UINT64_C(0xd1342543de82ef95) + s->now.mono_ms);
}

/* From H, the seed and the moment; another value each time that the same H comes at one moment. */
static uint64_t
draw(struct sim *s, uint64_t h)
{
	size_t i;

	if (!s->drawn || s->drawn_at != s->now.mono_ms) {
		moment++;
		s->drawn = true;
		s->drawn_at = s->now.mono_ms;
	}
	h = mix(h ^ moment_of(s));
	for (i = h % EQUALS; equals[i].moment == moment && equals[i].h != h; i = (i + 1) % EQUALS)
		;
	if (equals[i].moment != moment) {
		equals[i].moment = moment;
		equals[i].h = h;
		equals[i].n = 0;
	}
	return mix(h + UINT64_C(0x9e3779b97f4a7c15) * ++equals[i].n);
}

/* Jitter; ids may come from the generator in any order. */
uint64_t
__wrap_rng_below(struct rng *r, uint64_t bound)
{
	if (judged == NULL)
		return __real_rng_below(r, bound);
	return bound > 0 ? mix(bound ^ moment_of(judged)) % bound : 0;
}

/* The order that depends on nothing but what is said */

struct rank {
	uint64_t peer, key;
	int stream;	 /* -1: none */
	uint64_t number; /* of the action: the order in which they were taken */
	unsigned part;	 /* the how manieth that came of it */
};

struct held {
	struct rank rank;
	struct pending *p;
};

static int
compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_rank(const void *left, const void *right)
{
	const struct rank *a = &((const struct held *)left)->rank, *b = &((const struct held *)right)->rank;
	int c = compare(a->peer, b->peer);

	if (c == 0)
		c = a->stream - b->stream;
	if (c == 0)
		c = a->stream >= 0 ? compare(a->number, b->number) : compare(a->key, b->key);
	return c != 0 ? c : compare(a->part, b->part);
}

static void
say_event(struct sim *s)
{
	FILE *out = s->opt.actions;

	if (out == NULL || !s->event_waits)
		return;
	s->event_waits = false;
	fprintf(out, "event %" PRIu64 " %s at %.3f\n", ++s->nnumbered, s->event_text,
	    (double)(s->now.mono_ms - s->started) / 1000);
}

void
actions_event(struct sim *s, const struct event *ev)
{
	struct buf b = {0};

	judged = s->opt.actions != NULL ? s : NULL;
	if (judged == NULL)
		return;
	buf_puts(&b, trace_event_name(ev->kind));
	if (ev->from.bare != NULL) {
		text_of_address(s, &b, "from", &ev->from, ev->to.bare);
		text_of_address(s, &b, "to", &ev->to, ev->from.bare);
	}
	s->event_text = sim_dup(s, buf_text(&b));
	buf_clear(&b);
	s->event_waits = true;
	if (ev->kind != EVENT_TICK)
		say_event(s);
}

void
actions_begin(struct sim *s, const struct action *act)
{
	struct buf b = {0};
	uint64_t h;

	s->taking.number++;
	if (act->kind > ACTION_ERROR && s->opt.actions == NULL) {
		/* Nothing is drawn for these; but ids get their names. */
		if (act->kind == ACTION_STORE_DEVICE)
			text_of_action(s, &b, act);
		buf_clear(&b);
		return;
	}
	text_of_action(s, &b, act);
	if (s->opt.actions != NULL) {
		say_event(s);
		fprintf(s->opt.actions, "%s\n", buf_text(&b));
	}
	h = draw(s, text_hash(0, buf_text(&b)));
	buf_clear(&b);
	s->taking.on = true;
	s->taking.part = 0;
	s->taking.peer = text_hash(text_hash(0, text_named(s, act->from.bare)), text_named(s, act->to.bare));
	s->taking.key = h;
	s->taking.rng = s->rng;
	s->rng = h;
}

void
actions_end(struct sim *s)
{
	if (!s->taking.on)
		return;
	s->taking.on = false;
	s->rng = s->taking.rng;
}

static struct rank
rank_now(struct sim *s, int stream)
{
	return (struct rank){s->taking.peer, s->taking.key, stream, s->taking.number, s->taking.part++};
}

void
actions_hold(struct sim *s, struct pending *p)
{
	if (s->nheld == s->held_size) {
		s->held_size = s->held_size == 0 ? 64 : 2 * s->held_size;
		s->held_pendings = realloc(s->held_pendings, s->held_size * sizeof(*s->held_pendings));
		if (s->held_pendings == NULL)
			abort();
	}
	s->held_pendings[s->nheld++] = (struct held){rank_now(s, p->stream), p};
}

/* Strangers guess at the newest of them. */
static void
sort_iqs(struct sim *s)
{
	struct iq *first = s->iqs, *next, **at, *sorted = NULL;

	for (; first != s->iqs_sorted; first = next) {
		next = first->next;
		for (at = &sorted; *at != NULL && (*at)->key < first->key; at = &(*at)->next)
			;
		first->next = *at;
		*at = first;
	}
	for (at = &sorted; *at != NULL; at = &(*at)->next)
		;
	*at = s->iqs_sorted;
	s->iqs = s->iqs_sorted = sorted != NULL ? sorted : s->iqs_sorted;
}

static int
by_account(const void *left, const void *right)
{
	const struct link_entry *a = left, *b = right;

	return a->user != b->user ? a->user - b->user : a->account - b->account;
}

void
actions_flush(struct sim *s)
{
	size_t i;

	if (s->nheld > 1)
		qsort(s->held_pendings, s->nheld, sizeof(*s->held_pendings), by_rank);
	for (i = 0; i < s->nheld; i++)
		drive_enqueue(s, s->held_pendings[i].p);
	s->nheld = 0;
	sort_iqs(s);
	if (s->nlinks > s->links_sorted + 1)
		qsort(s->links + s->links_sorted, (size_t)(s->nlinks - s->links_sorted), sizeof(*s->links), by_account);
	s->links_sorted = s->nlinks;
}

const char *
actions_device(struct sim *s, const struct item *item, size_t k)
{
	const char *best = NULL, *last = NULL, *id, *id_of_best = NULL;
	size_t i, n;

	/* Few devices, seldom asked for. */
	for (n = 0; n <= k; n++, last = best) {
		best = NULL;
		for (i = 0; i < item->ndevices; i++) {
			id = text_named(s, item->devices[i].id);
			if ((last == NULL || strcmp(id, last) > 0) && (best == NULL || strcmp(id, best) < 0)) {
				best = id;
				id_of_best = item->devices[i].id;
			}
		}
		if (best == NULL)
			break;
	}
	return id_of_best;
}

int
actions_row_order(const struct device_record *a, const struct device_record *b)
{
	int c = strcmp(a->primary, b->primary);

	if (c == 0)
		c = strcmp(a->jid, b->jid);
	if (c == 0 && a->resource != NULL && b->resource != NULL)
		c = strcmp(a->resource, b->resource);
	else if (c == 0)
		c = (a->resource != NULL) - (b->resource != NULL);
	return c;
}

void
actions_over(struct sim *s)
{
	if (s->opt.actions != NULL)
		fprintf(s->opt.actions, "end %" PRIu64 " %s\n", s->opt.seed, s->failed ? s->why : "well");
	judged = NULL;
}
