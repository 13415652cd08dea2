/* Who gets the name of an account inherits nothing: neither of who had not accepted yet, nor of a linked account. */
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@work.test"

/* An earlier version let her link and edit before she had accepted. */
static void
has_linked_before_she_accepted(bool moved)
{
	struct action act;

	has_a_desk_phone(GRANT_ALL);
	runs(ALICE "/laptop", "edit", "device", device_id("laptop"), "label", "Secret laptop", NULL);
	succeeds();
	links(CAROL, "Carol's");
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_USER;
	act.user = *registry_user(ALICE);
	act.user.approved = false;
	act.user.suspended_ms = moved ? wall_now() : 0;
	registry_takes(&act);
	registry_applies(1);
	restart();
	server_subscribes(ALICE, ALICE_BRIDGE, false);
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(5000);
}

static void
before_she_has_accepted_nothing_is_linked_or_changed(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "on");
	runs(ALICE "/laptop", "link", NULL);
	fails_with("Accept the contact request of " ALICE_BRIDGE);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("Accept the contact request");
	runs(ALICE "/laptop", "edit", NULL);
	fails_with("Accept the contact request");
	runs(ALICE "/laptop", "edit", "device", device_id("laptop"), "label", "Mine", NULL);
	fails_with("Accept the contact request");
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 0);
	approves(ALICE);
	links(DESK, "Desk phone");
}

static void
nor_by_her_roster(void **state)
{
	(void)state;
	roster_has(ALICE, DESK, SUBSCRIPTION_BOTH, "Devices");
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/laptop", "on");
	passes(120000);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 0);
	approves(ALICE);
	passes(61000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
}

static void
her_request_is_sent_again_when_it_may_be_lost_but_not_often(void **state)
{
	unsigned i;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	runs(ALICE "/laptop", "link", NULL);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	passes(29999);
	runs(ALICE "/laptop", "link", NULL);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	passes(1);
	runs(ALICE "/laptop", "link", NULL);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 2);
	for (i = 0; i < 300; i++) {
		runs(ALICE "/laptop", "link", NULL);
		passes(1000);
	}
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 4);
}

/* Whoever doesn't know that there is something to accept looks into the list, or enrols once more. */
static void
what_is_to_be_accepted_is_said_wherever_she_asks(void **state)
{
	static const char *const nodes[] = {"devices", "enrol"};
	unsigned i;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	for (i = 0; i < 2; i++) {
		runs(ALICE "/laptop", nodes[i], NULL);
		assert_non_null(strstr(reply.note, "Accept the contact request of " ALICE_BRIDGE));
		assert_int_equal(strstr(reply.note, "enrolled already") != NULL, i == 1);
		assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1 + i);
		passes(30000);
		runs(ALICE "/laptop", nodes[i], NULL);
		assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 2 + i);
		runs(ALICE "/laptop", nodes[i], NULL);
		assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 2 + i);
	}
	assert_int_equal(registry_users(), 1);
	approves(ALICE);
	passes(60000);
	runs(ALICE "/laptop", "devices", NULL);
	assert_null(reply.note);
	runs(ALICE "/laptop", "enrol", NULL);
	fails_with("enrolled already");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 3);
}

static void
what_is_from_before_is_shown_to_nobody(void **state)
{
	(void)state;
	has_linked_before_she_accepted(false);
	hints(ALICE "/laptop", "on");
	hints(ALICE "/phone", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_shows("Desk phone", "absent");
	assert_shows("Secret laptop", "absent");
	assert_shows("laptop", "absent");
	assert_shows("phone", "on");
	runs(ALICE "/phone", "devices", NULL);
	assert_null(strstr(reply.rows, "Desk phone"));
	assert_null(strstr(reply.rows, "Secret laptop"));
	assert_non_null(strstr(reply.rows, "|phone|"));
	runs(ALICE "/phone", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	assert_non_null(reply.note);
}

static void
nobody_is_told_of_it_or_asked(void **state)
{
	(void)state;
	has_linked_before_she_accepted(false);
	says_yes(DESK);
	writes(DESK "/phone", "hm");
	approves(DESK);
	runs(DESK "/phone", "devices", NULL);
	fails_with("not enrolled");
	runs(DESK "/phone", "confirm", NULL);
	fails_with("Nobody waits");
	runs(CAROL "/x", "confirm", NULL);
	fails_with("Nobody waits");
	runs(CAROL "/x", "devices", NULL);
	fails_with("not enrolled");
	says_yes(CAROL);
	assert_false(registry_device(ALICE, CAROL)->confirmed);
	passes(UINT64_C(8) * 24 * 60 * 60 * 1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK) + presences_sent(PRESENCE_SUBSCRIBE, CAROL), 0);
	assert_int_equal(messages_sent(NULL), 0);
	/* Nor she of its end, whoever she is. */
	writes(DESK "/phone", "no");
	ends(CAROL);
	assert_int_equal(messages_sent(NULL), 0);
}

static void
who_accepts_begins_with_nothing(void **state)
{
	(void)state;
	has_linked_before_she_accepted(false);
	approves(ALICE);
	/* It was asked for once more, for what begins then, and her server says so at once. */
	passes(1000);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(60000);
	assert_true(registry_user(ALICE)->approved);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_shows("laptop", "on");
	runs(ALICE "/laptop", "devices", NULL);
	assert_null(strstr(reply.rows, "Desk phone"));
}

static void
its_account_may_end_it_all_the_same(void **state)
{
	(void)state;
	has_linked_before_she_accepted(false);
	ends(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

/* Whoever accepts under the component's new name, so soon, is who had accepted it. */
static void
what_a_move_has_made_void_stands_when_she_accepts_within_a_week(void **state)
{
	(void)state;
	has_linked_before_she_accepted(true);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 0);
	passes(UINT64_C(6) * 24 * 60 * 60 * 1000);
	approves(ALICE);
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_shows("Secret laptop", "on");
	assert_shows("Desk phone", "dnd");
	assert_int_equal(registry_user(ALICE)->suspended_ms, 0);
}

static void
and_not_after_that(void **state)
{
	(void)state;
	has_linked_before_she_accepted(true);
	passes(UINT64_C(7) * 24 * 60 * 60 * 1000);
	approves(ALICE);
	passes(1000);
	approves(ALICE);
	passes(60000);
	assert_int_equal(registry_devices(), 0);
}

/* What her clients were called, and who her contacts were, is gone with the stream. */
static void
who_has_not_accepted_leaves_no_names_of_clients(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	hints(ALICE "/secret", "on");
	passes(5000);
	assert_shows("secret", "on");
	hints(ALICE "/tablet", "on");
	hints(ALICE "/tablet", "off");
	passes(3000);
	assert_shows("tablet", "off");
	link_down();
	roster_lacks(ALICE, BOB);
	link_up();
	grant(GRANT_ALL);
	forget_sent();
	hints(ALICE "/new", "on");
	runs(ALICE "/new", "devices", NULL);
	assert_null(strstr(reply.rows, "|secret|"));
	assert_null(strstr(reply.rows, "|tablet|"));
	passes(12000);
	assert_shows("new", "on");
	assert_shows("secret", "absent");
	assert_int_equal(events_to(BOB, NULL), 0);
}

/* A linked account whose name is somebody else's, for all that is known */

static void
desk_has_another_owner(void)
{
	restart();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	catch_up();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(1000);
	answers(ALICE "/laptop", "on");
}

static void
its_owner_comes_back(void)
{
	server_subscribes(DESK, ALICE_BRIDGE, true);
	answers(DESK "/phone", "on");
	runs(DESK "/phone", "devices", NULL);
	assert_string_equal(reply.rows, ALICE "|Desk phone|given\n");
}

static void
who_shows_an_account_is_nobodys_before_it_is_proved(void **state)
{
	unsigned i;

	(void)state;
	desk_has_another_owner();
	for (i = 0; i < 60; i++) {
		runs(DESK "/m", "devices", NULL);
		fails_with("in a minute");
		passes(1000);
	}
	passes(10000);
	assert_logged("device.suspended");
	runs(DESK "/m", "devices", NULL);
	fails_with("not enrolled");
	writes(DESK "/m", "hm");
	assert_int_equal(messages_sent(DESK), 0);
	server_subscribes(DESK, ALICE_BRIDGE, true);
	passes(300000);
	assert_logged("device.resumed");
	runs(DESK "/m", "devices", NULL);
	assert_string_equal(reply.rows, ALICE "|Desk phone|given\n");
}

static void
nor_as_long_as_its_roster_is_not_given(void **state)
{
	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	desk_has_another_owner();
	passes(600000);
	runs(DESK "/m", "devices", NULL);
	fails_with("in a minute");
	its_owner_comes_back();
}

/* Who blocks us has his server refuse it for him. */
static void
nor_when_its_owner_keeps_it_from_us(void **state)
{
	(void)state;
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1);
	desk_has_another_owner();
	passes(60000);
	runs(DESK "/m", "devices", NULL);
	fails_with("in a minute");
	its_owner_comes_back();
}

/* Ids of devices stand in the items that contacts get. */
static void
who_is_not_proved_changes_nothing_by_an_id_that_he_knows(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	link_down();
	link_up();
	runs(ALICE "/m", "edit", "device", id, "status-text", "1", "label", "Mine", NULL);
	fails_with("in a moment");
	assert_string_equal(registry_device(ALICE, DESK)->label, "Desk phone");
	assert_false(registry_device(ALICE, DESK)->show_status);
	runs(ALICE "/m", "edit", "device", id, "visibility", "self", NULL);
	fails_with("in a moment");
	runs(ALICE "/m", "edit", "device", id, "visibility", "hidden", "kind", "phone", NULL);
	fails_with("in a moment");
	runs(ALICE "/m", "edit", "device", id, "visibility", "hidden", "label", "Mine", NULL);
	fails_with("in a moment");
	assert_string_equal(registry_device(ALICE, DESK)->label, "Desk phone");
	runs(ALICE "/m", "unlink", "device", id, NULL);
	succeeds();
}

/* Ends wait for nothing, and tell nothing: the answer is the same whoever is named. */
static void
who_may_be_another_ends_it_and_is_not_told(void **state)
{
	size_t before;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	desk_has_another_owner();
	passes(600000);
	runs(DESK "/m", "unlink", NULL);
	fails_with("in a minute");
	runs(DESK "/m", "leave", NULL);
	fails_with("in a minute");
	runs(DESK "/m", "leave", "sure", "1", NULL);
	fails_with("in a minute");
	runs(DESK "/m", "link", NULL);
	fails_with("enrol");
	runs(DESK "/m", "unlink", "device", BOB, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	runs(DESK "/m", "devices", NULL);
	before = strlen(reply.note);
	forget_sent();
	runs(DESK "/m", "unlink", "device", ALICE, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 0);
	/* Nor does what is said of anything else tell that it was she. */
	runs(DESK "/m", "devices", NULL);
	assert_int_equal(strlen(reply.note), before);
	runs(DESK "/m", "confirm", NULL);
	fails_with("Nobody waits");
	runs(DESK "/m", "unlink", "device", ALICE, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
}

static void
nor_while_its_user_is_suspended(void **state)
{
	(void)state;
	desk_has_another_owner();
	server_subscribes(DESK, ALICE_BRIDGE, true);
	link_down();
	server_subscribes(ALICE, ALICE_BRIDGE, false);
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(130000);
	assert_logged("user.suspended");
	link_down();
	link_up();
	grant(GRANT_ALL);
	grant_by("work.test", DOMAIN, GRANT_ROSTER, 2);
	passes(1000);
	runs(DESK "/m", "devices", NULL);
	fails_with("not enrolled");
}

static void
a_link_that_has_ended_is_not_told_of(void **state)
{
	(void)state;
	ends(DESK);
	runs(DESK "/m", "devices", NULL);
	fails_with("not enrolled");
}

/* Approved by the one before, and not confirmed. */
static void
has_half_agreed(void)
{
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(40000);
	links(DESK, "Desk phone");
	approves(DESK);
	passes(40000);
	forget_sent();
}

static void
who_may_be_somebody_else_is_asked_nothing(void **state)
{
	(void)state;
	has_half_agreed();
	desk_has_another_owner();
	says_to(DESK "/m", bridge(), "on");
	passes(UINT64_C(8) * 24 * 60 * 60 * 1000);
	assert_int_equal(messages_sent(DESK), 0);
}

static void
nor_when_she_runs_link_again(void **state)
{
	(void)state;
	has_half_agreed();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	desk_has_another_owner();
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("in a moment");
	assert_int_equal(messages_sent(DESK), 0);
}

static void
nor_is_his_yes_taken(void **state)
{
	(void)state;
	has_half_agreed();
	desk_has_another_owner();
	runs(DESK "/m", "confirm", NULL);
	fails_with("in a minute");
	says_yes(DESK);
	assert_false(registry_device(ALICE, DESK)->confirmed);
	/* Silence, as to anybody. */
	assert_int_equal(messages_sent(DESK), 0);
	passes(130000);
	assert_logged("device.suspended");
	runs(DESK "/m", "confirm", NULL);
	fails_with("Nobody waits");
	says_yes(DESK);
	assert_false(registry_device(ALICE, DESK)->confirmed);
	/* But a no is one, whoever says it. */
	writes(DESK "/m", "no");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REFUSED);
}

static void
nor_does_he_learn_it_by_linking_her(void **state)
{
	(void)state;
	links(BOB, "Bob's");
	approves(BOB);
	says_yes(BOB);
	passes(5000);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(5000);
	link_down();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(BOB "/x", "on");
	/* What is said of all of them is the same. */
	runs(BOB "/x", "link", "jid", CAROL, NULL);
	succeeds();
	runs(BOB "/x", "link", "jid", ALICE, NULL);
	succeeds();
	/* When it is known that it is he, they are not each other's. */
	user_is(ALICE);
	answers(BOB "/x", "on");
	passes(1000);
	assert_int_equal(registry_device(BOB, ALICE)->state, LINK_REVOKED);
	assert_int_equal(registry_device(ALICE, BOB)->state, LINK_ACTIVE);
	user_is(BOB);
	assert_told(BOB, "each other");
}

/* A stranger is answered nothing by any bridge: so is he by that of whose device his account was. */
static void
nor_by_what_he_sends_to_her_bridge(void **state)
{
	unsigned infos;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	desk_has_another_owner();
	passes(1000);
	forget_sent();
	infos = iq_count(ACTION_INFO_GET);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	writes(DESK "/m", "hello");
	writes(DESK "/m", "yes");
	says_to(DESK "/heir", ALICE_BRIDGE, "on");
	passes(5000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	assert_int_equal(messages_sent(DESK), 0);
	assert_int_equal(iq_count(ACTION_INFO_GET), infos);
	server_subscribes(DESK, ALICE_BRIDGE, true);
	answers(DESK "/phone", "on");
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
}

static void
nor_does_his_error_make_her_device_stale(void **state)
{
	int64_t came_at;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	desk_has_another_owner();
	passes(5000);
	came_at = wall_now();
	sends(DESK "/heir", ALICE_BRIDGE, PRESENCE_ERROR);
	says_to(DESK "/heir", ALICE_BRIDGE, "dnd");
	passes(45000);
	assert_true(device_in(node_item(ALICE, NODE_DEVICES), "Desk phone")->since_ms != came_at);
	assert_false(device_in(node_item(ALICE, NODE_DEVICES), "Desk phone")->stale);
}

static void
nor_by_linking_when_that_is_suspended(void **state)
{
	(void)state;
	links(BOB, "Hers");
	approves(BOB);
	says_yes(BOB);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	user_is(ALICE);
	server_subscribes(BOB, ALICE_BRIDGE, false);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	answers(ALICE "/x", "on");
	passes(200000);
	assert_logged("device.suspended");
	user_is(BOB);
	runs(BOB "/x", "link", "jid", ALICE, NULL);
	succeeds();
	runs(BOB "/x", "link", "jid", CAROL, NULL);
	succeeds();
}

/* Where no rosters are granted, either, and where they will be later, for all that is known. */
static void
nor_on_a_host_that_grants_no_rosters(void **state)
{
	(void)state;
	restart();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	link_up();
	passes(60000);
	runs(DESK "/m", "devices", NULL);
	fails_with("in a minute");
	server_subscribes(DESK, ALICE_BRIDGE, true);
	lives(DESK "/phone", "on");
	passes(1000);
	runs(DESK "/m", "devices", NULL);
	passes(1000);
	runs(DESK "/m", "devices", NULL);
	assert_string_equal(reply.rows, ALICE "|Desk phone|given\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(before_she_has_accepted_nothing_is_linked_or_changed),
		TEST(nor_by_her_roster),
		TEST(her_request_is_sent_again_when_it_may_be_lost_but_not_often),
		TEST(what_is_to_be_accepted_is_said_wherever_she_asks),
		TEST(what_is_from_before_is_shown_to_nobody),
		TEST(nobody_is_told_of_it_or_asked),
		TEST(who_accepts_begins_with_nothing),
		TEST(its_account_may_end_it_all_the_same),
		TEST(what_a_move_has_made_void_stands_when_she_accepts_within_a_week),
		TEST(and_not_after_that),
		TEST(who_has_not_accepted_leaves_no_names_of_clients),
		TEST_LINKED(who_shows_an_account_is_nobodys_before_it_is_proved),
		TEST_LINKED(nor_as_long_as_its_roster_is_not_given),
		TEST_LINKED(nor_when_its_owner_keeps_it_from_us),
		TEST_LINKED(who_is_not_proved_changes_nothing_by_an_id_that_he_knows),
		TEST_LINKED(who_may_be_another_ends_it_and_is_not_told),
		TEST_LINKED(nor_while_its_user_is_suspended),
		TEST_LINKED(nor_on_a_host_that_grants_no_rosters),
		TEST_LINKED(nor_by_linking_when_that_is_suspended),
		TEST_LINKED(a_link_that_has_ended_is_not_told_of),
		TEST(who_may_be_somebody_else_is_asked_nothing),
		TEST(nor_when_she_runs_link_again),
		TEST(nor_is_his_yes_taken),
		TEST_LINKED(nor_does_he_learn_it_by_linking_her),
		TEST_LINKED(nor_by_what_he_sends_to_her_bridge),
		TEST_LINKED(nor_does_his_error_make_her_device_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
