/* What comes late, or crosses something else on its way. */
#include <string.h>

#include "core_fixture.h"

#define CAROL "carol@work.test"

/* The server's answer, heard without giving the core a turn to send. */
static void
hears(const struct event *ev)
{
	assert_int_equal(feeds_status(ev), 0);
}

/* Consent */

static void
an_edit_that_is_written_after_the_end_takes_nothing_back(void **state)
{
	const char *id;

	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	approves(DESK);
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	says_yes(DESK);
	ends(DESK);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REFUSED);
	assert_false(registry_device(ALICE, DESK)->confirmed);
	says(DESK "/phone", "on");
	passes(60000);
	assert_shows("Office", "absent");
}

static void
is_in_the_registry(const char *primary, const char *account)
{
	struct action act;

	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_USER;
	act.user.primary = primary;
	act.user.approved = true;
	registry_takes(&act);
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_DEVICE;
	act.device.primary = primary;
	act.device.id = "aaaaaa";
	act.device.jid = account;
	act.device.label = "Phone";
	act.device.visibility = VISIBLE_SELF; /* otherwise a yes after a start is asked for once more */
	act.device.generation = 1;
	act.device.approved = true;
	registry_takes(&act);
}

static void
consent_is_that_of_one_users_device_whatever_its_id(void **state)
{
	(void)state;
	is_in_the_registry(ALICE, DESK);
	is_in_the_registry(BOB, CAROL);
	registry_is(REGISTRY_WORKS);
	restart();
	link_up();
	passes(20000); /* what these hosts don't grant isn't waited for any more */
	registry_is(REGISTRY_WAITS);
	user_is(BOB);
	answers(CAROL "/x", "on");
	says_yes(CAROL);
	runs(ALICE "/laptop", "edit", "device", "aaaaaa", "label", "Office", NULL);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(BOB, CAROL)->state, LINK_ACTIVE);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REQUESTED);
	assert_false(registry_device(ALICE, DESK)->confirmed);
}

static void
an_end_that_is_heard_without_a_link_says_nothing_and_is_one(void **state)
{
	(void)state;
	link_down();
	forget_sent();
	ends(DESK);
	assert_int_equal(emissions(), 0);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(60000);
	assert_shows("Desk phone", "absent");
}

static void
leaving_that_is_heard_without_a_link_says_nothing_and_is_leaving(void **state)
{
	(void)state;
	link_down();
	forget_sent();
	ends(ALICE);
	assert_int_equal(emissions(), 0);
	assert_true(registry_user(ALICE)->leaving);
}

/* Events to contacts */

static void
on_ejabberd(unsigned what)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(what);
}

static void
events_of_a_publish_that_is_outdated_are_not_sent(void **state)
{
	static const struct roster_item items[] = {
		{.jid = BOB, .subscription = SUBSCRIPTION_BOTH},
		{.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM},
	};
	struct event roster, ack;

	(void)state;
	on_ejabberd(GRANT_ALL);
	says(ALICE "/laptop", "off");
	passes(300000); /* her roster is old */
	forget_sent();
	reacts(ACTION_ROSTER_GET, HOLDS, 1);
	says(DESK "/phone", "dnd");
	passes(500);
	roster = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	roster.answer.payload = PAYLOAD_ROSTER;
	roster.answer.roster.items = items;
	roster.answer.roster.nitems = 2;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(DESK "/phone", "away");
	passes(500);
	ack = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	assert_int_equal(events_to(BOB, NULL), 0);
	/* The next publish is acknowledged before the events of the first one could go. */
	hears(&roster);
	hears(&ack);
	link_takes((unsigned)-1);
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "away");
}

static void
what_waits_for_her_own_clients_is_not_outdated_by_a_publish_for_contacts(void **state)
{
	struct event ack;
	const char *id;

	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	id = device_id("Desk phone");
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says_text(DESK "/phone", "dnd", "at lunch");
	passes(500);
	ack = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	feeds(&ack);
	assert_string_equal(iq_last(ACTION_PUBLISH)->node, NODE_DEVICES_PRIVATE);
	ack = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	/* Contacts may see the text from now on, which her own clients do already. */
	runs(ALICE "/laptop", "edit", "device", id, "status-text", "1", NULL);
	passes(500);
	catch_up();
	forget_sent();
	link_takes(0);
	hears(&ack);
	passes(500);
	while (publishes() == 0)
		link_takes(1);
	assert_int_equal(events_to(ALICE, NULL), 0);
	ack = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	hears(&ack);
	link_takes((unsigned)-1);
	assert_int_equal(events_to(ALICE, NULL), 2); /* her own node's, and the contacts' */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_edit_that_is_written_after_the_end_takes_nothing_back),
		TEST(consent_is_that_of_one_users_device_whatever_its_id),
		TEST_LINKED(an_end_that_is_heard_without_a_link_says_nothing_and_is_one),
		TEST_LINKED(leaving_that_is_heard_without_a_link_says_nothing_and_is_leaving),
		TEST(events_of_a_publish_that_is_outdated_are_not_sent),
		TEST(what_waits_for_her_own_clients_is_not_outdated_by_a_publish_for_contacts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
