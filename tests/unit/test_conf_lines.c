/* sys/conf: where something is wrong is said, with its line, however the rest of the file is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "conf_fixture.h"
#include "sys_fixture.h"

static void
sections_within_each_other_are_unknown_not_too_many(void **state)
{
	(void)state;
	says(COMPONENT HOSTS
	    "log { log { } publish { log { } publish { } devices { } }\n devices { log { } publish { } } }\n"
	    "publish { log { } publish { } devices { } }\n",
	    "3: unknown section \"log\" in log\n"
	    "3: unknown section \"publish\" in log\n"
	    "3: unknown section \"log\" in publish\n"
	    "3: unknown section \"publish\" in publish\n"
	    "3: unknown section \"devices\" in publish\n"
	    "4: unknown section \"devices\" in log\n"
	    "4: unknown section \"log\" in devices\n"
	    "4: unknown section \"publish\" in devices\n"
	    "5: publish: there is no \"=\" behind it, and nothing is read from here on\n");
}

static void
nothing_behind_an_empty_name_is_passed_over(void **state)
{
	(void)state;
	says(COMPONENT HOSTS "\"\" = 1\nlog { level = debug }\n",
	    "3: something without a name, and nothing is read behind it\n");
}

static void
a_file_that_ends_too_early_is_no_configuration(void **state)
{
	static const char *const unended[] = {
		COMPONENT HOSTS "log { level = \"info",
		COMPONENT HOSTS "log { level = 'info",
		COMPONENT HOSTS "/* log { level = info",
	};
	size_t i;

	(void)state;
	assert_int_equal(loads(COMPONENT HOSTS "log { level = info"), ERR_INVALID);
	assert_non_null(strstr(buf_text(&errors), "3: the brace that is opened here is not closed\n"));
	for (i = 0; i < sizeof(unended) / sizeof(unended[0]); i++) {
		assert_int_equal(loads(unended[i]), ERR_INVALID);
		assert_non_null(strstr(buf_text(&errors), " has no end\n"));
		assert_int_equal(loads(COMPONENT HOSTS), 0);
	}
	assert_int_equal(loads(COMPONENT HOSTS "log { level = \"\\8\" }"), ERR_INVALID);
	/* And the next one is read as if nothing had been. */
	assert_int_equal(loads(COMPONENT HOSTS), 0);
}

/* Not where libconfuse finds out, nor with what is read wrongly for it. */
static void
what_has_no_end_is_said_where_it_begins(void **state)
{
	(void)state;
	says("component {\n  jid = \"presence.home.test\n  secret-file = \"%S\"\n}\n" HOSTS "log { level = loud }\n",
	    "2: the string that begins here has no end\n");
	says("component {\n  prt = 1\n  jid = 'presence.home.test\n  secret-file = \"%S\"\n}\n" HOSTS,
	    "2: unknown option \"prt\" in component, did you mean \"port\"?\n"
	    "3: the string that begins here has no end\n");
	/* Nor is a quote that is missing as well its end. */
	says("component {\n  jid = \"presence.home.test\n  secret-file = \"%S\n}\n" HOSTS,
	    "2: the string that begins here has no end\n");
	says(COMPONENT "hosts = {\n  \"home.test\",\n  \"work.test\n}\n",
	    "4: the string that begins here has no end\n");
	says(COMPONENT "hosts =\n  \"home.test\n", "3: the string that begins here has no end\n");
	says("\"", "1: the string that begins here has no end\n");
	says("\n'\\'\n", "2: the string that begins here has no end\n");
	says(COMPONENT "\n/* what is\n" HOSTS, "3: the comment that begins here has no end\n");
	says("log {\n  level = info\n" COMPONENT HOSTS,
	    "1: the brace that is opened here is not closed\n"
	    "3: unknown section \"component\" in log\n"
	    "4: unknown option \"hosts\" in log\n");
	/* Behind a backslash a string goes on. */
	assert_int_equal(loads(COMPONENT HOSTS "devices { group = \"a\\\nb\" }\n"), 0);
	says(COMPONENT HOSTS "devices { group = \"a\\\nb\" }\nlog { level = \"x }\n",
	    "5: the string that begins here has no end\n");
}

static void
what_is_missed_is_said_where_it_is_missing(void **state)
{
	(void)state;
	says("component {\n  jid = p.test\n  secret-file \"%S\"\n}\n" HOSTS,
	    "3: secret-file: there is no \"=\" behind it, and nothing is read from here on\n");
	says("component {\n  server = 127.0.0.1\n  # server\n  secret-file\n\n}\n" HOSTS,
	    "4: secret-file: there is no \"=\" behind it, and nothing is read from here on\n");
	says(COMPONENT HOSTS "log\n\npublish { burst = 1 }\n",
	    "3: log: there is no \"{\" behind it, and nothing is read from here on\n");
	says(COMPONENT HOSTS "publish {\n  burst = 1\n  foo\n\n  bar = 1\n}\n",
	    "5: foo: there is no \"=\" behind it, and nothing is read from here on\n"
	    "5: unknown option \"foo\" in publish\n");
}

/* libconfuse 3.3 counts the lines of comments more than once. */
static void
the_line_is_right_behind_comments(void **state)
{
	char *sample = get_file(SAMPLE, NULL), *at, *secret;
	char number[32];
	struct buf b = {0};
	const char *c;
	int line = 1;

	(void)state;
	secret = strstr(sample, "\"/etc/polypresence/secret\"");
	at = strstr(sample, "probes-per-second = ");
	assert_true(secret != NULL && at != NULL && at > secret);
	for (c = sample; c < at; c++)
		line += *c == '\n';
	buf_put(&b, sample, (size_t)(secret - sample));
	buf_printf(&b, "\"%s\"", in_dir("secret"));
	secret = strchr(secret + 1, '"') + 1;
	buf_put(&b, secret, (size_t)(at - secret));
	buf_puts(&b, "probes-per-second = 0\n# ");
	buf_puts(&b, at);
	assert_int_equal(loads(buf_text(&b)), ERR_INVALID);
	snprintf(number, sizeof(number), "%d: probes", line);
	assert_int_equal(strncmp(buf_text(&errors), number, strlen(number)), 0);
	assert_null(strchr(buf_text(&errors), '\n')[1] != '\0' ? "more" : NULL);
	buf_clear(&b);
	mem_free(sample);
}

static void
what_stands_in_a_comment_is_nothing_and_in_a_word_it_is_none(void **state)
{
	(void)state;
	says("# it's { \"\n// }\n/* # \n\" */ # }\n" COMPONENT HOSTS "nonsense = 1 # x\n",
	    "7: unknown option \"nonsense\"\n");
	assert_int_equal(loads(COMPONENT HOSTS "pid-file = \"/A # \\\" // /* b\"\n"), 0);
	assert_string_equal(conf.pid_file, "/A # \" // /* b");
	assert_int_equal(loads(COMPONENT HOSTS "pid-file = /a//b\n"), 0);
	assert_string_equal(conf.pid_file, "/a//b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sections_within_each_other_are_unknown_not_too_many),
		TEST(nothing_behind_an_empty_name_is_passed_over),
		TEST(a_file_that_ends_too_early_is_no_configuration),
		TEST(what_has_no_end_is_said_where_it_begins),
		TEST(what_is_missed_is_said_where_it_is_missing),
		TEST(the_line_is_right_behind_comments),
		TEST(what_stands_in_a_comment_is_nothing_and_in_a_word_it_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
