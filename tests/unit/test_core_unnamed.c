/* An account without resources, as gateways and telephone systems have them, says all of itself from its bare JID. */
#include "core_fixture.h"

#define EXTENSION "12@pbx.test"

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
}

static int
setup(void **state)
{
	static const char *const trusted[] = {"pbx.test"};

	core_setup(state);
	settings.trusted = trusted;
	settings.ntrusted = 1;
	configures();
	has_enrolled(GRANT_ALL);
	links(EXTENSION, "Telephone");
	approves(EXTENSION);
	passes(5000);
	catch_up();
	forget_sent();
	return 0;
}

static int
setup_on(void **state)
{
	setup(state);
	says(EXTENSION, "on");
	assert_publishes("Telephone", "on");
	return 0;
}

static void
what_it_says_from_its_bare_jid_is_shown(void **state)
{
	(void)state;
	says(EXTENSION, "on");
	assert_publishes("Telephone", "on");
	says(EXTENSION, "dnd");
	assert_publishes("Telephone", "dnd");
	assert_int_equal(stats().resources, 2); /* the laptop's and this one */
	assert_int_not_equal(last_published(ALICE, NODE_DEVICES)->expires_ms, 0);
}

static void
its_priority_counts(void **state)
{
	(void)state;
	says_priority(ALICE "/laptop", "on", 5);
	says_priority(EXTENSION, "on", 4);
	assert_publishes("Telephone", "on");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "laptop")->preferred);
	says_priority(EXTENSION, "on", 6);
	assert_publishes("Telephone", "on");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Telephone")->preferred);
}

static void
a_named_resource_ends_the_unnamed_one(void **state)
{
	(void)state;
	says(EXTENSION "/line1", "on");
	assert_publishes("Telephone", "on"); /* another resource, which looks the same */
	says(EXTENSION "/line1", "off");
	assert_publishes("Telephone", "off");
}

static void
beside_named_ones_the_bare_jid_is_ignored(void **state)
{
	(void)state;
	says(EXTENSION "/line1", "dnd");
	assert_publishes("Telephone", "dnd");
	says(EXTENSION, "chat");
	assert_quiet(5000);
	says(EXTENSION "/line1", "off");
	assert_publishes("Telephone", "off");
	says(EXTENSION, "chat"); /* beside nothing it counts */
	assert_publishes("Telephone", "chat");
}

static void
unavailable_from_the_bare_jid_ends_it(void **state)
{
	(void)state;
	is_gone(EXTENSION);
	assert_publishes("Telephone", "off");
	assert_int_equal(stats().resources, 1);
}

static void
it_is_probed_and_nothing_else_is_waited_for(void **state)
{
	(void)state;
	restart();
	catch_up();
	comes_back();
	reacts(ACTION_INFO_GET, SILENCE, -1); /* ejabberd lets no IQ out to a bare JID of another domain */
	says(ALICE "/laptop", "on");
	passes(11000); /* the laptop's disco */
	answers(EXTENSION, "dnd");
	passes(500);
	assert_int_equal(stats().unsettled, 0);
	assert_publishes("Telephone", "dnd");
}

static void
its_kind_is_asked_for_at_its_bare_jid(void **state)
{
	(void)state;
	client_is(EXTENSION, "phone");
	says(EXTENSION, "on");
	passes(5000);
	assert_int_equal(device_in(last_published(ALICE, NODE_DEVICES), "Telephone")->kind, KIND_MOBILE);
	assert_string_equal(iq_last(ACTION_INFO_GET)->to, EXTENSION);
	assert_null(iq_last(ACTION_INFO_GET)->to_resource);
}

static void
a_lost_link_does_not_end_it(void **state)
{
	(void)state;
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	assert_quiet(20000);
	says(EXTENSION, "on");
	assert_quiet(60000);
	assert_int_equal(stats().unsettled, 0);
}

static void
without_an_answer_it_is_offline_at_the_end_of_the_wait(void **state)
{
	(void)state;
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	passes(31000);
	assert_shows("Telephone", "off");
}

static void
what_had_resources_before_the_link_was_lost_may_have_none_now(void **state)
{
	(void)state;
	says(EXTENSION "/line1", "dnd");
	assert_publishes("Telephone", "dnd");
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	says(EXTENSION, "away");
	passes(31000);
	assert_shows("Telephone", "away");
}

static void
the_user_s_own_account_has_resources(void **state)
{
	(void)state;
	says(ALICE, "on");
	assert_quiet(5000);
	assert_int_equal(stats().resources, 2);
	is_gone(ALICE);
	assert_publishes("laptop", "off");
}

int
main(void)
{
#define ON(f) cmocka_unit_test_setup_teardown(f, setup_on, core_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_says_from_its_bare_jid_is_shown, setup, core_teardown),
		cmocka_unit_test_setup_teardown(its_kind_is_asked_for_at_its_bare_jid, setup, core_teardown),
		ON(its_priority_counts),
		ON(a_named_resource_ends_the_unnamed_one),
		ON(beside_named_ones_the_bare_jid_is_ignored),
		ON(unavailable_from_the_bare_jid_ends_it),
		ON(it_is_probed_and_nothing_else_is_waited_for),
		ON(a_lost_link_does_not_end_it),
		ON(without_an_answer_it_is_offline_at_the_end_of_the_wait),
		ON(what_had_resources_before_the_link_was_lost_may_have_none_now),
		ON(the_user_s_own_account_has_resources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
