#include "watch_check.h"

#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "watch/stamp.h"

static bool
within(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* Controls, separators of lines, and what turns or hides text. */
static bool
is_trouble(uint32_t c)
{
	return c < 0x20 || within(c, 0x7f, 0x9f) || c == 0xad || c == 0x61c || within(c, 0x200e, 0x200f) ||
	    within(c, 0x2028, 0x202e) || within(c, 0x2060, 0x206f) || c == 0xfeff || within(c, 0xfff0, 0xfffb) ||
	    within(c, 0xe0000, 0xe0fff) || (c & 0xfffe) == 0xfffe;
}

void
check_clean(const char *s, size_t max)
{
	const unsigned char *at = (const unsigned char *)s;
	size_t len = strlen(s), i, n;
	uint32_t c, before = ' ';

	CHECK(len <= max);
	for (i = 0; i < len; i += n) {
		n = fuzz_utf8(at + i, len - i, &c);
		CHECK(n > 0);
		CHECK(!is_trouble(c));
		CHECK(c != ' ' || before != ' ');
		before = c;
	}
	CHECK(len == 0 || before != ' ');
}

static void
check_stamp(int64_t t)
{
	char text[STAMP_SIZE];
	int64_t back;

	stamp_put(text, t);
	CHECK((t == STAMP_NONE) == (text[0] == '\0'));
	if (stamp_parse(text, &back))
		CHECK(back == t);
}

static void
check_device(const struct board_device *d)
{
	static const char *const kinds[] = {"fixed", "mobile", "computer", "tablet", "other"};
	size_t i;

	check_clean(d->id, BOARD_ID_MAX);
	check_clean(d->label, BOARD_LABEL_MAX);
	CHECK(*d->id != '\0' && *d->label != '\0');
	for (i = 0; strcmp(d->kind, kinds[i]) != 0; i++)
		CHECK(i + 1 < sizeof(kinds) / sizeof(kinds[0]));
	check_stamp(d->since);
	CHECK(d->nresources <= BOARD_RESOURCES_MAX);
	for (i = 0; i < d->nresources; i++) {
		check_clean(d->resources[i].id, BOARD_ID_MAX);
		CHECK(d->resources[i].show <= STATE_DND);
		check_stamp(d->resources[i].idle);
		if (d->resources[i].status != NULL) {
			check_clean(d->resources[i].status, BOARD_STATUS_MAX);
			CHECK(*d->resources[i].status != '\0');
		}
	}
}

void
check_set(const struct board_set *set)
{
	const struct board_device *a, *b;
	size_t i, k;
	int diff;

	CHECK(set->ndevices <= BOARD_DEVICES_MAX);
	check_stamp(set->updated);
	check_stamp(set->expires);
	for (i = 0; i < set->ndevices; i++) {
		b = &set->devices[i];
		check_device(b);
		for (k = 0; k < i; k++)
			CHECK(strcmp(set->devices[k].id, b->id) != 0);
		if (i == 0)
			continue;
		a = &set->devices[i - 1];
		diff = strcasecmp(a->label, b->label);
		CHECK(diff < 0 || (diff == 0 && strcmp(a->id, b->id) < 0));
	}
}

void
check_output(const char *s, bool sgr)
{
	const unsigned char *at = (const unsigned char *)s;
	size_t len = strlen(s), i, n;
	uint32_t c;

	for (i = 0; i < len; i += n) {
		n = fuzz_utf8(at + i, len - i, &c);
		CHECK(n > 0);
		if (c == 0x1b && sgr) {
			CHECK(s[i + 1] == '[');
			n = 2 + strspn(s + i + 2, "0123456789;");
			CHECK(s[i + n] == 'm');
			n++;
			continue;
		}
		CHECK(c == '\n' || !is_trouble(c));
	}
}

/* JSON: each of these returns what is behind it. */

static const char *json_value(const char *s, const char *end);

static unsigned
hex(const char *s)
{
	unsigned value = 0;
	int i;

	for (i = 0; i < 4; i++) {
		CHECK((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f'));
		value = value * 16 + (unsigned)(s[i] <= '9' ? s[i] - '0' : s[i] - 'a' + 10);
	}
	return value;
}

static const char *
json_text(const char *s, const char *end)
{
	unsigned unit;

	CHECK(s < end && *s == '"');
	for (s++; s < end && *s != '"'; s++) {
		CHECK(*s >= 0x20 && *s < 0x7f);
		if (*s != '\\')
			continue;
		s++;
		if (s < end && (*s == '"' || *s == '\\'))
			continue;
		CHECK(end - s > 4 && *s == 'u');
		unit = hex(s + 1);
		s += 4;
		CHECK(unit < 0xdc00 || unit > 0xdfff);
		if (unit >= 0xd800 && unit < 0xdc00) {
			CHECK(end - s > 6 && s[1] == '\\' && s[2] == 'u');
			unit = hex(s + 3);
			CHECK(unit >= 0xdc00 && unit <= 0xdfff);
			s += 6;
		}
	}
	CHECK(s < end);
	return s + 1;
}

static const char *
json_members(const char *s, const char *end, char last)
{
	bool first = true;

	for (s++; s < end && *s != last; first = false) {
		if (!first) {
			CHECK(*s == ',');
			s++;
		}
		if (last == '}') {
			s = json_text(s, end);
			CHECK(s < end && *s == ':');
			s++;
		}
		s = json_value(s, end);
	}
	CHECK(s < end);
	return s + 1;
}

static const char *
json_value(const char *s, const char *end)
{
	static const char *const words[] = {"null", "true", "false"};
	size_t i;

	CHECK(s < end);
	if (*s == '{')
		return json_members(s, end, '}');
	if (*s == '[')
		return json_members(s, end, ']');
	if (*s == '"')
		return json_text(s, end);
	for (i = 0; strncmp(s, words[i], strlen(words[i])) != 0; i++)
		CHECK(i < 2);
	return s + strlen(words[i]);
}

void
check_json(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		CHECK(*s == '{');
		s = json_value(s, end);
		CHECK(s < end && *s == '\n');
		s++;
	}
}
