/* Rosters of any size: given whole or in portions, refused, not there, silent, too large. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)
#define CAROL "carol@home.test"

static void
on_ejabberd(void)
{
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING);
}

/* Her bridge comes at the end. */
static void
comes(struct event *ev, enum extent extent, const struct roster_item *items, size_t n)
{
	struct roster_item *all = calloc(n + 1, sizeof(*all));
	size_t i;

	assert_non_null(all);
	for (i = 0; i < n; i++)
		all[i] = items[i];
	all[n] = (struct roster_item){.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	ev->answer.extent = extent;
	ev->answer.ok = extent != EXTENT_TOO_LARGE;
	ev->answer.error = ev->answer.ok ? COND_NONE : COND_RESOURCE_CONSTRAINT;
	ev->answer.roster.items = all;
	ev->answer.roster.nitems = n + (extent == EXTENT_LAST || extent == EXTENT_WHOLE ? 1 : 0);
	feeds(ev);
	free(all);
}

/* Bob is a contact, and nobody else, for all that could be seen since the last forget_sent(). */
static void
assert_nothing_has_changed(void)
{
	assert_int_equal(events_to(CAROL, NULL) + events_to(many(0), NULL), 0);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
}

static const struct roster_item bob = {.jid = BOB, .subscription = SUBSCRIPTION_BOTH};
static const struct roster_item carol = {.jid = CAROL, .subscription = SUBSCRIPTION_FROM};

/* In portions */

static void
a_roster_is_in_force_with_its_last_portion(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	roster_lacks(ALICE, BOB);
	ev = asked_for_roster();
	forget_sent();
	comes(&ev, EXTENT_PORTION, &carol, 1);
	assert_nothing_has_changed();
	comes(&ev, EXTENT_LAST, NULL, 0);
	assert_int_equal(events_to(CAROL, NULL), 1);
	assert_string_equal(iq_last(ACTION_UNSUBSCRIBE)->who, BOB);
	assert_false(is_contact(BOB));
	assert_true(is_contact(CAROL));
}

/* Each portion has the time that an answer has. */
static void
a_roster_that_comes_slowly_is_not_given_up(void **state)
{
	struct event ev;
	int i;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	reacts(ACTION_INFO_GET, SILENCE, -1);
	for (i = 0; i < 10; i++) {
		passes(9000);
		comes(&ev, EXTENT_PORTION, &carol, 1);
	}
	comes(&ev, EXTENT_LAST, NULL, 0);
	assert_true(is_contact(CAROL));
}

static void
a_contact_who_is_there_twice_is_one(void **state)
{
	const struct roster_item items[] = {bob, carol, bob, carol, bob};
	struct event ev;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	forget_sent();
	comes(&ev, EXTENT_PORTION, items, 3);
	comes(&ev, EXTENT_LAST, items, 5);
	passes(1000);
	assert_int_equal(events_to(BOB, NULL), 1);
	assert_int_equal(events_to(CAROL, NULL), 1);
	assert_true(is_contact(BOB));
	ev = asked_for_roster();
	comes(&ev, EXTENT_WHOLE, &carol, 1);
	assert_false(is_contact(BOB));
}

static void
contacts_in_any_order_and_portion_are_the_same(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 7, 199, 200, 1000};
	size_t i, k;

	(void)state;
	on_ejabberd();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		roster_portions(sizes[i]);
		roster_empty();
		passes(61000);
		forget_sent();
		roster_has_many(ALICE, 200);
		passes(61000);
		for (k = 0; k < 200; k++)
			assert_int_equal(events_to(many(k), NULL), 1);
		/* and the other way round nobody is new */
		roster_empty();
		for (k = 200; k-- > 0;)
			roster_has(ALICE, many(k), SUBSCRIPTION_FROM, NULL);
		forget_sent();
		passes(61000);
		assert_int_equal(events_to(many(0), NULL) + events_to(many(199), NULL), 0);
	}
}

static void
a_roster_cut_with_the_link_changes_nothing(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	ev = asked_for_roster();
	comes(&ev, EXTENT_PORTION, &carol, 1);
	link_down();
	link_up();
	grant(GRANT_EVERYTHING);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	/* What still comes of it is nobody's. */
	comes(&ev, EXTENT_LAST, NULL, 0);
	passes(60000);
	assert_true(is_contact(BOB));
	assert_false(is_contact(CAROL));
}

static void
a_roster_that_stops_in_the_middle_changes_nothing(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	ev = asked_for_roster();
	comes(&ev, EXTENT_PORTION, &carol, 1);
	passes(9000); /* it may take its time */
	comes(&ev, EXTENT_PORTION, &carol, 1);
	passes(9000);
	comes(&ev, EXTENT_PORTION, &carol, 1);
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	passes(12000);
	comes(&ev, EXTENT_LAST, NULL, 0);
	assert_nothing_has_changed();
	behaves();
	passes(60000);
	assert_true(is_contact(BOB));
	assert_false(is_contact(CAROL));
}

static void
a_roster_too_large_in_the_middle_changes_nothing(void **state)
{
	struct event ev;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	ev = asked_for_roster();
	comes(&ev, EXTENT_PORTION, &carol, 1);
	comes(&ev, EXTENT_TOO_LARGE, NULL, 0);
	assert_nothing_has_changed();
	assert_logged("roster.too_large");
}

static void
a_group_in_portions_is_asked_at_the_end(void **state)
{
	static const char *const group[] = {"Devices"};
	const struct roster_item phone = {.jid = "cell@work.test", .name = "Cell", .groups = group, .ngroups = 1};
	struct event ev;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	comes(&ev, EXTENT_PORTION, &phone, 1);
	passes(1000);
	assert_int_equal(registry_devices(), 1);
	comes(&ev, EXTENT_LAST, &carol, 1);
	passes(1000);
	assert_int_equal(registry_devices(), 2);
	assert_string_equal(registry_device(ALICE, "cell@work.test")->label, "Cell");
}

static void
a_portion_of_another_kind_of_answer_is_nobodys(void **state)
{
	struct event ev;
	uint64_t before;

	(void)state;
	on_ejabberd();
	reacts(ACTION_PUBLISH, SILENCE, 1);
	says(DESK "/phone", "dnd");
	passes(1000);
	ev = answer_to(iq_last(ACTION_PUBLISH), COND_NONE);
	before = stats().strangers;
	ev.answer.extent = EXTENT_PORTION;
	feeds(&ev);
	assert_int_equal(stats().strangers, before + 1);
	ev.answer.extent = EXTENT_WHOLE;
	feeds(&ev);
	assert_int_equal(stats().strangers, before + 1);
}

/* A push comes on another stanza; but whatever order they have, each says what is so. */
static void
a_push_between_two_portions_counts(void **state)
{
	struct event ev, push;
	struct roster_item gone = bob;

	(void)state;
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	memset(&push, 0, sizeof(push));
	push.kind = EVENT_ROSTER_PUSH;
	push.from.bare = ALICE;
	push.to.bare = DOMAIN;
	push.roster.id = "p1";
	push.roster.nitems = 1;
	ev = asked_for_roster();
	comes(&ev, EXTENT_PORTION, &carol, 1);
	push.roster.items = &carol;
	feeds(&push);
	gone.remove = true;
	push.roster.items = &gone;
	feeds(&push);
	comes(&ev, EXTENT_LAST, NULL, 0);
	assert_true(is_contact(CAROL));
	assert_false(is_contact(BOB));
	/* And it is read once more. */
	roster_lacks(ALICE, BOB);
	roster_has(ALICE, CAROL, SUBSCRIPTION_BOTH, NULL);
	passes(15000);
	assert_true(is_contact(CAROL));
	assert_false(is_contact(BOB));
}

/* Whom a push has taken out of the group is asked nothing by a roster that was asked for before. */
static void
nobody_is_linked_by_a_roster_that_a_push_has_overtaken(void **state)
{
	static const char *const group[] = {"Devices"};
	const struct roster_item member = { .jid = CAROL,
		.subscription = SUBSCRIPTION_TO,
		.groups = group,
		.ngroups = 1 };
	struct event ev;

	(void)state;
	on_ejabberd();
	ev = asked_for_roster();
	pushes(&bob);
	comes(&ev, EXTENT_WHOLE, &member, 1);
	assert_null(registry_device(ALICE, CAROL));
	passes(15000);
	assert_null(registry_device(ALICE, CAROL));
	ev = asked_for_roster();
	comes(&ev, EXTENT_WHOLE, &member, 1);
	assert_non_null(registry_device(ALICE, CAROL));
}

/* What may be large */

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
	says(DESK "/phone", "dnd");
	passes(3000);
	ev = too_large_answer_to(iq_last(ACTION_PUBLISH), PAYLOAD_ROSTER);
	assert_false(admits(&ev));
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

/* Too large */

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

/* Four answers */

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

/* Memory */

static void
portions_without_memory_change_nothing(void **state)
{
	const struct roster_item bridge = {.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	struct roster_item items[40];
	struct event ev;
	unsigned long n;
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < 40; i++)
		items[i] = (struct roster_item){.jid = kept(many(i)), .subscription = SUBSCRIPTION_BOTH};
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	on_ejabberd();
	for (n = 1;; n++) {
		ev = asked_for_roster();
		ev.answer.extent = EXTENT_PORTION;
		ev.answer.roster.items = items;
		ev.answer.roster.nitems = 20;
		out_of_memory(true);
		link_takes(0);
		mem_fail_at(n);
		status = feeds_status(&ev);
		ev.answer.roster.items = items + 20;
		if (status == 0)
			status = feeds_status(&ev);
		ev.answer.extent = EXTENT_LAST;
		ev.answer.roster.items = &bridge;
		ev.answer.roster.nitems = 1;
		(void)feeds_status(&ev);
		mem_fail_at(0);
		link_takes((unsigned)-1);
		out_of_memory(false);
		if (status == 0)
			break;
		assert_nothing_has_changed();
		link_down();
		link_up();
		grant(GRANT_EVERYTHING);
		says(ALICE "/laptop", "on");
		says(DESK "/phone", "on");
		passes(120000);
	}
	assert_true(n > 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_roster_is_in_force_with_its_last_portion),
		TEST(a_roster_that_comes_slowly_is_not_given_up),
		TEST(a_contact_who_is_there_twice_is_one),
		TEST(contacts_in_any_order_and_portion_are_the_same),
		TEST(a_roster_cut_with_the_link_changes_nothing),
		TEST(a_roster_that_stops_in_the_middle_changes_nothing),
		TEST(a_roster_too_large_in_the_middle_changes_nothing),
		TEST(a_group_in_portions_is_asked_at_the_end),
		TEST(a_portion_of_another_kind_of_answer_is_nobodys),
		TEST(a_push_between_two_portions_counts),
		TEST(nobody_is_linked_by_a_roster_that_a_push_has_overtaken),
		TEST(only_a_roster_that_is_waited_for_may_be_large),
		TEST(a_roster_that_was_answered_may_not_be_large_once_more),
		TEST(a_roster_that_is_too_large_is_said_once_and_harms_nobody),
		TEST(one_who_is_alone_with_a_roster_that_is_too_large_keeps_the_link),
		TEST(nobody_waits_for_a_roster_that_is_too_large),
		TEST(any_answer_that_is_too_large_is_an_answer),
		TEST(an_answer_about_a_client_that_is_too_large_says_nothing),
		TEST(who_leaves_does_not_wait_for_one_that_is_too_large),
		TEST(an_error_is_told_from_an_account_that_is_not_there),
		TEST(portions_without_memory_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
