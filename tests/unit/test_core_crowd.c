/* Many users at once: some die without a word, and nobody who lives goes (F19); all contacts sign in; never a storm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"

#define DOMAIN "presence.home.test"
#define SECOND 1000
#define AUDIT_S 600
#define BOSS "boss@home.test" /* a friend of everybody */

struct member {
	bool lives, asked;
	const char *state; /* of the last item */
	unsigned published;
	/* with friends */
	uint64_t roster_at;	 /* it was asked for, the last time */
	const char *told, *boss; /* what her friend, and the boss, were told last */
};

/* What the server has still to say. */
struct owed {
	unsigned who;
	bool probe, roster;
	enum way way;
	char id[64], resource[64];
};

static struct core *core;
static struct core_settings set;
static struct instant now;
static struct member *members;
static struct owed *owed;
static unsigned nmembers, nowed, paid, probes, rosters;
static bool frozen, silent; /* it answers nothing; no probe, for ever */

static unsigned
number_of(const char *jid)
{
	unsigned long n = strtoul(jid + 1, NULL, 10);

	assert_true(jid[0] == 'u' && n < nmembers);
	return (unsigned)n;
}

static const char *
jid_of(unsigned i)
{
	static char text[64];

	snprintf(text, sizeof(text), "u%u@home.test", i);
	return text;
}

static struct owed *
owe(unsigned who)
{
	owed = realloc(owed, (nowed + 1) * sizeof(*owed));
	assert_non_null(owed);
	memset(&owed[nowed], 0, sizeof(*owed));
	owed[nowed].who = who;
	return &owed[nowed++];
}

static const char *
state_of(const struct item *item)
{
	return item->ndevices == 0			   ? "absent" :
	    item->devices[0].stale			   ? "stale" :
	    item->devices[0].nresources == 0		   ? "off" :
	    item->devices[0].resources[0].show == SHOW_DND ? "dnd" :
							     "on";
}

static void
see_item(struct member *m, const struct item *item)
{
	m->published++;
	m->state = state_of(item);
}

/* Once in ten seconds of each. */
static void
see_roster(const struct action *act)
{
	struct member *m = &members[number_of(act->to.bare)];
	struct owed *o = owe(number_of(act->to.bare));

	assert_true(m->roster_at == 0 || m->roster_at + 10 * SECOND <= now.mono_ms);
	m->roster_at = now.mono_ms;
	rosters++;
	o->roster = true;
	snprintf(o->id, sizeof(o->id), "%s", act->id);
}

static void
see_event(const struct action *act)
{
	struct member *m = &members[number_of(act->owner)];

	if (strcmp(act->to.bare, BOSS) == 0) {
		m->boss = state_of(&act->publish);
	} else if (act->to.bare[0] == 'f') {
		assert_string_equal(act->to.bare + 1, act->owner + 1);
		m->told = state_of(&act->publish);
	}
}

static void
see(const struct action *act)
{
	struct owed *o;

	switch (act->kind) {
	case ACTION_PRESENCE:
		if (act->presence.type != PRESENCE_PROBE)
			break;
		probes++;
		members[number_of(act->to.bare)].asked = true;
		o = owe(number_of(act->to.bare));
		o->probe = true;
		snprintf(o->resource, sizeof(o->resource), "%s", act->from.resource);
		break;
	case ACTION_ROSTER_GET:
		see_roster(act);
		break;
	case ACTION_EVENT:
		see_event(act);
		break;
	case ACTION_PUBLISH:
		if (strcmp(act->node, NODE_DEVICES) == 0)
			see_item(&members[number_of(act->owner)], &act->publish);
		/* fall through */
	case ACTION_RETRACT:
	case ACTION_CREATE:
		o = owe(number_of(act->owner));
		o->way = act->way;
		snprintf(o->id, sizeof(o->id), "%s", act->id);
		break;
	default:
		break;
	}
}

static void
feeds(const struct event *ev)
{
	assert_int_equal(core_feed(core, &now, ev), 0);
}

static void
pays(const struct owed *o)
{
	struct event ev = {.kind = EVENT_ANSWER};
	char bridge[128], friend[64];
	struct roster_item items[] = {
		{.jid = BOSS, .subscription = SUBSCRIPTION_BOTH},
		{.jid = friend, .subscription = SUBSCRIPTION_FROM},
		{.jid = bridge, .subscription = SUBSCRIPTION_FROM},
	};

	ev.from.bare = jid_of(o->who);
	snprintf(bridge, sizeof(bridge), "u%u\\40home.test@" DOMAIN, o->who);
	if (o->probe) {
		if (!members[o->who].lives || silent)
			return; /* as ejabberd does */
		ev.kind = EVENT_PRESENCE;
		ev.from.resource = "pc";
		ev.to.bare = bridge;
		ev.to.resource = o->resource;
	} else if (o->roster) {
		snprintf(friend, sizeof(friend), "f%u@home.test", o->who);
		ev.to.bare = DOMAIN;
		ev.answer.id = o->id;
		ev.answer.ok = true;
		ev.answer.payload = PAYLOAD_ROSTER;
		ev.answer.roster.items = items;
		ev.answer.roster.nitems = 3;
	} else {
		ev.to.bare = DOMAIN;
		ev.answer.id = ev.answer.inner_id = o->id;
		ev.answer.ok = ev.answer.wrapped = true;
	}
	feeds(&ev);
}

static void
settle(void)
{
	struct action act;
	struct owed o;
	unsigned seen = 0;

	for (;;) {
		while (core_next(core, &act)) {
			assert_true(++seen < 1000000);
			see(&act);
		}
		if (paid == nowed || frozen)
			break;
		o = owed[paid++];
		pays(&o);
	}
	if (paid == nowed)
		paid = nowed = 0;
}

static void
feeds_kind(enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feeds(&ev);
	settle();
}

static void
passes(uint64_t ms)
{
	uint64_t end = now.mono_ms + ms, at;

	while ((at = core_deadline(core)) <= end) {
		if (at > now.mono_ms) {
			now.wall_ms += (int64_t)(at - now.mono_ms);
			now.mono_ms = at;
		}
		feeds_kind(EVENT_TICK);
	}
	now.wall_ms += (int64_t)(end - now.mono_ms);
	now.mono_ms = end;
}

static void
thaws(void)
{
	frozen = false;
	feeds_kind(EVENT_TICK);
}

static void
loads_with(unsigned n, unsigned probes_per_s, unsigned audit_s, bool friends)
{
	static const char *const hosts[] = {"home.test"};
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	struct event ev = {.kind = EVENT_LOAD_USER};
	unsigned i;

	nmembers = n;
	probes = rosters = 0;
	members = calloc(n, sizeof(*members));
	assert_non_null(members);
	now = (struct instant){5000000, INT64_C(1795428000000)};
	core_settings_default(&set);
	set.domain = DOMAIN;
	set.hosts = hosts;
	set.nhosts = 1;
	set.probes_per_s = probes_per_s;
	set.audit_s = audit_s;
	set.deliver = friends ? DELIVER_ALWAYS : DELIVER_AUTO;
	core = core_new(&set, seed, key);
	assert_non_null(core);
	for (i = 0; i < n; i++) {
		members[i].lives = true;
		ev.user = (struct user_record){.primary = jid_of(i), .approved = true};
		if (friends)
			ev.user.setup[NODE_PUBLIC] = ev.user.setup[NODE_PRIVATE] = SETUP_SILENT;
		feeds(&ev);
	}
	feeds_kind(EVENT_LOADED);
	feeds_kind(EVENT_LINK_UP);
	ev = (struct event){.kind = EVENT_GRANT};
	ev.from.bare = "home.test";
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.iq_pubsub = MAY_GET | MAY_SET;
	if (friends) {
		ev.grant.iq_owner = MAY_GET | MAY_SET;
		ev.grant.roster = MAY_GET;
		ev.grant.message = ev.grant.presence = ev.grant.presence_roster = true;
	}
	feeds(&ev);
}

static void
loads(unsigned n, unsigned probes_per_s, unsigned audit_s)
{
	loads_with(n, probes_per_s, audit_s, false);
}

static void
begins(unsigned n)
{
	unsigned i;

	loads(n, 500, AUDIT_S);
	passes(40 * SECOND + n * SECOND / set.probes_per_s);
	for (i = 0; i < n; i++) {
		assert_string_equal(members[i].state, "on");
		members[i].published = 0;
	}
	probes = 0;
}

static int
teardown(void **state)
{
	(void)state;
	core_free(core);
	free(members);
	free(owed);
	core = NULL;
	members = NULL;
	owed = NULL;
	nowed = paid = 0;
	frozen = silent = false;
	return 0;
}

static struct core_stats
stats(void)
{
	struct core_stats s;

	core_stats(core, &s);
	return s;
}

static unsigned
publishes(void)
{
	unsigned i, n = 0;

	for (i = 0; i < nmembers; i++)
		n += members[i].published;
	return n;
}

/* For MS, in which no second has more probes than a quarter of the pace. */
static void
passes_paced(uint64_t ms)
{
	unsigned before = probes;
	uint64_t i;

	for (i = 0; i < ms / SECOND; i++) {
		passes(SECOND);
		assert_in_range(probes - before, 0, set.probes_per_s / 4 + 1);
		before = probes;
	}
}

static void
half_of_a_cluster_dies_and_the_other_half_stays(void **state)
{
	unsigned i, n = 1000;

	(void)state;
	begins(n);
	for (i = 0; i < n; i += 2)
		members[i].lives = false;
	passes_paced((AUDIT_S + 60) * SECOND);
	for (i = 0; i < n; i++)
		assert_string_equal(members[i].state, i % 2 == 0 ? "stale" : "on");
	assert_int_equal(stats().stale, n / 2);
	passes_paced(AUDIT_S * SECOND);
	for (i = 0; i < n; i++) {
		assert_string_equal(members[i].state, i % 2 == 0 ? "off" : "on");
		assert_int_equal(members[i].published, i % 2 == 0 ? 2 : 0);
	}
	assert_int_equal(stats().stale, 0);
}

static void
ten_thousand_users_are_asked_at_a_quarter_of_the_pace(void **state)
{
	unsigned i, n = 10000;

	(void)state;
	begins(n);
	assert_int_equal(stats().audit_s, AUDIT_S);
	passes_paced(2 * AUDIT_S * SECOND);
	for (i = 0; i < n; i++)
		assert_true(members[i].asked);
	assert_in_range(probes, n, 2 * n);
	assert_int_equal(publishes(), 0);
}

static void
where_there_are_more_the_period_stretches(void **state)
{
	unsigned n = 10000, turn;

	(void)state;
	begins(n);
	set.probes_per_s = 40;
	assert_int_equal(core_configure(core, &set), 0);
	turn = stats().audit_s;
	assert_int_equal(turn, n / 10);
	passes_paced(2 * turn * SECOND);
	probes = 0;
	passes_paced(turn * SECOND);
	assert_in_range(probes, n - 10, n + 10);
	assert_int_equal(publishes(), 0);
}

static void
nobody_is_asked_again_before_everybody_was_asked(void **state)
{
	unsigned i, asked = 0, n = 1000;

	(void)state;
	loads(n, 10, 30);
	passes(95 * SECOND);
	assert_in_range(probes, 940, 952);
	for (i = 0; i < n; i++)
		asked += members[i].asked;
	assert_int_equal(probes, asked);
	passes(60 * SECOND);
	assert_in_range(probes, n + 100, n + 140);
}

static void
a_frozen_server_makes_no_storm(void **state)
{
	unsigned i, n = 10000;

	(void)state;
	begins(n);
	for (i = 0; i < 3; i++) {
		passes_paced(500 * SECOND);
		frozen = true;
		passes_paced(80 * SECOND);
		thaws();
	}
	assert_int_equal(publishes(), 0);
	silent = true;
	passes_paced(5 * AUDIT_S * SECOND);
	assert_int_equal(stats().stale, n);
	silent = false;
	passes_paced((AUDIT_S + 90) * SECOND);
	for (i = 0; i < n; i++)
		assert_string_equal(members[i].state, "on");
	assert_int_equal(publishes(), 2 * n);
}

/* The presence of FULL comes to TO. */
static void
says(const char *bare, const char *resource, const char *to, enum show show)
{
	struct event ev = {.kind = EVENT_PRESENCE};

	ev.from.bare = bare;
	ev.from.resource = resource;
	ev.to.bare = to;
	ev.presence.show = show;
	feeds(&ev);
	settle();
}

static void
user_says(unsigned i, enum show show)
{
	char bridge[128];

	snprintf(bridge, sizeof(bridge), "u%u\\40home.test@" DOMAIN, i);
	says(jid_of(i), "pc", bridge, show);
}

/* In each of SECONDS no more rosters are asked for than the pace lets; in all at most MOST. */
static void
passes_with_rosters(unsigned seconds, unsigned most)
{
	unsigned all = rosters, before;

	while (seconds-- > 0) {
		before = rosters;
		passes(SECOND);
		assert_in_range(rosters - before, 0, 11 * set.rosters_per_s + 6);
	}
	assert_in_range(rosters - all, 0, most);
}

static void
ten_thousand_contacts_who_sign_in_at_once_are_all_served(void **state)
{
	unsigned i, n = 10000;
	char friend[64];

	(void)state;
	loads_with(n, 500, 0, true);
	passes_with_rosters(700, n + 700 * 21);
	for (i = 0; i < n; i++)
		members[i].told = members[i].boss = NULL;
	for (i = 0; i < n; i++) {
		snprintf(friend, sizeof(friend), "f%u@home.test", i);
		says(friend, "phone", DOMAIN, SHOW_NONE);
	}
	says(BOSS, "phone", DOMAIN, SHOW_NONE);
	passes_with_rosters(55, n + 55 * 21);
	for (i = 0; i < n; i++) {
		assert_string_equal(members[i].told, "on");
		assert_string_equal(members[i].boss, "on");
	}
	/* and when all of them change at once they are told, by the rosters that were read for that */
	passes_with_rosters(200, 200 * 21);
	for (i = 0; i < n; i++)
		user_says(i, SHOW_DND);
	passes_with_rosters(60, n + 60 * 21);
	for (i = 0; i < n; i++) {
		assert_string_equal(members[i].told, "dnd");
		assert_string_equal(members[i].boss, "dnd");
	}
	assert_int_equal(stats().errands, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(half_of_a_cluster_dies_and_the_other_half_stays, teardown),
		cmocka_unit_test_teardown(ten_thousand_users_are_asked_at_a_quarter_of_the_pace, teardown),
		cmocka_unit_test_teardown(where_there_are_more_the_period_stretches, teardown),
		cmocka_unit_test_teardown(nobody_is_asked_again_before_everybody_was_asked, teardown),
		cmocka_unit_test_teardown(a_frozen_server_makes_no_storm, teardown),
		cmocka_unit_test_teardown(ten_thousand_contacts_who_sign_in_at_once_are_all_served, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
