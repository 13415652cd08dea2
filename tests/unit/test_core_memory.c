/* The n-th allocation fails, for every n: no crash, no leak, and it works again afterwards (F1). */
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
	says(DESK "/phone", "on");
	passes(40000);
	ends(DESK);
	passes(30000);
}

static void
no_failed_allocation_does_harm(void **state)
{
	unsigned long n, total;

	core_teardown(state);
	core_setup(state);
	mem_fail_at(0);
	life();
	total = mem_fail_at(0);
	assert_true(total > 100);
	for (n = 1; n <= total; n++) {
		core_teardown(state);
		core_setup(state);
		out_of_memory(true);
		mem_fail_at(n);
		life();
		mem_fail_at(0);
		out_of_memory(false);
		/* Whatever was lost, an enrolment and a publish work from here on. */
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
a_core_without_memory_is_none(void **state)
{
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	struct core *c = NULL;
	unsigned long n;

	(void)state;
	for (n = 1; c == NULL && n < 1000; n++) {
		mem_fail_at(n);
		c = core_new(&settings, seed, key);
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
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	struct core_settings bad = settings;

	(void)state;
	bad.domain = "other.test";
	assert_non_null(bad.domain);
	bad.burst = 0;
	assert_null(core_new(&bad, seed, key));
	bad = settings;
	bad.domain = NULL;
	assert_null(core_new(&bad, seed, key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_failed_allocation_does_harm),
		TEST(a_core_without_memory_is_none),
		TEST(settings_that_make_no_sense_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
