#include "base/mention.h"

#include <stdint.h>
#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "base/utf8.h"

/* One code point of three bytes can become eleven times as many (U+FDFA). */
#define PLAIN_MAX 4096

#define BEGINNING_MIN 16

/* Blanks, what XML or our writer leaves out, and Default_Ignorable_Code_Point (Unicode 15.0). */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{0, 0x20},
	{0x7f, 0xa0},
	{0xad, 0xad},
	{0x34f, 0x34f},
	{0x61c, 0x61c},
	{0x115f, 0x1160},
	{0x1680, 0x1680},
	{0x17b4, 0x17b5},
	{0x180b, 0x180f},
	{0x2000, 0x200f},
	{0x2028, 0x202f},
	{0x205f, 0x206f},
	{0x2800, 0x2800},
	{0x3000, 0x3000},
	{0x3164, 0x3164},
	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},
	{0xffa0, 0xffa0},
	{0xfff0, 0xfffb},
	{0xfffe, 0xffff},
	{0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a},
	{0xe0000, 0xe0fff},
};

static bool
is_unseen(uint32_t cp)
{
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]) && cp > unseen[i].last; i++)
		;
	return i < sizeof(unseen) / sizeof(unseen[0]) && cp >= unseen[i].first;
}

/* What is seen of the LEN bytes at S, or also their BLANKS; OUT may be S. */
static void
keep_seen(char *out, const char *s, size_t len, bool blanks)
{
	const char *end = s + len;
	uint32_t cp;
	size_t n;

	for (; s < end; s += n) {
		n = utf8_next(s, (size_t)(end - s), &cp);
		if (n == 0) {
			n = 1;
			continue;
		}
		if (is_unseen(cp) && !(blanks && cp <= ' '))
			continue;
		if (cp == 0x3002) { /* a full stop that stands for a dot (RFC 3490, section 3.1) */
			*out++ = '.';
			continue;
		}
		memmove(out, s, n);
		out += n;
	}
	*out = '\0';
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* S, which is folded: `\40' (XEP-0106) and `%40' (RFC 3986) are what they stand for. */
static void
undo_escapes(char *s)
{
	char *out = s;
	int high, low, byte;

	for (; *s != '\0'; s++) {
		high = *s == '\\' || *s == '%' ? digit(s[1]) : -1;
		low = high >= 0 ? digit(s[2]) : -1;
		byte = low >= 0 ? 16 * high + low : 0;
		if (byte < 0x20 || (*s == '\\' && byte >= 0x7f)) {
			*out++ = *s;
			continue;
		}
		*out++ = (char)byte;
		s += 2;
	}
	*out = '\0';
}

/* The LEN bytes at S as they are compared; false: there is no memory. */
static bool
plain(char *out, const char *s, size_t len)
{
	/* A blank may be what keeps a sign from being an escape. */
	keep_seen(out, s, len, true);
	if (jid_fold(out, PLAIN_MAX) != 0)
		return false;
	undo_escapes(out);
	/* What was escaped is folded as well; and what is folded may have blanks in it. */
	keep_seen(out, out, strlen(out), false);
	if (jid_fold(out, PLAIN_MAX) != 0)
		return false;
	keep_seen(out, out, strlen(out), false);
	return true;
}

static size_t
common(const char *s, const char *with, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == with[n])
		n++;
	return n;
}

/* How much S has of the label of LEN bytes at LABEL, in one of its forms; *ALL: all of it. */
static size_t
common_label(const char *s, const char *label, size_t len, bool *all)
{
	char ascii[JID_LABEL_MAX];
	size_t n = common(s, label, len), asciilen, m;

	*all = n == len;
	if (*all)
		return n;
	asciilen = jid_ascii_label(ascii, label, len);
	m = common(s, ascii, asciilen);
	*all = asciilen > 0 && m == asciilen;
	return m > n ? m : n;
}

/* Is this address what S begins with, or, if it may have been CUT, does S end within it? */
static bool
begins(const char *s, bool cut, const char *local, size_t locallen, const char *domain)
{
	const char *from = s;
	size_t n = common(s, local, locallen);
	bool all = n == locallen;

	s += n;
	while (all) {
		n = strcspn(domain, ".");
		s += common_label(s, domain, n, &all);
		domain += n;
		if (!all)
			break;
		if (*domain == '\0')
			return true;
		all = *s == *domain++;
		s += all;
	}
	return cut && *s == '\0' && s - from >= BEGINNING_MIN;
}

bool
mention_address(const char *text, size_t len, bool cut, const char *bare)
{
	char said[PLAIN_MAX], local[PLAIN_MAX], domain[PLAIN_MAX], work[JID_PART_MAX + 1];
	const char *name = jid_domain(bare), *s;
	size_t locallen = (size_t)(name - bare);

	if (!plain(said, text, len < MENTION_TEXT_MAX ? len : MENTION_TEXT_MAX))
		return true;
	if ((!cut && strchr(said, '@') == NULL) || locallen > JID_PART_MAX + 1 || strlen(name) > JID_PART_MAX)
		return false;
	name = jid_unicode_domain(name, work);
	if (!plain(local, bare, locallen) || !plain(domain, name, strlen(name)))
		return true;
	locallen = strlen(local);
	for (s = said; *s != '\0'; s++) {
		if (begins(s, cut, local, locallen, domain))
			return true;
	}
	return false;
}
