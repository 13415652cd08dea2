/* Consent: nothing of a linked account is published before both sides agreed, nor after either ended it. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
asked_for_is_not_agreed(void **state)
{
	(void)state;
	forget_sent();
	links(DESK, "Desk phone");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	assert_told(DESK, ALICE);
	says(DESK "/phone", "dnd"); /* directed: it may, and it means nothing */
	assert_quiet(60000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
}

static void
the_subscription_alone_is_not_enough(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says(DESK "/phone", "dnd");
	assert_quiet(60000);
	says_yes(DESK);
	assert_publishes("Desk phone", "dnd");
	assert_told(DESK, "Thank you");
	assert_told(ALICE, "Desk phone");
	assert_logged("device.linked");
}

static void
the_confirmation_alone_is_not_enough(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	confirms(DESK);
	says(DESK "/phone", "dnd");
	assert_quiet(60000);
	approves(DESK);
	assert_publishes("Desk phone", "dnd");
}

static void
consent_waits_for_the_registry(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says(DESK "/phone", "dnd");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	assert_quiet(60000);
	registry_is(REGISTRY_WORKS);
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
an_acceptance_is_one_after_a_restart_too_and_a_yes_before_it_is_not(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	links("carol@work.test", "Carol's");
	confirms("carol@work.test");
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "dnd");
	says("carol@work.test/x", "dnd");
	assert_publishes("laptop", "away");
	assert_shows("Desk phone", "absent");
	assert_shows("Carol's", "absent");
	/* What he was asked then isn't known any more. */
	forget_sent();
	says_yes(DESK);
	passes(1000);
	assert_int_equal(messages_sent(DESK), 1);
	passes(5000);
	says_yes(DESK);
	forget_sent();
	approves("carol@work.test");
	passes(5000);
	assert_shows("Desk phone", "dnd");
	/* Who accepts may be somebody else than who has said it. */
	assert_shows("Carol's", "absent");
	assert_int_equal(messages_sent("carol@work.test"), 1);
	says_yes("carol@work.test");
	passes(5000);
	assert_shows("Carol's", "dnd");
}

static void
consent_that_can_not_be_written_is_none(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	says(DESK "/phone", "dnd");
	registry_is(REGISTRY_FAILS);
	runs(DESK "/phone", "confirm", NULL);
	fails_with("registry");
	assert_quiet(60000);
	registry_is(REGISTRY_WORKS);
	confirms(DESK);
	assert_publishes("Desk phone", "dnd");
}

static void
both_consents_at_once_are_both_kept(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	approves(DESK);
	registry_is(REGISTRY_WORKS);
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_true(registry_device(ALICE, DESK)->approved);
	assert_true(registry_device(ALICE, DESK)->confirmed);
}

static void
consent_and_an_edit_at_once_are_both_kept(void **state)
{
	const char *id;

	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Office");
	says(DESK "/phone", "dnd");
	assert_publishes("Office", "dnd");
}

static void
a_link_that_can_not_be_written_asks_nobody(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("registry");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	assert_int_equal(emissions(), 1);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	assert_quiet(60000);
}

static void
a_link_that_ended_before_it_was_written_asks_nobody(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	runs(ALICE "/laptop", "leave", "x", "", NULL);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), 0);
	passes(10000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
}

static void
no_is_no(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	writes(DESK "/phone", "no");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REFUSED);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	assert_quiet(60000);
}

static void
declining_the_request_is_no(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	ends(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REFUSED);
	assert_quiet(60000);
}

static void
the_account_ends_it_in_its_client(void **state)
{
	(void)state;
	assert_string_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "on");
	ends(DESK);
	assert_publishes("Desk phone", "absent");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "absent");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_logged("device.ended");
	catch_up();
	says(DESK "/phone", "away");
	assert_quiet(60000);
}

static void
an_end_does_not_wait_for_the_window(void **state)
{
	(void)state;
	ends(DESK);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
}

static void
the_user_ends_it_by_command(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	runs(ALICE "/laptop", "unlink", "device", id, NULL);
	succeeds();
	assert_publishes("Desk phone", "absent");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
}

static void
a_tombstone_is_not_revived(void **state)
{
	(void)state;
	ends(DESK);
	assert_publishes("Desk phone", "absent");
	approves(DESK);
	says_yes(DESK);
	runs(DESK "/phone", "confirm", NULL);
	fails_with("Nobody waits");
	says(DESK "/phone", "dnd");
	catch_up();
	assert_quiet(60000);
	restart();
	link_up();
	grant(GRANT_ALL);
	approves(DESK);
	says_yes(DESK);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(60000);
	assert_string_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "absent");
}

static void
an_end_that_can_not_be_written_is_in_force_and_tried_again(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	assert_publishes("Desk phone", "absent");
	assert_logged("registry.unsaved");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	passes(30000);
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
a_link_made_again_asks_again(void **state)
{
	uint32_t generation = registry_device(ALICE, DESK)->generation;

	(void)state;
	ends(DESK);
	passes(1000);
	forget_sent();
	catch_up();
	links(DESK, "Desk phone");
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	assert_int_equal(registry_devices(), 1);
	assert_true(registry_device(ALICE, DESK)->generation > generation);
	says(DESK "/phone", "on");
	assert_quiet(60000);
	approves(DESK);
	says_yes(DESK);
	assert_publishes("Desk phone", "on");
}

static void
a_trusted_domain_agrees_by_accepting(void **state)
{
	static const char *const trusted[] = {"work.test"};

	(void)state;
	settings.trusted = trusted;
	settings.ntrusted = 1;
	configures();
	links(DESK, "Desk phone");
	says(DESK "/phone", "on");
	assert_quiet(1000);
	approves(DESK);
	assert_publishes("Desk phone", "on");
	links("carol@home.test", "Carol's");
	approves("carol@home.test");
	says("carol@home.test/x", "on");
	assert_quiet(60000);
}

static void
a_domain_is_trusted_by_its_whole_name(void **state)
{
	static const char *const trusted[] = {"phones.test"};
	static const char *const others[] = { "desk@phones.test.evil.example", "desk@evil.phones.test",
		"desk@phones.tes", "desk@evilphones.test" };
	char label[] = "Phone 0", from[64];
	size_t i;

	(void)state;
	settings.trusted = trusted;
	settings.ntrusted = 1;
	configures();
	for (i = 0; i < 4; i++, label[6]++) {
		links(others[i], label);
		approves(others[i]);
		snprintf(from, sizeof(from), "%s/x", others[i]);
		says(kept(from), "on");
		assert_int_equal(registry_device(ALICE, others[i])->state, LINK_REQUESTED);
	}
	assert_quiet(60000);
}

static void
several_requests_are_answered_one_by_one(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	links(DESK, "Alice's phone");
	runs(DESK "/phone", "confirm", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	assert_non_null(reply.options);
	runs_session(DESK "/phone", "confirm", reply.sessionid, COMMAND_COMPLETE, "account", ALICE, NULL);
	succeeds();
	assert_true(registry_device(ALICE, DESK)->confirmed);
	assert_false(registry_device(BOB, DESK)->confirmed);
	/* Nor is the one that is left taken for what he means, who has agreed to another: he sees whose it is. */
	runs(DESK "/phone", "confirm", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	assert_string_equal(reply.options, BOB " ");
	assert_false(registry_device(BOB, DESK)->confirmed);
	runs_session(DESK "/phone", "confirm", reply.sessionid, COMMAND_COMPLETE, "nothing", "", NULL);
	assert_non_null(strstr(reply.note, "choose one"));
	assert_false(registry_device(BOB, DESK)->confirmed);
	confirms(DESK);
	assert_true(registry_device(BOB, DESK)->confirmed);
}

static void
a_confirmation_that_is_overtaken_by_the_end_is_answered(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	registry_is(REGISTRY_WAITS);
	runs(DESK "/phone", "confirm", NULL);
	ends(DESK);
	registry_is(REGISTRY_WORKS);
	fails_with("ended");
	assert_quiet(60000);
}

static void
nobody_confirms_for_who_has_left(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	reacts(ACTION_PUBLISH, SILENCE, -1);
	ends(ALICE);
	runs(DESK, "confirm", NULL);
	fails_with("Nobody waits");
	writes(DESK "/phone", "yes");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	assert_false(registry_device(ALICE, DESK)->confirmed);
}

/* After the component was renamed (sys/owner): the row says requested and confirmed, of nobody that it is approved. */
static void
what_is_void_is_asked_again_and_the_yes_stands(void **state)
{
	struct action act;

	(void)state;
	has_a_desk_phone(GRANT_ALL);
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_USER;
	act.user = *registry_user(ALICE);
	act.user.approved = false;
	act.user.suspended_ms = wall_now();
	act.user.setup[NODE_PUBLIC] = act.user.setup[NODE_PRIVATE] = SETUP_ASSUMED;
	registry_takes(&act);
	act.kind = ACTION_STORE_DEVICE;
	act.device = *registry_device(ALICE, DESK);
	act.device.approved = false;
	act.device.state = LINK_REQUESTED;
	registry_takes(&act);
	registry_applies(2);
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, ALICE), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 0);
	assert_int_equal(presences_sent(PRESENCE_PROBE, NULL), 0);
	passes(3000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	passes(60000);
	assert_shows("Desk phone", "absent");
	approves(ALICE);
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	says(ALICE "/laptop", "on");
	approves(DESK);
	says(DESK "/phone", "dnd");
	passes(5000);
	assert_shows("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_equal(iq_count(ACTION_AFFILIATE), 4); /* once more for each node: the publisher is another */
	/* What is linked from then on has not been agreed to before. */
	links("carol@work.test", "Carol's");
	says_yes("carol@work.test");
	link_down();
	link_up();
	grant(GRANT_ALL);
	approves("carol@work.test");
	assert_int_equal(registry_device(ALICE, "carol@work.test")->state, LINK_REQUESTED);
}

static void
what_is_hidden_is_not_called_shown(void **state)
{
	(void)state;
	runs(ALICE "/x", "link", "jid", DESK, "label", "Desk phone", "visibility", "hidden", NULL);
	succeeds();
	approves(DESK);
	forget_sent();
	says_yes(DESK);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_told(DESK, "has hidden it");
	assert_told(ALICE, "It is hidden");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(asked_for_is_not_agreed),
		TEST_ENROLLED(the_subscription_alone_is_not_enough),
		TEST_ENROLLED(the_confirmation_alone_is_not_enough),
		TEST_ENROLLED(consent_waits_for_the_registry),
		TEST_ENROLLED(an_acceptance_is_one_after_a_restart_too_and_a_yes_before_it_is_not),
		TEST_ENROLLED(consent_that_can_not_be_written_is_none),
		TEST_ENROLLED(both_consents_at_once_are_both_kept),
		TEST_ENROLLED(consent_and_an_edit_at_once_are_both_kept),
		TEST_ENROLLED(a_link_that_can_not_be_written_asks_nobody),
		TEST_ENROLLED(a_link_that_ended_before_it_was_written_asks_nobody),
		TEST_ENROLLED(no_is_no),
		TEST_ENROLLED(declining_the_request_is_no),
		TEST_LINKED(the_account_ends_it_in_its_client),
		TEST_LINKED(an_end_does_not_wait_for_the_window),
		TEST_LINKED(the_user_ends_it_by_command),
		TEST_LINKED(a_tombstone_is_not_revived),
		TEST_LINKED(an_end_that_can_not_be_written_is_in_force_and_tried_again),
		TEST_LINKED(a_link_made_again_asks_again),
		TEST_ENROLLED(a_trusted_domain_agrees_by_accepting),
		TEST_ENROLLED(a_domain_is_trusted_by_its_whole_name),
		TEST_ENROLLED(several_requests_are_answered_one_by_one),
		TEST_ENROLLED(a_confirmation_that_is_overtaken_by_the_end_is_answered),
		TEST_ENROLLED(nobody_confirms_for_who_has_left),
		TEST(what_is_void_is_asked_again_and_the_yes_stands),
		TEST_ENROLLED(what_is_hidden_is_not_called_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
