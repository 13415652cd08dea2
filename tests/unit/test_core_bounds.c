/* What a core of tens of thousands of users holds at most; and its timers and its chance, which everything relies on. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"
#include "core_fixture.h"

/* A core of its own, without a registry or a server: nobody answers. */
static struct core *crowd;
static struct instant now;
static unsigned infos;
static char ids[2][64]; /* of the last two IQs */

static void
take_all(void)
{
	struct action act;

	while (core_next(crowd, &act)) {
		infos += act.kind == ACTION_INFO_GET && act.to.resource != NULL;
		if (act.id == NULL)
			continue;
		memcpy(ids[0], ids[1], sizeof(ids[0]));
		snprintf(ids[1], sizeof(ids[1]), "%s", act.id);
	}
}

static void
feed(struct event *ev)
{
	assert_int_equal(core_feed(crowd, &now, ev), 0);
}

/* N users, each of whose rosters is asked for at once. */
static void
crowd_of(unsigned n)
{
	struct event ev = {.kind = EVENT_LOAD_USER};
	char name[64];
	unsigned i;

	now = (struct instant){1000000, INT64_C(1795428000000)};
	settings.rosters_per_s = settings.probes_per_s = 1000000;
	crowd = another_core();
	assert_non_null(crowd);
	ev.user.primary = name;
	ev.user.approved = true;
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		feed(&ev);
	}
	ev = (struct event){.kind = EVENT_LOADED};
	feed(&ev);
	ev.kind = EVENT_LINK_UP;
	feed(&ev);
	ev.kind = EVENT_GRANT;
	ev.from.bare = "home.test";
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.roster = MAY_GET;
	feed(&ev);
	take_all();
	ev = (struct event){.kind = EVENT_TICK};
	for (i = 0; i < 20; i++) {
		now.mono_ms += 100;
		feed(&ev);
		take_all();
	}
}

static size_t
queries(void)
{
	struct core_stats s;

	core_stats(crowd, &s);
	return s.queries;
}

static void
says_on(const char *bare, const char *bridge_jid)
{
	struct event ev = {.kind = EVENT_PRESENCE};

	ev.from = (struct address){bare, "x"};
	ev.to.bare = bridge_jid;
	feed(&ev);
	take_all();
}

static int
disperse(void **state)
{
	core_free(crowd);
	crowd = NULL;
	infos = 0;
	return core_teardown(state);
}

#define TEST_CROWD(f) cmocka_unit_test_setup_teardown(f, core_setup, disperse)

static void
as_many_iqs_wait_as_there_is_room_for(void **state)
{
	(void)state;
	crowd_of(QUERIES_MAX + 100);
	assert_int_equal(queries(), QUERIES_MAX);
}

static void
a_guess_is_not_asked_for_when_half_of_the_room_is_taken(void **state)
{
	(void)state;
	crowd_of(100);
	says_on("u7@home.test", "u7\\40home.test@" DOMAIN);
	assert_int_equal(infos, 1);
	core_free(crowd);
	crowd_of(QUERIES_MAX / 2 + 100);
	infos = 0;
	says_on("u7@home.test", "u7\\40home.test@" DOMAIN);
	assert_int_equal(infos, 0);
}

static void
of_the_half_all_is_used(void **state)
{
	char name[64], bridge_jid[96];
	unsigned i;

	(void)state;
	crowd_of(QUERIES_MAX / 2 - 5);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "u%u@home.test", i);
		snprintf(bridge_jid, sizeof(bridge_jid), "u%u\\40home.test@" DOMAIN, i);
		says_on(name, bridge_jid);
	}
	/* The last one is asked for when just half is taken. */
	assert_int_equal(queries(), QUERIES_MAX / 2 + 1);
	assert_in_range(infos, 2, 10);
}

static void
an_id_says_nothing_of_the_next(void **state)
{
	size_t i, equal = 0;

	(void)state;
	crowd_of(10);
	assert_int_equal(strlen(ids[0]), strlen(ids[1]));
	for (i = 0; i < strlen(ids[0]); i++)
		equal += ids[0][i] == ids[1][i];
	assert_in_range(equal, 0, 10);
}

static void
an_open_access_model_is_no_setting(void **state)
{
	(void)state;
	crowd_of(1);
	settings.access = ACCESS_OTHER;
	assert_int_equal(core_configure(crowd, &settings), ERR_INVALID);
	assert_null(another_core());
}

/* Timers */

static uint64_t
earliest(const struct timer *t, size_t n)
{
	uint64_t at = TIMER_NEVER;
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].at < at)
			at = t[i].at;
	}
	return at;
}

static void
the_first_timer_is_the_earliest_whatever_was_set(void **state)
{
	static struct timer t[50];
	static const uint8_t seed[RNG_SEED_LEN];
	struct timers heap = {0};
	struct rng rng;
	size_t i, step;

	(void)state;
	rng_init(&rng, seed);
	for (i = 0; i < 50; i++)
		assert_int_equal(timer_begin(&heap, &t[i], TIMER_USER), 0);
	for (step = 0; step < 20000; step++) {
		i = rng_below(&rng, 50);
		timer_set(&heap, &t[i], rng_below(&rng, 4) == 0 ? TIMER_NEVER : rng_below(&rng, 1000));
		if (timers_first(&heap) == NULL)
			assert_true(earliest(t, 50) == TIMER_NEVER);
		else
			assert_true(timers_first(&heap)->at == earliest(t, 50));
	}
	for (i = 0; i < 50; i++)
		timer_end(&heap, &t[i]);
	assert_int_equal(heap.begun, 0);
	assert_null(timers_first(&heap));
	timers_clear(&heap);
}

/* Chance: ChaCha20 with a nonce of zeros; the first two blocks for a key of zeros are in everybody's tests of it. */
static void
chance_is_chacha20(void **state)
{
	static const uint8_t zeros[RNG_SEED_LEN], ones[RNG_SEED_LEN] = {1, 1, 1, 1};
	static const uint8_t first[] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90},
			     second[] = {0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a};
	struct rng r;
	uint8_t out[128];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rng_init(&r, zeros);
		rng_bytes(&r, out, sizeof(out));
		assert_memory_equal(out, first, sizeof(first));
		assert_memory_equal(out + 64, second, sizeof(second));
	}
	rng_init(&r, ones);
	rng_bytes(&r, out, sizeof(out));
	assert_memory_not_equal(out, first, sizeof(first));
}

static void
every_letter_of_an_id_occurs(void **state)
{
	static const uint8_t seed[RNG_SEED_LEN];
	unsigned seen[256] = {0}, n = 0;
	char word[3201];
	struct rng r;
	size_t i;

	(void)state;
	rng_init(&r, seed);
	rng_word(&r, word, 3200);
	assert_int_equal(strlen(word), 3200);
	for (i = 0; i < 3200; i++)
		n += seen[(unsigned char)word[i]]++ == 0;
	assert_int_equal(n, 32);
	for (i = 0; i < 256; i++)
		assert_true(seen[i] == 0 || (seen[i] > 50 && seen[i] < 200));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CROWD(as_many_iqs_wait_as_there_is_room_for),
		TEST_CROWD(a_guess_is_not_asked_for_when_half_of_the_room_is_taken),
		TEST_CROWD(of_the_half_all_is_used),
		TEST_CROWD(an_id_says_nothing_of_the_next),
		TEST_CROWD(an_open_access_model_is_no_setting),
		TEST(the_first_timer_is_the_earliest_whatever_was_set),
		TEST(chance_is_chacha20),
		TEST(every_letter_of_an_id_occurs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
