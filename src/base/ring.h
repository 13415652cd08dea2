/*
 * Intrusive lists in both directions.  A list's head is a ring as well; all zero
 * it is an empty list, and a member is in none.
 */
#ifndef PP_BASE_RING_H
#define PP_BASE_RING_H

#include <stdbool.h>

struct ring {
	struct ring *prev, *next;
};

/* R to the end of LIST, out of any list it is in. */
void ring_add(struct ring *list, struct ring *r);

/* R out of its list, if it is in one. */
void ring_out(struct ring *r);

/* Is R in a list? */
bool ring_in(const struct ring *r);

/* The first of LIST, and what is behind R in it; NULL: nothing. */
struct ring *ring_first(const struct ring *list);
struct ring *ring_next(const struct ring *list, const struct ring *r);

#endif
