#include "wire/parse.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "wire/course.h"
#include "wire/reader.h"
#include "wire/scan.h"

/* The server's header, which is kept for each new expat. */
#define HEADER_BYTES_MAX 8192

struct parser {
	struct scan scan;
	struct reader reader;
	struct buf held; /* what there is of a part that came in more than one piece */
	struct course course;
	bool admitted;	    /* the caller's word, while COURSE_ASKED */
	int status;	    /* what ended it all, or 0 */
	const char *reason; /* NULL: the reader's */
	struct parser_counts counts;
};

static int
die(struct parser *p, int status, const char *reason)
{
	p->status = status;
	p->reason = reason;
	p->reader.element = NULL;
	return status;
}

static void
let_go(struct parser *p)
{
	if (p->held.cap > 2 * STANZA_BYTES_MAX)
		buf_clear(&p->held);
	else if (p->held.cap > 0)
		buf_reset(&p->held);
}

/* The part under way is over. */
static void
next_part(struct parser *p)
{
	if (p->course.kind == COURSE_PASSED_OVER)
		p->counts.skipped++;
	let_go(p);
	p->scan.cut = false;
	p->course = (struct course){0};
}

static void
pass_over(struct parser *p)
{
	p->course.kind = COURSE_PASSED_OVER;
	p->scan.cut = false;
	let_go(p);
}

/* `</NAME>` of the start tag at TAG. */
static void
put_end_tag(struct buf *b, const char *tag)
{
	buf_puts(b, "</");
	buf_put(b, tag + 1, strcspn(tag + 1, " \t\r\n/>"));
	buf_putc(b, '>');
}

/*
 * Read the beginning of the part whose text is at TEXT: its start tag, and that
 * of its first child, as an element without contents.  Returns 1, 0 (it can't be
 * said) or what the stream died of.
 */
static int
read_beginning(struct parser *p, const char *text)
{
	const struct scan *s = &p->scan;
	struct buf b = {0};
	int status = 0;

	if (s->top == 0)
		return 0;
	buf_put(&b, text, s->child_end > 0 ? s->child_end : s->top);
	if (s->child_end > 0)
		put_end_tag(&b, text + s->child);
	if (text[s->top - 2] != '/')
		put_end_tag(&b, text);
	status = b.failed ? ERR_NOMEM : reader_element(&p->reader, b.data, b.len);
	buf_clear(&b);
	return status == ERR_LIMIT ? 0 : status;
}

/* The part, whose text is at TEXT, can't be given out, or not to its end. */
static int
refuse(struct parser *p, const char *text, enum parser_item *item)
{
	int status = read_beginning(p, text);

	if (status == 1)
		*item = PARSER_SKIPPED;
	if (status >= 0)
		pass_over(p);
	return status;
}

/*
 * Read LEN bytes at DATA as the element that is given out as ITEM, of the part
 * whose text is at TEXT.
 */
static int
read_element(struct parser *p, const char *data, size_t len, const char *text, enum parser_item what,
    enum parser_item *item)
{
	int status = reader_element(&p->reader, data, len);

	switch (status) {
	case 1:
		if (what != PARSER_PORTION)
			p->counts.elements++;
		*item = what;
		return 1;
	case ERR_NOMEM:
	case ERR_PROTOCOL:
		return status;
	case ERR_LIMIT:
		return refuse(p, text, item);
	default:
		/* Whoever has had the beginning is to know that no more comes. */
		if (what != PARSER_ELEMENT)
			return refuse(p, text, item);
		pass_over(p);
		return 0;
	}
}

/* The part passed a bound; all of it that came is held. */
static int
over_bounds(struct parser *p, enum parser_item *item)
{
	int status;

	if (p->scan.wild || p->course.kind != COURSE_WHOLE || p->scan.child_end == 0)
		return refuse(p, p->held.data, item);
	status = read_beginning(p, p->held.data);
	if (status == 0)
		pass_over(p);
	if (status != 1)
		return status;
	*item = PARSER_LARGE;
	p->course.kind = COURSE_ASKED;
	p->admitted = false;
	return 1;
}

/* The caller has been asked whether the part may be large. */
static void
decided(struct parser *p)
{
	if (p->admitted) {
		p->course.kind = COURSE_IN_PORTIONS;
		p->scan.cut = true;
	} else {
		pass_over(p);
	}
}

/* A child ended: give out what there is if it is worth a portion. */
static int
take_child(struct parser *p, enum parser_item *item)
{
	const struct scan *s = &p->scan;
	struct buf ends = {0};
	int status;

	if (!course_fills(&p->course, s))
		return 0;
	put_end_tag(&ends, p->held.data + s->child);
	put_end_tag(&ends, p->held.data);
	buf_put(&p->held, ends.data, ends.len);
	status = ends.failed || p->held.failed ? ERR_NOMEM : 0;
	buf_clear(&ends);
	if (status != 0)
		return status;
	status = read_element(p, p->held.data, p->held.len, p->held.data, PARSER_PORTION, item);
	if (p->course.kind == COURSE_IN_PORTIONS) {
		p->held.len = s->child_end;
		course_portion(&p->course, s);
	}
	return status;
}

/* The part, of which the LEN bytes at DATA are all, has ended. */
static int
take_end(struct parser *p, const char *data, size_t len, enum parser_item *item)
{
	int status = read_element(p, data, len, data,
	    p->course.kind == COURSE_IN_PORTIONS ? PARSER_LAST : PARSER_ELEMENT, item);

	if (status >= 0)
		next_part(p);
	return status;
}

/* The LEN bytes at DATA are of the part under way, and FOUND is what is behind them. */
static int
take(struct parser *p, enum scan_found found, const char *data, size_t len, enum parser_item *item)
{
	bool ended = found == SCAN_ELEMENT, over;
	int status = 0;

	if (p->course.kind == COURSE_PASSED_OVER) {
		if (ended)
			next_part(p);
		return 0;
	}
	over = !course_holds(&p->course, &p->scan, ended);
	/* What came in one piece is read where it is. */
	if (ended && !over && p->held.len == 0)
		return take_end(p, data, len, item);
	buf_put(&p->held, data, len);
	if (p->held.failed)
		return ERR_NOMEM;
	if (!over && ended)
		return take_end(p, p->held.data, p->held.len, item);
	if (over)
		status = over_bounds(p, item);
	else if (found == SCAN_CHILD)
		status = take_child(p, item);
	if (status >= 0 && ended)
		next_part(p);
	return status;
}

static int
take_header(struct parser *p, const char *data, size_t len, enum parser_item *item)
{
	int status;

	if (len > HEADER_BYTES_MAX)
		return die(p, ERR_PROTOCOL, "the stream's header is too long");
	status = reader_header(&p->reader, data, len);
	if (status != 0)
		return status;
	*item = PARSER_HEADER;
	return 1;
}

/* Likewise, before the header has come. */
static int
take_of_header(struct parser *p, enum scan_found found, const char *data, size_t len, enum parser_item *item)
{
	int status;

	if (found == SCAN_HEADER && p->held.len == 0)
		return take_header(p, data, len, item);
	buf_put(&p->held, data, len);
	if (p->held.failed)
		return ERR_NOMEM;
	if (p->held.len > HEADER_BYTES_MAX)
		return die(p, ERR_PROTOCOL, "the stream's header is too long");
	if (found != SCAN_HEADER)
		return 0;
	status = take_header(p, p->held.data, p->held.len, item);
	let_go(p);
	return status;
}

int
parser_push(struct parser *p, const char *data, size_t len, size_t *used, enum parser_item *item)
{
	enum scan_found found;
	const char *part;
	size_t n;
	int status = p->status;

	*used = 0;
	*item = PARSER_NONE;
	p->reader.element = NULL;
	if (status == 0 && p->course.kind == COURSE_ASKED)
		decided(p);
	while (status == 0 && *used < len) {
		part = data + *used;
		found = scan(&p->scan, part, course_bound(&p->course, &p->scan, len - *used), &n);
		*used += n;
		p->counts.bytes += n;
		p->counts.stray += p->scan.stray;
		p->scan.stray = 0;
		/* A `<` may be held that turned out to be a comment's. */
		if (p->scan.began || (found == SCAN_MORE && !p->scan.inside))
			buf_reset(&p->held);
		part += p->scan.start;
		n -= p->scan.start;
		if (found == SCAN_BAD)
			return die(p, ERR_PROTOCOL, p->scan.reason);
		if (found == SCAN_END) {
			die(p, ERR_PROTOCOL, "the stream has ended");
			*item = PARSER_END;
			return 1;
		}
		if (found == SCAN_MORE && !p->scan.inside)
			continue;
		if (p->reader.root == NULL)
			status = take_of_header(p, found, part, n, item);
		else
			status = take(p, found, part, n, item);
	}
	/* Where no reason was given it is the reader's, or that there is no memory. */
	if (status < 0 && p->status == 0)
		die(p, status, status == ERR_NOMEM ? err_text(ERR_NOMEM) : NULL);
	return status;
}

struct parser *
parser_new(void)
{
	return mem_alloc(sizeof(struct parser));
}

void
parser_free(struct parser *p)
{
	if (p == NULL)
		return;
	reader_clear(&p->reader);
	buf_clear(&p->held);
	mem_free(p);
}

void
parser_reset(struct parser *p)
{
	struct parser_counts counts = p->counts;

	reader_clear(&p->reader);
	buf_clear(&p->held);
	memset(p, 0, sizeof(*p));
	p->counts = counts;
}

void
parser_admit(struct parser *p)
{
	p->admitted = true;
}

const struct xml *
parser_header(const struct parser *p)
{
	return p->reader.root;
}

const char *
parser_default_ns(const struct parser *p)
{
	return p->reader.default_ns != NULL ? p->reader.default_ns : "";
}

const struct xml *
parser_element(const struct parser *p)
{
	return p->reader.element;
}

const char *
parser_reason(const struct parser *p)
{
	const char *reason = p->reason != NULL ? p->reason : p->reader.reason;

	return reason != NULL ? reason : "";
}

const struct parser_counts *
parser_counts(const struct parser *p)
{
	return &p->counts;
}
