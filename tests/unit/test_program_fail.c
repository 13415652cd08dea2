/*
 * The whole program when its n-th system call fails, is short or is
 * interrupted, for n = 1, 2, ... until it isn't reached any more (F2, F4, F18):
 * it refuses to start and says why, or does its job; it never hangs or
 * crashes, leaves nothing open, continues no stanza on another stream, and
 * with the next start, or the next attempt, all is well.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program_fixture.h"
#include "store_fixture.h"
#include "sys_fixture.h"

#define ENROL                                                                 \
	"<iq type='set' id='enrol' from='alice@home.test/x' to='" DOMAIN "'>" \
	"<command xmlns='http://jabber.org/protocol/commands' node='enrol' action='execute'/></iq>"
#define DISCO                                                                 \
	"<iq type='get' id='disco' from='alice@home.test/x' to='" DOMAIN "'>" \
	"<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"

static void
forget_files(void)
{
	static const char *const names[] = { "registry.db", "registry.db-wal", "registry.db-shm", "registry.db-journal",
		"registry.db-new", "registry.db-new-journal", "registry.db-lock", "log", "log.1", "pid" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
}

static bool
logged(const char *event)
{
	char text[64];

	snprintf(text, sizeof(text), " event=%s", event);
	return strstr(text_of("log"), text) != NULL || strstr(text_of("log.1"), text) != NULL;
}

static void
wrong(const char *what)
{
	fail_msg("%s: %s\nstatus %x %x, left open %d, it said: %s\nit logged: %s%s", calls->failed, what,
	    program.status, program.last_status, calls->left_open, buf_text(&program.said), text_of("log.1"),
	    text_of("log"));
}

/* Whoever has ended has ended by itself, with a word about it if it wasn't asked to. */
static void
has_given_up_clearly(void)
{
	nobody_is_left();
	if (!WIFEXITED(program.status) || WEXITSTATUS(program.status) == 0)
		wrong("it ended like this");
	if (program.said.len == 0 && !logged("stop"))
		wrong("it gave up without a word");
	if (text_of("pid")[0] != '\0')
		wrong("it left its process id behind");
}

/* From the start to the end; false: it gave up. */
static bool
life(const char *flags)
{
	unsigned reloads;

	program_starts(flags, 0);
	WAIT(server.up || program.ended);
	if (program.ended && flags == NULL && program.status == 0)
		WAIT(server.up || program.running == 0);
	if (!server.up) {
		has_given_up_clearly();
		return false;
	}
	is_asked_until_done("enrol", ENROL);
	/* A rotated log, and the configuration again. */
	(void)rename(in_dir("log"), in_dir("log.1"));
	for (reloads = 0; !logged("reload"); reloads++) {
		if (reloads == 3)
			wrong("it doesn't reload");
		program.notified[0] = '\0';
		program_signal(SIGHUP);
		WAIT(strstr(program.notified, "READY=1") != NULL || logged("reload") || logged("reload.failed"));
		if (!logged("reload") && !logged("reload.failed") && strstr(program.notified, "READY=1") == NULL)
			wrong("it said nothing about the reload");
	}
	is_asked_until_done("disco", DISCO);
	program_signal(SIGTERM);
	nobody_is_left();
	if (program.status != 0 || program.last_status != 0)
		wrong("it didn't end well");
	return true;
}

static void
is_left_in_order(void)
{
	if (calls->left_open > 0)
		wrong("it left something open");
	if (access(in_dir("pid"), F_OK) == 0 && strncmp(calls->failed, "unlink", 6) != 0)
		wrong("it left its pid file behind");
	opens();
	assert_int_equal(loads(), 0);
	if (strstr(buf_text(&rows), "user alice@home.test ") == NULL)
		wrong("who was enrolled isn't");
	closes();
}

/*
 * ONLY: these calls.  The many of SQLite fail in test_store_fail, one level
 * higher; here, and each call in all of its ways, with EVERY_FAILURE in the
 * environment.
 */
static void
every_call_may_fail(const char *flags, const char *only)
{
	bool all = getenv("EVERY_FAILURE") != NULL;
	unsigned long n, cases = 0;
	unsigned how, ways;
	bool lived;

	snprintf(calls->only, sizeof(calls->only), "%s", all ? "" : only);
	calls->registry = all;
	for (n = 1;; n++) {
		for (how = all ? 0 : (unsigned)n;; how++) {
			forget_files();
			calls->fail_at = n;
			calls->how = how;
			lived = life(flags);
			ways = calls->ways;
			calls->fail_at = 0;
			/* And later it succeeds. */
			if (!lived && !life(flags))
				wrong("it doesn't start any more");
			is_left_in_order();
			if (ways != 0)
				cases++;
			if (!all || ways == 0 || how + 1 >= ways)
				break;
		}
		if (ways == 0)
			break;
	}
	print_message("%lu calls failed\n", cases);
	assert_true(cases > 20);
}

static void
in_the_foreground_every_call_may_fail(void **state)
{
	(void)state;
	every_call_may_fail("-f", "");
}

static void
in_the_background_every_call_may_fail(void **state)
{
	(void)state;
	every_call_may_fail(NULL,
	    "|pipe|fork|setsid|chdir|dup2|fcntl|fchmod|realpath|read (pipe)|write (pipe)|write|open|close|unlink|");
}

static void
over_tls_every_call_may_fail(void **state)
{
	(void)state;
	every_call_may_fail("-f",
	    "|read (socket)|write (socket)|connect|getsockopt|epoll_ctl|epoll_wait|fopen|fopen64|getentropy|");
}

static void
every_allocation_may_fail(void **state)
{
	unsigned long n, cases = 0, seen;
	bool lived;

	(void)state;
	calls->fail_at = 0;
	for (n = 1;; n += getenv("EVERY_FAILURE") != NULL ? 1 : 3) {
		forget_files();
		snprintf(calls->failed, sizeof(calls->failed), "allocation %lu", n);
		calls->no_memory_at = n;
		lived = life("-f");
		seen = calls->allocations;
		calls->no_memory_at = 0;
		if (!lived && !life("-f"))
			wrong("it doesn't start any more");
		is_left_in_order();
		if (lived && seen < n)
			break;
		cases++;
	}
	print_message("%lu allocations failed\n", cases);
	assert_true(cases > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_the_foreground_every_call_may_fail),
		TEST(in_the_background_every_call_may_fail),
		TEST(every_allocation_may_fail),
		TEST_TLS(over_tls_every_call_may_fail),
	};

	signal(SIGPIPE, SIG_IGN);
	dir_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
