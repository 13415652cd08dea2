#include "wire/catalogue.h"

#include <stddef.h>
#include <string.h>

#include "base/utf8.h"

static const char *const english[TEXTS] = {
#include "wire/english.inc"
};

const char *
catalogue_text(enum text_id id)
{
	return english[id];
}

/* The marks between which a name stands in a sentence, and what is taken for them. */
static bool
is_quotation_mark(uint32_t c)
{
	return c == '"' || (c >= 0x201c && c <= 0x201f) || c == 0xff02;
}

/* What ends a line, or turns what follows it round. */
static bool
is_format(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* What somebody else calls a device is no sentence of ours: it ends neither the quotation nor the line (THREATS 17). */
static void
put_name(struct buf *out, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t c;

	for (; len > 0; s += n, len -= n) {
		n = utf8_next(s, len, &c);
		if (n == 0 || is_format(c))
			buf_putc(out, ' ');
		else if (is_quotation_mark(c))
			buf_putc(out, '\'');
		else
			buf_put(out, s, n);
		n = n > 0 ? n : 1;
	}
}

const char *
catalogue_render(const struct text *t, struct buf *scratch)
{
	const char *s, *place;

	if (t->id == TEXT_VERBATIM)
		return t->args[0];
	s = english[t->id];
	if (s == NULL || t->args[0] == NULL)
		return s;
	buf_reset(scratch);
	while ((place = strchr(s, '%')) != NULL) {
		buf_put(scratch, s, (size_t)(place - s));
		put_name(scratch, t->args[place[1] - '1']);
		s = place + strlen("%1$s");
	}
	buf_puts(scratch, s);
	return buf_text(scratch);
}
