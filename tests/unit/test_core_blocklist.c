/* The block list (XEP-0191): when and where it is read, who waits for it, and one that can't be had. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"
#include "blocking_fixture.h"

static void
nobody_is_told_before_the_list_has_come(void **state)
{
	unsigned rosters;

	(void)state;
	on_ejabberd(BLOCKING);
	goes_offline();
	blocks(ALICE, BOB);
	reacts(ACTION_BLOCKLIST_GET, HOLDS, 1);
	changes();
	rosters = iq_count(ACTION_ROSTER_GET);
	hints(CAROL "/new", "on"); /* who waits for it doesn't ask for another roster */
	passes(1000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), rosters);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 0);
	assert_int_equal(events_to(CAROL, "new"), 0);
	released();
	assert_int_equal(events_to(CAROL, "new"), 1);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
	passes(12000);
	assert_int_equal(iq_count(ACTION_ROSTER_GET), rosters);
}

/* A push is nothing to ask for a list at once: who is new waits until it is read behind the next roster. */
static void
who_is_new_by_a_push_is_told_when_the_list_was_read(void **state)
{
	const struct roster_item erin = {.jid = "erin@home.test", .subscription = SUBSCRIPTION_BOTH};
	const struct roster_item dave = {.jid = "dave@home.test", .subscription = SUBSCRIPTION_BOTH};
	unsigned before;

	(void)state;
	on_ejabberd(BLOCKING);
	goes_offline();
	roster_has(ALICE, "erin@home.test", SUBSCRIPTION_BOTH, NULL);
	roster_has(ALICE, "dave@home.test", SUBSCRIPTION_BOTH, NULL);
	blocks(ALICE, "dave@home.test");
	before = iq_count(ACTION_BLOCKLIST_GET);
	pushes(&erin);
	pushes(&dave);
	passes(500);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before);
	assert_int_equal(events_to("erin@home.test", NULL), 0);
	passes(5000);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before + 1);
	assert_int_equal(events_to("erin@home.test", NULL), 1);
	assert_int_equal(events_to("dave@home.test", NULL), 0);
}

static void
pushes_without_end_cost_a_list_in_ten_seconds(void **state)
{
	struct roster_item item = {.subscription = SUBSCRIPTION_BOTH};
	unsigned before, i;

	(void)state;
	on_ejabberd(BLOCKING);
	before = iq_count(ACTION_BLOCKLIST_GET);
	for (i = 0; i < 300; i++) {
		item.jid = many(i);
		pushes(&item);
		passes(100);
	}
	assert_in_range(iq_count(ACTION_BLOCKLIST_GET) - before, 1, 4);
	/* and contacts are told meanwhile */
	forget_sent();
	changes_now();
	assert_int_equal(events_to(CAROL, NULL), 1);
}

static void
a_roster_whose_list_went_with_the_link_is_old(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	goes_offline();
	blocks(ALICE, BOB);
	reacts(ACTION_BLOCKLIST_GET, HOLDS, -1);
	changes_now();
	link_down();
	reacts(ACTION_ROSTER_GET, HOLDS, -1);
	link_up();
	grant(BLOCKING);
	forget_sent();
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "dnd");
	passes(20000);
	hints(BOB "/new", "on");
	hints(CAROL "/new", "on");
	passes(1000);
	assert_int_equal(events_to(CAROL, "new"), 0);
	assert_int_equal(events_to(BOB, "new"), 0);
	released();
	passes(60000);
	assert_int_equal(events_to(BOB, "new"), 0);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, "new"), 1);
}

static void
the_list_is_read_as_often_as_the_roster(void **state)
{
	unsigned lists, rosters;

	(void)state;
	on_ejabberd(BLOCKING);
	lists = iq_count(ACTION_BLOCKLIST_GET);
	rosters = iq_count(ACTION_ROSTER_GET);
	passes(600000);
	assert_true(iq_count(ACTION_ROSTER_GET) >= rosters + 9);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET) - lists, iq_count(ACTION_ROSTER_GET) - rosters);
	assert_string_equal(iq_last(ACTION_BLOCKLIST_GET)->from, DOMAIN);
	assert_string_equal(iq_last(ACTION_BLOCKLIST_GET)->to, ALICE);
	assert_int_equal(iq_last(ACTION_BLOCKLIST_GET)->way, WAY_PRIVILEGED);
}

static void
without_the_grant_it_is_not_read_and_a_hint_is_given(void **state)
{
	(void)state;
	on_ejabberd(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), 0);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(times_logged("advice"), 1);
	assert_non_null(strstr(logged_last("advice", "text"), "urn:xmpp:blocking"));
	assert_string_equal(logged_last("grant", "blocking"), "none");
}

static void
with_it_there_is_none(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	assert_not_logged("advice");
	assert_string_equal(logged_last("grant", "blocking"), "get");
}

/* Its own PEP asks no block list, and nobody asks us. */
static void
where_the_server_delivers_it_is_its_own(void **state)
{
	unsigned before;

	(void)state;
	server.name = "Prosody";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	passes(120000);
	before = iq_count(ACTION_BLOCKLIST_GET);
	changes();
	passes(300000);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before);
	assert_not_logged("advice");
}

static void
nor_does_it_take_a_hint_where_that_was_overridden(void **state)
{
	(void)state;
	settings.deliver = DELIVER_ALWAYS;
	restart();
	server.name = "Prosody";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	has_a_desk_phone(GRANT_ALL);
	assert_not_logged("advice");
}

static void
nor_is_there_anybody_to_keep_it_from(void **state)
{
	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(BLOCKING);
	passes(120000);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), 0);
}

static void
nor_where_the_node_is_not_for_contacts(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	restart();
	on_ejabberd(BLOCKING);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), 0);
}

/* Whoever was blocked by the last one that could be read stays so. */
static void
a_list_that_can_not_be_read_says_nothing(void **state)
{
	(void)state;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	fails(ACTION_BLOCKLIST_GET, COND_SERVICE_UNAVAILABLE, APP_NONE, -1);
	blocks(ALICE, CAROL);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 2);
	changes();
	assert_int_equal(events_to(CAROL, NULL), 3);
	assert_string_equal(logged_last("blocklist.unread", "error"), "service-unavailable");
	behaves();
	changes();
	assert_int_equal(events_to(CAROL, NULL), 3);
}

static void
that_is_said_once_on_a_stream(void **state)
{
	(void)state;
	settings.debug = false;
	restart();
	on_ejabberd(BLOCKING);
	refuses(ACTION_BLOCKLIST_GET, COND_FORBIDDEN, -1);
	passes(300000);
	assert_int_equal(times_logged("blocklist.unread"), 1);
	link_down();
	link_up();
	grant(BLOCKING);
	passes(300000);
	assert_int_equal(times_logged("blocklist.unread"), 2);
}

static void
one_that_does_not_come_holds_up_events_once_a_minute(void **state)
{
	unsigned before;

	(void)state;
	on_ejabberd(BLOCKING);
	goes_offline();
	reacts(ACTION_BLOCKLIST_GET, SILENCE, -1);
	before = iq_count(ACTION_BLOCKLIST_GET);
	changes_now();
	passes(20000);
	assert_int_equal(events_to(BOB, NULL), 1);
	changes_now();
	assert_int_equal(events_to(BOB, NULL), 2);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before + 1);
	behaves();
	blocks(ALICE, BOB);
	passes(120000);
	changes();
	assert_int_equal(events_to(BOB, NULL), 2);
}

static void
a_list_is_read_up_to_a_bound(void **state)
{
	char jid[32];
	int i;

	(void)state;
	on_ejabberd(BLOCKING);
	for (i = 1; i < BLOCKED_MAX; i++) {
		snprintf(jid, sizeof(jid), "x%d@far.test", i);
		blocks(ALICE, jid);
	}
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_not_logged("blocklist.unread");
	unblocks(ALICE, BOB);
	blocks(ALICE, CAROL);
	blocks(ALICE, "x0@far.test");
	changes();
	assert_string_equal(logged_last("blocklist.unread", "answer"), "too large");
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 2);
}

/* ejabberd 24.12. */
static void
where_the_plain_form_comes_back_the_other_one_is_used(void **state)
{
	(void)state;
	server.echoes = true;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	changes();
	assert_int_equal(iq_last(ACTION_BLOCKLIST_GET)->way, WAY_PRIVILEGED_CAPS);
	assert_int_equal(events_to(BOB, NULL), 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
}

/* Before anything was published on a stream it isn't known which form that is. */
static void
that_is_found_without_a_publish_too(void **state)
{
	(void)state;
	server.echoes = true;
	on_ejabberd(BLOCKING);
	blocks(ALICE, BOB);
	link_down();
	passes(61000);
	link_up();
	grant(BLOCKING);
	says(ALICE "/laptop", "on");
	forget_sent();
	passes(60000);
	assert_int_equal(iq_last(ACTION_BLOCKLIST_GET)->way, WAY_PRIVILEGED_CAPS);
	assert_int_equal(events_to(BOB, NULL), 0);
}

static void
where_either_form_comes_back_it_is_not_read(void **state)
{
	unsigned before;

	(void)state;
	on_ejabberd(BLOCKING);
	reacts(ACTION_BLOCKLIST_GET, ECHO, -1);
	before = iq_count(ACTION_BLOCKLIST_GET);
	changes();
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before + 2);
	assert_logged("blocklist.unread");
	assert_int_equal(events_to(CAROL, NULL), 1);
}

static void
nor_is_it_asked_for_again_when_the_grant_has_gone(void **state)
{
	unsigned before;

	(void)state;
	on_ejabberd(BLOCKING);
	reacts(ACTION_BLOCKLIST_GET, HOLDS, 1);
	before = iq_count(ACTION_BLOCKLIST_GET);
	changes();
	server.echoes = true;
	grant(BLOCKING - GRANT_BLOCKING);
	released();
	passes(1000);
	assert_int_equal(iq_count(ACTION_BLOCKLIST_GET), before + 1);
	assert_int_equal(events_to(BOB, NULL), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_told_before_the_list_has_come),
		TEST(who_is_new_by_a_push_is_told_when_the_list_was_read),
		TEST(pushes_without_end_cost_a_list_in_ten_seconds),
		TEST(a_roster_whose_list_went_with_the_link_is_old),
		TEST(the_list_is_read_as_often_as_the_roster),
		TEST(without_the_grant_it_is_not_read_and_a_hint_is_given),
		TEST(with_it_there_is_none),
		TEST(where_the_server_delivers_it_is_its_own),
		TEST(nor_does_it_take_a_hint_where_that_was_overridden),
		TEST(nor_is_there_anybody_to_keep_it_from),
		TEST(nor_where_the_node_is_not_for_contacts),
		TEST(a_list_that_can_not_be_read_says_nothing),
		TEST(that_is_said_once_on_a_stream),
		TEST(one_that_does_not_come_holds_up_events_once_a_minute),
		TEST(a_list_is_read_up_to_a_bound),
		TEST(where_the_plain_form_comes_back_the_other_one_is_used),
		TEST(that_is_found_without_a_publish_too),
		TEST(where_either_form_comes_back_it_is_not_read),
		TEST(nor_is_it_asked_for_again_when_the_grant_has_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
