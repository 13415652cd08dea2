#include "watch/text.h"

#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS "\xE2\x80\xA6"
#define MARKS_MAX 3

enum verdict {
	KEEP,
	SPACE,
	DROP,
	REPLACE
};

size_t
text_decode(const char *s, uint32_t *c)
{
	size_t len = utf8_next(s, strnlen(s, 4), c);

	if (len > 0 || *s == '\0')
		return *s == '\0' ? 0 : len;
	*c = TEXT_BAD;
	return 1;
}

static bool
within(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

static enum verdict
judge(uint32_t c)
{
	if (c == ' ' || within(c, 0x09, 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029)
		return SPACE;
	if (c < 0x20 || within(c, 0x7F, 0x9F) || c == TEXT_BAD || (c & 0xFFFE) == 0xFFFE)
		return REPLACE;
	/* Bidirectional controls could make a line read as another one. */
	if (c == 0x061C || c == 0x200E || c == 0x200F || within(c, 0x202A, 0x202E) || within(c, 0x2066, 0x206F))
		return DROP;
	/* Nothing to see; the joiners U+200C and U+200D stay, scripts need them. */
	if (c == 0xAD || c == 0x034F || c == 0x180E || c == 0x200B || within(c, 0x2060, 0x2065) || c == 0x3164 ||
	    c == 0xFEFF || c == 0xFFA0 || within(c, 0xFFF0, 0xFFFB) || within(c, 0xE0000, 0xE0FFF))
		return DROP;
	return wcwidth((wchar_t)c) < 0 ? REPLACE : KEEP;
}

void
text_clean(struct buf *out, const char *s, size_t max)
{
	size_t start = out->len, marks = 0, len, put;
	bool space = false;
	enum verdict verdict;
	uint32_t c;

	for (; (len = text_decode(s, &c)) > 0; s += len) {
		verdict = judge(c);
		if (verdict == SPACE) {
			space = true;
			continue;
		}
		if (verdict == DROP)
			continue;
		if (verdict == KEEP && wcwidth((wchar_t)c) == 0) {
			if (++marks > MARKS_MAX)
				continue;
		} else {
			marks = 0;
		}
		if (out->len == start)
			space = false;
		put = (verdict == REPLACE ? strlen(REPLACEMENT) : len) + (space ? 1 : 0);
		if (out->failed || out->len - start + put > max)
			return;
		if (space)
			buf_putc(out, ' ');
		space = false;
		if (verdict == REPLACE)
			buf_puts(out, REPLACEMENT);
		else
			buf_put(out, s, len);
	}
}

char *
text_dup_clean(const char *s, size_t max)
{
	struct buf b = {0};

	text_clean(&b, s != NULL ? s : "", max);
	return buf_steal(&b);
}

static size_t
char_width(uint32_t c)
{
	int width = c == TEXT_BAD ? 1 : wcwidth((wchar_t)c);

	return width < 0 ? 1 : (size_t)width;
}

size_t
text_width(const char *s)
{
	size_t width = 0, len;
	uint32_t c;

	for (; (len = text_decode(s, &c)) > 0; s += len)
		width += char_width(c);
	return width;
}

static void
put_char(struct buf *out, const char *s, size_t len, uint32_t c, bool utf8)
{
	size_t i;

	if (utf8 || c < 0x80) {
		buf_put(out, s, len);
		return;
	}
	for (i = char_width(c); i > 0; i--)
		buf_putc(out, '?');
}

size_t
text_fit(struct buf *out, const char *s, size_t columns, bool utf8)
{
	size_t used = 0, room = columns, len, width;
	bool cut = text_width(s) > columns;
	uint32_t c;

	if (cut && room > 0)
		room--;
	for (; (len = text_decode(s, &c)) > 0; s += len) {
		width = char_width(c);
		if (used + width > room)
			break;
		put_char(out, s, len, c, utf8);
		used += width;
	}
	if (cut && columns > 0) {
		buf_puts(out, utf8 ? ELLIPSIS : "~");
		used++;
	}
	return used;
}

void
text_cell(struct buf *out, const char *s, size_t columns, bool utf8)
{
	size_t used = text_fit(out, s, columns, utf8);

	for (; used < columns; used++)
		buf_putc(out, ' ');
}

void
text_quote(struct buf *out, const char *s)
{
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

bool
text_starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}
