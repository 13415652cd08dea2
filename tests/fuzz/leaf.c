#include "leaf.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define ATTRS_MAX 32

struct leaf {
	char *name; /* NULL: a text */
	char *ns, *text;
	char *attr[ATTRS_MAX], *value[ATTRS_MAX];
	size_t nattrs;
	struct leaf *first, *last, *next, *parent;
};

struct growing {
	struct leaf *root, *at;
};

static char *
keep(const char *s, size_t len)
{
	char *copy = malloc(len + 1);

	CHECK(copy != NULL);
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

static struct leaf *
grow(struct growing *g)
{
	struct leaf *l = calloc(1, sizeof(*l));

	CHECK(l != NULL);
	l->parent = g->at;
	if (g->at == NULL)
		g->root = l;
	else if (g->at->last != NULL)
		g->at->last->next = l;
	else
		g->at->first = l;
	if (g->at != NULL)
		g->at->last = l;
	return l;
}

static const char *
local(const char *name)
{
	const char *sep = strchr(name, '\f');

	return sep != NULL ? sep + 1 : name;
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct growing *g = data;
	struct leaf *l = grow(g);
	const char *own = local(name);

	l->name = keep(own, strlen(own));
	if (own != name)
		l->ns = keep(name, (size_t)(own - name) - 1);
	for (; *attrs != NULL && l->nattrs < ATTRS_MAX; attrs += 2) {
		own = local(attrs[0]);
		l->attr[l->nattrs] = keep(own, strlen(own));
		l->value[l->nattrs++] = keep(attrs[1], strlen(attrs[1]));
	}
	g->at = l;
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct growing *g = data;

	(void)name;
	g->at = g->at->parent;
}

static void XMLCALL
on_text(void *data, const XML_Char *s, int len)
{
	struct growing *g = data;

	if (g->at != NULL)
		grow(g)->text = keep(s, (size_t)len);
}

struct leaf *
leaf_parse(const char *text, size_t len)
{
	XML_Parser expat = XML_ParserCreateNS("UTF-8", '\f');
	struct growing g = {0};
	bool good;

	CHECK(expat != NULL);
	XML_SetUserData(expat, &g);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	good = XML_Parse(expat, text, (int)len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(expat);
	if (good)
		return g.root;
	leaf_free(g.root);
	return NULL;
}

void
leaf_free(struct leaf *root)
{
	struct leaf *l = root, *next;
	size_t i;

	/* Not by recursion: it may be as deep as the input is long. */
	while (l != NULL) {
		if (l->first != NULL) {
			next = l->first;
			l->first = NULL;
			l = next;
			continue;
		}
		next = l->next != NULL ? l->next : l->parent;
		for (i = 0; i < l->nattrs; i++) {
			free(l->attr[i]);
			free(l->value[i]);
		}
		free(l->name);
		free(l->ns);
		free(l->text);
		free(l);
		l = next;
	}
}

static const char *
name(void *el)
{
	return ((struct leaf *)el)->name;
}

static const char *
ns(void *el)
{
	return ((struct leaf *)el)->ns;
}

static const char *
attr(void *el, const char *wanted)
{
	struct leaf *l = el;
	size_t i;

	for (i = l->nattrs; i > 0; i--) {
		if (strcmp(l->attr[i - 1], wanted) == 0)
			return l->value[i - 1];
	}
	return NULL;
}

static const char *
text(void *el)
{
	return ((struct leaf *)el)->text;
}

static void *
first(void *el)
{
	return ((struct leaf *)el)->first;
}

static void *
next(void *el)
{
	return ((struct leaf *)el)->next;
}

const struct tree leaf_tree = {
	.name = name,
	.ns = ns,
	.attr = attr,
	.text = text,
	.first = first,
	.next = next,
};
