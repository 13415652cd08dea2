#include "wire/reader.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/plain.h"

/* Between namespace and name, as expat gives them: no XML document can contain it. */
#define SEPARATOR '\f'

/*
 * A tree in memory: names and namespaces repeat, so that a few bytes of input can
 * become many (THREATS 14).  What is within the other bounds and honest needs a
 * fraction of this.
 */
#define TREE_MAX (1024 * 1024)

/* expat keeps about a hundred bytes for each new name: this much input makes them some 10 MiB. */
#define RENEW_BYTES (1024 * 1024)

/* Character data in one stretch; more than one when children come in between. */
struct piece {
	struct piece *next;
	size_t len;
	char data[];
};

static const XML_Memory_Handling_Suite memory = {mem_alloc, mem_realloc, mem_free};

static void
build_attrs(struct arena *a, struct xml *x, const char **attrs)
{
	struct xml_attr *at;
	const char *name, *sep;
	size_t i, n, namelen, valuelen;
	char *copy;

	for (n = 0; attrs[2 * n] != NULL; n++)
		;
	if (n == 0)
		return;
	at = arena_alloc(a, n * sizeof(*at));
	if (at == NULL)
		return;
	x->attrs = at;
	x->nattrs = n;
	for (i = 0; i < n; i++, at++) {
		name = attrs[2 * i];
		namelen = strlen(name);
		valuelen = strlen(attrs[2 * i + 1]);
		copy = arena_bytes(a, namelen + valuelen + 2);
		if (copy == NULL)
			return;
		memcpy(copy, name, namelen + 1);
		at->ns = NULL;
		at->name = copy;
		sep = memchr(copy, SEPARATOR, namelen);
		if (sep != NULL) {
			copy[sep - copy] = '\0';
			at->ns = copy;
			at->name = sep + 1;
		}
		at->value = memcpy(copy + namelen + 1, attrs[2 * i + 1], valuelen + 1);
	}
}

/* Like their parents, most elements are in one namespace, whose name they then share: NS of *NSLEN bytes. */
static struct xml *
build(struct arena *a, const char *name, const char **attrs, const char *ns, size_t *nslen)
{
	struct xml *x = arena_alloc(a, sizeof(*x));
	const char *sep;

	if (x == NULL)
		return NULL;
	memset(x, 0, sizeof(*x));
	x->text = "";
	if (strncmp(name, ns, *nslen) == 0 && name[*nslen] == SEPARATOR) {
		x->ns = ns;
		name += *nslen + 1;
	} else if ((sep = strchr(name, SEPARATOR)) != NULL) {
		*nslen = (size_t)(sep - name);
		x->ns = arena_strndup(a, name, *nslen);
		name = sep + 1;
	} else {
		*nslen = 0;
		x->ns = "";
	}
	x->name = arena_strndup(a, name, strlen(name));
	build_attrs(a, x, attrs);
	return x;
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct reader *r = data;
	struct reader_frame *f, *parent = NULL;
	const char *ns = NS_COMPONENT;
	size_t nslen = sizeof(NS_COMPONENT) - 1;

	if (!r->opened) {
		r->opened = true;
		if (r->root == NULL)
			r->root = build(&r->lasting, name, attrs, ns, &nslen);
		return;
	}
	if (r->depth == STANZA_DEPTH_MAX) {
		r->arena.status = ERR_LIMIT;
		XML_StopParser(r->expat, XML_FALSE);
		return;
	}
	if (r->depth > 0) {
		parent = &r->frames[r->depth - 1];
		ns = parent->x->ns;
		nslen = parent->nslen;
	}
	f = &r->frames[r->depth];
	f->x = build(&r->arena, name, attrs, ns, &nslen);
	if (r->arena.status != 0) {
		XML_StopParser(r->expat, XML_FALSE);
		return;
	}
	f->nslen = nslen;
	f->last = NULL;
	f->first = f->tail = NULL;
	r->depth++;
	if (parent == NULL) {
		r->element = f->x;
		return;
	}
	if (parent->last == NULL)
		parent->x->child = f->x;
	else
		parent->last->next = f->x;
	parent->last = f->x;
}

static void XMLCALL
on_text(void *data, const XML_Char *s, int len)
{
	struct reader *r = data;
	struct arena *a = &r->arena;
	struct piece *piece;
	struct reader_frame *f;
	size_t n = (size_t)len;

	if (r->depth == 0)
		return;
	f = &r->frames[r->depth - 1];
	piece = f->tail;
	/* Nothing was built since: it grows where it is, as one byte behind it is kept for its end. */
	if (piece != NULL && piece->data + piece->len + 1 == a->at && (size_t)(a->end - a->at) >= n) {
		memcpy(piece->data + piece->len, s, n);
		piece->len += n;
		a->at += n;
		return;
	}
	piece = arena_alloc(a, sizeof(*piece) + n + 1);
	if (piece == NULL) {
		XML_StopParser(r->expat, XML_FALSE);
		return;
	}
	piece->next = NULL;
	piece->len = n;
	memcpy(piece->data, s, n);
	if (f->tail == NULL)
		f->first = piece;
	else
		f->tail->next = piece;
	f->tail = piece;
}

static void
join(struct reader *r, struct reader_frame *f)
{
	struct piece *piece = f->first;
	size_t len = 0;
	char *text;

	if (piece == NULL)
		return;
	if (piece->next == NULL) {
		piece->data[piece->len] = '\0';
		f->x->text = piece->data;
		f->x->textlen = piece->len;
		return;
	}
	for (; piece != NULL; piece = piece->next)
		len += piece->len;
	text = arena_bytes(&r->arena, len + 1);
	if (text == NULL) {
		XML_StopParser(r->expat, XML_FALSE);
		return;
	}
	f->x->text = text;
	f->x->textlen = len;
	for (piece = f->first; piece != NULL; piece = piece->next) {
		memcpy(text, piece->data, piece->len);
		text += piece->len;
	}
	*text = '\0';
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct reader *r = data;

	(void)name;
	if (r->depth > 0 && r->arena.status == 0)
		join(r, &r->frames[--r->depth]);
}

static void XMLCALL
on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
	struct reader *r = data;

	if (prefix == NULL && uri != NULL && r->default_ns == NULL)
		r->default_ns = arena_strndup(&r->lasting, uri, strlen(uri));
}

static const char *
text_of(enum XML_Error error)
{
	const char *text = XML_ErrorString(error);

	return text != NULL ? text : "not XML";
}

/* A new expat that has read the header; on failure the old one is still there. */
static int
renew(struct reader *r)
{
	XML_Parser old = r->expat;
	enum XML_Error error;

	r->expat = XML_ParserCreate_MM("UTF-8", &memory, (const XML_Char[]){SEPARATOR, '\0'});
	if (r->expat == NULL) {
		r->expat = old;
		return ERR_NOMEM;
	}
	XML_SetUserData(r->expat, r);
	XML_SetElementHandler(r->expat, on_start, on_end);
	XML_SetCharacterDataHandler(r->expat, on_text);
	XML_SetNamespaceDeclHandler(r->expat, on_namespace, NULL);
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 6
	XML_SetReparseDeferralEnabled(r->expat, XML_FALSE);
#endif
	r->opened = false;
	r->depth = 0;
	/* A header that ends within a character is no error yet, but none either. */
	if (XML_Parse(r->expat, r->header.data, (int)r->header.len, XML_FALSE) != XML_STATUS_OK || !r->opened) {
		error = XML_GetErrorCode(r->expat);
		r->reason = text_of(error);
		XML_ParserFree(r->expat);
		r->expat = old;
		return error == XML_ERROR_NO_MEMORY ? ERR_NOMEM : ERR_PROTOCOL;
	}
	XML_SetNamespaceDeclHandler(r->expat, NULL, NULL);
	r->fed = 0;
	if (old != NULL)
		XML_ParserFree(old);
	return 0;
}

/* The text is XML as far as its shape goes, so what follows it can be read. */
static bool
only_namespaces(enum XML_Error error)
{
	switch (error) {
	case XML_ERROR_UNBOUND_PREFIX:
	case XML_ERROR_UNDECLARING_PREFIX:
	case XML_ERROR_RESERVED_PREFIX_XML:
	case XML_ERROR_RESERVED_PREFIX_XMLNS:
	case XML_ERROR_RESERVED_NAMESPACE_URI:
	case XML_ERROR_DUPLICATE_ATTRIBUTE:
		return true;
	default:
		return false;
	}
}

int
reader_header(struct reader *r, const char *data, size_t len)
{
	int status;

	buf_put(&r->header, data, len);
	status = r->header.failed ? ERR_NOMEM : renew(r);
	return status == 0 && r->lasting.status != 0 ? ERR_NOMEM : status;
}

/* What is not plain; returns as reader_element() does. */
static int
by_expat(struct reader *r, const char *data, size_t len)
{
	enum XML_Error error;
	bool too_large;
	int status;

	/* It can wait when there is no memory for it. */
	if (r->fed > RENEW_BYTES && renew(r) != 0)
		r->fed = 0;
	r->fed += len;
	if (XML_Parse(r->expat, data, (int)len, XML_FALSE) == XML_STATUS_OK) {
		r->reason = "not XML";
		return r->depth == 0 && r->element != NULL ? 1 : ERR_PROTOCOL;
	}
	error = XML_GetErrorCode(r->expat);
	if (error == XML_ERROR_NO_MEMORY || r->arena.status == ERR_NOMEM)
		return ERR_NOMEM;
	too_large = r->arena.status != 0;
	if (!too_large && !only_namespaces(error)) {
		r->reason = text_of(error);
		return ERR_PROTOCOL;
	}
	/* It has seen half of an element. */
	status = renew(r);
	return status != 0 ? status : too_large ? ERR_LIMIT : 0;
}

int
reader_element(struct reader *r, const char *data, size_t len)
{
	int status = 1;

	arena_reset(&r->arena);
	r->arena.max = TREE_MAX;
	r->element = plain_read(&r->arena, r->default_ns != NULL ? r->default_ns : "", data, len);
	if (r->element == NULL) {
		arena_reset(&r->arena);
		status = by_expat(r, data, len);
	}
	if (status != 1)
		r->element = NULL;
	return status;
}

void
reader_clear(struct reader *r)
{
	if (r->expat != NULL)
		XML_ParserFree(r->expat);
	buf_clear(&r->header);
	arena_clear(&r->lasting);
	arena_clear(&r->arena);
	memset(r, 0, sizeof(*r));
}
