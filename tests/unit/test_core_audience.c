/* Who is shown anything at all: nobody but the owner where the settings say so, and nobody for being linked. */
#include <stdio.h>
#include <string.h>

#include "core/audience.h"
#include "core_fixture.h"

#define CAROL "carol@work.test"
#define DORA "dora@home.test"

/* Contacts of alice, on a server where we deliver. */
static void
has_contacts(enum access access, unsigned what)
{
	server.name = "ejabberd";
	settings.access = access;
	configures();
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, CAROL, SUBSCRIPTION_FROM, NULL);
	has_a_desk_phone(what);
	passes(120000);
	catch_up();
	forget_sent();
}

static void
is_set_to(enum access access)
{
	settings.access = access;
	configures();
}

static void
contacts_were_told_nothing(void)
{
	assert_int_equal(events_to(BOB, NULL) + events_to(BOB, "x"), 0);
	assert_int_equal(events_to(CAROL, NULL) + events_to(CAROL, "x"), 0);
	assert_int_equal(events_to("frank@home.test", NULL), 0);
}

/* All that makes us tell contacts something. */
static void
much_happens(unsigned what)
{
	says(DESK "/phone", "dnd");
	passes(5000);
	hints(BOB "/x", "on");
	hints(CAROL "/x", "on");
	roster_has(ALICE, "frank@home.test", SUBSCRIPTION_BOTH, NULL);
	passes(120000);
	says(ALICE "/laptop", "off");
	says(DESK "/phone", "away");
	passes(5000);
	hints(BOB "/x", "off");
	hints(BOB "/x", "on");
	passes(120000);
	link_down();
	link_up();
	grant(what);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(120000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "on");
}

/* Access */

static void
shown_to_their_owner_only_contacts_are_told_nothing(void **state)
{
	(void)state;
	has_contacts(ACCESS_WHITELIST, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	much_happens(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	contacts_were_told_nothing();
}

static void
nor_where_the_server_delivers_while_she_is_online(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_WHITELIST);
	has_contacts(ACCESS_WHITELIST, (GRANT_ALL & ~(GRANT_PUBSUB | GRANT_OWNER)) | GRANT_PRESENCE_ROSTER);
	node_publisher(ALICE, NODE_DEVICES, true);
	passes(120000);
	much_happens((GRANT_ALL & ~(GRANT_PUBSUB | GRANT_OWNER)) | GRANT_PRESENCE_ROSTER);
	contacts_were_told_nothing();
}

static void
nor_is_a_roster_read_for_it(void **state)
{
	unsigned before;

	(void)state;
	has_contacts(ACCESS_WHITELIST, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	before = iq_count(ACTION_ROSTER_GET);
	says(DESK "/phone", "dnd");
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(publishes(), 1);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), before);
}

static void
her_own_clients_are_told_all_the_same(void **state)
{
	(void)state;
	has_contacts(ACCESS_WHITELIST, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(events_to(ALICE, NULL), 2); /* of both nodes */
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"), "dnd");
	assert_string_equal(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone")->jid, DESK);
	/* One that signs in, and that changes nothing of what is shown. */
	says(ALICE "/tablet", "on");
	runs(ALICE "/x", "edit", "device", device_id("tablet"), "visibility", "hidden", NULL);
	passes(60000);
	says(ALICE "/tablet", "off");
	says(ALICE "/tablet", "on");
	passes(5000);
	assert_int_equal(events_to(ALICE, "tablet"), 2);
	contacts_were_told_nothing();
}

static void
what_waited_for_contacts_is_not_sent_after_a_narrowing(void **state)
{
	(void)state;
	has_contacts(ACCESS_PRESENCE, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(ALICE "/laptop", "off"); /* an offline owner's roster is not polled */
	passes(300000);
	forget_sent();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	hints(BOB "/x", "on");
	is_set_to(ACCESS_WHITELIST);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	released();
	passes(300000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	contacts_were_told_nothing();
}

static void
nor_what_the_link_had_no_room_for(void **state)
{
	(void)state;
	has_contacts(ACCESS_PRESENCE, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	link_takes(0);
	hints(BOB "/x", "on");
	hints(CAROL "/x", "on");
	is_set_to(ACCESS_WHITELIST);
	link_takes((unsigned)-1);
	much_happens(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	contacts_were_told_nothing();
}

static void
shown_to_contacts_again_they_are_told_again(void **state)
{
	(void)state;
	has_contacts(ACCESS_WHITELIST, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	says(DESK "/phone", "dnd");
	passes(60000);
	forget_sent();
	is_set_to(ACCESS_PRESENCE);
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	/* Its owner has agreed to less. */
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "absent");
	assert_told(DESK, "to the contacts of " ALICE);
	passes(10000);
	forget_sent();
	says_yes(DESK);
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to(CAROL, NULL), 1);
	assert_string_equal(state_in(last_event(BOB), "Desk phone"), "dnd");
	hints(BOB "/x", "on");
	passes(1000);
	assert_int_equal(events_to(BOB, "x"), 1);
}

static void
who_leaves_has_nothing_to_say_to_contacts(void **state)
{
	(void)state;
	has_contacts(ACCESS_WHITELIST, GRANT_ALL | GRANT_PRESENCE_ROSTER);
	ends(ALICE);
	passes(5000);
	contacts_were_told_nothing();
	assert_int_equal(registry_users(), 0);
}

/* Words */

static void
whom_it_is_shown_to_is_said_as_it_is(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	assert_non_null(strstr(request_to(DESK), "the contacts of " ALICE));
	assert_told(DESK, "the contacts of " ALICE);
	runs(ALICE "/x", "link", "jid", CAROL, "visibility", "self", NULL);
	assert_non_null(strstr(request_to(CAROL), "the own clients of " ALICE));
	is_set_to(ACCESS_WHITELIST);
	links("dave@work.test", "Dave's");
	assert_non_null(strstr(request_to("dave@work.test"), "the own clients of " ALICE));
	assert_told("dave@work.test", "the own clients of " ALICE);
}

static void
she_is_told_so_when_she_enrols(void **state)
{
	(void)state;
	link_up();
	enrols(ALICE);
	assert_non_null(strstr(request_to(ALICE), "your contacts"));
	is_set_to(ACCESS_WHITELIST);
	enrols(BOB);
	assert_null(strstr(request_to(BOB), "your contacts"));
}

static void
and_when_she_chooses(void **state)
{
	(void)state;
	runs(ALICE "/x", "link", NULL);
	assert_non_null(strstr(reply.labels, "|My contacts|"));
	is_set_to(ACCESS_WHITELIST);
	runs(ALICE "/x", "link", NULL);
	assert_null(strstr(reply.labels, "|My contacts|"));
	assert_non_null(strstr(reply.labels, "|My contacts ("));
}

static void
a_node_that_others_can_read_is_called_so(void **state)
{
	(void)state;
	is_set_to(ACCESS_WHITELIST);
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	link_up();
	grant(GRANT_ALL & ~GRANT_OWNER);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(60000);
	assert_told(ALICE, "to whitelist");
	assert_null(node_item(ALICE, NODE_DEVICES));
}

static void
what_is_hidden_is_in_her_own_list_alone(void **state)
{
	(void)state;
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "visibility", "hidden", NULL);
	passes(5000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "absent");
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
	runs(ALICE "/x", "devices", NULL);
	assert_non_null(strstr(reply.rows, "|Desk phone|other|hidden|" DESK "|available|given"));
	/* The account is told by whom and as what, not how. */
	runs(DESK "/phone", "devices", NULL);
	assert_string_equal(reply.rows, ALICE "|Desk phone|given\n");
}

/* The table itself, which later outlets will ask. */
static void
who_sees_what(void **state)
{
	struct core_settings set = {.access = ACCESS_PRESENCE};
	struct user u = { .stored = true, .approved = true, .claim = {.stands = true} };
	struct device linked = {.user = &u, .stored = true, .state = LINK_ACTIVE, .wide = true}, own = linked;
	const unsigned most = SEES_NAME | SEES_STATE | SEES_TEXT;
	int node;

	(void)state;
	own.resource = (char *)(uintptr_t) "phone";
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PUBLIC, AUDIENCE_CONTACT), SEES_NAME | SEES_STATE);
	assert_int_equal(audience_sees(&set, &u, &own, NODE_PUBLIC, AUDIENCE_CONTACT), most);
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PRIVATE, AUDIENCE_SELF), most | SEES_JID);
	assert_int_equal(audience_sees(&set, &u, &own, NODE_PRIVATE, AUDIENCE_SELF), most);
	for (node = 0; node < NODES; node++) {
		/* Being linked opens no node, and the private one opens to nobody but her. */
		assert_int_equal(audience_sees(&set, &u, &linked, node, AUDIENCE_ACCOUNT), 0);
		assert_int_equal(audience_sees(&set, &u, NULL, node, AUDIENCE_ACCOUNT), 0);
		assert_int_equal(audience_sees(&set, &u, NULL, node, AUDIENCE_SELF), SEES_NODE);
	}
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PRIVATE, AUDIENCE_CONTACT), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NO_NODE, AUDIENCE_CONTACT), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NO_NODE, AUDIENCE_ACCOUNT), SEES_NAME);
	linked.wide = false;
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PUBLIC, AUDIENCE_CONTACT), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PUBLIC, AUDIENCE_SELF), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PRIVATE, AUDIENCE_SELF), most | SEES_JID);
	set.access = ACCESS_WHITELIST;
	assert_int_equal(audience_sees(&set, &u, &linked, NODE_PUBLIC, AUDIENCE_SELF), SEES_NAME | SEES_STATE);
	linked.wide = true;
	assert_int_equal(audience_sees(&set, &u, &own, NODE_PUBLIC, AUDIENCE_CONTACT), 0);
	assert_int_equal(audience_sees(&set, &u, &own, NODE_PUBLIC, AUDIENCE_SELF), most);
	own.visibility = linked.visibility = VISIBLE_HIDDEN;
	assert_int_equal(audience_extent(&set, &u, &own) | audience_extent(&set, &u, &linked), 0);
	assert_int_equal(audience_sees(&set, &u, &own, NO_NODE, AUDIENCE_SELF), most | SEES_JID);
	/* What is from before she has accepted is nobody's; her own resources are as they are. */
	u.approved = false;
	own.visibility = linked.visibility = VISIBLE_CONTACTS;
	set.access = ACCESS_PRESENCE;
	assert_int_equal(audience_extent(&set, &u, &own) | audience_extent(&set, &u, &linked), 0);
	assert_int_equal(audience_sees(&set, &u, &own, NO_NODE, AUDIENCE_SELF), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NO_NODE, AUDIENCE_SELF), 0);
	assert_int_equal(audience_sees(&set, &u, &linked, NO_NODE, AUDIENCE_ACCOUNT), 0);
	own.stored = false;
	assert_int_equal(audience_sees(&set, &u, &own, NODE_PUBLIC, AUDIENCE_CONTACT), most);
}

/* Linked accounts */

static void
a_linked_account_that_asks_to_see_the_bridge_is_refused_once(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
		passes(10);
	}
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(emissions(), 1);
	/* Its own presence is shown as before. */
	says(DESK "/phone", "dnd");
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	/* Nobody knows whether the refusal came there before the link was lost. */
	link_down();
	link_up();
	grant(GRANT_ALL);
	forget_sent();
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	/* Nor who has its name now: then it is heard later. */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 0);
	passes(1000);
	answers(DESK "/phone", "on");
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
}

/* As slixmpp does by itself, and many a person in one click. */
static void
who_accepts_and_asks_back_is_linked(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	forget_sent();
	approves(DESK);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, DESK), 0);
	/* Such a client acknowledges that as RFC 3921 had it, and asks again when it signs in. */
	sends(DESK, ALICE_BRIDGE, PRESENCE_UNSUBSCRIBE);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	says_yes(DESK);
	says(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
begins_a_stream(void)
{
	link_up();
	grant(GRANT_ALL);
	passes(1000);
}

static void
starts_after_an_earlier_version(void)
{
	registry_is_of_an_earlier_version();
	restart();
	forget_sent();
	begins_a_stream();
}

static void
what_an_earlier_version_approved_is_taken_back_once(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1); /* what we see of it stands */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBE, NULL), 0);
	assert_false(registry_device(ALICE, DESK)->withdrawn);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	assert_true(registry_device(ALICE, DESK)->withdrawn);
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 2);
	forget_sent();
	link_down();
	begins_a_stream();
	restart();
	begins_a_stream();
	says(DESK "/phone", "dnd");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
}

static void
who_was_not_heard_since_is_told_again(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	passes(300000); /* silence */
	link_down();
	forget_sent();
	begins_a_stream();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_false(registry_device(ALICE, DESK)->withdrawn);
	is_gone(DESK);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
}

/* That it can't be reached another server may tell late, and what it says meanwhile says nothing. */
static void
is_told_again(enum condition error)
{
	links("alice@cell.test", "Cell");
	approves("alice@cell.test");
	says_yes("alice@cell.test");
	starts_after_an_earlier_version();
	says("alice@cell.test/m", "on");
	passes(110000);
	says("alice@cell.test/m", "away");
	fails_to_reach("alice@cell.test", error);
	passes(60000);
	says("alice@cell.test/m", "on");
	assert_false(registry_device(ALICE, "alice@cell.test")->withdrawn);
	link_down();
	forget_sent();
	begins_a_stream();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, "alice@cell.test"), 1);
	passes(130000);
	says("alice@cell.test/m", "away");
	assert_true(registry_device(ALICE, "alice@cell.test")->withdrawn);
}

static void
so_is_who_may_not_have_been_reached(void **state)
{
	(void)state;
	is_told_again(COND_REMOTE_SERVER_TIMEOUT);
}

/* An account that is there again later has not heard what was said when it was not. */
static void
so_is_who_was_not_there(void **state)
{
	(void)state;
	is_told_again(COND_ITEM_NOT_FOUND);
}

static void
what_can_not_be_noted_is_taken_back_again_later(void **state)
{
	unsigned i;

	(void)state;
	starts_after_an_earlier_version();
	registry_is(REGISTRY_FAILS);
	says(DESK "/phone", "on");
	registry_is(REGISTRY_WORKS);
	for (i = 0; i < 10; i++) {
		says(DESK "/phone", i % 2 == 0 ? "away" : "on");
		passes(5000);
	}
	assert_false(registry_device(ALICE, DESK)->withdrawn); /* nor written at each presence */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	link_down();
	forget_sent();
	begins_a_stream();
	says(DESK "/phone", "on");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
}

static void
an_edit_meanwhile_takes_nothing_of_it_back(void **state)
{
	(void)state;
	starts_after_an_earlier_version();
	says(ALICE "/laptop", "on");
	registry_is(REGISTRY_WAITS);
	says(DESK "/phone", "on"); /* the note is on its way */
	runs(ALICE "/x", "edit", "device", device_id("Desk phone"), "label", "Phone", NULL);
	registry_is(REGISTRY_WORKS);
	assert_true(registry_device(ALICE, DESK)->withdrawn);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Phone");
}

static void
taking_back_keeps_the_pace_of_the_probes(void **state)
{
	static const char *const people[] = {BOB, "dave@home.test", "erin@home.test"};
	char account[64];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		user_is(people[i]);
		enrols(people[i]);
		approves(people[i]);
		snprintf(account, sizeof(account), "phone%zu@work.test", i);
		links(kept(account), "Phone");
		approves(kept(account));
		says_yes(kept(account));
	}
	registry_is_of_an_earlier_version();
	settings.probes_per_s = 1;
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1);
	passes(4500); /* two probes and what is taken back: three seconds a user */
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 2);
	passes(10000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 4);
}

/* The end of an earlier link may not have come there; a server that knows of none says nothing to its user. */
static void
who_is_linked_anew_is_told_with_the_request(void **state)
{
	(void)state;
	ends(DESK);
	passes(5000);
	restart();
	begins_a_stream();
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 1); /* the end */
	forget_sent();
	links(DESK, "Desk phone");
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	forget_sent();
	link_down();
	begins_a_stream();
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, NULL), 0);
}

static void
who_leaves_meanwhile_leaves_no_row_behind(void **state)
{
	(void)state;
	registry_is_of_an_earlier_version();
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	runs(ALICE "/x", "leave", "sure", "1", NULL);
	passes(120000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(registry_devices(), 0);
}

/* On a stream on which it is not her turn to be asked yet. */
static void
who_was_told_with_the_request_is_not_told_in_turn(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	enrols(DORA);
	approves(DORA);
	ends(DESK);
	passes(5000);
	restart();
	forget_sent();
	link_up();
	grant(GRANT_ALL);
	passes(100);						    /* their rosters tell whose accounts they are */
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0); /* Dora's was first */
	links(DESK, "Desk phone");
	approves(DESK);
	registry_is(REGISTRY_WAITS);
	says(DESK "/phone", "on");
	while (presences_sent(PRESENCE_PROBE, ALICE) == 0)
		passes(1000);
	assert_int_equal(presences_sent(PRESENCE_UNSUBSCRIBED, DESK), 1);
	registry_is(REGISTRY_WORKS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shown_to_their_owner_only_contacts_are_told_nothing),
		TEST(nor_where_the_server_delivers_while_she_is_online),
		TEST(nor_is_a_roster_read_for_it),
		TEST(her_own_clients_are_told_all_the_same),
		TEST(what_waited_for_contacts_is_not_sent_after_a_narrowing),
		TEST(nor_what_the_link_had_no_room_for),
		TEST(shown_to_contacts_again_they_are_told_again),
		TEST(who_leaves_has_nothing_to_say_to_contacts),
		TEST(whom_it_is_shown_to_is_said_as_it_is),
		TEST(she_is_told_so_when_she_enrols),
		TEST_LINKED(and_when_she_chooses),
		TEST(a_node_that_others_can_read_is_called_so),
		TEST_LINKED(what_is_hidden_is_in_her_own_list_alone),
		TEST(who_sees_what),
		TEST_LINKED(a_linked_account_that_asks_to_see_the_bridge_is_refused_once),
		TEST(who_accepts_and_asks_back_is_linked),
		TEST_LINKED(what_an_earlier_version_approved_is_taken_back_once),
		TEST_LINKED(who_was_not_heard_since_is_told_again),
		TEST_LINKED(so_is_who_may_not_have_been_reached),
		TEST_LINKED(so_is_who_was_not_there),
		TEST_LINKED(what_can_not_be_noted_is_taken_back_again_later),
		TEST_LINKED(an_edit_meanwhile_takes_nothing_of_it_back),
		TEST_LINKED(taking_back_keeps_the_pace_of_the_probes),
		TEST_LINKED(who_is_linked_anew_is_told_with_the_request),
		TEST_LINKED(who_was_told_with_the_request_is_not_told_in_turn),
		TEST_LINKED(who_leaves_meanwhile_leaves_no_row_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
