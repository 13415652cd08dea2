#include "watch/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

static volatile sig_atomic_t caught;

/* Up to the end of the line or of the file. */
static const char *
read_line(char out[PASSWORD_MAX], int fd)
{
	const char *problem = NULL;
	size_t len = 0;
	ssize_t n;
	char c;

	for (;;) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR && caught == 0)
			continue;
		if (n < 0)
			problem = caught != 0 ? "interrupted" : strerror(errno);
		if (n <= 0 || c == '\n')
			break;
		if (c == '\0')
			problem = "it holds a NUL byte";
		else if (len + 1 == PASSWORD_MAX)
			problem = "it is too long";
		if (problem != NULL)
			break;
		out[len++] = c;
	}
	if (len > 0 && out[len - 1] == '\r')
		len--;
	out[len] = '\0';
	if (problem == NULL && len == 0)
		problem = "it is empty";
	if (problem != NULL)
		mem_wipe(out, PASSWORD_MAX);
	mem_wipe(&c, sizeof(c));
	return problem;
}

const char *
password_fd(char out[PASSWORD_MAX], int fd)
{
	const char *problem = read_line(out, fd);

	close(fd);
	return problem;
}

const char *
password_file(char out[PASSWORD_MAX], const char *path, int *open_to_others)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*open_to_others = 0;
	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)) != 0)
		*open_to_others = 1;
	return password_fd(out, fd);
}

static void
on_signal(int number)
{
	caught = number;
}

const char *
password_prompt(char out[PASSWORD_MAX], const char *prompt)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
	struct sigaction old[sizeof(signals) / sizeof(signals[0])], sa;
	struct termios before, quiet;
	const char *problem;
	size_t i;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		if (fd >= 0)
			close(fd);
		return "there is no terminal to ask on";
	}
	/* A signal in between must not leave the terminal without echo. */
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	caught = 0;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, &old[i]);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	if (write(fd, prompt, strlen(prompt)) < 0)
		problem = strerror(errno);
	else
		problem = read_line(out, fd);
	tcsetattr(fd, TCSAFLUSH, &before);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &old[i], NULL);
	close(fd);
	return problem;
}
