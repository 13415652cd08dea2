/* Whose word counts, and for what: each reason for which a sender or an address is not the right one. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static struct event
stanza(enum event_kind kind, const char *from, const char *to)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.from.bare = from;
	ev.to.bare = to;
	return ev;
}

/* Grants and hosts */

static void
a_grant_to_a_resource_of_our_domain_is_none(void **state)
{
	struct event ev = stanza(EVENT_GRANT, "home.test", DOMAIN);

	(void)state;
	link_up();
	ev.to.resource = "x";
	ev.grant.version = 2;
	ev.grant.iq_pubsub = MAY_GET | MAY_SET;
	feeds(&ev);
	assert_not_logged("grant");
	assert_int_equal(stats().strangers, 1);
}

static void
a_host_that_was_taken_out_of_the_configuration_enrols_nobody(void **state)
{
	static const char *const hosts[] = {"work.test"};

	(void)state;
	settings.hosts = hosts;
	settings.nhosts = 1;
	configures();
	runs(BOB "/x", "enrol", NULL);
	fails_with("Only accounts of the hosts");
	assert_int_equal(times_logged("user.refused"), 1);
	runs("carol@home.test/x", "enrol", NULL);
	assert_int_equal(times_logged("user.refused"), 1);
	passes(60000);
	runs("carol@home.test/x", "enrol", NULL);
	assert_int_equal(times_logged("user.refused"), 2);
	assert_null(registry_user(BOB));
	assert_non_null(registry_user(ALICE));
}

static void
the_name_in_an_error_is_not_believed(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	reacts(ACTION_INFO_GET, HOLDS, 1);
	link_up();
	grant(GRANT_ALL);
	ev = answer_to(iq_last(ACTION_INFO_GET), COND_SERVICE_UNAVAILABLE);
	ev.answer.name = "Prosody"; /* which delivers by itself */
	feeds(&ev);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
}

/* Rosters */

static struct event
push(const char *jid, enum subscription subscription, bool remove, const char *group)
{
	static struct roster_item item;
	static const char *groups[1];
	struct event ev = stanza(EVENT_ROSTER_PUSH, ALICE, DOMAIN);

	groups[0] = group;
	item = (struct roster_item){.jid = jid, .subscription = subscription, .remove = remove};
	item.groups = groups;
	item.ngroups = group != NULL;
	ev.roster.items = &item;
	ev.roster.nitems = 1;
	ev.roster.id = "p1";
	return ev;
}

static void
a_push_to_a_resource_of_our_domain_changes_nothing(void **state)
{
	struct event ev = push(BOB, SUBSCRIPTION_BOTH, false, "Devices");

	(void)state;
	ev.to.resource = "x";
	feeds(&ev);
	assert_true(reply.error);
	assert_null(registry_device(ALICE, BOB));
	ev.to.resource = NULL;
	feeds(&ev);
	assert_non_null(registry_device(ALICE, BOB));
}

static void
who_is_removed_is_neither_contact_nor_device_whatever_else_the_push_says(void **state)
{
	struct event ev = push(BOB, SUBSCRIPTION_BOTH, true, "Devices");

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	passes(5000);
	forget_sent();
	hints(BOB "/one", "on");
	assert_int_equal(events_to(BOB, "one"), 1);
	feeds(&ev);
	hints(BOB "/two", "on");
	passes(5000);
	assert_int_equal(events_to(BOB, "two"), 0);
	assert_null(registry_device(ALICE, BOB));
}

static void
her_own_bridge_is_no_contact_of_hers(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, ALICE_BRIDGE, SUBSCRIPTION_BOTH, NULL); /* as it is in every roster of those who enrolled */
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_enrolled(GRANT_ALL);
	forget_sent();
	says(ALICE "/laptop", "away");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to(ALICE_BRIDGE, NULL), 0);
}

/* Whose account is a device of somebody has that bridge in the roster too, and may have enrolled. */
static void
nor_is_anybody_elses_bridge(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB_BRIDGE, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, DOMAIN, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "carol@" DOMAIN ".evil.example", SUBSCRIPTION_BOTH, NULL);
	has_enrolled(GRANT_ALL);
	forget_sent();
	says(ALICE "/laptop", "away");
	passes(5000);
	assert_int_equal(events_to(BOB_BRIDGE, NULL), 0);
	assert_int_equal(events_to(DOMAIN, NULL), 0);
	assert_int_equal(events_to("carol@" DOMAIN ".evil.example", NULL), 1);
}

static void
a_gateway_in_the_group_is_no_device(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	forget_sent();
	roster_has(ALICE, "icq.home.test", SUBSCRIPTION_BOTH, "Devices");
	passes(120000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(registry_devices(), 0);
}

static void
a_result_without_a_roster_ends_no_friendship(void **state)
{
	unsigned asked;
	struct event ev;

	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	for (asked = iq_count(ACTION_ROSTER_GET); iq_count(ACTION_ROSTER_GET) == asked;)
		passes(100);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	feeds(&ev);
	behaves();
	forget_sent();
	hints(BOB "/new", "on");
	passes(11000);
	assert_int_equal(events_to(BOB, "new"), 1);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
}

static void
a_contact_known_by_a_push_alone_is_greeted_when_the_roster_has_come(void **state)
{
	struct event ev = push(BOB, SUBSCRIPTION_BOTH, false, NULL);

	(void)state;
	server.name = "ejabberd";
	roster_refused(true);
	has_enrolled(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	feeds(&ev);
	forget_sent();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	hints(BOB "/new", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "new"), 0);
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_refused(false);
	released();
	assert_int_equal(events_to(BOB, "new"), 1);
}

/* Devices and their presence */

static void
an_address_that_only_ends_like_ours_is_a_device_like_any_other(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	forget_sent();
	links("x@not" DOMAIN, "Other");
	links("x@a.much.longer.domain.of.somebody.elses.test", "Another");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 2);
}

static void
of_all_errors_only_gone_and_item_not_found_say_that_nobody_is_there(void **state)
{
	static const struct {
		enum condition error;
		const char *state;
	} cases[] = {
		{COND_GONE, "off"},
		{COND_ITEM_NOT_FOUND, "off"},
		{COND_REMOTE_SERVER_NOT_FOUND, "on"},
		{COND_REMOTE_SERVER_TIMEOUT, "on"},
		{COND_SERVICE_UNAVAILABLE, "on"},
		{COND_RECIPIENT_UNAVAILABLE, "on"},
		{COND_FORBIDDEN, "on"},
		{COND_INTERNAL_SERVER_ERROR, "on"},
	};
	const char *const from[] = {DESK, ALICE}, *const labels[] = {"Desk phone", "laptop"};
	size_t i, k;

	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		core_teardown(state);
		core_setup_linked(state);
		k = i % 2;
		fails_to_reach(from[k], cases[i / 2].error);
		assert_publishes(labels[k], cases[i / 2].state);
		assert_int_equal(device_in(last_published(ALICE, NODE_DEVICES), labels[k])->stale,
		    strcmp(cases[i / 2].state, "on") == 0);
		assert_shows(labels[1 - k], "on");
		assert_false(device_in(last_published(ALICE, NODE_DEVICES), labels[1 - k])->stale);
	}
}

static void
an_answer_from_there_ends_the_doubt_even_if_nobody_is_there(void **state)
{
	(void)state;
	says(DESK "/phone", "off");
	assert_publishes("Desk phone", "off");
	unreachable(DESK);
	assert_publishes("Desk phone", "off");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
	is_gone(DESK);
	assert_publishes("Desk phone", "off");
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->stale);
}

/* A laptop known by hints alone; its next ping is on its way. */
static struct event
answer_to_a_ping(enum condition error)
{
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	reacts(ACTION_PING, HOLDS, -1);
	passes(60000);
	assert_int_equal(iq_count(ACTION_PING), 1);
	return answer_to(iq_last(ACTION_PING), error);
}

static void
only_errors_that_say_so_mean_that_nobody_is_there(void **state)
{
	static const struct {
		enum condition error;
		const char *state;
	} cases[] = {
		{COND_SERVICE_UNAVAILABLE, "off"},
		{COND_RECIPIENT_UNAVAILABLE, "off"},
		{COND_ITEM_NOT_FOUND, "off"},
		{COND_GONE, "off"},
		{COND_FEATURE_NOT_IMPLEMENTED, "away"},
		{COND_FORBIDDEN, "away"},
		{COND_REMOTE_SERVER_TIMEOUT, "away"},
	};
	struct event ev;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		core_teardown(state);
		core_setup(state);
		ev = answer_to_a_ping(cases[i].error);
		feeds(&ev);
		passes(5000);
		assert_shows("laptop", cases[i].state);
	}
}

static void
a_ping_says_nothing_of_a_resource_that_went_and_is_forgotten(void **state)
{
	struct event ev;

	(void)state;
	settings.linger_ms = 1000;
	configures();
	ev = answer_to_a_ping(COND_SERVICE_UNAVAILABLE);
	hints(ALICE "/laptop", "off");
	assert_publishes("laptop", "off");
	passes(2000);
	assert_shows("laptop", "absent");
	catch_up();
	feeds(&ev);
	assert_quiet(60000);
}

static void
a_ping_says_nothing_new_of_a_resource_that_went(void **state)
{
	struct event ev = answer_to_a_ping(COND_SERVICE_UNAVAILABLE);

	(void)state;
	hints(ALICE "/laptop", "off");
	assert_publishes("laptop", "off");
	feeds(&ev);
	assert_quiet(60000);
}

static void
a_ping_does_not_contradict_the_subscription(void **state)
{
	struct event ev = answer_to_a_ping(COND_SERVICE_UNAVAILABLE);

	(void)state;
	approves(ALICE);
	says(ALICE "/laptop", "away");
	feeds(&ev);
	assert_quiet(60000);
	assert_shows("laptop", "away");
}

/* Commands and chats */

static void
commands_are_at_the_domain_itself(void **state)
{
	struct event ev = stanza(EVENT_COMMAND, ALICE, DOMAIN);

	(void)state;
	ev.to.resource = "x";
	ev.command.id = "c1";
	ev.command.node = "leave";
	ev.command.set = true;
	feeds(&ev);
	assert_true(reply.error);
	assert_int_equal(reply.condition, COND_ITEM_NOT_FOUND);
}

static void
one_account_may_be_asked_by_more_people_than_a_form_has_room_for(void **state)
{
	char primary[64], last[64] = "";
	int i;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	for (i = 0; i < 40; i++) {
		snprintf(primary, sizeof(primary), "u%02d@home.test", i);
		user_is(kept(primary));
		enrols(primary);
		approves(primary);
		passes(60000); /* nobody is asked more often for long */
		links(DESK, "Phone");
		if (i == 0)
			snprintf(last, sizeof(last), "%s", primary);
	}
	runs(DESK "/phone", "confirm", "account", primary, NULL);
	succeeds();
	assert_true(registry_device(primary, DESK)->confirmed);
	runs(DESK "/phone", "confirm", "account", last, NULL);
	succeeds();
	assert_true(registry_device(last, DESK)->confirmed);
	runs(DESK "/phone", "confirm", "account", last, NULL);
	assert_non_null(strstr(reply.note, "Now accept"));
}

static void
yes_and_no_may_be_said_in_few_letters(void **state)
{
	static const struct {
		const char *body;
		bool yes, no;
	} cases[] = {
		{"y", true, false},
		{" YES! ", true, false},
		{"yes.", true, false},
		{"n", false, true},
		{"No !", false, true},
		{"yes, but", false, false},
		{"nope", false, false},
		{"", false, false},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		core_teardown(state);
		core_setup(state);
		has_enrolled(GRANT_ALL);
		links(DESK, "Desk phone");
		writes(DESK "/phone", cases[i].body);
		assert_int_equal(registry_device(ALICE, DESK)->confirmed, cases[i].yes);
		assert_int_equal(registry_device(ALICE, DESK)->state == LINK_REFUSED, cases[i].no);
	}
}

static void
who_has_said_yes_is_not_asked_for_it_again(void **state)
{
	unsigned before;

	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	says_yes(DESK);
	before = emissions();
	writes(DESK "/phone", "What is this?");
	assert_int_equal(emissions(), before);
}

static void
a_message_without_a_text_is_nobodys(void **state)
{
	struct event ev = stanza(EVENT_MESSAGE, DESK, ALICE_BRIDGE);
	uint64_t before = stats().strangers;

	(void)state;
	ev.message.chat = true;
	forget_sent();
	feeds(&ev);
	assert_int_equal(stats().strangers, before + 1);
	assert_int_equal(emissions(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_to_a_resource_of_our_domain_is_none),
		TEST_LINKED(a_host_that_was_taken_out_of_the_configuration_enrols_nobody),
		TEST(the_name_in_an_error_is_not_believed),
		TEST_LINKED(a_push_to_a_resource_of_our_domain_changes_nothing),
		TEST(who_is_removed_is_neither_contact_nor_device_whatever_else_the_push_says),
		TEST(her_own_bridge_is_no_contact_of_hers),
		TEST(nor_is_anybody_elses_bridge),
		TEST(a_gateway_in_the_group_is_no_device),
		TEST(a_result_without_a_roster_ends_no_friendship),
		TEST(a_contact_known_by_a_push_alone_is_greeted_when_the_roster_has_come),
		TEST(an_address_that_only_ends_like_ours_is_a_device_like_any_other),
		TEST_LINKED(of_all_errors_only_gone_and_item_not_found_say_that_nobody_is_there),
		TEST_LINKED(an_answer_from_there_ends_the_doubt_even_if_nobody_is_there),
		TEST(only_errors_that_say_so_mean_that_nobody_is_there),
		TEST(a_ping_says_nothing_of_a_resource_that_went_and_is_forgotten),
		TEST(a_ping_says_nothing_new_of_a_resource_that_went),
		TEST(a_ping_does_not_contradict_the_subscription),
		TEST_LINKED(commands_are_at_the_domain_itself),
		TEST(one_account_may_be_asked_by_more_people_than_a_form_has_room_for),
		TEST(yes_and_no_may_be_said_in_few_letters),
		TEST(who_has_said_yes_is_not_asked_for_it_again),
		TEST_LINKED(a_message_without_a_text_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
