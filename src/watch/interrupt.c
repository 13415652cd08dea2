#include "watch/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static volatile sig_atomic_t ended;
static volatile sig_atomic_t resized;
static volatile sig_atomic_t paused;
static volatile sig_atomic_t guarded = -1;

static void
on_signal(int number)
{
	int saved = errno;

	switch (number) {
	case SIGWINCH:
		resized = 1;
		break;
	case SIGTSTP:
		paused = 1;
		break;
	case SIGALRM:
		if (guarded >= 0)
			shutdown(guarded, SHUT_RDWR);
		break;
	default:
		ended = 1;
		if (guarded >= 0)
			shutdown(guarded, SHUT_RDWR);
		break;
	}
	errno = saved;
}

static void
listen_for(int number, void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler; /* no SA_RESTART: the loop is to notice */
	sigemptyset(&sa.sa_mask);
	sigaction(number, &sa, NULL);
}

void
interrupt_init(bool terminal)
{
	listen_for(SIGPIPE, SIG_IGN);
	listen_for(SIGALRM, on_signal);
	listen_for(SIGINT, on_signal);
	listen_for(SIGTERM, on_signal);
	listen_for(SIGHUP, on_signal);
	if (terminal) {
		listen_for(SIGWINCH, on_signal);
		listen_for(SIGTSTP, on_signal);
	}
}

bool
interrupt_ended(void)
{
	return ended != 0;
}

bool
interrupt_resized(void)
{
	bool was = resized != 0;

	resized = 0;
	return was;
}

bool
interrupt_paused(void)
{
	bool was = paused != 0;

	paused = 0;
	return was;
}

void
interrupt_guard(int fd, long ms)
{
	struct itimerval timer;

	memset(&timer, 0, sizeof(timer));
	guarded = fd;
	if (fd >= 0) {
		timer.it_value.tv_sec = ms / 1000;
		timer.it_value.tv_usec = ms % 1000 * 1000;
	}
	setitimer(ITIMER_REAL, &timer, NULL);
}
