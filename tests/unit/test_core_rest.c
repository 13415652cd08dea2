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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(answers_that_went_with_the_link_leave_room_for_others),
		TEST_LINKED(nor_do_they_add_up_over_many_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
