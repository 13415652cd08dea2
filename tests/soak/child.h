/* The component under test: its directory, its process, and what can be read of it from outside. */
#ifndef PP_TESTS_SOAK_CHILD_H
#define PP_TESTS_SOAK_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#include "tests/soak/world.h"

struct child {
	const char *program;
	char dir[256];
	pid_t pid; /* 0: it doesn't run */
	long log_at;
	unsigned stats_lines;
	char stats[1024]; /* the last line of statistics */
	unsigned long errors;
	char last_error[512];
};

/* Make the directory with a registry of W's users, all agreed, and a configuration with EXTRA.  0 or -1. */
int child_init(struct child *c, const char *program, const struct world *w, unsigned port, const char *extra);

/* Remove the directory, unless KEEP.  The process must have ended. */
void child_clear(struct child *c, bool keep);

int child_start(struct child *c);
void child_kill(struct child *c);

/* Has it ended?  *STATUS is then its exit status, or 128 and the signal. */
bool child_ended(struct child *c, int *status);

/* Kibibytes, descriptors; -1: can't be read. */
long child_rss(const struct child *c);
long child_peak(const struct child *c);
int child_descriptors(const struct child *c);

/* Read what was logged since the last time. */
void child_read_log(struct child *c);

/* A number of the last line of statistics; -1: there is none. */
long child_stat(const struct child *c, const char *key);

#endif
