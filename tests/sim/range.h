/*
 * Ranges of seeds: by several processes, in chunks; what a chunk came to is
 * kept in a file, so that a long run can be stopped and goes on.
 */
#ifndef PP_TESTS_SIM_RANGE_H
#define PP_TESTS_SIM_RANGE_H

#include "sim.h"

struct range {
	uint64_t from, to; /* not itself */
	int jobs;
	const char *progress; /* file of what is done, by this program's own version; NULL: nothing is kept */
	const char *coverage; /* file for all counts; NULL: none */
	struct options opt;
};

/* One seed; on failure it is shrunk and reported.  S is cleared. */
bool range_one(struct sim *s, const struct options *opt);

/* All that is not done yet; prints what all of it came to.  Returns the exit status. */
int range_run(const struct range *r);

#endif
