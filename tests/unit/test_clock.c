/* What time it is: whatever the machine says, one that can be written down, and a clock that goes on while it sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "sys/clock.h"

static struct timespec wall, steady, awake;
static bool has_boottime;

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id == CLOCK_BOOTTIME && !has_boottime)
		return -1;
	*ts = id == CLOCK_REALTIME ? wall : id == CLOCK_BOOTTIME ? steady : awake;
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	has_boottime = true;
	steady = (struct timespec){5000, 999999999};
	awake = (struct timespec){300, 1000000};
	return 0;
}

static int64_t
wall_ms(time_t s, long ns)
{
	struct instant now;

	wall = (struct timespec){s, ns};
	clock_now(&now);
	return now.wall_ms;
}

static void
the_wall_clock_is_one_that_has_a_date(void **state)
{
	(void)state;
	assert_int_equal(wall_ms(1795940012, 740999999), INT64_C(1795940012740));
	assert_int_equal(wall_ms(0, 0), 0);
	assert_int_equal(wall_ms(-1, 999000000), 0);
	assert_int_equal(wall_ms((time_t)INT64_MIN, 0), 0);
	/* The last second of the year 9999; what is behind it would have a date that nobody can read. */
	assert_int_equal(wall_ms((time_t)INT64_C(253402300799), 1000000), INT64_C(253402300799001));
	assert_int_equal(wall_ms((time_t)INT64_C(253402300800), 0), INT64_C(253402300799000));
	assert_int_equal(wall_ms((time_t)INT64_MAX, 999999999), INT64_C(253402300799999));
}

/* A machine that has slept for an hour has to be asked for everything; and one without such a clock has the other. */
static void
the_other_one_goes_on_while_the_machine_sleeps(void **state)
{
	struct instant now;

	(void)state;
	clock_now(&now);
	assert_int_equal(now.mono_ms, 5000999);
	has_boottime = false;
	clock_now(&now);
	assert_int_equal(now.mono_ms, 300001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_wall_clock_is_one_that_has_a_date, setup),
		cmocka_unit_test_setup(the_other_one_goes_on_while_the_machine_sleeps, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
