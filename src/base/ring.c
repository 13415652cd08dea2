#include "base/ring.h"

#include <stddef.h>

void
ring_add(struct ring *list, struct ring *r)
{
	ring_out(r);
	if (list->next == NULL)
		list->next = list->prev = list;
	r->prev = list->prev;
	r->next = list;
	list->prev->next = r;
	list->prev = r;
}

void
ring_out(struct ring *r)
{
	if (r->next == NULL)
		return;
	r->prev->next = r->next;
	r->next->prev = r->prev;
	r->prev = r->next = NULL;
}

bool
ring_in(const struct ring *r)
{
	return r->next != NULL;
}

struct ring *
ring_first(const struct ring *list)
{
	return list->next != NULL ? ring_next(list, list) : NULL;
}

struct ring *
ring_next(const struct ring *list, const struct ring *r)
{
	return r->next != list ? r->next : NULL;
}
