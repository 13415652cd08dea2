#include "core/core.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/consent/ask_book.h"
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
#include "core/sources/roster_push.h"
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

/* Who stands on whom: as rooms.table has it. */
static void
build(struct core *c)
{
	c->model.env = c->flight.env = c->consent.env = c->sources.env = c->view.env = c->outlets.env = c->talk.env =
	    &c->env;
	c->flight.model = c->consent.model = c->sources.model = c->view.model = c->outlets.model = c->talk.model =
	    &c->model;
	c->consent.flight = c->sources.flight = c->outlets.flight = &c->flight;
	c->sources.consent = c->talk.consent = &c->consent;
	c->outlets.sources = &c->sources;
	c->outlets.view = &c->view;
	c->talk.outlets = &c->outlets;
}

struct core *
core_new(const struct core_settings *s, const uint8_t seed[CORE_SEED_LEN], const uint8_t key[CORE_KEY_LEN])
{
	struct core *c = mem_alloc(sizeof(*c));
	const uint8_t *tables = seed + RNG_SEED_LEN;

	if (c == NULL)
		return NULL;
	build(c);
	rng_init(&c->env.rng, seed);
	memcpy(c->env.key, key, CORE_KEY_LEN);
	say_init(&c->env, tables);
	user_init(&c->model, tables);
	query_init(&c->flight, tables);
	ask_init(&c->consent, tables);
	change_init(&c->flight);
	line_init(&c->flight);
	grant_init(&c->sources);
	missing_reset(&c->sources);
	errand_init(&c->outlets);
	greeting_init(&c->outlets, tables);
	session_init(&c->talk, tables);
	c->domain = mem_strdup(s->domain);
	if (item_init(&c->view) != 0 || c->domain == NULL || core_configure(c, s) != 0) {
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
	delivery_clear(&c->outlets);
	slots_forget(&c->outlets, NULL);
	query_forget_all(&c->flight);
	session_clear(&c->talk);
	change_clear(&c->flight);
	while (c->model.users != NULL)
		follow_forget(c, c->model.users);
	say_clear(&c->env);
	user_clear(&c->model);
	query_clear(&c->flight);
	ask_clear(&c->consent);
	greeting_clear(&c->outlets);
	item_clear(&c->view);
	mem_free(c->settings_memory);
	mem_free(c->domain);
	mem_free(c);
}

/* Nothing is known of them on another stream. */
static void
hosts_begin_anew(struct core *c)
{
	struct host *h;

	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
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

	c->env.link_up = true;
	c->env.up_at = c->env.now.mono_ms;
	c->missed = false;
	hosts_begin_anew(c);
	pace_reset(&c->flight);
	silence_reset(&c->model);
	probe_reset(&c->flight);
	verify_reset(&c->consent);
	for (u = c->model.users; u != NULL; u = u->next)
		pep_reset(u);
	presence_link_up(&c->sources);
	line_link_up(&c->flight);
	delivery_link_up(&c->outlets);
	missing_link_up(&c->sources);
}

static void
link_down(struct core *c)
{
	struct host *h;
	struct user *u;

	c->env.link_up = false;
	say_drop_stanzas(&c->env);
	slots_forget(&c->outlets, NULL);
	query_forget_all(&c->flight);
	delivery_doubt(&c->outlets);
	delivery_clear(&c->outlets);
	pace_reset(&c->flight);
	presence_link_down(&c->sources);
	line_link_down(&c->flight);
	verify_reset(&c->consent);
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h))
		slots_clear(h);
	hosts_begin_anew(c);
	missing_reset(&c->sources);
	for (u = c->model.users; u != NULL; u = u->next) {
		pep_reset(u);
		roster_link_down(u);
		blocking_link_down(u);
		user_mark(&c->model, u, MARK_TIMES);
	}
}

static void
drain(struct core *c)
{
	struct user *u;

	c->env.draining = true;
	c->drain_until = c->env.now.mono_ms + DRAIN_MS;
	telling_hurry(&c->outlets);
	for (u = c->model.users; u != NULL; u = u->next) {
		pep_hurry(&c->outlets, u);
		user_mark(&c->model, u, MARK_TIMES);
	}
}

void
core_run_timers(struct core *c)
{
	struct timer *t;

	while (follow_marks(c), (t = timers_first(&c->env.timers)) != NULL && t->at <= c->env.now.mono_ms) {
		switch (t->kind) {
		case TIMER_USER:
			timer_set(&c->env.timers, t, TIMER_NEVER);
			due_user(c, TABLE_OF(t, struct user, timer));
			break;
		case TIMER_QUERY:
			follow_due(c, TABLE_OF(t, struct query, timer));
			break;
		case TIMER_SESSION:
			session_due(&c->talk, session_of(t));
			break;
		case TIMER_WATCHER:
			greeting_due(&c->outlets, TABLE_OF(t, struct watcher, timer));
			break;
		}
	}
	if (c->flight.unsaved_at <= c->env.now.mono_ms)
		consent_unsaved(&c->consent);
	if (missing_deadline(&c->sources) <= c->env.now.mono_ms)
		missing_due(&c->sources);
	if (anew_deadline(&c->sources) <= c->env.now.mono_ms)
		anew_due(&c->sources);
	line_due(&c->flight);
	if (line_has_ended(&c->flight) && anew_connection_ended(&c->sources))
		line_end_taken(&c->flight);
	telling_due(&c->outlets);
	grant_due(&c->sources);
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
		return ev->to.bare == NULL || strcmp(jid_domain(ev->to.bare), c->env.set.domain) != 0;
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
	int64_t before = c->env.now.wall_ms - (int64_t)c->env.now.mono_ms, after, by;
	struct user *u;

	if (now->mono_ms > c->env.now.mono_ms)
		c->env.now.mono_ms = now->mono_ms;
	c->env.now.wall_ms = now->wall_ms;
	after = c->env.now.wall_ms - (int64_t)c->env.now.mono_ms;
	by = after > before ? after - before : before - after;
	if (by < CLOCK_JUMP_MS)
		return;
	for (u = c->model.users; u != NULL; u = u->next) {
		suspend_clock_set(&c->consent, u, after - before);
		remind_clock_set(&c->consent, u);
		pep_plan_refresh(&c->outlets, u);
		user_mark(&c->model, u, MARK_TIMES);
	}
}

int
core_feed(struct core *c, const struct instant *now, const struct event *ev)
{
	struct host *h;
	int status = 0;

	c->missed = c->missed || c->env.oom;
	c->env.oom = false;
	take_time(c, now);
	if (c->env.started_at == 0)
		c->env.started_at = c->env.now.mono_ms;
	if (is_misrouted(c, ev)) {
		c->env.stats.strangers++;
		line_foreign(&c->flight, ev);
		core_run_timers(c);
		return c->env.oom ? ERR_NOMEM : 0;
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
		if (presence_in(&c->sources, ev))
			greeting_presence(&c->outlets, ev);
		break;
	case EVENT_GRANT:
		h = grant_in(&c->sources, ev);
		if (h != NULL)
			pep_way_granted(h);
		break;
	case EVENT_ANSWER:
		follow_answer(c, ev);
		break;
	case EVENT_ROSTER_PUSH:
		roster_push(&c->sources, ev);
		break;
	case EVENT_MESSAGE:
		chat_message(&c->talk, ev);
		break;
	case EVENT_HEADLINE:
		line_headline(&c->flight, ev);
		break;
	case EVENT_COMMAND:
		command_in(&c->talk, ev);
		break;
	case EVENT_REQUEST:
		if (!follow_self(c, ev))
			request_in(&c->talk, ev);
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
		c->env.loaded = true;
		withhold_loaded(&c->consent);
		break;
	case EVENT_DRAIN:
		drain(c);
		break;
	}
	core_run_timers(c);
	if (status == ERR_NOMEM)
		c->env.oom = true;
	return c->env.oom ? ERR_NOMEM : status;
}

bool
core_admits(struct core *c, const struct instant *now, const struct event *ev)
{
	take_time(c, now);
	return query_admits(&c->flight, ev);
}

bool
core_awaits(struct core *c, const struct instant *now, const struct event *ev)
{
	take_time(c, now);
	return ev->kind == EVENT_ROSTER_PUSH ? roster_pusher(&c->sources, ev) != NULL :
					       ev->kind == EVENT_ANSWER && query_awaits(&c->flight, ev);
}

uint64_t
core_deadline(const struct core *c)
{
	struct host *h;
	const struct timer *t = timers_first(&c->env.timers);
	uint64_t at = t != NULL ? t->at : TIMER_NEVER, d;

	if (c->flight.unsaved_at < at)
		at = c->flight.unsaved_at;
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
		d = pace_deadline(&c->flight, h);
		if (d < at)
			at = d;
	}
	if (c->env.draining) {
		if (!c->drained && c->drain_until < at)
			at = c->drain_until;
		return at;
	}
	d = line_deadline(&c->flight);
	if (d < at)
		at = d;
	if (missing_deadline(&c->sources) < at)
		at = missing_deadline(&c->sources);
	if (anew_deadline(&c->sources) < at)
		at = anew_deadline(&c->sources);
	if (telling_deadline(&c->outlets) < at)
		at = telling_deadline(&c->outlets);
	if (grant_deadline(&c->sources) < at)
		at = grant_deadline(&c->sources);
	return at;
}
