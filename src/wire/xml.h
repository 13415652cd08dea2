/*
 * One stanza as a bounded tree.  It lives in its parser's arena and is gone
 * when the parser goes on to the next.  Owns how it is looked at; never builds
 * or changes one.
 *
 * An attribute is found by name only when it has no namespace, a child only by
 * namespace and name: a prefixed attribute or a foreign element of the same
 * name never stands for the plain one (THREATS 1).
 */
#ifndef PP_WIRE_XML_H
#define PP_WIRE_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml_attr {
	const char *ns; /* NULL: none */
	const char *name;
	const char *value;
};

struct xml {
	const char *ns; /* never NULL; "" for none */
	const char *name;
	const struct xml_attr *attrs;
	size_t nattrs;
	const char *text; /* its own character data, joined; "" if none */
	size_t textlen;
	struct xml *child; /* first; NULL: none */
	struct xml *next;  /* sibling; NULL: last */
};

/* All of these accept NULL for X and then find nothing. */
bool xml_is(const struct xml *x, const char *ns, const char *name);
const char *xml_attr(const struct xml *x, const char *name);
const char *xml_lang(const struct xml *x); /* xml:lang of X itself; NULL: absent */
struct xml *xml_child(const struct xml *x, const char *ns, const char *name);
/* The next sibling after X with this namespace and name. */
struct xml *xml_again(const struct xml *x, const char *ns, const char *name);
/* How many children have this namespace and name. */
size_t xml_count(const struct xml *parent, const char *ns, const char *name);
/* The text of that child; NULL when there is no such child. */
const char *xml_child_text(const struct xml *x, const char *ns, const char *name);
/* The only element child; NULL if there is none or more than one. */
struct xml *xml_only_child(const struct xml *x);

#endif
