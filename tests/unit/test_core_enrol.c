/* Enrolling, leaving, and the registry that comes before both. */
#include <string.h>

#include "core_fixture.h"

static void
enrolment_waits_for_the_registry(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	registry_is(REGISTRY_WAITS);
	forget_sent();
	runs(ALICE "/laptop", "enrol", NULL);
	assert_int_equal(reply.count, 0);
	assert_int_equal(emissions(), 0);
	hints(ALICE "/laptop", "away");
	approves(ALICE); /* as someone does whom the bridge knew from before */
	says(ALICE "/laptop", "on");
	passes(500);
	assert_int_equal(emissions(), 0);
	registry_is(REGISTRY_WORKS);
	succeeds();
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(registry_users(), 1);
	assert_logged("user.enrolled");
}

static void
a_failed_write_is_answered_with_an_error_and_leaves_no_trace(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	registry_is(REGISTRY_FAILS);
	forget_sent();
	runs(ALICE "/laptop", "enrol", NULL);
	fails_with("registry");
	assert_int_equal(emissions(), 1); /* the answer */
	assert_int_equal(stats().users, 0);
	assert_quiet(60000);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	assert_int_equal(stats().resources, 0);
	assert_not_logged("user.enrolled");
	registry_is(REGISTRY_WORKS);
	enrols(ALICE);
}

static void
enrolling_twice_says_so(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	runs(ALICE "/laptop", "enrol", NULL);
	fails_with("enrolled already");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(registry_users(), 1);
}

static void
only_accounts_of_the_hosts_enrol(void **state)
{
	(void)state;
	link_up();
	runs("mallory@elsewhere.test/x", "enrol", NULL);
	fails_with("hosts");
	runs("home.test", "enrol", NULL);
	fails_with("hosts");
	assert_int_equal(stats().users, 0);
	assert_int_equal(registry_users(), 0);
}

/* The second host is configured as FORM; it says that it is called NAME (NULL: it grants nothing), and ALICE enrols. */
static void
has_a_host(const char *form, const char *name, const char *alice)
{
	static const char *hosts[] = {"home.test", NULL};

	hosts[1] = form;
	settings.hosts = hosts;
	settings.nhosts = 2;
	restart();
	link_up();
	if (name != NULL)
		grant_by(name, DOMAIN, GRANT_ALL, 2);
	user_is(alice);
	enrols(alice);
	approves(alice);
}

/* A server knows the one form of its own configuration, and calls nobody by the other. */
static void
a_host_is_the_same_in_both_forms_and_is_called_as_it_calls_itself(void **state)
{
	static const char alice[] = "alice@bücher.test";

	(void)state;
	has_a_host("xn--bcher-kva.test", "bücher.test", alice);
	assert_not_logged("grant.ignored");
	assert_string_equal(iq_last(ACTION_INFO_GET)->to, "bücher.test");
	assert_non_null(registry_user(alice));
	says("alice@bücher.test/x", "on");
	passes(60000);
	assert_string_equal(state_in(node_item(alice, NODE_DEVICES), "x"), "on");
	/* Whom somebody types is called so as well, and others as they are to be on the wire. */
	runs("alice@bücher.test/x", "link", "jid", "desk@xn--bcher-kva.test", NULL);
	succeeds();
	assert_non_null(registry_device(alice, "desk@bücher.test"));
	runs("alice@bücher.test/x", "link", "jid", "desk@xn--r8jz45g.test", NULL);
	succeeds();
	assert_non_null(registry_device(alice, "desk@例え.test"));
	/* What a server has written is its own form. */
	runs("alice@bücher.test/x", "link", "jid", "desk@xn--strae-oqa.test", NULL);
	succeeds();
	assert_non_null(registry_device(alice, "desk@xn--strae-oqa.test"));
}

static void
the_other_way_round_as_well(void **state)
{
	static const char alice[] = "alice@xn--bcher-kva.test";

	(void)state;
	has_a_host("bücher.test", "xn--bcher-kva.test", alice);
	assert_string_equal(iq_last(ACTION_INFO_GET)->to, "xn--bcher-kva.test");
	runs("alice@xn--bcher-kva.test/x", "link", "jid", "desk@bücher.test", NULL);
	succeeds();
	assert_non_null(registry_device(alice, "desk@xn--bcher-kva.test"));
}

/* Without privileges a host doesn't say how it writes itself; but its users' addresses do. */
static void
also_where_it_grants_nothing(void **state)
{
	static const char alice[] = "alice@xn--bcher-kva.test";

	(void)state;
	has_a_host("bücher.test", NULL, alice);
	runs("alice@xn--bcher-kva.test/x", "link", "jid", "desk@bücher.test", NULL);
	succeeds();
	assert_non_null(registry_device(alice, "desk@xn--bcher-kva.test"));
	runs("alice@xn--bcher-kva.test/x", "link", "jid", "alice@bücher.test", NULL);
	fails_with("Your own account");
}

static void
who_was_found_in_a_roster_is_not_linked_again_in_another_form(void **state)
{
	static const char cell[] = "cell@xn--bcher-kva.test";

	(void)state;
	roster_has(ALICE, cell, SUBSCRIPTION_BOTH, "Devices");
	has_enrolled(GRANT_ALL);
	passes(70000);
	assert_non_null(registry_device(ALICE, cell));
	runs(ALICE "/laptop", "link", "jid", cell, NULL);
	assert_non_null(strstr(reply.note, "again"));
	assert_int_equal(registry_devices(), 1);
}

static void
an_address_too_long_for_a_bridge_is_refused(void **state)
{
	char name[1024];

	(void)state;
	link_up();
	memset(name, 'a', 1012);
	strcpy(name + 1012, "@home.test"); /* 1,024 bytes when escaped */
	runs(name, "enrol", NULL);
	fails_with("too long");
	assert_int_equal(stats().users, 0);
}

/* RFC 3454, section 6: its escaped form with Latin digits in it is no localpart, and would cost the stream. */
static void
a_name_from_right_to_left_is_refused(void **state)
{
	(void)state;
	link_up();
	runs("\xd7\x90\xd7\xa1@home.test", "enrol", NULL);
	fails_with("right to left");
	assert_int_equal(stats().users, 0);
}

static void
the_primary_shows_up_after_she_has_approved(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	catch_up();
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	assert_true(registry_user(ALICE)->approved);
}

static void
leaving_publishes_the_empty_item_and_deletes_the_rows(void **state)
{
	(void)state;
	assert_int_not_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	runs(ALICE "/laptop", "leave", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	runs_session(ALICE "/laptop", "leave", reply.sessionid, COMMAND_EXECUTE, NULL);
	succeeds();
	passes(5000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(node_item(ALICE, NODE_DEVICES_PRIVATE)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
	assert_int_equal(stats().users, 0);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, ALICE), 1);
	assert_logged("user.left");
	catch_up();
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "away");
	assert_quiet(60000);
}

static void
removing_the_bridge_contact_is_leaving(void **state)
{
	(void)state;
	ends(ALICE);
	passes(5000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
}

static void
a_leave_that_was_interrupted_is_finished_after_the_restart(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, -1);
	ends(ALICE);
	passes(1000);
	assert_true(registry_user(ALICE)->leaving);
	restart();
	behaves();
	link_up();
	grant(GRANT_ALL);
	passes(5000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
}

static void
whoever_can_not_be_published_for_can_leave_all_the_same(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	ends(ALICE);
	passes(120000);
	assert_int_equal(registry_users(), 0);
	assert_logged("user.residue");
	enrols(ALICE);
}

static void
whoever_withdrew_the_invitation_can_leave_all_the_same(void **state)
{
	(void)state;
	link_up();
	node_publisher(ALICE, NODE_DEVICES, true);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	assert_publishes("laptop", "on");
	node_publisher(ALICE, NODE_DEVICES, false);
	ends(ALICE);
	passes(10 * 60000);
	assert_int_equal(registry_users(), 0);
	assert_logged("user.residue");
}

static void
a_leave_that_can_not_be_written_is_in_force_and_tried_again(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(ALICE);
	passes(1000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 1);
	assert_logged("registry.unsaved");
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(stats().users, 0);
}

static void
a_stop_publishes_what_is_dirty_and_ends(void **state)
{
	(void)state;
	says(ALICE "/laptop", "away");
	drains();
	assert_int_equal(publishes(), 1);
	assert_shows("laptop", "away");
	assert_true(drained());
}

static void
a_stop_does_not_wait_for_a_silent_server(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, -1);
	says(ALICE "/laptop", "away");
	passes(300);
	drains();
	assert_false(drained());
	passes(2500);
	assert_true(drained());
}

static void
a_stop_does_not_wait_for_a_silent_registry(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs("carol@home.test/x", "enrol", NULL);
	drains();
	assert_false(drained());
	passes(2500);
	assert_true(drained());
}

static void
a_stop_without_a_link_is_done_at_once(void **state)
{
	(void)state;
	link_down();
	drains();
	assert_true(drained());
}

static void
a_request_that_was_lost_with_the_link_is_sent_again(void **state)
{
	(void)state;
	link_up();
	enrols(ALICE);
	link_down();
	forget_sent();
	link_up();
	passes(5000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
}

/* Her publish, by WAY, shows whether that works, and her rows are deleted before it is answered: bob's shows it. */
static void
who_leaves_takes_no_trial_along(unsigned what, enum way way)
{
	has_enrolled(what);
	registry_is(REGISTRY_WAITS);
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, -1);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(600000); /* she is let go, and her rows are being deleted */
	behaves();
	link_down();
	link_up();
	reacts(ACTION_PUBLISH, HOLDS, 1);
	grant(what);
	passes(2500);
	assert_string_equal(iq_last(ACTION_PUBLISH)->owner, ALICE);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, way);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(stats().users, 0);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(5000);
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "x"), "on");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, way);
}

static void
who_leaves_takes_no_trial_of_the_privilege_along(void **state)
{
	(void)state;
	who_leaves_takes_no_trial_along(GRANT_ALL & ~GRANT_OWNER, WAY_PRIVILEGED);
}

static void
who_leaves_takes_no_trial_of_the_ordinary_way_along(void **state)
{
	(void)state;
	who_leaves_takes_no_trial_along(GRANT_ALL, WAY_ORDINARY);
}

/* What failed on the stream before doesn't count on this one: who leaves has all her tries again. */
static void
errors_of_an_earlier_stream_do_not_count(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 3);
	ends(ALICE);
	while (publishes() < 2)
		passes(100);
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(60000);
	assert_int_equal(publishes(), 4); /* one failed, and the next did not */
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_not_logged("user.residue");
	assert_int_equal(registry_users(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(enrolment_waits_for_the_registry),
		TEST(a_failed_write_is_answered_with_an_error_and_leaves_no_trace),
		TEST(a_request_that_was_lost_with_the_link_is_sent_again),
		TEST(enrolling_twice_says_so),
		TEST(only_accounts_of_the_hosts_enrol),
		TEST(a_host_is_the_same_in_both_forms_and_is_called_as_it_calls_itself),
		TEST(the_other_way_round_as_well),
		TEST(also_where_it_grants_nothing),
		TEST(who_was_found_in_a_roster_is_not_linked_again_in_another_form),
		TEST(an_address_too_long_for_a_bridge_is_refused),
		TEST(a_name_from_right_to_left_is_refused),
		TEST(the_primary_shows_up_after_she_has_approved),
		TEST_LINKED(leaving_publishes_the_empty_item_and_deletes_the_rows),
		TEST_LINKED(removing_the_bridge_contact_is_leaving),
		TEST_LINKED(a_leave_that_was_interrupted_is_finished_after_the_restart),
		TEST_LINKED(whoever_can_not_be_published_for_can_leave_all_the_same),
		TEST(whoever_withdrew_the_invitation_can_leave_all_the_same),
		TEST_LINKED(a_leave_that_can_not_be_written_is_in_force_and_tried_again),
		TEST_LINKED(a_stop_publishes_what_is_dirty_and_ends),
		TEST_LINKED(a_stop_does_not_wait_for_a_silent_server),
		TEST_LINKED(a_stop_does_not_wait_for_a_silent_registry),
		TEST_LINKED(a_stop_without_a_link_is_done_at_once),
		TEST(who_leaves_takes_no_trial_of_the_privilege_along),
		TEST(who_leaves_takes_no_trial_of_the_ordinary_way_along),
		TEST_LINKED(errors_of_an_earlier_stream_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
