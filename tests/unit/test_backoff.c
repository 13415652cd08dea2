/* sys/backoff and sys/liveness: when to try again, when to give up (F6, F7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/backoff.h"
#include "sys/liveness.h"

static const enum link_reason retried[] = {
	REASON_REFUSED,
	REASON_TLS,
	REASON_TIMEOUT,
	REASON_CLOSED,
	REASON_SHUTDOWN,
	REASON_CONFLICT,
	REASON_NOT_AUTHORIZED,
	REASON_HOST_UNKNOWN,
	REASON_STREAM_ERROR,
	REASON_PROTOCOL,
	REASON_LOCAL,
};
#define RETRIED (sizeof(retried) / sizeof(retried[0]))

static uint32_t
longest(enum link_reason reason, unsigned failures)
{
	uint32_t most = 0, ms, random;

	for (random = 0; random < 400000; random += 7) {
		ms = backoff_ms(reason, failures, random);
		if (ms > most)
			most = ms;
	}
	return most;
}

static void
never_more_than_one_attempt_a_second(void **state)
{
	unsigned failures;
	uint32_t random;
	size_t i;

	(void)state;
	for (i = 0; i < RETRIED; i++)
		for (failures = 0; failures < 40; failures++)
			for (random = 0; random < 5000; random += 13)
				assert_true(backoff_ms(retried[i], failures, random) >= BACKOFF_MIN_MS);
	assert_true(backoff_ms(REASON_CONFLICT, UINT32_MAX, UINT32_MAX) >= BACKOFF_MIN_MS);
}

static void
the_wait_grows_to_a_cap_of_its_kind(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < RETRIED; i++) {
		assert_true(longest(retried[i], 1) < longest(retried[i], 3));
		assert_int_equal(longest(retried[i], 20), longest(retried[i], 30));
	}
	/* A server that restarts is soon back; a wrong secret waits for somebody to change it. */
	assert_true(longest(REASON_CLOSED, 30) <= 15000);
	assert_true(longest(REASON_SHUTDOWN, 30) <= 15000);
	assert_true(longest(REASON_NOT_AUTHORIZED, 30) >= 290000);
	assert_true(longest(REASON_CONFLICT, 30) <= 60000);
}

static void
the_whole_range_is_used(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(REASON_REFUSED, 10, 0), BACKOFF_MIN_MS);
	assert_int_equal(backoff_ms(REASON_REFUSED, 10, 14000), 15000);
	assert_int_equal(backoff_ms(REASON_REFUSED, 10, 14001), BACKOFF_MIN_MS);
}

static void
conditions_have_their_reasons(void **state)
{
	(void)state;
	assert_int_equal(backoff_reason("conflict"), REASON_CONFLICT);
	assert_int_equal(backoff_reason("not-authorized"), REASON_NOT_AUTHORIZED);
	assert_int_equal(backoff_reason("host-unknown"), REASON_HOST_UNKNOWN);
	assert_int_equal(backoff_reason("system-shutdown"), REASON_SHUTDOWN);
	assert_int_equal(backoff_reason("refused"), REASON_STREAM_ERROR);
	assert_int_equal(backoff_reason(""), REASON_STREAM_ERROR);
}

/* With the real times: what is checked when, until VERDICT; the moment of it. */
static uint64_t
runs_until(struct liveness *v, enum liveness_verdict verdict, uint64_t now, unsigned *pings)
{
	enum liveness_verdict is;
	uint64_t next;

	for (;;) {
		is = liveness_check(v, now, &next);
		if (is == verdict)
			return now;
		if (is == LIVENESS_PING) {
			liveness_ping(v, now);
			(*pings)++;
		}
		assert_true(next > 0);
		now += next;
		assert_true(now < 1000000);
	}
}

static void
a_dead_server_is_noticed_within_a_minute(void **state)
{
	struct liveness v;
	unsigned pings = 0;
	char id[20];

	(void)state;
	liveness_init(&v, 20000, 50000, 20000);
	liveness_start(&v, 0);
	strcpy(id, liveness_ping(&v, 42));
	assert_true(liveness_is_ping(&v, id));
	/* A second time it is somebody else's. */
	assert_false(liveness_is_ping(&v, id));
	assert_int_equal(runs_until(&v, LIVENESS_PING, 0, &pings), 20000);
	assert_int_equal(runs_until(&v, LIVENESS_DEAD, 0, &pings), 50000);
	/* One that was lost would not have been enough. */
	assert_int_equal(pings, 2);
}

static void
a_server_that_speaks_is_not_pinged(void **state)
{
	struct liveness v;
	uint64_t now, next;

	(void)state;
	liveness_init(&v, 20000, 50000, 20000);
	liveness_start(&v, 0);
	for (now = 0; now < 1000000; now += 19000) {
		liveness_heard(&v, now);
		liveness_said(&v, now);
		assert_int_equal(liveness_check(&v, now + 18999, &next), LIVENESS_FINE);
		assert_int_equal(next, 1001);
	}
}

static void
only_a_server_known_to_answer_is_given_up(void **state)
{
	struct liveness v;
	uint64_t next;

	(void)state;
	liveness_init(&v, 20000, 50000, 20000);
	liveness_start(&v, 0);
	assert_int_equal(liveness_check(&v, 500000, &next), LIVENESS_PING);
	assert_int_equal(next, 20000);
	assert_false(liveness_is_ping(&v, NULL));
	assert_false(liveness_is_ping(&v, ""));
}

/* A proxy's time-out for clients, and a process that was stopped: CLUSTER 2. */
static void
something_is_sent_every_twenty_seconds_whatever_comes(void **state)
{
	struct liveness v;
	uint64_t now = 0, next = 1, said = 0, last = 0;

	(void)state;
	liveness_init(&v, 20000, 50000, 20000);
	liveness_start(&v, 0);
	for (; now < 1000000; now += next < 700 ? next : 700) {
		liveness_heard(&v, now);
		if (liveness_check(&v, now, &next) == LIVENESS_FINE) {
			assert_true(next > 0);
			continue;
		}
		assert_in_range(now - last, 1, 20000);
		liveness_said(&v, now);
		last = now;
		said++;
	}
	assert_int_equal(said, 49);
}

static void
a_blank_goes_no_more_often_than_that(void **state)
{
	struct liveness v;
	uint64_t now, next;

	(void)state;
	liveness_init(&v, 20000, 50000, 20000);
	liveness_start(&v, 0);
	for (now = 0; now < 1000000; now += 5000) {
		liveness_heard(&v, now);
		liveness_said(&v, now);
		assert_int_equal(liveness_check(&v, now + 4999, &next), LIVENESS_FINE);
	}
	/* A ping is something that is sent, too. */
	assert_int_equal(liveness_check(&v, now + 40000, &next), LIVENESS_PING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_more_than_one_attempt_a_second),
		cmocka_unit_test(the_wait_grows_to_a_cap_of_its_kind),
		cmocka_unit_test(the_whole_range_is_used),
		cmocka_unit_test(conditions_have_their_reasons),
		cmocka_unit_test(a_dead_server_is_noticed_within_a_minute),
		cmocka_unit_test(a_server_that_speaks_is_not_pinged),
		cmocka_unit_test(only_a_server_known_to_answer_is_given_up),
		cmocka_unit_test(something_is_sent_every_twenty_seconds_whatever_comes),
		cmocka_unit_test(a_blank_goes_no_more_often_than_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
