#include "wire/write.h"

#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

/* What becomes of a byte; PLAIN ones are copied in runs. */
enum {
	PLAIN,
	FORBIDDEN,
	HIGH, /* part of a sequence that has to be looked at */
	ENTITY
};

/* Tab, newline and return are written by number: an attribute's value keeps them so, and a text too. */
static const unsigned char class[256] = {
	[0x00 ... 0x08] = FORBIDDEN,
	['\t'] = ENTITY,
	['\n'] = ENTITY,
	[0x0b ... 0x0c] = FORBIDDEN,
	['\r'] = ENTITY,
	[0x0e ... 0x1f] = FORBIDDEN,
	['"'] = ENTITY,
	['&'] = ENTITY,
	['\''] = ENTITY,
	['<'] = ENTITY,
	['>'] = ENTITY,
	[0x80 ... 0xff] = HIGH,
};

/* buf_put() without the call where there is room. */
static inline void
put(struct buf *b, const char *s, size_t len)
{
	size_t after = b->len + len;

	if (b->failed || after >= b->cap || (b->max != 0 && after > b->max)) {
		buf_put(b, s, len);
		return;
	}
	memcpy(b->data + b->len, s, len);
	b->data[after] = '\0';
	b->len = after;
}

static inline void
put_string(struct buf *b, const char *s)
{
	put(b, s, strlen(s));
}

#define PUT(b, literal) put(b, literal, sizeof(literal) - 1)

static void
put_entity(struct buf *b, char c)
{
	switch (c) {
	case '\t':
		PUT(b, "&#9;");
		break;
	case '\n':
		PUT(b, "&#10;");
		break;
	case '\r':
		PUT(b, "&#13;");
		break;
	case '"':
		PUT(b, "&quot;");
		break;
	case '&':
		PUT(b, "&amp;");
		break;
	case '\'':
		PUT(b, "&apos;");
		break;
	case '<':
		PUT(b, "&lt;");
		break;
	default:
		PUT(b, "&gt;");
	}
}

void
write_escaped(struct buf *out, const char *s)
{
	const char *end = s + strlen(s), *from = s;
	uint32_t cp;
	size_t n;

	while (s < end) {
		n = 1;
		switch (class[(unsigned char)*s]) {
		case PLAIN:
			do
				s++;
			while (class[(unsigned char)*s] == PLAIN);
			continue;
		case HIGH:
			n = utf8_next(s, (size_t)(end - s), &cp);
			if (n != 0 && cp != 0xfffe && cp != 0xffff) {
				s += n;
				continue;
			}
			/* What follows of it is no sequence by itself, and goes the same way. */
			put(out, from, (size_t)(s - from));
			n = 1;
			break;
		case ENTITY:
			put(out, from, (size_t)(s - from));
			put_entity(out, *s);
			break;
		default:
			put(out, from, (size_t)(s - from));
		}
		s += n;
		from = s;
	}
	put(out, from, (size_t)(end - from));
}

void
writer_init(struct writer *w, struct buf *out)
{
	w->out = out;
	w->start = out->len;
	w->depth = 0;
	w->tag_open = false;
	w->misused = false;
	w->was_failed = out->failed;
}

static void
end_tag(struct writer *w)
{
	if (w->tag_open)
		PUT(w->out, ">");
	w->tag_open = false;
}

void
write_open(struct writer *w, const char *name)
{
	if (w->misused || w->depth == WRITER_DEPTH_MAX) {
		w->misused = true;
		return;
	}
	end_tag(w);
	PUT(w->out, "<");
	put_string(w->out, name);
	w->open[w->depth++] = name;
	w->tag_open = true;
}

void
write_open_ns(struct writer *w, const char *name, const char *ns)
{
	write_open(w, name);
	if (w->misused)
		return;
	PUT(w->out, " xmlns='");
	put_string(w->out, ns);
	PUT(w->out, "'");
}

static bool
begin_attr(struct writer *w, const char *name)
{
	if (w->misused || !w->tag_open) {
		w->misused = true;
		return false;
	}
	PUT(w->out, " ");
	put_string(w->out, name);
	PUT(w->out, "='");
	return true;
}

void
write_attr(struct writer *w, const char *name, const char *value)
{
	write_attr_jid(w, name, value, NULL);
}

void
write_attr_jid(struct writer *w, const char *name, const char *bare, const char *resource)
{
	if (bare == NULL || !begin_attr(w, name))
		return;
	write_escaped(w->out, bare);
	if (resource != NULL) {
		PUT(w->out, "/");
		write_escaped(w->out, resource);
	}
	PUT(w->out, "'");
}

void
write_attr_u(struct writer *w, const char *name, uint64_t value)
{
	if (!begin_attr(w, name))
		return;
	buf_putu(w->out, value);
	PUT(w->out, "'");
}

void
write_text(struct writer *w, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	if (w->misused || w->depth == 0) {
		w->misused = true;
		return;
	}
	end_tag(w);
	write_escaped(w->out, text);
}

void
write_close(struct writer *w)
{
	if (w->misused || w->depth == 0) {
		w->misused = true;
		return;
	}
	w->depth--;
	if (w->tag_open) {
		PUT(w->out, "/>");
		w->tag_open = false;
		return;
	}
	PUT(w->out, "</");
	put_string(w->out, w->open[w->depth]);
	PUT(w->out, ">");
}

void
write_element(struct writer *w, const char *name, const char *text)
{
	if (text == NULL)
		return;
	write_open(w, name);
	write_text(w, text);
	write_close(w);
}

int
writer_end(struct writer *w)
{
	struct buf *out = w->out;
	int status = 0;

	if (w->misused || w->depth != 0)
		status = ERR_INVALID;
	else if (out->failed)
		/* A buffer doesn't say why; one that has a bound is far likelier to have reached it. */
		status = out->max != 0 && !w->was_failed ? ERR_LIMIT : ERR_NOMEM;
	if (status != 0) {
		out->len = w->start;
		if (out->data != NULL)
			out->data[out->len] = '\0';
		out->failed = w->was_failed;
	}
	return status;
}
