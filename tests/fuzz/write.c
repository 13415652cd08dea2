/*
 * The writer: whatever texts go in, expat reads back the tree that was meant,
 * with each text as XML 1.0 can carry it.  Calls that don't match leave the
 * buffer as it was.
 */
#include "wire/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"
#include "reference.h"

#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>"
#define ELEMENTS_MAX 64

static const char *const names[] = {"iq", "query", "item", "x"};
static const char *const namespaces[] = {"urn:a", "http://jabber.org/protocol/pubsub#owner", "jabber:x:data"};
static const char *const attrs[] = {"id", "to", "from", "type"};

/* What XML 1.0, section 2.2 allows of S; free(3) it. */
static char *
allowed(const char *s)
{
	size_t len = strlen(s), n;
	char *out = malloc(len + 1), *at = out;
	const char *end = s + len;
	uint32_t cp;

	CHECK(out != NULL);
	while (s < end) {
		n = fuzz_utf8((const unsigned char *)s, (size_t)(end - s), &cp);
		if (n == 0) {
			s++;
			continue;
		}
		if (cp == 9 || cp == 10 || cp == 13 || (cp >= 0x20 && cp != 0xfffe && cp != 0xffff)) {
			memcpy(at, s, n);
			at += n;
		}
		s += n;
	}
	*at = '\0';
	return out;
}

/* Write an element with all that the input has for it, and to MEANT what it is to be read as. */
static void
element(struct input *in, struct writer *w, struct buf *meant, const char *ns, unsigned depth, unsigned *left)
{
	const char *name = names[input_below(in, 4)];
	struct buf text = {0}, children = {0};
	unsigned what = input_byte(in), i;
	char *raw, *clean;

	--*left;
	if ((what & 1) != 0) {
		ns = namespaces[(what >> 1) % 3];
		write_open_ns(w, name, ns);
	} else {
		write_open(w, name);
	}
	dump_name(meant, ns, name);
	for (i = 0; i < what >> 6; i++) {
		raw = input_text(in);
		clean = allowed(raw);
		write_attr(w, attrs[i], raw);
		dump_attr(meant, NULL, attrs[i], clean);
		free(raw);
		free(clean);
	}
	while (!input_ended(in)) {
		what = input_below(in, 4);
		if (what == 0)
			break;
		if (what == 1 && depth<WRITER_DEPTH_MAX && * left> 0) {
			element(in, w, &children, ns, depth + 1, left);
		} else {
			raw = input_text(in);
			clean = allowed(raw);
			write_text(w, raw);
			buf_puts(&text, clean);
			free(raw);
			free(clean);
		}
	}
	write_close(w);
	dump_text(meant, buf_text(&text), text.len);
	buf_put(meant, children.data, children.len);
	dump_end(meant);
	buf_clear(&text);
	buf_clear(&children);
}

static void
round_trip(struct input *in)
{
	struct buf out = {0}, meant = {0};
	unsigned left = ELEMENTS_MAX;
	struct reference *r;
	struct writer w;

	writer_init(&w, &out);
	element(in, &w, &meant, "jabber:component:accept", 1, &left);
	CHECK(writer_end(&w) == 0);
	r = reference_new();
	CHECK(reference_feed(r, HEADER, sizeof(HEADER) - 1));
	CHECK(reference_feed(r, out.data, out.len));
	CHECK(reference_depth(r) == 1 && reference_elements(r) == 1);
	CHECK(strcmp(reference_last(r), buf_text(&meant)) == 0);
	reference_free(r);
	buf_clear(&out);
	buf_clear(&meant);
}

/* Calls in any order, into a buffer with something in it and perhaps with a bound. */
static void
any_calls(struct input *in)
{
	struct buf out = {0};
	struct writer w;
	char *text;
	int status;

	buf_puts(&out, "before");
	out.max = input_byte(in);
	writer_init(&w, &out);
	while (!input_ended(in)) {
		switch (input_below(in, 6)) {
		case 0:
			write_open(&w, names[input_below(in, 4)]);
			break;
		case 1:
			write_open_ns(&w, names[input_below(in, 4)], namespaces[input_below(in, 3)]);
			break;
		case 2:
			write_close(&w);
			break;
		case 3:
			write_attr_u(&w, attrs[input_below(in, 4)], input_byte(in) * UINT64_C(0x0101010101010101));
			break;
		case 4:
			text = input_text(in);
			write_text(&w, text);
			free(text);
			break;
		default:
			text = input_text(in);
			write_attr_jid(&w, "to", text, input_byte(in) != 0 ? text : NULL);
			free(text);
		}
	}
	status = writer_end(&w);
	CHECK(status == 0 || status == ERR_INVALID || (status == ERR_LIMIT && out.max != 0));
	if (status != 0)
		CHECK(strcmp(buf_text(&out), "before") == 0);
	CHECK(!out.failed);
	CHECK(out.max == 0 || out.len <= out.max || out.len == 6);
	CHECK(out.len == strlen(buf_text(&out)));
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);

	if ((input_byte(&in) & 1) == 0)
		round_trip(&in);
	else
		any_calls(&in);
	return 0;
}
