#include "wire/scan.h"

#include <string.h>

#include "base/limits.h"

enum state {
	TEXT,
	MARKUP, /* behind `<` */
	START_TAG,
	QUOTED, /* an attribute's value */
	SLASH,	/* behind `/` in a start tag */
	END_TAG,
	BANG, /* behind `<!` */
	DASH, /* behind `<!-` */
	COMMENT,
	BRACKET, /* in `<![CDATA[` */
	CDATA,
	INSTRUCTION
};

static const char cdata[] = "[CDATA[";

static bool
blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static enum scan_found
bad(struct scan *s, const char *reason)
{
	s->reason = reason;
	return SCAN_BAD;
}

/* Text outside of all parts: P up to the next `<`.  NULL: what is before the header is not even XML. */
static const char *
pass_text(struct scan *s, const char *p, const char *end)
{
	for (; p < end && *p != '<'; p++) {
		if (blank(*p) || s->straying)
			continue;
		if (s->depth == 0) {
			/* The three bytes of a byte order mark. */
			if (*p != '\xef' && *p != '\xbb' && *p != '\xbf')
				return NULL;
			continue;
		}
		s->straying = true;
		s->stray++;
	}
	if (p < end)
		s->straying = false;
	return p;
}

/* The character behind `<`, which stays to be read if it belongs to a name. */
static const char *
markup(struct scan *s, const char *p)
{
	switch (*p) {
	case '/':
		s->state = END_TAG;
		return p + 1;
	case '!':
	case '?':
		/* Between the parts it is none, and need not be kept. */
		if (s->elements == 0)
			s->inside = false;
		s->state = *p == '!' ? BANG : INSTRUCTION;
		s->matched = 0;
		return p + 1;
	default:
		s->state = START_TAG;
		s->attrs = 0;
		return p;
	}
}

static const char *
start_tag(struct scan *s, const char *p, const char *end)
{
	for (; p < end; p++) {
		switch (*p) {
		case '>':
			return p;
		case '/':
			s->state = SLASH;
			return p + 1;
		case '=':
			s->attrs++;
			break;
		case '"':
		case '\'':
			s->quote = *p;
			s->state = QUOTED;
			return p + 1;
		}
	}
	return p;
}

/* One character in search of C twice (once for a `?`) and `>`. */
static bool
closes(struct scan *s, char got, char c, unsigned times)
{
	if (got == '>' && s->matched >= times)
		return true;
	s->matched = got == c ? s->matched + 1 : 0;
	return false;
}

static void
pass_markup(struct scan *s, bool counts)
{
	s->state = TEXT;
	if (counts && s->depth > 0)
		s->stray++;
}

/* An element ended, of which DEPTH others are still open. */
static enum scan_found
ended(struct scan *s)
{
	switch (s->depth) {
	case 0:
		return SCAN_END;
	case 1:
		return SCAN_ELEMENT;
	case 2:
		s->past = true;
		return SCAN_MORE;
	case 3:
		return s->cut && !s->past ? SCAN_CHILD : SCAN_MORE;
	default:
		return SCAN_MORE;
	}
}

/* A start tag ended; SIZE is its length. */
static enum scan_found
opened(struct scan *s, size_t size, bool empty)
{
	enum scan_found found = SCAN_MORE;

	s->state = TEXT;
	s->elements++;
	if (s->depth == 0) {
		if (empty)
			return bad(s, "the stream ends in its header");
		s->depth = 1;
		return SCAN_HEADER;
	}
	if (s->depth > STANZA_DEPTH_MAX || s->attrs > STANZA_ATTRS_MAX || size > TAG_BYTES_MAX)
		s->wild = true;
	if (!s->wild && s->elements == 1) {
		s->top = s->tag + size;
	} else if (!s->wild && s->elements == 2 && !empty) {
		s->child = s->tag;
		s->child_end = s->tag + size;
	}
	if (empty)
		found = ended(s);
	else
		s->depth++;
	if (found != SCAN_ELEMENT && s->elements_max > 0 && (s->wild || s->elements > s->elements_max))
		return SCAN_OVER;
	return found;
}

static enum scan_found
closed(struct scan *s)
{
	s->state = TEXT;
	if (s->depth == 0)
		return bad(s, "not XML");
	s->depth--;
	return ended(s);
}

enum scan_found
scan(struct scan *s, const char *data, size_t len, size_t *used)
{
	const char *p = data, *end = data + len, *base = data;
	enum scan_found found = SCAN_MORE;
	size_t before = s->bytes;

	s->began = false;
	s->start = 0;
	if (!s->inside)
		before = 0;
	while (p < end && found == SCAN_MORE) {
		switch ((enum state)s->state) {
		case TEXT:
			if (s->inside) {
				p = memchr(p, '<', (size_t)(end - p));
				if (p == NULL)
					p = end;
			} else {
				p = pass_text(s, p, end);
				if (p == NULL) {
					p = end;
					found = bad(s, "not XML");
					break;
				}
			}
			if (p == end)
				break;
			if (!s->inside) {
				s->inside = s->began = true;
				s->wild = s->past = false;
				s->elements = s->top = s->child = s->child_end = 0;
				s->start = (size_t)(p - data);
				base = p;
				before = 0;
			}
			s->tag = before + (size_t)(p - base);
			s->state = MARKUP;
			p++;
			break;
		case MARKUP:
			p = markup(s, p);
			break;
		case START_TAG:
			p = start_tag(s, p, end);
			if (s->state == START_TAG && p < end) {
				p++;
				found = opened(s, before + (size_t)(p - base) - s->tag, false);
			}
			break;
		case QUOTED:
			p = memchr(p, s->quote, (size_t)(end - p));
			if (p == NULL) {
				p = end;
				break;
			}
			p++;
			s->state = START_TAG;
			break;
		case SLASH:
			if (*p++ != '>')
				found = bad(s, "not XML");
			else
				found = opened(s, before + (size_t)(p - base) - s->tag, true);
			break;
		case END_TAG:
			p = memchr(p, '>', (size_t)(end - p));
			if (p == NULL) {
				p = end;
				break;
			}
			p++;
			found = closed(s);
			break;
		case BANG:
			if (*p != '-' && *p != '[')
				found = bad(s, "a document type declaration");
			s->state = *p == '-' ? DASH : BRACKET;
			s->matched = 1;
			p++;
			break;
		case DASH:
			if (*p != '-')
				found = bad(s, "not XML");
			s->state = COMMENT;
			s->matched = 0;
			p++;
			break;
		case COMMENT:
			if (closes(s, *p++, '-', 2))
				pass_markup(s, true);
			break;
		case BRACKET:
			if (*p != cdata[s->matched])
				found = bad(s, "not XML");
			p++;
			s->matched++;
			if (cdata[s->matched] == '\0') {
				s->state = CDATA;
				s->matched = 0;
			}
			break;
		case CDATA:
			if (closes(s, *p++, ']', 2))
				pass_markup(s, !s->inside);
			break;
		case INSTRUCTION:
			if (closes(s, *p++, '?', 1))
				pass_markup(s, true);
			break;
		}
	}
	*used = (size_t)(p - data);
	s->bytes = s->inside ? before + (size_t)(p - base) : 0;
	if (found > SCAN_CHILD)
		s->inside = false;
	return found;
}
