#include "tty_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 10000
#define END '\001'

static int master = -1, terminal = -1, file = -1;
static int saved_in = -1, saved_out = -1;
static char written[65536];

static void
save(void)
{
	fflush(stdout);
	saved_in = dup(STDIN_FILENO);
	saved_out = dup(STDOUT_FILENO);
}

void
tty_size(unsigned short rows, unsigned short columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

void
tty_begin(unsigned short rows, unsigned short columns)
{
	struct termios t;

	save();
	assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
	/* What is written comes as it was written. */
	assert_int_equal(tcgetattr(terminal, &t), 0);
	t.c_oflag &= ~(tcflag_t)OPOST;
	assert_int_equal(tcsetattr(terminal, TCSANOW, &t), 0);
	tty_size(rows, columns);
	dup2(terminal, STDIN_FILENO);
	dup2(terminal, STDOUT_FILENO);
}

void
file_begin(void)
{
	save();
	file = memfd_create("out", 0);
	assert_true(file >= 0);
	dup2(file, STDOUT_FILENO);
}

void
closed_begin(void)
{
	int fd;

	save();
	fd = open("/dev/full", O_WRONLY);
	assert_true(fd >= 0);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

int
tty_end(void **state)
{
	(void)state;
	if (saved_out < 0)
		return 0;
	fflush(stdout);
	clearerr(stdout);
	dup2(saved_in, STDIN_FILENO);
	dup2(saved_out, STDOUT_FILENO);
	close(saved_in);
	close(saved_out);
	close(master);
	close(terminal);
	close(file);
	saved_in = saved_out = master = terminal = file = -1;
	return 0;
}

static size_t
read_terminal(void)
{
	struct pollfd fd = {.fd = master, .events = POLLIN};
	const char end = END;
	size_t len = 0;
	ssize_t n;

	assert_int_equal(write(terminal, &end, 1), 1);
	for (;;) {
		assert_int_equal(poll(&fd, 1, DEADLINE_MS), 1);
		n = read(master, written + len, sizeof(written) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
		if (written[len - 1] == END)
			return len - 1;
	}
}

const char *
tty_written(void)
{
	ssize_t n;
	size_t len;

	fflush(stdout);
	if (file >= 0) {
		n = pread(file, written, sizeof(written) - 1, 0);
		assert_true(n >= 0);
		len = (size_t)n;
		assert_int_equal(ftruncate(file, 0), 0);
		lseek(file, 0, SEEK_SET);
	} else {
		len = read_terminal();
	}
	written[len] = '\0';
	return written;
}

void
tty_types(const char *keys)
{
	int waited, there = 0;

	assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
	for (waited = 0; there < (int)strlen(keys); waited++) {
		assert_true(waited < DEADLINE_MS);
		(void)poll(NULL, 0, waited > 0);
		assert_int_equal(ioctl(terminal, FIONREAD, &there), 0);
	}
}
