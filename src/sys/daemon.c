#include "sys/daemon.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* The leak check of a sanitizer has to look into our memory. */
#if defined(__SANITIZE_ADDRESS__)
#define DUMPABLE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DUMPABLE 1
#endif
#endif
#ifndef DUMPABLE
#define DUMPABLE 0
#endif

static int ready_fd = -1;

int
daemon_harden(void)
{
	static const struct rlimit none = {0, 0};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t reload;
	int fd;

	/* Something else would be opened in the place of what is missing, and written to. */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return ERR_IO;
	umask(077);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
	/* A log at the limit of its file's size must not end us either. */
	sigaction(SIGXFSZ, &ignore, NULL);
	/* Until there is something to tell. */
	sigaction(SIGUSR1, &ignore, NULL);
	/* Until it can be heard: with many users that takes seconds. */
	sigemptyset(&reload);
	sigaddset(&reload, SIGHUP);
	sigprocmask(SIG_BLOCK, &reload, NULL);
	setrlimit(RLIMIT_CORE, &none);
	if (!DUMPABLE)
		prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

void
daemon_hears(void)
{
	sigset_t reload;

	sigemptyset(&reload);
	sigaddset(&reload, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &reload, NULL);
}

/* The process that was started: wait for a status, or for the end of who should send it. */
static void
wait_for_ready(int fd)
{
	unsigned char status;
	ssize_t n;

	do
		n = read(fd, &status, 1);
	while (n < 0 && errno == EINTR);
	_exit(n == 1 ? status : EXIT_FAILURE);
}

int
daemon_detach(void)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) != 0)
		return ERR_IO;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return ERR_IO;
	}
	if (pid > 0) {
		close(fds[1]);
		wait_for_ready(fds[0]);
	}
	close(fds[0]);
	ready_fd = fds[1];
	(void)fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
	/* The second fork: no leader of a session, so no terminal can come back. */
	if (setsid() < 0 || (pid = fork()) < 0)
		return ERR_IO;
	if (pid > 0)
		_exit(EXIT_SUCCESS);
	return chdir("/") == 0 ? 0 : ERR_IO;
}

void
daemon_ready(int status)
{
	unsigned char byte = (unsigned char)status;
	int fd;

	if (ready_fd < 0)
		return;
	if (status == 0) {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			dup2(fd, STDIN_FILENO);
			dup2(fd, STDOUT_FILENO);
			dup2(fd, STDERR_FILENO);
			if (fd > STDERR_FILENO)
				close(fd);
		}
	}
	while (write(ready_fd, &byte, 1) < 0 && errno == EINTR)
		;
	close(ready_fd);
	ready_fd = -1;
}

int
daemon_pid_write(const char *path)
{
	char text[24];
	ssize_t n;
	int fd, len, failed;

	if (path[0] == '\0')
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return ERR_IO;
	/* Whoever stops us has to read it, whatever our umask. */
	(void)fchmod(fd, 0644);
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	do
		n = write(fd, text, (size_t)len);
	while (n < 0 && errno == EINTR);
	failed = n == len ? 0 : n < 0 ? errno : ENOSPC;
	close(fd);
	if (failed == 0)
		return 0;
	/* Half a number is somebody else's. */
	unlink(path);
	errno = failed;
	return ERR_IO;
}

void
daemon_pid_remove(const char *path)
{
	if (path[0] != '\0')
		unlink(path);
}

uint64_t
daemon_rss_kib(void)
{
	char line[128], *resident = NULL;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	/* size resident shared ..., in pages */
	if (fgets(line, sizeof(line), f) != NULL)
		resident = strchr(line, ' ');
	fclose(f);
	return resident != NULL ? strtoull(resident, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) / 1024 : 0;
}
