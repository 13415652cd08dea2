/* base/jid: preparation (RFC 6122, RFC 7622) and escaping (XEP-0106). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/jid.h"

/* What S of LEN bytes is prepared to, `bare` or `bare/resource`, or the error's text. */
static const char *
prepared_bytes(const char *s, size_t len)
{
	static struct buf b;
	struct jid j;
	char *exact = malloc(len > 0 ? len : 1); /* so that a tool sees a read behind its end */
	int status;

	memcpy(exact, s, len);
	status = jid_parse(&j, exact, len);
	free(exact);
	buf_clear(&b);
	if (status != 0)
		return err_text(status);
	assert_int_equal(strlen(j.text), j.barelen);
	assert_ptr_equal(j.domain, jid_domain(j.text));
	assert_int_equal(j.domain - j.text, j.locallen > 0 ? j.locallen + 1 : 0);
	assert_true(jid_is_bare(&j) == (j.resource == NULL));
	assert_true(jid_is_domain(&j) == (j.resource == NULL && j.locallen == 0));
	if (j.resource != NULL)
		assert_ptr_equal(j.resource, j.text + j.barelen + 1);
	jid_put_full(&b, j.text, j.resource);
	return b.data;
}

static const char *
prepared(const char *s)
{
	return prepared_bytes(s, strlen(s));
}

#define assert_prepares(in, out) assert_string_equal(prepared(in), out)
#define assert_refuses(in) assert_string_equal(prepared(in), err_text(ERR_INVALID))

static void
an_address_comes_apart_into_its_parts(void **state)
{
	(void)state;
	assert_prepares("alice@home.test/desk", "alice@home.test/desk");
	assert_prepares("alice@home.test", "alice@home.test");
	assert_prepares("home.test", "home.test");
	assert_prepares("home.test/a", "home.test/a");
	assert_prepares("home.test/a@b/c@d", "home.test/a@b/c@d");
	assert_prepares("alice@home.test/a b//", "alice@home.test/a b//");
	assert_prepares("a@localhost", "a@localhost");
	assert_prepares("a@[2001:db8::1]", "a@[2001:db8::1]");
	assert_prepares("a@192.0.2.1", "a@192.0.2.1");
	assert_prepares("alice\\40home.test@presence.home.test", "alice\\40home.test@presence.home.test");
}

static void
case_is_folded_but_not_in_a_resource(void **state)
{
	(void)state;
	assert_prepares("ALICE@HOME.Test/Desk", "alice@home.test/Desk");
	assert_prepares("AZ[\\]^_`{|}~!#$%()*+,-.;=?@AZ", "az[\\]^_`{|}~!#$%()*+,-.;=?@az");
}

static void
what_no_part_may_hold_is_refused(void **state)
{
	static const char local[] = "\"&':<> \x01\x1f\x7f", domain[] = "\"&'<> @!#$%()*+,;=?\\^`{|}~\x01\x7f",
			  resource[] = "\x01\t\n\x1f\x7f";
	char address[16];
	const char *p;

	(void)state;
	assert_refuses("a@b\xe3\x80\x82"
		       "c");
	assert_refuses("a@b\xef\xbd\xa1"
		       "c");
	assert_refuses("");
	assert_refuses("@");
	assert_refuses("/");
	assert_refuses("@home.test");
	assert_refuses("alice@");
	assert_refuses("alice@/desk");
	assert_refuses("/desk");
	assert_refuses("home.test/");
	assert_refuses("alice@home.test/");
	assert_refuses("a@b@c");
	assert_refuses("a@b@c/d");
	for (p = local; *p != '\0'; p++) {
		strcpy(address, "a?b@c");
		address[1] = *p;
		assert_refuses(address);
	}
	for (p = domain; *p != '\0'; p++) {
		strcpy(address, "a@b?c");
		address[3] = *p;
		assert_refuses(address);
	}
	for (p = resource; *p != '\0'; p++) {
		strcpy(address, "a@b/c?d");
		address[5] = *p;
		assert_refuses(address);
	}
	assert_string_equal(prepared_bytes("a\0b@c", 5), err_text(ERR_INVALID));
	assert_string_equal(prepared_bytes("a@b\0", 4), err_text(ERR_INVALID));
	assert_string_equal(prepared_bytes("a@b/\0", 5), err_text(ERR_INVALID));
	assert_string_equal(prepared_bytes("\xc3\xa9\0@b", 5), err_text(ERR_INVALID));
}

static void
a_dot_at_the_domains_end_is_dropped_and_labels_are_not_empty(void **state)
{
	(void)state;
	assert_prepares("alice@home.test.", "alice@home.test");
	assert_prepares("home.test./r", "home.test/r");
	assert_refuses("alice@.");
	assert_refuses("alice@home.test..");
	assert_refuses("alice@home..test");
	assert_refuses("alice@.test");
}

static void
other_scripts_are_prepared_by_their_profiles(void **state)
{
	(void)state;
	/* nodeprep folds and normalises: capital E with acute, and E with a combining one */
	assert_prepares("\xc3\x89ve@home.test", "\xc3\xa9ve@home.test");
	assert_prepares("E\xcc\x81ve@home.test", "\xc3\xa9ve@home.test");
	assert_prepares("stra\xc3\x9f"
			"e@home.test",
	    "strasse@home.test");
	/* the Kelvin sign is a K, full-width letters are letters */
	assert_prepares("\xe2\x84\xaa@home.test", "k@home.test");
	assert_prepares("alice@\xef\xbc\xa8ome.test", "alice@home.test");
	/* soft hyphen and zero width joiner are mapped to nothing */
	assert_prepares("al\xc2\xadice@home.test", "alice@home.test");
	/* resourceprep keeps the case, and a code point that was unassigned in 2002 */
	assert_prepares("a@b/\xc3\x89ve", "a@b/\xc3\x89ve");
	assert_prepares("a@b/\xf0\x9f\x93\xb1", "a@b/\xf0\x9f\x93\xb1");
	assert_prepares("A@B/\xf0\x9f\x93\xb1 X", "a@b/\xf0\x9f\x93\xb1 X");
}

static void
look_alikes_of_delimiters_do_not_survive_preparation(void **state)
{
	(void)state;
	/* full-width @ and / become the plain ones only after the address was taken apart */
	assert_refuses("alice\xef\xbc\xa0home.test@evil.test");
	assert_refuses("alice\xef\xbc\x8f@evil.test");
	assert_refuses("alice@home.test\xef\xbc\x8f"
		       "desk");
	assert_refuses("alice@home\xef\xbc\xa0test");
	assert_refuses("home.test\xef\xbc\xa0");
	/* nothing is left, or a blank */
	assert_refuses("\xc2\xad@home.test");
	assert_refuses("alice@\xc2\xad");
	assert_refuses("a\xc2\xa0@home.test");
	/* prohibited: right-to-left override, mixed direction, private use */
	assert_refuses("ali\xe2\x80\xae"
		       "ce@home.test");
	assert_refuses("a@b/x\xe2\x80\xaey");
	assert_refuses("\xd7\x90x@home.test");
	assert_refuses("a@b/\xee\x80\x80");
}

static void
bytes_that_are_not_utf8_are_refused(void **state)
{
	static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"};
	char address[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcat(strcpy(address, "a"), bad[i]);
		strcat(address, "@b");
		assert_refuses(address);
		strcat(strcpy(address, "a@b"), bad[i]);
		assert_refuses(address);
		strcat(strcpy(address, "a@b/"), bad[i]);
		assert_refuses(address);
	}
}

static void
a_part_has_at_most_1023_bytes(void **state)
{
	static char address[4 * JID_PART_MAX];
	const char *limit = err_text(ERR_LIMIT);
	struct jid j;

	(void)state;
	memset(address, 'x', sizeof(address));
	address[JID_PART_MAX] = '@';
	address[2 * JID_PART_MAX + 1] = '/';
	assert_int_equal(jid_parse(&j, address, JID_MAX), 0);
	assert_int_equal(strlen(j.text), 2 * JID_PART_MAX + 1);
	assert_int_equal(strlen(j.resource), JID_PART_MAX);
	assert_string_equal(prepared_bytes(address, JID_MAX + 1), limit);
	memset(address, 'x', sizeof(address));
	address[JID_PART_MAX + 1] = '@';
	assert_string_equal(prepared_bytes(address, JID_PART_MAX + 5), limit);
	assert_string_equal(prepared_bytes(address, JID_PART_MAX + 1), limit);
	/* A sharp s is two bytes before folding and after; the square apaato is three and becomes twelve. */
	memset(address, '\xc3', sizeof(address));
	for (size_t i = 1; i < 1022; i += 2)
		address[i] = '\x9f';
	memcpy(address + 1022, "@b", 2);
	assert_int_equal(jid_parse(&j, address, 1024), 0);
	assert_int_equal(j.locallen, 1022);
	for (size_t i = 0; i < 900; i += 3)
		memcpy(address + i, "\xe3\x8c\x80", 3);
	memcpy(address + 900, "@b", 2);
	assert_string_equal(prepared_bytes(address, 902), limit);
}

static void
preparing_twice_changes_nothing(void **state)
{
	static const char *const addresses[] = {
		"ALICE@HOME.Test./Desk",
		"\xc3\x89ve@\xc3\x89xample.test/\xc3\x89",
		"E\xcc\x81@b",
		"\xe2\x84\xaa@b/\xe2\x84\xaa",
	};
	char once[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		strcpy(once, prepared(addresses[i]));
		assert_string_not_equal(once, err_text(ERR_INVALID));
		assert_prepares(once, once);
	}
}

/* libidn composes these as Unicode once did, and what it makes of them otherwise again: a registry couldn't be read back. */
static void
what_would_be_another_name_the_next_time_is_none(void **state)
{
	static const char *const parts[] = {
		"\xe1\x84\x80\xcc\x80\xe1\x85\xa1\xcc\xa7", /* U+1100 U+0300 U+1161 U+0327 */
		"\xe0\xad\x87\xcc\x80\xe0\xac\xbe\xcc\xa7", /* U+0B47 U+0300 U+0B3E U+0327 */
	};
	char address[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(address, sizeof(address), "%s@b", parts[i]);
		assert_prepares(address, err_text(ERR_INVALID));
		snprintf(address, sizeof(address), "a@%s.test", parts[i]);
		assert_prepares(address, err_text(ERR_INVALID));
		snprintf(address, sizeof(address), "a@b/%s", parts[i]);
		assert_prepares(address, err_text(ERR_INVALID));
	}
	/* What stands alone composes once and for all. */
	assert_prepares("\xe1\x84\x80\xe1\x85\xa1@b", "\xea\xb0\x80@b");
}

static const char *
escaped(const char *s)
{
	static struct buf b;

	buf_reset(&b);
	jid_escape(&b, s);
	return buf_text(&b);
}

static const char *
unescaped(const char *s)
{
	static struct buf b;
	size_t len = strlen(s);
	char *exact = malloc(len > 0 ? len : 1);

	memcpy(exact, s, len);
	buf_reset(&b);
	jid_unescape(&b, exact, len);
	free(exact);
	return buf_text(&b);
}

/* XEP-0106, section 5 (Examples), and bridge JIDs. */
static void
escaping_is_that_of_xep_0106(void **state)
{
	static const struct {
		const char *plain, *escaped;
	} pairs[] = {
		{"alice@home.test", "alice\\40home.test"},
		{"space cadet", "space\\20cadet"},
		{"call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"},
		{"at&t guy", "at\\26t\\20guy"},
		{"d'artagnan", "d\\27artagnan"},
		{"/.fanboy", "\\2f.fanboy"},
		{"::foo::", "\\3a\\3afoo\\3a\\3a"},
		{"<foo>", "\\3cfoo\\3e"},
		{"user@host", "user\\40host"},
		{"c:\\net", "c\\3a\\net"},
		{"c:\\\\net", "c\\3a\\\\net"},
		{"c:\\cool stuff", "c\\3a\\cool\\20stuff"},
		{"c:\\5commas", "c\\3a\\5c5commas"},
		{"\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool"},
		{"\\5c", "\\5c5c"},
		{"a\\40b@home.test", "a\\5c40b\\40home.test"},
		{"\\2", "\\2"},
		{"\\", "\\"},
		{"", ""},
		{"\xc3\xa9@\xc3\xa9.test", "\xc3\xa9\\40\xc3\xa9.test"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_string_equal(escaped(pairs[i].plain), pairs[i].escaped);
		assert_string_equal(unescaped(pairs[i].escaped), pairs[i].plain);
	}
}

static void
what_is_no_escape_is_left_alone(void **state)
{
	(void)state;
	assert_string_equal(unescaped("a\\21b\\4\\"), "a\\21b\\4\\");
	assert_string_equal(unescaped("\\2F\\3A"), "\\2F\\3A");
	assert_string_equal(unescaped("\\\\40"), "\\@");
	/* but what case folding would make one is escaped */
	assert_string_equal(escaped("\\2F"), "\\5c2F");
}

static void
an_escaped_address_is_a_localpart_and_comes_back(void **state)
{
	static const char alphabet[] = " \"&'/:<>@\\25c0af3e4672xyzAF\xc3\xa9";
	unsigned seed = 1;
	char plain[12];
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		n = seed >> 16 & 7;
		for (k = 0; k < n; k++) {
			seed = seed * 1103515245 + 12345;
			plain[k] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		plain[n] = '\0';
		assert_string_equal(unescaped(escaped(plain)), plain);
		assert_null(strpbrk(escaped(plain), " \"&'/:<>@"));
	}
	assert_prepares("a\\5c40b\\40home.test@presence.home.test", "a\\5c40b\\40home.test@presence.home.test");
}

static const char *
in_unicode(const char *domain)
{
	static char work[JID_PART_MAX + 1];

	assert_prepares(domain, domain);
	return jid_unicode_domain(domain, work);
}

static void
an_a_label_and_what_it_stands_for_are_one_domain(void **state)
{
	static const char bare[] = "a@home.test";
	char account[JID_MAX + 1];

	(void)state;
	assert_string_equal(in_unicode("xn--bcher-kva.test"), "bücher.test");
	assert_string_equal(in_unicode("im.xn--bcher-kva.xn--r8jz45g"), "im.bücher.例え");
	assert_string_equal(in_unicode("xn--ls8h.test"), "💩.test"); /* unassigned in stringprep's Unicode */
	assert_string_equal(in_unicode("xn--bcher-kva.xn--strae-oqa.test"), "bücher.xn--strae-oqa.test");
	assert_true(jid_same_domain("xn--bcher-kva.test", "bücher.test"));
	assert_true(jid_same_domain("bücher.test", "xn--bcher-kva.test"));
	assert_true(jid_same_domain("xn--bcher-kva.test", "xn--bcher-kva.test"));
	assert_true(jid_same_domain("home.test", "home.test"));
	assert_false(jid_same_domain("xn--bcher-kva.test", "bucher.test"));
	assert_false(jid_same_domain("xn--bcher-kva.test", "bücher.tést"));
	assert_true(jid_within_domain("a.xn--bcher-kva.test", "bücher.test"));
	assert_true(jid_within_domain("bücher.test", "xn--bcher-kva.test"));
	assert_false(jid_within_domain("abücher.test", "bücher.test"));
	assert_false(jid_within_domain("test", "bücher.test"));
	assert_true(jid_same_account("a@xn--bcher-kva.test", "a@bücher.test"));
	assert_string_equal(jid_ascii("é@bücher.test", account), "é@xn--bcher-kva.test");
	assert_string_equal(jid_ascii("bücher.test", account), "xn--bcher-kva.test");
	assert_string_equal(jid_ascii("a@im.bücher.例え", account), "a@im.xn--bcher-kva.xn--r8jz45g");
	assert_ptr_equal(jid_ascii(bare, account), bare);
	assert_false(jid_same_account("b@xn--bcher-kva.test", "a@bücher.test"));
	assert_false(jid_same_account("xn--bcher-kva.test", "a@bücher.test"));
}

static void
assert_stay(const char *const *domains, size_t n)
{
	char work[JID_PART_MAX + 1];
	size_t i;

	for (i = 0; i < n; i++)
		assert_ptr_equal(jid_unicode_domain(domains[i], work), domains[i]);
}

static void
what_is_no_a_label_stays_as_it_is(void **state)
{
	static const char *const none[] = { "home.test", "bücher.test", "xn--.test", "xn--a.test", /* no punycode */
		"xn--home-.test",	    /* of letters that need none */
		"xn--strae-oqa.test",	    /* ß, which nameprep makes ss: it isn't written so again */
		"xn--bcher-kva94195b.test", /* a ligature, likewise */
		"axn--bcher-kva.test",	    /* it isn't at the beginning */
		"xn--99999999999.test",	    /* beyond Unicode */
		"xn--bcher-kvaü.test",	    /* half and half */
		"xn--5dbqzzl.test" /* from right to left: right alone, and not before what goes the other way */ };

	(void)state;
	assert_stay(none, sizeof(none) / sizeof(none[0]));
}

/* A name that means a dot, an at sign or a slash would be another address. */
static void
no_a_label_stands_for_a_delimiter(void **state)
{
	static const char *const none[] = { "xn--ab-1u3n.test", "xn--ab-iw3n.test", "xn--ab-r13a.test",
		"xn--ab-yu3n.test" };

	(void)state;
	assert_stay(none, sizeof(none) / sizeof(none[0]));
}

static void
what_would_be_too_long_for_a_domain_stays(void **state)
{
	/* It stands for two hundred bytes. */
	static const char label[] = "xn--ls8haaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.";
	char domain[JID_PART_MAX + 1] = "", work[JID_PART_MAX + 1];
	unsigned i;

	(void)state;
	for (i = 0; i < 5; i++)
		strcat(domain, label);
	strcat(domain, "test");
	assert_int_equal(strlen(jid_unicode_domain(domain, work)), 5 * 201 + 4);
	memmove(domain + strlen(label), domain, strlen(domain) + 1);
	memcpy(domain, label, strlen(label));
	assert_ptr_equal(jid_unicode_domain(domain, work), domain);
}

static void
an_address_is_taken_as_people_type_it(void **state)
{
	static const struct {
		const char *typed, *is;
	} cases[] = {
		{" alice@home.test\r\n", "alice@home.test"},
		{"\talice@home.test/a b ", "alice@home.test/a b"},
		{"xmpp:alice@home.test", "alice@home.test"},
		{" XmpP:Alice@home.test?message;body=hi ", "alice@home.test"},
		{"alice@home.test/what?", "alice@home.test/what?"},
		{"xmpp@home.test", "xmpp@home.test"},
		{"xmpp:  alice@home.test", "alice@home.test"},
		{"<alice@home.test>", "alice@home.test"},
		{" <xmpp:alice@home.test?join> ", "alice@home.test"},
		{"mailto:alice@home.test", "ERR_INVALID"},
		{"<alice@home.test", "ERR_INVALID"},
		{"Alice <alice@home.test>", "ERR_INVALID"},
		{"<>", "ERR_INVALID"},
		{"xmpp: ", "ERR_INVALID"},
		{"xmpp:a%20b@home.test", "ERR_INVALID"},
		{"xmp:alice@home.test", "ERR_INVALID"},
		{"xmpp:", "ERR_INVALID"},
		{"", "ERR_INVALID"},
		{"  ", "ERR_INVALID"},
	};
	struct buf full = {0};
	struct jid j;
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		status = jid_parse_typed(&j, cases[i].typed);
		if (strcmp(cases[i].is, "ERR_INVALID") == 0) {
			assert_int_equal(status, ERR_INVALID);
			continue;
		}
		assert_int_equal(status, 0);
		buf_reset(&full);
		jid_put_full(&full, j.text, j.resource);
		assert_string_equal(buf_text(&full), cases[i].is);
	}
	buf_clear(&full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_a_label_and_what_it_stands_for_are_one_domain),
		cmocka_unit_test(what_is_no_a_label_stays_as_it_is),
		cmocka_unit_test(no_a_label_stands_for_a_delimiter),
		cmocka_unit_test(what_would_be_too_long_for_a_domain_stays),
		cmocka_unit_test(an_address_is_taken_as_people_type_it),
		cmocka_unit_test(an_address_comes_apart_into_its_parts),
		cmocka_unit_test(case_is_folded_but_not_in_a_resource),
		cmocka_unit_test(what_no_part_may_hold_is_refused),
		cmocka_unit_test(a_dot_at_the_domains_end_is_dropped_and_labels_are_not_empty),
		cmocka_unit_test(other_scripts_are_prepared_by_their_profiles),
		cmocka_unit_test(look_alikes_of_delimiters_do_not_survive_preparation),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(a_part_has_at_most_1023_bytes),
		cmocka_unit_test(preparing_twice_changes_nothing),
		cmocka_unit_test(what_would_be_another_name_the_next_time_is_none),
		cmocka_unit_test(escaping_is_that_of_xep_0106),
		cmocka_unit_test(what_is_no_escape_is_left_alone),
		cmocka_unit_test(an_escaped_address_is_a_localpart_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
