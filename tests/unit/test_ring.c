#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ring.h"

static struct ring list, other, r[3];

static int
setup(void **state)
{
	static const struct ring none;

	(void)state;
	list = other = r[0] = r[1] = r[2] = none;
	return 0;
}

static void
is(const struct ring *at, int a, int b, int c)
{
	const int want[] = {a, b, c};
	const struct ring *m = ring_first(at);
	int i;

	for (i = 0; i < 3 && want[i] >= 0; i++, m = ring_next(at, m))
		assert_ptr_equal(m, &r[want[i]]);
	assert_null(m);
}

static void
all_zero_is_an_empty_list_and_a_member_of_none(void **state)
{
	(void)state;
	assert_null(ring_first(&list));
	assert_false(ring_in(&r[0]));
	ring_out(&r[0]);
	is(&list, -1, -1, -1);
}

static void
what_is_added_is_the_last(void **state)
{
	(void)state;
	ring_add(&list, &r[0]);
	ring_add(&list, &r[1]);
	ring_add(&list, &r[2]);
	is(&list, 0, 1, 2);
	assert_true(ring_in(&r[1]));
}

static void
what_goes_leaves_the_others_in_their_order(void **state)
{
	(void)state;
	ring_add(&list, &r[0]);
	ring_add(&list, &r[1]);
	ring_add(&list, &r[2]);
	ring_out(&r[1]);
	is(&list, 0, 2, -1);
	assert_false(ring_in(&r[1]));
	ring_out(&r[0]);
	ring_out(&r[2]);
	is(&list, -1, -1, -1);
}

static void
what_is_added_elsewhere_is_there_alone(void **state)
{
	(void)state;
	ring_add(&list, &r[0]);
	ring_add(&list, &r[1]);
	ring_add(&other, &r[0]);
	is(&list, 1, -1, -1);
	is(&other, 0, -1, -1);
	ring_add(&list, &r[1]);
	is(&list, 1, -1, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_zero_is_an_empty_list_and_a_member_of_none, setup),
		cmocka_unit_test_setup(what_is_added_is_the_last, setup),
		cmocka_unit_test_setup(what_goes_leaves_the_others_in_their_order, setup),
		cmocka_unit_test_setup(what_is_added_elsewhere_is_there_alone, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
