/* What the log tells an administrator of a link that is gone, so that he knows what to change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sys/conf.h"
#include "sys/daemon.h"
#include "sys/log.h"
#include "sys/report.h"
#include "sys_fixture.h"

static char domain[] = "presence.example.org", server[] = "127.0.0.1", secret[] = "/s", path[4096];
static struct conf conf = {.domain = domain, .server = server, .port = 5347, .secret_file = secret};
static struct report report;

/* The line of a stream that was up and has ended so, after a stanza of so many bytes. */
static char *
down(enum link_reason reason, bool was_up, size_t largest)
{
	const struct link_failure f = {.reason = reason, .was_up = was_up, .text = "not-well-formed", .attempts = 1};
	struct log_conf to = {.level = LOG_LEVEL_INFO, .target = LOG_TO_FILE, .path = path};

	report_init(&report, 0);
	snprintf(path, sizeof(path), "%s", in_dir("log"));
	put_text(in_dir("log"), "", 0600);
	assert_int_equal(log_open(&to), 0);
	report_down(&report, &conf, &f, largest);
	log_close();
	return get_file(in_dir("log"), NULL);
}

static void
a_stream_that_ends_after_a_large_stanza_names_the_setting(void **state)
{
	static const enum link_reason reasons[] = {REASON_STREAM_ERROR, REASON_CLOSED};
	char *said;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		said = down(reasons[i], true, 65536);
		assert_non_null(strstr(said, "event=link.down"));
		assert_non_null(strstr(said, "a stanza of 65536 bytes"));
		assert_non_null(strstr(said, "it has to take 262144"));
		assert_non_null(strstr(said, "component_stanza_size_limit"));
		assert_non_null(strstr(said, "max_stanza_size of its listener)\""));
		mem_free(said);
		said = down(reasons[i], true, 65535);
		assert_non_null(strstr(said, "event=link.down"));
		assert_null(strstr(said, "hint="));
		mem_free(said);
	}
	said = down(REASON_SHUTDOWN, true, 200000);
	assert_null(strstr(said, "hint="));
	mem_free(said);
	/* Of an attempt that failed it is no reason. */
	said = down(REASON_CLOSED, false, 200000);
	assert_non_null(strstr(said, "event=link.down"));
	assert_null(strstr(said, "hint="));
	mem_free(said);
}

static void
each_reason_that_he_can_do_something_about_says_what(void **state)
{
	static const struct {
		enum link_reason reason;
		const char *says;
	} hints[] = { {REASON_NOT_AUTHORIZED, "the secret in /s"},
		{REASON_HOST_UNKNOWN, "no component presence.example.org"}, {REASON_CONFLICT, "connected already"},
		{REASON_REFUSED, "127.0.0.1 port 5347"}, {REASON_TLS, "ca-file"}, {REASON_PROTOCOL, "XEP-0114"} };
	char *said;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		said = down(hints[i].reason, true, 0);
		assert_non_null(strstr(said, hints[i].says));
		mem_free(said);
	}
}

/* What `stats' says of its memory: of a program with a few libraries in it, in KiB. */
static void
its_memory_is_what_the_system_says(void **state)
{
	const size_t more = 32 << 20;
	uint64_t before = daemon_rss_kib(), after;
	char *m;

	(void)state;
	assert_in_range(before, 500, 1 << 20);
	m = mem_alloc(more);
	assert_non_null(m);
	memset(m, 1, more);
	after = daemon_rss_kib();
	assert_in_range(after, before + more / 1024 - 4096,
	    before + 2 * more / 1024); /* shadows of sanitizers as well */
	assert_int_equal(m[more - 1], 1);
	mem_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_stream_that_ends_after_a_large_stanza_names_the_setting, dir_setup,
		    dir_teardown),
		cmocka_unit_test(its_memory_is_what_the_system_says),
		cmocka_unit_test_setup_teardown(each_reason_that_he_can_do_something_about_says_what, dir_setup,
		    dir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
