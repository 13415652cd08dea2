/*
 * Preloaded into the program under test: makes calls fail and clocks jump, as
 * the file named by FAULTS says at the moment; see faults.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
	uint64_t memory, files, sockets; /* how many of a million calls fail */
	uint64_t seed;
	int64_t wall_ms, boot_ms; /* added to the clocks */
	uint64_t failed_memory, failed_files, failed_sockets, cut_short;
};

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static struct control nothing, *control = &nothing;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FAULTS");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		control = p;
}

static uint64_t
dice(void)
{
	uint64_t x = control->seed | 1;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	control->seed = x;
	return x >> 11;
}

static int
hits(uint64_t per_million, uint64_t *count)
{
	if (per_million == 0 || dice() % 1000000 >= per_million)
		return 0;
	++*count;
	return 1;
}

#define NEXT(name)                     \
	static __typeof__(&name) next; \
	if (next == NULL)              \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *
malloc(size_t n)
{
	if (!hits(control->memory, &control->failed_memory))
		return __libc_malloc(n);
	errno = ENOMEM;
	return NULL;
}

void *
calloc(size_t n, size_t size)
{
	if (!hits(control->memory, &control->failed_memory))
		return __libc_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
realloc(void *p, size_t n)
{
	if (!hits(control->memory, &control->failed_memory))
		return __libc_realloc(p, n);
	errno = ENOMEM;
	return NULL;
}

/* One of these, or a shorter length. */
static int
fails(uint64_t per_million, uint64_t *count, const int *errors, size_t *len)
{
	size_t n = 0;

	if (!hits(per_million, count))
		return 0;
	while (errors[n] != 0)
		n++;
	if (len != NULL && *len > 1 && dice() % 2 == 0) {
		*len = 1 + dice() % (*len - 1);
		control->cut_short++;
		return 0;
	}
	errno = errors[dice() % n];
	return 1;
}

static const int stream_errors[] = {EINTR, EAGAIN, EINTR, EAGAIN, EINTR, EAGAIN, ENOBUFS, ECONNRESET, 0};
static const int read_errors[] = {EINTR, EIO, 0};
static const int write_errors[] = {EINTR, EIO, ENOSPC, 0};
static const int open_errors[] = {EMFILE, ENFILE, EIO, 0};
static const int socket_errors[] = {EMFILE, ENOBUFS, 0};
static const int connect_errors[] = {ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, 0};
static const int wait_errors[] = {EINTR, 0};

#define IN_FILES(errors, len) fails(control->files, &control->failed_files, errors, len)
#define IN_SOCKETS(errors, len) fails(control->sockets, &control->failed_sockets, errors, len)

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	NEXT(recv);
	return IN_SOCKETS(stream_errors, &len) ? -1 : next(fd, buf, len, flags);
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	NEXT(send);
	return IN_SOCKETS(stream_errors, &len) ? -1 : next(fd, buf, len, flags);
}

int
socket(int domain, int type, int protocol)
{
	NEXT(socket);
	return IN_SOCKETS(socket_errors, NULL) ? -1 : next(domain, type, protocol);
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	NEXT(connect);
	return IN_SOCKETS(connect_errors, NULL) ? -1 : next(fd, to, len);
}

int
epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	NEXT(epoll_wait);
	return IN_SOCKETS(wait_errors, NULL) ? -1 : next(fd, events, max, timeout);
}

ssize_t
read(int fd, void *buf, size_t len)
{
	NEXT(read);
	return IN_FILES(read_errors, &len) ? -1 : next(fd, buf, len);
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	NEXT(write);
	return IN_FILES(write_errors, &len) ? -1 : next(fd, buf, len);
}

ssize_t
pread64(int fd, void *buf, size_t len, off64_t at)
{
	NEXT(pread64);
	return IN_FILES(read_errors, &len) ? -1 : next(fd, buf, len, at);
}

ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	NEXT(pwrite64);
	return IN_FILES(write_errors, &len) ? -1 : next(fd, buf, len, at);
}

int
fsync(int fd)
{
	NEXT(fsync);
	return IN_FILES(write_errors, NULL) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);
	return IN_FILES(write_errors, NULL) ? -1 : next(fd);
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	NEXT(open);
	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return IN_FILES(open_errors, NULL) ? -1 : next(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	NEXT(open64);
	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return IN_FILES(open_errors, NULL) ? -1 : next(path, flags, mode);
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t ms = id == CLOCK_REALTIME ? control->wall_ms : id == CLOCK_BOOTTIME ? control->boot_ms : 0;
	int status;

	NEXT(clock_gettime);
	status = next(id, ts);
	if (status == 0)
		ts->tv_sec += ms / 1000;
	return status;
}
