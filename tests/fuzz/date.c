/* XEP-0082: what is printed is read back, what is read is what the C library makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "watch/stamp.h"
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

/*
 * polypresence-watch reads with code of its own: what both read is the same.
 * Only it knows leap seconds and the whole of the fifteenth hour of a zone, and
 * nothing of the year 0.
 */
static void
compare(const char *text)
{
	int64_t ms, seconds = 7;
	bool ours = datetime_parse(text, &ms), theirs = stamp_parse(text, &seconds);
	char ours_text[DATETIME_SIZE], theirs_text[STAMP_SIZE];

	CHECK(theirs || seconds == 7);
	if (theirs && !ours)
		CHECK(strstr(text, ":60") != NULL || strstr(text, "14:") != NULL);
	if (ours && !theirs)
		CHECK(strncmp(text, "0000", 4) == 0);
	if (!ours || !theirs)
		return;
	CHECK(seconds == (ms - (ms % 1000 + 1000) % 1000) / 1000);
	stamp_put(theirs_text, seconds);
	/* The first hours of the year 1 and the last of 9999 may be in another year, which only one of them prints. */
	if (ms < INT64_C(-62167219200000) || ms > INT64_C(253402300799999))
		return;
	datetime_print(ms, ours_text);
	CHECK(strcmp(ours_text, theirs_text) == 0);
}

static void
check_age(int64_t at, int64_t now)
{
	char text[STAMP_SIZE];

	stamp_age(text, at, now);
	CHECK(strlen(text) <= 4 && strspn(text, "0123456789smhdy") == strlen(text));
	CHECK((at == STAMP_NONE) == (*text == '\0'));
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
	compare(text);
	check_age(ms / 65536 / 1000, INT64_C(1795428000));
	check_text(text);
	free(text);
	return 0;
}
