/* The whole program when it is told to look again: its configuration, its log, its secret (doc/threats.md, F16). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program_fixture.h"
#include "sys_fixture.h"

static void
a_reload_with_a_bad_file_changes_nothing_and_says_why(void **state)
{
	(void)state;
	starts("-f");
	put_text(in_dir("conf"), "component { jid = \"other.home.test\"\nsecret-fiel = \"x\" }\n", 0600);
	program_signal(SIGHUP);
	LOGS("event=reload.failed");
	assert_non_null(strstr(text_of("log"), "did you mean"));
	is_alive();
	/* Once it is right again it is taken. */
	configure("log level = debug");
	write_configuration();
	program_signal(SIGHUP);
	LOGS("event=reload file=");
	is_alive();
	assert_int_equal(server.connections, 1);
	stops();
}

/* Whoever installs a package, say, restarts and reloads. */
static void
one_that_comes_while_it_starts_is_heard_then(void **state)
{
	(void)state;
	program_starts("-f", 0);
	WAIT(calls->counted > 3);
	assert_int_equal(kill(program.pid, SIGHUP), 0);
	is_up();
	LOGS("event=reload file=");
	is_alive();
	stops();
}

static void
reloads_in_vain(const char *words)
{
	(void)rename(in_dir("log"), in_dir("log.1"));
	program_signal(SIGHUP);
	LOGS("event=reload.failed");
	if (strstr(text_of("log"), words) == NULL)
		fail_msg("it doesn't say \"%s\":\n%s", words, text_of("log"));
	is_alive();
}

static void
a_configuration_that_is_no_file_is_not_waited_for(void **state)
{
	(void)state;
	starts("-f");
	assert_int_equal(unlink(in_dir("conf")), 0);
	reloads_in_vain("No such file");
	assert_int_equal(mkdir(in_dir("conf"), 0700), 0);
	reloads_in_vain("is no regular file");
	assert_int_equal(rmdir(in_dir("conf")), 0);
	assert_int_equal(mkfifo(in_dir("conf"), 0600), 0);
	reloads_in_vain("is no regular file");
	assert_int_equal(unlink(in_dir("conf")), 0);
	stops();
}

/* libconfuse would end the process. */
static void
a_configuration_that_can_not_be_read_to_its_end_is_told(void **state)
{
	(void)state;
	starts("-f");
	snprintf(calls->only, sizeof(calls->only), "|read|");
	calls->how = 1; /* EIO */
	calls->fail_at = calls->counted + 1;
	reloads_in_vain("Input/output error");
	assert_string_equal(calls->failed, "read: 5");
	stops();
}

static void
what_can_not_change_while_running_is_told(void **state)
{
	(void)state;
	starts("-f");
	configure("component jid = \"other.home.test\"");
	write_configuration();
	reloads_in_vain("component jid");
	stops();
}

/* Nor is half of it taken. */
static void
a_log_that_can_not_be_opened_leaves_all_as_it_was(void **state)
{
	char line[256];

	(void)state;
	starts("-f");
	snprintf(line, sizeof(line), "log destination = \"file:%s\"", in_dir("none/log"));
	configure(line);
	configure("component tls-name = \"another.test\"");
	write_configuration();
	program_signal(SIGHUP);
	LOGS("event=reload.failed reason=\"the log can't be opened\" option=\"log destination\"");
	assert_non_null(strstr(text_of("log"), "No such file or directory"));
	assert_null(strstr(text_of("log"), "tls-name"));
	is_alive();
	assert_int_equal(server.connections, 1);
	stops();
}

/* What is ended by a reload is no failure, and says which option it was. */
static void
a_reload_that_takes_a_new_connection_says_why(void **state)
{
	(void)state;
	starts("-f");
	configure("component tls-name = \"another.test\"");
	write_configuration();
	program_signal(SIGHUP);
	LOGS("has another tls-name");
	LOGS("level=info event=link.down reason=closed");
	is_up();
	stops();
}

static void
a_rotated_log_goes_on_in_a_new_file(void **state)
{
	(void)state;
	starts("-f");
	assert_int_equal(rename(in_dir("log"), in_dir("log.1")), 0);
	program_signal(SIGHUP);
	LOGS("event=reload file=");
	stops();
	LOGS("event=stop");
	assert_null(strstr(text_of("log.1"), "event=stop"));
}

static void
a_log_that_can_not_be_opened_anew_goes_on_in_the_old_file(void **state)
{
	const char *first;

	(void)state;
	starts("-f");
	assert_int_equal(rename(in_dir("log"), in_dir("log.1")), 0);
	assert_int_equal(mkdir(in_dir("log"), 0700), 0);
	program_signal(SIGHUP);
	WAIT(strstr(text_of("log.1"), "event=reload.failed") != NULL);
	/* Once, though it is tried twice. */
	first = strstr(text_of("log.1"), "event=log.error");
	assert_non_null(first);
	assert_null(strstr(first + 1, "event=log.error"));
	is_alive();
	assert_int_equal(rmdir(in_dir("log")), 0);
	program_signal(SIGHUP);
	LOGS("event=reload file=");
	stops();
}

static void
a_rotated_secret_serves_at_the_next_handshake(void **state)
{
	(void)state;
	starts("-f");
	/* The server first: a wrong secret is said, and the file is read again at each attempt. */
	server.secret = "rotated";
	server_hangs_up();
	WAIT(server.refusals > 0);
	LOGS("reason=not-authorized");
	assert_null(strstr(text_of("log"), "s3cret"));
	put_text(in_dir("secret"), "rotated\n", 0600);
	is_up();
	stops();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reload_with_a_bad_file_changes_nothing_and_says_why),
		TEST(one_that_comes_while_it_starts_is_heard_then),
		TEST(a_configuration_that_is_no_file_is_not_waited_for),
		TEST(a_configuration_that_can_not_be_read_to_its_end_is_told),
		TEST(what_can_not_change_while_running_is_told),
		TEST(a_log_that_can_not_be_opened_leaves_all_as_it_was),
		TEST(a_reload_that_takes_a_new_connection_says_why),
		TEST(a_rotated_log_goes_on_in_a_new_file),
		TEST(a_log_that_can_not_be_opened_anew_goes_on_in_the_old_file),
		TEST(a_rotated_secret_serves_at_the_next_handshake),
	};

	signal(SIGPIPE, SIG_IGN);
	dir_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
