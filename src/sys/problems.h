/* What is wrong with a configuration. */
#ifndef PP_SYS_PROBLEMS_H
#define PP_SYS_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

/* Errors, kept until they can be said in the order of lines. */
struct problems {
	struct problem {
		int line;
		char *text;
	} * list;
	size_t n, cap;
	bool nomem;
};

void problem_add(struct problems *p, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* By their lines. */
void problems_sort(struct problems *p);

void problems_clear(struct problems *p);

#endif
