/* What lies at the edges of the core: too many of something, twice the same, no sense at all. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "core_fixture.h"

/* Rows of the registry */

static void
a_row_of_a_user_comes_once(void **state)
{
	struct event ev = {.kind = EVENT_LOAD_USER};

	(void)state;
	ev.user.primary = ALICE;
	assert_int_equal(feeds_status(&ev), 0);
	assert_int_equal(feeds_status(&ev), ERR_EXISTS);
	assert_int_equal(stats().users, 1);
}

static void
a_device_without_its_user_is_none(void **state)
{
	struct event ev = {.kind = EVENT_LOAD_DEVICE};

	(void)state;
	ev.device.primary = ALICE;
	ev.device.jid = DESK;
	ev.device.id = "aaaaaa";
	assert_int_equal(feeds_status(&ev), 0);
	assert_int_equal(stats().devices, 0);
}

static void
a_row_that_is_longer_than_any_address_does_no_harm(void **state)
{
	static char resource[3 * JID_MAX];
	struct event ev = {.kind = EVENT_LOAD_USER};

	(void)state;
	ev.user.primary = ALICE;
	feeds(&ev);
	memset(resource, 'r', sizeof(resource) - 1);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_DEVICE;
	ev.device.primary = ev.device.jid = ALICE;
	ev.device.resource = resource;
	ev.device.id = "aaaaaa";
	assert_int_equal(feeds_status(&ev), 0);
	assert_int_equal(stats().devices, 1);
}

static void
ids_of_one_user_are_different(void **state)
{
	struct action act;
	const char *id;

	(void)state;
	/* That of her laptop depends on its name alone; by chance a linked account has had the same. */
	id = device_id("laptop");
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_USER;
	act.user.primary = BOB;
	act.user.approved = true;
	registry_takes(&act);
	memset(&act, 0, sizeof(act));
	act.kind = ACTION_STORE_DEVICE;
	act.device.primary = ALICE;
	act.device.id = id;
	act.device.jid = "carol@work.test";
	act.device.label = "Carol's";
	act.device.state = LINK_REQUESTED;
	registry_takes(&act);
	registry_is(REGISTRY_WORKS);
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	passes(40000);
	assert_string_equal(device_id("Carol's"), id);
	assert_string_not_equal(device_id("laptop"), id);
}

/* Settings */

static void
settings_that_make_no_sense_are_refused_while_it_runs(void **state)
{
	struct core *c = another_core();
	struct core_settings bad;

	(void)state;
	assert_non_null(c);
	assert_int_equal(core_configure(c, &settings), 0);
	bad = settings;
	bad.domain = NULL;
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad = settings;
	bad.domain = "other.test"; /* the streams, and the bridges, are of the one that it began with */
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad = settings;
	bad.burst = 0;
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad = settings;
	bad.probes_per_s = 0;
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad = settings;
	bad.rosters_per_s = 0;
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad = settings;
	bad.access = ACCESS_OTHER;
	assert_int_equal(core_configure(c, &bad), ERR_INVALID);
	bad.access = ACCESS_WHITELIST;
	assert_int_equal(core_configure(c, &bad), 0);
	core_free(c);
}

/* Devices */

static const char *
account(int i)
{
	char text[64];

	snprintf(text, sizeof(text), "d%d@work.test", i);
	return kept(text);
}

static void
a_user_has_at_most_32_devices(void **state)
{
	int i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 1; i < USER_DEVICES_MAX; i++)
		links(account(i), "x");
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("as many devices as this service allows");
	/* Nor do her own clients push a linked account out. */
	says(ALICE "/new", "on");
	passes(5000);
	assert_shows("new", "absent");
	assert_int_equal(stats().devices, USER_DEVICES_MAX);
	assert_int_equal(registry_devices(), USER_DEVICES_MAX - 1);
}

static void
the_client_that_has_been_gone_longest_makes_room(void **state)
{
	int i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 1; i < USER_DEVICES_MAX - 3; i++)
		links(account(i), "x");
	says(ALICE "/one", "on");
	says(ALICE "/two", "on");
	says(ALICE "/three", "on");
	says(ALICE "/two", "off");
	passes(1000);
	says(ALICE "/one", "off");
	passes(1000);
	says(ALICE "/three", "off");
	passes(1000);
	assert_shows("two", "off");
	says(ALICE "/new", "on");
	passes(5000);
	assert_shows("new", "on");
	assert_shows("two", "absent");
	assert_shows("one", "off");
	assert_shows("three", "off");
}

/* Their rows have what she called them, and whom she hid them from. */
static void
of_edited_clients_the_one_that_is_gone_longest_makes_room_but_no_hidden_one(void **state)
{
	int i;

	(void)state;
	has_enrolled(GRANT_ALL);
	approves(ALICE);
	for (i = 1; i < USER_DEVICES_MAX - 3; i++)
		links(account(i), "x");
	for (i = 0; i < 3; i++) {
		static const char *const full[] = {ALICE "/one", ALICE "/two", ALICE "/three"};
		static const char *const name[] = {"one", "two", "three"};

		says(full[i], "on");
		passes(5000);
		runs(ALICE "/x", "edit", "device", device_id(name[i]), "label", name[i], "visibility",
		    i == 0 ? "hidden" : "contacts", NULL);
		succeeds();
		says(full[i], "off");
		passes(5000);
	}
	passes(2 * settings.linger_ms);
	assert_shows("two", "off");
	assert_int_equal(registry_devices(), USER_DEVICES_MAX - 1);
	says(ALICE "/new", "on");
	passes(5000);
	assert_shows("new", "on");
	assert_shows("two", "absent");
	assert_shows("three", "off");
	assert_int_equal(registry_devices(), USER_DEVICES_MAX - 2);
	runs(ALICE "/x", "link", "jid", DESK, NULL);
	succeeds();
	passes(5000);
	assert_shows("three", "absent");
	runs(ALICE "/x", "link", "jid", "other@work.test", NULL);
	fails_with("as many devices as this service allows");
	says(ALICE "/one", "on"); /* who is hidden stays so */
	passes(5000);
	assert_shows("one", "absent");
}

static void
the_oldest_tombstone_makes_room_if_its_end_is_written(void **state)
{
	int i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 1; i < USER_DEVICES_MAX; i++) {
		links(account(i), "x");
		passes(10);
	}
	ends(account(5));
	ends(account(3));
	registry_is(REGISTRY_FAILS);
	ends(account(2)); /* the oldest, but the registry still has it alive */
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_null(registry_device(ALICE, account(3)));
	assert_non_null(registry_device(ALICE, account(2)));
	assert_non_null(registry_device(ALICE, account(5)));
	assert_non_null(registry_device(ALICE, DESK));
}

static void
what_has_ended_is_no_choice_in_a_form(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	ends(DESK);
	runs(ALICE "/laptop", "edit", NULL);
	assert_non_null(reply.options);
	assert_null(strstr(reply.options, id));
}

static void
an_edit_has_words_that_exist(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	runs(ALICE "/laptop", "edit", "device", id, "kind", "toaster", NULL);
	fails_with("kind");
	runs(ALICE "/laptop", "edit", "device", id, "kind", "", "visibility", "", "status-text", "true", NULL);
	succeeds();
	assert_true(registry_device(ALICE, DESK)->show_status);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
	assert_int_equal(registry_device(ALICE, DESK)->visibility, VISIBLE_CONTACTS);
	runs(ALICE "/laptop", "edit", "device", id, "status-text", "no", NULL);
	assert_false(registry_device(ALICE, DESK)->show_status);
}

static void
a_form_offers_as_many_requests_as_it_has_room_for(void **state)
{
	char primary[64];
	unsigned n = 0;
	const char *p;
	int i;

	(void)state;
	link_up();
	grant(GRANT_ALL);
	for (i = 0; i < USER_DEVICES_MAX + 5; i++) {
		snprintf(primary, sizeof(primary), "u%02d@home.test", i);
		user_is(kept(primary));
		enrols(primary);
		approves(primary);
		passes(60000); /* nobody is asked more often for long */
		links(DESK, "Phone");
	}
	runs(DESK "/phone", "confirm", NULL);
	assert_int_equal(reply.status, STATUS_EXECUTING);
	for (p = reply.options; (p = strchr(p, ' ')) != NULL; p++)
		n++;
	assert_int_equal(n, USER_DEVICES_MAX);
}

static void
who_is_just_enrolling_has_no_devices_yet(void **state)
{
	(void)state;
	user_is(ALICE);
	has_enrolled(GRANT_ALL);
	links(BOB, "Bob's");
	registry_is(REGISTRY_WAITS);
	runs(BOB "/x", "enrol", NULL);
	/* Who shows him can be seen all the same. */
	runs(BOB "/x", "devices", NULL);
	assert_string_equal(reply.fields, "account label consent ");
	registry_is(REGISTRY_WORKS);
	runs(BOB "/x", "devices", NULL);
	assert_string_equal(reply.fields, "id label kind visibility jid state consent account ");
}

static void
the_node_of_commands_says_what_it_is(void **state)
{
	struct event ev;

	(void)state;
	link_up();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from.bare = BOB;
	ev.to.bare = DOMAIN;
	ev.request.id = "r1";
	ev.request.kind = REQUEST_INFO;
	ev.request.node = "http://jabber.org/protocol/commands";
	feeds(&ev);
	assert_false(reply.error);
	ev.request.node = "http://jabber.org/protocol/command";
	feeds(&ev);
	assert_true(reply.error);
}

/* Contacts */

static void
events_that_wait_are_forgotten_with_the_link(void **state)
{
	(void)state;
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "carol@home.test", SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	says(DESK "/phone", "dnd");
	passes(200);
	link_takes(0);
	passes(100);
	while (events_to(ALICE, NULL) + events_to(BOB, NULL) + events_to("carol@home.test", NULL) == 0)
		link_takes(1);
	link_down();
	forget_sent();
	link_takes((unsigned)-1);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to("carol@home.test", NULL), 0);
}

static void
who_is_enrolled_between_two_probes_is_asked_once(void **state)
{
	(void)state;
	settings.probes_per_s = 1;
	configures();
	link_up();
	enrols(ALICE);
	link_down();
	registry_is(REGISTRY_WAITS);
	runs(BOB "/x", "enrol", NULL);
	registry_is(REGISTRY_WORKS);
	runs("carol@home.test/x", "enrol", NULL);
	link_down();
	forget_sent();
	registry_is(REGISTRY_WAITS);
	runs("dave@home.test/x", "enrol", NULL);
	runs("erin@home.test/x", "enrol", NULL);
	link_up();
	registry_is(REGISTRY_WORKS);
	passes(20000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "dave@home.test"), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, "erin@home.test"), 1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, BOB), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_of_a_user_comes_once),
		TEST(a_device_without_its_user_is_none),
		TEST(a_row_that_is_longer_than_any_address_does_no_harm),
		TEST_LINKED(ids_of_one_user_are_different),
		TEST(settings_that_make_no_sense_are_refused_while_it_runs),
		TEST(a_user_has_at_most_32_devices),
		TEST(the_client_that_has_been_gone_longest_makes_room),
		TEST(of_edited_clients_the_one_that_is_gone_longest_makes_room_but_no_hidden_one),
		TEST(the_oldest_tombstone_makes_room_if_its_end_is_written),
		TEST_LINKED(what_has_ended_is_no_choice_in_a_form),
		TEST_LINKED(an_edit_has_words_that_exist),
		TEST(a_form_offers_as_many_requests_as_it_has_room_for),
		TEST(who_is_just_enrolling_has_no_devices_yet),
		TEST(the_node_of_commands_says_what_it_is),
		TEST(events_that_wait_are_forgotten_with_the_link),
		TEST(who_is_enrolled_between_two_probes_is_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
