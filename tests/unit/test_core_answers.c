/* Answers to what anybody may ask (THREATS 26): whose turn it is, how many wait, and who makes room. */
#include <string.h>

#include "core_fixture.h"
#include "share_fixture.h"

static void
who_asks_once_does_not_wait_behind_who_asks_always(void **state)
{
	(void)state;
	link_takes(0);
	pings(BOB, 100);
	runs(ALICE "/x", "devices", NULL);
	link_takes(2);
	assert_non_null(strstr(reply.rows, "Desk phone"));
}

static void
a_domain_asks_as_one_whoever_of_it(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	for (i = 0; i < 200; i++)
		pings(numbered("x", i, "@evil.test"), 1);
	runs(DESK "/x", "devices", NULL);
	link_takes(2);
	assert_non_null(strstr(reply.rows, ALICE));
}

static void
domains_however_many_alternate_with_accounts(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	for (i = 0; i < 200; i++)
		pings(numbered("x@evil", i, ".test"), 1);
	runs(ALICE "/x", "devices", NULL);
	runs(ALICE "/y", "devices", NULL);
	link_takes(2);
	link_takes(2);
	assert_string_equal(reply.to_resource, "y");
}

/* Is RESOURCE answered among the next N? */
static bool
is_among(const char *resource, unsigned n)
{
	bool found = false;

	while (n-- > 0) {
		link_takes(1);
		found = found || (reply.to_resource != NULL && strcmp(reply.to_resource, resource) == 0);
	}
	return found;
}

/* A domain may ask by itself, and writes itself as it likes. */
static void
a_domain_that_asks_by_itself_is_one_of_them(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	runs(ALICE "/1", "devices", NULL);
	runs(ALICE "/2", "devices", NULL);
	runs(ALICE "/3", "devices", NULL);
	for (i = 0; i < ANSWERS_MAX + 10; i++)
		pings(numbered("evil", i, ".test"), 1);
	assert_int_equal(stats().unanswered, 10);
	assert_true(is_among("3", 8));
}

static void
in_whatever_form_it_is_written(void **state)
{
	(void)state;
	link_takes(0);
	pings("a@xn--bcher-kva.test", 20);
	pings("a@b\xc3\xbc"
	      "cher.test",
	    20);
	runs("eve@evil.test/eve", "devices", NULL);
	assert_true(is_among("eve", 2));
}

static void
who_has_most_that_waits_makes_room(void **state)
{
	unsigned before = reply.count;

	(void)state;
	link_takes(0);
	pings(BOB, ANSWERS_MAX + 10);
	assert_int_equal(stats().waiting, ANSWERS_MAX);
	assert_int_equal(stats().unanswered, 10);
	runs(ALICE "/x", "devices", NULL);
	assert_int_equal(stats().waiting, ANSWERS_MAX);
	assert_int_equal(stats().unanswered, 11);
	link_takes(2);
	assert_int_equal(reply.count, before + 2);
	assert_string_equal(reply.to_resource, "x");
	/* Accounts don't lose theirs to domains. */
	pings("x@evil.test", ANSWERS_MAX + 10);
	assert_int_equal(stats().unanswered, 21);
	link_takes((unsigned)-1);
	assert_int_equal(reply.count, before + 2 * ANSWERS_MAX);
}

/* Bytes of an answer to a ping of BOB: its id, who answers, and whom. */
static void
fills(size_t bytes)
{
	size_t rest = strlen(ALICE_BRIDGE) + 1 + strlen(BOB) + 1 + strlen("x") + 1 + 1;

	while (bytes > 65536) {
		pings_with(BOB, long_text(65536 - rest));
		bytes -= 65536;
	}
	pings_with(BOB, long_text(bytes - rest));
}

static void
a_mebibyte_of_answers_waits_and_one_more(void **state)
{
	(void)state;
	link_takes(0);
	fills(ANSWERS_BYTES_MAX - 1);
	assert_int_equal(stats().unanswered, 0);
	pings(BOB, 1);
	assert_int_equal(stats().unanswered, 0);
	pings(BOB, 1);
	assert_int_equal(stats().unanswered, 1);
	link_takes((unsigned)-1);
	link_takes(0);
	fills(ANSWERS_BYTES_MAX);
	pings(BOB, 1);
	assert_int_equal(stats().unanswered, 2);
	/* Somebody else has room all the same. */
	runs(ALICE "/x", "devices", NULL);
	link_takes(2);
	assert_string_equal(reply.to_resource, "x");
}

/* Her large answer, and many small ones of 300 others, of so many bytes each, before and behind it. */
static void
assert_keeps_a_large_one(size_t bytes, const char *last)
{
	unsigned i;

	link_takes(0);
	for (i = 0; i < 2000; i++)
		pings_with(numbered("m", i % 300, "@home.test"), long_text(bytes));
	runs(ALICE "/alice", "devices", NULL);
	for (i = 0; i < 2000; i++)
		pings_with(numbered("m", i % 300, "@home.test"), long_text(bytes));
	/* Nor does it keep others from the only one of theirs. */
	runs(BOB "/bob", "devices", NULL);
	assert_true(is_among(last, 1000));
	link_takes((unsigned)-1);
}

static void
one_answer_is_not_thrown_out_for_many_small_ones(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 24; i++)
		links(numbered("far", i, "@far.test"), numbered("Label ", i, long_text(80)));
	assert_keeps_a_large_one(200, "alice");
	assert_keeps_a_large_one(200, "bob");
	assert_keeps_a_large_one(1000, "alice");
	assert_keeps_a_large_one(1000, "bob");
}

static void
who_waits_for_one_keeps_it_when_all_do(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	runs("m0@home.test/first", "devices", NULL);
	for (i = 1; i < ANSWERS_MAX + 7; i++)
		pings(numbered("m", i, "@home.test"), 1);
	assert_int_equal(stats().waiting, ANSWERS_MAX);
	assert_int_equal(stats().unanswered, 7);
	assert_true(is_among("first", 2));
	link_takes((unsigned)-1);
}

static void
who_asks_her_bridge_again_and_again_is_accepted_once(void **state)
{
	unsigned i;

	(void)state;
	link_takes(0);
	forget_sent();
	for (i = 0; i < 1000; i++)
		sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(stats().waiting, 1);
	link_takes((unsigned)-1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, ALICE), 1);
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, ALICE), 2);
}

static void
what_was_not_sent_on_one_stream_is_on_the_next(void **state)
{
	(void)state;
	link_takes(0);
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	link_down();
	forget_sent();
	link_up();
	sends(ALICE, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	link_takes((unsigned)-1);
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBED, ALICE), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(who_asks_once_does_not_wait_behind_who_asks_always),
		TEST_LINKED(a_domain_asks_as_one_whoever_of_it),
		TEST_LINKED(domains_however_many_alternate_with_accounts),
		TEST_LINKED(a_domain_that_asks_by_itself_is_one_of_them),
		TEST_LINKED(in_whatever_form_it_is_written),
		TEST_LINKED(who_has_most_that_waits_makes_room),
		TEST_LINKED(a_mebibyte_of_answers_waits_and_one_more),
		TEST_LINKED(one_answer_is_not_thrown_out_for_many_small_ones),
		TEST_LINKED(who_waits_for_one_keeps_it_when_all_do),
		TEST_LINKED(who_asks_her_bridge_again_and_again_is_accepted_once),
		TEST_LINKED(what_was_not_sent_on_one_stream_is_on_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
