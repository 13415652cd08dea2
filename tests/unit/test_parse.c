/* wire/parse and wire/scan: what comes of a stream. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "parse_fixture.h"
#include "wire/ns.h"

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
a_header_may_declare_that_it_has_no_namespace(void **state)
{
	(void)state;
	assert_reads("<stream xmlns=''><a/><b xmlns='urn:x'><c/></b>", GOT_HEADER " <{}a></> <{urn:x}b><c></></>");
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
	assert_reads(HEADER "<b xmlns:x=''/><d/>", GOT_HEADER " <d></> skipped 1");
	assert_reads(HEADER "<b xmlns:xmlns='urn:x'/><d/>", GOT_HEADER " <d></> skipped 1");
	assert_reads(HEADER "<b xmlns:x='http://www.w3.org/XML/1998/namespace'/><d/>", GOT_HEADER " <d></> skipped 1");
	assert_reads(HEADER "<b c='' c=''/><stream:d/>",
	    GOT_HEADER " <{http://etherx.jabber.org/streams}d></> skipped 1");
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
trees_answer_for_what_is_not_there(void **state)
{
	struct parser *p = after_header();
	static const char in[] =
	    "<a xml:base='x' xmlns:y='urn:y' y:lang='en' xml:lang='de'><b>1</b><b xmlns='urn:x'>2</b><b>3</b><c/></a>";
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
		cmocka_unit_test(a_header_may_declare_that_it_has_no_namespace),
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
		cmocka_unit_test(nothing_is_read_behind_the_end),
		cmocka_unit_test(random_markup_reads_the_same_in_pieces),
		cmocka_unit_test(trees_answer_for_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
