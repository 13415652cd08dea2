/* Who gets the name of a user who had not accepted yet inherits nothing. */
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
