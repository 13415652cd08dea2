/* watch: the terminal, and signals. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "tty_fixture.h"
#include "watch/interrupt.h"
#include "watch/screen.h"

static struct buf frame;

static int
end(void **state)
{
	screen_close();
	tty_end(state);
	buf_clear(&frame);
	return 0;
}

static int
draws(const char *text)
{
	buf_reset(&frame);
	buf_puts(&frame, text);
	return screen_draw(&frame);
}

static void
a_terminal_is_given_back_as_it_was(void **state)
{
	struct termios before, during, after;

	(void)state;
	tty_begin(24, 80);
	tcgetattr(STDIN_FILENO, &before);
	screen_open();
	assert_string_equal(tty_written(), "\033[?1049h\033[?25l\033[?7l\033[2J");
	tcgetattr(STDIN_FILENO, &during);
	assert_int_equal(during.c_lflag & (tcflag_t)(ICANON | ECHO), 0);
	assert_int_not_equal(during.c_lflag & (tcflag_t)ISIG, 0); /* Ctrl-C is a signal still */
	screen_close();
	assert_string_equal(tty_written(), "\033[0m\033[?7h\033[?25h\033[?1049l");
	tcgetattr(STDIN_FILENO, &after);
	assert_int_equal(after.c_lflag, before.c_lflag);
	screen_close();
	assert_string_equal(tty_written(), "");
}

static void
its_size_is_24_by_80_where_it_does_not_say(void **state)
{
	static const struct {
		unsigned short has_rows, has_columns;
		size_t rows, columns;
	} cases[] = { {10, 40, 10, 40}, {0, 40, 24, 40}, {10, 0, 10, 80} };
	size_t i, rows, columns;

	(void)state;
	tty_begin(1, 1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tty_size(cases[i].has_rows, cases[i].has_columns);
		screen_size(&rows, &columns);
		assert_int_equal(rows, cases[i].rows);
		assert_int_equal(columns, cases[i].columns);
	}
	tty_end(NULL);
	file_begin();
	screen_size(&rows, &columns);
	assert_int_equal(rows, 24);
	assert_int_equal(columns, 80);
}

static void
a_frame_is_drawn_in_place_and_only_when_it_is_another(void **state)
{
	(void)state;
	tty_begin(3, 40);
	screen_open();
	tty_written();
	assert_int_equal(draws("one\ntwo"), 0);
	assert_string_equal(tty_written(), "\033[Hone\033[K\r\ntwo\033[K\033[J");
	assert_int_equal(draws("one\ntwo"), 0);
	assert_string_equal(tty_written(), "");
	assert_int_equal(draws("one\nTWO"), 0);
	assert_string_equal(tty_written(), "\033[Hone\033[K\r\nTWO\033[K\033[J");
	/* What doesn't fit is left out, without scrolling. */
	assert_int_equal(draws("1\n2\n3\n4"), 0);
	assert_string_equal(tty_written(), "\033[H1\033[K\r\n2\033[K\r\n3\033[K\033[J");
	screen_forget();
	assert_int_equal(draws("1\n2\n3\n4"), 0);
	assert_string_equal(tty_written(), "\033[H1\033[K\r\n2\033[K\r\n3\033[K\033[J");
}

static void
a_frame_that_can_not_be_drawn_is_said(void **state)
{
	unsigned long n;
	int status = ERR_NOMEM;

	(void)state;
	tty_begin(3, 40);
	screen_open();
	buf_reset(&frame);
	frame.failed = true;
	assert_int_equal(screen_draw(&frame), ERR_NOMEM);
	buf_clear(&frame);
	frame.failed = false;
	buf_puts(&frame, "text");
	for (n = 1; status == ERR_NOMEM; n++) {
		screen_forget();
		mem_fail_at(n);
		status = screen_draw(&frame);
		mem_fail_at(0);
	}
	assert_int_equal(status, 0);
	assert_true(n > 2);
	tty_end(NULL);
	closed_begin();
	assert_int_equal(draws("other"), ERR_IO);
}

static void
keys_are_known_by_what_terminals_send(void **state)
{
	static const struct {
		const char *sent;
		int key;
	} cases[] = {
		{"q", 'q'},
		{"\f", '\f'},
		{"\033[A", SCREEN_UP},
		{"\033OA", SCREEN_UP},
		{"\033[B", SCREEN_DOWN},
		{"\033[5~", SCREEN_PAGE_UP},
		{"\033[6~", SCREEN_PAGE_DOWN},
		{"\033[Z", SCREEN_OTHER},
		{"\033x", SCREEN_OTHER},
		{"\033", SCREEN_OTHER},
	};
	size_t i;

	(void)state;
	tty_begin(24, 80);
	screen_open();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tty_types(cases[i].sent);
		assert_int_equal(screen_key(), cases[i].key);
		assert_int_equal(screen_key(), 0);
	}
	tty_types("ab");
	assert_int_equal(screen_key(), 'a');
	assert_int_equal(screen_key(), 'b');
}

static void
without_a_terminal_to_type_at_there_are_no_keys(void **state)
{
	int null = open("/dev/null", O_RDONLY);

	(void)state;
	tty_begin(24, 80);
	dup2(null, STDIN_FILENO);
	close(null);
	screen_open();
	assert_int_equal(screen_key(), 0);
	screen_close();
	tty_written();
}

static void
a_terminal_that_was_hung_up_has_no_keys(void **state)
{
	int ends[2];

	(void)state;
	tty_begin(24, 80);
	screen_open();
	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(screen_key(), 0);
	screen_close();
}

/* Signals: each in a process of its own, as some are for good. */
static void
in_a_child(bool (*does)(void))
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		exit(does() ? 0 : 1);
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool
ends_by_term(void)
{
	interrupt_init(false);
	if (interrupt_ended())
		return false;
	raise(SIGPIPE);
	if (interrupt_ended())
		return false;
	raise(SIGTERM);
	return interrupt_ended() && interrupt_ended();
}

static bool
ends_by_int(void)
{
	interrupt_init(true);
	raise(SIGINT);
	return interrupt_ended();
}

static void
it_is_noted_that_the_program_is_to_end(void **state)
{
	(void)state;
	in_a_child(ends_by_term);
	in_a_child(ends_by_int);
}

static bool
notes_the_terminals(void)
{
	interrupt_init(true);
	if (interrupt_resized() || interrupt_paused())
		return false;
	raise(SIGWINCH);
	if (!interrupt_resized() || interrupt_resized() || interrupt_paused())
		return false;
	raise(SIGTSTP);
	return interrupt_paused() && !interrupt_paused() && !interrupt_ended();
}

static void
what_happens_to_the_terminal_is_told_once(void **state)
{
	(void)state;
	in_a_child(notes_the_terminals);
}

/* Whether the other end of a guarded socket sees its end. */
static bool
is_cut(void (*happens)(void), long ms)
{
	int ends[2];
	ssize_t n;
	char c;

	interrupt_init(false);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return false;
	interrupt_guard(ends[0], ms);
	if (happens != NULL)
		happens();
	while ((n = read(ends[0], &c, 1)) < 0 && errno == EINTR)
		;
	return n == 0;
}

static void
is_told_to_end(void)
{
	raise(SIGTERM);
}

static bool
is_cut_after_a_time(void)
{
	return is_cut(NULL, 20);
}

static bool
is_cut_at_the_end(void)
{
	return is_cut(is_told_to_end, 600000);
}

static bool
is_left_alone_without_guard(void)
{
	int ends[2];

	interrupt_init(false);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return false;
	interrupt_guard(ends[0], 600000);
	interrupt_guard(-1, 0);
	raise(SIGALRM);
	raise(SIGTERM);
	return write(ends[0], "x", 1) == 1;
}

static void
a_guarded_socket_is_shut_down_in_time_or_at_the_end(void **state)
{
	(void)state;
	in_a_child(is_cut_after_a_time);
	in_a_child(is_cut_at_the_end);
	in_a_child(is_left_alone_without_guard);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, end)
	const struct CMUnitTest tests[] = {
		TEST(a_terminal_is_given_back_as_it_was),
		TEST(its_size_is_24_by_80_where_it_does_not_say),
		TEST(a_frame_is_drawn_in_place_and_only_when_it_is_another),
		TEST(a_frame_that_can_not_be_drawn_is_said),
		TEST(keys_are_known_by_what_terminals_send),
		TEST(without_a_terminal_to_type_at_there_are_no_keys),
		TEST(a_terminal_that_was_hung_up_has_no_keys),
		TEST(it_is_noted_that_the_program_is_to_end),
		TEST(what_happens_to_the_terminal_is_told_once),
		TEST(a_guarded_socket_is_shut_down_in_time_or_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
