/* The real ones are looked up by name: no headers may turn these into others. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include "calls_fixture.h"

#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* Beside an errno: so many bytes are moved. */
#define ONE_BYTE (-1)
#define HALF (-2)
#define AT_END (-3)

struct calls *calls_plan;
static struct timespec started[16];

static void *
find(void **where, const char *name)
{
	if (*where == NULL)
		*where = dlsym(RTLD_NEXT, name);
	return *where;
}

/* Call the function of that name which comes next. */
#define NEXT(ret, name, args, ...)                               \
	({                                                       \
		static void *where;                              \
		((ret(*) args)find(&where, #name))(__VA_ARGS__); \
	})

static int
count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv(CALLS_ENV);
	int fd = path != NULL ? NEXT(int, open, (const char *, int, ...), path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = NEXT(void *, mmap, (void *, size_t, int, int, int, off_t), NULL, sizeof(*calls_plan),
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEXT(int, close, (int), fd);
	if (p == MAP_FAILED)
		return;
	calls_plan = p;
	calls_plan->open_before = count_open();
	mem_fail_at(calls_plan->no_memory_at);
}

/* What is open when everything has been freed, and was not at the start. */
__attribute__((destructor)) static void
end(void)
{
	if (calls_plan == NULL)
		return;
	calls_plan->left_open = count_open() - calls_plan->open_before;
	calls_plan->allocations = mem_fail_at(0);
}

static bool
is_counted(const char *name)
{
	char in_list[80];

	if (strstr(name, "(registry)") != NULL && !calls_plan->registry)
		return false;
	snprintf(in_list, sizeof(in_list), "|%s|", name);
	return calls_plan->only[0] == '\0' || strstr(calls_plan->only, in_list) != NULL;
}

/* How this call is to fail: an errno, one of the above, or 0 (it isn't). */
static int
fails(const char *name, const int *ways, unsigned n)
{
	unsigned long at;

	if (calls_plan == NULL || !is_counted(name))
		return 0;
	at = __atomic_add_fetch(&calls_plan->counted, 1, __ATOMIC_SEQ_CST);
	if (calls_plan->fail_at == 0 || (calls_plan->lasting ? at < calls_plan->fail_at : at != calls_plan->fail_at))
		return 0;
	calls_plan->ways = n;
	snprintf(calls_plan->failed, sizeof(calls_plan->failed), "%s: %d", name, ways[calls_plan->how % n]);
	return ways[calls_plan->how % n];
}

#define FAILS(name, ...)                                           \
	({                                                         \
		static const int ways[] = {__VA_ARGS__};         \
		fails(name, ways, sizeof(ways) / sizeof(ways[0])); \
	})

/* A call that returns -1 and an errno.  REGISTRY: one that only SQLite makes. */
#define PLAIN(ret, name, params, types, args, ...) FUNCTION(ret, name, #name, params, types, args, __VA_ARGS__)
#define REGISTRY(ret, name, params, types, args, ...) \
	FUNCTION(ret, name, #name " (registry)", params, types, args, __VA_ARGS__)
#define FUNCTION(ret, name, called, params, types, args, ...) \
	ret name params;                                      \
	ret name params                                       \
	{                                                     \
		int way = FAILS(called, __VA_ARGS__);         \
                                                              \
		if (way > 0) {                                \
			errno = way;                          \
			return -1;                            \
		}                                             \
		return NEXT(ret, name, types, _ARGS args);    \
	}
#define _ARGS(...) __VA_ARGS__

PLAIN(int, socket, (int a, int b, int c), (int, int, int), (a, b, c), EMFILE, ENFILE, ENOMEM, EAFNOSUPPORT)
PLAIN(int, setsockopt, (int a, int b, int c, const void *d, socklen_t e), (int, int, int, const void *, socklen_t),
    (a, b, c, d, e), ENOPROTOOPT)
PLAIN(int, getsockopt, (int a, int b, int c, void *d, socklen_t *e), (int, int, int, void *, socklen_t *),
    (a, b, c, d, e), ENOBUFS)
PLAIN(int, getpeername, (int a, struct sockaddr *b, socklen_t *c), (int, struct sockaddr *, socklen_t *), (a, b, c),
    ENOTCONN, ENOBUFS)
PLAIN(int, socketpair, (int a, int b, int c, int d[2]), (int, int, int, int *), (a, b, c, d), EMFILE, ENFILE)
PLAIN(int, pipe, (int a[2]), (int *), (a), EMFILE, ENFILE)
PLAIN(int, pipe2, (int a[2], int b), (int *, int), (a, b), EMFILE, ENFILE)
PLAIN(int, eventfd, (unsigned a, int b), (unsigned, int), (a, b), EMFILE)
PLAIN(int, epoll_create, (int a), (int), (a), EMFILE)
PLAIN(int, epoll_create1, (int a), (int), (a), EMFILE, ENOMEM)
PLAIN(int, epoll_ctl, (int a, int b, int c, struct epoll_event *d), (int, int, int, struct epoll_event *), (a, b, c, d),
    ENOMEM, ENOSPC)
PLAIN(int, stat, (const char *a, struct stat *b), (const char *, struct stat *), (a, b), EIO, EACCES)
REGISTRY(int, stat64, (const char *a, struct stat64 *b), (const char *, struct stat64 *), (a, b), EIO, EACCES)
REGISTRY(int, lstat64, (const char *a, struct stat64 *b), (const char *, struct stat64 *), (a, b), EIO)
PLAIN(int, fstat, (int a, struct stat *b), (int, struct stat *), (a, b), EIO, ENOMEM)
REGISTRY(int, fstat64, (int a, struct stat64 *b), (int, struct stat64 *), (a, b), EIO, ENOMEM)
REGISTRY(int, access, (const char *a, int b), (const char *, int), (a, b), EIO)
PLAIN(int, rename, (const char *a, const char *b), (const char *, const char *), (a, b), EIO, ENOSPC)
PLAIN(int, unlink, (const char *a), (const char *), (a), EIO, EROFS)
PLAIN(int, flock, (int a, int b), (int, int), (a, b), EINTR, ENOLCK, EWOULDBLOCK)
PLAIN(int, fchmod, (int a, mode_t b), (int, mode_t), (a, b), EPERM)
PLAIN(int, ftruncate, (int a, off_t b), (int, off_t), (a, b), EIO, EINTR)
REGISTRY(int, ftruncate64, (int a, off64_t b), (int, off64_t), (a, b), EIO, ENOSPC, EINTR)
PLAIN(int, sigaction, (int a, const struct sigaction *b, struct sigaction *c),
    (int, const struct sigaction *, struct sigaction *), (a, b, c), EINVAL)
PLAIN(int, setrlimit, (__rlimit_resource_t a, const struct rlimit *b), (__rlimit_resource_t, const struct rlimit *),
    (a, b), EPERM)
PLAIN(pid_t, fork, (void), (void), (), EAGAIN, ENOMEM)
PLAIN(pid_t, setsid, (void), (void), (), EPERM)
PLAIN(int, chdir, (const char *a), (const char *), (a), EACCES)
PLAIN(int, dup2, (int a, int b), (int, int), (a, b), EINTR, EMFILE)
PLAIN(ssize_t, sendto, (int a, const void *b, size_t c, int d, const struct sockaddr *e, socklen_t f),
    (int, const void *, size_t, int, const struct sockaddr *, socklen_t), (a, b, c, d, e, f), EAGAIN, ECONNREFUSED)

/* As above, and what is moved may be less than all. */
#define MOVING(name, params, types, args, len, way_of)         \
	ssize_t name params;                                   \
	ssize_t name params                                    \
	{                                                      \
		int way = way_of;                              \
                                                               \
		if (way > 0) {                                 \
			errno = way;                           \
			return -1;                             \
		}                                              \
		if (way == AT_END)                             \
			return 0;                              \
		if (way != 0 && len > 1)                       \
			len = way == HALF ? len / 2 : 1;       \
		return NEXT(ssize_t, name, types, _ARGS args); \
	}

/* What can happen depends on what it is that is read or written. */
static mode_t
kind_of(int fd)
{
	struct stat st;

	if (NEXT(int, fstat, (int, struct stat *), fd, &st) != 0)
		return 0;
	return st.st_mode & S_IFMT;
}

static bool
never_waits(int fd)
{
	return (NEXT(int, fcntl, (int, int, ...), fd, F_GETFL) & O_NONBLOCK) != 0;
}

static int
reading_fails(int fd)
{
	switch (kind_of(fd)) {
	case S_IFSOCK:
		return FAILS("read (socket)", EINTR, EAGAIN, ECONNRESET, ONE_BYTE, HALF, AT_END, ETIMEDOUT);
	case S_IFIFO:
		return FAILS("read (pipe)", EINTR);
	}
	return FAILS("read", EINTR, EIO, ONE_BYTE, HALF);
}

/* A byte always fits into the pipe by which libevent's signal handler wakes the loop. */
static int
writing_fails(int fd)
{
	switch (kind_of(fd)) {
	case S_IFSOCK:
		return FAILS("write (socket)", EINTR, EAGAIN, ECONNRESET, ONE_BYTE, HALF, EPIPE);
	case S_IFIFO:
		return never_waits(fd) ? 0 : FAILS("write (pipe)", EINTR);
	}
	return FAILS("write", EINTR, EIO, ENOSPC, ONE_BYTE, HALF);
}

MOVING(read, (int a, void *b, size_t c), (int, void *, size_t), (a, b, c), c, reading_fails(a))
MOVING(write, (int a, const void *b, size_t c), (int, const void *, size_t), (a, b, c), c, writing_fails(a))
MOVING(recv, (int a, void *b, size_t c, int d), (int, void *, size_t, int), (a, b, c, d), c,
    FAILS("recv", EINTR, EAGAIN, ECONNRESET, ONE_BYTE, HALF, AT_END, ETIMEDOUT, ENOMEM))
MOVING(send, (int a, const void *b, size_t c, int d), (int, const void *, size_t, int), (a, b, c, d), c,
    FAILS("send", EINTR, EAGAIN, ECONNRESET, EPIPE, ONE_BYTE, HALF, ENOBUFS))
MOVING(pread64, (int a, void *b, size_t c, off64_t d), (int, void *, size_t, off64_t), (a, b, c, d), c,
    FAILS("pread (registry)", EINTR, EIO, ONE_BYTE, HALF))
MOVING(pwrite, (int a, const void *b, size_t c, off_t d), (int, const void *, size_t, off_t), (a, b, c, d), c,
    FAILS("pwrite", EIO, ENOSPC, ONE_BYTE))
MOVING(pwrite64, (int a, const void *b, size_t c, off64_t d), (int, const void *, size_t, off64_t), (a, b, c, d), c,
    FAILS("pwrite (registry)", EINTR, EIO, ENOSPC, ONE_BYTE, HALF))

/* As _FORTIFY_SOURCE calls them. */
ssize_t __read_chk(int fd, void *buf, size_t len, size_t size);
ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags);
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size);
char *__realpath_chk(const char *path, char *out, size_t size);

ssize_t
__read_chk(int fd, void *buf, size_t len, size_t size)
{
	(void)size;
	return read(fd, buf, len);
}

ssize_t
__recv_chk(int fd, void *buf, size_t len, size_t size, int flags)
{
	(void)size;
	return recv(fd, buf, len, flags);
}

int
poll(struct pollfd *fds, nfds_t n, int ms)
{
	int way = FAILS("poll", EINTR, ENOMEM);

	if (way > 0) {
		errno = way;
		return -1;
	}
	return NEXT(int, poll, (struct pollfd *, nfds_t, int), fds, n, ms);
}

int
__poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size)
{
	(void)size;
	return poll(fds, n, ms);
}

char *
realpath(const char *path, char *out)
{
	int way = FAILS("realpath", EACCES);

	if (way > 0) {
		errno = way;
		return NULL;
	}
	return NEXT(char *, realpath, (const char *, char *), path, out);
}

char *
__realpath_chk(const char *path, char *out, size_t size)
{
	(void)size;
	return realpath(path, out);
}

static int
open_next(int way, const char *path, int flags, mode_t mode)
{
	if (way > 0 && (way != ENOSPC || (flags & O_CREAT))) {
		errno = way;
		return -1;
	}
	return NEXT(int, open64, (const char *, int, ...), path, flags, mode);
}

#define OPEN(name, called)                                                                                       \
	int name(const char *path, int flags, ...)                                                               \
	{                                                                                                        \
		mode_t mode = 0;                                                                                 \
		va_list ap;                                                                                      \
                                                                                                                 \
		if (flags & (O_CREAT | O_TMPFILE)) {                                                             \
			va_start(ap, flags);                                                                     \
			mode = va_arg(ap, mode_t);                                                               \
			va_end(ap);                                                                              \
		}                                                                                                \
		return open_next(FAILS(called, EMFILE, EACCES, EIO, ENFILE, ENOSPC, EINTR, ENOENT), path, flags, \
		    mode);                                                                                       \
	}
OPEN(open, "open")
OPEN(open64, "open (registry)")

#define FOPEN(name)                                                                  \
	FILE *name(const char *path, const char *mode)                               \
	{                                                                            \
		int way = FAILS(#name, EMFILE, EACCES, ENOMEM);                      \
                                                                                     \
		if (way > 0) {                                                       \
			errno = way;                                                 \
			return NULL;                                                 \
		}                                                                    \
		return NEXT(FILE *, name, (const char *, const char *), path, mode); \
	}
FOPEN(fopen)
FOPEN(fopen64)

/*
 * Only locks, and flags: what comes after CMD is one word.  To ask for flags
 * does not fail, nor does letting go of a lock that one has.
 */
static bool
may_fail(int cmd, const void *arg)
{
	return cmd != F_GETFD && cmd != F_GETFL && (cmd != F_SETLK || ((const struct flock *)arg)->l_type != F_UNLCK);
}

#define FCNTL(name, called)                                                          \
	int name(int fd, int cmd, ...)                                               \
	{                                                                            \
		va_list ap;                                                          \
		void *arg;                                                           \
		int way;                                                             \
                                                                                     \
		va_start(ap, cmd);                                                   \
		arg = va_arg(ap, void *);                                            \
		va_end(ap);                                                          \
		way = may_fail(cmd, arg) ? FAILS(called, EINTR, ENOLCK, EACCES) : 0; \
		if (way > 0) {                                                       \
			errno = way;                                                 \
			return -1;                                                   \
		}                                                                    \
		return NEXT(int, name, (int, int, ...), fd, cmd, arg);               \
	}
FCNTL(fcntl, "fcntl")
FCNTL(fcntl64, "fcntl (registry)")

/* The descriptor is gone all the same (close(2)). */
int
close(int fd)
{
	int way = FAILS("close", EINTR, EIO), status = NEXT(int, close, (int), fd);

	if (way > 0) {
		errno = way;
		return -1;
	}
	return status;
}

/* One that is interrupted goes on by itself (connect(2)). */
int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	int way = FAILS("connect", ECONNREFUSED, ENETUNREACH, EINTR, EADDRNOTAVAIL, ENOMEM), status = -1;

	if (way == 0 || way == EINTR)
		status = NEXT(int, connect, (int, const struct sockaddr *, socklen_t), fd, addr, len);
	if (way != 0)
		errno = way;
	return way != 0 ? -1 : status;
}

#define SYNC(name, called)                            \
	int name(int fd)                              \
	{                                             \
		int way = FAILS(called, EIO, ENOSPC); \
                                                      \
		(void)fd;                             \
		if (way > 0) {                        \
			errno = way;                  \
			return -1;                    \
		}                                     \
		return 0;                             \
	}
SYNC(fsync, "fsync")
SYNC(fdatasync, "fdatasync (registry)")

#define MMAP(name, called)                                                                                          \
	void *name(void *at, size_t len, int prot, int flags, int fd, off64_t off)                                  \
	{                                                                                                           \
		int way = fd < 0 ? 0 : FAILS(called, ENOMEM, EACCES);                                               \
                                                                                                                    \
		if (way > 0) {                                                                                      \
			errno = way;                                                                                \
			return MAP_FAILED;                                                                          \
		}                                                                                                   \
		return NEXT(void *, name, (void *, size_t, int, int, int, off64_t), at, len, prot, flags, fd, off); \
	}
MMAP(mmap, "mmap")
MMAP(mmap64, "mmap (registry)")

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	int way = FAILS("getaddrinfo", -EAI_AGAIN, -EAI_NONAME, -EAI_MEMORY, -EAI_SYSTEM);

	if (way > 0) {
		errno = EMFILE;
		return -way;
	}
	return NEXT(int, getaddrinfo, (const char *, const char *, const struct addrinfo *, struct addrinfo **), node,
	    service, hints, out);
}

int
getentropy(void *out, size_t len)
{
	int way = FAILS("getentropy", EIO, ENOSYS);

	if (way > 0) {
		errno = way;
		return -1;
	}
	return NEXT(int, getentropy, (void *, size_t), out, len);
}

int
prctl(int option, ...)
{
	int way = FAILS("prctl", EPERM);
	unsigned long arg;
	va_list ap;

	if (way > 0) {
		errno = way;
		return -1;
	}
	va_start(ap, option);
	arg = va_arg(ap, unsigned long);
	va_end(ap);
	return NEXT(int, prctl, (int, ...), option, arg);
}

/* Time. */

static unsigned
speed(void)
{
	return calls_plan != NULL && calls_plan->speed > 1 ? calls_plan->speed : 1;
}

static void
add_ns(struct timespec *t, int64_t ns)
{
	t->tv_sec += ns / 1000000000;
	t->tv_nsec += ns % 1000000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
}

int
clock_gettime(clockid_t id, struct timespec *out)
{
	int status = NEXT(int, clock_gettime, (clockid_t, struct timespec *), id, out);
	int64_t ns;

	if (status != 0 || calls_plan == NULL)
		return status;
	if (speed() > 1 && id != CLOCK_REALTIME && id >= 0 && id < 16) {
		if (started[id].tv_sec == 0)
			started[id] = *out;
		ns = ((int64_t)(out->tv_sec - started[id].tv_sec) * 1000000000 + out->tv_nsec - started[id].tv_nsec) *
		    speed();
		*out = started[id];
		add_ns(out, ns);
	}
	add_ns(out, (int64_t)calls_plan->skipped_ms * 1000000);
	return 0;
}

int
epoll_wait(int fd, struct epoll_event *events, int n, int ms)
{
	int way = FAILS("epoll_wait", EINTR);

	if (way > 0) {
		errno = way;
		return -1;
	}
	if (ms > 0)
		ms = (ms + (int)speed() - 1) / (int)speed();
	return NEXT(int, epoll_wait, (int, struct epoll_event *, int, int), fd, events, n, ms);
}
