/*
 * wire/plain against expat: whatever the one reads, the other reads the same
 * way.  A newline behind the first name changes nothing for XML and makes an
 * element not plain, so that the parser gives it to expat.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/parse.h"
#include "wire/plain.h"

#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>"

#define MUTANTS 500000 /* PLAIN_MUTANTS in the environment for another number */

static const char *const samples[] = {
	"<presence from='a@home.test/x' to='alice\\40home.test@presence.home.test' id='p1' xml:lang='en'><show>away</show>"
	"<status>In a meeting &amp; back at three</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' "
	"hash='sha-1' node='https://client.example/' ver='q07I+/='/><x xmlns='vcard-temp:x:update'><photo/></x></presence>",
	"<presence type=\"unavailable\" from=\"a@home.test/it's\" to=\"b@presence.home.test\"/>",
	"<iq type='result' id='&quot;&apos;&lt;&gt;&amp;' from='a@home.test' to='b@presence.home.test'/>",
	"<iq type='result' id='q1' from='alice@home.test' to='presence.home.test'><privilege xmlns='urn:xmpp:privilege:2'>"
	"<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='result' id='q1' from='alice@home.test' "
	"to='alice@home.test'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='current'/>"
	"</publish></pubsub></iq></forwarded></privilege></iq>",
	"<iq type='result' id='r' from='alice@home.test' to='presence.home.test'><query xmlns='jabber:iq:roster' ver='3'>"
	"<item jid='bob@home.test' name='B&#246;b' subscription='both'><group>Friends</group></item>"
	"<item jid='d@work.test' subscription='from'><group>Devices &lt;mine&gt;</group></item></query></iq>",
	("<message from='d@work.test/p' to='b@presence.home.test' type='chat'><body>yes\n\tor\xc3\xa4 "
	 "\xe2\x82\xac \xf0\x9f\x98\x80</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'/></html></message>"),
	"<a><b> x </b><c/><b xmlns='u'><c/><d xmlns='v'/></b></a>",
	"<a b='1' c=\"2\"><![CDATA[x]]><!-- y -->z<b/>t</a>",
	"<x:a xmlns:x='urn:x' x:b='1' b='2'><x:c/></x:a>",
};

/* Pieces that a mutation puts in. */
static const char *const pieces[] = {
	"<",
	">",
	"/",
	"&",
	";",
	"'",
	"\"",
	"=",
	" ",
	"\n",
	"\t",
	"\r",
	"]]>",
	"&amp;",
	"&lt;",
	"&#65;",
	"&#0;",
	"&bad;",
	"<b/>",
	"</a>",
	"<!-- -->",
	"<![CDATA[]]>",
	"<?p?>",
	"xml:lang='de'",
	" xml:lang='en'",
	" xmlns='urn:y'",
	" xmlns=''",
	" xmlns:p='urn:p'",
	" p:q='1'",
	" id='2'",
	"xmlns",
	":",
	"x",
	"\x01",
	"\x7f",
	"\xc3\xa4",
	"\xc3",
	"\xef\xbf\xbe",
	"\xef\xbf\xbf",
	"\xed\xa0\x80",
	"\xf4\x90\x80\x80",
	"\xc0\x80",
	" xmlns='http://www.w3.org/2000/xmlns/'",
	" xmlns='http://www.w3.org/XML/1998/namespace'",
	"-",
	".",
	"1",
	"<a>",
	"&gt",
	"]]&gt;",
};

static uint64_t seed = 1;

static unsigned
roll(size_t sides)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)((seed >> 33) % sides);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same(const struct xml *a, const struct xml *b)
{
	size_t i;

	if (a == NULL || b == NULL)
		return a == b;
	if (strcmp(a->ns, b->ns) != 0 || strcmp(a->name, b->name) != 0 || a->nattrs != b->nattrs ||
	    a->textlen != b->textlen || strcmp(a->text, b->text) != 0 || strlen(a->text) != a->textlen)
		return false;
	for (i = 0; i < a->nattrs; i++)
		if (!same_text(a->attrs[i].ns, b->attrs[i].ns) || strcmp(a->attrs[i].name, b->attrs[i].name) != 0 ||
		    strcmp(a->attrs[i].value, b->attrs[i].value) != 0)
			return false;
	/* Only the children's siblings: the root has none. */
	for (a = a->child, b = b->child; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!same(a, b))
			return false;
	return a == b;
}

/* The element that expat makes of LEN bytes at TEXT; NULL if it refuses them. */
static const struct xml *
by_expat(struct parser *p, const char *text, size_t len)
{
	size_t name = 1 + strcspn(text + 1, " />\t\n\r"), used;
	struct buf b = {0};
	enum parser_item item;
	const struct xml *x = NULL;

	parser_reset(p);
	assert_int_equal(parser_push(p, HEADER, sizeof(HEADER) - 1, &used, &item), 1);
	buf_put(&b, text, name);
	buf_putc(&b, '\n');
	buf_put(&b, text + name, len - name);
	if (parser_push(p, b.data, b.len, &used, &item) == 1 && item == PARSER_ELEMENT && used == b.len)
		x = parser_element(p);
	buf_clear(&b);
	return x;
}

static const struct xml *
plainly(struct arena *a, const char *text, size_t len)
{
	/* In memory of its own, so that reading beyond it is noticed. */
	char *copy = malloc(len > 0 ? len : 1);
	const struct xml *x;

	assert_non_null(copy);
	memcpy(copy, text, len);
	arena_reset(a);
	a->max = 1024 * 1024;
	x = plain_read(a, NS_COMPONENT, copy, len);
	free(copy);
	return x;
}

static void
what_it_reads_expat_reads_the_same(void **state)
{
	struct parser *p = parser_new();
	struct arena a = {0};
	const struct xml *x;
	size_t i, read = 0;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		x = plainly(&a, samples[i], strlen(samples[i]));
		if (x == NULL)
			continue;
		read++;
		if (!same(x, by_expat(p, samples[i], strlen(samples[i]))))
			fail_msg("%s", samples[i]);
	}
	assert_int_equal(read, 4);
	arena_clear(&a);
	parser_free(p);
}

static void
mutate(struct buf *b, const char *sample)
{
	size_t cuts = 1 + roll(3), at, n, len;
	struct buf next;
	const char *piece;

	buf_reset(b);
	buf_puts(b, sample);
	/* Mostly harmless: another character. */
	for (n = roll(4); n > 0; n--)
		b->data[1 + roll(b->len - 1)] = (char)(' ' + roll(95));
	cuts -= roll(2);
	while (cuts-- > 0 && b->len > 2) {
		at = 1 + roll(b->len - 1);
		n = roll(3) == 0 ? roll(b->len - at < 12 ? b->len - at : 12) : 0;
		memset(&next, 0, sizeof(next));
		buf_put(&next, b->data, at);
		if (n == 0 || roll(2) == 0) {
			piece = pieces[roll(sizeof(pieces) / sizeof(pieces[0]))];
			buf_puts(&next, piece);
		}
		if (roll(8) == 0) {
			/* Something that stands elsewhere in it. */
			len = roll(40);
			if (at + len < b->len)
				buf_put(&next, b->data + at, len);
		}
		buf_put(&next, b->data + at + n, b->len - at - n);
		buf_clear(b);
		*b = next;
	}
}

static void
of_damaged_ones_it_reads_none_that_expat_would_not(void **state)
{
	const char *more = getenv("PLAIN_MUTANTS");
	unsigned long i, n = more != NULL ? strtoul(more, NULL, 10) : MUTANTS, read = 0;
	struct parser *p = parser_new();
	struct arena a = {0};
	struct buf b = {0};
	const struct xml *x;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < n; i++) {
		mutate(&b, samples[roll(sizeof(samples) / sizeof(samples[0]))]);
		x = plainly(&a, b.data, b.len);
		if (x == NULL)
			continue;
		read++;
		if (!same(x, by_expat(p, b.data, b.len)))
			fail_msg("%s", b.data);
	}
	/* Otherwise nothing has been compared. */
	assert_true(read > n / 50);
	buf_clear(&b);
	arena_clear(&a);
	parser_free(p);
}

static void
assert_not_plain(const char *text)
{
	struct arena a = {0};

	if (plainly(&a, text, strlen(text)) != NULL)
		fail_msg("%s", text);
	arena_clear(&a);
}

static void
all_else_is_left_to_expat(void **state)
{
	(void)state;
	assert_not_plain("");
	assert_not_plain("<");
	assert_not_plain("<a");
	assert_not_plain("<a>");
	assert_not_plain("<a/");
	assert_not_plain("<a></b>");
	assert_not_plain("<a></a");
	assert_not_plain("<a/><b/>");
	assert_not_plain("<a></a></a>");
	assert_not_plain("</a>");
	assert_not_plain("<a b='1' b='2'/>");
	assert_not_plain("<a xml:lang='en' xml:lang='de'/>");
	assert_not_plain("<a xmlns='u' xmlns='v'/>");
	assert_not_plain("<a xmlns=''/>");
	assert_not_plain("<a xmlns='http://www.w3.org/XML/1998/namespace'/>");
	assert_not_plain("<x:a/>");
	assert_not_plain("<a x:b='1'/>");
	assert_not_plain("<a xmlns:x='u'/>");
	assert_not_plain("<a b='<'/>");
	assert_not_plain("<a b='&#65;'/>");
	assert_not_plain("<a>&bad;</a>");
	assert_not_plain("<a>]]></a>");
	assert_not_plain("<a>\x01</a>");
	assert_not_plain("<a>\xc3</a>");
	assert_not_plain("<a>\xef\xbf\xbf</a>");
	assert_not_plain("<a><b/>text</a>");
	assert_not_plain("<a><!-- --></a>");
	assert_not_plain("<a><![CDATA[]]></a>");
	assert_not_plain("<a><?p?></a>");
}

static void
a_byte_of_nought_ends_nothing(void **state)
{
	struct arena a = {0};

	(void)state;
	assert_null(plainly(&a, "<a/>\0", 5));
	assert_null(plainly(&a, "<a>\0</a>", 8));
	assert_null(plainly(&a, "<a b='\0'/>", 10));
	arena_clear(&a);
}

static void
what_is_too_deep_is_left_to_expat(void **state)
{
	struct buf b = {0};
	struct arena a = {0};
	size_t depth, i;

	(void)state;
	for (depth = 1; depth <= STANZA_DEPTH_MAX + 1; depth++) {
		buf_reset(&b);
		for (i = 0; i < depth; i++)
			buf_puts(&b, "<a>");
		for (i = 0; i < depth; i++)
			buf_puts(&b, "</a>");
		assert_int_equal(plainly(&a, b.data, b.len) != NULL, depth <= STANZA_DEPTH_MAX);
	}
	buf_clear(&b);
	arena_clear(&a);
}

static void
without_memory_it_says_no(void **state)
{
	const char *text = samples[0];
	unsigned long n;

	(void)state;
	for (n = 1; n < 3; n++) {
		struct arena a = {.max = 1024 * 1024};

		mem_fail_at(n);
		if (plain_read(&a, NS_COMPONENT, text, strlen(text)) != NULL)
			assert_true(n > 1);
		mem_fail_at(0);
		arena_clear(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_reads_expat_reads_the_same),
		cmocka_unit_test(of_damaged_ones_it_reads_none_that_expat_would_not),
		cmocka_unit_test(all_else_is_left_to_expat),
		cmocka_unit_test(a_byte_of_nought_ends_nothing),
		cmocka_unit_test(what_is_too_deep_is_left_to_expat),
		cmocka_unit_test(without_memory_it_says_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
