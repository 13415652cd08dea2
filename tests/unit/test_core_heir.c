/* Who gets the name of a linked account inherits nothing, and does not learn whose device it was. */
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@work.test"

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

/* Of one that she had linked, of a user who has linked her account, and of a stranger's: the same. */
static void
tells_of_each(const char *words)
{
	static const char *const addresses[] = {DESK, BOB, "carol@far.test"};
	const char *first = NULL;
	size_t i;

	for (i = 0; i < 3; i++) {
		runs(ALICE "/heir", "unlink", "device", addresses[i], NULL);
		if (strstr(reply.note, words) == NULL)
			fail_msg("of %s: %s", addresses[i], reply.note);
		if (first == NULL)
			first = kept(reply.note);
		assert_string_equal(reply.note, first);
	}
}

/* Whoever has got her name tries the addresses that he can think of. */
static void
nor_does_unlink_tell_what_she_had_linked(void **state)
{
	(void)state;
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(ALICE, "Alice");
	approves(ALICE);
	confirms(ALICE);
	user_is(ALICE);
	passes(5000);
	assert_int_equal(registry_device(BOB, ALICE)->state, LINK_ACTIVE);
	link_down();
	server_subscribes(ALICE, ALICE_BRIDGE, false);
	server_subscribes(ALICE, BOB_BRIDGE, false);
	roster_lacks(ALICE, ALICE_BRIDGE);
	roster_lacks(ALICE, BOB_BRIDGE);
	answers_no_probe(ALICE, true);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	tells_of_each("in a moment");
	passes(300000);
	assert_true(times_logged("user.suspended") > 0);
	tells_of_each("as your contact");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_equal(registry_device(BOB, ALICE)->state, LINK_REVOKED);
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
	passes(61000);
	says(DESK "/phone", "away"); /* it has heard that it sees nothing */
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

/* Nor by the end that she puts to it, when there is evidence that it is somebody else. */
static void
nor_when_she_ends_it(void **state)
{
	(void)state;
	desk_has_another_owner();
	passes(200000);
	assert_logged("device.suspended");
	forget_sent();
	runs(ALICE "/x", "unlink", "device", device_id("Desk phone"), NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 0);
}

static void
nor_when_she_leaves(void **state)
{
	(void)state;
	desk_has_another_owner();
	passes(200000);
	assert_logged("device.suspended");
	forget_sent();
	runs(ALICE "/x", "leave", "sure", "1", NULL);
	succeeds();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 0);
}

static void
is_renamed(void)
{
	struct action act;

	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_USER;
	act.user = *registry_user(ALICE);
	act.user.approved = false;
	act.user.suspended_ms = wall_now();
	registry_takes(&act);
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_DEVICE;
	act.device = *registry_device(ALICE, BOB);
	act.device.approved = false;
	act.device.state = LINK_REQUESTED;
	registry_takes(&act);
	registry_applies(2);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
}

/* After a rename nobody's devices are known until they have accepted: then they may not be each other's. */
static void
nor_are_two_each_others_after_a_rename(void **state)
{
	(void)state;
	links(BOB, "Bob's");
	approves(BOB);
	says_yes(BOB);
	is_renamed();
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(ALICE, "Hers");
	user_is(ALICE);
	approves(ALICE);
	approves(BOB);
	user_is(BOB);
	approves(ALICE);
	says_yes(ALICE);
	passes(5000);
	assert_true(registry_device(ALICE, BOB)->approved); /* which was first */
	assert_int_equal(registry_device(BOB, ALICE)->state, LINK_REVOKED);
	assert_told(BOB, "each other");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(who_shows_an_account_is_nobodys_before_it_is_proved),
		TEST_LINKED(nor_as_long_as_its_roster_is_not_given),
		TEST_LINKED(nor_when_its_owner_keeps_it_from_us),
		TEST_LINKED(who_is_not_proved_changes_nothing_by_an_id_that_he_knows),
		TEST_LINKED(who_may_be_another_ends_it_and_is_not_told),
		TEST_LINKED(nor_does_unlink_tell_what_she_had_linked),
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
		TEST_LINKED(nor_when_she_ends_it),
		TEST_LINKED(nor_when_she_leaves),
		TEST_LINKED(nor_are_two_each_others_after_a_rename),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
