#include "wire/xml.h"

#include <string.h>

#include "wire/ns.h"

const char *
xml_attr(const struct xml *x, const char *name)
{
	size_t i;

	if (x == NULL)
		return NULL;
	for (i = 0; i < x->nattrs; i++) {
		if (x->attrs[i].ns == NULL && strcmp(x->attrs[i].name, name) == 0)
			return x->attrs[i].value;
	}
	return NULL;
}

const char *
xml_lang(const struct xml *x)
{
	const struct xml_attr *a;
	size_t i;

	if (x == NULL)
		return NULL;
	for (i = 0; i < x->nattrs; i++) {
		a = &x->attrs[i];
		if (a->ns != NULL && strcmp(a->name, "lang") == 0 && strcmp(a->ns, NS_XML) == 0)
			return a->value;
	}
	return NULL;
}

static struct xml *
find(struct xml *x, const char *ns, const char *name)
{
	for (; x != NULL; x = x->next) {
		if (xml_is(x, ns, name))
			return x;
	}
	return NULL;
}

bool
xml_is(const struct xml *x, const char *ns, const char *name)
{
	return x != NULL && strcmp(x->name, name) == 0 && strcmp(x->ns, ns) == 0;
}

struct xml *
xml_child(const struct xml *x, const char *ns, const char *name)
{
	return x != NULL ? find(x->child, ns, name) : NULL;
}

struct xml *
xml_again(const struct xml *x, const char *ns, const char *name)
{
	return x != NULL ? find(x->next, ns, name) : NULL;
}

size_t
xml_count(const struct xml *parent, const char *ns, const char *name)
{
	const struct xml *x;
	size_t n = 0;

	for (x = xml_child(parent, ns, name); x != NULL; x = xml_again(x, ns, name))
		n++;
	return n;
}

const char *
xml_child_text(const struct xml *x, const char *ns, const char *name)
{
	const struct xml *child = xml_child(x, ns, name);

	return child != NULL ? child->text : NULL;
}

struct xml *
xml_only_child(const struct xml *x)
{
	return x != NULL && x->child != NULL && x->child->next == NULL ? x->child : NULL;
}
