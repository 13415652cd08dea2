/*
 * An SQLite VFS before the one of the system, and SQLite's allocator: the n-th
 * operation of a kind fails, once or from then on.  Nothing is really synced
 * and nobody really waits, so that thousands of failures take seconds.
 */
#ifndef PP_TESTS_VFS_FIXTURE_H
#define PP_TESTS_VFS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vfs_op {
	VFS_OPEN,
	VFS_DELETE,
	VFS_ACCESS,
	VFS_READ,
	VFS_WRITE,
	VFS_TRUNCATE,
	VFS_SYNC,
	VFS_SIZE,
	VFS_LOCK,
	VFS_UNLOCK,
	VFS_SHM_MAP,
	VFS_SHM_LOCK,
	VFS_ALLOC,
	VFS_OPS
};

const char *vfs_op_name(enum vfs_op op);

/* Before anything else of SQLite. */
void vfs_install(void);

/* The N-th OP from now (1 is the next one) fails with CODE of SQLite; LASTING: so do all others after it. */
void vfs_fail(enum vfs_op op, unsigned long n, int code, bool lasting);

/* None fails any more.  Was the n-th reached? */
bool vfs_heal(void);

/* FN is told of each change of a file: created (VFS_OPEN), written, cut to OFF, synced, deleted.  NULL: of none. */
void vfs_observe(void (*fn)(enum vfs_op op, const char *path, int64_t off, const void *data, size_t len));

#endif
