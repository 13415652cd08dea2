/* What the tests of the whole program have in common: it starts, goes on, stops, or refuses to. */
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "program_fixture.h"
#include "sys_fixture.h"

#define DISCO                                                                 \
	"<iq type='get' id='disco' from='alice@home.test/x' to='" DOMAIN "'>" \
	"<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"

void
is_up(void)
{
	WAIT(server.up || (program.ended && (program.status != 0 || program.running == 0)));
	if (!server.up)
		fail_msg("it ended with %x: %s", program.status, buf_text(&program.said));
}

void
starts(const char *flags)
{
	program_starts(flags, 0);
	is_up();
}

void
stops_with(int status)
{
	nobody_is_left();
	if (!WIFEXITED(program.last_status) || WEXITSTATUS(program.last_status) != status)
		fail_msg("it ended with %x; it said:\n%sit logged:\n%s", program.last_status, buf_text(&program.said),
		    text_of("log"));
}

void
stops(void)
{
	program_signal(SIGTERM);
	stops_with(0);
}

void
is_alive(void)
{
	is_asked_until_done("disco", DISCO);
}

void
refuses(const char *flags, int status, const char *words)
{
	program_starts(flags, 0);
	nobody_is_left();
	turn();
	assert_true(WIFEXITED(program.status));
	assert_int_equal(WEXITSTATUS(program.status), status);
	if (strstr(buf_text(&program.said), words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", buf_text(&program.said), words);
	assert_int_equal(server.connections, 0);
}
