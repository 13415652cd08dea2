#include "core/core.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/consent/consent.h"
#include "core/consent/remind.h"
#include "core/consent/suspend.h"
#include "core/consent/verify.h"
#include "core/consent/withhold.h"
#include "core/due.h"
#include "core/flight/change.h"
#include "core/flight/line.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/flight/query.h"
#include "core/follow.h"
#include "core/model/host.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/errand.h"
#include "core/outlets/greeting.h"
#include "core/outlets/pep.h"
#include "core/outlets/pep_step.h"
#include "core/outlets/pep_way.h"
#include "core/outlets/slots.h"
#include "core/outlets/telling.h"
#include "core/sources/anew.h"
#include "core/sources/blocking.h"
#include "core/sources/doubt.h"
#include "core/sources/grant.h"
#include "core/sources/missing.h"
#include "core/sources/presence.h"
#include "core/sources/roster.h"
#include "core/talk/chat.h"
#include "core/talk/command.h"
#include "core/talk/command_session.h"
#include "core/talk/request.h"
#include "core/tools/say.h"
#include "core/top.h"
#include "core/view/item.h"

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
	say_init(c, tables);
	user_init(c, tables);
	query_init(c, tables);
	change_init(c);
	line_init(c);
	grant_init(c);
	missing_reset(c);
	errand_init(c);
	greeting_init(c, tables);
	session_init(c, tables);
	c->domain = mem_strdup(s->domain);
	if (item_init(c) != 0 || c->domain == NULL || core_configure(c, s) != 0) {
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
	slots_forget(c, NULL);
	query_forget_all(c);
	session_clear(c);
	change_clear(c);
	while (c->users != NULL)
		follow_forget(c, c->users);
	say_clear(c);
	user_clear(c);
	query_clear(c);
	greeting_clear(c);
	item_clear(c);
	mem_free(c->settings_memory);
	mem_free(c->domain);
	mem_free(c);
}

/* Nothing is known of them on another stream. */
static void
hosts_begin_anew(struct core *c)
{
	struct host *h;

	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		grant_reset(h);
		slots_reset(h);
		pep_way_reset(h);
		doubt_reset(h);
	}
}

static void
link_up(struct core *c)
{
	struct user *u;

	c->link_up = true;
	c->up_at = c->now.mono_ms;
	c->missed = false;
	hosts_begin_anew(c);
	pace_reset(c);
	silence_reset(c);
	probe_reset(c);
	verify_reset(c);
	for (u = c->users; u != NULL; u = u->next)
		pep_reset(u);
	presence_link_up(c);
	line_link_up(c);
	delivery_link_up(c);
	missing_link_up(c);
}

static void
link_down(struct core *c)
{
	struct host *h;
	struct user *u;

	c->link_up = false;
	say_drop_stanzas(c);
	slots_forget(c, NULL);
	query_forget_all(c);
	delivery_doubt(c);
	delivery_clear(c);
	pace_reset(c);
	presence_link_down(c);
	line_link_down(c);
	verify_reset(c);
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		slots_clear(h);
	}
	hosts_begin_anew(c);
	missing_reset(c);
	for (u = c->users; u != NULL; u = u->next) {
		pep_reset(u);
		roster_link_down(u);
		blocking_link_down(u);
		user_mark(c, u, MARK_TIMES);
	}
}

static void
drain(struct core *c)
{
	struct user *u;

	c->draining = true;
	c->drain_until = c->now.mono_ms + DRAIN_MS;
	telling_hurry(c);
	for (u = c->users; u != NULL; u = u->next) {
		pep_hurry(c, u);
		user_mark(c, u, MARK_TIMES);
	}
}

void
core_run_timers(struct core *c)
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
		consent_unsaved(c);
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
		pep_plan_refresh(c, u);
		user_mark(c, u, MARK_TIMES);
	}
}

int
core_feed(struct core *c, const struct instant *now, const struct event *ev)
{
	struct host *h;
	int status = 0;

	c->missed = c->missed || c->oom;
	c->oom = false;
	take_time(c, now);
	if (c->started_at == 0)
		c->started_at = c->now.mono_ms;
	if (is_misrouted(c, ev)) {
		c->stats.strangers++;
		line_foreign(c, ev);
		core_run_timers(c);
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
		h = grant_in(c, ev);
		if (h != NULL)
			pep_way_granted(h);
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
		status = core_load_user(c, &ev->user);
		break;
	case EVENT_LOAD_DEVICE:
		status = core_load_device(c, &ev->device);
		break;
	case EVENT_LOADED:
		c->loaded = true;
		withhold_loaded(c);
		break;
	case EVENT_DRAIN:
		drain(c);
		break;
	}
	core_run_timers(c);
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

uint64_t
core_deadline(const struct core *c)
{
	struct host *h;
	const struct timer *t = timers_first(&c->timers);
	uint64_t at = t != NULL ? t->at : TIMER_NEVER, d;

	if (c->unsaved_at < at)
		at = c->unsaved_at;
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		d = pace_deadline(c, h);
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
