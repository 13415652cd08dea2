/* Who is shown anything at all: nobody but the owner where the settings say so; and what is said of it. */
#include <string.h>

#include "core/model/audience.h"
#include "core_fixture.h"

#define CAROL "carol@work.test"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
