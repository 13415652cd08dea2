/* An account that others show as their device: what it is told by command, and how it ends that. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

/* BOB shows the desk phone as well. */
static void
bob_shows_it(void)
{
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(DESK, "Bob's phone");
	approves(DESK);
	says_yes(DESK);
	user_is(ALICE);
	forget_sent();
}

/* The account of the desk phone is a user, too. */
static void
desk_enrols(void)
{
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	user_is(DESK);
	enrols(DESK);
	approves(DESK);
	says(DESK "/phone", "on");
	passes(40000);
	user_is(ALICE);
	forget_sent();
}

static void
it_is_told_what_it_can_do(void **state)
{
	static const char *const nodes[] = {"link", "edit"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		runs(DESK "/phone", nodes[i], NULL);
		fails_with("You are not enrolled; others show this account");
		runs("mallory@work.test/x", nodes[i], NULL);
		fails_with("You are not enrolled; run");
	}
}

static void
it_chooses_whose_device_it_is_no_more(void **state)
{
	(void)state;
	bob_shows_it();
	runs(DESK "/phone", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	assert_string_equal(reply.fields, "device ");
	assert_non_null(strstr(reply.options, ALICE " "));
	assert_non_null(strstr(reply.options, BOB " "));
	assert_non_null(strstr(reply.labels, BOB " shows this account as \"Bob's phone\"|"));
	runs_session(DESK "/phone", "unlink", reply.sessionid, COMMAND_COMPLETE, "device", ALICE, NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(registry_device(BOB, DESK)->state, LINK_ACTIVE);
	/* As by removing the contact. */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_told(ALICE, "has ended its link");
	passes(1000);
	assert_publishes("Desk phone", "absent");
	runs(DESK "/phone", "unlink", "device", ALICE, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
}

/* On a phone the first letter is a capital; who pastes it brings what was around it, or has copied the bridge contact's. */
static void
whose_device_it_is_may_be_typed_as_people_do(void **state)
{
	static const char *const typed[] = { "Alice@Home.test", " alice@home.test ", "xmpp:alice@home.test",
		"alice@home.test.", "alice@home.test/laptop", "alice\\40home.test@presence.home.test" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		runs(DESK "/phone", "unlink", "device", typed[i], NULL);
		succeeds();
		assert_null(strstr(reply.note, "If that user"));
		assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
		passes(600000);
		links(DESK, "Desk phone");
		approves(DESK);
		runs(DESK "/phone", "confirm", "account", typed[i], NULL);
		succeeds();
		assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
		passes(600000);
	}
	runs(DESK "/phone", "unlink", "device", "alice@home@test", NULL);
	fails_with("address");
	runs(DESK "/phone", "unlink", "device", "@home.test", NULL);
	fails_with("address");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

/* She reads the address in her list, and not the id. */
static void
its_user_may_name_it_by_its_address(void **state)
{
	(void)state;
	runs(ALICE "/laptop", "unlink", "device", "Alice@work.test", NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	runs(ALICE "/laptop", "unlink", "device", DESK, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
}

static void
what_waits_for_it_is_refused(void **state)
{
	(void)state;
	links("carol@work.test", "Carol's");
	runs("carol@work.test/x", "unlink", "device", ALICE, NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, "carol@work.test")->state, LINK_REFUSED);
	assert_told(ALICE, "not agreed");
}

/* 32 can be chosen from. */
static void
who_only_asks_takes_nobodys_place_in_the_form(void **state)
{
	char name[40];
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		user_is(kept(name));
		enrols(kept(name));
		approves(kept(name));
		links(DESK, "Mine");
		passes(600000);
	}
	runs(DESK "/phone", "unlink", NULL);
	assert_non_null(strstr(reply.options, ALICE " "));
}

static void
nobody_ends_what_is_anothers(void **state)
{
	(void)state;
	runs("mallory@work.test/x", "unlink", "device", ALICE, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
	runs("mallory@work.test/x", "unlink", NULL);
	fails_with("not enrolled");
	runs("mallory@work.test/x", "leave", "sure", "1", NULL);
	fails_with("not enrolled");
	runs(DESK "/phone", "unlink", "device", BOB, NULL);
	assert_string_equal(reply.note, "If that user showed this account, it has ended.");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
it_leaves_them_all(void **state)
{
	(void)state;
	bob_shows_it();
	runs(DESK "/phone", "leave", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	runs_session(DESK "/phone", "leave", reply.sessionid, COMMAND_COMPLETE, "sure", "1", NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(registry_device(BOB, DESK)->state, LINK_REVOKED);
	assert_int_equal(registry_users(), 2);
	runs(DESK "/phone", "leave", NULL);
	fails_with("not enrolled");
}

static void
many_at_a_time(void **state)
{
	struct user_record user = {.created_ms = wall_now(), .approved = true};
	struct device_record device = {.state = LINK_ACTIVE, .approved = true, .confirmed = true, .wide = true};
	char name[32];
	unsigned i;

	(void)state;
	for (i = 0; i <= SHOWN_BY_MAX; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		user.primary = device.primary = kept(name);
		device.id = "aaaaaa";
		device.jid = DESK;
		device.label = "Desk";
		registry_holds(&user, &device);
		user_is(user.primary);
		server_subscribes(DESK, bridge(), true);
	}
	lives(DESK "/x", "on");
	restart();
	link_up();
	passes(30000);
	/* As many choices as the form has room for. */
	runs(DESK "/x", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	runs(DESK "/x", "leave", "sure", "1", NULL);
	assert_string_equal(reply.note, "Ended. 1 more show this account: please run the command again.");
	assert_string_equal(reply.note_type, "info");
	runs(DESK "/x", "leave", "sure", "1", NULL);
	assert_string_equal(reply.note, "Ended. It is not shown any more.");
	runs(DESK "/x", "leave", "sure", "1", NULL);
	fails_with("not enrolled");
}

static void
who_enrols_as_well_is_told_of_both(void **state)
{
	(void)state;
	desk_enrols();
	runs(DESK "/phone", "devices", NULL);
	assert_string_equal(reply.fields, "id label kind visibility jid state consent account ");
	assert_non_null(strstr(reply.rows, "|phone|other|contacts|" DESK "|available|not needed|\n"));
	assert_non_null(strstr(reply.rows, "|Desk phone|||||given|" ALICE "\n"));
	assert_int_equal(reply.nrows, 2);
	/* Nobody shows hers. */
	runs(ALICE "/laptop", "devices", NULL);
	assert_string_equal(reply.fields, "id label kind visibility jid state consent ");
}

static void
and_ends_either(void **state)
{
	(void)state;
	desk_enrols();
	user_is(DESK);
	links("carol@work.test", "Carol's");
	user_is(ALICE);
	runs(DESK "/phone", "unlink", NULL);
	assert_non_null(strstr(reply.labels, "Carol's|" ALICE " shows this account as \"Desk phone\"|"));
	runs_session(DESK "/phone", "unlink", reply.sessionid, COMMAND_COMPLETE, "device", ALICE, NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(registry_device(DESK, "carol@work.test")->state, LINK_REQUESTED);
}

static void
who_leaves_as_a_user_is_a_device_still(void **state)
{
	(void)state;
	desk_enrols();
	runs(DESK "/phone", "leave", "sure", "1", NULL);
	succeeds();
	assert_non_null(strstr(reply.note, "others show this account"));
	passes(60000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	runs(DESK "/phone", "leave", "sure", "1", NULL);
	succeeds();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
who_has_agreed_is_told_so(void **state)
{
	(void)state;
	runs(DESK "/phone", "confirm", NULL);
	succeeds();
	assert_string_equal(reply.note, "You have agreed already.");
	runs(DESK "/phone", "confirm", "account", ALICE, NULL);
	assert_string_equal(reply.note, "You have agreed already.");
	runs(DESK "/phone", "confirm", "account", BOB, NULL);
	fails_with("Nobody waits");
	/* Who has not accepted the request yet is told that. */
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links("carol@work.test", "Carol's");
	says_yes("carol@work.test");
	runs("carol@work.test/x", "confirm", NULL);
	succeeds();
	assert_non_null(strstr(reply.note, "Now accept the contact request of " BOB));
	user_is(ALICE);
	links("carol@work.test", "Carol's");
	runs("carol@work.test/x", "confirm", "account", BOB, NULL);
	assert_non_null(strstr(reply.note, "Now accept the contact request of " BOB));
	assert_false(registry_device(ALICE, "carol@work.test")->confirmed);
	runs("carol@work.test/x", "confirm", "account", "mallory@work.test", NULL);
	assert_non_null(strstr(reply.note, "choose one"));
	confirms("carol@work.test");
	assert_true(registry_device(ALICE, "carol@work.test")->confirmed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(it_is_told_what_it_can_do),
		TEST_LINKED(it_chooses_whose_device_it_is_no_more),
		TEST_LINKED(whose_device_it_is_may_be_typed_as_people_do),
		TEST_LINKED(its_user_may_name_it_by_its_address),
		TEST_LINKED(what_waits_for_it_is_refused),
		TEST_LINKED(who_only_asks_takes_nobodys_place_in_the_form),
		TEST_LINKED(nobody_ends_what_is_anothers),
		TEST_LINKED(it_leaves_them_all),
		TEST(many_at_a_time),
		TEST_LINKED(who_enrols_as_well_is_told_of_both),
		TEST_LINKED(and_ends_either),
		TEST_LINKED(who_leaves_as_a_user_is_a_device_still),
		TEST_LINKED(who_has_agreed_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
