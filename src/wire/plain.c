#include "wire/plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "wire/ns.h"

/* More than any stanza of ours or a server's has. */
#define ATTRS_MAX 16

/* What a byte may be part of; no bit: expat's to judge. */
enum {
	START = 1, /* the first of a name */
	NAME = 2,
	VALUE = 4, /* an attribute's, as it stands */
	TEXT = 8,  /* likewise */
	HIGH = 16  /* of a sequence that has to be looked at */
};

#define ANY (VALUE | TEXT)

/*
 * Quotes may end a value, `<` ends a text, `&` begins an entity, and a `>` in a
 * text may be part of `]]>`.
 */
static const unsigned char class[256] = {
	['\t'] = TEXT,
	['\n'] = TEXT,
	[' ' ... '!'] = ANY,
	['"'] = TEXT,
	['#' ... '%'] = ANY,
	['\''] = TEXT,
	['(' ... ','] = ANY,
	['-' ... '.'] = ANY | NAME,
	['/'] = ANY,
	['0' ... '9'] = ANY | NAME,
	[':' ... ';'] = ANY,
	['='] = ANY,
	['>'] = VALUE,
	['?' ... '@'] = ANY,
	['A' ... 'Z'] = ANY | NAME | START,
	['[' ... '^'] = ANY,
	['_'] = ANY | NAME | START,
	['`'] = ANY,
	['a' ... 'z'] = ANY | NAME | START,
	['{' ... '~'] = ANY,
	[0x80 ... 0xff] = HIGH,
};

struct frame {
	struct xml *x;
	struct xml *last; /* child */
	size_t namelen;
};

/* All of it is behind one terminating NUL, which is part of nothing. */
struct reader {
	struct arena *arena;
	char *p;
	struct frame frames[STANZA_DEPTH_MAX];
	size_t depth;
};

static bool
is(char c, unsigned what)
{
	return (class[(unsigned char)c] & what) != 0;
}

/* Behind the name at P; P itself if there is none. */
static char *
pass_name(char *p)
{
	if (is(*p, START))
		while (is(*p, NAME))
			p++;
	return p;
}

/* The character that the entity at P stands for, and its length; 0: not one of the five. */
static size_t
entity(const char *p, char *c)
{
	static const struct {
		const char *text;
		size_t len;
		char c;
	} known[] = {
		{"&amp;", 5, '&'},
		{"&apos;", 6, '\''},
		{"&lt;", 4, '<'},
		{"&gt;", 4, '>'},
		{"&quot;", 6, '"'},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(p, known[i].text, known[i].len) == 0) {
			*c = known[i].c;
			return known[i].len;
		}
	}
	return 0;
}

/*
 * Character data up to the byte END, decoded where it is; WHAT it is made of.
 * *LEN is the decoded length.  NULL: not plain.
 */
static char *
pass_data(char *p, char end, unsigned what, size_t *len)
{
	char *from = p, *to;
	uint32_t cp;
	size_t n;

	while (is(*p, what))
		p++;
	for (to = p; *p != end;) {
		if (is(*p, what)) {
			*to++ = *p++;
		} else if (*p == '&') {
			n = entity(p, to);
			if (n == 0)
				return NULL;
			to++;
			p += n;
		} else if (is(*p, HIGH)) {
			n = utf8_next(p, strnlen(p, 4), &cp);
			if (n == 0 || cp == 0xfffe || cp == 0xffff)
				return NULL;
			memmove(to, p, n);
			to += n;
			p += n;
		} else {
			return NULL;
		}
	}
	*len = (size_t)(to - from);
	if (to < p)
		*to = '\0';
	return p;
}

/* What expat does more with these than to keep them is left to it. */
static bool
is_ordinary(const char *ns, size_t len)
{
	return len > 0 && strncmp(ns, "http://www.w3.org/", 18) != 0 && strlen(ns) == len;
}

static bool
is_double(const struct xml_attr *attrs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((attrs[i].ns == NULL) == (attrs[n].ns == NULL) && strcmp(attrs[i].name, attrs[n].name) == 0)
			return true;
	return false;
}

/* NAME='VALUE' at r->p into AT; the length of the value in *LEN. */
static bool
read_attr(struct reader *r, struct xml_attr *at, size_t *len)
{
	char *name = r->p, *end = pass_name(name), *p;

	at->name = name;
	at->ns = NULL;
	if (*end == ':') {
		if (strncmp(name, "xml:lang=", 9) != 0)
			return false;
		at->name = name + 4;
		at->ns = NS_XML;
		end = name + 8;
	}
	if (end == name || end[0] != '=' || (end[1] != '\'' && end[1] != '"'))
		return false;
	*end = '\0';
	at->value = end + 2;
	p = pass_data(end + 2, end[1], (unsigned)VALUE, len);
	if (p == NULL)
		return false;
	*p = '\0';
	r->p = p + 1;
	return true;
}

/* The attributes and the end of a start tag; *EMPTY: it was an empty element's. */
static bool
read_attrs(struct reader *r, struct xml *x, bool *empty)
{
	struct xml_attr attrs[ATTRS_MAX], *at;
	bool declared = false;
	size_t n = 0, len;

	while (*r->p == ' ') {
		*r->p++ = '\0';
		at = &attrs[n];
		if (!read_attr(r, at, &len))
			return false;
		if (at->ns == NULL && strcmp(at->name, "xmlns") == 0) {
			if (declared || !is_ordinary(at->value, len))
				return false;
			declared = true;
			x->ns = at->value;
		} else if (is_double(attrs, n) || ++n == ATTRS_MAX) {
			return false;
		}
	}
	*empty = *r->p == '/';
	if (*empty)
		*r->p++ = '\0';
	if (*r->p != '>')
		return false;
	*r->p++ = '\0';
	if (n == 0)
		return true;
	at = arena_alloc(r->arena, n * sizeof(*at));
	if (at == NULL)
		return false;
	memcpy(at, attrs, n * sizeof(*at));
	x->attrs = at;
	x->nattrs = n;
	return true;
}

/* An element from its name on; *EMPTY as above. */
static struct xml *
read_start(struct reader *r, const char *ns, bool *empty)
{
	struct frame *f = &r->frames[r->depth], *parent = r->depth > 0 ? f - 1 : NULL;
	char *name = r->p;
	struct xml *x;

	if (r->depth == STANZA_DEPTH_MAX)
		return NULL;
	r->p = pass_name(name);
	if (r->p == name)
		return NULL;
	x = arena_alloc(r->arena, sizeof(*x));
	if (x == NULL)
		return NULL;
	memset(x, 0, sizeof(*x));
	x->name = name;
	x->text = "";
	x->ns = parent != NULL ? parent->x->ns : ns;
	f->x = x;
	f->last = NULL;
	f->namelen = (size_t)(r->p - name);
	if (!read_attrs(r, x, empty))
		return NULL;
	if (parent != NULL) {
		if (parent->last == NULL)
			parent->x->child = x;
		else
			parent->last->next = x;
		parent->last = x;
	}
	return x;
}

/* The end tag of the innermost element, from its name on. */
static bool
read_end(struct reader *r)
{
	const struct frame *f = &r->frames[r->depth - 1];

	if (strncmp(r->p, f->x->name, f->namelen) != 0 || r->p[f->namelen] != '>')
		return false;
	r->p += f->namelen + 1;
	r->depth--;
	return true;
}

static bool
read_text(struct reader *r, struct xml *x)
{
	char *text = r->p;

	r->p = pass_data(text, '<', (unsigned)TEXT, &x->textlen);
	if (r->p == NULL)
		return false;
	if (x->textlen > 0)
		x->text = text;
	return true;
}

struct xml *
plain_read(struct arena *a, const char *ns, const char *data, size_t len)
{
	struct reader r = {.arena = a};
	char *copy = arena_bytes(a, len + 1);
	struct xml *x;
	bool empty;

	if (copy == NULL)
		return NULL;
	memcpy(copy, data, len);
	copy[len] = '\0';
	r.p = copy;
	do {
		if (*r.p != '<')
			return NULL; /* text behind a child */
		/* It ends the text before it, too. */
		*r.p++ = '\0';
		if (*r.p == '/') {
			r.p++;
			if (r.depth == 0 || !read_end(&r))
				return NULL;
			continue;
		}
		x = read_start(&r, ns, &empty);
		if (x == NULL)
			return NULL;
		if (empty)
			continue;
		r.depth++;
		if (!read_text(&r, x))
			return NULL;
	} while (r.depth > 0);
	return r.p == copy + len ? r.frames[0].x : NULL;
}
