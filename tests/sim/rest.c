#include "rest.h"

#include <string.h>

#include "core/top.h"
#include "core/outlets/telling.h"

/* Who has just asked for all that he may waits as long as this until he could ask for as much again. */
#define ASKS_AHEAD_MS (64 * 30000)
/* What is remembered of them: of whom, and for few, for an hour. */
#define KEPT_AHEAD_MS (61 * 60000)

/* Likewise who has just been greeted as often as may be. */
#define GREETS_AHEAD_MS (3 * 60000)

/* What a bucket may be ahead by when it was used a moment ago. */
#define AHEAD_MS 3000

#define AT_REST(condition, name)     \
	do {                         \
		if (!(condition))    \
			return name; \
	} while (0)

static const char *
pep(const struct core *c, const struct pep *o)
{
	AT_REST(!o->queued, "pep.queued");
	AT_REST(!o->flying && o->step == STEP_IDLE, "pep.flying, step");
	AT_REST(o->noting == 0, "pep.noting");
	AT_REST(!o->follow, "pep.follow");
	if (o->blocked != BLOCKED_NOT || o->retry_at > c->env.now.mono_ms)
		return NULL; /* it is tried again, for ever */
	AT_REST(!o->dirty && !o->urgent && !o->rushed, "pep.dirty, urgent, rushed");
	AT_REST(!o->force, "pep.force");
	AT_REST(o->bucket <= c->env.now.mono_ms + c->env.set.rate_ms, "pep.bucket");
	AT_REST(!o->retracted && !o->repaired && !o->redone && !o->emptied && !o->opens,
	    "pep.retracted, repaired, redone, emptied, opens");
	AT_REST(o->retries == 0, "pep.retries");
	return NULL;
}

/* Whose turn it is depends on the time of day: one may wait for an answer, but then it knows how long. */
static const char *
audit(const struct audit *a)
{
	bool between = a->state == AUDIT_UNWATCHED || a->state == AUDIT_AT_REST;

	AT_REST(!between || (a->asks == 0 && !a->answered && !a->waited), "audit.asks, answered, waited");
	AT_REST((a->state == AUDIT_QUEUED) <= (a->ring.next != NULL), "audit.ring");
	AT_REST((a->state == AUDIT_ASKED || a->state == AUDIT_UNWATCHED) <= (a->ring.next == NULL), "audit.ring");
	return NULL;
}

static const char *
device(const struct device *d)
{
	const struct resource *r;

	AT_REST(!d->unsaved && !d->approval_due, "device.unsaved, approval_due");
	AT_REST(!d->fresh, "device.fresh");
	AT_REST(d->claim.turn.next == NULL && !d->claim.unsaved, "claim.turn, unsaved");
	if (d->account != NULL)
		AT_REST(d->account->read_order == 0, "account.read_order");
	if (d->claim.against != 0 && !d->claim.stands)
		return NULL; /* it is kept as it was last shown */
	for (r = d->resources; r != NULL; r = r->next)
		AT_REST(!r->ghost, "resource.ghost");
	return audit(&d->audit);
}

static bool
empty(const struct ring *list)
{
	return list->next == NULL || list->next == list;
}

static const char *
user(const struct core *c, const struct user *u)
{
	const struct device *d;
	const char *why;
	size_t i;

	AT_REST(u->marks == 0 && u->marked.next == NULL && u->gone == NULL, "user.marks, marked, gone");
	for (i = 0; i < u->ncontacts; i++)
		AT_REST(!u->contacts[i]->fresh, "contact.fresh");
	AT_REST(!u->unsaved && !u->rewrite && !u->going, "user.unsaved, rewrite, going");
	AT_REST(u->asking == 0 && u->guesses == 0 && u->queries == 0, "user.asking, guesses, queries");
	AT_REST(!u->roster_asking, "user.roster_asking");
	AT_REST(!u->roster_twice, "user.roster_twice");
	AT_REST(!u->roster_wanted && !u->roster_once_more && u->roster_rests == 0,
	    "user.roster_wanted, roster_once_more, roster_rests");
	AT_REST(!u->blocklist_asking && !u->blocklist_again, "user.blocklist_asking, blocklist_again");
	AT_REST(!u->late || u->deliver, "user.late");
	AT_REST(u->errands == 0 && u->waiting == NULL, "user.errands, waiting");
	AT_REST(u->telling == TELLING_NOT && u->own_due == 0, "user.telling, own_due");
	AT_REST(u->parting == 0 && u->part_at == 0, "user.parting, part_at");
	AT_REST(u->own_at == 0 && u->own_bucket <= c->env.now.mono_ms + AHEAD_MS, "user.own_at, own_bucket");
	AT_REST(!u->hurried && u->probe_turn.next == NULL, "user.hurried, probe_turn");
	AT_REST(u->claim.turn.next == NULL && !u->claim.unsaved && !u->claim.lapsed, "claim.turn, unsaved, lapsed");
	AT_REST(u->leaving || (!u->heir && u->heir_reply == NULL), "user.heir, heir_reply");
	if (u->leaving || u->withheld != 0)
		return NULL;
	AT_REST(u->settled && u->settle_at == TIMER_NEVER && !u->hasty, "user.settled, settle_at, hasty");
	for (d = u->devices; d != NULL; d = d->next) {
		why = device(d);
		if (why != NULL)
			return why;
	}
	why = audit(&u->audit);
	if (why != NULL)
		return why;
	if (u->approved && !u->claim.stands)
		return NULL; /* nothing newer goes out */
	/* Contacts are told when a roster can be had again. */
	if (u->roster_known && (u->host->grant.roster & MAY_GET) && u->roster_until == 0)
		AT_REST(!u->deliver && u->ndue == 0, "user.deliver, ndue");
	AT_REST(!u->own_missed, "user.own_missed");
	AT_REST(!u->narrowed, "user.narrowed");
	AT_REST(empty(&u->changes), "user.changes");
	AT_REST(!u->owes || u->pep.dirty, "user.owes");
	return pep(c, &u->pep);
}

static const char *
pace(const struct core *c, const struct pace *p)
{
	uint64_t now = c->env.now.mono_ms * 1000, ahead = now + AHEAD_MS * 1000;
	unsigned turn;

	for (turn = 0; turn < TURNS; turn++) {
		/* There may always be somebody to be audited, or polled, but nobody waits for nothing. */
		if (turn == TURN_AGAIN || turn == TURN_AUDIT)
			AT_REST(empty(&p->turns[turn]) || p->audits_at > now || p->probes_at > now, "pace.turns");
		else if (turn != TURN_DUE && turn != TURN_POLL)
			AT_REST(empty(&p->turns[turn]), "pace.turns");
		AT_REST(p->passed[turn] <= 3, "pace.passed");
	}
	AT_REST(p->probes_at <= ahead && p->rosters_at <= ahead && p->wanted_at <= ahead,
	    "pace.probes_at, rosters_at, wanted_at");
	AT_REST(p->audits_at <= ahead + 4000000 / c->env.set.probes_per_s, "pace.audits_at");
	return NULL;
}

static const char *
host(const struct core *c, const struct host *h)
{
	/* After three of them it waits as long as another host is served: anew.c. */
	AT_REST(h->anew_why == NULL || h->anew_turns >= 3, "host.anew_why");
	AT_REST(h->in_flight == 0, "host.in_flight");
	AT_REST(h->ready[0].head == NULL && h->ready[1].head == NULL && h->ready[2].head == NULL, "host.ready");
	AT_REST(h->grant_say_at == 0 && h->grant_changes == 0, "host.grant_say_at, grant_changes");
	AT_REST(h->overdue == 0 && h->unheard == 0 && h->extra == 0, "host.overdue, unheard, extra");
	AT_REST(h->part_at <= c->env.now.mono_ms + AHEAD_MS, "host.part_at");
	return pace(c, &h->pace);
}

static const char *
watcher(const struct core *c, const struct watcher *w)
{
	unsigned i;

	AT_REST(w->bucket <= c->env.now.mono_ms + AHEAD_MS, "watcher.bucket");
	for (i = 0; i < WATCHER_SEEN && w->seen != NULL; i++)
		AT_REST(w->seen[i].bucket <= c->env.now.mono_ms + GREETS_AHEAD_MS, "watcher.seen.bucket");
	AT_REST(w->timer.pos == 0, "watcher.timer");
	return NULL;
}

static const char *
line(const struct line *l)
{
	AT_REST(!l->ended || l->shared, "line.ended");
	if (l->shared || l->mutes > 0)
		return NULL; /* what is missing is what it looks for */
	AT_REST(l->nsent == 0 && l->judge_at == TIMER_NEVER, "line.nsent, judge_at");
	return NULL;
}

static bool
waits(const struct core *c)
{
	const struct user *u;

	for (u = c->model.users; u != NULL; u = u->next) {
		if (u->hurried || u->roster_wanted || u->roster_once_more)
			return true;
	}
	return false;
}

bool
rest_is_busy(const struct core *c)
{
	return waits(c) || c->flight.queries.count > 0 ||
	    (c->flight.line.nsent > 0 && c->flight.line.mutes == 0 && !c->flight.line.shared) ||
	    c->flight.changes != NULL || c->env.said != NULL || c->outlets.nerrands > 0 ||
	    c->outlets.turns.head != NULL || c->outlets.resting.head != NULL;
}

static const char *
core(const struct core *c, bool forms)
{
	const struct ask_note *note;
	const struct ring *r;
	unsigned i;

	AT_REST(!c->env.oom && !c->missed, "env.oom, core.missed");
	AT_REST(c->flight.all_queries == NULL && c->flight.queries.count == 0, "flight.queries, all_queries");
	AT_REST(c->flight.nchanges == 0, "flight.nchanges");
	AT_REST(c->flight.changes == NULL && c->flight.changes_tail == &c->flight.changes,
	    "flight.changes, changes_tail");
	AT_REST(c->env.said == NULL && c->env.said_tail == &c->env.said && c->env.taken == NULL,
	    "env.said, said_tail, taken");
	AT_REST(c->env.nsaid == 0, "env.nsaid");
	for (i = 0; i < 2; i++)
		AT_REST(c->env.answers[i].n == 0 && c->env.answers[i].bytes == 0 &&
			c->env.answers[i].askers.count == 0 && ring_first(&c->env.answers[i].turns) == NULL,
		    "env.answers");
	AT_REST(c->outlets.errands == NULL && c->outlets.errands_tail == &c->outlets.errands,
	    "outlets.errands, errands_tail");
	AT_REST(c->outlets.nerrands == 0, "outlets.nerrands");
	AT_REST(c->outlets.turns.head == NULL && c->outlets.resting.head == NULL, "outlets.turns, resting");
	AT_REST(c->outlets.carried == NULL, "outlets.carried");
	AT_REST(c->consent.ask_bucket <= c->env.now.mono_ms + ASKS_AHEAD_MS, "consent.ask_bucket");
	for (i = 0; i < ASK_OF_KINDS; i++) {
		for (r = ring_first(&c->consent.asks[i].turns); r != NULL;
		     r = ring_next(&c->consent.asks[i].turns, r)) {
			note = TABLE_OF(r, const struct ask_note, turn);
			AT_REST(note->bucket <= c->env.now.mono_ms + ASKS_AHEAD_MS, "ask_note.bucket");
			AT_REST(note->until <= c->env.now.mono_ms + KEPT_AHEAD_MS, "ask_note.until");
		}
	}
	AT_REST(c->flight.unsaved_at == TIMER_NEVER, "flight.unsaved_at");
	AT_REST(!forms || c->talk.sessions.count == 0, "talk.sessions");
	AT_REST(!c->sources.anew_asked, "sources.anew_asked");
	AT_REST(empty(&c->model.marked), "model.marked");
	AT_REST(c->env.timers.begun ==
		c->model.nusers + c->flight.queries.count + c->talk.sessions.count + c->outlets.watchers.count,
	    "env.timers");
	return line(&c->flight.line);
}

const char *
rest_trouble(const struct core *c, bool forms)
{
	const struct table_node *n;
	const struct user *u;
	const char *why = core(c, forms);

	for (n = table_next(&c->model.hosts, NULL); why == NULL && n != NULL; n = table_next(&c->model.hosts, n))
		why = host(c, TABLE_OF(n, const struct host, node));
	for (n = table_next(&c->outlets.watchers, NULL); why == NULL && n != NULL;
	     n = table_next(&c->outlets.watchers, n))
		why = watcher(c, TABLE_OF(n, const struct watcher, node));
	for (u = c->model.users; why == NULL && u != NULL; u = u->next)
		why = user(c, u);
	return why;
}
