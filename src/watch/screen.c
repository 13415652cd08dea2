#include "watch/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"

/* Save the screen, hide the cursor, don't wrap lines; and all of it back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

static bool is_open;
static bool has_keys;
static struct termios before;
static struct buf last;

static int
put(const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(STDOUT_FILENO, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

void
screen_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	(void)put(LEAVE, strlen(LEAVE));
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	buf_clear(&last);
}

void
screen_open(void)
{
	static bool registered;
	struct termios raw;

	if (!registered)
		registered = atexit(screen_close) == 0;
	has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
	if (has_keys) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C is a signal */
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	}
	is_open = true;
	(void)put(ENTER, strlen(ENTER));
}

void
screen_size(size_t *rows, size_t *columns)
{
	struct winsize size;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_row > 0)
		*rows = size.ws_row;
	if (size.ws_col > 0)
		*columns = size.ws_col;
}

void
screen_forget(void)
{
	buf_reset(&last);
}

int
screen_draw(const struct buf *frame)
{
	const char *line = buf_text(frame), *end;
	struct buf out = {0};
	size_t rows, columns;
	int status;

	if (frame->failed)
		return ERR_NOMEM;
	if (last.len == frame->len && strcmp(buf_text(&last), line) == 0)
		return 0;
	screen_size(&rows, &columns);
	buf_puts(&out, "\033[H");
	for (; rows > 0; rows--) {
		end = strchrnul(line, '\n');
		buf_put(&out, line, (size_t)(end - line));
		buf_puts(&out, "\033[K");
		if (*end == '\0')
			break;
		if (rows > 1)
			buf_puts(&out, "\r\n");
		line = end + 1;
	}
	buf_puts(&out, "\033[J");
	status = out.failed ? ERR_NOMEM : put(out.data, out.len);
	buf_clear(&out);
	buf_reset(&last);
	buf_put(&last, frame->data, frame->len);
	return status;
}

/* One byte that is there already; -1: none. */
static int
byte(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	unsigned char c;

	if (!has_keys || poll(&fd, 1, 0) != 1 || (fd.revents & POLLIN) == 0)
		return -1;
	return read(STDIN_FILENO, &c, 1) == 1 ? c : -1;
}

int
screen_key(void)
{
	int c = byte();

	if (c < 0)
		return 0;
	if (c != '\033')
		return c;
	c = byte();
	if (c != '[' && c != 'O')
		return SCREEN_OTHER;
	c = byte();
	switch (c) {
	case 'A':
		return SCREEN_UP;
	case 'B':
		return SCREEN_DOWN;
	case '5':
	case '6':
		(void)byte(); /* its ~ */
		return c == '5' ? SCREEN_PAGE_UP : SCREEN_PAGE_DOWN;
	}
	return SCREEN_OTHER;
}
