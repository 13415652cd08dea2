#include "sys/regfile.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

static int
say_errno(char *why, const char *what)
{
	int status = errno == EACCES || errno == EROFS || errno == EPERM ? ERR_DENIED : ERR_IO;

	snprintf(why, REGFILE_WHY_MAX, "%.300s: %s", what, strerror(errno));
	return status;
}

int
regfile_lock(const char *path, int *fd, bool *cut_short, char *why)
{
	static const char note[] = "in use\n";
	char name[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(name, sizeof(name), "%s-lock", path) >= sizeof(name))
		return ERR_LIMIT;
	*fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return say_errno(why, name);
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(why, REGFILE_WHY_MAX, "another polypresence is using it");
		close(*fd);
		*fd = -1;
		return ERR_EXISTS;
	}
	*cut_short = fstat(*fd, &st) == 0 && st.st_size > 0;
	/* On the disk before anything that follows from it, for a power failure as well. */
	if (!*cut_short && (pwrite(*fd, note, sizeof(note) - 1, 0) < 0 || fsync(*fd) != 0)) {
		say_errno(why, name);
		close(*fd);
		*fd = -1;
		return ERR_IO;
	}
	return 0;
}

void
regfile_unlock(int fd, bool well)
{
	bool emptied;

	if (fd < 0)
		return;
	emptied = !well || ftruncate(fd, 0) == 0;
	(void)emptied; /* if it is not, the next start publishes what it need not */
	close(fd);
}

int
regfile_find(const char *path, bool *exists, char *why)
{
	char wal[PATH_MAX];
	struct stat st;

	*exists = stat(path, &st) == 0;
	if (*exists) {
		if (S_ISREG(st.st_mode) && st.st_size > 0)
			return 0;
		snprintf(why, REGFILE_WHY_MAX, S_ISREG(st.st_mode) ? "it is empty" : "it is no regular file");
		return ERR_CORRUPT;
	}
	if (errno != ENOENT)
		return say_errno(why, path);
	if ((size_t)snprintf(wal, sizeof(wal), "%s-wal", path) >= sizeof(wal))
		return ERR_LIMIT;
	if (stat(wal, &st) == 0 && st.st_size > 0) {
		snprintf(why, REGFILE_WHY_MAX, "the file is gone, its journal %.300s is still there", wal);
		return ERR_CORRUPT;
	}
	return 0;
}

bool
regfile_may_write(const char *path)
{
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

void
regfile_discard(const char *tmp)
{
	char journal[PATH_MAX];

	unlink(tmp);
	if ((size_t)snprintf(journal, sizeof(journal), "%s-journal", tmp) < sizeof(journal))
		unlink(journal);
}

int
regfile_create(const char *path, char *tmp, size_t tmplen, char *why)
{
	int fd;

	if ((size_t)snprintf(tmp, tmplen, "%s-new", path) >= tmplen)
		return ERR_LIMIT;
	regfile_discard(tmp);
	fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return say_errno(why, tmp);
	close(fd);
	return 0;
}

static void
sync_directory(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

int
regfile_finish(const char *tmp, const char *path, char *why)
{
	if (rename(tmp, path) != 0)
		return say_errno(why, path);
	sync_directory(path);
	return 0;
}

const char *
regfile_advice(int status)
{
	switch (status) {
	case ERR_CORRUPT:
		return "restore it from a backup, or salvage it with `sqlite3 FILE .recover'; to begin anew, where "
		       "every user has to enrol again, move it and its -wal and -shm files away";
	case ERR_VERSION:
		return "run the newer polypresence, or restore the backup made before the upgrade";
	case ERR_DENIED:
		return "the user that polypresence runs as must be able to write the file and its directory";
	case ERR_EXISTS:
		return "stop that one first";
	}
	return "it has been left as it is";
}
