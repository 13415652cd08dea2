#include "parse_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "wire/ns.h"

/* <name {ns}attr=value>text children</>, the namespace only where it is not NS. */
static void
show(struct buf *b, const struct xml *x, const char *ns)
{
	const struct xml *c;
	size_t i;

	buf_putc(b, '<');
	if (strcmp(x->ns, ns) != 0)
		buf_printf(b, "{%s}", x->ns);
	buf_puts(b, x->name);
	for (i = 0; i < x->nattrs; i++) {
		buf_putc(b, ' ');
		if (x->attrs[i].ns != NULL)
			buf_printf(b, "{%s}", x->attrs[i].ns);
		buf_printf(b, "%s=%s", x->attrs[i].name, x->attrs[i].value);
	}
	buf_putc(b, '>');
	assert_int_equal(strlen(x->text), x->textlen);
	buf_puts(b, x->text);
	for (c = x->child; c != NULL; c = c->next)
		show(b, c, x->ns);
	buf_puts(b, "</>");
}

enum larges larges;

static unsigned seed = 1;

unsigned
roll(unsigned sides)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % sides;
}

/* Everything that comes of LEN bytes, fed STEP at a time (0: as the dice say), as text for the caller to free. */
static char *
read_by(const char *in, size_t len, size_t step)
{
	struct parser *p = parser_new();
	struct buf b = {0};
	enum parser_item item = PARSER_NONE;
	size_t at = 0, n, used;
	char *exact;
	int status = 0;

	while (at < len && status >= 0 && item != PARSER_END) {
		n = step != 0 ? step : roll(12) + 1;
		if (n > len - at)
			n = len - at;
		/* In memory of just that size, gone after the call. */
		exact = malloc(n);
		memcpy(exact, in + at, n);
		status = parser_push(p, exact, n, &used, &item);
		memset(exact, '!', n);
		free(exact);
		assert_true(status > 0 || status < 0 || used == n);
		at += used;
		if (item == PARSER_LARGE && larges == LARGES_ADMITTED)
			parser_admit(p);
		if ((item == PARSER_LARGE || item == PARSER_SKIPPED) && larges == LARGES_PASS)
			continue;
		if (status == 1 && b.len > 0)
			buf_putc(&b, ' ');
		switch (item) {
		case PARSER_LARGE:
			buf_putc(&b, '?');
			show(&b, parser_element(p), NS_COMPONENT);
			break;
		case PARSER_SKIPPED:
			buf_putc(&b, '!');
			show(&b, parser_element(p), NS_COMPONENT);
			break;
		case PARSER_PORTION:
			buf_putc(&b, '~');
			show(&b, parser_element(p), NS_COMPONENT);
			break;
		case PARSER_LAST:
			buf_putc(&b, '=');
			show(&b, parser_element(p), NS_COMPONENT);
			break;
		case PARSER_HEADER:
			buf_puts(&b, "header");
			break;
		case PARSER_ELEMENT:
			show(&b, parser_element(p), NS_COMPONENT);
			break;
		case PARSER_END:
			buf_puts(&b, "end");
			break;
		case PARSER_NONE:
			assert_null(parser_element(p));
			break;
		}
	}
	if (status < 0) {
		assert_int_equal(status, ERR_PROTOCOL);
		buf_printf(&b, "%sdead: %s", b.len > 0 ? " " : "", parser_reason(p));
		assert_int_equal(parser_push(p, "<a/>", 4, &used, &item), ERR_PROTOCOL);
		assert_int_equal(used, 0);
	}
	if (parser_counts(p)->skipped > 0)
		buf_printf(&b, " skipped %u", (unsigned)parser_counts(p)->skipped);
	if (parser_counts(p)->stray > 0)
		buf_printf(&b, " stray %u", (unsigned)parser_counts(p)->stray);
	assert_int_equal(parser_counts(p)->bytes, at);
	parser_free(p);
	return buf_steal(&b);
}

const char *
read_bytes(const char *in, size_t len)
{
	static char *whole;
	static const size_t steps[] = {1, 7, 4096, 0};
	char *parts;
	size_t i;

	free(whole);
	whole = read_by(in, len, len);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		parts = read_by(in, len, steps[i]);
		assert_string_equal(parts, whole);
		free(parts);
	}
	return whole;
}

struct parser *
after_header(void)
{
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	assert_int_equal(parser_push(p, HEADER, strlen(HEADER), &used, &item), 1);
	assert_int_equal(item, PARSER_HEADER);
	return p;
}
