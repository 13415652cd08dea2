/*
 * How long an item stands (DESIGN.md, section 6: expires), and that it stands
 * for as long as it should when clocks and settings change (F14, F16).
 */
#include "core_fixture.h"

#define HOUR_MS (INT64_C(3600000))

/* The public item as the server has it stands for so many hours from now, less what is to spread them. */
static void
assert_stands_for(int64_t hours)
{
	int64_t left = node_item(ALICE, NODE_DEVICES)->expires_ms - wall_now();

	assert_in_range(left, hours * HOUR_MS * 80 / 100, hours * HOUR_MS);
}

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
}

static void
an_item_is_refreshed_before_it_expires(void **state)
{
	const struct published *before = last_published(ALICE, NODE_DEVICES), *after;

	(void)state;
	assert_in_range(before->expires_ms - before->updated_ms, 21 * 3600 * 1000, 24 * 3600 * 1000);
	passes(11 * 3600 * 1000);
	assert_int_equal(publishes(), 0);
	passes(2 * 3600 * 1000);
	assert_int_equal(publishes(), 1);
	after = last_published(ALICE, NODE_DEVICES);
	assert_true(after->expires_ms > before->expires_ms + 11 * 3600 * 1000);
	passes(12 * 3600 * 1000);
	assert_int_equal(publishes(), 2);
}

static void
the_longest_life_is_as_long_as_it_says(void **state)
{
	(void)state;
	settings.expire_s = 90U * 86400;
	configures();
	has_enrolled(GRANT_ALL & ~GRANT_ROSTER);
	says(ALICE "/laptop", "away");
	passes(5000);
	assert_stands_for(90 * 24);
	catch_up();
	/* It is made anew at half of it. */
	passes(44 * 24 * HOUR_MS);
	assert_int_equal(publishes(), 0);
	passes(2 * 24 * HOUR_MS);
	assert_int_equal(publishes(), 1);
	assert_stands_for(90 * 24);
}

static void
an_item_in_which_all_is_off_does_not_expire(void **state)
{
	(void)state;
	says(ALICE "/laptop", "off");
	says(DESK "/phone", "off");
	passes(1200 * 1000);
	catch_up();
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->expires_ms, 0);
	passes(INT64_C(48) * 3600 * 1000);
	assert_int_equal(publishes(), 0);
}

static void
a_restart_refreshes_what_is_about_to_expire(void **state)
{
	(void)state;
	link_down();
	passes(13 * 3600 * 1000);
	restart();
	catch_up();
	comes_back();
	passes(60000);
	assert_int_equal(publishes(), 1);
}

static void
a_restart_does_not_forget_when_an_item_expires(void **state)
{
	(void)state;
	link_down();
	passes(5 * 3600 * 1000);
	restart();
	catch_up();
	comes_back();
	assert_quiet(5 * 3600 * 1000);
	passes(3 * 3600 * 1000);
	assert_int_equal(publishes(), 1);
}

static void
a_clock_that_is_set_renews_what_expires(void **state)
{
	int64_t expires;

	(void)state;
	has_enrolled(GRANT_ALL);
	expires = last_published(ALICE, NODE_DEVICES)->expires_ms;
	assert_true(expires > wall_now());
	clock_is_set(30 * INT64_C(86400000)); /* what was published is long over by this clock */
	passes(5000);
	assert_int_equal(publishes(), 1);
	expires = last_published(ALICE, NODE_DEVICES)->expires_ms;
	assert_in_range(expires - wall_now(), 20 * 3600000, 24 * 3600000);
	catch_up();
	clock_is_set(-30 * INT64_C(86400000)); /* and would stand for a month by this one */
	passes(5000);
	assert_int_equal(publishes(), 1);
	expires = last_published(ALICE, NODE_DEVICES)->expires_ms;
	assert_in_range(expires - wall_now(), 20 * 3600000, 24 * 3600000);
	catch_up();
	clock_is_set(30000);
	assert_quiet(60000);
}

static void
a_private_item_alone_does_not_keep_the_public_one_fresh(void **state)
{
	unsigned i;

	(void)state;
	has_enrolled(GRANT_ALL);
	says(ALICE "/tablet", "on");
	runs(ALICE "/laptop", "edit", "device", device_id("tablet"), "visibility", "self", NULL);
	passes(5000);
	catch_up();
	for (i = 0; i < 20; i++) {
		says(ALICE "/tablet", i % 2 == 0 ? "away" : "dnd");
		passes(3600000);
	}
	assert_in_range(publishes(), 1, 2); /* of the public item, which has not changed */
	assert_true(node_item(ALICE, NODE_DEVICES)->expires_ms > wall_now() + 3600000);
}

static void
a_clock_that_is_set_while_an_item_is_on_its_way_is_noticed(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	clock_is_set(-30 * HOUR_MS);
	released();
	passes(5000);
	assert_int_equal(publishes(), 2);
	assert_stands_for(24);
}

static void
nor_is_it_missed_while_an_item_is_renewed(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	clock_is_set(48 * HOUR_MS);
	assert_int_equal(publishes(), 1);
	clock_is_set(-24 * HOUR_MS);
	released();
	passes(5000);
	assert_stands_for(24);
	catch_up();
	assert_quiet(11 * HOUR_MS);
	passes(2 * HOUR_MS);
	assert_int_equal(publishes(), 1);
}

static void
another_life_applies_to_what_is_published_already(void **state)
{
	(void)state;
	settings.expire_s = 4 * 3600;
	configures();
	passes(5000);
	assert_int_equal(publishes(), 1);
	assert_stands_for(4);
	settings.expire_s = 0;
	configures();
	passes(5000);
	assert_int_equal(publishes(), 2);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->expires_ms, 0);
	catch_up();
	assert_quiet(48 * HOUR_MS);
	settings.expire_s = 24 * 3600;
	configures();
	passes(5000);
	assert_int_equal(publishes(), 1);
	assert_stands_for(24);
	catch_up();
	configures();
	assert_quiet(60000);
}

static void
another_life_applies_after_a_restart_too(void **state)
{
	(void)state;
	link_down();
	settings.expire_s = 4 * 3600;
	restart();
	catch_up();
	comes_back();
	passes(60000);
	assert_int_equal(publishes(), 1);
	assert_stands_for(4);
}

static void
a_life_that_changes_concerns_no_item_that_does_not_expire(void **state)
{
	(void)state;
	says(ALICE "/laptop", "off");
	says(DESK "/phone", "off");
	passes(1200 * 1000);
	catch_up();
	settings.expire_s = 3600;
	configures();
	assert_quiet(48 * HOUR_MS);
}

static void
another_access_model_applies_to_what_is_published_already(void **state)
{
	(void)state;
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	settings.access = ACCESS_WHITELIST;
	configures();
	passes(60000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	catch_up();
	assert_quiet(600000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(an_item_is_refreshed_before_it_expires),
		TEST(the_longest_life_is_as_long_as_it_says),
		TEST_LINKED(an_item_in_which_all_is_off_does_not_expire),
		TEST_LINKED(a_restart_refreshes_what_is_about_to_expire),
		TEST_LINKED(a_restart_does_not_forget_when_an_item_expires),
		TEST(a_clock_that_is_set_renews_what_expires),
		TEST(a_private_item_alone_does_not_keep_the_public_one_fresh),
		TEST_LINKED(a_clock_that_is_set_while_an_item_is_on_its_way_is_noticed),
		TEST_LINKED(nor_is_it_missed_while_an_item_is_renewed),
		TEST_LINKED(another_life_applies_to_what_is_published_already),
		TEST_LINKED(another_life_applies_after_a_restart_too),
		TEST_LINKED(a_life_that_changes_concerns_no_item_that_does_not_expire),
		TEST_LINKED(another_access_model_applies_to_what_is_published_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
