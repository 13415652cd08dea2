/* base: buf, arena, mem, utf8, hash, table, err. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/utf8.h"

static void
a_buffer_holds_what_was_put_in(void **state)
{
	struct buf b = {0};
	char *text;

	(void)state;
	assert_string_equal(buf_text(&b), "");
	buf_puts(&b, "one ");
	buf_puts(&b, NULL);
	buf_putc(&b, '2');
	buf_put(&b, " three", 3);
	buf_putu(&b, 0);
	buf_putu(&b, UINT64_MAX);
	buf_printf(&b, "<%s%d>", "x", -7);
	assert_string_equal(buf_text(&b), "one 2 th018446744073709551615<x-7>");
	assert_int_equal(b.len, strlen(b.data));
	buf_consume(&b, 4);
	assert_string_equal(b.data, "2 th018446744073709551615<x-7>");
	buf_consume(&b, 1000);
	assert_string_equal(b.data, "");
	buf_puts(&b, "stolen");
	text = buf_steal(&b);
	assert_string_equal(text, "stolen");
	assert_null(b.data);
	mem_free(text);
	text = buf_steal(&b);
	assert_string_equal(text, "");
	mem_free(text);
	buf_clear(&b);
	buf_clear(NULL);
}

static void
a_buffer_stops_at_its_bound_and_stays_failed(void **state)
{
	struct buf b = {.max = 5};

	(void)state;
	buf_puts(&b, "12345");
	assert_false(b.failed);
	buf_putc(&b, '6');
	assert_true(b.failed);
	assert_string_equal(b.data, "12345");
	buf_reset(&b);
	buf_puts(&b, "ok");
	assert_false(b.failed);
	assert_string_equal(b.data, "ok");
	buf_puts(&b, "too long");
	buf_puts(&b, "!");
	assert_string_equal(b.data, "ok");
	assert_null(buf_steal(&b));
	assert_int_equal(b.len, 0);
	buf_clear(&b);
}

static void
a_buffer_without_memory_fails_and_recovers(void **state)
{
	struct buf b = {0};

	(void)state;
	mem_fail_at(1);
	buf_puts(&b, "lost");
	assert_true(b.failed);
	mem_fail_at(0);
	buf_puts(&b, "still lost");
	assert_string_equal(buf_text(&b), "");
	buf_reset(&b);
	buf_puts(&b, "kept");
	assert_string_equal(b.data, "kept");
	mem_fail_at(1);
	buf_printf(&b, "%0200d", 7);
	mem_fail_at(0);
	assert_true(b.failed);
	assert_string_equal(b.data, "kept");
	buf_clear(&b);
}

static void
memory_comes_zeroed_and_products_do_not_overflow(void **state)
{
	unsigned char *p = mem_array(100, 10);
	size_t i;
	char *s;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	assert_null(mem_array(SIZE_MAX / 2, 3));
	assert_null(mem_strdup(NULL));
	assert_null(mem_strndup(NULL, 3));
	s = mem_strndup("abcdef", 3);
	assert_string_equal(s, "abc");
	mem_wipe(s, 3);
	assert_memory_equal(s, "\0\0\0", 3);
	mem_free(s);
	mem_free(NULL);
	mem_wipe(NULL, 3);
}

static void
the_nth_allocation_can_be_made_to_fail(void **state)
{
	void *p, *q;

	(void)state;
	mem_fail_at(2);
	p = mem_alloc(1);
	q = mem_alloc(1);
	assert_non_null(p);
	assert_null(q);
	q = mem_realloc(p, 10);
	assert_non_null(q);
	assert_int_equal(mem_fail_at(0), 3);
	mem_free(q);
}

static void
an_arena_gives_aligned_memory_and_takes_all_back(void **state)
{
	struct arena a = {0};
	char *p, *first = NULL;
	void *q;
	int round, i;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 5000; i++) {
			p = arena_strndup(&a, "a string", (size_t)(i % 9));
			assert_int_equal(strlen(p), i % 9);
			if (i == 0 && round == 0)
				first = p;
			if (i == 0)
				assert_ptr_equal(p, first);
			q = arena_alloc(&a, 24);
			assert_non_null(q);
			assert_int_equal((uintptr_t)q % sizeof(void *), 0);
			memset(q, 0xff, 24);
		}
		arena_reset(&a);
	}
	arena_clear(&a);
	arena_clear(&a);
	arena_clear(NULL);
}

static void
an_arena_says_why_it_gives_nothing(void **state)
{
	struct arena a = {.max = 20000};

	(void)state;
	assert_non_null(arena_bytes(&a, 16000));
	assert_non_null(arena_bytes(&a, 3000));
	assert_null(arena_bytes(&a, 3000));
	assert_int_equal(a.status, ERR_LIMIT);
	assert_null(arena_alloc(&a, 3000));
	arena_reset(&a);
	assert_non_null(arena_bytes(&a, 16384));
	mem_fail_at(1);
	assert_null(arena_bytes(&a, 1));
	assert_int_equal(a.status, ERR_NOMEM);
	mem_fail_at(0);
	assert_null(arena_bytes(&a, 1)); /* sticks until reset */
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1));
	arena_clear(&a);
}

static void
utf8_is_read_strictly(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t cp;
	} good[] = {
		{"a", 1, 'a'},
		{"\x7f", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xed\x9f\xbf", 3, 0xd7ff},
		{"\xee\x80\x80", 3, 0xe000},
		{"\xef\xbf\xbf", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	};
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2",
		"\xc2\x41",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xe2\x82",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
	};
	uint32_t cp;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(utf8_next(good[i].bytes, good[i].len + 1, &cp), good[i].len);
		assert_int_equal(cp, good[i].cp);
		assert_int_equal(utf8_next(good[i].bytes, good[i].len - 1, NULL), 0);
	}
	assert_int_equal(utf8_next("\0", 1, &cp), 1);
	assert_int_equal(cp, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(utf8_next(bad[i], strlen(bad[i]), NULL), 0);
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", Appendix A, and the authors' vectors. */
static void
the_hash_is_siphash(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
		{0, 0x726fdb47dd0e0e31ULL},
		{1, 0x74f839c593dc67fdULL},
		{7, 0xab0200f58b01d137ULL},
		{8, 0x93f5f5799a932462ULL},
		{15, 0xa129ca6149be45e5ULL},
		{63, 0x958a324ceb064572ULL},
	};
	uint8_t key[HASH_KEY_LEN], data[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(hash_bytes(key, data, vectors[i].len) == vectors[i].hash);
}

struct thing {
	int n;
	struct table_node node;
	char key[24];
};

static void
a_table_finds_what_was_put_in(void **state)
{
	static struct thing things[1000], twin;
	static const uint8_t key[HASH_KEY_LEN] = "0123456789abcde";
	struct table t;
	struct table_node *n;
	int i, seen = 0;

	(void)state;
	table_init(&t, key);
	assert_null(table_get(&t, "x", 1));
	assert_null(table_next(&t, NULL));
	for (i = 0; i < 1000; i++) {
		things[i].n = i;
		snprintf(things[i].key, sizeof(things[i].key), "thing%d", i);
		assert_int_equal(table_put(&t, &things[i].node, things[i].key, strlen(things[i].key)), 0);
	}
	assert_int_equal(table_put(&t, &twin.node, "thing7", 6), ERR_EXISTS);
	assert_int_equal(t.count, 1000);
	/* Nobody who doesn't know the key can make them collide. */
	assert_true(things[7].node.hash == hash_bytes(key, "thing7", 6));
	for (i = 0; i < 1000; i += 2)
		table_del(&t, &things[i].node);
	for (i = 0; i < 1000; i++) {
		n = table_get(&t, things[i].key, strlen(things[i].key));
		if (i % 2 == 0)
			assert_null(n);
		else
			assert_int_equal(TABLE_OF(n, struct thing, node)->n, i);
	}
	for (n = table_next(&t, NULL); n != NULL; n = table_next(&t, n))
		seen++;
	assert_int_equal(seen, 500);
	assert_int_equal(t.count, 500);
	table_clear(&t);
	table_clear(NULL);
}

/* Or each look-up would walk through all the others. */
static void
a_table_has_a_slot_for_each_thing(void **state)
{
	static struct thing things[1000];
	static const uint8_t key[HASH_KEY_LEN] = {7};
	struct table t;
	size_t i;

	(void)state;
	table_init(&t, key);
	for (i = 0; i < 1000; i++) {
		snprintf(things[i].key, sizeof(things[i].key), "%zu", i);
		/* For some time there is no memory; it catches up afterwards. */
		mem_fail_at(i >= 100 && i < 500 ? 1 : 0);
		assert_int_equal(table_put(&t, &things[i].node, things[i].key, strlen(things[i].key)), 0);
		if (i < 100 || i > 510)
			assert_true(t.nslots >= t.count);
	}
	mem_fail_at(0);
	table_clear(&t);
}

static void
a_table_without_memory_is_as_it_was(void **state)
{
	static struct thing things[64];
	static const uint8_t key[HASH_KEY_LEN] = {0};
	struct table t;
	int i;

	(void)state;
	table_init(&t, key);
	mem_fail_at(1);
	assert_int_equal(table_put(&t, &things[0].node, "a", 1), ERR_NOMEM);
	mem_fail_at(0);
	assert_int_equal(t.count, 0);
	assert_null(table_get(&t, "a", 1));
	/* Once it has slots, it only gets slower when it can't have more. */
	for (i = 0; i < 64; i++) {
		snprintf(things[i].key, sizeof(things[i].key), "%d", i);
		mem_fail_at(i == 0 ? 0 : 1);
		assert_int_equal(table_put(&t, &things[i].node, things[i].key, strlen(things[i].key)), 0);
	}
	mem_fail_at(0);
	for (i = 0; i < 64; i++)
		assert_ptr_equal(table_get(&t, things[i].key, strlen(things[i].key)), &things[i].node);
	table_clear(&t);
}

static void
every_error_has_a_text(void **state)
{
	int e;

	(void)state;
	assert_string_equal(err_text(0), "no error");
	for (e = ERR_NOMEM; e >= ERR_PROTOCOL; e--)
		assert_string_not_equal(err_text(e), "unknown error");
	assert_string_equal(err_text(ERR_PROTOCOL - 1), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_holds_what_was_put_in),
		cmocka_unit_test(a_buffer_stops_at_its_bound_and_stays_failed),
		cmocka_unit_test(a_buffer_without_memory_fails_and_recovers),
		cmocka_unit_test(memory_comes_zeroed_and_products_do_not_overflow),
		cmocka_unit_test(the_nth_allocation_can_be_made_to_fail),
		cmocka_unit_test(an_arena_gives_aligned_memory_and_takes_all_back),
		cmocka_unit_test(an_arena_says_why_it_gives_nothing),
		cmocka_unit_test(utf8_is_read_strictly),
		cmocka_unit_test(the_hash_is_siphash),
		cmocka_unit_test(a_table_finds_what_was_put_in),
		cmocka_unit_test(a_table_has_a_slot_for_each_thing),
		cmocka_unit_test(a_table_without_memory_is_as_it_was),
		cmocka_unit_test(every_error_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
