#include "markup.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SPANS_MAX 256
#define DEPTH_MAX 64

/* From one offset up to another. */
struct span {
	size_t from, to;
};

struct element {
	struct span all, open, close; /* CLOSE is empty for <name/> */
};

struct markup {
	const uint8_t *data;
	size_t size;
	struct element elements[SPANS_MAX];
	size_t nelements;
	struct span attrs[SPANS_MAX]; /* with the blank in front */
	size_t nattrs;
};

struct out {
	uint8_t *data;
	size_t len, max;
};

static unsigned
rnd(unsigned *seed, size_t n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (unsigned)((*seed >> 8) % n);
}

static void
put(struct out *o, const uint8_t *data, size_t len)
{
	if (len > o->max - o->len)
		len = o->max - o->len;
	if (len > 0)
		memcpy(o->data + o->len, data, len);
	o->len += len;
}

static void
put_span(struct out *o, const struct markup *m, size_t from, size_t to)
{
	put(o, m->data + from, to - from);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The attributes of the tag from AT on; returns what is behind its `>'. */
static size_t
read_tag(struct markup *m, size_t at)
{
	size_t blank = 0;
	uint8_t quote = 0;

	for (; at < m->size && (quote != 0 || m->data[at] != '>'); at++) {
		if (quote == 0 && is_blank(m->data[at])) {
			blank = at;
		} else if (quote == 0 && (m->data[at] == '\'' || m->data[at] == '"')) {
			quote = m->data[at];
		} else if (quote != 0 && m->data[at] == quote) {
			quote = 0;
			if (blank != 0 && m->nattrs < SPANS_MAX)
				m->attrs[m->nattrs++] = (struct span){blank, at + 1};
			blank = 0;
		}
	}
	return at < m->size ? at + 1 : at;
}

static void
read_markup(struct markup *m, const uint8_t *data, size_t size)
{
	size_t open[DEPTH_MAX], depth = 0, at = 0, end;
	struct element *e;

	m->data = data;
	m->size = size;
	m->nelements = m->nattrs = 0;
	while (at < size) {
		if (data[at] != '<' || at + 1 == size) {
			at++;
			continue;
		}
		end = read_tag(m, at);
		if (data[at + 1] == '/') {
			if (depth > 0) {
				e = &m->elements[open[--depth]];
				e->close = (struct span){at, end};
				e->all.to = end;
			}
		} else if (m->nelements < SPANS_MAX) {
			e = &m->elements[m->nelements];
			e->all = e->open = (struct span){at, end};
			e->close = (struct span){end, end};
			if (end >= 2 && data[end - 2] != '/' && depth < DEPTH_MAX)
				open[depth++] = m->nelements;
			m->nelements++;
		}
		at = end;
	}
}

/* Where another attribute may stand in an element's tag. */
static size_t
end_of_name(const struct markup *m, const struct element *e)
{
	size_t at = e->open.from + 1;

	while (at < e->open.to && !is_blank(m->data[at]) && m->data[at] != '/' && m->data[at] != '>')
		at++;
	return at;
}

static void
change_element(struct out *o, const struct markup *m, unsigned *seed)
{
	const struct element *e = &m->elements[rnd(seed, m->nelements)], *other = &m->elements[rnd(seed, m->nelements)];

	switch (rnd(seed, 7)) {
	case 0: /* leave it out */
		put_span(o, m, 0, e->all.from);
		break;
	case 1: /* twice */
		put_span(o, m, 0, e->all.to);
		put_span(o, m, e->all.from, e->all.to);
		break;
	case 2: /* another in its place */
		put_span(o, m, 0, e->all.from);
		put_span(o, m, other->all.from, other->all.to);
		break;
	case 3: /* another in it */
		put_span(o, m, 0, e->open.to);
		put_span(o, m, other->all.from, other->all.to);
		put_span(o, m, e->open.to, e->all.to);
		break;
	case 4: /* within another */
		put_span(o, m, 0, e->all.from);
		put_span(o, m, other->open.from, other->open.to);
		put_span(o, m, e->all.from, e->all.to);
		put_span(o, m, other->close.from, other->close.to);
		break;
	case 5: /* only what is in it */
		put_span(o, m, 0, e->all.from);
		put_span(o, m, e->open.to, e->close.from);
		break;
	default: /* nothing in it */
		put_span(o, m, 0, e->open.to);
		put_span(o, m, e->close.from, e->close.to);
	}
	put_span(o, m, e->all.to, m->size);
}

static void
change_attr(struct out *o, const struct markup *m, unsigned *seed)
{
	static const char prefix[] = " xmlns:x='urn:x' x:";
	const struct span *a = &m->attrs[rnd(seed, m->nattrs)], *other = &m->attrs[rnd(seed, m->nattrs)];
	const struct element *e = &m->elements[rnd(seed, m->nelements)];
	size_t at;

	switch (rnd(seed, 4)) {
	case 0: /* leave it out */
		put_span(o, m, 0, a->from);
		put_span(o, m, a->to, m->size);
		break;
	case 1: /* another in its place */
		put_span(o, m, 0, a->from);
		put_span(o, m, other->from, other->to);
		put_span(o, m, a->to, m->size);
		break;
	case 2: /* in another element */
		at = end_of_name(m, e);
		put_span(o, m, 0, at);
		put_span(o, m, a->from, a->to);
		put_span(o, m, at, m->size);
		break;
	default: /* of a foreign namespace */
		put_span(o, m, 0, a->from);
		put(o, (const uint8_t *)prefix, sizeof(prefix) - 1);
		put_span(o, m, a->from + 1, m->size);
	}
}

size_t
markup_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static struct markup m;
	struct out o = {.max = max};

	if (size == 0 || rnd(&seed, 2) == 0)
		return LLVMFuzzerMutate(data, size, max);
	read_markup(&m, data, size);
	if (m.nelements == 0)
		return LLVMFuzzerMutate(data, size, max);
	o.data = malloc(max);
	CHECK(o.data != NULL);
	if (m.nattrs > 0 && rnd(&seed, 3) == 0)
		change_attr(&o, &m, &seed);
	else
		change_element(&o, &m, &seed);
	memcpy(data, o.data, o.len);
	free(o.data);
	return o.len;
}

size_t
markup_cross(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max, unsigned seed)
{
	static struct markup ma, mb;
	struct out o = {.data = out, .max = max};
	const struct element *e, *other;

	read_markup(&ma, a, alen);
	read_markup(&mb, b, blen);
	if (ma.nelements == 0 || mb.nelements == 0) {
		put(&o, a, alen);
		put(&o, b, blen);
		return o.len;
	}
	e = &ma.elements[rnd(&seed, ma.nelements)];
	other = &mb.elements[rnd(&seed, mb.nelements)];
	/* Instead of one, in it, or behind it. */
	switch (rnd(&seed, 3)) {
	case 0:
		put_span(&o, &ma, 0, e->all.from);
		put_span(&o, &mb, other->all.from, other->all.to);
		put_span(&o, &ma, e->all.to, alen);
		break;
	case 1:
		put_span(&o, &ma, 0, e->open.to);
		put_span(&o, &mb, other->all.from, other->all.to);
		put_span(&o, &ma, e->open.to, alen);
		break;
	default:
		put_span(&o, &ma, 0, e->all.to);
		put_span(&o, &mb, other->all.from, other->all.to);
		put_span(&o, &ma, e->all.to, alen);
	}
	return o.len;
}
