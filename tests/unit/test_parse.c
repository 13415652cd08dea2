/*
 * wire/parse and wire/scan.  Every input is read whole, byte by byte, in
 * sevens and in random pieces, and must give the same.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/parse.h"

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' id='s1'>"
#define GOT_HEADER "header"

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

static unsigned seed = 1;

static unsigned
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
		if (status == 1 && b.len > 0)
			buf_putc(&b, ' ');
		switch (item) {
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

/* What comes of it whole, which is what comes of it in parts. */
static const char *
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

#define assert_reads(in, out) assert_string_equal(read_bytes(in, strlen(in)), out)

static void
a_stream_is_a_header_elements_and_an_end(void **state)
{
	(void)state;
	assert_reads(HEADER "<a/><b></b> <c>x</c>\n</stream:stream>", GOT_HEADER " <a></> <b></> <c>x</> end");
	assert_reads(HEADER "</stream:stream >", GOT_HEADER " end");
	assert_reads("\xef\xbb\xbf" HEADER "<a/>", GOT_HEADER " <a></>");
	assert_reads("\n <stream>", GOT_HEADER);
	assert_reads("", "");
}

static void
the_header_is_kept_with_its_attributes(void **state)
{
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	(void)state;
	assert_null(parser_header(p));
	assert_string_equal(parser_default_ns(p), "");
	assert_int_equal(parser_push(p, HEADER "<a/>", strlen(HEADER) + 4, &used, &item), 1);
	assert_int_equal(item, PARSER_HEADER);
	assert_int_equal(used, strlen(HEADER));
	assert_true(xml_is(parser_header(p), NS_STREAMS, "stream"));
	assert_string_equal(xml_attr(parser_header(p), "id"), "s1");
	assert_string_equal(parser_default_ns(p), NS_COMPONENT);
	assert_int_equal(parser_push(p, "<a/><b/>", 8, &used, &item), 1);
	assert_int_equal(used, 4);
	assert_string_equal(xml_attr(parser_header(p), "id"), "s1");
	parser_reset(p);
	assert_null(parser_header(p));
	assert_int_equal(parser_push(p, "<x xmlns='urn:x'>", 17, &used, &item), 1);
	assert_string_equal(parser_default_ns(p), "urn:x");
	assert_null(xml_attr(parser_header(p), "id"));
	parser_free(p);
	parser_free(NULL);
}

static void
an_element_is_a_tree_of_names_attributes_and_texts(void **state)
{
	(void)state;
	assert_reads(HEADER "<presence from='a@b/c' to=\"d\"><show>away</show><c xmlns='urn:c' ver='1'><x/></c>"
			    "<status xml:lang='en'>gone</status></presence>",
	    GOT_HEADER " <presence from=a@b/c to=d><show>away</><{urn:c}c ver=1><x></></>"
		       "<status {http://www.w3.org/XML/1998/namespace}lang=en>gone</></>");
	assert_reads(HEADER "<a><b><c><d/></c></b><e/></a>", GOT_HEADER " <a><b><c><d></></></><e></></>");
}

static void
pieces_of_text_are_joined(void **state)
{
	(void)state;
	assert_reads(HEADER "<a>1<b>x\ny</b>2<![CDATA[<&>]]>3<!-- no -->4<?p no?>5&lt;&amp;&#x41;\r\n6</a>",
	    GOT_HEADER " <a>12<&>345<&A\n6<b>x\ny</></> stray 2");
	assert_reads(HEADER "<a><b/>1<b/>2<b/></a>", GOT_HEADER " <a>12<b></><b></><b></></>");
}

static void
delimiters_inside_values_and_cdata_are_text(void **state)
{
	(void)state;
	assert_reads(HEADER "<a b='>' c=\"/>'\" d='\"></a>'/>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a b='>' c=\"/>'\" d='\">&lt;/a>'/>", GOT_HEADER " <a b=> c=/>' d=\"></a>></>");
	assert_reads(HEADER "<a><![CDATA[</a><x/>]]]]></a><b/>", GOT_HEADER " <a></a><x/>]]</> <b></>");
	assert_reads(HEADER "<a><!-- </a> -> --><b/></a>", GOT_HEADER " <a><b></></> stray 1");
	assert_reads(HEADER "<a><?x </a> > ?"
			    "?><b/></a>",
	    GOT_HEADER " <a><b></></> stray 1");
	assert_reads(HEADER "<a b='c/d'e='f'/>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a><b/ ></a>", GOT_HEADER " dead: not XML");
}

static void
a_prefixed_attribute_is_not_the_plain_one(void **state)
{
	struct parser *p = parser_new();
	static const char in[] = HEADER "<a x:from='evil' xmlns:x='urn:x' from='good' y:to='evil' xmlns:y='urn:x'/>";
	enum parser_item item;
	size_t used;

	(void)state;
	assert_int_equal(parser_push(p, in, strlen(in), &used, &item), 1);
	assert_int_equal(parser_push(p, in + used, strlen(in) - used, &used, &item), 1);
	assert_string_equal(xml_attr(parser_element(p), "from"), "good");
	assert_null(xml_attr(parser_element(p), "to"));
	assert_null(xml_attr(parser_element(p), "x:from"));
	parser_free(p);
	assert_reads(in, GOT_HEADER " <a {urn:x}from=evil from=good {urn:x}to=evil></>");
}

static void
a_namespace_is_told_by_its_name_not_by_its_prefix(void **state)
{
	(void)state;
	assert_reads(HEADER "<x:a xmlns:x='jabber:component:accept'/>", GOT_HEADER " <a></>");
	assert_reads(HEADER "<a xmlns=''><b/></a>", GOT_HEADER " <{}a><b></></>");
	assert_reads(HEADER "<a xmlns='jabber:component:accept2'/>", GOT_HEADER " <{jabber:component:accept2}a></>");
	assert_reads(HEADER "<a xmlns='jabber:component'/>", GOT_HEADER " <{jabber:component}a></>");
	assert_reads(HEADER "<stream:error><c xmlns='urn:e'/></stream:error>",
	    GOT_HEADER " <{http://etherx.jabber.org/streams}error><{urn:e}c></></>");
	assert_reads(HEADER "<a><x:b xmlns:x='urn:x'><c/><x:d/></x:b></a>",
	    GOT_HEADER " <a><{urn:x}b><{jabber:component:accept}c></><d></></></>");
}

static void
what_is_between_stanzas_is_ignored_and_counted(void **state)
{
	(void)state;
	assert_reads(HEADER "302<a/>", GOT_HEADER " <a></> stray 1");
	assert_reads(HEADER " 3 0 2 <a/>\n \t\r<b/>x", GOT_HEADER " <a></> <b></> stray 2");
	assert_reads(HEADER "<!-- <a> --><a/><?p <b/> ?>x<!---->y<![CDATA[<c/>]]><b/>",
	    GOT_HEADER " <a></> <b></> stray 6");
	assert_reads(HEADER "]]>&#1;&nope;\x01\xff<a/>", GOT_HEADER " <a></> stray 1");
	assert_reads("<?xml version='1.0'?><!-- x --><?y?><s><a/>", GOT_HEADER " <{}a></>");
}

static void
a_document_type_declaration_ends_the_stream(void **state)
{
	(void)state;
	assert_reads("<!DOCTYPE x [<!ENTITY a 'b'>]>" HEADER, "dead: a document type declaration");
	assert_reads(HEADER "<a/><!DOCTYPE x><b/>", GOT_HEADER " <a></> dead: a document type declaration");
	assert_reads(HEADER "<a><!DOCTYPE x></a>", GOT_HEADER " dead: a document type declaration");
	assert_reads(HEADER "<!ENTITY a 'b'>", GOT_HEADER " dead: a document type declaration");
}

static void
an_entity_ends_the_stream(void **state)
{
	(void)state;
	assert_reads(HEADER "<a>&lol;</a>", GOT_HEADER " dead: undefined entity");
	assert_reads(HEADER "<a b='&lol;'/>", GOT_HEADER " dead: undefined entity");
}

static void
what_is_not_xml_ends_the_stream(void **state)
{
	(void)state;
	assert_reads("HTTP/1.1 400 Bad Request\r\n", "dead: not XML");
	assert_reads("SSH-2.0-OpenSSH_9.2p1\r\n", "dead: not XML");
	assert_reads("\x16\x03\x01\x02", "dead: not XML");
	assert_reads("</a>", "dead: not XML");
	assert_reads("<a/>", "dead: the stream ends in its header");
	assert_reads("<a b='c'd='e'>", "dead: not well-formed (invalid token)");
	assert_reads("<x:a>", "dead: unbound prefix");
	assert_reads("<!- x>", "dead: not XML");
	assert_reads("<![CDAT[]]>", "dead: not XML");
	assert_reads(HEADER "<a></b>", GOT_HEADER " dead: mismatched tag");
	assert_reads(HEADER "<a><b></a></b>", GOT_HEADER " dead: mismatched tag");
	assert_reads(HEADER "< a/>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a>\x01</a>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a>&#1;</a>", GOT_HEADER " dead: reference to invalid character number");
	assert_reads(HEADER "<a>]]></a>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a>\xef\xbf\xbe</a>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a>\xed\xa0\x80</a>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a>\xc0\x80</a>", GOT_HEADER " dead: not well-formed (invalid token)");
	assert_reads(HEADER "<a><!-- -- --></a>", GOT_HEADER " dead: not well-formed (invalid token) stray 1");
	assert_string_equal(read_bytes(HEADER "<a>\0</a>", strlen(HEADER) + 8),
	    GOT_HEADER " dead: not well-formed (invalid token)");
}

static void
broken_namespaces_cost_only_their_stanza(void **state)
{
	(void)state;
	assert_reads(HEADER "<a/><b><x:c/></b><d/>", GOT_HEADER " <a></> <d></> skipped 1");
	assert_reads(HEADER "<b x:y='z'/><d/>", GOT_HEADER " <d></> skipped 1");
	assert_reads(HEADER "<b xmlns:xml='urn:x'/><d/>", GOT_HEADER " <d></> skipped 1");
	assert_reads(HEADER "<b xmlns:x='u' xmlns:y='u' x:a='' y:a=''/><d><e/></d>",
	    GOT_HEADER " <d><e></></> skipped 1");
	assert_reads(HEADER "<b c='' c=''/><stream:d/>",
	    GOT_HEADER " <{http://etherx.jabber.org/streams}d></> skipped 1");
}

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

#define ROSTER_OPEN "<iq type='result' from='a@b' to='c'><query xmlns='jabber:iq:roster'>"
#define ROSTER_CLOSE "</query></iq>"
#define ROSTER_ITEM "<item jid='contact@example.org' subscription='both'><group>Friends</group></item>"

static void
a_roster_may_be_larger(void **state)
{
	(void)state;
	assert_string_equal(repeated(ROSTER_OPEN, ROSTER_ITEM, 4000, ROSTER_CLOSE), "read");
	assert_string_equal(repeated(ROSTER_OPEN, "<i/>", ROSTER_ELEMENTS_MAX - 2, ROSTER_CLOSE), "read");
	assert_string_equal(repeated(ROSTER_OPEN, "<i/>", ROSTER_ELEMENTS_MAX - 1, ROSTER_CLOSE), "skipped");
	assert_string_equal(repeated(ROSTER_OPEN, "x", ROSTER_BYTES_MAX, ROSTER_CLOSE), "skipped");
	/* its tags may not, nor its depth */
	assert_string_equal(repeated("<iq type='result'><query xmlns='jabber:iq:roster'><item name='", "x", 70000,
				"'/></query></iq>"),
	    "skipped");
}

static void
what_only_resembles_a_roster_may_not(void **state)
{
	(void)state;
	assert_string_equal(repeated("<iq type='set'><query xmlns='jabber:iq:roster'>", ROSTER_ITEM, 300, ROSTER_CLOSE),
	    "skipped");
	assert_string_equal(repeated("<message type='result'><query xmlns='jabber:iq:roster'>", ROSTER_ITEM, 300,
				"</query></message>"),
	    "skipped");
	assert_string_equal(repeated("<iq type='result'><query xmlns='jabber:iq:other'>", ROSTER_ITEM, 300,
				ROSTER_CLOSE),
	    "skipped");
	assert_string_equal(repeated("<iq type='result'><other xmlns='jabber:iq:roster'>", ROSTER_ITEM, 300,
				"</other></iq>"),
	    "skipped");
	assert_string_equal(repeated("<iq type='result'><x/><query xmlns='jabber:iq:roster'>", ROSTER_ITEM, 300,
				ROSTER_CLOSE),
	    "skipped");
	assert_string_equal(repeated("<iq type='result'>", ROSTER_ITEM, 300, "</iq>"), "skipped");
	assert_string_equal(repeated("<iq type='result'><query xmlns='jabber:iq:other'><x xmlns='jabber:iq:roster'/>",
				ROSTER_ITEM, 300, ROSTER_CLOSE),
	    "skipped");
}

static void
a_roster_says_nothing_about_the_next_stanza(void **state)
{
	struct buf b = {0};
	const char *got;
	int i, k;

	(void)state;
	buf_puts(&b, HEADER);
	for (k = 0; k < 2; k++) {
		buf_puts(&b, k == 0 ? ROSTER_OPEN : "<iq><query>");
		for (i = 0; i < 300; i++)
			buf_puts(&b, "<i/>");
		buf_puts(&b, ROSTER_CLOSE);
	}
	got = read_bytes(b.data, b.len);
	assert_string_equal(got + strlen(got) - strlen("<i></></></> skipped 1"), "<i></></></> skipped 1");
	buf_clear(&b);
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
nothing_is_read_behind_the_end(void **state)
{
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	(void)state;
	assert_int_equal(parser_push(p, HEADER, strlen(HEADER), &used, &item), 1);
	assert_int_equal(parser_push(p, "</stream:stream><a/>", 20, &used, &item), 1);
	assert_int_equal(item, PARSER_END);
	assert_int_equal(used, 16);
	assert_int_equal(parser_push(p, "<a/>", 4, &used, &item), ERR_PROTOCOL);
	assert_int_equal(used, 0);
	assert_int_equal(item, PARSER_NONE);
	assert_string_equal(parser_reason(p), "the stream has ended");
	parser_free(p);
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

/* A stream that has had its header, and how it goes on. */
static struct parser *
after_header(void)
{
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	assert_int_equal(parser_push(p, HEADER, strlen(HEADER), &used, &item), 1);
	assert_int_equal(item, PARSER_HEADER);
	return p;
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
			assert_int_equal(parser_push(p, chunk.data, chunk.len, &used, &item), 0);
			if (k * chunk.len > ROSTER_BYTES_MAX)
				assert_int_equal(mem_fail_at(0), 0);
		}
		parser_push(p, endless[i].end, strlen(endless[i].end), &used, &item);
		assert_int_equal(parser_push(p, "<z/>", 4, &used, &item), 1);
		assert_string_equal(parser_element(p)->name, "z");
		parser_free(p);
	}
	buf_clear(&chunk);
}

/* Mostly not well-formed: then it must go wrong in the same place. */
static void
random_markup_reads_the_same_in_pieces(void **state)
{
	static const char *const tokens[] = {
		"<a>",
		"</a>",
		"<b>",
		"</b>",
		"<c/>",
		"<x:d xmlns:x='u'>",
		"</x:d>",
		"<e f='>' g=\"'/>\"/>",
		"<y:e/>",
		"text",
		" ",
		"<!-- > -->",
		"<!--",
		"-->",
		"-",
		"--",
		"<?p",
		"?>",
		"?",
		"<![CDATA[",
		"]]>",
		"]",
		"<",
		">",
		"/",
		"'",
		"\"",
		"&lt;",
		"&",
		"=",
		"<!",
		"\xc3\xa9",
		"\xc3",
		"</stream:stream>",
		"<iq a='b'>",
		"</iq>",
	};
	struct buf b = {0};
	int i, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		buf_reset(&b);
		buf_puts(&b, HEADER);
		for (n = (int)roll(20); n > 0; n--) {
			/* Half of the time from those that match. */
			buf_puts(&b, tokens[roll(roll(2) == 0 ? 12 : (unsigned)(sizeof(tokens) / sizeof(tokens[0])))]);
		}
		read_bytes(b.data, b.len);
	}
	buf_clear(&b);
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

static void
trees_answer_for_what_is_not_there(void **state)
{
	struct parser *p = after_header();
	static const char in[] = "<a xml:lang='de'><b>1</b><b xmlns='urn:x'>2</b><b>3</b><c/></a>";
	enum parser_item item;
	const struct xml *a, *b;
	size_t used;

	(void)state;
	assert_int_equal(parser_push(p, in, strlen(in), &used, &item), 1);
	a = parser_element(p);
	assert_string_equal(xml_lang(a), "de");
	assert_null(xml_attr(a, "lang"));
	assert_null(xml_lang(a->child));
	b = xml_child(a, NS_COMPONENT, "b");
	assert_string_equal(b->text, "1");
	b = xml_again(b, NS_COMPONENT, "b");
	assert_string_equal(b->text, "3");
	assert_null(xml_again(b, NS_COMPONENT, "b"));
	assert_string_equal(xml_child_text(a, "urn:x", "b"), "2");
	assert_string_equal(xml_child_text(a, NS_COMPONENT, "c"), "");
	assert_null(xml_child_text(a, "urn:x", "c"));
	assert_null(xml_only_child(a));
	assert_null(xml_only_child(b));
	assert_null(xml_only_child(NULL));
	assert_null(xml_child(NULL, "", "b"));
	assert_null(xml_again(NULL, "", "b"));
	assert_null(xml_child_text(NULL, "", "b"));
	assert_null(xml_attr(NULL, "b"));
	assert_null(xml_lang(NULL));
	assert_false(xml_is(NULL, "", "b"));
	parser_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_a_header_elements_and_an_end),
		cmocka_unit_test(the_header_is_kept_with_its_attributes),
		cmocka_unit_test(an_element_is_a_tree_of_names_attributes_and_texts),
		cmocka_unit_test(pieces_of_text_are_joined),
		cmocka_unit_test(delimiters_inside_values_and_cdata_are_text),
		cmocka_unit_test(a_prefixed_attribute_is_not_the_plain_one),
		cmocka_unit_test(a_namespace_is_told_by_its_name_not_by_its_prefix),
		cmocka_unit_test(what_is_between_stanzas_is_ignored_and_counted),
		cmocka_unit_test(a_document_type_declaration_ends_the_stream),
		cmocka_unit_test(an_entity_ends_the_stream),
		cmocka_unit_test(what_is_not_xml_ends_the_stream),
		cmocka_unit_test(broken_namespaces_cost_only_their_stanza),
		cmocka_unit_test(a_stanza_has_at_most_64_kib),
		cmocka_unit_test(a_stanza_is_at_most_16_elements_deep),
		cmocka_unit_test(a_hundred_thousand_nested_elements_are_skipped),
		cmocka_unit_test(a_stanza_has_at_most_256_elements),
		cmocka_unit_test(an_element_has_at_most_64_attributes),
		cmocka_unit_test(a_roster_may_be_larger),
		cmocka_unit_test(what_only_resembles_a_roster_may_not),
		cmocka_unit_test(a_roster_says_nothing_about_the_next_stanza),
		cmocka_unit_test(a_stanza_is_measured_from_its_own_beginning),
		cmocka_unit_test(nothing_is_read_behind_the_end),
		cmocka_unit_test(a_tree_that_outgrows_its_text_is_skipped),
		cmocka_unit_test(what_never_ends_takes_no_memory),
		cmocka_unit_test(random_markup_reads_the_same_in_pieces),
		cmocka_unit_test(names_that_never_repeat_do_not_pile_up),
		cmocka_unit_test(a_header_has_at_most_8_kib),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(trees_answer_for_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
