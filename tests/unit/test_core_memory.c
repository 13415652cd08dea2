/* The n-th allocation fails, for every n: no crash, no leak, and it works again afterwards (F1). */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core_fixture.h"

static void
life(void)
{
	server.name = "ejabberd";
	roster_has(ALICE, BOB, SUBSCRIPTION_BOTH, NULL);
	link_up();
	grant(GRANT_ALL | GRANT_PRESENCE_ROSTER);
	runs(ALICE "/laptop", "enrol", NULL);
	approves(ALICE);
	says_text(ALICE "/laptop", "on", "here");
	passes(40000);
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	runs(ALICE "/laptop", "link", NULL);
	approves(DESK);
	says_yes(DESK);
	says_text(DESK "/phone", "dnd", "busy");
	passes(5000);
	hints(BOB "/x", "on");
	runs(ALICE "/laptop", "devices", NULL);
	link_down();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "away");
	if (probed_from(DESK) != NULL)
		says_to(DESK "/phone", probed_from(DESK), "on");
	passes(740000); /* and an audit */
	ends(DESK);
	passes(30000);
}

static void
asks(enum request_kind kind, const char *to, const char *node)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_REQUEST;
	ev.from.bare = BOB;
	ev.from.resource = "x";
	ev.to.bare = to;
	ev.request.id = "r1";
	ev.request.kind = kind;
	ev.request.node = node;
	feeds(&ev);
}

static void
is_pushed(const char *jid, const char *group)
{
	const struct roster_item item = { .jid = jid,
		.subscription = SUBSCRIPTION_FROM,
		.groups = &group,
		.ngroups = 1 };

	pushes(&item);
}

static void
is_loaded(void)
{
	struct user_record user;
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_USER;
	ev.user.primary = "carol@old.test";
	ev.user.approved = true;
	user = ev.user;
	feeds(&ev);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_DEVICE;
	ev.device.primary = "carol@old.test";
	ev.device.id = "aaaaaa";
	ev.device.jid = "carol@work.test";
	ev.device.label = "Phone";
	registry_holds(&user, &ev.device);
	feeds(&ev);
}

/* What people say to the service, and what it says of itself. */
static void
talk(void)
{
	static const char *const commands[] = { "enrol", "devices", "link", "edit", "unlink", "leave", "confirm",
		"no" };
	size_t i;

	is_loaded();
	link_up();
	grant(GRANT_ALL);
	runs(ALICE "/laptop", "enrol", NULL);
	approves(ALICE);
	says_text(ALICE "/laptop", "on", "here");
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	runs(BOB "/x", "enrol", NULL);
	runs(BOB "/x", "link", "jid", DESK, NULL);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		runs(ALICE "/laptop", commands[i], NULL);
		runs(DESK "/phone", commands[i], NULL);
	}
	runs(DESK, "confirm", "account", ALICE, NULL);
	runs(ALICE "/laptop", "edit", "device", "nosuch", NULL);
	if (registry_device(ALICE, DESK) != NULL)
		runs(ALICE "/laptop", "edit", "device", registry_device(ALICE, DESK)->id, "label", "Phone", NULL);
	runs("carol@work.test/x", "devices", NULL);
	asks(REQUEST_INFO, DOMAIN, NULL);
	asks(REQUEST_INFO, DOMAIN, "link");
	asks(REQUEST_INFO, ALICE_BRIDGE, NULL);
	asks(REQUEST_ITEMS, DOMAIN, "http://jabber.org/protocol/commands");
	asks(REQUEST_TIME, DOMAIN, NULL);
	asks(REQUEST_LAST, DOMAIN, NULL);
	asks(REQUEST_OTHER, DOMAIN, NULL);
	asks(REQUEST_MALFORMED, DOMAIN, NULL);
	is_pushed("dave@work.test", "Devices");
	writes(ALICE, "Hello?");
	writes(DESK "/phone", "what?");
	writes(DESK "/phone", "yes");
	sends(DESK, ALICE_BRIDGE, PRESENCE_SUBSCRIBE);
	approves(DESK);
	says_text(DESK "/phone", "dnd", "busy");
	passes(1000);
	hints(ALICE "/tablet", "on");
	passes(62000);
	reacts(ACTION_PUBLISH, SILENCE, -1);
	says(ALICE "/laptop", "away");
	passes(1000);
	writes(DESK "/phone", "no");
	drains();
	passes(3000);
	behaves();
}

/* Ends that are not written at once, and requests that find a full house. */
static void
leave(void)
{
	link_up();
	grant(GRANT_ALL);
	runs(ALICE "/laptop", "enrol", NULL);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	writes(DESK "/phone", "no");
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "Desk phone", NULL);
	approves(DESK);
	writes(DESK "/phone", "yes");
	passes(1000);
	registry_is(REGISTRY_FAILS);
	ends(DESK);
	ends(ALICE);
	passes(11000);
	registry_is(REGISTRY_WORKS);
	passes(30000);
}

static void
each_allocation_may_fail(void **state, void (*scene)(void))
{
	unsigned long n, total;

	core_teardown(state);
	core_setup(state);
	mem_fail_at(0);
	scene();
	total = mem_fail_at(0);
	assert_true(total > 100);
	for (n = 1; n <= total; n++) {
		core_teardown(state);
		core_setup(state);
		out_of_memory(true);
		mem_fail_at(n);
		scene();
		mem_fail_at(0);
		out_of_memory(false);
		/* Whatever was lost, an enrolment and a publish work from here on. */
		if (drained()) {
			restart();
			link_up();
			grant(GRANT_ALL);
		}
		registry_is(REGISTRY_WORKS);
		user_is("zoe@home.test");
		enrols("zoe@home.test");
		approves("zoe@home.test");
		says("zoe@home.test/phone", "chat");
		passes(120000);
		assert_string_equal(state_in(node_item("zoe@home.test", NODE_DEVICES), "phone"), "chat");
	}
}

static void
no_failed_allocation_does_harm(void **state)
{
	each_allocation_may_fail(state, life);
}

static void
no_failed_allocation_of_an_answer_does_harm(void **state)
{
	each_allocation_may_fail(state, talk);
}

static void
with_the_nth_failing(unsigned long n, void **state)
{
	core_teardown(state);
	core_setup(state);
	has_enrolled(GRANT_ALL);
	says_text(ALICE "/laptop", "away", "before");
	passes(60000);
	out_of_memory(true);
	mem_fail_at(n);
	says_text(ALICE "/laptop", "dnd", "in a meeting");
	passes(1000);
}

/* What is said while memory is short is known in the end, and never half of it. */
static void
nothing_is_missed_for_good(void **state)
{
	const char *want = "dnd(in a meeting)", *shown;
	unsigned long n, total;
	unsigned asked = 0;

	with_the_nth_failing(0, state);
	total = mem_fail_at(0);
	assert_in_range(total, 3, 200);
	for (n = 1; n <= total; n++) {
		with_the_nth_failing(n, state);
		mem_fail_at(0);
		out_of_memory(false);
		shown = state_in(node_item(ALICE, NODE_DEVICES), "laptop");
		if (strcmp(shown, want) == 0)
			continue;
		assert_string_equal(shown, "away(before)");
		if (reconnects() > 0) {
			asked++;
			link_down();
			link_up();
			grant(GRANT_ALL);
			says_text(ALICE "/laptop", "dnd", "in a meeting"); /* the answer to the probe */
		}
		passes(60000);
		assert_string_equal(state_in(node_item(ALICE, NODE_DEVICES), "laptop"), want);
	}
	assert_true(asked > 0);
}

static void
asks_the_time(void)
{
	asks(REQUEST_TIME, DOMAIN, NULL);
}

static void
asks_by_chat(void)
{
	writes(ALICE "/laptop", "help");
}

/* Who asked gets his answer, or a new stream: never silence (F1). */
static void
an_answer_for_which_there_is_no_memory_costs_the_stream(void **state)
{
	void (*const ways[])(void) = {asks_the_time, asks_by_chat};
	unsigned long n, total;
	unsigned lost;
	size_t i;

	for (i = 0; i < 2; i++) {
		for (n = lost = 0, total = 1; n <= total; n++) {
			core_teardown(state);
			core_setup(state);
			has_enrolled(GRANT_ALL);
			passes(60000);
			forget_sent();
			out_of_memory(n > 0);
			mem_fail_at(n);
			ways[i]();
			if (n == 0)
				total = mem_fail_at(0);
			mem_fail_at(0);
			out_of_memory(false);
			assert_int_equal(emissions() + reconnects(), 1);
			lost += reconnects();
		}
		assert_true(lost > 0);
	}
}

static void
no_failed_allocation_of_an_end_does_harm(void **state)
{
	each_allocation_may_fail(state, leave);
}

/* A crash behind it would leave a node that tells nobody, and a registry that says its server does. */
static void
no_node_is_made_silent_without_a_row(void **state)
{
	unsigned long n, total = 1;

	for (n = 0; n <= total; n++) {
		core_teardown(state);
		core_setup(state);
		server.name = "ejabberd";
		link_up();
		grant(GRANT_ALL);
		enrols(ALICE);
		approves(ALICE);
		registry_is(REGISTRY_WAITS);
		out_of_memory(n > 0);
		mem_fail_at(n);
		says(ALICE "/laptop", "on");
		passes(1000);
		if (n == 0)
			total = mem_fail_at(0);
		mem_fail_at(0);
		out_of_memory(false);
		assert_int_equal(iq_count(ACTION_CREATE), 0);
	}
	assert_in_range(total, 10, 2000);
	registry_is(REGISTRY_WORKS);
	link_down();
	link_up();
	grant(GRANT_ALL);
	/* What was published meanwhile, by the privilege alone, stands until something changes. */
	says(ALICE "/laptop", "away");
	passes(120000);
	assert_true(iq_count(ACTION_CREATE) > 0);
}

static void
a_core_without_memory_is_none(void **state)
{
	struct core *c = NULL;
	unsigned long n;

	(void)state;
	for (n = 1; c == NULL && n < 1000; n++) {
		mem_fail_at(n);
		c = another_core();
		mem_fail_at(0);
	}
	assert_in_range(n, 5, 999);
	mem_fail_at(1);
	assert_int_equal(core_configure(c, &settings), ERR_NOMEM);
	mem_fail_at(0);
	core_free(c);
	core_free(NULL);
}

static void
settings_that_make_no_sense_change_nothing(void **state)
{
	(void)state;
	settings.burst = 0;
	assert_null(another_core());
	settings.burst = 1;
	settings.domain = NULL;
	assert_null(another_core());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_failed_allocation_does_harm),
		TEST(no_failed_allocation_of_an_answer_does_harm),
		TEST(nothing_is_missed_for_good),
		TEST(an_answer_for_which_there_is_no_memory_costs_the_stream),
		TEST(no_failed_allocation_of_an_end_does_harm),
		TEST(no_node_is_made_silent_without_a_row),
		TEST(a_core_without_memory_is_none),
		TEST(settings_that_make_no_sense_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
