/* Parts of the core by themselves, where the whole of it can't be brought to their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/device.h"
#include "core/model/host.h"
#include "core/outlets/slots.h"
#include "core/tools/rng.h"

static void
a_text_is_cut_between_characters(void **state)
{
	(void)state;
	assert_int_equal(device_cut("abc", 5), 3);
	assert_int_equal(device_cut("abc", 2), 2);
	assert_int_equal(device_cut("a\xc3\xa4z", 2), 1);
	assert_int_equal(device_cut("a\xc3\xa4z", 3), 3);
	assert_int_equal(device_cut("\x80\x80\x80\x80", 3), 0); /* which is no text: no character begins */
}

static void
a_random_number_is_below_its_bound(void **state)
{
	static const uint64_t bounds[] = {1, 2, 3, 10, UINT64_MAX / 2 + 2, UINT64_MAX};
	uint8_t seed[RNG_SEED_LEN] = {1};
	struct rng r;
	size_t i, k;

	(void)state;
	rng_init(&r, seed);
	assert_int_equal(rng_below(&r, 0), 0);
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		for (k = 0; k < 100; k++)
			assert_true(rng_below(&r, bounds[i]) < bounds[i]);
	}
}

static void
random_bytes_do_not_begin_anew_after_256_gib(void **state)
{
	uint8_t seed[RNG_SEED_LEN] = {1}, first[64], later[64];
	struct rng r;

	(void)state;
	rng_init(&r, seed);
	rng_bytes(&r, first, sizeof(first));
	r.state[12] = UINT32_MAX; /* the block counter's lower half */
	rng_bytes(&r, later, sizeof(later));
	rng_bytes(&r, later, sizeof(later));
	assert_int_equal(r.state[13], 1);
	assert_memory_not_equal(first, later, sizeof(first));
}

/* As many answers as it takes for the next change of the window. */
static size_t
answered_in(struct host *h, uint64_t ms)
{
	size_t n;

	for (n = h->window; n > 0; n--)
		slots_adapt(h, true, ms);
	return h->window;
}

static void
a_window_stays_within_its_bounds(void **state)
{
	struct host h = {.window = 16, .base_ms = UINT64_MAX};
	size_t most = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++)
		most = answered_in(&h, 10);
	assert_int_equal(most, 512);
	assert_int_equal(answered_in(&h, 10), 512);
	for (i = 0; i < 100; i++)
		answered_in(&h, 60000);
	assert_in_range(h.window, 2, 3);
	for (i = 0; i < 10; i++)
		slots_adapt(&h, false, 0);
	assert_int_equal(h.window, 2);
	assert_int_equal(answered_in(&h, 10), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(a_random_number_is_below_its_bound),
		cmocka_unit_test(random_bytes_do_not_begin_anew_after_256_gib),
		cmocka_unit_test(a_window_stays_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
