/*
 * The whole program where the world fails: killed, without disk, descriptors or a terminal, stopped for a while
 * (doc/threats.md, F5, F12, F13, F18); and started in the background.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "program_fixture.h"
#include "sys_fixture.h"

static void
a_test_says_where_nothing_can_be_written(void **state)
{
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), "registry path = \"%s\"", in_dir("none/registry.db"));
	configure(line);
	write_configuration();
	refuses("-t", 78, "path of registry");
}

/* F12 */

static void
who_is_killed_has_kept_what_was_said(void **state)
{
	(void)state;
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	program_signal(SIGKILL);
	nobody_is_left();
	starts("-f");
	LOGS("users=1");
	/* Nothing was left over that would have to be removed by hand. */
	stops();
}

/* Than when that was asked first. */
static bool
is_later_by(unsigned ms)
{
	static struct timespec first;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (first.tv_sec == 0)
		first = now;
	return (now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 >= (long)ms;
}

static void
a_second_signal_ends_it_and_the_next_start_is_told(void **state)
{
	struct stat st;

	(void)state;
	calls->speed = 1;
	starts("-f");
	server.silent = true;
	program_signal(SIGTERM);
	WAIT(server.closing);
	WAIT(is_later_by(300)); /* sooner it is the same one */
	program_signal(SIGTERM);
	stops_with(EXIT_FAILURE);
	LOGS("reason=\"second signal\"");
	assert_int_equal(stat(in_dir("registry.db-lock"), &st), 0);
	assert_true(st.st_size > 0);
	server.silent = false;
	starts("-f");
	stops();
	assert_int_equal(stat(in_dir("registry.db-lock"), &st), 0);
	assert_int_equal(st.st_size, 0);
}

/* What ends a session says so to each process of it, in more than one way. */
static void
two_signals_at_once_are_one(void **state)
{
	(void)state;
	calls->speed = 1;
	starts("-f");
	is_up();
	program_signal(SIGSTOP);
	program_signal(SIGTERM);
	program_signal(SIGINT);
	program_signal(SIGCONT);
	stops_with(EXIT_SUCCESS);
	assert_null(strstr(text_of("log"), "second signal"));
}

/* F13 */

static void
a_full_disk_refuses_enrolment_and_stops_nothing_else(void **state)
{
	(void)state;
	starts("-f");
	snprintf(calls->only, sizeof(calls->only), "|pwrite (registry)|");
	calls->registry = true;
	calls->how = 2; /* ENOSPC */
	calls->lasting = true;
	calls->fail_at = calls->counted + 1;
	server.answered[0] = '\0';
	server_says(ASK("full", "enrol"));
	WAIT(strcmp(server.answered, "full") == 0);
	assert_non_null(strstr(server.answer, "The registry can't be written"));
	LOGS("event=store.error reason=\"commit: database or disk is full");
	is_alive();
	calls->fail_at = 0;
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	LOGS("event=store.recovered");
	stops();
}

static void
a_registry_that_is_not_one_is_refused_and_left_alone(void **state)
{
	char *text;

	(void)state;
	put_text(in_dir("registry.db"), "hello, world\n", 0600);
	refuses("-f", EX_IOERR, "restore it from a backup");
	text = get_file(in_dir("registry.db"), NULL);
	assert_string_equal(text, "hello, world\n");
	mem_free(text);
}

static void
two_programs_do_not_share_a_registry(void **state)
{
	pid_t first;

	(void)state;
	starts("-f");
	first = program.pid;
	server.connections = 0;
	unlink(in_dir("pid"));
	program_starts("-f", 0);
	WAIT(program.ended);
	assert_int_equal(WEXITSTATUS(program.status), EX_IOERR);
	assert_non_null(strstr(buf_text(&program.said), "another polypresence is using it"));
	assert_int_equal(server.connections, 0);
	assert_int_equal(kill(first, SIGTERM), 0);
	nobody_is_left();
}

/* F18 */

static void
with_few_descriptors_it_runs_or_says_so(void **state)
{
	unsigned limit, ran = 0;

	(void)state;
	for (limit = 4; ran < 2; limit++) {
		assert_true(limit < 64);
		program_starts("-f", limit);
		WAIT(server.up || program.ended ||
		    (strstr(text_of("log"), "event=start") != NULL &&
			strstr(text_of("log"), "Too many open files") != NULL));
		if (program.ended) {
			nobody_is_left();
			/* The loader of the shared libraries needs one as well. */
			if (!WIFEXITED(program.status) || WEXITSTATUS(program.status) == 0 || program.said.len == 0)
				fail_msg("with %u it ends with %x: %s", limit, program.status, buf_text(&program.said));
			assert_string_equal(text_of("pid"), "");
			continue;
		}
		ran += server.up;
		stops();
		server_hangs_up();
		unlink(in_dir("log"));
	}
}

static void
without_descriptors_it_goes_on_and_connects_when_there_are(void **state)
{
	(void)state;
	starts("-f");
	snprintf(calls->only, sizeof(calls->only), "|open|socket|pipe2|fopen|");
	calls->how = 0; /* EMFILE */
	calls->lasting = true;
	calls->fail_at = calls->counted + 1;
	program_signal(SIGHUP);
	LOGS("event=reload.failed");
	is_alive();
	server_hangs_up();
	/* Which is not the server's fault. */
	LOGS("reason=local text=\"127.0.0.1 port ");
	assert_non_null(strstr(text_of("log"), ": Too many open files\""));
	calls->fail_at = 0;
	is_up();
	is_alive();
	stops();
}

static void
without_a_terminal_nothing_else_becomes_one(void **state)
{
	(void)state;
	configure("log destination = stderr");
	configure("log level = debug");
	write_configuration();
	program.no_terminal = true;
	/* What it logs would end up on the stream, or in the registry. */
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	stops();
	starts(NULL);
	is_alive();
	stops();
}

static void
a_terminal_that_can_not_be_replaced_is_no_start(void **state)
{
	(void)state;
	program.no_terminal = true;
	snprintf(calls->only, sizeof(calls->only), "|open|");
	calls->fail_at = 1;
	program_starts("-f", 0);
	nobody_is_left();
	assert_int_equal(WEXITSTATUS(program.status), EX_OSERR);
	assert_int_equal(server.connections, 0);
	calls->fail_at = 0;
	starts("-f");
	stops();
}

static void
a_log_on_a_full_disk_stops_nothing(void **state)
{
	(void)state;
	configure("log destination = \"file:/dev/full\"");
	configure("log level = debug");
	write_configuration();
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	program_signal(SIGHUP);
	WAIT(strstr(program.notified, "RELOADING=1") != NULL);
	is_alive();
	stops();
}

/* F5: who stands still is not to blame the server for it. */

#define GRANT                                        \
	"<message from='home.test' to='" DOMAIN "'>" \
	"<privilege xmlns='urn:xmpp:privilege:2'>"   \
	"<perm access='message' type='outgoing'/></privilege></message>"
#define STRANGERS                                                                                            \
	"<presence from='one@far.test/x' to='" DOMAIN "'/><presence from='two@far.test/x' to='" DOMAIN "'/>" \
	"<presence from='three@far.test/x' to='" DOMAIN "'/><presence from='four@far.test/x' to='" DOMAIN "'/>"

/* It has asked the server who it is, and is stopped before it hears of it. */
static void
asks_and_is_stopped(void)
{
	calls->speed = 1;
	starts("-f");
	server_says(GRANT);
	WAIT(server.asked[0] != '\0');
	program_signal(SIGSTOP);
}

static void
is_answered_and_goes_on(void)
{
	char answer[512];

	snprintf(answer, sizeof(answer),
	    "<iq type='result' id='%s' from='home.test' to='" DOMAIN "'><query "
	    "xmlns='http://jabber.org/protocol/disco#info'><identity category='server' type='im' name='Prosody'/>"
	    "</query></iq>",
	    server.asked);
	server_says(answer);
	program_signal(SIGCONT);
}

static void
what_was_answered_while_it_was_stopped_is_an_answer(void **state)
{
	(void)state;
	asks_and_is_stopped();
	calls->skipped_ms = 40000;
	server_says(STRANGERS);
	is_answered_and_goes_on();
	LOGS("event=server host=home.test name=");
	assert_non_null(strstr(text_of("log"), "name=Prosody"));
	/* What is not answered after that is not. */
	is_alive();
	assert_int_equal(server.connections, 1);
	stops();
}

/* What comes all the time is no reason to forget it. */
static void
what_comes_without_end_does_not_stop_the_clock(void **state)
{
	int i;

	(void)state;
	asks_and_is_stopped();
	calls->skipped_ms = 40000;
	for (i = 0; i < 800; i++)
		server_says(STRANGERS);
	/* To it, reading all this takes longer than there is time for. */
	calls->speed = 5000;
	is_answered_and_goes_on();
	LOGS("event=server host=home.test name=");
	assert_non_null(strstr(text_of("log"), "name=unknown"));
}

/* Who may look */

static void
only_its_own_user_may_read_what_it_makes(void **state)
{
	mode_t before = umask(0);
	struct dirent *e;
	struct stat st;
	unsigned made = 0;
	DIR *d;

	(void)state;
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	assert_int_equal(rename(in_dir("log"), in_dir("log.1")), 0);
	program_signal(SIGHUP);
	LOGS("event=reload file=");
	d = opendir(in_dir("."));
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		assert_int_equal(fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW), 0);
		/* Whoever stops it has to read its number. */
		if (!S_ISREG(st.st_mode) || strcmp(e->d_name, "pid") == 0)
			continue;
		if ((st.st_mode & 077) != 0)
			fail_msg("%s has mode %04o", e->d_name, (unsigned)(st.st_mode & 07777));
		made += strncmp(e->d_name, "log", 3) == 0 || strncmp(e->d_name, "registry", 8) == 0;
	}
	closedir(d);
	/* Two logs, the registry, its lock and its journal. */
	assert_true(made >= 4);
	stops();
	umask(before);
}

/* Rosters */

#define ROSTER_GRANT                                                                                               \
	"<message from='home.test' to='" DOMAIN "'><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' " \
	"type='get'/></privilege></message>"
#define PRESENCE(type) "<presence from='alice@home.test/x' to='alice\\40home.test@" DOMAIN "'" type "/>"

#define BRIDGE_ITEM "<item jid='alice\\40home.test@" DOMAIN "' subscription='from'/>"

/* The roster that the program waits for: N contacts, and what is behind them. */
static void
says_roster(size_t n, const char *last)
{
	struct buf b = {0};
	size_t i;

	buf_printf(&b, "<iq type='result' id='%s' from='alice@home.test' to='" DOMAIN "'>", server.roster);
	buf_puts(&b, "<query xmlns='jabber:iq:roster'>");
	for (i = 0; i < n; i++)
		buf_printf(&b,
		    "<item jid='contact-number-%zu@a.long.name.of.a.server.example' name='Contact &lt;%zu&gt;' "
		    "subscription='both'><group>Group %zu</group></item>",
		    i, i, i);
	buf_puts(&b, last);
	buf_puts(&b, "</query></iq>");
	server.roster[0] = '\0';
	server_says_much(b.data, b.len);
	buf_clear(&b);
}

/* A minute, in which something is heard now and then: a link that is silent for so long is given up. */
static void
a_minute_passes(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		calls->skipped_ms += 15500;
		is_alive();
	}
}

static void
a_large_roster_is_read_and_one_that_is_too_large_costs_nothing(void **state)
{
	(void)state;
	calls->speed = 1; /* what is slow here must not be silence there */
	starts("-f");
	server_says(ROSTER_GRANT);
	is_asked_until_done("e1", ASK("e1", "enrol"));
	server_says(PRESENCE(" type='subscribed'") PRESENCE(""));
	WAIT(server.roster[0] != '\0');
	says_roster(20000, BRIDGE_ITEM "<item jid='phone@home.test' name='Phone'><group>Devices</group></item>");
	LOGS("device.asked");
	assert_null(strstr(text_of("log"), "roster.too_large"));
	a_minute_passes(); /* it is read once in this time */
	server_says(PRESENCE(" type='unavailable'") PRESENCE(""));
	WAIT(server.roster[0] != '\0');
	says_roster(USER_CONTACTS_MAX + 1, BRIDGE_ITEM);
	LOGS("contacts.left_out");
	/* more than is read of any */
	a_minute_passes();
	server_says(PRESENCE(" type='unavailable'") PRESENCE(""));
	WAIT(server.roster[0] != '\0');
	says_roster(ROSTER_BYTES_MAX / 130, "");
	LOGS("roster.too_large");
	is_alive();
	/* nor of anything that nobody waits for */
	snprintf(server.roster, sizeof(server.roster), "unsolicited");
	says_roster(20000, "");
	is_alive();
	assert_int_equal(server.connections, 1);
	assert_null(strstr(text_of("log"), "privilege.lost"));
	stops();
}

/* In the background */

static void
in_the_background_the_one_that_was_started_tells_how_it_went(void **state)
{
	(void)state;
	program_starts(NULL, 0);
	WAIT(program.ended);
	assert_int_equal(program.status, 0);
	assert_string_equal(buf_text(&program.said), "");
	is_up();
	assert_true(atol(text_of("pid")) > 1 && atol(text_of("pid")) != program.pid);
	assert_non_null(strstr((is_alive(), program.notified), "READY=1\nSTATUS=connected"));
	stops();
	assert_string_equal(text_of("pid"), "");
	put_text(in_dir("registry.db"), "", 0600);
	server.connections = 0;
	refuses(NULL, EX_IOERR, "it is empty");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_test_says_where_nothing_can_be_written),
		TEST(who_is_killed_has_kept_what_was_said),
		TEST(a_second_signal_ends_it_and_the_next_start_is_told),
		TEST(two_signals_at_once_are_one),
		TEST(a_full_disk_refuses_enrolment_and_stops_nothing_else),
		TEST(a_registry_that_is_not_one_is_refused_and_left_alone),
		TEST(two_programs_do_not_share_a_registry),
		TEST(with_few_descriptors_it_runs_or_says_so),
		TEST(without_descriptors_it_goes_on_and_connects_when_there_are),
		TEST(without_a_terminal_nothing_else_becomes_one),
		TEST(a_terminal_that_can_not_be_replaced_is_no_start),
		TEST(a_log_on_a_full_disk_stops_nothing),
		TEST(what_was_answered_while_it_was_stopped_is_an_answer),
		TEST(what_comes_without_end_does_not_stop_the_clock),
		TEST(only_its_own_user_may_read_what_it_makes),
		TEST(in_the_background_the_one_that_was_started_tells_how_it_went),
		TEST(a_large_roster_is_read_and_one_that_is_too_large_costs_nothing),
		TEST_TLS(a_large_roster_is_read_and_one_that_is_too_large_costs_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	dir_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
