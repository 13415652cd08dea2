/* wire/parse: an element that is too large, what is said of it, and how it is read when it is waited for. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "parse_fixture.h"

#define ROSTER_HEAD "<iq type=result from=a@b to=c><{jabber:iq:roster}query></></>"
#define ROSTER_HEAD_WITH "<iq type=result from=a@b to=c><{jabber:iq:roster}query>"

static int
shows(void **state)
{
	(void)state;
	larges = LARGES_SHOW;
	return 0;
}

static int
admits(void **state)
{
	(void)state;
	larges = LARGES_ADMITTED;
	return 0;
}

static int
passes_again(void **state)
{
	(void)state;
	larges = LARGES_PASS;
	return 0;
}

#define TEST_SHOWN(f) cmocka_unit_test_setup_teardown(f, shows, passes_again)
#define TEST_ADMITTED(f) cmocka_unit_test_setup_teardown(f, admits, passes_again)

/* HEADER, PREFIX, N times REPEAT, SUFFIX, <z/>; valid until the next call. */
static const struct buf *
stream_of(const char *prefix, const char *repeat, size_t n, const char *suffix)
{
	static struct buf b;

	buf_reset(&b);
	buf_puts(&b, HEADER);
	buf_puts(&b, prefix);
	while (n-- > 0)
		buf_puts(&b, repeat);
	buf_puts(&b, suffix);
	buf_puts(&b, "<z/>");
	return &b;
}

static const char *
reads(const char *prefix, const char *repeat, size_t n, const char *suffix)
{
	const struct buf *b = stream_of(prefix, repeat, n, suffix);

	return read_bytes(b->data, b->len);
}

/* What came of a roster that was admitted. */
struct got {
	size_t portions, items, most; /* most: in one portion */
	bool asked, last, skipped;
	int status;
	size_t grown;  /* memory, at most; 0 under a sanitizer */
	char jids[64]; /* short ones */
};

#define CONTACT "person-with.a.long.name.van.der.somebody.%zu@a-rather-long.subdomain.of.some.example.org"

static size_t
allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
take_items(struct got *g, const struct xml *iq)
{
	const struct xml *query = iq->child, *x;
	const char *jid;
	char expected[128];
	size_t n = 0;

	assert_string_equal(iq->name, "iq");
	assert_string_equal(xml_attr(iq, "from"), "a@b");
	assert_string_equal(query->ns, "jabber:iq:roster");
	for (x = query->child; x != NULL; x = x->next, n++) {
		assert_string_equal(x->name, "item");
		jid = xml_attr(x, "jid");
		if (strlen(jid) == 1) {
			strncat(g->jids, jid, sizeof(g->jids) - strlen(g->jids) - 1);
			continue;
		}
		snprintf(expected, sizeof(expected), CONTACT, g->items + n);
		assert_string_equal(jid, expected);
	}
	g->items += n;
	g->portions++;
	if (n > g->most)
		g->most = n;
}

/* LEN bytes behind a header, fed STEP at a time; ends with the first element that is no part of a roster. */
static void
read_roster(struct parser *p, const char *in, size_t len, size_t step, struct got *g)
{
	size_t before = allocated(), now, at, used, n;
	enum parser_item item = PARSER_NONE;

	memset(g, 0, sizeof(*g));
	for (at = 0; at < len && g->status >= 0 && item != PARSER_ELEMENT; at += used) {
		n = len - at < step ? len - at : step;
		g->status = parser_push(p, in + at, n, &used, &item);
		if (item == PARSER_LARGE) {
			g->asked = true;
			parser_admit(p);
		} else if (item == PARSER_PORTION || item == PARSER_LAST) {
			assert_true(g->asked && !g->last && !g->skipped);
			now = allocated();
			if (now > before && now - before > g->grown)
				g->grown = now - before;
			take_items(g, parser_element(p));
			g->last = item == PARSER_LAST;
		} else if (item == PARSER_SKIPPED) {
			g->skipped = true;
		}
	}
}

/* N contacts of a large firm, with names that have to be escaped and a group each. */
static void
put_contacts(struct buf *b, size_t n, bool odd)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(b,
		    "<item subscription='both' jid='%s.van.der.somebody.%zu@a-rather-long.subdomain.of.some.example.org' "
		    "name='Somebody &amp; O&apos;Else no. %zu'><group>Department of &lt;%zu&gt;</group></item>",
		    odd ? "person&#45;with.a.long.name" : "person-with.a.long.name", i, i, i % 1000);
}

static void
has_all(const struct got *g, size_t n)
{
	assert_int_equal(g->status, 1);
	assert_true(g->last && !g->skipped);
	assert_int_equal(g->items, n);
}

static void
twenty_thousand_contacts_are_read_in_little_memory(void **state)
{
	static const size_t steps[] = {1, 4096, 1 << 30};
	struct buf b = {0};
	struct got g;
	size_t i, k;

	(void)state;
	/* odd ones are expat's to read */
	for (k = 0; k < 2; k++) {
		buf_reset(&b);
		buf_puts(&b, ROSTER_OPEN);
		put_contacts(&b, 20000, k == 1);
		buf_puts(&b, ROSTER_CLOSE "<z/>");
		assert_true(b.len > 4 * 1024 * 1024);
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			struct parser *p = after_header();

			read_roster(p, b.data, b.len, steps[i], &g);
			has_all(&g, 20000);
			assert_in_range(g.most, 1, 256);
			assert_in_range(g.grown, 0, 256 * 1024);
			assert_int_equal(parser_counts(p)->skipped, 0);
			assert_int_equal(parser_counts(p)->elements, 2);
			parser_free(p);
		}
	}
	buf_clear(&b);
}

static void
what_is_not_waited_for_is_skipped(void **state)
{
	(void)state;
	assert_string_equal(reads(ROSTER_OPEN, ROSTER_ITEM, 300, ROSTER_CLOSE),
	    GOT_HEADER " ?" ROSTER_HEAD " <z></> skipped 1");
	assert_string_equal(reads("<presence from='x'><show>", "x", 70000, "</show></presence>"),
	    GOT_HEADER " ?<presence from=x><show></></> <z></> skipped 1");
}

static void
of_what_can_never_be_admitted_the_beginning_is_said(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	/* without a first child that has contents */
	assert_string_equal(reads("<iq id='1'>", "x", 70000, "</iq>"), GOT_HEADER " !<iq id=1></> <z></> skipped 1");
	assert_string_equal(reads("<iq id='1'><b/>", "<c/>", 300, "</iq>"),
	    GOT_HEADER " !<iq id=1></> <z></> skipped 1");
	/* too deep, too many attributes, a tag too long */
	assert_string_equal(reads("<iq id='1'>", "<a>", 17,
				"</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>"
				"</a></a></iq>"),
	    GOT_HEADER " !<iq id=1><a></></> <z></> skipped 1");
	buf_puts(&b, "<iq id='1'><b><c");
	for (i = 0; i < 65; i++)
		buf_printf(&b, " a%d=''", i);
	assert_string_equal(reads(b.data, "", 0, "/></b></iq>"), GOT_HEADER " !<iq id=1><b></></> <z></> skipped 1");
	assert_string_equal(reads("<iq id='1'><b><c d='", "x", 70000, "'/></b></iq>"),
	    GOT_HEADER " ?<iq id=1><b></></> <z></> skipped 1");
	/* a tree that outgrows its text */
	buf_reset(&b);
	buf_puts(&b, "<iq id='1'><q xmlns:x='");
	for (i = 0; i < 30000; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "' xmlns:y='");
	for (i = 0; i < 30000; i++)
		buf_putc(&b, 'y');
	buf_puts(&b, "'>");
	assert_string_equal(reads(b.data, "<x:b><y:b/></x:b>", 100, "</q></iq>"),
	    GOT_HEADER " !<iq id=1><q></></> <z></> skipped 1");
	buf_clear(&b);
}

static void
nothing_is_said_of_what_has_no_beginning(void **state)
{
	(void)state;
	assert_string_equal(reads("<", "x", 70000, "/>"), GOT_HEADER " <z></> skipped 1");
	assert_string_equal(reads("<a b='", "x", 70000, "'/>"), GOT_HEADER " <z></> skipped 1");
	assert_string_equal(reads("<a", " b=''", 14000, "/>"), GOT_HEADER " <z></> skipped 1");
	/* broken namespaces are no size */
	assert_string_equal(reads("<a><x:b/>", "", 0, "</a>"), GOT_HEADER " <z></> skipped 1");
	/* but where they are in what is too large */
	assert_string_equal(reads("<a><x:b>", "<c/>", 300, "</x:b></a>"), GOT_HEADER " <z></> skipped 1");
}

/* Each bound at one below, itself and one above. */
static void
what_is_waited_for_has_bounds_of_its_own(void **state)
{
	struct buf b = {0};
	struct got g;
	size_t frame = strlen(ROSTER_OPEN ROSTER_CLOSE), item = strlen("<item jid='a'/>"), n, i;

	(void)state;
	for (n = ROSTER_ELEMENTS_MAX - 1; n <= ROSTER_ELEMENTS_MAX + 1; n++) {
		struct parser *p = after_header();

		buf_reset(&b);
		buf_puts(&b, ROSTER_OPEN);
		for (i = 2; i < n; i++)
			buf_puts(&b, "<item jid='a'/>");
		buf_puts(&b, ROSTER_CLOSE "<z/>");
		read_roster(p, b.data, b.len, 1 << 20, &g);
		assert_true(g.last == (n <= ROSTER_ELEMENTS_MAX) && g.skipped == !g.last);
		assert_string_equal(parser_element(p)->name, "z");
		assert_int_equal(parser_counts(p)->skipped, g.skipped);
		parser_free(p);
	}
	for (n = ROSTER_BYTES_MAX - 1; n <= ROSTER_BYTES_MAX + 1; n++) {
		struct parser *p = after_header();

		buf_reset(&b);
		buf_puts(&b, ROSTER_OPEN);
		while (b.len + item + 1000 + frame < n) {
			buf_puts(&b, "<item jid='a'/>");
			for (i = 0; i < 900; i++)
				buf_putc(&b, ' ');
		}
		while (b.len < n - strlen(ROSTER_CLOSE))
			buf_putc(&b, ' ');
		buf_puts(&b, ROSTER_CLOSE);
		assert_int_equal(b.len, n);
		buf_puts(&b, "<z/>");
		read_roster(p, b.data, b.len, 1 << 20, &g);
		assert_true(g.last == (n <= ROSTER_BYTES_MAX) && g.skipped == !g.last);
		assert_string_equal(parser_element(p)->name, "z");
		parser_free(p);
	}
	buf_clear(&b);
}

/* Of the 65,536 bytes that any stanza may have, one more or less. */
static void
it_makes_no_difference_where_a_roster_passes_the_bounds_of_a_stanza(void **state)
{
	struct buf b = {0};
	struct got g;
	size_t n, i, step;

	(void)state;
	for (n = STANZA_BYTES_MAX - 1; n <= STANZA_BYTES_MAX + 1; n++) {
		for (step = 1; step < 1 << 20; step *= 1024) {
			struct parser *p = after_header();

			buf_reset(&b);
			buf_puts(&b, ROSTER_OPEN "<item jid='a'/>");
			for (i = b.len + strlen("<item jid='b'/>" ROSTER_CLOSE); i < n; i++)
				buf_putc(&b, ' ');
			buf_puts(&b, "<item jid='b'/>" ROSTER_CLOSE);
			assert_int_equal(b.len, n);
			read_roster(p, b.data, b.len, step, &g);
			assert_int_equal(g.status, 1);
			assert_true(g.last == (n > STANZA_BYTES_MAX));
			if (g.last)
				assert_string_equal(g.jids, "ab");
			parser_free(p);
		}
	}
	buf_clear(&b);
}

static void
a_contact_is_no_larger_than_a_stanza_or_two(void **state)
{
	const char *head = GOT_HEADER " ?" ROSTER_HEAD, *got;

	(void)state;
	got = reads(ROSTER_OPEN "<item>", "<group>g</group>", 200, "</item>" ROSTER_CLOSE);
	assert_null(strchr(got, '!'));
	got = reads(ROSTER_OPEN "<item>", "<group>g</group>", 400, "</item>" ROSTER_CLOSE);
	assert_memory_equal(got, head, strlen(head));
	assert_non_null(strstr(got, " =" ROSTER_HEAD_WITH));
	got = reads(ROSTER_OPEN "<item>", "<group>g</group>", 600, "</item>" ROSTER_CLOSE);
	assert_string_equal(got, GOT_HEADER " ?" ROSTER_HEAD " !" ROSTER_HEAD " <z></> skipped 1");
	/* nor is what is between two of them */
	got = reads(ROSTER_OPEN, " ", 3 * STANZA_BYTES_MAX, ROSTER_CLOSE);
	assert_string_equal(got, GOT_HEADER " ?" ROSTER_HEAD " !" ROSTER_HEAD " <z></> skipped 1");
	/* nor a tag, nor its depth */
	got = reads(ROSTER_OPEN "<item name='", "x", 70000, "'/>" ROSTER_CLOSE);
	assert_string_equal(got, GOT_HEADER " ?" ROSTER_HEAD " !" ROSTER_HEAD " <z></> skipped 1");
	got = reads(ROSTER_OPEN ROSTER_ITEM, "<i/>", 300,
	    "<i><i><i><i><i><i><i><i><i><i><i><i><i><i><i/></i></i></i></i></i></i></i></i></i></i></i></i></i></i>" ROSTER_CLOSE);
	assert_non_null(strstr(got, " !" ROSTER_HEAD " <z></> skipped 1"));
}

/* A child behind the first is no part of a roster, and has to fit into what is left. */
static void
what_is_behind_the_roster_is_in_its_last_portion(void **state)
{
	const char *got;

	(void)state;
	got = reads(ROSTER_OPEN, "<i/>", 300, "</query><x xmlns='urn:x'><i/></x></iq>");
	assert_non_null(strstr(got, "<i></></><{urn:x}x><i></></></> <z></>"));
	got = reads(ROSTER_OPEN "<i/></query><query xmlns='jabber:iq:roster'>", "<j/>", 300, ROSTER_CLOSE);
	assert_memory_equal(got,
	    GOT_HEADER " ?" ROSTER_HEAD " =" ROSTER_HEAD_WITH "<i></></><{jabber:iq:roster}query><j>",
	    strlen(GOT_HEADER " ?" ROSTER_HEAD " =" ROSTER_HEAD_WITH "<i></></><{jabber:iq:roster}query><j>"));
	got = reads(ROSTER_OPEN "</query>", "<x><y/></x>", 1000, "</iq>");
	assert_string_equal(got, GOT_HEADER " ?" ROSTER_HEAD " !" ROSTER_HEAD " <z></> skipped 1");
}

static void
names_and_prefixes_are_those_of_its_tags(void **state)
{
	const char *got;
	size_t n;

	(void)state;
	got = reads("<iq\ttype='result'><r:query xmlns:r='jabber:iq:roster'\n>", "<r:item r:jid='a'/>", 600,
	    "</r:query ></iq>");
	for (n = 0; (got = strstr(got, "<iq type=result><{jabber:iq:roster}query>")) != NULL; got++)
		n++;
	assert_int_equal(n, 4); /* its beginning, twice 256 with 255 of them and the rest */
}

static void
a_roster_that_breaks_in_the_middle_never_ends(void **state)
{
	const char *got;

	(void)state;
	/* a namespace that isn't declared: what follows it can be read */
	got = reads(ROSTER_OPEN ROSTER_ITEM, "<i/>", 600, "<x:i/>" ROSTER_CLOSE);
	assert_null(strstr(got, " ="));
	assert_non_null(strstr(got, " ~"));
	assert_non_null(strstr(got, " !" ROSTER_HEAD " <z></> skipped 1"));
	/* what is not XML ends the stream */
	got = reads(ROSTER_OPEN, "<i/>", 600, "<i></j>" ROSTER_CLOSE);
	assert_non_null(strstr(got, " dead: "));
	assert_null(strstr(got, " ="));
	got = reads(ROSTER_OPEN, "<i/>", 600, "</query></message>");
	assert_non_null(strstr(got, " dead: "));
	assert_null(strstr(got, " ="));
	got = reads(ROSTER_OPEN, "<i/>", 600, "<!DOCTYPE x>");
	assert_non_null(strstr(got, " dead: "));
}

static void
a_roster_cut_off_is_forgotten(void **state)
{
	struct parser *p = after_header();
	struct buf b = {0};
	enum parser_item item;
	struct got g;
	size_t used;

	(void)state;
	buf_puts(&b, ROSTER_OPEN);
	put_contacts(&b, 1000, false);
	read_roster(p, b.data, b.len, 1000, &g);
	assert_true(g.portions > 3 && !g.last);
	parser_reset(p);
	assert_int_equal(parser_push(p, HEADER, strlen(HEADER), &used, &item), 1);
	assert_int_equal(parser_push(p, "<z/>", 4, &used, &item), 1);
	assert_int_equal(item, PARSER_ELEMENT);
	/* and the next large one is asked for anew */
	buf_puts(&b, ROSTER_CLOSE);
	assert_int_equal(parser_push(p, b.data, b.len, &used, &item), 1);
	assert_int_equal(item, PARSER_LARGE);
	assert_int_equal(parser_push(p, b.data + used, b.len - used, &used, &item), 0);
	parser_free(p);
	buf_clear(&b);
}

static void
one_that_was_admitted_says_nothing_about_the_next(void **state)
{
	struct parser *p = after_header();
	struct buf b = {0};
	enum parser_item item;
	struct got g;
	size_t used, k;

	(void)state;
	buf_puts(&b, ROSTER_OPEN);
	put_contacts(&b, 1000, false);
	buf_puts(&b, ROSTER_CLOSE "<z/>");
	for (k = 0; k < 3; k++) {
		read_roster(p, b.data, b.len, 5000, &g);
		has_all(&g, 1000);
	}
	assert_int_equal(parser_push(p, b.data, b.len, &used, &item), 1);
	assert_int_equal(item, PARSER_LARGE);
	k = used;
	assert_int_equal(parser_push(p, b.data + k, b.len - k, &used, &item), 1);
	assert_int_equal(item, PARSER_ELEMENT);
	assert_int_equal(parser_counts(p)->skipped, 1);
	parser_free(p);
	buf_clear(&b);
}

static void
every_allocation_may_fail(void **state)
{
	struct buf b = {0};
	struct parser *p;
	struct got g;
	unsigned long n;
	int odd;

	(void)state;
	for (odd = 0; odd < 2; odd++) {
		buf_reset(&b);
		buf_puts(&b, ROSTER_OPEN);
		put_contacts(&b, 600, odd == 1);
		buf_puts(&b, ROSTER_CLOSE "<z/>");
		for (n = 1;; n++) {
			p = after_header();
			mem_fail_at(n);
			read_roster(p, b.data, b.len, 10000, &g);
			if (mem_fail_at(0) < n)
				break;
			assert_true(g.status == ERR_NOMEM || g.last);
			assert_true(g.status != ERR_NOMEM || !g.last);
			parser_free(p);
		}
		has_all(&g, 600);
		parser_free(p);
		assert_true(n > 10);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_thousand_contacts_are_read_in_little_memory),
		TEST_SHOWN(what_is_not_waited_for_is_skipped),
		TEST_SHOWN(of_what_can_never_be_admitted_the_beginning_is_said),
		TEST_SHOWN(nothing_is_said_of_what_has_no_beginning),
		cmocka_unit_test(what_is_waited_for_has_bounds_of_its_own),
		cmocka_unit_test(it_makes_no_difference_where_a_roster_passes_the_bounds_of_a_stanza),
		TEST_ADMITTED(a_contact_is_no_larger_than_a_stanza_or_two),
		TEST_ADMITTED(what_is_behind_the_roster_is_in_its_last_portion),
		TEST_ADMITTED(names_and_prefixes_are_those_of_its_tags),
		TEST_ADMITTED(a_roster_that_breaks_in_the_middle_never_ends),
		cmocka_unit_test(a_roster_cut_off_is_forgotten),
		cmocka_unit_test(one_that_was_admitted_says_nothing_about_the_next),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
