#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "wire/datetime.h"

static void
reads(const char *s, int64_t expected)
{
	int64_t ms = -1;

	assert_true(datetime_parse(s, &ms));
	assert_int_equal(ms, expected);
}

static void
refuses(const char *s)
{
	int64_t ms = 4711;

	if (datetime_parse(s, &ms))
		fail_msg("%s was read", s);
	assert_int_equal(ms, 4711);
}

static void
prints(int64_t ms, const char *expected, const char *expected_ms)
{
	char text[DATETIME_SIZE], text_ms[DATETIME_MS_SIZE];

	datetime_print(ms, text);
	assert_string_equal(text, expected);
	datetime_print_ms(ms, text_ms);
	assert_string_equal(text_ms, expected_ms);
}

static void
the_examples_of_xep_0082_are_read(void **state)
{
	(void)state;
	reads("1969-07-21T02:56:15Z", INT64_C(-14159025000));
	reads("1969-07-20T21:56:15-05:00", INT64_C(-14159025000));
	reads("1970-01-01T00:00:00Z", 0);
	reads("2026-11-22T23:09:00Z", INT64_C(1795388940000));
}

static void
fractions_are_read_to_the_millisecond(void **state)
{
	(void)state;
	reads("1970-01-01T00:00:00.5Z", 500);
	reads("1970-01-01T00:00:00.123Z", 123);
	reads("1970-01-01T00:00:00.1239999999999999999999Z", 123);
	reads("1970-01-01T00:00:00.000000+00:00", 0);
}

static void
offsets_are_subtracted(void **state)
{
	(void)state;
	reads("1970-01-01T05:30:00+05:30", 0);
	reads("1969-12-31T23:00:00-01:00", 0);
	reads("1969-12-31T20:30:00-03:30", 0);
	reads("1969-12-31T23:30:00-00:30", 0);
	reads("1970-01-01T14:00:00+14:00", 0);
	reads("1970-01-01T00:00:00-00:00", 0);
}

static void
leap_days_are_those_of_the_gregorian_calendar(void **state)
{
	(void)state;
	reads("2024-02-29T00:00:00Z", INT64_C(1709164800000));
	reads("2000-02-29T00:00:00Z", INT64_C(951782400000));
	refuses("2023-02-29T00:00:00Z");
	refuses("1900-02-29T00:00:00Z");
	refuses("2100-02-29T00:00:00Z");
}

static void
what_is_not_a_datetime_is_refused(void **state)
{
	static const char *const wrong[] = { "", "Z", "2026", "2026-11-22", "2026-11-22T", "23:09:00Z",
		"2026-11-22T23:09:00", "2026-11-22 23:09:00Z", "2026-11-22t23:09:00Z", "2026-11-22T23:09:00z",
		"2026-11-22T23:09Z", "2026-11-22T23:09:00ZZ", "2026-11-22T23:09:00Z ", " 2026-11-22T23:09:00Z",
		"26-11-22T23:09:00Z", "02026-11-22T23:09:00Z", "-2026-11-22T23:09:00Z", "+026-11-22T23:09:00Z",
		"2026-00-22T23:09:00Z", "2026-13-22T23:09:00Z", "2026-11-00T23:09:00Z", "2026-11-31T23:09:00Z",
		"2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z", "2026-11-22T23:09:60Z", "2026-11-22T23:09:00.Z",
		"2026-11-22T23:09:00,5Z", "2026-11-22T23:09:00.5", "2026-11-22T23:09:00+0100",
		"2026-11-22T23:09:00+1:00", "2026-11-22T23:09:00+14:01", "2026-11-22T23:09:00+01:60",
		"2026-11-22T23:09:00+-1:00", "20261122T23:09:00Z", "2026-1-22T23:09:00Z", "2026-11-22T23:9:00Z",
		"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-22T23:09:00Z" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuses(wrong[i]);
	refuses(NULL);
}

static void
moments_are_printed_in_utc(void **state)
{
	(void)state;
	prints(0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z");
	prints(-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z");
	prints(INT64_C(1795388940007), "2026-11-22T23:09:00Z", "2026-11-22T23:09:00.007Z");
	prints(INT64_C(1709164799999), "2024-02-28T23:59:59Z", "2024-02-28T23:59:59.999Z");
	prints(INT64_C(1709164800000), "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z");
}

static void
moments_out_of_range_become_the_nearest(void **state)
{
	(void)state;
	prints(INT64_MIN, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z");
	prints(INT64_MAX, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z");
}

/* The C library is the other implementation. */
static void
every_day_of_ten_thousand_years_agrees_with_libc(void **state)
{
	char text[DATETIME_SIZE], other[32];
	int64_t ms, back;
	struct tm tm;
	time_t t;

	(void)state;
	for (ms = INT64_C(-62167219200000); ms < INT64_C(253402300800000); ms += INT64_C(86399123)) {
		t = (time_t)((ms - 999) / 1000);
		if (ms >= 0)
			t = (time_t)(ms / 1000);
		datetime_print(ms, text);
		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(text[4], '-');
		assert_int_equal(strtol(text, NULL, 10), tm.tm_year + 1900);
		strftime(other, sizeof(other), "-%m-%dT%H:%M:%SZ", &tm);
		assert_string_equal(text + 4, other);
		assert_true(datetime_parse(text, &back));
		assert_int_equal(back, (int64_t)t * 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_xep_0082_are_read),
		cmocka_unit_test(fractions_are_read_to_the_millisecond),
		cmocka_unit_test(offsets_are_subtracted),
		cmocka_unit_test(leap_days_are_those_of_the_gregorian_calendar),
		cmocka_unit_test(what_is_not_a_datetime_is_refused),
		cmocka_unit_test(moments_are_printed_in_utc),
		cmocka_unit_test(moments_out_of_range_become_the_nearest),
		cmocka_unit_test(every_day_of_ten_thousand_years_agrees_with_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
