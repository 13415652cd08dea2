/* How an item gets into a node: set-up, repair, the ways, and servers with ways of their own. */
#include <string.h>

#include "core_fixture.h"

static void
set_up_comes_first_then_the_affiliate_publishes(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	assert_int_equal(iq_count(ACTION_CREATE), 1);
	assert_int_equal(iq_count(ACTION_AFFILIATE), 1);
	assert_int_equal(iq_last(ACTION_CREATE)->way, WAY_PRIVILEGED);
	assert_int_equal(iq_last(ACTION_CREATE)->config.access, ACCESS_PRESENCE);
	assert_string_equal(iq_last(ACTION_AFFILIATE)->who, ALICE_BRIDGE);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_string_equal(iq_last(ACTION_PUBLISH)->from, ALICE_BRIDGE);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_int_equal(iq_count(ACTION_CREATE), 1); /* the privilege is used once */
}

static void
set_up_is_remembered_over_a_restart(void **state)
{
	(void)state;
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "on");
	assert_publishes("laptop", "away");
	assert_int_equal(iq_count(ACTION_CREATE), 2); /* a node each, both before the restart */
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
without_owner_every_publish_is_privileged(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_string_equal(iq_last(ACTION_PUBLISH)->from, DOMAIN);
	assert_shows("laptop", "on");
}

static void
an_open_node_is_repaired_and_verified_before_anything_is_published(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	reacts(ACTION_CONFIG_GET, HOLDS, -1);
	has_enrolled(GRANT_ALL);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
	behaves();
	reacts(ACTION_CONFIG_GET, HOLDS, 1);
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	passes(1000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_OTHER);
	release_first();
	passes(10000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_int_not_equal(iq_count(ACTION_CONFIG_SET), 0);
	assert_true(iq_count(ACTION_CONFIG_GET) >= 2); /* read, then verified */
	assert_shows("laptop", "on");
	assert_logged("node.access");
}

static void
a_node_opened_later_is_repaired(void **state)
{
	unsigned before = iq_count(ACTION_CONFIG_SET);

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	says(ALICE "/laptop", "away");
	passes(10000);
	assert_int_equal(iq_count(ACTION_CONFIG_SET), before + 1);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_logged("node.repair");
}

/* Whoever opens it again and again fills no log. */
static void
of_a_node_that_is_opened_again_and_again_there_is_a_line_in_ten_minutes(void **state)
{
	unsigned i, before = iq_count(ACTION_CONFIG_SET);

	(void)state;
	for (i = 0; i < 30; i++) {
		node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
		says(ALICE "/laptop", i % 2 == 0 ? "away" : "on");
		passes(10000);
	}
	assert_int_equal(iq_count(ACTION_CONFIG_SET), before + 30);
	assert_int_equal(times_logged("node.repair"), 1);
	assert_int_equal(times_logged("node.access"), 1);
	passes(400000);
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	says(ALICE "/laptop", "dnd");
	passes(10000);
	assert_int_equal(times_logged("node.repair"), 2);
	assert_int_equal(times_logged("node.access"), 2);
}

static void
a_repair_that_does_not_hold_publishes_nothing(void **state)
{
	(void)state;
	server.ignores_configure = true;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	says(ALICE "/laptop", "away");
	passes(300000);
	assert_null(node_item(ALICE, NODE_DEVICES)); /* nor is what was published before left there */
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "wider access model");
	/* The user repairs it herself. */
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	passes(120000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(stats().blocked, 0);
}

static void
a_configuration_that_is_not_kept_is_found_out_before_the_first_publish(void **state)
{
	(void)state;
	server.ignores_configure = true;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	has_enrolled(GRANT_ALL);
	passes(300000);
	assert_int_not_equal(iq_count(ACTION_CONFIG_SET), 0);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
}

static void
without_owner_an_open_node_is_never_published_into(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	passes(600000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_int_equal(iq_count(ACTION_CONFIG_SET), 0);
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "wider access model");
	/* The privilege comes late, and is noticed. */
	grant(GRANT_ALL);
	passes(60000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

/* What was published before may have ended since, and nothing else can be published. */
static void
nor_is_anything_left_in_a_node_that_is_open_and_stays_so(void **state)
{
	unsigned before;

	(void)state;
	has_a_desk_phone(GRANT_ALL & ~GRANT_OWNER);
	says(DESK "/phone", "dnd");
	passes(10000);
	assert_shows("Desk phone", "dnd");
	before = iq_count(ACTION_RETRACT);
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	ends(DESK);
	passes(1000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_OTHER);
	assert_int_equal(stats().blocked, 1);
	/* It is looked at again now and then, and nothing that isn't hers is retracted. */
	passes(600000);
	assert_int_equal(iq_count(ACTION_RETRACT), before + 1);
}

static void
nor_where_the_privilege_is_granted_and_does_not_work(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	node_publisher(ALICE, NODE_DEVICES, true);
	refuses(ACTION_CREATE, COND_FORBIDDEN, -1);
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, 1);
	has_enrolled(GRANT_ALL);
	passes(20000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_int_equal(iq_count(ACTION_CONFIG_GET), 0);
	assert_told(ALICE, "wider access model");
}

static void
a_server_that_drops_ordinary_requests_gets_privileged_ones(void **state)
{
	(void)state;
	server.drops_ordinary = true;
	has_enrolled(GRANT_ALL);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_logged("ordinary.dropped");
	catch_up();
	says(ALICE "/laptop", "away");
	passes(300);
	assert_int_equal(publishes(), 1); /* learnt for the connection */
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_PRIVILEGED);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
an_echo_leads_to_the_form_that_is_executed(void **state)
{
	(void)state;
	server.echoes = server.drops_ordinary = true;
	server.name = NULL;
	has_enrolled(GRANT_ALL);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_PRIVILEGED_CAPS);
	assert_logged("server.old");
	catch_up();
	says(ALICE "/laptop", "away");
	passes(300);
	assert_int_equal(publishes(), 1);
}

static void
a_silent_server_is_tried_in_both_forms_and_named(void **state)
{
	(void)state;
	server.drops_privileged = server.drops_ordinary = true;
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	passes(60000);
	assert_logged("privilege.refused");
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "may not publish");
	/* It works again: noticed without anybody's doing. */
	server.drops_privileged = server.drops_ordinary = false;
	passes(180000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(stats().blocked, 0);
}

static void
a_privilege_that_is_ignored_all_at_once_asks_for_a_new_stream(void **state)
{
	(void)state;
	/* ejabberd takes it away when another connection of the component closes (F6). */
	has_enrolled(GRANT_ALL & ~GRANT_OWNER);
	server.drops_privileged = server.drops_ordinary = true;
	says(ALICE "/laptop", "away");
	passes(90000);
	assert_logged("privilege.lost");
	assert_int_equal(reconnects(), 1);
	server.drops_privileged = server.drops_ordinary = false;
	link_down();
	link_up();
	grant(GRANT_ALL & ~GRANT_OWNER);
	says(ALICE "/laptop", "away");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(reconnects(), 1);
}

static void
another_publishers_item_is_retracted_first(void **state)
{
	unsigned before = iq_count(ACTION_RETRACT);

	(void)state;
	/* ejabberd lets nobody but the owner overwrite it. */
	node_foreign_item(ALICE, NODE_DEVICES);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_int_equal(iq_count(ACTION_RETRACT), before + 1);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_ORDINARY);
}

/* With the other's item what we had put there before may be gone. */
static void
what_was_retracted_is_published_though_nothing_differs_any_more(void **state)
{
	(void)state;
	server.foreign_items = true;
	node_foreign_item(ALICE, NODE_DEVICES);
	reacts(ACTION_RETRACT, HOLDS, 1);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_int_equal(iq_count(ACTION_RETRACT), 2); /* of the private node at its beginning, and this one */
	says(DESK "/phone", "on");
	released();
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "on");
}

static void
nor_is_the_answer_needed_for_that(void **state)
{
	(void)state;
	server.foreign_items = true;
	node_foreign_item(ALICE, NODE_DEVICES);
	reacts(ACTION_RETRACT, LOSES, 1);
	says(DESK "/phone", "dnd");
	passes(1000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(60000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "Desk phone"), "on");
}

static void
a_deleted_node_is_set_up_again(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_ITEM_NOT_FOUND, APP_NONE, 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_int_equal(iq_count(ACTION_CREATE), 3);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

/* A cluster, say, of which another node answers. */
static void
a_node_that_is_not_there_right_behind_its_set_up_is_tried_again(void **state)
{
	(void)state;
	fails(ACTION_PUBLISH, COND_ITEM_NOT_FOUND, APP_NONE, 3);
	has_enrolled(GRANT_ALL);
	passes(20000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_not_logged("user.blocked");
	assert_not_logged("ordinary.dropped");
}

static void
one_that_is_never_there_for_affiliates_is_published_into_by_the_privilege(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	fails(ACTION_PUBLISH, COND_ITEM_NOT_FOUND, APP_NONE, 6);
	says(ALICE "/laptop", "away");
	passes(10000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
so_is_one_that_is_published_into_by_the_privilege(void **state)
{
	unsigned before;

	(void)state;
	has_enrolled(GRANT_PUBSUB);
	passes(5000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	before = iq_count(ACTION_PUBLISH);
	fails(ACTION_PUBLISH, COND_ITEM_NOT_FOUND, APP_NONE, 1);
	says(ALICE "/laptop", "away");
	passes(300); /* at once: sooner than after an error */
	assert_int_equal(iq_count(ACTION_PUBLISH), before + 2);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
an_affiliation_taken_away_is_given_again(void **state)
{
	(void)state;
	node_publisher(ALICE, NODE_DEVICES, false);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_ORDINARY);
}

static void
an_invitation_is_enough(void **state)
{
	(void)state;
	has_enrolled(0);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "publisher");
	/* The user's own client makes the node and the bridge JID its publisher: noticed. */
	node_publisher(ALICE, NODE_DEVICES, true);
	passes(120000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(last_published(ALICE, NODE_DEVICES)->way, WAY_ORDINARY);
	assert_int_equal(stats().blocked, 0);
	catch_up();
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	assert_quiet(60000);
}

/* She has made her bridge a publisher, and something lies there already: ejabberd says no more than `forbidden'. */
static void
an_item_of_another_publisher_is_named_to_who_has_invited_us(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	node_publisher(ALICE, NODE_DEVICES, true);
	node_foreign_item(ALICE, NODE_DEVICES);
	has_enrolled(0);
	assert_int_equal(stats().blocked, 1);
	assert_told(ALICE, "another publisher's item");
	assert_non_null(strstr(logged_last("user.blocked", "reason"), "another publisher's item"));
	assert_string_equal(logged_last("user.blocked", "error"), "forbidden");
}

/* Prosody lets any publisher replace it: there it can only be the affiliation. */
static void
where_any_publisher_may_replace_it_only_the_invitation_is_missing(void **state)
{
	(void)state;
	has_enrolled(GRANT_ROSTER);
	passes(60000);
	node_exists(ALICE, NODE_DEVICES, ACCESS_PRESENCE);
	passes(120000);
	assert_non_null(strstr(logged_last("user.blocked", "reason"), "make your bridge contact its publisher"));
	assert_not_told(ALICE, "another publisher's item");
}

static void
an_invitation_into_an_open_node_is_declined(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_enrolled(0);
	passes(300000);
	assert_null(node_item(ALICE, NODE_DEVICES));
	assert_told(ALICE, "wider access model");
}

static void
a_grant_that_comes_late_is_used(void **state)
{
	(void)state;
	has_enrolled(0);
	assert_int_equal(stats().blocked, 1);
	grant(GRANT_ALL);
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_int_equal(stats().blocked, 0);
}

static void
a_privilege_is_not_used_before_it_is_granted(void **state)
{
	(void)state;
	restart();
	link_up();
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "on");
	passes(1000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	grant(0);
	says(ALICE "/laptop", "dnd");
	passes(10000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_shows("laptop", "dnd");
}

static void
a_configured_whitelist_is_kept(void **state)
{
	(void)state;
	settings.access = ACCESS_WHITELIST;
	configures();
	has_enrolled(GRANT_ALL);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_WHITELIST);
	assert_shows("laptop", "on");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_up_comes_first_then_the_affiliate_publishes),
		TEST_LINKED(set_up_is_remembered_over_a_restart),
		TEST(without_owner_every_publish_is_privileged),
		TEST(an_open_node_is_repaired_and_verified_before_anything_is_published),
		TEST_LINKED(a_node_opened_later_is_repaired),
		TEST_LINKED(of_a_node_that_is_opened_again_and_again_there_is_a_line_in_ten_minutes),
		TEST_LINKED(a_repair_that_does_not_hold_publishes_nothing),
		TEST(a_configuration_that_is_not_kept_is_found_out_before_the_first_publish),
		TEST(without_owner_an_open_node_is_never_published_into),
		TEST(nor_is_anything_left_in_a_node_that_is_open_and_stays_so),
		TEST(nor_where_the_privilege_is_granted_and_does_not_work),
		TEST(a_server_that_drops_ordinary_requests_gets_privileged_ones),
		TEST(an_echo_leads_to_the_form_that_is_executed),
		TEST(a_silent_server_is_tried_in_both_forms_and_named),
		TEST(a_privilege_that_is_ignored_all_at_once_asks_for_a_new_stream),
		TEST_LINKED(another_publishers_item_is_retracted_first),
		TEST_LINKED(what_was_retracted_is_published_though_nothing_differs_any_more),
		TEST_LINKED(nor_is_the_answer_needed_for_that),
		TEST_LINKED(a_deleted_node_is_set_up_again),
		TEST(a_node_that_is_not_there_right_behind_its_set_up_is_tried_again),
		TEST(one_that_is_never_there_for_affiliates_is_published_into_by_the_privilege),
		TEST(so_is_one_that_is_published_into_by_the_privilege),
		TEST_LINKED(an_affiliation_taken_away_is_given_again),
		TEST(an_invitation_is_enough),
		TEST(an_item_of_another_publisher_is_named_to_who_has_invited_us),
		TEST(where_any_publisher_may_replace_it_only_the_invitation_is_missing),
		TEST(an_invitation_into_an_open_node_is_declined),
		TEST(a_grant_that_comes_late_is_used),
		TEST_LINKED(a_privilege_is_not_used_before_it_is_granted),
		TEST(a_configured_whitelist_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
