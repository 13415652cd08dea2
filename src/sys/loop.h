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

struct loop;

struct loop_setup {
	struct conf *conf; /* replaced in place by a reload */
	const char *conf_path;
	bool debug;	   /* the level of the log stays debug whatever a reload says */
	struct core *core; /* loaded */
	struct store *store;
	/* Called before the process exits because libevent can't go on: WHY. */
	void (*fatal)(const char *why);
};

/*
 * All that the loop needs, signals included, so that nothing is missing when
 * the start has been called a success.  What SETUP points to must live longer.
 * Returns 0, ERR_NOMEM or ERR_IO (a descriptor or a signal could not be had).
 */
int loop_new(struct loop **out, const struct loop_setup *setup);

/* Accepts NULL. */
void loop_free(struct loop *lp);

/*
 * Run until SIGTERM or SIGINT and what has to be finished then.  Returns 0;
 * ERR_IO when waiting failed; ERR_DENIED when a second signal cut it short.
 */
int loop_run(struct loop *lp);

#endif
