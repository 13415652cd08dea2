/* wire/parse and wire/scan: what a stanza may be at most, and what happens without memory. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "parse_fixture.h"

/* HEADER, PREFIX, N times REPEAT, SUFFIX, <z/>; what comes of it between the header and z. */
static const char *
repeated(const char *prefix, const char *repeat, size_t n, const char *suffix)
{
	static struct buf b;
	static const char z[] = " <z></>";
	const char *got, *found;

	buf_reset(&b);
	buf_puts(&b, HEADER);
	buf_puts(&b, prefix);
	while (n-- > 0)
		buf_puts(&b, repeat);
	buf_puts(&b, suffix);
	buf_puts(&b, "<z/>");
	got = read_bytes(b.data, b.len);
	found = strstr(got, z);
	assert_non_null(found); /* the next stanza comes always */
	assert_memory_equal(got, GOT_HEADER, strlen(GOT_HEADER));
	got += strlen(GOT_HEADER);
	if (strcmp(found + strlen(z), " skipped 1") == 0) {
		assert_ptr_equal(got, found);
		return "skipped";
	}
	assert_string_equal(found + strlen(z), "");
	return "read";
}

static void
a_stanza_has_at_most_64_kib(void **state)
{
	size_t frame = strlen("<a></a>");

	(void)state;
	assert_string_equal(repeated("<a>", "x", STANZA_BYTES_MAX - frame, "</a>"), "read");
	assert_string_equal(repeated("<a>", "x", STANZA_BYTES_MAX - frame + 1, "</a>"), "skipped");
	assert_string_equal(repeated("<a>", "\n", 512 * 1024, "</a>"), "skipped");
	assert_string_equal(repeated("<a b='", "x", 70000, "'/>"), "skipped");
	assert_string_equal(repeated("<", "x", 70000, "/>"), "skipped");
}

static void
a_stanza_is_at_most_16_elements_deep(void **state)
{
	char in[256], *p;
	int depth, i;

	(void)state;
	for (depth = STANZA_DEPTH_MAX; depth <= STANZA_DEPTH_MAX + 1; depth++) {
		p = in;
		for (i = 0; i < depth; i++)
			p += sprintf(p, "<a>");
		for (i = 0; i < depth; i++)
			p += sprintf(p, "</a>");
		assert_string_equal(repeated(in, "", 0, ""), depth <= STANZA_DEPTH_MAX ? "read" : "skipped");
		/* an empty element is as deep as another */
		p = in;
		for (i = 1; i < depth; i++)
			p += sprintf(p, "<a>");
		p += sprintf(p, "<b/>");
		for (i = 1; i < depth; i++)
			p += sprintf(p, "</a>");
		assert_string_equal(repeated(in, "", 0, ""), depth <= STANZA_DEPTH_MAX ? "read" : "skipped");
		/* and one that is expat's to read is as deep as one that is not */
		p = in;
		for (i = 1; i < depth; i++)
			p += sprintf(p, "<a>");
		p += sprintf(p, "<b c='&#x41;'/>");
		for (i = 1; i < depth; i++)
			p += sprintf(p, "</a>");
		assert_string_equal(repeated(in, "", 0, ""), depth <= STANZA_DEPTH_MAX ? "read" : "skipped");
	}
}

static void
a_hundred_thousand_nested_elements_are_skipped(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	buf_puts(&b, HEADER);
	for (i = 0; i < 100000; i++)
		buf_puts(&b, "<a>");
	for (i = 0; i < 100000; i++)
		buf_puts(&b, "</a>");
	buf_puts(&b, "<z/>");
	assert_string_equal(read_bytes(b.data, b.len), GOT_HEADER " <z></> skipped 1");
	buf_clear(&b);
}

static void
a_stanza_has_at_most_256_elements(void **state)
{
	(void)state;
	assert_string_equal(repeated("<a>", "<b/>", STANZA_ELEMENTS_MAX - 1, "</a>"), "read");
	assert_string_equal(repeated("<a>", "<b/>", STANZA_ELEMENTS_MAX, "</a>"), "skipped");
	assert_string_equal(repeated("<a>", "<b></b>", STANZA_ELEMENTS_MAX, "</a>"), "skipped");
}

static void
an_element_has_at_most_64_attributes(void **state)
{
	char in[4096], *p;
	int n, i;

	(void)state;
	for (n = STANZA_ATTRS_MAX; n <= STANZA_ATTRS_MAX + 1; n++) {
		p = in + sprintf(in, "<a><b c='='");
		for (i = 1; i < n; i++)
			p += sprintf(p, " a%d='='", i);
		sprintf(p, "/></a>");
		assert_string_equal(repeated(in, "", 0, ""), n <= STANZA_ATTRS_MAX ? "read" : "skipped");
	}
	/* each for itself */
	assert_string_equal(repeated("<a>", "<b c='' d='' e=''/>", 30, "</a>"), "read");
}

static void
nothing_is_larger_that_nobody_waits_for(void **state)
{
	(void)state;
	assert_string_equal(repeated(ROSTER_OPEN, ROSTER_ITEM, 127, ROSTER_CLOSE), "read");
	assert_string_equal(repeated(ROSTER_OPEN, ROSTER_ITEM, 128, ROSTER_CLOSE), "skipped");
	assert_string_equal(repeated(ROSTER_OPEN, "x", STANZA_BYTES_MAX, ROSTER_CLOSE), "skipped");
}

static void
a_stanza_is_measured_from_its_own_beginning(void **state)
{
	struct buf b = {0};
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	(void)state;
	assert_int_equal(parser_push(p, HEADER, strlen(HEADER), &used, &item), 1);
	/* The `<` before it turns out to be a comment's. */
	buf_puts(&b, "!-- x --><a>");
	while (b.len < strlen("!-- x -->") + STANZA_BYTES_MAX - strlen("</a>"))
		buf_putc(&b, 'x');
	buf_puts(&b, "</a>");
	assert_int_equal(parser_push(p, "<", 1, &used, &item), 0);
	assert_int_equal(parser_push(p, b.data, b.len, &used, &item), 1);
	assert_int_equal(parser_element(p)->textlen, STANZA_BYTES_MAX - strlen("<a></a>"));
	parser_free(p);
	buf_clear(&b);
}

static void
a_tree_that_outgrows_its_text_is_skipped(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	/* Two long namespaces in turn: each element would need a copy of one of them. */
	buf_puts(&b, "<a xmlns:x='");
	for (i = 0; i < 30000; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "' xmlns:y='");
	for (i = 0; i < 30000; i++)
		buf_putc(&b, 'y');
	buf_puts(&b, "'>");
	assert_string_equal(repeated(b.data, "<x:b><y:b/></x:b>", 4, "</a>"), "read");
	assert_string_equal(repeated(b.data, "<x:b><y:b/></x:b>", 100, "</a>"), "skipped");
	buf_clear(&b);
}

/* Nothing comes of it but that something is too large. */
static void
push_all(struct parser *p, const char *data, size_t len)
{
	enum parser_item item;
	size_t used;

	for (; len > 0; data += used, len -= used) {
		if (parser_push(p, data, len, &used, &item) == 1)
			assert_true(item == PARSER_LARGE || item == PARSER_SKIPPED);
		else
			assert_int_equal(used, len);
	}
}

static void
what_never_ends_takes_no_memory(void **state)
{
	static const struct {
		const char *start, *more, *end;
	} endless[] = {
		{"<a>", "text ", "</a>"},
		{"<a><b/>", "<c d='e'>f</c>", "</a>"},
		{"<a b='", "value ", "'/>"},
		{"<a ", "b='' ", "/>"},
		{"<", "name", "/>"},
		{"<a><!-- ", "comment ", "--></a>"},
		{"<!-- ", "comment ", "-->"},
		{"<?p ", "instruction ", "?>"},
		{"<a><![CDATA[", "data ", "]]></a>"},
		{"<a></a", "     ", ">"},
		{"<a/>", "stray ", ""},
		{ROSTER_OPEN, ROSTER_ITEM, ROSTER_CLOSE},
	};
	struct parser *p;
	enum parser_item item;
	struct buf chunk = {0};
	size_t i, k, used;

	(void)state;
	for (i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		p = after_header();
		buf_reset(&chunk);
		for (k = 0; k < 1000; k++)
			buf_puts(&chunk, endless[i].more);
		parser_push(p, endless[i].start, strlen(endless[i].start), &used, &item);
		for (k = 0; k < 1000; k++) {
			/* What is allowed may be kept, the rest asks for nothing. */
			mem_fail_at(0);
			push_all(p, chunk.data, chunk.len);
			if (k * chunk.len > STANZA_BYTES_MAX)
				assert_int_equal(mem_fail_at(0), 0);
		}
		push_all(p, endless[i].end, strlen(endless[i].end));
		assert_int_equal(parser_push(p, "<z/>", 4, &used, &item), 1);
		assert_string_equal(parser_element(p)->name, "z");
		parser_free(p);
	}
	buf_clear(&chunk);
}

static void
names_that_never_repeat_do_not_pile_up(void **state)
{
	struct parser *p = after_header();
	struct mallinfo2 before = mallinfo2(), now;
	enum parser_item item;
	size_t used, k, len;
	char stanza[128];

	(void)state;
	/* 16 MiB of them; under a sanitizer mallinfo2(3) knows nothing and this only runs. */
	for (k = 0; k < 300000; k++) {
		len = (size_t)sprintf(stanza, "<p%zu xmlns:x%zu='u' a%zu='%c'><b%zu c%zu=''/></p%zu>", k, k, k,
		    (int)('a' + k % 26), k, k, k);
		assert_int_equal(parser_push(p, stanza, len, &used, &item), 1);
		assert_int_equal(used, len);
		assert_int_equal(parser_element(p)->attrs[0].value[0], 'a' + k % 26);
		if (k % 1000 == 0) {
			now = mallinfo2();
			assert_true(now.uordblks < before.uordblks + 12 * 1024 * 1024);
		}
	}
	assert_int_equal(parser_counts(p)->elements, 300000);
	parser_free(p);
}

static void
a_header_has_at_most_8_kib(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	buf_puts(&b, "<a b='");
	for (i = 0; i < 9000; i++)
		buf_putc(&b, 'x');
	/* also one that never ends */
	assert_string_equal(read_bytes(b.data, b.len), "dead: the stream's header is too long");
	buf_puts(&b, "'>");
	assert_string_equal(read_bytes(b.data, b.len), "dead: the stream's header is too long");
	buf_clear(&b);
}

/*
 * IN after a header, with the n-th allocation failing, for every n: it comes as it is without that (EXPECTED: 1, or 0
 * for what is skipped), or the stream ends.
 */
static void
may_fail(const char *in, int expected)
{
	struct parser *p = after_header();
	enum parser_item item;
	unsigned long n, total, failed = 0;
	size_t used;
	int status;

	mem_fail_at(0);
	assert_int_equal(parser_push(p, in, strlen(in), &used, &item), expected);
	total = mem_fail_at(0);
	parser_free(p);
	assert_true(total > 0);
	for (n = 1; n <= total; n++) {
		p = after_header();
		mem_fail_at(n);
		status = parser_push(p, in, strlen(in), &used, &item);
		mem_fail_at(0);
		if (status != expected) {
			assert_int_equal(status, ERR_NOMEM);
			assert_null(parser_element(p));
			assert_int_equal(parser_push(p, "<z/>", 4, &used, &item), ERR_NOMEM);
			failed++;
		}
		parser_free(p);
	}
	assert_true(failed > 0);
}

static void
an_element_that_needs_much_memory_may_fail_anywhere(void **state)
{
	static const struct {
		const char *prefix, *repeat, *suffix;
		size_t n;
	} cases[] = {
		{"<a b='&#120;", "x", "'/>", 40000}, /* what plain.c leaves to expat */
		{"<a>&#120;", "<b c='d' e='f'>g</b>", "</a>", 200}, {"<a>&#120;", "x", "</a>", 40000},
		{"<a>&#120;", "text <!-- and --> more", "<b/>y</a>", 1000},
		{"<a>&#120;", "<b>&#120;</b> text", "</a>", 200}, /* pieces to be joined */
	};
	struct buf b = {0};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		buf_puts(&b, cases[i].prefix);
		for (k = 0; k < cases[i].n; k++)
			buf_puts(&b, cases[i].repeat);
		buf_puts(&b, cases[i].suffix);
		may_fail(b.data, 1);
	}
	buf_clear(&b);
}

static void
without_memory_for_a_new_expat_the_old_one_goes_on(void **state)
{
	static const char in[] = "<a>&#120;</a>";
	struct parser *p = after_header();
	enum parser_item item;
	size_t used, k;

	(void)state;
	for (k = 0; k < 3 * 1024 * 1024 / sizeof(in); k++) {
		mem_fail_at(1);
		assert_int_equal(parser_push(p, in, strlen(in), &used, &item), 1);
		mem_fail_at(0);
		assert_string_equal(parser_element(p)->text, "x");
	}
	parser_free(p);
}

static void
without_memory_a_broken_stanza_may_cost_the_stream(void **state)
{
	(void)state;
	/* What follows it needs an expat that has not seen it. */
	may_fail("<b><x:c/></b>", 0);
}

static void
every_allocation_may_fail(void **state)
{
	static const char in[] = HEADER "<a b='c'>d<e/>f</a><b><x:c/></b>" ROSTER_OPEN ROSTER_ITEM ROSTER_CLOSE
					"</stream:stream>";
	struct parser *p;
	enum parser_item item;
	size_t at, used, step;
	unsigned long n;
	int status;

	(void)state;
	for (step = 1; step < sizeof(in); step += 37) {
		for (n = 1;; n++) {
			mem_fail_at(n);
			p = parser_new();
			status = p != NULL ? 0 : ERR_NOMEM;
			item = PARSER_NONE;
			for (at = 0; at < strlen(in) && status >= 0; at += used) {
				status = parser_push(p, in + at, strlen(in) - at < step ? strlen(in) - at : step, &used,
				    &item);
			}
			/* Either all of it came or it was said that it couldn't. */
			assert_true(item != PARSER_END || parser_counts(p)->elements == 2);
			mem_fail_at(0);
			if (p != NULL && status < 0) {
				assert_int_equal(status, ERR_NOMEM);
				/* It serves again when there is memory. */
				parser_reset(p);
				assert_int_equal(parser_push(p, in, strlen(in), &used, &item), 1);
				assert_int_equal(parser_push(p, in + used, strlen(in) - used, &used, &item), 1);
				assert_string_equal(parser_element(p)->text, "df");
				item = PARSER_NONE;
			}
			parser_free(p);
			if (item == PARSER_END)
				break;
			assert_int_equal(status, ERR_NOMEM);
		}
		assert_true(n > 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stanza_has_at_most_64_kib),
		cmocka_unit_test(a_stanza_is_at_most_16_elements_deep),
		cmocka_unit_test(a_hundred_thousand_nested_elements_are_skipped),
		cmocka_unit_test(a_stanza_has_at_most_256_elements),
		cmocka_unit_test(an_element_has_at_most_64_attributes),
		cmocka_unit_test(nothing_is_larger_that_nobody_waits_for),
		cmocka_unit_test(a_stanza_is_measured_from_its_own_beginning),
		cmocka_unit_test(a_tree_that_outgrows_its_text_is_skipped),
		cmocka_unit_test(what_never_ends_takes_no_memory),
		cmocka_unit_test(names_that_never_repeat_do_not_pile_up),
		cmocka_unit_test(a_header_has_at_most_8_kib),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(an_element_that_needs_much_memory_may_fail_anywhere),
		cmocka_unit_test(without_memory_for_a_new_expat_the_old_one_goes_on),
		cmocka_unit_test(without_memory_a_broken_stanza_may_cost_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
