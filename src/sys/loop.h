/*
 * The program while it runs: waits for the server, the clock and signals, and
 * moves everything one way:
 *
 *	link -> decode -> core_feed() | core_next() -> store, encode -> link
 */
#ifndef PP_SYS_LOOP_H
#define PP_SYS_LOOP_H

#include <stdbool.h>

#include "core/core.h"
#include "sys/conf.h"
#include "sys/store.h"

struct loop_setup {
	struct conf *conf; /* replaced in place by a reload */
	const char *conf_path;
	bool debug;	   /* the level of the log stays debug whatever a reload says */
	struct core *core; /* loaded */
	struct store *store;
};

/*
 * Run until SIGTERM or SIGINT and what has to be finished then.  Returns 0;
 * ERR_NOMEM or ERR_IO when there was nothing to run with; ERR_DENIED when a
 * second signal cut it short.
 */
int loop_run(const struct loop_setup *setup);

#endif
