/*
 * What the options mean: their names, words, ranges and how they depend on
 * each other.  conf.c reads the file, this judges what was in it.
 */
#ifndef PP_SYS_OPTIONS_H
#define PP_SYS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "sys/conf_values.h"
#include "sys/problems.h"

/* One value as it was written; an element of a list has an entry of its own. */
struct option_def;

struct entry {
	const struct option_def *option;
	char *value;
	int line;
	bool closed; /* the list that it is the last of has ended */
	bool twice;  /* and was begun again, which has been reported */
};

/* Everything that the file said, in its order. */
struct entries {
	struct entry *list;
	size_t n, cap;
	int last_line; /* of the file */
	bool partial;  /* and behind it there is more, which could not be read */
};

struct option_def {
	const char *section; /* "" at the top level */
	const char *name;
	bool list;
	int (*set)(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p);
	size_t offset; /* in struct conf */
	long min, max;
	const char *words; /* separated by blanks; the n-th stands for N */
};

/* Ended by an entry without a name; options of one section stand together. */
extern const struct option_def options[];

/*
 * Fill C, which holds the defaults, from ENTRIES; what is wrong is added to P.
 * Returns 0 or ERR_NOMEM.
 */
int options_apply(struct conf *c, const struct entries *entries, struct problems *p);

/* The option or section of SECTION that WRONG is most like; NULL if none is like it. */
const char *options_nearest(const char *section, const char *wrong);

#endif
