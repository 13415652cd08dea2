/* Lists of what was seen. */
#include "core_fixture_list.h"

#include <stdlib.h>

#include "core_fixture.h"

void
list_append(struct list *l, void *p)
{
	if (l->n % 256 == 0)
		l->at = realloc(l->at, (l->n + 256) * sizeof(*l->at));
	assert_non_null(l->at);
	l->at[l->n++] = p;
}

void
list_clear(struct list *l)
{
	free(l->at);
	l->at = NULL;
	l->n = 0;
}
