/*
 * The registry as a file, before a database is looked for in it: one process
 * at a time, created whole or not at all, never anew where something was.
 */
#ifndef PP_SYS_REGFILE_H
#define PP_SYS_REGFILE_H

#include <stdbool.h>
#include <stddef.h>

#define REGFILE_WHY_MAX 512

/*
 * Take PATH-lock, which says that a process uses PATH, and note in it that the
 * registry is in use; *CUT_SHORT: that note was there already, left by a process
 * that did not end by itself.  Returns 0 (*FD is for regfile_unlock()),
 * ERR_EXISTS, ERR_DENIED, ERR_IO or ERR_LIMIT.
 */
int regfile_lock(const char *path, int *fd, bool *cut_short, char *why);

/* WELL: everything is written, and the note is taken back.  Accepts -1. */
void regfile_unlock(int fd, bool well);

/*
 * Is there a registry?  ERR_CORRUPT: there was one (the file is empty, or only
 * its journal is left); ERR_DENIED, ERR_IO.
 */
int regfile_find(const char *path, bool *exists, char *why);

/* Is it no fault of permissions if PATH can't be written? */
bool regfile_may_write(const char *path);

/* Create an empty file with mode 0600 beside PATH; its name is written to TMP.  As above, or ERR_LIMIT. */
int regfile_create(const char *path, char *tmp, size_t tmplen, char *why);

/* Give the finished TMP the name PATH, durably. */
int regfile_finish(const char *tmp, const char *path, char *why);

/* Remove TMP, and what SQLite may have left beside it. */
void regfile_discard(const char *tmp);

/* What an administrator can do about STATUS. */
const char *regfile_advice(int status);

#endif
