#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fuzz_fail(const char *file, int line, const char *claim)
{
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, claim);
	abort();
}

struct input
input_of(const uint8_t *data, size_t size)
{
	struct input in = {data, data + size};

	return in;
}

bool
input_ended(const struct input *in)
{
	return in->at == in->end;
}

unsigned
input_byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

unsigned
input_below(struct input *in, size_t n)
{
	return (unsigned)(input_byte(in) % n);
}

char *
fuzz_copy(const void *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	CHECK(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

char *
input_text(struct input *in)
{
	size_t left = (size_t)(in->end - in->at), len;
	const uint8_t *nul = left > 0 ? memchr(in->at, '\0', left) : NULL;
	char *text;

	len = nul != NULL ? (size_t)(nul - in->at) : left;
	text = malloc(len + 1);
	CHECK(text != NULL);
	if (len > 0)
		memcpy(text, in->at, len);
	text[len] = '\0';
	in->at += len + (nul != NULL ? 1 : 0);
	return text;
}

/* With their lengths, so that no content looks like structure. */
static void
put_counted(struct buf *out, const char *s, size_t len)
{
	buf_putu(out, len);
	buf_putc(out, ':');
	buf_put(out, s, len);
}

void
dump_name(struct buf *out, const char *ns, const char *name)
{
	buf_putc(out, '<');
	put_counted(out, ns, strlen(ns));
	put_counted(out, name, strlen(name));
}

void
dump_attr(struct buf *out, const char *ns, const char *name, const char *value)
{
	buf_putc(out, '@');
	if (ns != NULL)
		put_counted(out, ns, strlen(ns));
	buf_putc(out, '=');
	put_counted(out, name, strlen(name));
	put_counted(out, value, strlen(value));
}

void
dump_text(struct buf *out, const char *text, size_t len)
{
	buf_putc(out, '"');
	put_counted(out, text, len);
}

void
dump_end(struct buf *out)
{
	buf_putc(out, '>');
}

void
dump(struct buf *out, const struct xml *x)
{
	const struct xml *child;
	size_t i;

	dump_name(out, x->ns, x->name);
	for (i = 0; i < x->nattrs; i++)
		dump_attr(out, x->attrs[i].ns, x->attrs[i].name, x->attrs[i].value);
	CHECK(strlen(x->text) == x->textlen);
	dump_text(out, x->text, x->textlen);
	for (child = x->child; child != NULL; child = child->next)
		dump(out, child);
	dump_end(out);
}

size_t
fuzz_utf8(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = 1, i;

	if (len == 0)
		return 0;
	*cp = s[0];
	if (s[0] < 0x80)
		return 1;
	while (n < 8 && (s[0] & (0x80 >> n)) != 0)
		n++;
	if (n < 2 || n > 4 || n > len)
		return 0;
	*cp = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}
