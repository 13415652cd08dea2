#include "sys_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

static char dir[PATH_MAX];

int
dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/polypresence-test.XXXXXX", tmp != NULL ? tmp : "/tmp");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

int
dir_teardown(void **state)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	(void)state;
	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	return rmdir(dir);
}

void
dir_in_memory(void)
{
	if (access("/dev/shm", W_OK | X_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
}

unsigned
stride(unsigned usual)
{
	const char *preload = getenv("LD_PRELOAD");

	if (getenv("EVERY_FAILURE") != NULL)
		return 1;
	return preload != NULL && strstr(preload, "vgpreload") != NULL ? 20 * usual : usual;
}

const char *
in_dir(const char *name)
{
	static char paths[8][PATH_MAX + 64];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

void
put_file(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

void
put_text(const char *path, const char *text, mode_t mode)
{
	put_file(path, text, strlen(text), mode);
}

/* Made byte by byte, so that no copy of it is left. */
static char
secret_byte(size_t i)
{
	return (char)('A' + (i * 11 + 5) % 26);
}

#define SECRET_BYTES 24

void
put_unknown_secret(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	size_t i;
	char c;

	assert_true(fd >= 0);
	for (i = 0; i < SECRET_BYTES; i++) {
		c = secret_byte(i);
		assert_int_equal(write(fd, &c, 1), 1);
	}
	close(fd);
}

static bool
holds_secret(const char *at, size_t len)
{
	size_t i;

	for (; len >= SECRET_BYTES; at++, len--) {
		for (i = 0; i < SECRET_BYTES && at[i] == secret_byte(i); i++)
			;
		if (i == SECRET_BYTES)
			return true;
	}
	return false;
}

bool
unknown_secret_is_known(void)
{
	static char chunk[1 << 20];
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long at, end;
	char line[PATH_MAX + 128], may[8];
	bool known = false;
	ssize_t n;

	assert_non_null(maps);
	assert_true(memory >= 0);
	while (!known && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &at, &end, may) != 3 || may[1] != 'w')
			continue;
		/* Those of a sanitizer are larger than memory. */
		if (end - at > 256UL << 20)
			continue;
		for (; !known && at < end; at += (size_t)n) {
			n = pread(memory, chunk, end - at < sizeof(chunk) ? end - at : sizeof(chunk), (off_t)at);
			if (n <= 0)
				break;
			known = holds_secret(chunk, (size_t)n);
		}
	}
	mem_wipe(chunk, sizeof(chunk));
	fclose(maps);
	close(memory);
	return known;
}

char *
get_file(const char *path, size_t *len)
{
	struct buf b = {0};
	char chunk[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_put(&b, chunk, (size_t)n);
	close(fd);
	if (len != NULL)
		*len = b.len;
	return buf_steal(&b);
}
