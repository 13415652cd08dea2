#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rate.h"

static const struct rate three_then_one_in_ten = {10, 3};

static void
so_many_at_once_and_then_one_in_its_time(void **state)
{
	uint64_t bucket = 0, now;
	unsigned n = 0;

	(void)state;
	for (now = 1000; now < 2000; now++) {
		while (rate_opens(bucket, &three_then_one_in_ten) <= now) {
			rate_pour(&bucket, &three_then_one_in_ten, now);
			n++;
			assert_in_range(n, (now - 1000) / 10 + 1, 3 + (now - 1000) / 10);
		}
	}
	assert_int_equal(n, 3 + 99);
}

static void
what_was_not_used_is_not_saved_up(void **state)
{
	uint64_t bucket = 0;
	unsigned n;

	(void)state;
	for (n = 0; rate_opens(bucket, &three_then_one_in_ten) <= 5000; n++)
		rate_pour(&bucket, &three_then_one_in_ten, 5000);
	assert_int_equal(n, 3);
	assert_int_equal(rate_opens(bucket, &three_then_one_in_ten), 5010);
	for (n = 0; rate_opens(bucket, &three_then_one_in_ten) <= 90000; n++)
		rate_pour(&bucket, &three_then_one_in_ten, 90000);
	assert_int_equal(n, 3);
}

static void
nobody_waits_for_longer_than_for_one(void **state)
{
	uint64_t bucket = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		rate_pour(&bucket, &three_then_one_in_ten, 1000);
	assert_int_equal(rate_opens(bucket, &three_then_one_in_ten), 1010);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once_and_then_one_in_its_time),
		cmocka_unit_test(what_was_not_used_is_not_saved_up),
		cmocka_unit_test(nobody_waits_for_longer_than_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
