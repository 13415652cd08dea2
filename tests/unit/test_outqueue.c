/* sys/outqueue: what waits is bounded, is sent once, and ends with its connection (F2, F17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/conn.h"
#include "sys/outqueue.h"

static struct outqueue q;
static struct buf sent;
static size_t room; /* bytes that the connection still takes */
static bool broken;

/* In place of the connection's. */
ssize_t
conn_write(struct conn *c, const void *data, size_t len)
{
	(void)c;
	if (broken)
		return ERR_IO;
	if (len > room)
		len = room;
	buf_put(&sent, data, len);
	room -= len;
	return (ssize_t)len;
}

static int
teardown(void **state)
{
	(void)state;
	outqueue_clear(&q);
	buf_clear(&sent);
	room = 0;
	broken = false;
	return 0;
}

static void
fill(size_t len)
{
	static char block[4096];

	for (; len > 0; len -= len < sizeof(block) ? len : sizeof(block))
		buf_put(&q.bytes, block, len < sizeof(block) ? len : sizeof(block));
}

static void
sends(size_t len)
{
	room = len;
	assert_int_equal(outqueue_send(&q, NULL), 0);
}

static void
above_the_high_mark_it_is_full_until_the_low_one(void **state)
{
	(void)state;
	fill(OUTQUEUE_HIGH_WATER - 1);
	sends(0);
	assert_false(q.full);
	fill(1);
	sends(0);
	assert_true(q.full);
	sends(OUTQUEUE_HIGH_WATER - OUTQUEUE_LOW_WATER - 1);
	assert_int_equal(outqueue_len(&q), OUTQUEUE_LOW_WATER + 1);
	assert_true(q.full);
	sends(1);
	assert_false(q.full);
	/* And on the way up it isn't before the high one. */
	fill(OUTQUEUE_LOW_WATER);
	sends(0);
	assert_false(q.full);
}

static void
everything_is_sent_once_and_in_order(void **state)
{
	struct buf want = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		buf_printf(&want, "<a id='%u'/>", i);
		buf_printf(&q.bytes, "<a id='%u'/>", i);
		if (i % 7 == 0)
			sends(i % 1000 == 0 ? 100000 : 13);
	}
	sends(SIZE_MAX);
	assert_int_equal(outqueue_len(&q), 0);
	assert_int_equal(sent.len, want.len);
	assert_memory_equal(sent.data, want.data, want.len);
	buf_clear(&want);
}

static void
what_waited_for_a_connection_ends_with_it(void **state)
{
	(void)state;
	buf_puts(&q.bytes, "<message/><presence/>");
	sends(3);
	fill(OUTQUEUE_HIGH_WATER);
	sends(0);
	broken = true;
	assert_int_equal(outqueue_send(&q, NULL), ERR_IO);
	outqueue_reset(&q);
	broken = false;
	assert_false(q.full);
	buf_reset(&sent);
	buf_puts(&q.bytes, "<stream>");
	sends(100);
	assert_string_equal(buf_text(&sent), "<stream>");
}

static void
half_of_what_was_meant_is_not_sent(void **state)
{
	(void)state;
	buf_puts(&q.bytes, "<message>");
	mem_fail_at(1);
	fill(10000);
	mem_fail_at(0);
	room = 100;
	assert_int_equal(outqueue_send(&q, NULL), ERR_NOMEM);
	assert_int_equal(sent.len, 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(above_the_high_mark_it_is_full_until_the_low_one),
		TEST(everything_is_sent_once_and_in_order),
		TEST(what_waited_for_a_connection_ends_with_it),
		TEST(half_of_what_was_meant_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
