#include "core/sources/verdict.h"

#include <string.h>

void
verdict_success(struct evidence *e)
{
	memset(e, 0, sizeof(*e));
	e->succeeded = true;
}

void
verdict_failure(struct evidence *e, const struct user *u)
{
	unsigned i;

	for (i = 0; i < e->n && e->who[i] != u->by_primary.hash; i++)
		;
	if (i == e->n && e->n < EVIDENCE_MAX)
		e->who[e->n++] = u->by_primary.hash;
}

bool
verdict_stands(const struct evidence *e, const struct host *h)
{
	/* Who has not tried yet may have another answer: three are asked where there are as many. */
	return !e->succeeded && e->n > 0 && (e->n == EVIDENCE_MAX || e->n >= h->users);
}
