/* Users of whom nothing is shown for now: those of a host that the settings don't name any more. */
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@home.test"

static const char *const all[] = {"home.test", "work.test"}, *const but_home[] = {"work.test"};

static void
host_is_removed(void)
{
	settings.hosts = but_home;
	settings.nhosts = 1;
	configures();
}

/* What the core asks for then, another stream, is done. */
static void
host_returns(void)
{
	settings.hosts = all;
	settings.nhosts = 2;
	configures();
	link_down();
	link_up();
}

static void
assert_empty(const char *node)
{
	const struct published *p = node_item(ALICE, node);

	assert_non_null(p);
	assert_int_equal(p->ndevices, 0);
}

static void
of_a_removed_host_the_items_are_emptied_at_once(void **state)
{
	(void)state;
	host_is_removed();
	passes(0);
	assert_empty(NODE_DEVICES);
	assert_empty(NODE_DEVICES_PRIVATE);
	assert_string_equal(logged_last("host.removed", "host"), "home.test");
	assert_string_equal(logged_last("host.removed", "users"), "1");
	catch_up();
	says(DESK "/phone", "dnd");
	says(ALICE "/laptop", "away");
	assert_quiet(600000);
	assert_int_equal(times_logged("host.removed"), 1);
}

static void
her_rows_stay_and_nobody_is_unsubscribed(void **state)
{
	(void)state;
	host_is_removed();
	passes(600000);
	restart();
	link_up();
	passes(600000);
	assert_int_equal(registry_users(), 1);
	assert_true(registry_user(ALICE)->approved);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
}

static void
neither_she_nor_her_devices_are_asked_for_anything(void **state)
{
	unsigned rosters;

	(void)state;
	host_is_removed();
	passes(60000);
	catch_up();
	forget_sent();
	rosters = iq_count(ACTION_ROSTER_GET);
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/phone", "on");
	says(ALICE "/phone", "off");
	hints(ALICE "/tablet", "on");
	passes(600000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), rosters);
	assert_int_equal(iq_count(ACTION_PING), 0);
	assert_quiet(1000);
}

static void
when_the_host_is_named_again_all_is_as_before_and_nothing_is_asked_anew(void **state)
{
	(void)state;
	host_is_removed();
	passes(60000);
	says(DESK "/phone", "dnd");
	forget_sent();
	catch_up();
	host_returns();
	assert_int_equal(reconnects(), 1);
	grant(GRANT_ALL);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 2);
}

static void
what_is_known_from_before_is_not_shown_when_the_host_returns(void **state)
{
	(void)state;
	host_is_removed();
	passes(60000);
	says(DESK "/phone", "dnd");
	catch_up();
	settings.hosts = all;
	settings.nhosts = 2;
	configures();
	assert_quiet(60000); /* until the stream that was asked for */
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	assert_quiet(20000);
	passes(20000);
	assert_shows("Desk phone", "off");
}

static void
a_host_removed_while_the_link_is_down_is_emptied_when_it_grants_again(void **state)
{
	(void)state;
	link_down();
	host_is_removed();
	assert_quiet(60000);
	link_up();
	assert_quiet(1000);
	grant(GRANT_ALL);
	passes(1000);
	assert_empty(NODE_DEVICES);
	assert_empty(NODE_DEVICES_PRIVATE);
}

static void
a_server_that_was_silent_for_a_while_is_emptied_without_a_grant(void **state)
{
	(void)state;
	link_down();
	host_is_removed();
	reacts(ACTION_PUBLISH, SILENCE, -1);
	link_up();
	passes(900000);
	behaves();
	catch_up();
	passes(900000);
	assert_empty(NODE_DEVICES);
}

static void
a_host_removed_before_the_start_is_told_and_emptied(void **state)
{
	(void)state;
	settings.hosts = but_home;
	settings.nhosts = 1;
	restart();
	assert_int_equal(times_logged("host.removed"), 1);
	assert_string_equal(logged_last("host.removed", "users"), "1");
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	assert_empty(NODE_DEVICES);
	assert_empty(NODE_DEVICES_PRIVATE);
	catch_up();
	/* And that is all: the next start finds it so. */
	restart();
	link_up();
	grant(GRANT_ALL);
	assert_quiet(600000);
}

static void
contacts_are_told_that_it_is_empty_where_we_deliver(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_ALL);
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	passes(61000);
	says(DESK "/phone", "dnd");
	passes(5000);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	forget_sent();
	host_is_removed();
	passes(5000);
	assert_int_equal(last_event(BOB)->ndevices, 0);
	/* Whoever signs in later is told nothing. */
	forget_sent();
	hints(BOB "/balcony", "on");
	passes(60000);
	assert_int_equal(events_to(BOB, "balcony"), 0);
}

static void
a_removed_host_without_users_grants_nothing(void **state)
{
	(void)state;
	host_is_removed();
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(60000);
	assert_int_equal(registry_users(), 0);
	link_down();
	link_up();
	grant(GRANT_ALL);
	assert_logged("grant.ignored");
}

static void
a_removed_host_is_nobodys_to_enrol_or_to_link_from(void **state)
{
	(void)state;
	host_is_removed();
	runs(CAROL "/home", "enrol", NULL);
	fails_with("hosts");
	runs(ALICE "/laptop", "link", "jid", "alice@elsewhere.test", NULL);
	fails_with("shown");
	/* What ends is ended all the same. */
	ends(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
a_removed_host_that_does_not_grant_is_tried_a_few_times_on_each_stream(void **state)
{
	unsigned n;

	(void)state;
	settings.hosts = but_home;
	settings.nhosts = 1;
	link_down();
	configures();
	link_up();
	node_publisher(ALICE, NODE_DEVICES, false);
	n = iq_count(ACTION_PUBLISH);
	passes(24 * 3600 * 1000);
	assert_in_range(iq_count(ACTION_PUBLISH) - n, 1, 3);
	assert_not_logged("user.blocked");
	assert_int_equal(stats().blocked, 0);
	grant(GRANT_ALL);
	passes(1000);
	assert_empty(NODE_DEVICES);
}

/* Who is published by invitation needs no grant: what her server can't do for a while is tried again until it can. */
static void
of_a_removed_host_that_is_out_of_order_the_items_are_emptied_later(void **state)
{
	(void)state;
	link_down();
	link_up();
	grant(GRANT_ROSTER | GRANT_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_shows("Desk phone", "dnd");
	refuses(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, -1);
	host_is_removed();
	passes(600000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 2);
	behaves();
	passes(600000);
	assert_empty(NODE_DEVICES);
}

/* By now it may be another server's, which says so as often as it likes. */
static void
a_removed_host_that_changes_its_grants_all_the_time_is_heard_now_and_then(void **state)
{
	unsigned i;

	(void)state;
	host_is_removed();
	passes(60000);
	link_down();
	link_up();
	for (i = 0; i < 1000; i++) {
		grant(i % 2 != 0 ? GRANT_ALL : GRANT_PUBSUB);
		passes(10);
	}
	assert_in_range(times_logged("grant"), 1, 4);
}

static void
a_removed_host_costs_nobody_the_stream(void **state)
{
	(void)state;
	link_down();
	host_is_removed();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	server.drops_privileged = server.drops_ordinary = true;
	link_up();
	grant(GRANT_ALL);
	passes(600000);
	assert_int_equal(reconnects(), 0);
	assert_logged("privilege.refused"); /* it was tried */
}

static void
to_empty_a_node_it_is_not_set_up(void **state)
{
	unsigned created;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_enrolled(GRANT_ROSTER);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 1);
	link_down();
	host_is_removed();
	link_up();
	created = iq_count(ACTION_CREATE) + iq_count(ACTION_CONFIG_SET);
	grant(GRANT_ALL);
	passes(60000);
	assert_empty(NODE_DEVICES);
	assert_int_equal(iq_count(ACTION_CREATE) + iq_count(ACTION_CONFIG_SET), created);
}

/* What it says of its users is no privilege's word any more. */
static void
a_removed_hosts_hints_and_rosters_do_not_count(void **state)
{
	static const struct roster_item item = {.jid = BOB, .subscription = SUBSCRIPTION_BOTH};
	size_t resources;

	(void)state;
	host_is_removed();
	resources = stats().resources;
	hints(ALICE "/tablet", "on");
	assert_int_equal(stats().resources, resources);
	pushes(&item);
	assert_true(reply.error);
}

/* It is removed while the registry writes what was asked for before. */
static void
what_becomes_durable_after_the_end_of_a_host_asks_nobody(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(CAROL "/home", "enrol", NULL);
	runs(ALICE "/laptop", "link", "jid", "alice@elsewhere.test", "label", "Elsewhere", NULL);
	host_is_removed();
	forget_sent();
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_users(), 2);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	host_returns();
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, CAROL), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "alice@elsewhere.test"), 1);
}

static void
other_hosts_users_notice_nothing(void **state)
{
	static const char *const but_work[] = {"home.test"};

	(void)state;
	settings.hosts = but_work;
	settings.nhosts = 1;
	configures();
	assert_not_logged("host.removed"); /* there is no user of it */
	assert_quiet(60000);
	assert_shows("Desk phone", "on");
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
}

/* It is emptied as it is: neither opened nor closed. */
static void
a_removed_host_s_node_is_not_set_up_for_other_settings(void **state)
{
	unsigned before = iq_count(ACTION_CONFIG_SET);

	(void)state;
	assert_shows("Desk phone", "on");
	settings.access = ACCESS_WHITELIST;
	host_is_removed();
	passes(60000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_int_equal(iq_count(ACTION_CONFIG_SET), before);
}

static void
who_says_yes_meanwhile_is_told_that_nothing_is_shown(void **state)
{
	(void)state;
	links("dora@work.test", "Dora's");
	approves("dora@work.test");
	host_is_removed();
	passes(60000);
	forget_sent();
	says_yes("dora@work.test");
	assert_told("dora@work.test", "shows nothing at present");
	runs(ALICE "/x", "devices", NULL);
	assert_non_null(strstr(reply.note, "not configured for your server"));
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(60000);
	runs(ALICE "/x", "devices", NULL);
	assert_non_null(strstr(reply.note, "not configured for your server"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_LINKED(of_a_removed_host_the_items_are_emptied_at_once),
		TEST_LINKED(her_rows_stay_and_nobody_is_unsubscribed),
		TEST_LINKED(neither_she_nor_her_devices_are_asked_for_anything),
		TEST_LINKED(when_the_host_is_named_again_all_is_as_before_and_nothing_is_asked_anew),
		TEST_LINKED(what_is_known_from_before_is_not_shown_when_the_host_returns),
		TEST_LINKED(a_host_removed_while_the_link_is_down_is_emptied_when_it_grants_again),
		TEST_LINKED(a_server_that_was_silent_for_a_while_is_emptied_without_a_grant),
		TEST_LINKED(a_host_removed_before_the_start_is_told_and_emptied),
		TEST(contacts_are_told_that_it_is_empty_where_we_deliver),
		TEST_LINKED(a_removed_host_without_users_grants_nothing),
		TEST_LINKED(a_removed_host_is_nobodys_to_enrol_or_to_link_from),
		TEST_LINKED(a_removed_host_that_does_not_grant_is_tried_a_few_times_on_each_stream),
		TEST_LINKED(of_a_removed_host_that_is_out_of_order_the_items_are_emptied_later),
		TEST_LINKED(a_removed_host_that_changes_its_grants_all_the_time_is_heard_now_and_then),
		TEST_LINKED(a_removed_host_costs_nobody_the_stream),
		TEST(to_empty_a_node_it_is_not_set_up),
		TEST_LINKED(a_removed_hosts_hints_and_rosters_do_not_count),
		TEST_LINKED(what_becomes_durable_after_the_end_of_a_host_asks_nobody),
		TEST_LINKED(other_hosts_users_notice_nothing),
		TEST_LINKED(a_removed_host_s_node_is_not_set_up_for_other_settings),
		TEST_LINKED(who_says_yes_meanwhile_is_told_that_nothing_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
