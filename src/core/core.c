#include "core/core.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/anew.h"
#include "core/answers.h"
#include "core/audit.h"
#include "core/blocking.h"
#include "core/change.h"
#include "core/chat.h"
#include "core/command.h"
#include "core/command_session.h"
#include "core/delivery.h"
#include "core/device.h"
#include "core/doubt.h"
#include "core/due.h"
#include "core/follow.h"
#include "core/grant.h"
#include "core/greeting.h"
#include "core/host.h"
#include "core/line.h"
#include "core/link.h"
#include "core/missing.h"
#include "core/outbox.h"
#include "core/outbox_step.h"
#include "core/pace.h"
#include "core/place.h"
#include "core/presence.h"
#include "core/probe.h"
#include "core/query.h"
#include "core/remind.h"
#include "core/request.h"
#include "core/roster.h"
#include "core/say.h"
#include "core/silence.h"
#include "core/slots.h"
#include "core/suspend.h"
#include "core/telling.h"
#include "core/user.h"
#include "core/verify.h"
#include "core/withhold.h"

/* Timers that go off while actions are taken, and set each other off: one or two rounds in practice. */
#define ROUNDS_MAX 8

/* The wall clock against the monotonic one, from one event to the next: less is what clocks do. */
#define CLOCK_JUMP_MS 60000

/* How long a stop waits for publishes in flight. */
#define DRAIN_MS 2000

struct core *
core_new(const struct core_settings *s, const uint8_t seed[CORE_SEED_LEN], const uint8_t key[CORE_KEY_LEN])
{
	struct core *c = mem_alloc(sizeof(*c));
	const uint8_t *tables = seed + RNG_SEED_LEN;

	if (c == NULL)
		return NULL;
	rng_init(&c->rng, seed);
	memcpy(c->key, key, CORE_KEY_LEN);
	table_init(&c->hosts, tables);
	table_init(&c->domains, tables);
	table_init(&c->by_primary, tables);
	table_init(&c->by_bridge, tables);
	table_init(&c->accounts, tables);
	table_init(&c->queries, tables);
	table_init(&c->watchers, tables);
	table_init(&c->sessions, tables);
	table_init(&c->answers[0].askers, tables);
	table_init(&c->answers[1].askers, tables);
	c->said_tail = &c->said;
	c->changes_tail = &c->changes;
	c->errands_tail = &c->errands;
	c->unsaved_at = c->missing_at = c->anew_at = c->grants_at = TIMER_NEVER;
	line_init(c);
	c->item_devices = mem_array(USER_DEVICES_MAX, sizeof(*c->item_devices));
	c->item_resources = mem_array(USER_DEVICES_MAX * DEVICE_RESOURCES_MAX, sizeof(*c->item_resources));
	c->domain = mem_strdup(s->domain);
	if (c->item_devices == NULL || c->item_resources == NULL || c->domain == NULL || core_configure(c, s) != 0) {
		core_free(c);
		return NULL;
	}
	return c;
}

void
core_free(struct core *c)
{
	if (c == NULL)
		return;
	delivery_clear(c);
	query_forget_all(c);
	session_clear(c);
	change_clear(c);
	while (c->users != NULL)
		follow_forget(c, c->users);
	say_clear(c);
	host_free_all(c);
	table_clear(&c->domains);
	table_clear(&c->by_primary);
	table_clear(&c->by_bridge);
	table_clear(&c->accounts);
	table_clear(&c->queries);
	table_clear(&c->watchers);
	table_clear(&c->sessions);
	table_clear(&c->answers[0].askers);
	table_clear(&c->answers[1].askers);
	timers_clear(&c->timers);
	mem_free(c->item_devices);
	mem_free(c->item_resources);
	mem_free(c->settings_memory);
	mem_free(c->domain);
	mem_free(c);
}

/* Nothing is known of them on another stream. */
static void
hosts_begin_anew(struct core *c)
{
	struct table_node *n;
	struct host *h;

	host_reset(c);
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		slots_reset(h);
		doubt_reset(h);
	}
}

static void
link_up(struct core *c)
{
	struct user *u;

	c->link_up = true;
	c->missed = false;
	hosts_begin_anew(c);
	pace_reset(c);
	silence_reset(c);
	probe_reset(c);
	verify_reset(c);
	for (u = c->users; u != NULL; u = u->next)
		outbox_reset(u);
	presence_link_up(c);
	line_link_up(c);
	delivery_link_up(c);
	missing_link_up(c);
}

static void
link_down(struct core *c)
{
	struct table_node *n;
	struct user *u;

	c->link_up = false;
	say_drop_stanzas(c);
	query_forget_all(c);
	delivery_doubt(c);
	delivery_clear(c);
	pace_reset(c);
	presence_link_down(c);
	line_link_down(c);
	verify_reset(c);
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		slots_clear(TABLE_OF(n, struct host, node));
	}
	hosts_begin_anew(c);
	c->missing_at = c->anew_at = TIMER_NEVER;
	c->anew_asked = false;
	for (u = c->users; u != NULL; u = u->next) {
		outbox_reset(u);
		roster_link_down(u);
		blocking_link_down(u);
		u->deliver = u->late = false;
		u->accepted = 0;
		user_mark(c, u, MARK_TIMES);
	}
}

static int
load_user(struct core *c, const struct user_record *r)
{
	struct user *u;
	int status = user_add(c, r->primary, &u), node;

	if (status != 0)
		return status;
	u->stored = true;
	u->created_ms = r->created_ms;
	u->reminded = remind_passed(c, r->created_ms);
	memcpy(u->out.digest, r->digest, sizeof(r->digest));
	memcpy(u->out.setup, r->setup, sizeof(r->setup));
	for (node = 0; node < NODES; node++)
		u->out.published_ms[node] = r->digest[node] != 0 ? r->published_ms : 0;
	u->approved = r->approved;
	u->claim.suspended_ms = r->approved ? r->suspended_ms : 0;
	u->moved_ms = r->approved ? 0 : r->suspended_ms;
	if (u->claim.suspended_ms != 0)
		u->withheld |= WITHHELD_SUSPENDED;
	u->leaving = r->leaving;
	u->generation = r->generation;
	u->out.doubtful[NODE_PUBLIC] = r->doubtful;
	u->out.doubtful[NODE_PRIVATE] = r->doubtful && r->digest[NODE_PRIVATE] != 0;
	return 0;
}

static int
load_device(struct core *c, const struct device_record *r)
{
	struct user *u = user_find(c, r->primary);
	struct device *d;
	int status;

	if (u == NULL)
		return 0;
	place_make(c, u);
	status = device_add(c, u, r->jid, r->resource, r->label, r->kind, &d);
	if (status != 0)
		return status;
	memset(d->id, 0, sizeof(d->id));
	memcpy(d->id, r->id, strnlen(r->id, DEVICE_ID_LEN));
	d->kind_given = r->kind_given;
	d->visibility = r->visibility;
	d->show_status = r->show_status;
	d->state = r->state;
	d->approved = r->approved;
	d->confirmed = r->confirmed;
	d->wide = r->wide;
	d->withdrawn = r->withdrawn;
	d->generation = r->generation;
	d->created_ms = r->created_ms;
	d->reminded = remind_passed(c, r->created_ms);
	d->claim.suspended_ms = r->approved ? r->suspended_ms : 0;
	d->stored = true;
	link_loaded(c, d, r);
	if (u->out.doubtful[NODE_PUBLIC])
		u->out.doubtful[NODE_PRIVATE] = true;
	return 0;
}

static void
drain(struct core *c)
{
	struct user *u;

	c->draining = true;
	c->drain_until = c->now.mono_ms + DRAIN_MS;
	telling_hurry(c);
	for (u = c->users; u != NULL; u = u->next) {
		if (u->out.dirty && u->settled)
			u->out.due = c->now.mono_ms;
		user_mark(c, u, MARK_TIMES);
	}
}

static void
run_timers(struct core *c)
{
	struct timer *t;

	while (follow_marks(c), (t = timers_first(&c->timers)) != NULL && t->at <= c->now.mono_ms) {
		switch (t->kind) {
		case TIMER_USER:
			timer_set(&c->timers, t, TIMER_NEVER);
			due_user(c, TABLE_OF(t, struct user, timer));
			break;
		case TIMER_QUERY:
			follow_due(c, TABLE_OF(t, struct query, timer));
			break;
		case TIMER_SESSION:
			session_due(c, session_of(t));
			break;
		case TIMER_WATCHER:
			greeting_due(c, TABLE_OF(t, struct watcher, timer));
			break;
		}
	}
	if (c->unsaved_at <= c->now.mono_ms)
		link_unsaved(c);
	if (missing_deadline(c) <= c->now.mono_ms)
		missing_due(c);
	if (anew_deadline(c) <= c->now.mono_ms)
		anew_due(c);
	line_due(c);
	if (line_has_ended(c) && anew_connection_ended(c))
		line_end_taken(c);
	telling_due(c);
	grant_due(c);
	follow_marks(c);
}

/*
 * A stanza to another domain, which the server may have routed to us: an answer from there would cost the stream.
 * Whatever takes a stanza from here on relies on a `to` in our domain.
 */
static bool
is_misrouted(const struct core *c, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_PRESENCE:
	case EVENT_GRANT:
	case EVENT_ANSWER:
	case EVENT_ROSTER_PUSH:
	case EVENT_MESSAGE:
	case EVENT_HEADLINE:
	case EVENT_COMMAND:
	case EVENT_REQUEST:
		return ev->to.bare == NULL || strcmp(jid_domain(ev->to.bare), c->set.domain) != 0;
	default:
		return false;
	}
}

/*
 * The wall clock only says when items expire.  When it was set, or the machine
 * has slept, they do so at another time than was meant: far ones are renewed.
 */
static void
take_time(struct core *c, const struct instant *now)
{
	int64_t before = c->now.wall_ms - (int64_t)c->now.mono_ms, after, by;
	struct user *u;

	if (now->mono_ms > c->now.mono_ms)
		c->now.mono_ms = now->mono_ms;
	c->now.wall_ms = now->wall_ms;
	after = c->now.wall_ms - (int64_t)c->now.mono_ms;
	by = after > before ? after - before : before - after;
	if (by < CLOCK_JUMP_MS)
		return;
	for (u = c->users; u != NULL; u = u->next) {
		suspend_clock_set(c, u, after - before);
		remind_clock_set(c, u);
		outbox_plan_refresh(c, u);
		user_mark(c, u, MARK_TIMES);
	}
}

int
core_feed(struct core *c, const struct instant *now, const struct event *ev)
{
	int status = 0;

	c->missed = c->missed || c->oom;
	c->oom = false;
	take_time(c, now);
	if (c->started_at == 0)
		c->started_at = c->now.mono_ms;
	if (is_misrouted(c, ev)) {
		c->stats.strangers++;
		line_foreign(c, ev);
		run_timers(c);
		return c->oom ? ERR_NOMEM : 0;
	}
	switch (ev->kind) {
	case EVENT_TICK:
		break;
	case EVENT_LINK_UP:
		link_up(c);
		break;
	case EVENT_LINK_DOWN:
		link_down(c);
		break;
	case EVENT_PRESENCE:
		if (presence_in(c, ev))
			greeting_presence(c, &ev->from, ev->presence.type == PRESENCE_AVAILABLE);
		break;
	case EVENT_GRANT:
		grant_in(c, ev);
		break;
	case EVENT_ANSWER:
		follow_answer(c, ev);
		break;
	case EVENT_ROSTER_PUSH:
		roster_push(c, ev);
		break;
	case EVENT_MESSAGE:
		chat_message(c, ev);
		break;
	case EVENT_HEADLINE:
		line_headline(c, ev);
		break;
	case EVENT_COMMAND:
		command_in(c, ev);
		break;
	case EVENT_REQUEST:
		if (!follow_self(c, ev))
			request_in(c, ev);
		break;
	case EVENT_STORED:
		follow_stored(c, ev->ticket, true);
		break;
	case EVENT_STORE_FAILED:
		follow_stored(c, ev->ticket, false);
		break;
	case EVENT_LOAD_USER:
		status = load_user(c, &ev->user);
		break;
	case EVENT_LOAD_DEVICE:
		status = load_device(c, &ev->device);
		break;
	case EVENT_LOADED:
		c->loaded = true;
		withhold_loaded(c);
		break;
	case EVENT_DRAIN:
		drain(c);
		break;
	}
	run_timers(c);
	if (status == ERR_NOMEM)
		c->oom = true;
	return c->oom ? ERR_NOMEM : status;
}

bool
core_admits(struct core *c, const struct instant *now, const struct event *ev)
{
	take_time(c, now);
	return query_admits(c, ev);
}

/* What was missed can't be known, but it can be asked for: a new stream begins with everything. */
static bool
start_anew(struct core *c, struct action *act)
{
	if (!c->link_up || c->draining || (!c->missed && !c->oom))
		return false;
	c->missed = c->oom = false;
	memset(act, 0, sizeof(*act));
	act->kind = ACTION_RECONNECT;
	act->reconnect.reason = "out of memory: what was missed is asked for anew";
	act->reconnect.failed = true;
	return true;
}

static bool
take_said(struct core *c, struct action *act)
{
	struct said *s = say_take(c);

	if (s == NULL)
		return false;
	*act = s->act;
	return true;
}

static bool
take_answer(struct core *c, struct action *act)
{
	struct said *s = say_take_answer(c);

	if (s == NULL)
		return false;
	*act = s->act;
	return true;
}

/* Whoever's turn it is at H asks, or is asked. */
static bool
ask_next(struct core *c, struct host *h, struct action *act)
{
	struct ring *who;
	enum turn turn;

	while (pace_take(c, h, &turn, &who)) {
		switch (turn) {
		case TURN_SPOKEN:
		case TURN_SETTLE:
			presence_turn(c, TABLE_OF(who, struct user, probe_turn));
			break;
		case TURN_AGAIN:
		case TURN_AUDIT:
			audit_turn(c, who, turn);
			break;
		case TURN_WANTED:
		case TURN_ONCE_MORE:
		case TURN_DUE:
		case TURN_POLL:
			roster_turn(c, TABLE_OF(who, struct user, roster_turn), turn);
			break;
		case TURN_CLAIM:
			follow_claim(c, verify_turn(c, h, who));
			break;
		case TURNS:
			break;
		}
		if (take_said(c, act))
			return true;
	}
	return false;
}

static bool
in_flight(const struct core *c)
{
	const struct table_node *n;
	const struct host *h;
	const struct user *u;

	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, const struct host, node);
		if (h->in_flight > 0 || slots_wanted(h))
			return true;
	}
	/* Contacts are told once the roster has come. */
	for (u = c->users; u != NULL && !user_waits(u); u = u->next)
		;
	return u != NULL;
}

/* What was sent and not acknowledged when the program stops: the next one must not believe the digest before it. */
static void
note_doubts(struct core *c)
{
	struct user *u;
	struct said *s;
	int node;

	c->doubts_noted = true;
	delivery_doubt(c);
	for (u = c->users; u != NULL; u = u->next) {
		if (!u->stored || (!u->out.doubtful[NODE_PUBLIC] && !u->out.doubtful[NODE_PRIVATE]))
			continue;
		s = say(c, ACTION_NOTE_PUBLISHED);
		if (s == NULL)
			return;
		s->act.user = user_record(u);
		s->act.user.primary = say_str(c, s, u->primary);
		for (node = 0; node < NODES; node++) {
			if (u->out.doubtful[node])
				s->act.user.digest[node] = UINT64_MAX; /* of no item */
		}
	}
}

/* Hosts publish one after the other: on a link that is too slow for all the first one must not have all of it. */
static bool
next_publish(struct core *c, struct action *act)
{
	struct table_node *n = c->published_last != NULL ? &c->published_last->node : NULL;
	struct host *h;
	size_t i;

	for (i = 0; i < c->hosts.count; i++) {
		n = table_next(&c->hosts, n);
		if (n == NULL)
			n = table_next(&c->hosts, NULL);
		h = TABLE_OF(n, struct host, node);
		if (outbox_next(c, h, act)) {
			c->published_last = h;
			return true;
		}
	}
	return false;
}

/* What is published, told and asked, at its pace. */
static bool
next_paced(struct core *c, struct action *act)
{
	struct table_node *n;

	if (!c->link_up)
		return false;
	if (next_publish(c, act))
		return true;
	if (delivery_next(c, act))
		return true;
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		if (ask_next(c, TABLE_OF(n, struct host, node), act))
			return true;
	}
	/* There may be thousands of these. */
	return telling_next(c, act);
}

static bool
next_action(struct core *c, struct action *act)
{
	/* A row of the registry is before what follows from it. */
	if (take_said(c, act) || start_anew(c, act))
		return true;
	if (answers_first(c) && take_answer(c, act))
		return true;
	if (next_paced(c, act)) {
		follow_marks(c);
		answers_let_go(c);
		return true;
	}
	/* What the ones above had to say, a user who is gone for example. */
	follow_marks(c);
	if (take_said(c, act) || take_answer(c, act))
		return true;
	if (c->draining && !c->drained &&
	    (((!c->link_up || !in_flight(c)) && c->changes == NULL) || c->now.mono_ms >= c->drain_until)) {
		if (!c->doubts_noted)
			note_doubts(c);
		if (take_said(c, act))
			return true;
		c->drained = true;
		memset(act, 0, sizeof(*act));
		act->kind = ACTION_DRAINED;
		return true;
	}
	return false;
}

bool
core_next(struct core *c, struct action *act)
{
	unsigned n;

	if (next_action(c, act))
		return true;
	/* What became due by the actions themselves is done now, so that the deadline is always ahead. */
	for (n = 0; n < ROUNDS_MAX && core_deadline(c) <= c->now.mono_ms; n++) {
		run_timers(c);
		if (next_action(c, act))
			return true;
	}
	return false;
}

uint64_t
core_deadline(const struct core *c)
{
	const struct timer *t = timers_first(&c->timers);
	const struct table_node *n;
	uint64_t at = t != NULL ? t->at : TIMER_NEVER, d;

	if (c->unsaved_at < at)
		at = c->unsaved_at;
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		d = pace_deadline(c, TABLE_OF(n, const struct host, node));
		if (d < at)
			at = d;
	}
	if (c->draining) {
		if (!c->drained && c->drain_until < at)
			at = c->drain_until;
		return at;
	}
	d = line_deadline(c);
	if (d < at)
		at = d;
	if (missing_deadline(c) < at)
		at = missing_deadline(c);
	if (anew_deadline(c) < at)
		at = anew_deadline(c);
	if (telling_deadline(c) < at)
		at = telling_deadline(c);
	if (grant_deadline(c) < at)
		at = grant_deadline(c);
	return at;
}

void
core_stats(const struct core *c, struct core_stats *out)
{
	const struct device *d;
	struct table_node *n;
	struct user *u;
	struct host *h;
	unsigned s;

	*out = c->stats;
	out->users = c->nusers;
	out->queries = c->queries.count;
	out->waiting = c->nsaid + answers_wait(c);
	out->errands = c->nerrands;
	out->shared = line_shared(c);
	out->devices = out->resources = out->blocked = out->unsettled = out->in_flight = out->stale = 0;
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n))
		TABLE_OF(n, struct host, node)->audited = 0;
	for (u = c->users; u != NULL; u = u->next) {
		out->blocked += u->out.blocked != BLOCKED_NOT;
		out->unsettled += !u->settled;
		u->host->audited += audit_accounts(c, u);
		for (d = u->devices; d != NULL; d = d->next) {
			out->devices += device_live(d);
			out->resources += d->nresources;
			out->stale += d->stale && d->state == LINK_ACTIVE;
		}
	}
	out->audit_s = c->set.audit_s;
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		out->in_flight += h->in_flight;
		s = audit_period_s(c, h->audited);
		if (s > out->audit_s)
			out->audit_s = s;
	}
}
