/* watch: what of the network's text reaches a terminal, and points in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "watch/stamp.h"
#include "watch/text.h"

#define FFFD "\xEF\xBF\xBD"

static void
assert_clean(const char *in, const char *out)
{
	char *clean = text_dup_clean(in, 1000);

	assert_non_null(clean);
	assert_string_equal(clean, out);
	mem_free(clean);
}

static void
ordinary_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_clean("", "");
	assert_clean(NULL, "");
	assert_clean("On the phone", "On the phone");
	assert_clean("Gr\xC3\xBC\xC3\x9F"
		     "e, \xE9\x9B\xBB\xE8\xA9\xB1 \xE2\x98\x8E \xF0\x9F\x98\x80",
	    "Gr\xC3\xBC\xC3\x9F"
	    "e, \xE9\x9B\xBB\xE8\xA9\xB1 \xE2\x98\x8E \xF0\x9F\x98\x80");
	/* Scripts need the joiners. */
	assert_clean("\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE", "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE");
}

static void
no_control_character_gets_through(void **state)
{
	char c[2] = "";
	int i;

	(void)state;
	assert_clean("\033[31mred\033[0m", FFFD "[31mred" FFFD "[0m");
	assert_clean("\xC2\x9B"
		     "2J",
	    FFFD "2J"); /* CSI as one C1 character */
	assert_clean("a\x7F"
		     "b\bc",
	    "a" FFFD "b" FFFD "c");
	for (i = 1; i < 0x20; i++) {
		c[0] = (char)i;
		assert_clean(c, i >= '\t' && i <= '\r' ? "" : FFFD);
	}
}

static void
text_stays_on_one_line(void **state)
{
	(void)state;
	assert_clean("one\r\ntwo\tthree\vfour", "one two three four");
	assert_clean("a\xE2\x80\xA8"
		     "b\xE2\x80\xA9"
		     "c\xC2\x85"
		     "d",
	    "a b c d");
	assert_clean("  much \n  space  ", "much space");
}

static void
bidirectional_and_invisible_characters_are_dropped(void **state)
{
	(void)state;
	assert_clean("safe\xE2\x80\xAE"
		     "live",
	    "safelive"); /* U+202E */
	assert_clean("\xE2\x81\xA6"
		     "a\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C",
	    "a"); /* U+2066.. */
	assert_clean("a\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD"
		     "b",
	    "ab"); /* U+200B, U+FEFF, U+00AD */
	assert_clean("a\xF3\xA0\x81\x81"
		     "b",
	    "ab"); /* a tag */
}

static void
what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	assert_clean("a\xFF"
		     "b",
	    "a" FFFD "b");
	assert_clean("\xC0\xAF", FFFD FFFD);
	assert_clean("\xED\xA0\x80", FFFD FFFD FFFD); /* a surrogate */
	assert_clean("cut\xE2\x82", "cut" FFFD FFFD);
	assert_clean("\xEF\xBF\xBF", FFFD); /* U+FFFF */
}

static void
a_pile_of_marks_is_cut(void **state)
{
	(void)state;
	assert_clean("a\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85"
		     "b",
	    "a\xCC\x81\xCC\x82\xCC\x83"
	    "b");
}

static void
long_text_is_cut_between_characters(void **state)
{
	char *clean;

	(void)state;
	clean = text_dup_clean("\xE9\x9B\xBB\xE8\xA9\xB1", 5);
	assert_string_equal(clean, "\xE9\x9B\xBB");
	mem_free(clean);
	clean = text_dup_clean("ab cd", 3);
	assert_string_equal(clean, "ab");
	mem_free(clean);
}

static void
cleaning_survives_every_failed_allocation(void **state)
{
	unsigned long n, total;
	char *clean, long_text[300];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	mem_fail_at(0);
	mem_free(text_dup_clean(long_text, 1000));
	total = mem_fail_at(0);
	assert_true(total > 1);
	for (n = 1; n <= total; n++) {
		mem_fail_at(n);
		clean = text_dup_clean(long_text, 1000);
		mem_fail_at(0);
		assert_null(clean);
	}
}

static void
assert_cell(const char *in, size_t columns, bool utf8, const char *out)
{
	struct buf b = {0};

	text_cell(&b, in, columns, utf8);
	assert_string_equal(buf_text(&b), out);
	assert_int_equal(text_width(buf_text(&b)), columns);
	buf_clear(&b);
}

static void
a_cell_has_its_width_whatever_is_in_it(void **state)
{
	(void)state;
	assert_cell("dnd", 5, true, "dnd  ");
	assert_cell("dnd", 3, true, "dnd");
	assert_cell("available", 5, true, "avai\xE2\x80\xA6");
	assert_cell("available", 5, false, "avai~");
	assert_cell("", 2, true, "  ");
	assert_cell("x", 0, true, "");
	/* Wide characters take two columns, marks none. */
	assert_cell("\xE9\x9B\xBB\xE8\xA9\xB1", 5, true, "\xE9\x9B\xBB\xE8\xA9\xB1 ");
	assert_cell("\xE9\x9B\xBB\xE8\xA9\xB1", 3, true, "\xE9\x9B\xBB\xE2\x80\xA6");
	assert_cell("\xE9\x9B\xBB\xE8\xA9\xB1", 2, true, "\xE2\x80\xA6 ");
	assert_cell("\xE9\x9B\xBB", 3, false, "?? ");
	assert_cell("e\xCC\x81", 2, true, "e\xCC\x81 ");
}

static void
quoted_text_can_be_told_from_what_is_around_it(void **state)
{
	struct buf b = {0};

	(void)state;
	text_quote(&b, "say \"hi\" \\");
	assert_string_equal(buf_text(&b), "\"say \\\"hi\\\" \\\\\"");
	buf_clear(&b);
}

static void
assert_stamp(const char *in, int64_t t, const char *out)
{
	char text[STAMP_SIZE];
	int64_t got = 0;

	assert_true(stamp_parse(in, &got));
	assert_true(got == t);
	stamp_put(text, got);
	assert_string_equal(text, out);
}

static void
times_are_read_and_written(void **state)
{
	(void)state;
	assert_stamp("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z");
	assert_stamp("2026-11-22T23:09:00Z", 1795388940, "2026-11-22T23:09:00Z");
	assert_stamp("2026-11-22T23:09:00.123456Z", 1795388940, "2026-11-22T23:09:00Z");
	assert_stamp("2026-11-23T00:09:00+01:00", 1795388940, "2026-11-22T23:09:00Z");
	assert_stamp("2026-11-22T18:39:00-04:30", 1795388940, "2026-11-22T23:09:00Z");
	assert_stamp("2024-02-29T12:00:00Z", 1709208000, "2024-02-29T12:00:00Z");
	assert_stamp("2000-12-31T23:59:60Z", 978307200, "2001-01-01T00:00:00Z");
	assert_stamp("1969-12-31T23:59:59Z", -1, "1969-12-31T23:59:59Z");
	/* A zone can lead out of the years that are read. */
	assert_stamp("0001-01-01T00:00:00+14:00", -62135647200, "0000-12-31T10:00:00Z");
	assert_stamp("0001-01-01T00:00:00Z", -62135596800, "0001-01-01T00:00:00Z");
	assert_stamp("9999-12-31T23:59:59Z", 253402300799, "9999-12-31T23:59:59Z");
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
		NULL,
		"",
		"now",
		"2026-11-22",
		"2026-11-22T23:09:00",
		"2026-11-22T23:09:00z",
		"2026-11-22 23:09:00Z",
		"2026-13-22T23:09:00Z",
		"2026-11-31T23:09:00Z",
		"2025-02-29T23:09:00Z",
		"2026-11-22T24:09:00Z",
		"2026-11-22T23:60:00Z",
		"2026-11-22T23:09:61Z",
		"2026-11-22T23:09:00.Z",
		"2026-11-22T23:09:00+15:00",
		"2026-11-22T23:09:00+01",
		"2026-11-22T23:09:00ZZ",
		"-026-11-22T23:09:00Z",
		"0000-01-01T00:00:00Z",
		"20261122T23:09:00Z",
		"2026-11-22T23:09Z",
	};
	int64_t t = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(stamp_parse(bad[i], &t));
	assert_true(t == 7);
}

static void
assert_age(int64_t seconds, const char *out)
{
	char text[STAMP_SIZE];

	stamp_age(text, 1000000000 - seconds, 1000000000);
	assert_string_equal(text, out);
}

static void
ages_are_short(void **state)
{
	char text[STAMP_SIZE];

	(void)state;
	assert_age(-5, "0s");
	assert_age(0, "0s");
	assert_age(59, "59s");
	assert_age(60, "1m");
	assert_age(3599, "59m");
	assert_age(3600, "1h");
	assert_age(48 * 3600 - 1, "47h");
	assert_age(48 * 3600, "2d");
	assert_age((int64_t)400 * 86400, "400d");
	assert_age((int64_t)4000 * 86400, "10y");
	assert_age((int64_t)2025 * 365 * 86400, "999y");
	stamp_age(text, STAMP_NONE, 5);
	assert_string_equal(text, "");
	stamp_put(text, STAMP_NONE);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_text_stays_as_it_is),
		cmocka_unit_test(no_control_character_gets_through),
		cmocka_unit_test(text_stays_on_one_line),
		cmocka_unit_test(bidirectional_and_invisible_characters_are_dropped),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(a_pile_of_marks_is_cut),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(cleaning_survives_every_failed_allocation),
		cmocka_unit_test(a_cell_has_its_width_whatever_is_in_it),
		cmocka_unit_test(quoted_text_can_be_told_from_what_is_around_it),
		cmocka_unit_test(times_are_read_and_written),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(ages_are_short),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
