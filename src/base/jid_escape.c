/* XEP-0106: an account's address as the local part of another one. */
#include "base/jid.h"

#include <string.h>

/* What the two digits behind a backslash stand for (XEP-0106, section 4); 0: this is no escape. */
static char
escaped(const char *s)
{
	static const char escapes[] = "20 22\"26&27'2f/3a:3c<3e>40@5c\\";
	size_t i;

	for (i = 0; escapes[i] != '\0'; i += 3) {
		if (s[0] == escapes[i] && s[1] == escapes[i + 1])
			return escapes[i + 2];
	}
	return '\0';
}

void
jid_escape(struct buf *b, const char *s)
{
	static const char digits[] = "0123456789abcdef";
	char pair[2];
	size_t n;

	for (;;) {
		n = strcspn(s, " \"&'/:<>@\\");
		buf_put(b, s, n);
		s += n;
		if (*s == '\0')
			return;
		/* A backslash stays unless it would be read as an escape, after case folding too. */
		if (*s == '\\') {
			pair[0] = s[1];
			pair[1] = '\0';
			if (s[1] != '\0')
				pair[1] = (char)(s[2] + (s[2] >= 'A' && s[2] <= 'F' ? 'a' - 'A' : 0));
			if (escaped(pair) == '\0') {
				buf_putc(b, *s++);
				continue;
			}
		}
		buf_putc(b, '\\');
		buf_putc(b, digits[(*s >> 4) & 15]);
		buf_putc(b, digits[*s & 15]);
		s++;
	}
}

void
jid_unescape(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *from = s;
	char c;

	while (end - s >= 3) {
		c = '\0';
		if (*s == '\\')
			c = escaped(s + 1);
		if (c == '\0') {
			s++;
			continue;
		}
		buf_put(b, from, (size_t)(s - from));
		buf_putc(b, c);
		s += 3;
		from = s;
	}
	buf_put(b, from, (size_t)(end - from));
}
