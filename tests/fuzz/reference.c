#include "reference.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define DEPTH_MAX 24 /* deeper than any tree of ours; what is below is left out of the dump */

struct frame {
	struct buf head, text, children;
};

struct reference {
	XML_Parser expat;
	struct frame frames[DEPTH_MAX];
	struct buf root, last;
	size_t depth, elements, root_at;
	bool failed;
};

/* NAME as expat gives it, `namespace\fname' or `name'. */
static const char *
split(const char *name, char **ns)
{
	const char *sep = strchr(name, '\f');
	size_t len = sep != NULL ? (size_t)(sep - name) : 0;

	*ns = fuzz_copy(name, len + 1);
	(*ns)[len] = '\0';
	return sep != NULL ? sep + 1 : name;
}

static void
put_head(struct buf *out, const char *name, const char **attrs)
{
	const char *local;
	char *ns;

	local = split(name, &ns);
	dump_name(out, ns, local);
	free(ns);
	for (; *attrs != NULL; attrs += 2) {
		local = split(attrs[0], &ns);
		dump_attr(out, strchr(attrs[0], '\f') != NULL ? ns : NULL, local, attrs[1]);
		free(ns);
	}
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct reference *r = data;
	struct frame *f;

	if (r->depth == 0) {
		put_head(&r->root, name, attrs);
		r->root_at = (size_t)XML_GetCurrentByteIndex(r->expat);
	} else if (r->depth < DEPTH_MAX) {
		f = &r->frames[r->depth];
		buf_reset(&f->head);
		buf_reset(&f->text);
		buf_reset(&f->children);
		put_head(&f->head, name, attrs);
	}
	r->depth++;
}

static void XMLCALL
on_text(void *data, const XML_Char *s, int len)
{
	struct reference *r = data;

	if (r->depth > 1 && r->depth <= DEPTH_MAX)
		buf_put(&r->frames[r->depth - 1].text, s, (size_t)len);
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct reference *r = data;
	struct frame *f;
	struct buf *out;

	(void)name;
	r->depth--;
	if (r->depth == 0 || r->depth >= DEPTH_MAX)
		return;
	f = &r->frames[r->depth];
	out = r->depth == 1 ? &r->last : &r->frames[r->depth - 1].children;
	if (r->depth == 1) {
		buf_reset(out);
		r->elements++;
	}
	buf_put(out, f->head.data, f->head.len);
	dump_text(out, buf_text(&f->text), f->text.len);
	buf_put(out, f->children.data, f->children.len);
	dump_end(out);
}

struct reference *
reference_new(void)
{
	struct reference *r = calloc(1, sizeof(*r));

	CHECK(r != NULL);
	r->expat = XML_ParserCreateNS("UTF-8", '\f');
	CHECK(r->expat != NULL);
	XML_SetUserData(r->expat, r);
	XML_SetElementHandler(r->expat, on_start, on_end);
	XML_SetCharacterDataHandler(r->expat, on_text);
	return r;
}

void
reference_free(struct reference *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < DEPTH_MAX; i++) {
		buf_clear(&r->frames[i].head);
		buf_clear(&r->frames[i].text);
		buf_clear(&r->frames[i].children);
	}
	buf_clear(&r->root);
	buf_clear(&r->last);
	XML_ParserFree(r->expat);
	free(r);
}

bool
reference_feed(struct reference *r, const char *data, size_t len)
{
	if (!r->failed)
		r->failed = XML_Parse(r->expat, data, (int)len, XML_FALSE) != XML_STATUS_OK;
	return !r->failed;
}

size_t
reference_depth(const struct reference *r)
{
	return r->depth;
}

size_t
reference_elements(const struct reference *r)
{
	return r->elements;
}

const char *
reference_last(const struct reference *r)
{
	return buf_text(&r->last);
}

const char *
reference_root(const struct reference *r)
{
	return buf_text(&r->root);
}

size_t
reference_root_at(const struct reference *r)
{
	return r->root_at;
}
