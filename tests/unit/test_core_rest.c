/* Counters that come home: what waited, and went with the link, is no burden afterwards. */
#include <string.h>

#include "core_fixture.h"

static void
comes_back(void)
{
	link_down();
	link_takes((unsigned)-1);
	link_up();
	grant(GRANT_ALL);
	passes(60000);
}

/* N pings by a stranger, which the server doesn't read the answers of. */
static void
asks_without_reading(unsigned n)
{
	struct event ev = { .kind = EVENT_REQUEST, .from = {BOB, "x"}, .to = {ALICE_BRIDGE, NULL} };

	link_takes(0);
	ev.request.id = "r";
	ev.request.kind = REQUEST_PING;
	while (n-- > 0)
		assert_int_equal(feeds_status(&ev), 0);
}

static void
is_answered(void)
{
	struct event ev = { .kind = EVENT_REQUEST, .from = {BOB, "x"}, .to = {ALICE_BRIDGE, NULL} };
	unsigned before = reply.count;

	ev.request.id = "r";
	ev.request.kind = REQUEST_PING;
	feeds(&ev);
	assert_int_equal(reply.count, before + 1);
	runs(ALICE "/x", "devices", NULL);
	assert_int_equal(reply.count, before + 2);
	forget_sent();
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, NULL), 1);
	ends(DESK);
	assert_logged("device.ended");
}

static void
answers_that_went_with_the_link_leave_room_for_others(void **state)
{
	(void)state;
	asks_without_reading(ANSWERS_MAX);
	comes_back();
	is_answered();
}

static void
nor_do_they_add_up_over_many_streams(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * ANSWERS_MAX / 64; i++) {
		asks_without_reading(64);
		comes_back();
	}
	is_answered();
}

static void
yes_said_again_and_again_is_written_once(void **state)
{
	struct event ev = { .kind = EVENT_MESSAGE, .from = {DESK, "x"}, .to = {ALICE_BRIDGE, NULL} };
	unsigned i;

	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	approves(DESK);
	passes(1000);
	forget_sent();
	ev.message.chat = true;
	ev.message.word = WORD_YES;
	link_takes(0);
	for (i = 0; i < 20000; i++)
		assert_int_equal(feeds_status(&ev), 0);
	assert_in_range(stats().waiting, 1, 2);
	link_takes((unsigned)-1);
	assert_int_equal(registry_device(ALICE, DESK)->state, LINK_ACTIVE);
	assert_told(DESK, "Thank you");
}

/* Writes, and what is answered to whom, wait within their bounds; later commands are taken again. */
static void
edits_wait_within_a_bound_for_a_server_that_does_not_read(void **state)
{
	struct event ev = { .kind = EVENT_COMMAND, .from = {ALICE, "x"}, .to = {DOMAIN, NULL} };
	struct form_value fields[] = { {"device", NULL}, {"label", "Office"} };
	unsigned i;

	(void)state;
	fields[0].value = device_id("Desk phone");
	ev.command.id = "x";
	ev.command.node = "edit";
	ev.command.set = true;
	ev.command.fields = fields;
	ev.command.nfields = 2;
	link_takes(0);
	for (i = 0; i < WRITES_MAX - 1; i++)
		assert_int_equal(feeds_status(&ev), 0);
	assert_int_equal(stats().waiting, WRITES_MAX - 1);
	for (i = 0; i < 20000; i++)
		assert_int_equal(feeds_status(&ev), 0);
	assert_in_range(stats().waiting, WRITES_MAX, WRITES_MAX + ANSWERS_MAX);
	link_takes((unsigned)-1);
	assert_int_equal(stats().waiting, 0);
	passes(1000);
	assert_shows("Office", "on");
	runs(ALICE "/x", "edit", "device", fields[0].value, "label", "Home", NULL);
	succeeds();
}

static void
help_waits_for_nobody_who_does_not_read(void **state)
{
	struct event ev = { .kind = EVENT_MESSAGE, .from = {ALICE, "x"}, .to = {ALICE_BRIDGE, NULL} };
	unsigned i;

	(void)state;
	ev.message.chat = true;
	ev.message.word = WORD_OTHER;
	link_takes(0);
	for (i = 0; i < 2 * ANSWERS_MAX; i++) {
		assert_int_equal(feeds_status(&ev), 0);
		stalls(6000);
	}
	assert_in_range(stats().waiting, ANSWERS_MAX / 2, ANSWERS_MAX + 64);
	link_takes((unsigned)-1);
	forget_sent();
	passes(6000);
	feeds(&ev);
	assert_told(ALICE, "devices");
}

/* One user who comes and goes is read within the budget, and in the end (THREATS 26). */
static void
who_comes_and_goes_has_her_roster_read_now_and_then(void **state)
{
	unsigned before, i;

	(void)state;
	server.name = "ejabberd";
	comes_back();
	says(ALICE "/x", "on");
	passes(120000);
	before = iq_count(ACTION_ROSTER_GET);
	for (i = 0; i < 200; i++) {
		says(ALICE "/x", "off");
		says(ALICE "/x", "on");
		passes(10);
	}
	assert_in_range(iq_count(ACTION_ROSTER_GET) - before, 0, 2 * settings.rosters_per_s + 21);
	before = iq_count(ACTION_ROSTER_GET);
	says(ALICE "/x", "off");
	passes(61000);
	assert_true(iq_count(ACTION_ROSTER_GET) > before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(answers_that_went_with_the_link_leave_room_for_others),
		TEST_LINKED(nor_do_they_add_up_over_many_streams),
		TEST(yes_said_again_and_again_is_written_once),
		TEST_LINKED(edits_wait_within_a_bound_for_a_server_that_does_not_read),
		TEST_LINKED(help_waits_for_nobody_who_does_not_read),
		TEST_LINKED(who_comes_and_goes_has_her_roster_read_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
