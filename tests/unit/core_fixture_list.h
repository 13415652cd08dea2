/* What was seen of a kind, in order. */
#ifndef PP_TESTS_CORE_FIXTURE_LIST_H
#define PP_TESTS_CORE_FIXTURE_LIST_H

#include <stddef.h>

struct list {
	void **at;
	size_t n;
};

void list_append(struct list *l, void *p);
void list_clear(struct list *l);

#endif
