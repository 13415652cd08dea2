/* What no answer says, by itself: the core's requests are judged in test_core_verdict.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "core/model/silence.h"

#define MS 10000

static struct model model;
static struct env env;
static struct domain *d;
static struct asking mine;

/* NACCOUNTS could answer there. */
static void
begins(unsigned naccounts)
{
	static const uint8_t key[HASH_KEY_LEN];

	memset(&model, 0, sizeof(model));
	memset(&env, 0, sizeof(env));
	model.env = &env;
	table_init(&model.domains, key);
	env.now.mono_ms = 1000000;
	while (naccounts-- > 0)
		d = domain_get(&model, "home.test");
	silence_asked(&model, &mine);
}

static void
ends(void)
{
	while (model.domains.count > 0)
		domain_drop(&model, d);
	table_clear(&model.domains);
}

static void
passes(uint64_t ms)
{
	env.now.mono_ms += ms;
}

/* WHO is asked, and answered at once. */
static void
is_answered(enum asked kind, uint64_t who)
{
	struct asking q;

	silence_asked(&model, &q);
	silence_answered(&model, d, kind, who, &q);
}

static enum silence
judged(enum asked kind)
{
	return silence_judge(&model, d, kind, 1, &mine, MS);
}

static void
three_others_answered_later_make_silence(void **state)
{
	uint64_t who;

	(void)state;
	begins(10);
	for (who = 2; who <= 4; who++) {
		passes(MS);
		silence_heard(&model, d);
		assert_int_not_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
		is_answered(ASKED_PROBE, who);
	}
	assert_int_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
one_other_many_times_is_one(void **state)
{
	unsigned i;

	(void)state;
	begins(10);
	for (i = 0; i < 8; i++)
		is_answered(ASKED_PROBE, 2);
	assert_int_not_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
nor_does_it_count_itself(void **state)
{
	(void)state;
	begins(10);
	is_answered(ASKED_PROBE, 1);
	is_answered(ASKED_PROBE, 2);
	is_answered(ASKED_PROBE, 3);
	assert_int_not_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	is_answered(ASKED_PROBE, 4);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
another_kind_overtakes_probes_and_says_nothing(void **state)
{
	uint64_t who;
	unsigned i;

	(void)state;
	begins(10);
	is_answered(ASKED_PROBE, 2);
	for (i = 0; i < 5; i++) {
		for (who = 2; who < 8; who++)
			is_answered(ASKED_ROSTER, who);
		passes(MS);
		silence_heard(&model, d);
		assert_int_equal(judged(ASKED_PROBE), SILENCE_WAIT);
	}
	ends();
}

static void
what_was_asked_before_says_nothing(void **state)
{
	struct asking earlier[3];
	unsigned i;

	(void)state;
	begins(10);
	for (i = 0; i < 3; i++)
		silence_asked(&model, &earlier[i]);
	silence_asked(&model, &mine);
	for (i = 0; i < 3; i++)
		silence_answered(&model, d, ASKED_ROSTER, 2 + i, &earlier[i]);
	assert_int_not_equal(judged(ASKED_ROSTER), SILENCE_COUNTS);
	ends();
}

static void
a_domain_that_says_nothing_at_all_is_silent(void **state)
{
	(void)state;
	begins(10);
	silence_heard(&model, d);
	passes(MS - 1);
	assert_int_not_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	passes(1);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
with_few_accounts_two_times_count_when_each_was_followed_by_an_answer(void **state)
{
	(void)state;
	begins(2);
	passes(MS);
	silence_heard(&model, d);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_WAIT_ASK); /* the first */
	is_answered(ASKED_OTHER, 9);
	passes(MS);
	silence_heard(&model, d);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_WAIT_ASK); /* the second */
	passes(500);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_WAIT); /* nothing was answered since */
	is_answered(ASKED_OTHER, 9);
	passes(500);
	assert_int_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
a_server_that_has_other_things_to_do_first_is_waited_for(void **state)
{
	struct asking later;

	(void)state;
	begins(1000);
	passes(MS);
	silence_heard(&model, d);
	assert_int_equal(judged(ASKED_PRIVILEGED), SILENCE_WAIT_ASK);
	silence_asked(&model, &later);
	while (env.now.mono_ms < mine.since + 10 * MS - 500) {
		passes(500); /* a million presences come, and no answer to what was asked later */
		silence_heard(&model, d);
		assert_int_equal(judged(ASKED_PRIVILEGED), SILENCE_WAIT);
	}
	/* But not for ever. */
	passes(500);
	silence_heard(&model, d);
	assert_int_equal(judged(ASKED_PRIVILEGED), SILENCE_COUNTS);
	ends();
}

static void
a_new_stream_has_heard_nothing(void **state)
{
	(void)state;
	begins(10);
	is_answered(ASKED_PROBE, 2);
	is_answered(ASKED_PROBE, 3);
	is_answered(ASKED_PROBE, 4);
	silence_reset(&model);
	silence_heard(&model, d);
	assert_int_not_equal(judged(ASKED_PROBE), SILENCE_COUNTS);
	ends();
}

static void
a_domain_without_accounts_is_forgotten(void **state)
{
	struct domain *one, *two;

	(void)state;
	begins(1);
	one = domain_get(&model, "far.test");
	two = domain_get(&model, "far.test");
	assert_ptr_equal(one, two);
	domain_drop(&model, one);
	assert_int_equal(model.domains.count, 2);
	domain_drop(&model, two);
	assert_int_equal(model.domains.count, 1);
	domain_drop(&model, NULL);
	ends();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_others_answered_later_make_silence),
		cmocka_unit_test(one_other_many_times_is_one),
		cmocka_unit_test(nor_does_it_count_itself),
		cmocka_unit_test(another_kind_overtakes_probes_and_says_nothing),
		cmocka_unit_test(what_was_asked_before_says_nothing),
		cmocka_unit_test(a_domain_that_says_nothing_at_all_is_silent),
		cmocka_unit_test(with_few_accounts_two_times_count_when_each_was_followed_by_an_answer),
		cmocka_unit_test(a_server_that_has_other_things_to_do_first_is_waited_for),
		cmocka_unit_test(a_new_stream_has_heard_nothing),
		cmocka_unit_test(a_domain_without_accounts_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
