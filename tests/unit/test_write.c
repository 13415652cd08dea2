/* wire/write, and that wire/parse reads back what it wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/parse.h"
#include "wire/write.h"

static void
elements_attributes_and_text_are_written(void **state)
{
	struct buf b = {0};
	struct writer w;

	(void)state;
	buf_puts(&b, "before");
	writer_init(&w, &b);
	write_open(&w, "iq");
	write_attr(&w, "to", "a@b");
	write_attr(&w, "from", NULL);
	write_attr_jid(&w, "by", "a@b", "c");
	write_attr_jid(&w, "at", "a@b", NULL);
	write_attr_jid(&w, "no", NULL, "c");
	write_attr_u(&w, "n", UINT64_MAX);
	write_open_ns(&w, "query", NS_ROSTER);
	write_close(&w);
	write_element(&w, "x", "text");
	write_element(&w, "y", "");
	write_element(&w, "z", NULL);
	write_open(&w, "t");
	write_text(&w, NULL);
	write_text(&w, "a");
	write_text(&w, "b");
	write_close(&w);
	write_close(&w);
	assert_int_equal(writer_end(&w), 0);
	assert_string_equal(b.data,
	    "before<iq to='a@b' by='a@b/c' at='a@b' n='18446744073709551615'>"
	    "<query xmlns='jabber:iq:roster'/><x>text</x><y/><t>ab</t></iq>");
	buf_clear(&b);
}

static void
everything_special_is_escaped(void **state)
{
	struct buf b = {0};

	(void)state;
	write_escaped(&b, "<a b='c' d=\"e\">&amp;]]>\t\n\r</a>");
	assert_string_equal(b.data, "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;amp;]]&gt;&#9;&#10;&#13;&lt;/a&gt;");
	buf_reset(&b);
	write_escaped(&b, "");
	assert_string_equal(b.data != NULL ? b.data : "", "");
	buf_clear(&b);
}

/*
 * What must be left of S, written down from the grammars of RFC 3629, section 4
 * and XML 1.0, section 2.2, without the code under test.
 */
static void
allowed(const char *s, char *out)
{
	static const struct {
		unsigned char from[4], to[4];
		size_t len;
	} rows[] = {
		{ {0x09}, {0x0a}, 1 },
		{ {0x0d}, {0x0d}, 1 },
		{ {0x20}, {0x7f}, 1 },
		{ {0xc2, 0x80}, {0xdf, 0xbf}, 2 },
		{ {0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}, 3 },
		{ {0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}, 3 },
		{ {0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}, 3 },
		{ {0xee, 0x80, 0x80}, {0xee, 0xbf, 0xbf}, 3 },
		{ {0xef, 0x80, 0x80}, {0xef, 0xbe, 0xbf}, 3 },
		{ {0xef, 0xbf, 0x80}, {0xef, 0xbf, 0xbd}, 3 },
		{ {0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}, 4 },
		{ {0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}, 4 },
		{ {0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}, 4 },
	};
	const size_t nrows = sizeof(rows) / sizeof(rows[0]);
	size_t r, i, len = strlen(s);

	while (len > 0) {
		for (r = 0; r < nrows; r++) {
			for (i = 0; i < rows[r].len && i < len; i++) {
				if ((unsigned char)s[i] < rows[r].from[i] || (unsigned char)s[i] > rows[r].to[i])
					break;
			}
			if (i == rows[r].len)
				break;
		}
		if (r < nrows) {
			memcpy(out, s, rows[r].len);
			out += rows[r].len;
			s += rows[r].len;
			len -= rows[r].len;
		} else {
			s++;
			len--;
		}
	}
	*out = '\0';
}

/* Write S as a value, a JID's resource and a text, and read them back. */
static void
assert_comes_back(struct parser *p, const char *s)
{
	static char expected[256], expected_jid[256 + 4];
	struct buf b = {0};
	struct writer w;
	enum parser_item item;
	const struct xml *x;
	size_t used;

	allowed(s, expected);
	snprintf(expected_jid, sizeof(expected_jid), "a@b/%s", expected);
	writer_init(&w, &b);
	write_open(&w, "message");
	write_attr(&w, "v", s);
	write_attr_jid(&w, "j", "a@b", s);
	write_element(&w, "body", s);
	write_close(&w);
	assert_int_equal(writer_end(&w), 0);
	assert_int_equal(parser_push(p, b.data, b.len, &used, &item), 1);
	assert_int_equal(used, b.len);
	x = parser_element(p);
	assert_string_equal(xml_attr(x, "v"), expected);
	assert_string_equal(xml_attr(x, "j"), expected_jid);
	assert_string_equal(xml_child_text(x, NS_COMPONENT, "body"), expected);
	assert_null(x->next);
	assert_non_null(xml_only_child(x));
	buf_clear(&b);
}

static struct parser *
reader(void)
{
	static const char header[] = "<stream:stream xmlns:stream='" NS_STREAMS "' xmlns='" NS_COMPONENT "'>";
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	assert_int_equal(parser_push(p, header, strlen(header), &used, &item), 1);
	return p;
}

static void
nasty_strings_come_back_without_what_xml_forbids(void **state)
{
	static const char *const nasty[] = {
		"", "</body><iq type='set'/>", "' from='evil", "]]>", "<![CDATA[x]]>", "<!DOCTYPE a><?b c?><!-- d -->",
		"&#1;&lol;&", "\x01\x02\x08\x0b\x0c\x0e\x1f\x7f",
		"a\x01"
		"b",
		" \t\r\n leading and trailing \r\n\t ", "\xef\xbf\xbe\xef\xbf\xbf", /* U+FFFE, U+FFFF */
		"a\xef\xbf\xbd"
		"b",			    /* U+FFFD stays */
		"\xed\xa0\xbd\xed\xb8\x80", /* a pair of surrogates, CESU-8 */
		"\xed\xa0\x80"
		"a",					/* a lone one */
		"\xc0\xbc\xe0\x80\xbc\xf0\x80\x80\xbc", /* overlong < */
		"\xc0\x80", "\x80\xbf\xfe\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
		"\xc3\x01\xa9",					      /* halves that must not meet */
		"\xf4\x90\x80\x80\xf5\x80\x80\x80",		      /* beyond U+10FFFF */
		"\xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf \xf0\x9f\xbf\xbe", /* allowed, the last two too */
		"\xe2\x80\xa8\xe2\x80\xae\xc2\x85\xc2\x80",	      /* line separator, bidi override, C1 */
	};
	struct parser *p = reader();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++)
		assert_comes_back(p, nasty[i]);
	parser_free(p);
}

static void
random_bytes_come_back_without_what_xml_forbids(void **state)
{
	static const char alphabet[] =
	    "<>&'\"]/ \t\r\n\x01\x1f\x7f-!?aZ;#x1\x80\xbf\xa0\xc2\xc3\xe0\xed\xef\xbe\xf0\x90\xf4\x8f\xff";
	struct parser *p = reader();
	unsigned seed = 7;
	char s[64];
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 30000; i++) {
		seed = seed * 1103515245 + 12345;
		n = (seed >> 16) % (sizeof(s) - 1);
		for (k = 0; k < n; k++) {
			seed = seed * 1103515245 + 12345;
			s[k] = i % 2 == 0 ? alphabet[(seed >> 16) % (sizeof(alphabet) - 1)] :
					    (char)((seed >> 16) % 255 + 1);
		}
		s[n] = '\0';
		assert_comes_back(p, s);
	}
	parser_free(p);
}

static void
calls_that_do_not_match_leave_the_buffer_as_it_was(void **state)
{
	struct buf b = {0};
	struct writer w;
	int i;

	(void)state;
	buf_puts(&b, "kept");
	writer_init(&w, &b);
	write_open(&w, "a");
	assert_int_equal(writer_end(&w), ERR_INVALID);
	writer_init(&w, &b);
	write_close(&w);
	assert_int_equal(writer_end(&w), ERR_INVALID);
	writer_init(&w, &b);
	write_element(&w, "a", "b");
	write_close(&w);
	assert_int_equal(writer_end(&w), ERR_INVALID);
	writer_init(&w, &b);
	write_text(&w, "outside");
	assert_int_equal(writer_end(&w), ERR_INVALID);
	writer_init(&w, &b);
	write_open(&w, "a");
	write_text(&w, "b");
	write_attr(&w, "c", "d");
	write_close(&w);
	assert_int_equal(writer_end(&w), ERR_INVALID);
	writer_init(&w, &b);
	for (i = 0; i <= WRITER_DEPTH_MAX; i++)
		write_open(&w, "a");
	for (i = 0; i <= WRITER_DEPTH_MAX; i++)
		write_close(&w);
	assert_int_equal(writer_end(&w), ERR_INVALID);
	assert_string_equal(b.data, "kept");
	assert_false(b.failed);
	writer_init(&w, &b);
	for (i = 0; i < WRITER_DEPTH_MAX; i++)
		write_open(&w, "a");
	for (i = 0; i < WRITER_DEPTH_MAX; i++)
		write_close(&w);
	assert_int_equal(writer_end(&w), 0);
	buf_clear(&b);
}

static int
write_something(struct buf *b, const char *text)
{
	struct writer w;

	writer_init(&w, b);
	write_open_ns(&w, "a", "urn:x");
	write_attr_jid(&w, "b", "c@d", "e");
	write_attr_u(&w, "f", 12345);
	write_element(&w, "g", text);
	write_close(&w);
	return writer_end(&w);
}

static void
a_bound_or_a_lack_of_memory_leaves_the_buffer_as_it_was(void **state)
{
	static const char want[] = "<a xmlns='urn:x' b='c@d/e' f='12345'><g>a text of some length &lt;&gt;</g></a>";
	static const char text[] = "a text of some length <>";
	struct buf b = {0};
	unsigned long n;
	size_t max;

	(void)state;
	for (max = 1; max < sizeof(want) - 1; max++) {
		b.max = max;
		assert_int_equal(write_something(&b, text), ERR_LIMIT);
		assert_int_equal(b.len, 0);
		assert_false(b.failed);
	}
	b.max = max;
	assert_int_equal(write_something(&b, text), 0);
	assert_string_equal(b.data, want);
	buf_clear(&b);
	for (n = 1;; n++) {
		mem_fail_at(n);
		if (write_something(&b, text) == 0)
			break;
		assert_int_equal(b.len, 0);
		assert_false(b.failed);
		buf_clear(&b);
	}
	mem_fail_at(0);
	assert_true(n > 1);
	assert_string_equal(b.data, want);
	/* What had failed before stays so. */
	b.failed = true;
	assert_int_equal(write_something(&b, text), ERR_NOMEM);
	assert_true(b.failed);
	assert_string_equal(b.data, want);
	/* Nor is it the bound's fault then. */
	b.max = 4 * sizeof(want);
	assert_int_equal(write_something(&b, text), ERR_NOMEM);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_attributes_and_text_are_written),
		cmocka_unit_test(everything_special_is_escaped),
		cmocka_unit_test(nasty_strings_come_back_without_what_xml_forbids),
		cmocka_unit_test(random_bytes_come_back_without_what_xml_forbids),
		cmocka_unit_test(calls_that_do_not_match_leave_the_buffer_as_it_was),
		cmocka_unit_test(a_bound_or_a_lack_of_memory_leaves_the_buffer_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
