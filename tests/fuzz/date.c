/* XEP-0082: what is printed is read back, what is read is what the C library makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "wire/datetime.h"

static void
check_moment(int64_t ms)
{
	const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
	int64_t bounded = ms < first ? first : ms > last ? last : ms, back, below;
	char text[DATETIME_MS_SIZE], shorter[DATETIME_SIZE], other[40];
	struct datetime dt;
	struct tm tm;
	time_t seconds;

	datetime_from_ms(ms, &dt);
	CHECK(datetime_to_ms(&dt) == bounded);
	datetime_print_ms(ms, text);
	datetime_print(ms, shorter);
	CHECK(strlen(text) == DATETIME_MS_SIZE - 1 && strlen(shorter) == DATETIME_SIZE - 1);
	CHECK(memcmp(text, shorter, DATETIME_SIZE - 2) == 0);
	CHECK(datetime_parse(text, &back) && back == bounded);
	below = bounded % 1000 < 0 ? bounded % 1000 + 1000 : bounded % 1000;
	CHECK(datetime_parse(shorter, &back) && back == bounded - below);
	seconds = (time_t)((bounded - below) / 1000);
	CHECK(gmtime_r(&seconds, &tm) != NULL);
	snprintf(other, sizeof(other), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
	CHECK(strcmp(shorter, other) == 0);
}

static void
check_text(const char *text)
{
	int64_t ms = INT64_C(0x5a5a5a5a5a5a5a5a);
	struct tm tm;
	int n = 0;

	if (!datetime_parse(text, &ms)) {
		CHECK(ms == INT64_C(0x5a5a5a5a5a5a5a5a));
		return;
	}
	CHECK(strlen(text) >= 20 && strspn(text, "0123456789-:T.Z+") == strlen(text));
	check_moment(ms);
	memset(&tm, 0, sizeof(tm));
	CHECK(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
		  &tm.tm_sec, &n) == 6 &&
	    n == 19);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	/* Its zone is at most 14 hours away. */
	CHECK(labs((long)(ms / 1000 - (int64_t)timegm(&tm))) <= 14 * 3600 + 1);
	if (text[19] == 'Z')
		CHECK(ms == (int64_t)timegm(&tm) * 1000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	int64_t ms = 0;
	char *text;

	memcpy(&ms, data, size < sizeof(ms) ? size : sizeof(ms));
	check_moment(ms);
	check_moment(ms / 65536);
	text = input_text(&in);
	check_text(text);
	free(text);
	return 0;
}
