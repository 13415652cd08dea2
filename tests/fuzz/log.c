/*
 * A line of the log, whatever the values are: one line, of UTF-8 that moves no
 * cursor, within its length, that reads back as its format says (THREATS 17).
 */
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fuzz.h"

#define FIELDS_MAX 24

static bool
turns_text(uint32_t cp)
{
	return cp == 0x61c || cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069);
}

static void
check_characters(const char *line, size_t len)
{
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = fuzz_utf8((const unsigned char *)line + i, len - i, &cp);
		CHECK(n > 0);
		CHECK(cp >= 0x20 && (cp < 0x7f || cp > 0x9f) && !turns_text(cp));
	}
}

/* Behind the quoted string at S; its content is at most what a value may be, each byte escaped. */
static const char *
quoted(const char *s, bool json)
{
	const char *begin = s;

	CHECK(*s++ == '"');
	while (*s != '"') {
		CHECK(*s != '\0');
		if (*s++ != '\\')
			continue;
		if (json && *s == 'u') {
			CHECK(strspn(s + 1, "0123456789abcdefABCDEF") >= 4);
			s += 5;
			continue;
		}
		CHECK(*s != '\0' && strchr(json ? "\"\\nrt" : "\"\\nrtxuU", *s) != NULL);
		s++;
	}
	CHECK((size_t)(s - begin) <= 6 * LOG_VALUE_BYTES_MAX + 8);
	return s + 1;
}

static const char *
key(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	CHECK(n > 0);
	return s + n;
}

static size_t
read_logfmt(const char *s)
{
	size_t fields = 0, n;

	for (;; s++) {
		s = key(s);
		CHECK(*s++ == '=');
		fields++;
		if (*s == '"') {
			s = quoted(s, false);
		} else {
			n = strcspn(s, " \"=\\");
			CHECK(n > 0 && n <= LOG_VALUE_BYTES_MAX);
			s += n;
		}
		if (*s == '\0')
			return fields;
		CHECK(*s == ' ');
	}
}

static size_t
read_json(const char *s)
{
	size_t fields = 0;

	CHECK(*s == '{');
	do {
		s++;
		CHECK(*s == '"');
		s = key(s + 1);
		CHECK(*s++ == '"');
		CHECK(*s++ == ':');
		s = quoted(s, true);
		fields++;
	} while (*s == ',');
	CHECK(*s++ == '}');
	CHECK(*s == '\0');
	return fields;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	enum log_format format = input_byte(&in) % 2 == 0 ? LOG_FORMAT_LOGFMT : LOG_FORMAT_JSON;
	enum log_level level = (enum log_level)input_below(&in, 4);
	struct log_field fields[FIELDS_MAX];
	char *line = malloc(LOG_LINE_MAX), *text[FIELDS_MAX];
	size_t n = 0, i, len, seen, given = 0;

	CHECK(line != NULL);
	while (n < FIELDS_MAX && !input_ended(&in)) {
		text[n] = input_text(&in);
		fields[n] = (struct log_field){.key = "key", .value = text[n]};
		if (strcmp(text[n], "NULL") == 0)
			fields[n].value = NULL;
		else
			given++;
		n++;
	}
	len = log_render(line, format, INT64_C(1795428000123), level, "an.event", fields, n);
	CHECK(len > 0 && len < LOG_LINE_MAX);
	CHECK(line[len] == '\0' && strlen(line) == len);
	CHECK(line[len - 1] == '\n');
	line[--len] = '\0';
	check_characters(line, len);
	seen = format == LOG_FORMAT_JSON ? read_json(line) : read_logfmt(line);
	/* Time, level and event; all fields, or some and that it was cut. */
	if (strstr(line, format == LOG_FORMAT_JSON ? ",\"cut\":\"true\"}" : " cut=true") != NULL)
		CHECK(seen <= given + 4);
	else
		CHECK(seen == given + 3);
	for (i = 0; i < n; i++)
		free(text[i]);
	free(line);
	return 0;
}
