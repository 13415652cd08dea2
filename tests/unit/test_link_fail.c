/*
 * sys/link when the n-th system call, allocation of ours, or allocation of the
 * event loop fails, in every way, for n = 1, 2, ... until a session passes
 * undisturbed (F1, F2, F4): a stanza each way, a stream at a time, and the end.
 * Nothing here is saved by a ping: what stands still fails the test.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "calls_fixture.h"
#include "link_fixture.h"
#include "sys_fixture.h"

#define OURS "<presence from='presence.home.test' to='b@home.test' id='first'/>"
#define LAST "<presence from='presence.home.test' to='b@home.test' id='last'/>"
#define THEIRS "<presence from='a@home.test/r' to='presence.home.test'/>"
#define PADDING_BYTES 300000 /* more than the socket takes at once */

static unsigned long n; /* the one that fails */
static unsigned how;
static bool failed; /* it has */
static unsigned long cases;

/* What fails. */
static const struct failing {
	const char *name;
	void (*begin)(void), (*end)(void); /* around all that the link does */
	unsigned ways;
} * failing;

static struct calls plan;
static unsigned long left;
static bool counting;

static void
calls_begin(void)
{
	calls_plan = &plan;
}

static void
calls_end(void)
{
	calls_plan = NULL;
	failed = plan.ways != 0;
}

static void
memory_begin(void)
{
	if (!failed)
		mem_fail_at(left);
}

static void
memory_end(void)
{
	unsigned long seen = mem_fail_at(0);

	failed = failed || seen >= left;
	left -= failed ? 0 : seen;
}

static void
loop_begin(void)
{
	counting = true;
}

static void
loop_end(void)
{
	counting = false;
}

static bool
loop_allocation_fails(void)
{
	if (!counting || failed || --left > 0)
		return false;
	failed = true;
	return true;
}

static void *
loop_malloc(size_t size)
{
	return loop_allocation_fails() ? NULL : malloc(size);
}

static void *
loop_realloc(void *p, size_t size)
{
	return loop_allocation_fails() ? NULL : realloc(p, size);
}

/* The server's and the test's own side of a session. */
static bool header_sent, accepted, stream_up, heard_all, ended;
static unsigned before;

static void
server_does_its_part(void)
{
	const char *said;

	server_turn();
	if (connections != before) {
		before = connections;
		header_sent = accepted = heard_all = false;
	}
	said = buf_text(&heard);
	if (peer < 0 || heard.len == 0)
		return;
	if (strncmp(said, "<?xml version='1.0'?><stream:stream ", heard.len < 36 ? heard.len : 36) != 0)
		fail_msg("%s %lu (%u): a connection begins with %.100s", failing->name, n, how, said);
	if (!header_sent && strstr(said, "to='presence.home.test'>") != NULL) {
		header_sent = true;
		server_says(HEADER);
	}
	if (!accepted && strstr(said, "<handshake>a984b871214a298f0f743fcd25f99b10838ba12b</handshake>") != NULL) {
		accepted = true;
		server_says("<handshake/>" THEIRS);
	}
	heard_all = strstr(said, OURS) != NULL && strstr(said, LAST) != NULL;
	if (strstr(said, "</stream:stream>") != NULL) {
		server_says("</stream:stream>");
		hangs_up();
	}
}

static void
link_does_its_part(void)
{
	static char padding[PADDING_BYTES];
	enum link_item item;

	failing->begin();
	event_base_loop(base, EVLOOP_NONBLOCK);
	while ((item = link_next(lk)) != LINK_NOTHING) {
		if (item == LINK_UP) {
			stream_up = true;
			stanzas = 0;
			memset(padding, ' ', sizeof(padding));
			buf_puts(link_output(lk), OURS);
			buf_put(link_output(lk), padding, sizeof(padding));
			buf_puts(link_output(lk), LAST);
			link_flush(lk);
		} else if (item == LINK_STANZA) {
			stanzas++;
		} else if (item == LINK_DOWN) {
			stream_up = false;
			link_failure(lk, &failure);
			ended = failure.reason == REASON_STOPPED;
			if (!ended && (failure.text == NULL || failure.text[0] == '\0'))
				fail_msg("%s %lu (%u): it is down and doesn't say why", failing->name, n, how);
		}
	}
	failing->end();
}

static void
both_go_on(uint64_t deadline)
{
	struct pollfd fds[2] = { {.fd = listener, .events = POLLIN}, {.fd = peer, .events = POLLIN} };

	(void)poll(fds, 2, 1);
	link_does_its_part();
	server_does_its_part();
	if (now() > deadline)
		fail_msg("%s %lu (%u, %s): it stands still; last it was down for: %s", failing->name, n, how,
		    plan.failed, failure.text != NULL ? failure.text : "nothing");
}

static void
session(void)
{
	void *state = NULL;
	uint64_t deadline;

	assert_int_equal(setup(&state), 0);
	times.ping_ms = times.dead_ms = 1000000;
	header_sent = accepted = stream_up = heard_all = ended = failed = false;
	before = 0;
	memset(&plan, 0, sizeof(plan));
	plan.fail_at = left = n;
	plan.how = how;
	failing->begin();
	lk = link_new(base, &conf, &times);
	failing->end();
	/* Without memory there is no link, which is said at once. */
	if (lk == NULL) {
		assert_true(failed);
		lk = link_new(base, &conf, &times);
	}
	failing->begin();
	link_start(lk);
	failing->end();
	deadline = now() + PATIENCE_MS;
	while (!stream_up || !heard_all || stanzas == 0)
		both_go_on(deadline);
	failing->begin();
	link_stop(lk);
	failing->end();
	while (!ended)
		both_go_on(deadline);
	cases += failed;
	teardown(&state);
}

static void
every_one_may_fail(const struct failing *what)
{
	failing = what;
	cases = 0;
	for (n = 1, failed = true; failed; n++)
		for (how = 0; how < what->ways && (how == 0 || failed); how++) {
			session();
			/* Not all have so many ways. */
			if (plan.ways != 0 && how + 1 >= plan.ways)
				break;
		}
	print_message("%lu failures\n", cases);
	assert_true(cases > 5);
}

static void
every_call_may_fail(void **state)
{
	static const struct failing calls = {"call", calls_begin, calls_end, 100};

	(void)state;
	every_one_may_fail(&calls);
}

static void
every_allocation_may_fail(void **state)
{
	static const struct failing memory = {"allocation", memory_begin, memory_end, 1};

	(void)state;
	every_one_may_fail(&memory);
}

static void
every_allocation_of_the_loop_may_fail(void **state)
{
	static const struct failing loop = {"allocation of the loop", loop_begin, loop_end, 1};

	(void)state;
	every_one_may_fail(&loop);
}

static void
says_nothing(int severity, const char *what)
{
	(void)severity;
	(void)what;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_may_fail),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(every_allocation_of_the_loop_may_fail),
	};

	signal(SIGPIPE, SIG_IGN);
	dir_in_memory();
	event_set_log_callback(says_nothing);
	event_set_mem_functions(loop_malloc, loop_realloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
