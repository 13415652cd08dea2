/* What the registry has not written yet, or could not, and what has ended: none of it is what it would be. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

/* She has left, and her last item can't be published yet. */
static void
is_leaving(void)
{
	reacts(ACTION_PUBLISH, SILENCE, -1);
	ends(ALICE);
	assert_true(registry_user(ALICE)->leaving);
}

static void
asks_her_bridge(const char *who)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from.bare = who;
	ev.to.bare = ALICE_BRIDGE;
	ev.request.id = "r1";
	ev.request.kind = REQUEST_INFO;
	feeds(&ev);
}

/* Links that never were */

static void
what_was_not_linked_has_no_end(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	runs(ALICE "/laptop", "unlink", "device", registry_last_device(), NULL);
	registry_is(REGISTRY_FAILS);
	fails_with("ended in the meantime");
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_devices(), 0);
	links(DESK, "Desk phone");
}

/* Consent that is on its way */

static void
a_row_written_meanwhile_takes_back_no_consent(void **state)
{
	const char *id;

	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	says_yes(DESK);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	says(DESK "/phone", "dnd");
	/* What is shown from now on has to be agreed in the registry, whatever is still to be written. */
	registry_writes(2);
	assert_publishes("Office", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_true(registry_device(ALICE, DESK)->confirmed);
}

static void
a_consent_written_after_an_edit_takes_nothing_back(void **state)
{
	const char *id;

	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	says_yes(DESK);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_string_equal(registry_device(ALICE, DESK)->label, "Office");
}

static void
two_halves_are_shown_when_one_row_has_both(void **state)
{
	(void)state;
	links(DESK, "Desk phone");
	registry_is(REGISTRY_WAITS);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	registry_writes(1);
	assert_quiet(5000);
	registry_writes(1);
	assert_publishes("Desk phone", "dnd");
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
}

static void
what_is_written_later_is_not_durable_now(void **state)
{
	const char *id;

	(void)state;
	links(DESK, "Desk phone");
	approves(DESK);
	id = device_id("Desk phone");
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	registry_writes(1);
	assert_quiet(5000);
	registry_is(REGISTRY_WORKS);
	assert_publishes("Office", "dnd");
}

static void
an_end_takes_back_both_halves(void **state)
{
	(void)state;
	ends(DESK);
	assert_false(registry_device(ALICE, DESK)->approved);
	assert_false(registry_device(ALICE, DESK)->confirmed);
}

static void
an_end_is_published_while_others_are_waited_for(void **state)
{
	(void)state;
	link_down();
	link_up();
	grant(GRANT_ALL);
	catch_up();
	ends(DESK);
	passes(500);
	assert_int_equal(publishes(), 1);
	assert_shows("Desk phone", "absent");
	assert_shows("laptop", "on"); /* as it was, until it has answered or is known not to */
}

/* Links whose row is on its way */

static void
nobody_agrees_to_a_link_before_it_is_written(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	runs(DESK "/phone", "confirm", NULL);
	fails_with("Nobody waits");
	says_yes(DESK);
	approves(DESK);
	registry_is(REGISTRY_WORKS);
	assert_false(registry_device(ALICE, DESK)->confirmed);
	assert_false(registry_device(ALICE, DESK)->approved);
}

static void
nobody_is_told_of_a_link_before_it_is_written(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	forget_sent();
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	runs(DESK "/phone", "devices", NULL);
	assert_non_null(reply.rows);
	assert_string_equal(reply.rows, "");
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 0);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, DESK), 1);
}

static void
an_enrolment_on_its_way_is_none(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_ALL);
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "enrol", NULL);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("not enrolled");
	asks_her_bridge(ALICE);
	assert_string_equal(reply.name, "Device presence");
	registry_is(REGISTRY_WORKS);
	asks_her_bridge(ALICE);
	assert_string_equal(reply.name, "Devices of " ALICE);
}

/* Who has left */

static void
who_leaves_is_not_enrolled_any_more(void **state)
{
	(void)state;
	is_leaving();
	runs(ALICE "/laptop", "link", "jid", "carol@home.test", NULL);
	fails_with("not enrolled");
	asks_her_bridge(ALICE);
	assert_string_equal(reply.name, "Device presence");
}

static void
who_leaves_hears_nothing_any_more(void **state)
{
	size_t resources;

	(void)state;
	is_leaving();
	resources = stats().resources;
	forget_sent();
	says(ALICE "/new", "on");
	says(DESK "/new", "on");
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(stats().resources, resources);
	assert_int_equal(emissions(), 0);
}

static void
a_guess_of_who_leaves_is_not_written(void **state)
{
	(void)state;
	client_is(DESK "/new", "phone");
	reacts(ACTION_INFO_GET, HOLDS, 1);
	says(DESK "/new", "on");
	passes(1000);
	is_leaving();
	release_first();
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
}

static void
no_row_is_written_behind_their_deletion(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "leave", "sure", "1", NULL);
	passes(5000); /* her rows are being deleted */
	/* Which makes the node one that has to be made silent, and that is noted first. */
	settings.deliver = DELIVER_ALWAYS;
	settings.access = ACCESS_WHITELIST;
	configures();
	passes(5000);
	registry_is(REGISTRY_WORKS);
	passes(60000);
	assert_int_equal(registry_users(), 0);
}

static void
rows_are_deleted_once(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, -1);
	ends(ALICE);
	passes(1000);
	registry_is(REGISTRY_WAITS);
	released();
	/* A new stream finds her leaving still. */
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(5000);
	registry_is(REGISTRY_WORKS); /* which has nobody to delete a second time */
	assert_int_equal(registry_users(), 0);
	enrols(ALICE);
}

static void
who_goes_while_waiting_for_a_turn_has_none(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, -1);
	ends(ALICE);
	passes(1000);
	registry_is(REGISTRY_WAITS);
	released();
	link_down();
	link_up();
	grant(GRANT_ALL);
	link_takes(0);
	passes(1000);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(stats().users, 0);
	link_takes((unsigned)-1);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(5000);
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "x"), "on");
}

static void
what_was_asked_of_who_has_gone_has_no_answer(void **state)
{
	unsigned before;

	(void)state;
	reacts(ACTION_ROSTER_GET, SILENCE, -1);
	before = iq_count(ACTION_ROSTER_GET);
	while (iq_count(ACTION_ROSTER_GET) == before)
		passes(1000);
	ends(ALICE);
	passes(5000);
	assert_int_equal(registry_users(), 0);
	assert_int_equal(stats().queries, 0);
	passes(60000);
}

/* Ends that could not be written */

static void
a_leave_that_could_not_be_written_is_written_later(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, SILENCE, -1);
	registry_is(REGISTRY_FAILS);
	ends(ALICE);
	assert_false(registry_user(ALICE)->leaving);
	registry_is(REGISTRY_WORKS);
	passes(12000);
	assert_true(registry_user(ALICE)->leaving);
}

static void
an_unwritten_end_is_not_linked_over(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	fails_with("registry");
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
nor_one_that_is_being_written(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	ends(DESK);
	runs(ALICE "/laptop", "link", "jid", DESK, NULL);
	registry_is(REGISTRY_FAILS); /* all of it */
	registry_is(REGISTRY_WORKS);
	passes(30000);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_REVOKED);
}

static void
has_more_resources_than_there_is_room_for(void)
{
	char full[64];
	int i;

	for (i = 0; i < 2 * USER_DEVICES_MAX; i++) {
		snprintf(full, sizeof(full), ALICE "/r%d", i);
		says(full, "on");
	}
}

/* Its row says so, or has made room since for a client that had found no place. */
static void
has_ended_for_good(void)
{
	const struct device_record *row = registry_device(ALICE, DESK);

	assert_true(row == NULL || row->state == LINK_REVOKED);
}

static void
an_end_that_is_being_written_makes_no_room(void **state)
{
	(void)state;
	registry_is(REGISTRY_WAITS);
	ends(DESK);
	has_more_resources_than_there_is_room_for();
	registry_is(REGISTRY_FAILS);
	registry_is(REGISTRY_WORKS);
	passes(30000);
	has_ended_for_good();
}

static void
an_unwritten_end_makes_no_room(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	has_more_resources_than_there_is_room_for();
	assert_non_null(registry_device(ALICE, DESK));
	registry_is(REGISTRY_WORKS);
	passes(30000);
	has_ended_for_good();
}

static void
an_account_is_not_linked_again_before_its_end_is_written(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	registry_is(REGISTRY_WORKS);
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Again", NULL);
	fails_with("has not ended for good");
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	says(ALICE "/laptop", "on");
	assert_int_equal(registry_devices(), 1);
	ends(DESK);
	passes(30000);
	links(DESK, "Again");
	assert_int_equal(registry_devices(), 1);
}

static void
a_registry_that_fails_is_asked_every_ten_seconds(void **state)
{
	(void)state;
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	passes(60000);
	assert_in_range(times_logged("registry.unsaved"), 5, 8);
}

static void
generations_grow_over_restarts(void **state)
{
	uint32_t before = registry_device(ALICE, DESK)->generation;

	(void)state;
	ends(DESK);
	passes(1000);
	restart();
	link_up();
	grant(GRANT_ALL);
	links(DESK, "Desk phone");
	assert_true(registry_device(ALICE, DESK)->generation > before);
}

/* Commands */

static void
an_ended_device_is_none_to_be_changed(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	ends(DESK);
	runs(ALICE "/laptop", "edit", "device", id, "label", "Office", NULL);
	fails_with("no such device");
	runs(ALICE "/laptop", "unlink", NULL);
	assert_int_equal(reply.status, STATUS_COMPLETED);
	assert_non_null(strstr(reply.note, "no device"));
}

static void
what_is_left_empty_stays_as_it_is(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	runs(ALICE "/laptop", "edit", "device", id, "kind", "fixed", "status-text", "1", NULL);
	succeeds();
	runs(ALICE "/laptop", "edit", "device", id, "label", "", "kind", "", "visibility", "", "status-text", "", NULL);
	succeeds();
	assert_true(registry_device(ALICE, DESK)->show_status);
	passes(5000);
	assert_int_equal(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->kind, KIND_FIXED);
}

static void
the_client_that_asked_is_answered(void **state)
{
	(void)state;
	runs(ALICE "/laptop", "link", "jid", BOB, NULL);
	succeeds();
	assert_non_null(reply.to_resource);
	assert_string_equal(reply.to_resource, "laptop");
}

static void
what_is_no_chat_is_not_answered(void **state)
{
	struct event ev;

	(void)state;
	links(BOB, "Bob's");
	passes(10000);
	forget_sent();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_MESSAGE;
	ev.from.bare = BOB;
	ev.to.bare = ALICE_BRIDGE;
	ev.message.word = WORD_OTHER;
	feeds(&ev);
	assert_int_equal(emissions(), 0);
	ev.message.chat = true;
	feeds(&ev);
	assert_int_equal(emissions(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(what_was_not_linked_has_no_end),
		TEST_ENROLLED(a_row_written_meanwhile_takes_back_no_consent),
		TEST_ENROLLED(a_consent_written_after_an_edit_takes_nothing_back),
		TEST_ENROLLED(two_halves_are_shown_when_one_row_has_both),
		TEST_ENROLLED(what_is_written_later_is_not_durable_now),
		TEST_LINKED(an_end_takes_back_both_halves),
		TEST_LINKED(an_end_is_published_while_others_are_waited_for),
		TEST_ENROLLED(nobody_agrees_to_a_link_before_it_is_written),
		TEST_ENROLLED(nobody_is_told_of_a_link_before_it_is_written),
		TEST(an_enrolment_on_its_way_is_none),
		TEST_LINKED(who_leaves_is_not_enrolled_any_more),
		TEST_LINKED(who_leaves_hears_nothing_any_more),
		TEST_LINKED(a_guess_of_who_leaves_is_not_written),
		TEST_LINKED(no_row_is_written_behind_their_deletion),
		TEST_LINKED(rows_are_deleted_once),
		TEST_LINKED(who_goes_while_waiting_for_a_turn_has_none),
		TEST_LINKED(what_was_asked_of_who_has_gone_has_no_answer),
		TEST_LINKED(a_leave_that_could_not_be_written_is_written_later),
		TEST_LINKED(an_unwritten_end_is_not_linked_over),
		TEST_LINKED(nor_one_that_is_being_written),
		TEST_LINKED(an_unwritten_end_makes_no_room),
		TEST_LINKED(an_end_that_is_being_written_makes_no_room),
		TEST_LINKED(an_account_is_not_linked_again_before_its_end_is_written),
		TEST_LINKED(a_registry_that_fails_is_asked_every_ten_seconds),
		TEST_LINKED(generations_grow_over_restarts),
		TEST_LINKED(an_ended_device_is_none_to_be_changed),
		TEST_LINKED(what_is_left_empty_stays_as_it_is),
		TEST_LINKED(the_client_that_asked_is_answered),
		TEST_LINKED(what_is_no_chat_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
