/* Whether something may be published, and by which way: what answers, refusals and grants make of it. */
#include <string.h>

#include "base/err.h"
#include "core_fixture.h"

/* The server's answer to what is in flight, taken without giving the core a turn to send. */
static void
hears(const struct iq *iq, enum condition error, enum app_condition app)
{
	struct event ev = answer_to(iq, error);

	ev.answer.app = app;
	assert_int_equal(feeds_status(&ev), 0);
}

/* What the core has to say to all that it has heard. */
static void
has_its_turn(void)
{
	link_takes((unsigned)-1);
}

static void
hears_grant(unsigned what)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_GRANT;
	ev.from.bare = "home.test";
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.roster = what & GRANT_ROSTER ? MAY_GET : 0;
	ev.grant.message = (what & GRANT_MESSAGE) != 0;
	ev.grant.iq_pubsub = what & GRANT_PUBSUB ? MAY_GET | MAY_SET : 0;
	ev.grant.iq_owner = what & GRANT_OWNER ? MAY_GET | MAY_SET : 0;
	assert_int_equal(feeds_status(&ev), 0);
}

/* Enrolled and online, within the time that an answer is waited for. */
static void
has_just_enrolled(unsigned what)
{
	link_up();
	if (what != 0)
		grant(what);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(what != 0 ? 1000 : 6000);
}

/* The same; the first step of this kind waits for its answer. */
static struct iq *
stands_at(enum action_kind kind, unsigned what)
{
	reacts(kind, HOLDS, 1);
	has_just_enrolled(what);
	assert_int_equal(iq_count(kind), 1);
	assert_int_equal(iq_count(ACTION_PUBLISH), kind == ACTION_PUBLISH);
	return iq_last(kind);
}

static void
nothing_is_published_before_the_registry_was_read(void **state)
{
	struct core *c = another_core();
	struct instant now = {1000, 1000000};
	struct event ev = {.kind = EVENT_LOAD_USER};
	struct action act;

	(void)state;
	assert_non_null(c);
	ev.user.primary = ALICE;
	assert_int_equal(core_feed(c, &now, &ev), 0);
	ev = (struct event){.kind = EVENT_LINK_UP};
	assert_int_equal(core_feed(c, &now, &ev), 0);
	ev = (struct event){.kind = EVENT_TICK};
	for (; now.mono_ms < 300000; now.mono_ms += 100) {
		assert_int_equal(core_feed(c, &now, &ev), 0);
		while (core_next(c, &act))
			assert_int_not_equal(act.kind, ACTION_PUBLISH);
	}
	core_free(c);
}

/* Grants that change in the middle of a set-up */

static void
a_grant_taken_back_in_the_middle_ends_the_set_up(void **state)
{
	const struct iq *create = stands_at(ACTION_CREATE, GRANT_ALL);

	(void)state;
	hears(create, COND_NONE, APP_NONE);
	hears_grant(GRANT_PUBSUB);
	has_its_turn();
	passes(1000);
	assert_int_equal(iq_count(ACTION_AFFILIATE), 0);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
}

static void
what_was_to_be_retracted_stays_when_the_grant_is_taken_back(void **state)
{
	unsigned before = iq_count(ACTION_RETRACT);
	const struct iq *publish;

	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	assert_publishes("laptop", "away");
	publish = iq_last(ACTION_PUBLISH);
	assert_int_equal(publish->way, WAY_ORDINARY);
	behaves();
	hears(publish, COND_FORBIDDEN, APP_NONE);
	hears_grant(0);
	has_its_turn();
	passes(1000);
	assert_int_equal(iq_count(ACTION_RETRACT), before);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
what_was_set_up_when_the_grant_went_is_known(void **state)
{
	const struct iq *create = stands_at(ACTION_CREATE, GRANT_ALL);

	(void)state;
	hears_grant(0);
	hears(create, COND_NONE, APP_NONE);
	node_publisher(ALICE, NODE_DEVICES, true);
	has_its_turn();
	passes(1000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_SERVER);
}

static void
a_grant_that_grows_in_the_middle_sets_up_what_it_is_good_for(void **state)
{
	const struct iq *affiliate;

	(void)state;
	server.name = "ejabberd";
	reacts(ACTION_INFO_GET, HOLDS, 1);
	affiliate = stands_at(ACTION_AFFILIATE, GRANT_PUBSUB | GRANT_OWNER);
	/* Who delivers can't be said before the server has said what it is. */
	hears_grant(GRANT_ALL);
	hears(affiliate, COND_NONE, APP_NONE);
	has_its_turn();
	passes(1000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
	grant(GRANT_ALL);
	released();
	passes(5000);
	assert_true(node_config(ALICE, NODE_DEVICES).no_events);
	assert_int_equal(registry_user(ALICE)->setup[NODE_PUBLIC], SETUP_OURS);
	assert_shows("laptop", "on");
}

/* Echoes */

static void
a_server_that_returns_both_forms_executes_none(void **state)
{
	(void)state;
	reacts(ACTION_PUBLISH, ECHO, 2);
	has_just_enrolled(GRANT_PUBSUB);
	assert_logged("server.old");
	assert_logged("privilege.refused");
	assert_int_equal(iq_count(ACTION_PUBLISH), 3);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
	/* It is tried again, in the plain form first. */
	passes(180000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

static void
a_form_that_worked_and_is_returned_now_is_given_up(void **state)
{
	(void)state;
	server.echoes = true;
	has_enrolled(GRANT_PUBSUB);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED_CAPS);
	assert_not_logged("privilege.refused");
	reacts(ACTION_PUBLISH, ECHO, 1);
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_logged("privilege.refused");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

/* Refusals */

static void
each_refusal_of_an_affiliate_leads_to_the_next_way(void **state)
{
	static const enum condition conditions[] = { COND_FORBIDDEN, COND_NOT_AUTHORIZED, COND_NOT_ALLOWED,
		COND_SUBSCRIPTION_REQUIRED, COND_SERVICE_UNAVAILABLE, COND_REGISTRATION_REQUIRED };
	size_t i;

	for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		core_teardown(state);
		core_setup_linked(state);
		fails(ACTION_PUBLISH, conditions[i], APP_NONE, 2);
		fails(ACTION_RETRACT, COND_ITEM_NOT_FOUND, APP_NONE, -1);
		says(ALICE "/laptop", "away");
		passes(900); /* without waiting for a retry */
		assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
	}
}

static void
another_refusal_is_tried_again_later(void **state)
{
	unsigned before = iq_count(ACTION_RETRACT);

	(void)state;
	fails(ACTION_PUBLISH, COND_INTERNAL_SERVER_ERROR, APP_NONE, 1);
	says(ALICE "/laptop", "away");
	passes(400);
	assert_int_equal(publishes(), 1);
	assert_logged("publish.retry");
	passes(5000);
	assert_int_equal(publishes(), 2);
	assert_int_equal(iq_count(ACTION_RETRACT), before);
	assert_shows("laptop", "away");
}

static void
a_privileged_publish_that_is_refused_is_tried_again_later(void **state)
{
	struct event ev;

	(void)state;
	has_enrolled(GRANT_PUBSUB);
	reacts(ACTION_PUBLISH, HOLDS, 1);
	says(ALICE "/laptop", "away");
	passes(500);
	ev = answer_to(iq_last(ACTION_PUBLISH), COND_FORBIDDEN);
	ev.answer.text = "not now";
	feeds(&ev);
	assert_int_equal(iq_count(ACTION_PUBLISH), 2);
	assert_logged("publish.retry");
	passes(5000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 3);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
one_request_that_is_refused_casts_no_doubt_on_a_privilege_that_worked(void **state)
{
	(void)state;
	has_enrolled(GRANT_PUBSUB);
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, 1);
	says(ALICE "/laptop", "away");
	passes(400);
	assert_int_equal(iq_count(ACTION_PUBLISH), 2);
	assert_not_logged("privilege.refused");
	passes(5000);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "away");
}

static void
one_who_has_blocked_us_does_not_stand_for_the_host(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_PUBSUB);
	refuses(ACTION_PUBLISH, COND_SERVICE_UNAVAILABLE, 1); /* Prosody's answer then */
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/laptop", "on");
	passes(125000); /* two tries, the first of which may come too early */
	assert_not_logged("privilege.refused");
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "laptop"), "on");
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

static void
when_everybody_is_refused_it_is_the_host(void **state)
{
	(void)state;
	refuses(ACTION_PUBLISH, COND_SERVICE_UNAVAILABLE, -1);
	has_enrolled(GRANT_PUBSUB);
	assert_logged("privilege.refused");
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
a_host_that_forbids_it_is_asked_once(void **state)
{
	(void)state;
	link_up();
	grant(GRANT_PUBSUB);
	refuses(ACTION_PUBLISH, COND_FORBIDDEN, -1);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(1000);
	assert_logged("privilege.refused");
	assert_int_equal(iq_count(ACTION_PUBLISH), 2);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_ORDINARY);
}

static void
an_affiliation_that_is_refused_leaves_the_privileged_way(void **state)
{
	(void)state;
	fails(ACTION_AFFILIATE, COND_NOT_ALLOWED, APP_NONE, -1);
	has_enrolled(GRANT_ALL);
	assert_int_equal(iq_count(ACTION_PUBLISH), 1);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
	assert_shows("laptop", "on");
	says(ALICE "/laptop", "away");
	passes(1000);
	assert_int_equal(iq_count(ACTION_AFFILIATE), 1);
	assert_int_equal(iq_last(ACTION_PUBLISH)->way, WAY_PRIVILEGED);
}

static void
a_configuration_that_is_refused_publishes_nothing(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	fails(ACTION_CONFIG_SET, COND_NOT_ALLOWED, APP_NONE, -1);
	has_enrolled(GRANT_ALL);
	passes(300000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
	assert_told(ALICE, "wider access model");
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_OTHER);
}

static void
a_configuration_that_can_not_be_verified_publishes_nothing(void **state)
{
	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	reacts(ACTION_CONFIG_SET, HOLDS, 1);
	has_just_enrolled(GRANT_ALL);
	fails(ACTION_CONFIG_GET, COND_INTERNAL_SERVER_ERROR, APP_NONE, 1);
	hears(iq_last(ACTION_CONFIG_SET), COND_NONE, APP_NONE); /* says the server, and has not done it */
	has_its_turn();
	passes(400);
	assert_int_equal(iq_count(ACTION_PUBLISH), 0);
	behaves();
	passes(10000); /* the set-up begins anew */
	assert_int_equal(iq_count(ACTION_CREATE), 2);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_shows("laptop", "on");
}

static void
an_open_node_is_repaired_by_a_grant_that_came_meanwhile(void **state)
{
	const struct iq *publish;

	(void)state;
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	publish = stands_at(ACTION_PUBLISH, 0);
	assert_int_equal(publish->way, WAY_ORDINARY);
	reacts(ACTION_INFO_GET, HOLDS, 1); /* who delivers is not known yet: then the server does */
	grant(GRANT_ALL);
	hears(publish, COND_CONFLICT, APP_PRECONDITION_NOT_MET);
	has_its_turn();
	passes(1000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_false(iq_last(ACTION_CONFIG_SET)->config.no_events);
	passes(5000);
	assert_shows("laptop", "on");
}

static void
a_node_of_which_nothing_is_sure_is_repaired_as_it_should_be(void **state)
{
	const struct iq *publish;

	(void)state;
	/* A set-up that failed half-way ... */
	node_exists(ALICE, NODE_DEVICES, ACCESS_OTHER);
	fails(ACTION_CONFIG_GET, COND_INTERNAL_SERVER_ERROR, APP_NONE, 1);
	has_just_enrolled(GRANT_ALL);
	behaves();
	/* ... the grant is gone, and back while a publish without it is on its way. */
	reacts(ACTION_PUBLISH, HOLDS, 1);
	grant(0);
	passes(3000);
	publish = iq_last(ACTION_PUBLISH);
	assert_int_equal(publish->way, WAY_ORDINARY);
	grant(GRANT_ALL);
	hears(publish, COND_CONFLICT, APP_PRECONDITION_NOT_MET);
	has_its_turn();
	passes(5000);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_PRESENCE);
	assert_shows("laptop", "on");
}

/* A set-up that makes the node silent waits until the registry knows of it. */
static void
waits_for_the_registry(void)
{
	server.name = "ejabberd";
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	registry_is(REGISTRY_WAITS);
	says(ALICE "/laptop", "on");
	passes(1000);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
	link_down();
}

static void
a_set_up_that_was_waiting_when_the_link_went_begins_anew(void **state)
{
	(void)state;
	waits_for_the_registry();
	registry_is(REGISTRY_WORKS);
	assert_int_equal(iq_count(ACTION_CREATE), 0);
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	passes(5000);
	assert_int_equal(iq_count(ACTION_CREATE), 1);
	assert_shows("laptop", "on");
}

static void
a_row_that_becomes_durable_late_disturbs_no_publish(void **state)
{
	(void)state;
	waits_for_the_registry();
	node_publisher(ALICE, NODE_DEVICES, true);
	reacts(ACTION_PUBLISH, HOLDS, -1);
	link_up();
	says(ALICE "/laptop", "on");
	passes(6000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 1);
	registry_is(REGISTRY_WORKS);
	passes(1000);
	assert_int_equal(iq_count(ACTION_PUBLISH), 1); /* one at a time */
	released();
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
}

/* Alice's private node is to be emptied once, and that is answered so. */
static unsigned
retracts_when(enum reaction how)
{
	unsigned before;

	behaves();
	if (how == REFUSES)
		refuses(ACTION_RETRACT, COND_FORBIDDEN, 1);
	else
		reacts(ACTION_RETRACT, how, 1);
	before = iq_count(ACTION_RETRACT);
	has_enrolled(GRANT_PUBSUB | GRANT_OWNER);
	assert_string_equal(iq_last(ACTION_RETRACT)->node, NODE_DEVICES_PRIVATE);
	passes(120000);
	says(ALICE "/laptop", "away"); /* it is looked at with the next publish */
	passes(5000);
	return iq_count(ACTION_RETRACT) - before;
}

static void
an_old_item_is_retracted_until_the_server_has_done_it(void **state)
{
	(void)state;
	assert_int_equal(retracts_when(ANSWERS), 1);
	core_teardown(state);
	core_setup(state);
	assert_int_equal(retracts_when(FAILS), 1); /* there was none */
	core_teardown(state);
	core_setup(state);
	assert_int_equal(retracts_when(SILENCE), 2);
	core_teardown(state);
	core_setup(state);
	assert_int_equal(retracts_when(REFUSES), 2);
	core_teardown(state);
	core_setup(state);
	assert_int_equal(retracts_when(ECHO), 2);
}

static void
a_grant_that_comes_late_serves_everybody_who_was_refused(void **state)
{
	const struct iq *first, *second;

	(void)state;
	reacts(ACTION_PUBLISH, HOLDS, 2);
	has_just_enrolled(0);
	first = iq_last(ACTION_PUBLISH);
	user_is(BOB);
	enrols(BOB);
	approves(BOB);
	says(BOB "/phone", "on");
	passes(1000);
	second = iq_last(ACTION_PUBLISH);
	assert_string_equal(first->owner, ALICE);
	assert_string_equal(second->owner, BOB);
	behaves();
	grant(GRANT_PUBSUB);
	hears(first, COND_FORBIDDEN, APP_NONE);
	hears(second, COND_FORBIDDEN, APP_NONE);
	has_its_turn();
	passes(1000);
	assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), "on");
	assert_string_equal(state_in(node_item(BOB, NODE_DEVICES), "phone"), "on");
	assert_int_equal(stats().blocked, 0);
	assert_not_logged("user.blocked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_published_before_the_registry_was_read),
		TEST(a_grant_taken_back_in_the_middle_ends_the_set_up),
		TEST_LINKED(what_was_to_be_retracted_stays_when_the_grant_is_taken_back),
		TEST(what_was_set_up_when_the_grant_went_is_known),
		TEST(a_grant_that_grows_in_the_middle_sets_up_what_it_is_good_for),
		TEST(a_server_that_returns_both_forms_executes_none),
		TEST(a_form_that_worked_and_is_returned_now_is_given_up),
		TEST(each_refusal_of_an_affiliate_leads_to_the_next_way),
		TEST_LINKED(another_refusal_is_tried_again_later),
		TEST(a_privileged_publish_that_is_refused_is_tried_again_later),
		TEST(one_request_that_is_refused_casts_no_doubt_on_a_privilege_that_worked),
		TEST(one_who_has_blocked_us_does_not_stand_for_the_host),
		TEST(when_everybody_is_refused_it_is_the_host),
		TEST(a_host_that_forbids_it_is_asked_once),
		TEST(an_affiliation_that_is_refused_leaves_the_privileged_way),
		TEST(a_configuration_that_is_refused_publishes_nothing),
		TEST(a_configuration_that_can_not_be_verified_publishes_nothing),
		TEST(an_open_node_is_repaired_by_a_grant_that_came_meanwhile),
		TEST(a_node_of_which_nothing_is_sure_is_repaired_as_it_should_be),
		TEST(a_set_up_that_was_waiting_when_the_link_went_begins_anew),
		TEST(a_row_that_becomes_durable_late_disturbs_no_publish),
		TEST(an_old_item_is_retracted_until_the_server_has_done_it),
		TEST(a_grant_that_comes_late_serves_everybody_who_was_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
