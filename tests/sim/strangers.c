/* Who has no business here: whatever they send, nothing in the core may change, and nothing may be written. */
#include "sim.h"

#include <string.h>

#include "cover.h"

static const char *const evil[] = { "mallory@home.test", "mallory@far.test", "bridge.home.test.far.test", "far.test",
	"home.test.far.test" };

static const char *
anyone(struct sim *s)
{
	return evil[sim_below(s, 5)];
}

static const char *
some_bridge(struct sim *s)
{
	return sim_chance(s, 80) ? s->people[sim_below(s, (uint64_t)s->nusers)].bridge : SIM_DOMAIN;
}

static void
fake_grant(struct sim *s, struct event *ev)
{
	ev->kind = EVENT_GRANT;
	ev->from.bare = anyone(s);
	ev->to.bare = SIM_DOMAIN;
	if (sim_chance(s, 30)) {
		/* From a client of the right host, or to one of our users. */
		ev->from.bare = "home.test";
		if (sim_chance(s, 50))
			ev->from.resource = "x";
		else
			ev->to.bare = some_bridge(s);
		if (same_text(ev->to.bare, SIM_DOMAIN))
			ev->from.resource = "x";
	}
	ev->grant.version = 2;
	ev->grant.roster = ev->grant.iq_pubsub = ev->grant.iq_owner = ev->grant.iq_blocking = MAY_GET | MAY_SET;
	ev->grant.message = ev->grant.presence = ev->grant.presence_roster = true;
}

/* The right id of an IQ under way, and something that is wrong; or one that has ended. */
static bool
fake_answer(struct sim *s, struct event *ev)
{
	const struct iq *iq = s->iqs;
	uint64_t skip = sim_below(s, 4);

	while (iq != NULL && skip-- > 0)
		iq = iq->next;
	if (iq == NULL)
		return false;
	ev->kind = EVENT_ANSWER;
	ev->answer.id = iq->id;
	ev->answer.ok = true;
	ev->from.bare = iq->to;
	ev->from.resource = iq->to_resource;
	ev->to.bare = iq->from;
	ev->answer.wrapped = iq->way != WAY_ORDINARY;
	ev->answer.inner_id = iq->id;
	if (iq->epoch != s->epoch || iq->fed || iq->at + SILENCE_TIMES * QUERY_LIFE_MS + 4000 < s->now.mono_ms)
		return true; /* over: right in all else */
	switch (sim_below(s, 4)) {
	case 0:
		ev->from.bare = anyone(s);
		break;
	case 1:
		ev->from.resource = iq->to_resource == NULL ? "r0" : NULL;
		break;
	case 2:
		ev->to.bare = same_text(iq->from, SIM_DOMAIN) ? s->people[0].bridge : SIM_DOMAIN;
		break;
	default:
		if (iq->way == WAY_ORDINARY)
			ev->answer.wrapped = true;
		else
			ev->answer.inner_id = "other";
		break;
	}
	return true;
}

static void
fake_presence(struct sim *s, struct event *ev)
{
	static const enum presence_type types[] = { PRESENCE_AVAILABLE, PRESENCE_UNAVAILABLE, PRESENCE_SUBSCRIBED,
		PRESENCE_UNSUBSCRIBED, PRESENCE_ERROR };

	ev->kind = EVENT_PRESENCE;
	ev->from.bare = anyone(s);
	ev->from.resource = sim_chance(s, 70) ? "r0" : NULL;
	ev->to.bare = some_bridge(s);
	ev->presence.type = types[sim_below(s, 5)];
	ev->presence.error = COND_REMOTE_SERVER_NOT_FOUND;
	ev->presence.status = "here I am";
	if (sim_chance(s, 5))
		ev->from.bare = NULL;
	if (sim_chance(s, 5))
		ev->to.bare = NULL;
}

static void
fake_push(struct sim *s, struct event *ev)
{
	static const char *const group[] = {"Devices"};
	static const struct roster_item item = { .jid = "mallory@far.test",
		.subscription = SUBSCRIPTION_BOTH,
		.groups = group,
		.ngroups = 1 };

	ev->kind = EVENT_ROSTER_PUSH;
	ev->from.bare = anyone(s);
	if (sim_chance(s, 30)) {
		ev->from.bare = s->people[0].jid;
		ev->from.resource = "r0";
	}
	ev->to.bare = SIM_DOMAIN;
	ev->roster.items = &item;
	ev->roster.nitems = 1;
	ev->roster.id = "push";
}

static void
fake_command(struct sim *s, struct event *ev)
{
	static const char *const nodes[] = {"enrol", "link", "unlink", "edit", "leave", "confirm", "devices"};

	ev->kind = EVENT_COMMAND;
	ev->from.bare = anyone(s);
	ev->from.resource = "r0";
	ev->to.bare = SIM_DOMAIN;
	ev->command.id = "f";
	ev->command.set = true;
	ev->command.action = COMMAND_COMPLETE;
	ev->command.node = nodes[1 + sim_below(s, 6)];
	ev->command.sessionid = sim_chance(s, 50) ? "guess" : NULL;
	if (ev->command.sessionid != NULL && sim_chance(s, 50))
		ev->from.bare = s->people[0].jid;
}

static void
fake_message(struct sim *s, struct event *ev)
{
	static const enum word words[] = {WORD_YES, WORD_NO, WORD_OTHER};

	ev->kind = EVENT_MESSAGE;
	ev->from.bare = anyone(s);
	ev->from.resource = "r0";
	ev->to.bare = some_bridge(s);
	ev->message.chat = sim_chance(s, 80);
	ev->message.error = !ev->message.chat && sim_chance(s, 50);
	ev->message.word = words[sim_below(s, 3)];
}

static void
fake_request(struct sim *s, struct event *ev)
{
	ev->kind = EVENT_REQUEST;
	ev->from.bare = anyone(s);
	ev->from.resource = "r0";
	ev->to.bare = some_bridge(s);
	ev->request.kind = (enum request_kind)sim_below(s, 7);
	ev->request.id = "q";
}

/* A device of one user, to the address of another (THREATS 6). */
static bool
misplaced_device(struct sim *s, struct event *ev)
{
	const struct link_entry *l;
	int u;

	if (s->nlinks == 0)
		return false;
	l = &s->links[sim_below(s, (uint64_t)s->nlinks)];
	u = (int)sim_below(s, (uint64_t)s->nusers);
	if (u == l->account || known_live(s, u, l->account) != NULL)
		return false;
	fake_presence(s, ev);
	ev->from.bare = s->accounts[l->account].jid;
	ev->to.bare = s->people[u].bridge;
	return true;
}

static void
misrouted(struct sim *s, struct event *ev)
{
	fake_request(s, ev);
	if (sim_chance(s, 50))
		fake_presence(s, ev);
	ev->from.bare = s->people[0].jid;
	ev->to.bare = sim_chance(s, 50) ? "bridge.home.test.far.test" : "u0\\40home.test@other.test";
}

static bool
same_gauges(const struct core_stats *a, const struct core_stats *b)
{
	return a->users == b->users && a->devices == b->devices && a->resources == b->resources &&
	    a->queries == b->queries && a->blocked == b->blocked && a->unsettled == b->unsettled &&
	    a->in_flight == b->in_flight && a->published == b->published;
}

void
strangers_act(struct sim *s)
{
	struct core_stats before, after;
	struct event ev;
	bool make = true;
	int what = (int)sim_below(s, 10);

	/* Nothing else may be due at this moment. */
	if (!s->up || core_deadline(s->core) <= s->now.mono_ms || s->full_until > s->now.mono_ms)
		return;
	memset(&ev, 0, sizeof(ev));
	switch (what) {
	case 0:
		fake_grant(s, &ev);
		break;
	case 1:
	case 2:
		make = fake_answer(s, &ev);
		break;
	case 3:
		fake_presence(s, &ev);
		break;
	case 4:
		fake_push(s, &ev);
		break;
	case 5:
		fake_command(s, &ev);
		break;
	case 6:
		fake_message(s, &ev);
		break;
	case 8:
		make = misplaced_device(s, &ev);
		break;
	case 9:
		misrouted(s, &ev);
		break;
	default:
		fake_request(s, &ev);
		break;
	}
	if (!make)
		return;
	sim_line(s, "-- a stranger");
	cover(COVER_STRANGER, what, 0);
	cover(COVER_FAULT, 8, 0);
	core_stats(s->core, &before);
	trace_event(s, &ev);
	drive_core_well(s, &ev);
	core_stats(s->core, &after);
	if (!same_gauges(&before, &after))
		sim_fail(s, "3: a stranger has changed something");
	drive_pump(s);
	if (s->reg.batch != NULL)
		sim_fail(s, "3: a stranger makes the registry write");
}
