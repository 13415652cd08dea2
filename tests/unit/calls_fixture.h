/*
 * System calls that fail when a test wants them to.  This stands before the C
 * library for a whole program, its shared libraries included: the n-th call
 * counts as made, and fails, is short or is interrupted.  What is planned and
 * what came of it lies in memory that the test shares with the program.
 *
 * The program's clock also runs faster, and nothing is really synced.
 */
#ifndef PP_TESTS_CALLS_FIXTURE_H
#define PP_TESTS_CALLS_FIXTURE_H

#include <stdbool.h>

/* The file that holds a struct calls. */
#define CALLS_ENV "POLYPRESENCE_CALLS"

struct calls {
	/* the plan */
	unsigned long fail_at;	    /* 0: count only */
	bool lasting;		    /* all after it as well, until fail_at is 0 */
	unsigned how;		    /* which of the ways in which that call can fail */
	char only[240];		    /* "|open|read|": these calls; "": all */
	bool registry;		    /* those of SQLite too */
	unsigned long no_memory_at; /* so does that allocation of ours (base/mem.h); 0: none */
	unsigned speed;		    /* of the clock */
	unsigned skipped_ms;	    /* the clocks are so much ahead */
	/* what came of it, in all processes together */
	unsigned long counted;
	unsigned long allocations; /* of the last that ended by exit(3) */
	unsigned ways;		   /* in which the call that failed can fail; 0: it was not reached */
	char failed[80];
	int open_before, left_open; /* descriptors: at the start, and more of them when the program ended by exit(3) */
};

/* In the program that is linked with it; NULL: nothing fails, nothing is counted. */
extern struct calls *calls_plan;

#endif
