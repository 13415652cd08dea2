/* The whole program and a configuration that names another component, or not all hosts any more. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/mem.h"
#include "program_fixture.h"
#include "sys_fixture.h"

static void
a_component_that_was_renamed_is_refused_until_that_is_said(void **state)
{
	char *lock;
	size_t len;

	(void)state;
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	stops();
	server.connections = 0;
	configure("component jid = other.home.test");
	write_configuration();
	refuses("-f", EX_CONFIG, "it is of the component " DOMAIN ", whose addresses its users (1) have approved");
	assert_non_null(strstr(buf_text(&program.said), "moved-from = \"" DOMAIN "\""));
	assert_null(strstr(text_of("log"), "registry.moved"));
	/* What the process before left in doubt stays so. */
	put_text(in_dir("registry.db-lock"), "1\n", 0600);
	refuses("-f", EX_CONFIG, "moved-from");
	lock = get_file(in_dir("registry.db-lock"), &len);
	assert_int_not_equal(len, 0);
	mem_free(lock);
	/* As it was. */
	configure("component jid = " DOMAIN);
	configure("registry moved-from = third.home.test");
	write_configuration();
	starts("-f");
	stops();
	/* What has moved is back where it was. */
	configure("component jid = other.home.test");
	configure("registry moved-from = " DOMAIN);
	write_configuration();
	program_starts("-f", 0);
	LOGS("event=registry.moved from=" DOMAIN " to=other.home.test users=1");
	end_everybody();
	configure("component jid = " DOMAIN);
	configure("registry moved-from = other.home.test");
	write_configuration();
	starts("-f");
	LOGS("event=registry.moved from=other.home.test to=" DOMAIN " users=1");
	is_alive();
	stops();
}

static void
a_host_that_was_removed_is_told_with_its_users(void **state)
{
	(void)state;
	starts("-f");
	is_asked_until_done("enrol", ASK("enrol", "enrol"));
	configure("hosts = { other.test }");
	write_configuration();
	program_signal(SIGHUP);
	LOGS("event=host.removed host=home.test users=1");
	stops();
	(void)rename(in_dir("log"), in_dir("log.1"));
	starts("-f");
	LOGS("event=host.removed host=home.test users=1");
	stops();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_component_that_was_renamed_is_refused_until_that_is_said),
		TEST(a_host_that_was_removed_is_told_with_its_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
