/* Rosters whole or in portions: in force with the last one, and with none of them if it doesn't come. */
#include <string.h>

#include "base/mem.h"
#include "core_fixture.h"
#include "roster_fixture.h"

/* Bob is a contact, and nobody else, for all that could be seen since the last forget_sent(). */
static void
assert_nothing_has_changed(void)
{
	assert_int_equal(events_to(CAROL, NULL) + events_to(many(0), NULL), 0);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
}

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
		TEST(portions_without_memory_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
