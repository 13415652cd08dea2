#include "sys/secret.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

static int
read_all(int fd, struct secret *s)
{
	ssize_t n;

	while (s->len < sizeof(s->data)) {
		n = read(fd, s->data + s->len, sizeof(s->data) - s->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : ERR_IO;
		s->len += (size_t)n;
	}
	return ERR_LIMIT;
}

int
secret_read(const char *path, struct secret *s, char *why, size_t whylen)
{
	struct stat st;
	char *end;
	int fd, status;

	memset(s, 0, sizeof(*s));
	/* Not to hang on a FIFO: it is refused below. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		status = errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : errno == EACCES ? ERR_DENIED : ERR_IO;
		snprintf(why, whylen, "%s: %s", path, strerror(errno));
		goto out;
	}
	status = ERR_INVALID;
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, whylen, "%s is no regular file", path);
		goto out;
	}
	if ((st.st_mode & (S_IWGRP | S_IRWXO)) != 0) {
		status = ERR_DENIED;
		snprintf(why, whylen, "%s is open to others (mode %04o): run `chmod 600 %s'", path,
		    (unsigned)(st.st_mode & 07777), path);
		goto out;
	}
	status = read_all(fd, s);
	if (status == ERR_LIMIT) {
		status = ERR_INVALID;
		snprintf(why, whylen, "%s is longer than %d bytes", path, SECRET_MAX);
		goto out;
	}
	if (status != 0) {
		snprintf(why, whylen, "%s: %s", path, strerror(errno));
		goto out;
	}
	end = memchr(s->data, '\n', s->len);
	if (end != NULL) {
		mem_wipe(end, s->len - (size_t)(end - s->data));
		s->len = (size_t)(end - s->data);
	}
	if (s->len > 0 && s->data[s->len - 1] == '\r')
		s->data[--s->len] = '\0';
	status = 0;
	if (s->len == 0) {
		status = ERR_INVALID;
		snprintf(why, whylen, "%s is empty: write the component's secret into it", path);
	}
out:
	if (fd >= 0)
		close(fd);
	if (status != 0)
		secret_wipe(s);
	return status;
}

void
secret_wipe(struct secret *s)
{
	if (s != NULL)
		mem_wipe(s, sizeof(*s));
}
