/* sys/log: what is written is safe to look at (THREATS 17), and writing never harms (F18). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sys/log.h"
#include "wire/catalogue.h"
#include "sys_fixture.h"

static char line[LOG_LINE_MAX];

/* The line with one field `k' of VALUE, without time, level and event. */
static const char *
field(enum log_format format, const char *value)
{
	struct log_field f = {.key = "k", .value = value};
	const char *start = format == LOG_FORMAT_JSON ?
	    "{\"time\":\"2026-11-23T10:00:00.123Z\",\"level\":\"info\",\"event\":\"e\"," :
	    "time=2026-11-23T10:00:00.123Z level=info event=e ";
	size_t len;

	len = log_render(line, format, 1795428000123, LOG_LEVEL_INFO, "e", &f, 1);
	assert_int_equal(len, strlen(line));
	assert_int_equal(line[len - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	line[len - 1] = '\0';
	assert_memory_equal(line, start, strlen(start));
	return line + strlen(start);
}

static void
a_line_is_one_event_with_its_fields(void **state)
{
	struct log_field f[] = { {.key = "a", .value = "1"}, {.key = "none"}, {.key = "b", .value = "two words"},
		{.key = "c", .text = TEXT_SAVED} };

	(void)state;
	log_render(line, LOG_FORMAT_LOGFMT, 0, LOG_LEVEL_ERROR, "grant", f, 4);
	assert_string_equal(line,
	    "time=1970-01-01T00:00:00.000Z level=error event=grant a=1 b=\"two words\" c=Saved.\n");
	log_render(line, LOG_FORMAT_JSON, 0, LOG_LEVEL_DEBUG, "grant", f, 4);
	assert_string_equal(line,
	    "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"debug\",\"event\":\"grant\","
	    "\"a\":\"1\",\"b\":\"two words\",\"c\":\"Saved.\"}\n");
}

static void
values_are_quoted_only_where_it_matters(void **state)
{
	(void)state;
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "alice@home.test/a"), "k=alice@home.test/a");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, ""), "k=\"\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "a=b"), "k=\"a=b\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "say \"hi\""), "k=\"say \\\"hi\\\"\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "alice\\40home.test"), "k=\"alice\\\\40home.test\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "j\xc3\xbcrg"), "k=j\xc3\xbcrg");
	assert_string_equal(field(LOG_FORMAT_JSON, "j\xc3\xbcrg"), "\"k\":\"j\xc3\xbcrg\"}");
}

static void
nothing_in_a_value_ends_the_line_or_moves_the_cursor(void **state)
{
	(void)state;
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "a\nlevel=error"), "k=\"a\\nlevel=error\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\x1b[2J\r\t\x7f"), "k=\"\\x1b[2J\\r\\t\\x7f\"");
	assert_string_equal(field(LOG_FORMAT_JSON, "\x1b[2J\n"), "\"k\":\"\\u001b[2J\\n\"}");
	/* C1 control, line separator, paragraph separator */
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xc2\x9b\xe2\x80\xa8\xe2\x80\xa9"),
	    "k=\"\\u009b\\u2028\\u2029\"");
}

static void
nothing_in_a_value_turns_text_around(void **state)
{
	(void)state;
	/* right-to-left override, isolate, marks; a tag character beyond the first plane */
	assert_string_equal(field(LOG_FORMAT_LOGFMT,
				"\xe2\x80\xae"
				"txt.exe"),
	    "k=\"\\u202etxt.exe\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xe2\x81\xa6\xe2\x80\x8f"), "k=\"\\u2066\\u200f\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xf3\xa0\x81\x81"), "k=\"\\U000e0041\"");
	assert_string_equal(field(LOG_FORMAT_JSON, "\xf3\xa0\x81\x81"), "\"k\":\"\\udb40\\udc41\"}");
}

/* One character of Unicode, as UTF-8. */
static const char *
utf8(uint32_t c)
{
	static char out[5];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	for (i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
	out[n] = '\0';
	return out;
}

static void
nor_does_the_first_or_the_last_of_any_such(void **state)
{
	static const uint32_t unsafe[] = { 0x1, 0x1f, 0x7f, 0x80, 0x9f, 0xad, 0x61c, 0x200b, 0x200f, 0x2028, 0x202e,
		0x2060, 0x206f, 0xfeff, 0xfff9, 0xfffb, 0xfffe, 0xffff, 0x1fffe, 0x10ffff, 0xe0000, 0xe007f };
	static const uint32_t safe[] = { 0x21, 0x7e, 0xa1, 0xac, 0xae, 0x61b, 0x61d, 0x200a, 0x2010, 0x2027, 0x202f,
		0x205f, 0x2070, 0xfefe, 0xff00, 0xfff8, 0xfffc, 0xfffd, 0x10000, 0x1fffd, 0xe0080 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (strncmp(field(LOG_FORMAT_LOGFMT, utf8(unsafe[i])), "k=\"\\", 4) != 0)
			fail_msg("U+%04X is not escaped", (unsigned)unsafe[i]);
	}
	for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
		if (strcmp(field(LOG_FORMAT_LOGFMT, utf8(safe[i])) + 2, utf8(safe[i])) != 0)
			fail_msg("U+%04X is escaped", (unsigned)safe[i]);
	}
}

static void
what_is_not_utf8_is_shown_as_bytes(void **state)
{
	(void)state;
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xff\xc3"), "k=\"\\xff\\xc3\"");
	/* overlong, surrogate, beyond U+10FFFF, cut short */
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xc0\xaf"), "k=\"\\xc0\\xaf\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xed\xa0\x80"), "k=\"\\xed\\xa0\\x80\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xf4\x90\x80\x80"), "k=\"\\xf4\\x90\\x80\\x80\"");
	assert_string_equal(field(LOG_FORMAT_LOGFMT, "\xe2\x80"), "k=\"\\xe2\\x80\"");
	assert_string_equal(field(LOG_FORMAT_JSON, "\xff"), "\"k\":\"\\ufffd\"}");
}

static void
a_value_is_cut_at_its_bound_between_characters(void **state)
{
	char value[LOG_VALUE_BYTES_MAX + 10], want[LOG_VALUE_BYTES_MAX + 20];

	(void)state;
	memset(value, 'a', sizeof(value));
	value[LOG_VALUE_BYTES_MAX] = '\0';
	snprintf(want, sizeof(want), "k=%s", value);
	assert_string_equal(field(LOG_FORMAT_LOGFMT, value), want);
	value[LOG_VALUE_BYTES_MAX] = 'a';
	value[LOG_VALUE_BYTES_MAX + 1] = '\0';
	snprintf(want, sizeof(want), "k=\"%.*s...\" cut=true", LOG_VALUE_BYTES_MAX, value);
	assert_string_equal(field(LOG_FORMAT_LOGFMT, value), want);
	value[LOG_VALUE_BYTES_MAX + 1] = 'a';
	value[sizeof(value) - 1] = '\0';
	snprintf(want, sizeof(want), "k=\"%.*s...\" cut=true", LOG_VALUE_BYTES_MAX, value);
	assert_string_equal(field(LOG_FORMAT_LOGFMT, value), want);
	/* A character that the bound goes through is left out. */
	memcpy(value + LOG_VALUE_BYTES_MAX - 1, "\xc3\xbc", 2);
	snprintf(want, sizeof(want), "k=\"%.*s...\" cut=true", LOG_VALUE_BYTES_MAX - 1, value);
	assert_string_equal(field(LOG_FORMAT_LOGFMT, value), want);
}

/* Whoever reads it, or a program, is to know that there was more. */
static void
a_value_that_was_cut_is_marked(void **state)
{
	struct log_field f[] = { {.key = "k"}, {.key = "n", .value = "v"} };
	char value[LOG_VALUE_BYTES_MAX + 2];
	size_t len;

	(void)state;
	memset(value, 'a', sizeof(value));
	value[LOG_VALUE_BYTES_MAX + 1] = '\0';
	f[0].value = value;
	len = log_render(line, LOG_FORMAT_LOGFMT, 0, LOG_LEVEL_INFO, "e", f, 2);
	assert_string_equal(line + len - 14, " n=v cut=true\n");
	log_render(line, LOG_FORMAT_JSON, 0, LOG_LEVEL_INFO, "e", f, 2);
	assert_non_null(strstr(line, ",\"n\":\"v\",\"cut\":\"true\"}\n"));
	value[LOG_VALUE_BYTES_MAX] = '\0';
	log_render(line, LOG_FORMAT_LOGFMT, 0, LOG_LEVEL_INFO, "e", f, 2);
	assert_null(strstr(line, "cut"));
}

/* Texts for people, in which the remedy stands at the end. */
static void
a_text_of_ours_is_not_cut(void **state)
{
	struct log_field f = {.key = "reason", .text = TEXT_BLOCKED_FORBIDDEN};

	(void)state;
	log_render(line, LOG_FORMAT_LOGFMT, 0, LOG_LEVEL_INFO, "e", &f, 1);
	assert_true(strlen(catalogue_text(TEXT_BLOCKED_FORBIDDEN)) > LOG_VALUE_BYTES_MAX);
	assert_non_null(strstr(line, "ask your administrator\"\n"));
}

static void
a_line_that_is_too_long_says_so(void **state)
{
	struct log_field f[30];
	char value[LOG_VALUE_BYTES_MAX + 1];
	size_t i, len;

	(void)state;
	memset(value, 1, LOG_VALUE_BYTES_MAX);
	value[LOG_VALUE_BYTES_MAX] = '\0';
	for (i = 0; i < 30; i++) {
		f[i].key = "k";
		f[i].value = value;
	}
	len = log_render(line, LOG_FORMAT_LOGFMT, 0, LOG_LEVEL_INFO, "e", f, 30);
	assert_true(len < LOG_LINE_MAX);
	assert_string_equal(line + len - 10, " cut=true\n");
	len = log_render(line, LOG_FORMAT_JSON, 0, LOG_LEVEL_INFO, "e", f, 30);
	assert_true(len < LOG_LINE_MAX);
	assert_string_equal(line + len - 15, ",\"cut\":\"true\"}\n");
}

static void
opens(const char *path, enum log_level level)
{
	char copy[4096];
	struct log_conf conf = {level, LOG_FORMAT_LOGFMT, LOG_TO_FILE, copy};

	snprintf(copy, sizeof(copy), "%s", path);
	assert_int_equal(log_open(&conf), 0);
}

static void
the_level_decides_what_is_written(void **state)
{
	const char *path = in_dir("log");
	struct log_line own = { .level = LOG_LEVEL_INFO,
		.event = "fine",
		.fields = { {.key = "k", .value = "v"} },
		.nfields = 1 };
	char *text;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_DEBUG, "secret", "k", "v", NULL);
	assert_false(log_wants(LOG_LEVEL_DEBUG));
	log_line(&own);
	log_set_level(LOG_LEVEL_ERROR);
	log_event(LOG_LEVEL_WARN, "quiet", NULL);
	log_close();
	text = get_file(path, NULL);
	assert_non_null(strstr(text, " level=info event=fine k=v\n"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "quiet"));
	mem_free(text);
}

/* Of a transaction, until it is durable. */
static void
what_is_held_is_written_in_its_order_when_it_is_released(void **state)
{
	const char *path = in_dir("log");
	struct log_line own = {.level = LOG_LEVEL_INFO, .nfields = 1};
	char *text;
	char number[24];
	size_t held = 0, len, i;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	own.fields[0].key = "k";
	own.fields[0].value = number;
	own.event = "debug";
	own.level = LOG_LEVEL_DEBUG;
	assert_true(log_hold(&own));
	own.event = "held";
	own.level = LOG_LEVEL_INFO;
	for (;;) {
		snprintf(number, sizeof(number), "%zu", held);
		if (!log_hold(&own))
			break;
		held++;
		assert_true(held < LOG_HELD_BYTES_MAX);
	}
	assert_true(held > 100);
	text = get_file(path, &len);
	assert_int_equal(len, 0);
	mem_free(text);
	log_release();
	log_release();
	log_close();
	text = get_file(path, NULL);
	assert_null(strstr(text, "debug"));
	for (i = 0, len = 0; text[len] != '\0'; i++) {
		snprintf(line, sizeof(line), " level=info event=held k=%zu\n", i);
		assert_memory_equal(text + len + strcspn(text + len, " "), line, strlen(line));
		len += strcspn(text + len, "\n") + 1;
	}
	assert_int_equal(i, held);
	mem_free(text);
}

static void
a_rotated_file_is_left_behind(void **state)
{
	const char *path = in_dir("log"), *old = in_dir("log.1");
	struct stat st;
	char *text;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "first", NULL);
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(log_reopen(), 0);
	log_event(LOG_LEVEL_INFO, "second", NULL);
	log_close();
	text = get_file(path, NULL);
	assert_null(strstr(text, "first"));
	assert_non_null(strstr(text, "second"));
	mem_free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07, 0);
}

static void
what_was_logged_before_stays(void **state)
{
	const char *path = in_dir("log");
	char *text;
	size_t len;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "an-earlier-run", NULL);
	log_close();
	opens(path, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "this-run", NULL);
	assert_int_equal(log_reopen(), 0);
	log_event(LOG_LEVEL_INFO, "reloaded", NULL);
	text = get_file(path, &len);
	assert_non_null(strstr(text, "an-earlier-run"));
	assert_non_null(strstr(text, "this-run"));
	assert_non_null(strstr(text, "reloaded"));
	mem_free(text);
	/* Who copies it and truncates it gets no hole. */
	assert_int_equal(truncate(path, 0), 0);
	log_event(LOG_LEVEL_INFO, "after", NULL);
	log_close();
	text = get_file(path, &len);
	assert_int_equal(strlen(text), len);
	assert_non_null(strstr(text, "after"));
	mem_free(text);
}

static void
a_target_that_can_not_be_opened_changes_nothing(void **state)
{
	const char *path = in_dir("log");
	struct log_conf conf = {LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT, LOG_TO_FILE, NULL};
	char nowhere[4096], *text;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	snprintf(nowhere, sizeof(nowhere), "%s/no/such/dir", path);
	conf.path = nowhere;
	assert_int_not_equal(log_open(&conf), 0);
	log_event(LOG_LEVEL_INFO, "still", NULL);
	log_close();
	text = get_file(path, NULL);
	assert_non_null(strstr(text, "event=still"));
	mem_free(text);
}

static void
what_a_full_disk_swallowed_is_counted(void **state)
{
	const char *path = in_dir("log");
	struct rlimit was, small;
	char *text;
	int i;

	(void)state;
	opens(path, LOG_LEVEL_INFO);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 0; i < 5; i++)
		log_event(LOG_LEVEL_INFO, "lost", NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	log_event(LOG_LEVEL_INFO, "found", NULL);
	log_close();
	text = get_file(path, NULL);
	assert_non_null(strstr(text, "event=log.lost count=4\n"));
	/* The line that was cut by the end of the disk doesn't swallow the next. */
	assert_string_not_equal(text + 99, "");
	assert_int_equal(text[100], '\n');
	assert_non_null(strstr(text, "event=found\n"));
	mem_free(text);
}

static void
a_reader_who_does_not_read_holds_nothing_up(void **state)
{
	struct log_conf conf = {LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT, LOG_TO_STDERR, NULL};
	int fds[2], saved = dup(STDERR_FILENO), i;
	char drained[65536];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	assert_int_equal(log_open(&conf), 0);
	/* Far more than a pipe holds. */
	for (i = 0; i < 5000; i++)
		log_event(LOG_LEVEL_INFO, "flood", "text", "some words to fill the pipe with", NULL);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	while (read(fds[0], drained, sizeof(drained)) > 0)
		continue;
	log_event(LOG_LEVEL_INFO, "after", NULL);
	n = read(fds[0], drained, sizeof(drained) - 1);
	/* A reader who is gone doesn't end us either. */
	close(fds[0]);
	log_event(LOG_LEVEL_INFO, "gone", NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	assert_true(n > 0);
	drained[n] = '\0';
	assert_non_null(strstr(drained, "event=log.lost count="));
	assert_non_null(strstr(drained, "event=after"));
	log_close();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_event_with_its_fields),
		cmocka_unit_test(values_are_quoted_only_where_it_matters),
		cmocka_unit_test(nothing_in_a_value_ends_the_line_or_moves_the_cursor),
		cmocka_unit_test(nothing_in_a_value_turns_text_around),
		cmocka_unit_test(nor_does_the_first_or_the_last_of_any_such),
		cmocka_unit_test(what_is_not_utf8_is_shown_as_bytes),
		cmocka_unit_test(a_value_is_cut_at_its_bound_between_characters),
		cmocka_unit_test(a_value_that_was_cut_is_marked),
		cmocka_unit_test(a_text_of_ours_is_not_cut),
		cmocka_unit_test(a_line_that_is_too_long_says_so),
		TEST(the_level_decides_what_is_written),
		TEST(what_is_held_is_written_in_its_order_when_it_is_released),
		TEST(a_rotated_file_is_left_behind),
		TEST(what_was_logged_before_stays),
		TEST(a_target_that_can_not_be_opened_changes_nothing),
		TEST(what_a_full_disk_swallowed_is_counted),
		cmocka_unit_test(a_reader_who_does_not_read_holds_nothing_up),
	};

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
