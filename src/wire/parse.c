#include "wire/parse.h"

#include <expat.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/plain.h"
#include "wire/scan.h"

/* Between namespace and name, as expat gives them: no XML document can contain it. */
#define SEPARATOR '\f'

/* The server's header, which is kept for each new expat. */
#define HEADER_BYTES_MAX 8192

/*
 * A tree in memory: names and namespaces repeat, so that a few bytes of input can
 * become many (THREATS 14).  What is within the other bounds and honest needs a
 * fraction of these.
 */
#define STANZA_TREE_MAX (1024 * 1024)
#define ROSTER_TREE_MAX (8 * 1024 * 1024)

/* expat keeps about a hundred bytes for each new name: this much input makes them some 10 MiB. */
#define RENEW_BYTES (1024 * 1024)

/* Within this many bytes it must show that it is a roster. */
#define ROSTER_HEAD 1024

/* Character data in one stretch; more than one when children come in between. */
struct piece {
	struct piece *next;
	size_t len;
	char data[];
};

struct frame {
	struct xml *x;
	struct xml *last; /* child */
	struct piece *first, *tail;
	size_t nslen;
};

struct parser {
	XML_Parser expat;
	struct scan scan;
	struct buf header;    /* as it came */
	struct buf held;      /* what there is of a part that came in more than one piece */
	struct arena lasting; /* of the header's tree */
	struct arena arena;   /* of the element's */
	struct xml *root;
	const char *default_ns;
	struct xml *element;
	struct frame frames[STANZA_DEPTH_MAX];
	size_t depth;	     /* frames in use */
	bool opened;	     /* this expat has had the header */
	bool skipping;	     /* the part was refused */
	bool judged, roster; /* the part may be as large as a roster */
	size_t fed;	     /* bytes, since expat was new */
	int status;	     /* what ended it all, or 0 */
	char reason[96];
	struct parser_counts counts;
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
	struct parser *p = data;
	struct frame *f, *parent = NULL;
	const char *ns = NS_COMPONENT;
	size_t nslen = sizeof(NS_COMPONENT) - 1;

	if (!p->opened) {
		p->opened = true;
		if (p->root == NULL)
			p->root = build(&p->lasting, name, attrs, ns, &nslen);
		return;
	}
	if (p->depth == STANZA_DEPTH_MAX) {
		p->arena.status = ERR_LIMIT;
		XML_StopParser(p->expat, XML_FALSE);
		return;
	}
	if (p->depth > 0) {
		parent = &p->frames[p->depth - 1];
		ns = parent->x->ns;
		nslen = parent->nslen;
	}
	f = &p->frames[p->depth];
	f->x = build(&p->arena, name, attrs, ns, &nslen);
	if (p->arena.status != 0) {
		XML_StopParser(p->expat, XML_FALSE);
		return;
	}
	f->nslen = nslen;
	f->last = NULL;
	f->first = f->tail = NULL;
	p->depth++;
	if (parent == NULL) {
		p->element = f->x;
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
	struct parser *p = data;
	struct arena *a = &p->arena;
	struct piece *piece;
	struct frame *f;
	size_t n = (size_t)len;

	if (p->depth == 0)
		return;
	f = &p->frames[p->depth - 1];
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
		XML_StopParser(p->expat, XML_FALSE);
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
join(struct parser *p, struct frame *f)
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
	text = arena_bytes(&p->arena, len + 1);
	if (text == NULL) {
		XML_StopParser(p->expat, XML_FALSE);
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
	struct parser *p = data;

	(void)name;
	if (p->depth > 0 && p->arena.status == 0)
		join(p, &p->frames[--p->depth]);
}

static void XMLCALL
on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
	struct parser *p = data;

	if (prefix == NULL && uri != NULL && p->default_ns == NULL)
		p->default_ns = arena_strndup(&p->lasting, uri, strlen(uri));
}

static int
die(struct parser *p, int status, const char *reason)
{
	p->status = status;
	p->element = NULL;
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
	return status;
}

/* A new expat that has read the header; on failure the old one is still there. */
static int
renew(struct parser *p)
{
	XML_Parser old = p->expat;
	enum XML_Error error;
	const char *reason;
	int status;

	p->expat = XML_ParserCreate_MM("UTF-8", &memory, (const XML_Char[]){SEPARATOR, '\0'});
	if (p->expat == NULL) {
		p->expat = old;
		return ERR_NOMEM;
	}
	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetNamespaceDeclHandler(p->expat, on_namespace, NULL);
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 6
	XML_SetReparseDeferralEnabled(p->expat, XML_FALSE);
#endif
	p->opened = false;
	p->depth = 0;
	/* A header that ends within a character is no error yet, but none either. */
	if (XML_Parse(p->expat, p->header.data, (int)p->header.len, XML_FALSE) != XML_STATUS_OK || !p->opened) {
		error = XML_GetErrorCode(p->expat);
		status = error == XML_ERROR_NO_MEMORY ? ERR_NOMEM : ERR_PROTOCOL;
		reason = XML_ErrorString(error);
		snprintf(p->reason, sizeof(p->reason), "%s", reason != NULL ? reason : "not XML");
		XML_ParserFree(p->expat);
		p->expat = old;
		return status;
	}
	XML_SetNamespaceDeclHandler(p->expat, NULL, NULL);
	p->fed = 0;
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

static int
skip(struct parser *p)
{
	p->counts.skipped++;
	p->element = NULL;
	return 0;
}

/* Returns as parser_push() does; 0 when the element was skipped after all. */
static int
build_element(struct parser *p, const char *data, size_t len)
{
	enum XML_Error error;
	int status;

	arena_reset(&p->arena);
	p->arena.max = p->roster ? ROSTER_TREE_MAX : STANZA_TREE_MAX;
	p->element = plain_read(&p->arena, parser_default_ns(p), data, len);
	if (p->element != NULL) {
		p->counts.elements++;
		return 1;
	}
	arena_reset(&p->arena);
	/* It can wait when there is no memory for it. */
	if (p->fed > RENEW_BYTES && renew(p) != 0)
		p->fed = 0;
	p->fed += len;
	if (XML_Parse(p->expat, data, (int)len, XML_FALSE) != XML_STATUS_OK) {
		error = XML_GetErrorCode(p->expat);
		if (error == XML_ERROR_NO_MEMORY || p->arena.status == ERR_NOMEM)
			return die(p, ERR_NOMEM, err_text(ERR_NOMEM));
		if (p->arena.status == 0 && !only_namespaces(error))
			return die(p, ERR_PROTOCOL, XML_ErrorString(error));
		status = renew(p);
		return status != 0 ? die(p, status, err_text(status)) : skip(p);
	}
	if (p->depth != 0 || p->element == NULL)
		return die(p, ERR_PROTOCOL, "not XML");
	p->counts.elements++;
	return 1;
}

/*
 * A roster (RFC 6121, section 2.1.4) is the one stanza that may be large.  To
 * look at it as text is good enough: only the bounds depend on it, not what
 * the stanza is taken for.
 */
static bool
looks_like_roster(const struct parser *p, const char *data, size_t len)
{
	char head[ROSTER_HEAD + 1], *child, *end;
	size_t n = p->held.len < ROSTER_HEAD ? p->held.len : ROSTER_HEAD;

	/* cppcheck-suppress knownConditionTrueFalse ; it takes only an empty buffer into account */
	if (n > 0)
		memcpy(head, p->held.data, n);
	if (len > ROSTER_HEAD - n)
		len = ROSTER_HEAD - n;
	memcpy(head + n, data, len);
	head[n + len] = '\0';
	child = strchr(head + 1, '<');
	if (child == NULL || strncmp(head, "<iq ", 4) != 0)
		return false;
	end = strchr(child, '>');
	if (end == NULL)
		return false;
	*child = *end = '\0';
	return strstr(head, "result") != NULL && strncmp(child + 1, "query ", 6) == 0 &&
	    strstr(child + 1, NS_ROSTER) != NULL;
}

/* May there be so much of this part?  Its last LEN bytes are at DATA, what was before them is held. */
static bool
within_bounds(struct parser *p, const char *data, size_t len)
{
	const struct scan *s = &p->scan;

	if (p->skipping || s->wild)
		return false;
	if (s->bytes <= STANZA_BYTES_MAX && s->elements <= STANZA_ELEMENTS_MAX)
		return true;
	if (!p->judged)
		p->roster = looks_like_roster(p, data, len);
	p->judged = true;
	return p->roster && s->bytes <= ROSTER_BYTES_MAX && s->elements <= ROSTER_ELEMENTS_MAX;
}

static void
let_go(struct parser *p)
{
	if (p->held.cap > 2 * STANZA_BYTES_MAX)
		buf_clear(&p->held);
	else
		buf_reset(&p->held);
}

static int
hold(struct parser *p, const char *data, size_t len)
{
	if (!p->scan.inside) {
		buf_reset(&p->held);
		return 0;
	}
	if (p->header.len == 0 && p->scan.bytes > HEADER_BYTES_MAX)
		return die(p, ERR_PROTOCOL, "the stream's header is too long");
	if (!within_bounds(p, data, len)) {
		p->skipping = true;
		let_go(p);
		return 0;
	}
	buf_put(&p->held, data, len);
	return p->held.failed ? die(p, ERR_NOMEM, err_text(ERR_NOMEM)) : 0;
}

static int
take_header(struct parser *p, const char *data, size_t len)
{
	int status;

	if (len > HEADER_BYTES_MAX)
		return die(p, ERR_PROTOCOL, "the stream's header is too long");
	buf_put(&p->header, data, len);
	if (p->header.failed)
		return die(p, ERR_NOMEM, err_text(ERR_NOMEM));
	status = renew(p);
	if (status == ERR_PROTOCOL)
		p->status = status; /* with expat's reason */
	else if (status != 0 || p->lasting.status != 0)
		status = die(p, ERR_NOMEM, err_text(ERR_NOMEM));
	return status != 0 ? status : 1;
}

/* A part ended with the LEN bytes at DATA. */
static int
take(struct parser *p, enum scan_found found, const char *data, size_t len)
{
	int status = 1;

	if (found == SCAN_ELEMENT && !within_bounds(p, data, len)) {
		status = skip(p);
	} else if (found != SCAN_END) {
		if (p->held.len > 0) {
			buf_put(&p->held, data, len);
			if (p->held.failed)
				return die(p, ERR_NOMEM, err_text(ERR_NOMEM));
			data = p->held.data;
			len = p->held.len;
		}
		status = found == SCAN_HEADER ? take_header(p, data, len) : build_element(p, data, len);
	}
	if (p->held.cap > 0)
		let_go(p);
	p->skipping = p->judged = p->roster = false;
	return status;
}

int
parser_push(struct parser *p, const char *data, size_t len, size_t *used, enum parser_item *item)
{
	enum scan_found found = SCAN_MORE;
	const char *part;
	size_t n;
	int status = p->status;

	*used = 0;
	*item = PARSER_NONE;
	p->element = NULL;
	while (status == 0 && *used < len) {
		part = data + *used;
		found = scan(&p->scan, part, len - *used, &n);
		*used += n;
		p->counts.bytes += n;
		p->counts.stray += p->scan.stray;
		p->scan.stray = 0;
		/* A `<` may be held that turned out to be a comment's. */
		if (p->scan.began)
			buf_reset(&p->held);
		part += p->scan.start;
		n -= p->scan.start;
		if (found == SCAN_MORE)
			return hold(p, part, n);
		if (found == SCAN_BAD)
			return die(p, ERR_PROTOCOL, p->scan.reason);
		status = take(p, found, part, n);
	}
	if (status == 1)
		*item = found == SCAN_HEADER ? PARSER_HEADER : found == SCAN_ELEMENT ? PARSER_ELEMENT : PARSER_END;
	if (found == SCAN_END)
		die(p, ERR_PROTOCOL, "the stream has ended");
	return status;
}

struct parser *
parser_new(void)
{
	return mem_alloc(sizeof(struct parser));
}

static void
forget(struct parser *p)
{
	struct parser_counts counts = p->counts;

	if (p->expat != NULL)
		XML_ParserFree(p->expat);
	buf_clear(&p->header);
	buf_clear(&p->held);
	arena_clear(&p->lasting);
	arena_clear(&p->arena);
	memset(p, 0, sizeof(*p));
	p->counts = counts;
}

void
parser_free(struct parser *p)
{
	if (p == NULL)
		return;
	forget(p);
	mem_free(p);
}

void
parser_reset(struct parser *p)
{
	forget(p);
}

const struct xml *
parser_header(const struct parser *p)
{
	return p->root;
}

const char *
parser_default_ns(const struct parser *p)
{
	return p->default_ns != NULL ? p->default_ns : "";
}

const struct xml *
parser_element(const struct parser *p)
{
	return p->element;
}

const char *
parser_reason(const struct parser *p)
{
	return p->reason;
}

const struct parser_counts *
parser_counts(const struct parser *p)
{
	return &p->counts;
}
