/* Hostile input, by the rows of the list of threats. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

/* THREATS 2 */
static void
a_grant_counts_only_from_a_configured_host_to_our_domain(void **state)
{
	(void)state;
	link_up();
	grant_by("elsewhere.test", DOMAIN, GRANT_ALL, 2);
	grant_by(BOB, DOMAIN, GRANT_ALL, 2);
	grant_by("home.test.evil.test", DOMAIN, GRANT_ALL, 2);
	grant_by("home.test", ALICE_BRIDGE, GRANT_ALL, 2);
	assert_int_equal(stats().strangers, 4);
	assert_not_logged("grant");
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(40000);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
who_pretends_to_be_a_host_can_not_fill_the_log(void **state)
{
	int i;

	(void)state;
	link_up();
	for (i = 0; i < 1000; i++)
		grant_by("elsewhere.test", DOMAIN, GRANT_ALL, 2);
	assert_int_equal(times_logged("grant.ignored"), 1);
	assert_int_equal(stats().strangers, 1000);
	passes(60000);
	grant_by("elsewhere.test", DOMAIN, GRANT_ALL, 2);
	assert_int_equal(times_logged("grant.ignored"), 2);
}

/* What empties the items is all that it may do: see test_core_withhold. */
static void
a_host_that_was_taken_out_of_the_configuration_shows_nothing(void **state)
{
	static const char *const hosts[] = {"work.test"};

	(void)state;
	settings.hosts = hosts;
	settings.nhosts = 1;
	configures();
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	hints(ALICE "/tablet", "on");
	says(DESK "/phone", "on");
	passes(60000);
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(last_published(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 0);
}

/* THREATS 3 */
static void
rosters_count_only_from_the_account_itself(void **state)
{
	static const char *const group = "Devices";
	static const struct roster_item item = { .jid = "mallory@evil.test",
		.subscription = SUBSCRIPTION_BOTH,
		.groups = &group,
		.ngroups = 1 };
	struct event ev;

	(void)state;
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_ROSTER_PUSH;
	ev.from.bare = "mallory@evil.test";
	ev.to.bare = DOMAIN;
	ev.roster.items = &item;
	ev.roster.nitems = 1;
	ev.roster.id = "p1";
	feeds(&ev);
	ev.from = (struct address){ALICE, "laptop"};
	feeds(&ev);
	ev.from.resource = NULL;
	ev.to.bare = ALICE_BRIDGE;
	feeds(&ev);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(registry_devices(), 1);
	/* A push of her own server is acted on. */
	ev.to.bare = DOMAIN;
	feeds(&ev);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "mallory@evil.test"), 1);
	/* Without the grant not even that. */
	grant(GRANT_ALL & ~GRANT_ROSTER);
	ev.from.bare = BOB;
	enrols(BOB);
	feeds(&ev);
	assert_null(registry_device(BOB, "mallory@evil.test"));
}

/* THREATS 4 */
static void
an_answer_counts_once_and_from_the_peer_that_was_asked(void **state)
{
	struct event ev, bad;
	struct iq *iq;

	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	iq = iq_last(ACTION_PUBLISH);
	ev = answer_to(iq, COND_NONE);
	bad = ev;
	bad.from.bare = BOB;
	feeds(&bad);
	bad = ev;
	bad.from.resource = "laptop";
	feeds(&bad);
	bad = ev;
	bad.to.bare = BOB_BRIDGE;
	feeds(&bad);
	bad = ev;
	bad.to.bare = DOMAIN;
	feeds(&bad);
	bad = ev;
	bad.answer.id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
	feeds(&bad);
	bad = ev;
	bad.answer.wrapped = true;
	bad.answer.inner_id = iq->id;
	feeds(&bad);
	assert_int_equal(stats().in_flight, 1);
	feeds(&ev);
	assert_int_equal(stats().in_flight, 0);
	says(ALICE "/laptop", "dnd");
	assert_publishes("laptop", "dnd");
	feeds(&ev);
	assert_quiet(60000);
}

static void
of_a_privileged_answer_the_forwarded_iq_is_judged(void **state)
{
	struct event ev, bad;
	struct iq *iq;

	(void)state;
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	iq = iq_last(ACTION_PUBLISH);
	ev = answer_to(iq, COND_NONE);
	bad = ev;
	bad.answer.inner_id = "other";
	feeds(&bad);
	bad.answer.inner_id = NULL;
	feeds(&bad);
	bad = ev;
	bad.answer.inner_from = BOB;
	feeds(&bad);
	bad = ev;
	bad.answer.wrapped = false; /* a result that forwards nothing */
	feeds(&bad);
	assert_int_equal(stats().in_flight, 1);
	ev.answer.inner_from = ALICE;
	feeds(&ev);
	assert_int_equal(stats().in_flight, 0);
	assert_quiet(60000);
}

static void
an_answer_after_its_deadline_is_a_strangers(void **state)
{
	struct event ev;
	uint64_t before;

	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	ev = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	passes(30000);
	before = stats().strangers;
	feeds(&ev);
	assert_int_equal(stats().strangers, before + 1);
}

/* THREATS 5 and 19 */
static void
strangers_create_no_state_and_are_counted(void **state)
{
	struct core_stats before = stats();
	char from[64], to[64];
	int i;

	(void)state;
	forget_sent();
	for (i = 0; i < 1000; i++) {
		snprintf(from, sizeof(from), "s%d@evil.test/x", i);
		snprintf(to, sizeof(to), "s%d\\40home.test@" DOMAIN, i);
		says_to(kept(from), ALICE_BRIDGE, "on");
		says_to(kept(from), to, "on");
		says_to(kept(from), DOMAIN, "on");
		sends(from, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
		sends(from, ALICE_BRIDGE, PRESENCE_SUBSCRIBED);
		writes(from, "yes");
	}
	assert_int_equal(stats().users, before.users);
	assert_int_equal(stats().devices, before.devices);
	assert_int_equal(stats().resources, before.resources);
	assert_int_equal(stats().queries, before.queries);
	assert_int_equal(stats().strangers, before.strangers + 6000);
	assert_int_equal(emissions(), 0);
	assert_quiet(60000);
}

/* THREATS 6 */
static void
a_device_belongs_to_the_user_whose_address_the_stanza_names(void **state)
{
	(void)state;
	enrols(BOB);
	passes(5000);
	catch_up();
	says_to(DESK "/phone", BOB_BRIDGE, "dnd");
	says_to(ALICE "/laptop", BOB_BRIDGE, "dnd");
	says_to(DESK "/phone", DOMAIN, "dnd");
	sends(DESK, BOB_BRIDGE, PRESENCE_UNSUBSCRIBED);
	assert_quiet(60000);
	assert_shows("Desk phone", "on");
}

static void
at_the_domain_only_hints_of_granting_hosts_count(void **state)
{
	(void)state;
	grant(GRANT_ALL & ~GRANT_PRESENCE);
	hints(ALICE "/laptop", "dnd");
	hints(ALICE "/other", "on");
	sends(ALICE, DOMAIN, PRESENCE_UNSUBSCRIBED);
	hints(ALICE, "off");
	assert_quiet(60000);
	assert_shows("laptop", "on");
}

/* THREATS 7 */
static void
missing_addresses_are_survived(void **state)
{
	static const enum event_kind kinds[] = { EVENT_PRESENCE, EVENT_GRANT, EVENT_ANSWER, EVENT_ROSTER_PUSH,
		EVENT_MESSAGE, EVENT_HEADLINE, EVENT_COMMAND, EVENT_REQUEST };
	static const char *const bares[] = {NULL, "home.test", ALICE, DOMAIN, ALICE_BRIDGE};
	struct event ev;
	size_t i, k, m;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (k = 0; k < 5; k++) {
			for (m = 0; m < 5; m++) {
				memset(&ev, 0, sizeof(ev));
				ev.kind = kinds[i];
				ev.from.bare = bares[k];
				ev.to.bare = bares[m];
				feeds(&ev);
			}
		}
	}
	assert_shows("Desk phone", "on");
}

/* THREATS 8 */
static void
somebody_elses_account_is_no_device_before_it_agrees(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(BOB, "My phone");
	approves(BOB); /* he lets people see his presence, but not this */
	says(BOB "/x", "on");
	assert_quiet(60000);
	/* Her own word is not his. */
	runs(ALICE "/laptop", "confirm", NULL);
	fails_with("Nobody");
	says_yes(ALICE);
	assert_quiet(60000);
}

/* THREATS 9 */
static void
an_end_twice_is_an_end(void **state)
{
	(void)state;
	ends(DESK);
	passes(5000);
	catch_up();
	forget_sent();
	ends(DESK);
	sends(DESK, ALICE_BRIDGE, PRESENCE_UNSUBSCRIBE);
	writes(DESK "/phone", "no");
	assert_int_equal(emissions(), 0);
	assert_quiet(60000);
}

/* THREATS 11 */
static void
what_could_feed_presence_back_is_refused(void **state)
{
	static const char *const bad[] = { DOMAIN, "echo." DOMAIN, "x@" DOMAIN, BOB_BRIDGE, "x@sub." DOMAIN, ALICE,
		"work.test", "a@b@c", "@work.test", "alice@work.test/phone", "" };
	size_t i;

	(void)state;
	forget_sent();
	has_enrolled(GRANT_ALL);
	forget_sent();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		runs(ALICE "/laptop", "link", "jid", bad[i], NULL);
		fails_with("");
	}
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(registry_devices(), 0);
	links(BOB, "Bob's");
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	runs(BOB "/x", "link", "jid", ALICE, NULL);
	fails_with("each other");
}

static void
nor_is_that_possible_at_once(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "link", "jid", BOB, NULL);
	runs(BOB "/x", "link", "jid", ALICE, NULL);
	fails_with("in a moment");
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_devices(), 1);
}

static void
presence_never_triggers_presence(void **state)
{
	(void)state;
	passes(10000);
	forget_sent();
	says(DESK "/phone", "away");
	says(ALICE "/laptop", "dnd");
	hints(ALICE "/laptop", "dnd");
	unreachable(DESK);
	sends(DESK, ALICE_BRIDGE, PRESENCE_PROBE);
	passes(10000);
	assert_int_equal(presences_sent(PRESENCE_AVAILABLE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_UNAVAILABLE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
}

/* THREATS 17, 19 */
static void
requests_are_not_answered_without_end_to_a_server_that_does_not_read(void **state)
{
	struct event ev = { .kind = EVENT_REQUEST, .from = {BOB, "x"}, .to = {ALICE_BRIDGE, NULL} };
	unsigned before, i;

	(void)state;
	before = reply.count;
	ev.request.id = "r";
	for (i = 0; i < 10 * ANSWERS_MAX; i++) {
		ev.request.kind = i % 2 == 0 ? REQUEST_PING : REQUEST_OTHER;
		assert_int_equal(feeds_status(&ev), 0);
	}
	/* Nor by an account that is enrolled. */
	ev = (struct event){ .kind = EVENT_PRESENCE, .from = {ALICE, NULL}, .to = {ALICE_BRIDGE, NULL} };
	ev.presence.type = PRESENCE_SUBSCRIBE;
	for (i = 0; i < ANSWERS_MAX; i++)
		assert_int_equal(feeds_status(&ev), 0);
	assert_int_equal(stats().unanswered, 10 * ANSWERS_MAX - 1);
	assert_int_equal(stats().waiting, ANSWERS_MAX + 1);
	forget_sent();
	passes(0);
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(reply.count, before + ANSWERS_MAX);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, NULL), 1);
	/* When it reads again they are answered again. */
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, NULL), 2);
}

/* THREATS 12 */
static void
the_primary_is_the_sender_whatever_the_form_says(void **state)
{
	(void)state;
	enrols(BOB);
	user_is(BOB);
	approves(BOB);
	user_is(ALICE);
	runs(BOB "/x", "link", "jid", "carol@home.test", "account", ALICE, "primary", ALICE, NULL);
	succeeds();
	assert_null(registry_device(ALICE, "carol@home.test"));
	assert_non_null(registry_device(BOB, "carol@home.test"));
	runs(BOB "/x", "unlink", "device", device_id("Desk phone"), NULL);
	fails_with("no such device");
	assert_int_equal(stats().denied, 1);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

/* THREATS 18 */
static void
a_device_that_flaps_ends_in_its_last_state(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		says(DESK "/phone", i % 2 == 0 ? "off" : "on");
		passes(100);
	}
	assert_in_range(publishes(), 10, 300000 / 2000 + 15);
	says(DESK "/phone", "xa");
	passes(10000);
	assert_shows("Desk phone", "xa");
}

/* THREATS 19, state for one user is bounded as well */
static void
resources_and_devices_of_one_account_are_bounded(void **state)
{
	char full[64];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(full, sizeof(full), DESK "/r%d", i);
		says(full, "on");
		snprintf(full, sizeof(full), ALICE "/r%d", i);
		says(full, "on");
	}
	passes(5000);
	assert_in_range(stats().devices, 2, USER_DEVICES_MAX);
	assert_in_range(stats().resources, 2, USER_DEVICES_MAX + DEVICE_RESOURCES_MAX);
	says(DESK "/r0", "dnd");
	passes(5000);
	assert_non_null(strstr(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "dnd"));
}

/* A server may route several domains to one component; from another than ours we must not answer. */
static void
a_request_to_another_domain_is_not_answered(void **state)
{
	struct event ev;

	(void)state;
	link_up();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from.bare = BOB;
	ev.to.bare = "other.test";
	ev.request.id = "r";
	ev.request.kind = REQUEST_PING;
	forget_sent();
	feeds(&ev);
	assert_int_equal(emissions(), 0);
	assert_int_equal(stats().strangers, 1);
}

static void
old_tombstones_make_room(void **state)
{
	char account[64];
	int i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < 3 * USER_DEVICES_MAX; i++) {
		snprintf(account, sizeof(account), "d%d@work.test", i);
		links(account, "x");
		ends(account);
		passes(30000);
	}
	assert_true(registry_devices() <= USER_DEVICES_MAX);
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	assert_publishes("Desk phone", "on");
	says(ALICE "/new", "on");
	assert_publishes("new", "on");
}

static void
a_host_that_is_configured_no_more_is_asked_nothing(void **state)
{
	static const char *const other[] = {"work.test"}, *const both[] = {"home.test", "work.test"};

	(void)state;
	has_enrolled(GRANT_ALL);
	settings.hosts = other;
	settings.nhosts = 1;
	configures();
	says(ALICE "/laptop", "away");
	passes(5000);
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->ndevices, 0);
	forget_sent();
	says(ALICE "/laptop", "off");
	says(ALICE "/laptop", "on");
	passes(100000);
	assert_int_equal(reconnects(), 0);
	assert_int_equal(stats().queries, 0);
	settings.hosts = both;
	settings.nhosts = 2;
	configures();
	assert_int_equal(reconnects(), 1); /* what it grants is said to a new stream only */
}

static void
an_answer_after_its_deadline_is_late_even_if_nobody_looked(void **state)
{
	struct core_stats before;

	(void)state;
	reacts(ACTION_PING, HOLDS, -1);
	hints(ALICE "/tablet", "on"); /* known from hints alone: pinged after a minute */
	passes(61000);
	before = stats();
	client_is_dead(ALICE "/tablet");
	sleeps_over(QUERY_LIFE_MS);
	released();
	assert_int_equal(stats().strangers, before.strangers + 1);
	assert_shows("tablet", "on");
}

/* Whoever stood still may not blame the server. */
static void
an_answer_whose_silence_nobody_has_judged_counts(void **state)
{
	struct core_stats before;

	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	behaves();
	before = stats();
	sleeps_over(QUERY_LIFE_MS);
	released();
	assert_int_equal(stats().strangers, before.strangers);
	assert_int_equal(stats().published, before.published + 2); /* the private node follows */
	assert_int_equal(publishes(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_counts_only_from_a_configured_host_to_our_domain),
		TEST(who_pretends_to_be_a_host_can_not_fill_the_log),
		TEST_LINKED(a_host_that_was_taken_out_of_the_configuration_shows_nothing),
		TEST_LINKED(rosters_count_only_from_the_account_itself),
		TEST_LINKED(an_answer_counts_once_and_from_the_peer_that_was_asked),
		TEST(of_a_privileged_answer_the_forwarded_iq_is_judged),
		TEST_LINKED(an_answer_after_its_deadline_is_a_strangers),
		TEST_LINKED(strangers_create_no_state_and_are_counted),
		TEST_LINKED(a_device_belongs_to_the_user_whose_address_the_stanza_names),
		TEST_LINKED(at_the_domain_only_hints_of_granting_hosts_count),
		TEST_LINKED(missing_addresses_are_survived),
		TEST(somebody_elses_account_is_no_device_before_it_agrees),
		TEST_LINKED(an_end_twice_is_an_end),
		TEST(what_could_feed_presence_back_is_refused),
		TEST(nor_is_that_possible_at_once),
		TEST_LINKED(presence_never_triggers_presence),
		TEST_LINKED(requests_are_not_answered_without_end_to_a_server_that_does_not_read),
		TEST_LINKED(the_primary_is_the_sender_whatever_the_form_says),
		TEST_LINKED(a_device_that_flaps_ends_in_its_last_state),
		TEST_LINKED(resources_and_devices_of_one_account_are_bounded),
		TEST(a_request_to_another_domain_is_not_answered),
		TEST(old_tombstones_make_room),
		TEST(a_host_that_is_configured_no_more_is_asked_nothing),
		TEST_LINKED(an_answer_after_its_deadline_is_late_even_if_nobody_looked),
		TEST_LINKED(an_answer_whose_silence_nobody_has_judged_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
