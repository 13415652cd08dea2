#include "watch/tree.h"

#include <stddef.h>
#include <string.h>

bool
tree_is(const struct tree *t, void *el, const char *name, const char *ns)
{
	const char *have = t->name(el), *have_ns;

	if (have == NULL || strcmp(have, name) != 0)
		return false;
	have_ns = t->ns(el);
	return have_ns != NULL && strcmp(have_ns, ns) == 0;
}

void *
tree_child(const struct tree *t, void *el, const char *name, const char *ns)
{
	void *c;

	for (c = t->first(el); c != NULL; c = t->next(c))
		if (tree_is(t, c, name, ns))
			return c;
	return NULL;
}

void *
tree_element(const struct tree *t, void *el)
{
	void *c;

	for (c = t->first(el); c != NULL; c = t->next(c))
		if (t->name(c) != NULL)
			return c;
	return NULL;
}
