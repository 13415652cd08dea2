/*
 * A stanza, whatever library parsed it: a few functions over its elements and
 * texts.  What they return is borrowed.
 */
#ifndef PP_WATCH_TREE_H
#define PP_WATCH_TREE_H

#include <stdbool.h>

struct tree {
	const char *(*name)(void *el);			 /* NULL: EL is text */
	const char *(*ns)(void *el);			 /* of an element; or NULL */
	const char *(*attr)(void *el, const char *name); /* or NULL */
	const char *(*text)(void *el);			 /* of a text; or NULL */
	void *(*first)(void *el);			 /* child of an element; NULL: none */
	void *(*next)(void *el);			 /* sibling; NULL: none */
};

/* Whether EL is the element NAME of namespace NS. */
bool tree_is(const struct tree *t, void *el, const char *name, const char *ns);

/* The first child of that name; the first child that is an element.  NULL: none. */
void *tree_child(const struct tree *t, void *el, const char *name, const char *ns);
void *tree_element(const struct tree *t, void *el);

#endif
