/* Rosters and other answers that are too large, and who may be given large ones; no answer at all, and an error. */
#include <string.h>

#include "core_fixture.h"
#include "roster_fixture.h"

static void
only_a_roster_that_is_waited_for_may_be_large(void **state)
{
	struct event ev, other;

	(void)state;
	on_ejabberd();
	(void)asked_for_roster();
	ev = too_large_answer_to(iq_last(ACTION_ROSTER_GET), PAYLOAD_ROSTER);
	other = ev;
	other.from.bare = BOB;
	assert_false(admits(&other));
	other = ev;
	other.from.resource = "laptop";
	assert_false(admits(&other));
	other = ev;
	other.to.bare = ALICE_BRIDGE;
	assert_false(admits(&other));
	other = ev;
	other.answer.id = "guessed";
	assert_false(admits(&other));
	other.answer.id = NULL;
	assert_false(admits(&other));
	other = ev;
	other.answer.payload = PAYLOAD_INFO;
	assert_false(admits(&other));
	other = ev;
	other.answer.extent = EXTENT_WHOLE;
	assert_false(admits(&other));
	assert_true(admits(&ev));
	/* it has begun: its time begins anew, and ends */
	passes(9000);
	assert_true(admits(&ev));
	stalls(10001);
	assert_false(admits(&ev));
	/* nor is any other kind of answer */
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(ALICE "/laptop", "dnd");
	passes(1000);
	assert_true(stats().in_flight > 0);
	ev = too_large_answer_to(iq_last(ACTION_PUBLISH), PAYLOAD_ROSTER);
	assert_false(admits(&ev));
}

/* Of a stranger's, and of a guess, no address is ever looked at. */
static void
only_a_list_that_is_waited_for_is_read(void **state)
{
	struct event ev, other;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	other = ev;
	other.from.bare = BOB;
	assert_false(awaits(&other));
	other = ev;
	other.to.bare = ALICE_BRIDGE;
	assert_false(awaits(&other));
	other = ev;
	other.answer.id = "guessed";
	assert_false(awaits(&other));
	assert_true(awaits(&ev));
	comes(&ev, EXTENT_WHOLE, &bob, 1);
	assert_false(awaits(&ev));
	ev = (struct event){.kind = EVENT_ROSTER_PUSH, .from.bare = ALICE, .to.bare = DOMAIN, .roster.id = "p"};
	assert_true(awaits(&ev));
	ev.from.resource = "x";
	assert_false(awaits(&ev));
	ev.from.resource = NULL;
	ev.from.bare = BOB;
	assert_false(awaits(&ev));
	ev.kind = EVENT_PRESENCE;
	assert_false(awaits(&ev));
}

/* Whoever is asked what he is answers with what he likes. */
static void
nor_a_list_that_was_not_asked_for(void **state)
{
	struct event ev;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	assert_true(awaits(&ev));
	ev.answer.payload = PAYLOAD_BLOCKLIST;
	assert_false(awaits(&ev));
	ev.answer.payload = PAYLOAD_NONE;
	assert_false(awaits(&ev));
	reacts(ACTION_INFO_GET, SILENCE, -1);
	says(ALICE "/other", "on");
	ev = too_large_answer_to(iq_last(ACTION_INFO_GET), PAYLOAD_ROSTER);
	ev.answer.extent = EXTENT_WHOLE;
	ev.answer.ok = true;
	assert_false(awaits(&ev));
	ev.answer.payload = PAYLOAD_BLOCKLIST;
	assert_false(awaits(&ev));
}

static void
a_roster_that_was_answered_may_not_be_large_once_more(void **state)
{
	struct event ev;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	comes(&ev, EXTENT_WHOLE, &bob, 1);
	ev = too_large_answer_to(iq_last(ACTION_ROSTER_GET), PAYLOAD_ROSTER);
	assert_false(admits(&ev));
}

static void
a_roster_that_is_too_large_is_said_once_and_harms_nobody(void **state)
{
	unsigned before;

	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	roster_has(BOB, CAROL, SUBSCRIPTION_BOTH, NULL);
	says(BOB "/x", "on");
	user_is(ALICE);
	passes(120000);
	roster_too_large(ALICE);
	forget_sent();
	passes(120000);
	assert_int_equal(times_logged("roster.too_large"), 1);
	assert_told(ALICE, "larger");
	runs(ALICE "/laptop", "devices", NULL);
	assert_string_equal(reply.note_type, "warn");
	assert_non_null(strstr(reply.note, "larger"));
	/* it is asked for again, but seldom, and said no more */
	before = iq_count(ACTION_ROSTER_GET);
	passes(3600000);
	assert_int_equal(times_logged("roster.too_large"), 1);
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 64, 69); /* bob's, and hers once in ten minutes */
	for (before = 0; before < 12; before++) {
		says(DESK "/phone", before % 2 ? "dnd" : "away");
		passes(300000);
	}
	assert_int_equal(times_logged("roster.too_large"), 1);
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
	assert_not_logged("privilege.refused");
	assert_true(is_contact(CAROL));
	/* until it can be read */
	roster_too_large(NULL);
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	passes(600000);
	forget_sent();
	says(DESK "/phone", "chat");
	passes(5000);
	assert_int_equal(events_to(BOB, NULL), 1);
	runs(ALICE "/laptop", "devices", NULL);
	assert_null(reply.note);
	roster_too_large(ALICE);
	passes(61000);
	assert_int_equal(times_logged("roster.too_large"), 2);
}

static void
one_who_is_alone_with_a_roster_that_is_too_large_keeps_the_link(void **state)
{
	int i;

	(void)state;
	on_ejabberd();
	passes(60000);
	roster_too_large(ALICE);
	for (i = 0; i < 8; i++) {
		says(DESK "/phone", i % 2 ? "dnd" : "away");
		passes(11 * 60000);
	}
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
	assert_shows("Desk phone", "dnd");
}

/* What waits for a roster that can't be had doesn't wait for ever, nor does who leaves. */
static void
nobody_waits_for_a_roster_that_is_too_large(void **state)
{
	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	says(ALICE "/laptop", "off");
	passes(300000);
	roster_too_large(ALICE);
	assert_false(is_contact(BOB));
	passes(1000);
	assert_false(is_contact(BOB));
	ends(ALICE);
	passes(10000);
	assert_int_equal(registry_users(), 0);
}

/* Whatever was asked, an answer that is too large ends it, and is no word about the host. */
static void
any_answer_that_is_too_large_is_an_answer(void **state)
{
	static const enum action_kind kinds[] = {ACTION_PUBLISH, ACTION_CONFIG_GET, ACTION_CREATE, ACTION_AFFILIATE};
	struct event ev;
	unsigned i;

	(void)state;
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		link_down();
		link_up();
		node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
		reacts(kinds[i], SILENCE, 1);
		grant(GRANT_EVERYTHING);
		says(ALICE "/laptop", "on");
		says(DESK "/phone", i % 2 ? "dnd" : "away");
		passes(2000);
		ev = too_large_answer_to(iq_last(kinds[i]), PAYLOAD_NONE);
		feeds(&ev);
		behaves();
		passes(120000);
		assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), i % 2 ? "dnd" : "away");
	}
	assert_int_equal(reconnects(), 0);
	assert_not_logged("privilege.lost");
	assert_not_logged("privilege.refused");
	assert_not_logged("ordinary.dropped");
}

static void
an_answer_about_a_client_that_is_too_large_says_nothing(void **state)
{
	struct event ev;

	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_ALL);
	hints(ALICE "/tablet", "on");
	reacts(ACTION_PING, SILENCE, -1);
	passes(61000);
	ev = too_large_answer_to(iq_last(ACTION_PING), PAYLOAD_NONE);
	feeds(&ev);
	passes(1000);
	assert_shows("tablet", "on");
	reacts(ACTION_INFO_GET, SILENCE, -1);
	says(ALICE "/other", "on");
	ev = too_large_answer_to(iq_last(ACTION_INFO_GET), PAYLOAD_INFO);
	feeds(&ev);
	passes(1000);
	assert_shows("other", "on");
	assert_int_equal(stats().queries, 0);
}

/* Whom a push brought is told when her roster was read; whoever leaves doesn't wait for that. */
static void
who_leaves_does_not_wait_for_one_that_is_too_large(void **state)
{

	(void)state;
	server.name = "ejabberd";
	has_enrolled(GRANT_EVERYTHING);
	runs(ALICE "/laptop", "edit", "device", device_id("laptop"), "visibility", "hidden", NULL);
	says(ALICE "/laptop", "off");
	passes(120000);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	roster_too_large(ALICE);
	pushes(&bob);
	passes(1000);
	assert_logged("roster.too_large");
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(60000);
	assert_int_equal(registry_users(), 0);
}

static void
an_error_is_told_from_an_account_that_is_not_there(void **state)
{
	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	passes(61000);
	refuses(ACTION_ROSTER_GET, COND_ITEM_NOT_FOUND, -1);
	passes(240000);
	behaves();
	refuses(ACTION_ROSTER_GET, COND_GONE, -1);
	passes(240000);
	behaves();
	refuses(ACTION_ROSTER_GET, COND_SERVICE_UNAVAILABLE, -1);
	passes(240000);
	assert_int_equal(reconnects(), 0);
	assert_logged("roster.refused");
	assert_not_logged("roster.too_large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_a_roster_that_is_waited_for_may_be_large),
		TEST(only_a_list_that_is_waited_for_is_read),
		TEST(nor_a_list_that_was_not_asked_for),
		TEST(a_roster_that_was_answered_may_not_be_large_once_more),
		TEST(a_roster_that_is_too_large_is_said_once_and_harms_nobody),
		TEST(one_who_is_alone_with_a_roster_that_is_too_large_keeps_the_link),
		TEST(nobody_waits_for_a_roster_that_is_too_large),
		TEST(any_answer_that_is_too_large_is_an_answer),
		TEST(an_answer_about_a_client_that_is_too_large_says_nothing),
		TEST(who_leaves_does_not_wait_for_one_that_is_too_large),
		TEST(an_error_is_told_from_an_account_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
