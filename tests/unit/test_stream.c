/* wire/stream: XEP-0114, section 3, whole and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/stream.h"

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' from='presence.home.test' id='3BF96D32'>"

static struct stream *s;
static struct buf said;	 /* what we sent */
static struct buf heard; /* what came, as text */
static size_t step;	 /* bytes a push */
static int last;
static bool admits; /* what is too large */

static void
starts(void)
{
	buf_reset(&said);
	buf_reset(&heard);
	last = 0;
	assert_int_equal(stream_start(s, &said), 0);
}

static int
setup(void **state)
{
	(void)state;
	s = stream_new("presence.home.test");
	admits = false;
	starts();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stream_free(s);
	buf_clear(&said);
	buf_clear(&heard);
	return 0;
}

/* The server says LEN bytes; the handshake is sent as soon as its header is here. */
static void
server_says_bytes(const char *bytes, size_t len)
{
	enum stream_item item;
	size_t n, used;

	while (len > 0 && last >= 0) {
		n = len < step ? len : step;
		last = stream_push(s, bytes, n, &used, &item);
		assert_true(last != 0 || used == n);
		assert_true((item == STREAM_NONE) == (last <= 0));
		assert_true((stream_stanza(s) != NULL) == (item >= STREAM_STANZA && item <= STREAM_SKIPPED));
		bytes += used;
		len -= used;
		switch (item) {
		case STREAM_NONE:
			break;
		case STREAM_HEADER:
			buf_printf(&heard, "header %s,", stream_id(s));
			assert_int_equal(stream_handshake(s, "32532c0f7dbf1253c095b18b18e36d38d94c1256", &said), 0);
			break;
		case STREAM_OPEN:
			buf_puts(&heard, "open,");
			break;
		case STREAM_STANZA:
			buf_printf(&heard, "%s,", stream_stanza(s)->name);
			break;
		case STREAM_LARGE:
			buf_printf(&heard, "large %s,", stream_stanza(s)->name);
			if (admits)
				stream_admit(s);
			break;
		case STREAM_PORTION:
			buf_puts(&heard, "portion,");
			break;
		case STREAM_LAST:
			buf_puts(&heard, "last,");
			break;
		case STREAM_SKIPPED:
			buf_printf(&heard, "skipped %s,", stream_stanza(s)->name);
			break;
		case STREAM_ERROR:
			buf_printf(&heard, "error %s (%s),", stream_error(s), stream_error_text(s));
			break;
		case STREAM_END:
			buf_puts(&heard, "end,");
			break;
		}
	}
	if (last < 0) {
		assert_int_equal(last, ERR_PROTOCOL);
		buf_printf(&heard, "dead: %s", stream_reason(s));
	}
}

static void
server_says(const char *text)
{
	server_says_bytes(text, strlen(text));
}

/* Run what the server says on a new stream, whole and in pieces. */
static void
assert_hears(const char *text, const char *what)
{
	static const size_t steps[] = {SIZE_MAX, 1, 7};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		step = steps[i];
		starts();
		server_says(text);
		assert_string_equal(buf_text(&heard), what);
	}
}

static void
we_begin_with_a_header_for_our_domain(void **state)
{
	struct stream *other = stream_new("a'&b");
	struct buf out = {0};

	(void)state;
	assert_string_equal(said.data,
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
	    "xmlns:stream='http://etherx.jabber.org/streams' to='presence.home.test'>");
	assert_int_equal(stream_start(other, &out), 0);
	assert_non_null(strstr(out.data, " to='a&apos;&amp;b'>"));
	buf_reset(&out);
	stream_close(other, &out);
	assert_string_equal(out.data, "</stream:stream>");
	stream_free(other);
	stream_free(NULL);
	buf_clear(&out);
}

static void
the_handshake_opens_the_stream(void **state)
{
	(void)state;
	assert_hears(HEADER "<handshake/>", "header 3BF96D32,open,");
	assert_non_null(strstr(said.data,
	    ">"
	    "<handshake>32532c0f7dbf1253c095b18b18e36d38d94c1256</handshake>"));
	assert_hears(HEADER "<handshake></handshake>", "header 3BF96D32,open,");
	assert_hears("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
		     "xmlns='jabber:component:accept' id='a&amp;b'><handshake xmlns='jabber:component:accept'/>",
	    "header a&b,open,");
}

static void
stanzas_follow_the_handshake_even_in_the_same_bytes(void **state)
{
	(void)state;
	assert_hears(HEADER "<handshake/><presence/>302<iq/> <message><body>x</body></message></stream:stream>",
	    "header 3BF96D32,open,presence,iq,message,end,");
	assert_true(stream_counts(s)->stray >= 1);
	/* what is no stanza is for the decoder to drop */
	assert_hears(HEADER "<handshake/><handshake/><x xmlns='urn:x'/>", "header 3BF96D32,open,handshake,x,");
}

static void
only_the_handshakes_answer_comes_before_the_stream_is_open(void **state)
{
	(void)state;
	assert_hears(HEADER "<presence/>", "header 3BF96D32,dead: a stanza before the handshake");
	assert_hears(HEADER "<handshake xmlns='jabber:client'/>",
	    "header 3BF96D32,dead: a stanza before the handshake");
	assert_hears(HEADER "<stream:features/>", "header 3BF96D32,dead: a stanza before the handshake");
	assert_hears(HEADER "302<!-- x --><handshake/>", "header 3BF96D32,open,");
}

static void
a_handshake_accepted_before_it_was_sent_is_no_handshake(void **state)
{
	static const char in[] = HEADER "<handshake/>";
	enum stream_item item;
	size_t used;

	(void)state;
	assert_int_equal(stream_push(s, in, strlen(in), &used, &item), 1);
	assert_int_equal(stream_push(s, in + used, strlen(in) - used, &used, &item), ERR_PROTOCOL);
	assert_int_equal(stream_handshake(s, "x", &said), ERR_INVALID);
	/* nor may it be sent before there is an id, or twice */
	starts();
	assert_int_equal(stream_handshake(s, "x", &said), ERR_INVALID);
	assert_string_equal(stream_id(s), "");
	assert_int_equal(stream_push(s, in, strlen(in), &used, &item), 1);
	assert_int_equal(stream_handshake(s, "x", &said), 0);
	assert_int_equal(stream_handshake(s, "x", &said), ERR_INVALID);
}

static void
a_stream_error_is_told_with_its_condition_and_text(void **state)
{
#define ERROR(inner) "<stream:error>" inner "</stream:error>"
#define XS "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
	(void)state;
	assert_hears(HEADER ERROR("<not-authorized " XS "/><text " XS ">Given token does not match</text>"),
	    "header 3BF96D32,error not-authorized (Given token does not match),");
	assert_hears(HEADER ERROR(
			 "<text " XS ">Component already connected</text><conflict " XS "/>") "</stream:stream>",
	    "header 3BF96D32,error conflict (Component already connected),dead: the stream has ended");
	assert_hears(HEADER "<handshake/>" ERROR("<x xmlns='urn:x'/><system-shutdown " XS "/>") "<iq/>",
	    "header 3BF96D32,open,error system-shutdown (),dead: the stream has ended");
	assert_hears(HEADER ERROR("<conflict/>"), "header 3BF96D32,error  (),");
	assert_hears(HEADER ERROR(""), "header 3BF96D32,error  (),");
	/* Prosody refuses an unknown host with a header that has no more than this. */
	assert_hears("<?xml version='1.0'?><stream:stream id='' version='1.0' xmlns='jabber:component:accept' "
		     "xmlns:stream='http://etherx.jabber.org/streams'>" ERROR("<host-unknown " XS "/>"),
	    "header ,error host-unknown (),");
	assert_hears("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>" ERROR("<host-unknown " XS "/>"),
	    "header ,error host-unknown (),");
	/* Only the streams namespace makes it one. */
	assert_hears(HEADER "<handshake/><error/>", "header 3BF96D32,open,error,");
}

static void
another_kind_of_stream_is_refused(void **state)
{
	(void)state;
	assert_hears("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' id='x'>",
	    "dead: not a component stream: the port is for clients or servers");
	assert_hears("<stream:stream xmlns:stream='urn:x' xmlns='jabber:component:accept' id='x'>",
	    "dead: not an XMPP stream");
	assert_hears("<html>", "dead: not an XMPP stream");
	assert_hears("HTTP/1.1 400 Bad Request\r\n\r\n", "dead: not XML");
	assert_hears(HEADER "<handshake/><!DOCTYPE x>", "header 3BF96D32,open,dead: a document type declaration");
	assert_hears(HEADER "<handshake/><iq></x>", "header 3BF96D32,open,dead: mismatched tag");
}

static void
a_dead_stream_takes_nothing_until_it_is_started_again(void **state)
{
	enum stream_item item;
	size_t used;

	(void)state;
	assert_hears(HEADER "<handshake/></stream:stream>", "header 3BF96D32,open,end,");
	assert_int_equal(stream_push(s, "<iq/>", 5, &used, &item), ERR_PROTOCOL);
	assert_int_equal(used, 0);
	assert_int_equal(item, STREAM_NONE);
	assert_hears(HEADER "<handshake/><iq/>", "header 3BF96D32,open,iq,");
	/* in the middle of anything, nothing is carried over */
	assert_hears(HEADER "<handshake/><iq><x", "header 3BF96D32,open,");
	assert_hears(HEADER "<handshake/><iq/>", "header 3BF96D32,open,iq,");
	assert_hears("<stream:str", "");
	assert_hears(HEADER "<handshake/><iq/>", "header 3BF96D32,open,iq,");
}

static void
a_stream_that_was_not_started_takes_nothing(void **state)
{
	struct stream *t = stream_new("presence.home.test");
	enum stream_item item;
	size_t used;

	(void)state;
	assert_int_equal(stream_push(t, HEADER, strlen(HEADER), &used, &item), ERR_PROTOCOL);
	assert_int_equal(used, 0);
	stream_free(t);
}

static void
a_handshake_that_has_no_room_is_still_to_be_sent(void **state)
{
	struct buf out = {.max = 8};
	enum stream_item item;
	size_t used;

	(void)state;
	assert_int_equal(stream_push(s, HEADER, strlen(HEADER), &used, &item), 1);
	assert_int_equal(stream_handshake(s, "x", &out), ERR_LIMIT);
	assert_int_equal(out.len, 0);
	out.max = 0;
	assert_int_equal(stream_handshake(s, "x", &out), 0);
	assert_int_equal(stream_push(s, "<handshake/>", 12, &used, &item), 1);
	assert_int_equal(item, STREAM_OPEN);
	buf_clear(&out);
}

static void
a_stanza_over_the_bounds_is_skipped_and_counted(void **state)
{
	struct buf b = {0};
	uint64_t skipped = stream_counts(s)->skipped, stanzas = stream_counts(s)->stanzas;
	int i;

	(void)state;
	buf_puts(&b, HEADER "<handshake/><message><body>");
	for (i = 0; i < 512 * 1024; i++)
		buf_putc(&b, '\n');
	buf_puts(&b, "</body></message><presence/>");
	assert_hears(b.data, "header 3BF96D32,open,large message,presence,");
	assert_int_equal(stream_counts(s)->skipped, skipped + 3);
	assert_int_equal(stream_counts(s)->stanzas, stanzas + 3);
	assert_int_equal(stream_counts(s)->bytes, 3 * b.len);
	buf_clear(&b);
}

static void
a_roster_that_is_waited_for_comes_in_portions(void **state)
{
	struct buf b = {0};
	uint64_t stanzas = stream_counts(s)->stanzas;
	int i;

	(void)state;
	buf_puts(&b, HEADER "<handshake/><iq><query>");
	for (i = 0; i < 600; i++)
		buf_puts(&b, "<item/>");
	buf_puts(&b, "</query></iq><presence/>");
	assert_hears(b.data, "header 3BF96D32,open,large iq,presence,");
	admits = true;
	assert_hears(b.data, "header 3BF96D32,open,large iq,portion,portion,last,presence,");
	assert_int_equal(stream_counts(s)->stanzas, stanzas + 9);
	/* what was admitted may be too large yet */
	buf_reset(&b);
	buf_puts(&b, HEADER "<handshake/><iq><query><item/>");
	for (i = 0; i < 600; i++)
		buf_puts(&b, "<x><y/></x>");
	buf_puts(&b, "<x><");
	for (i = 0; i < 70000; i++)
		buf_putc(&b, 'y');
	buf_puts(&b, "/></x></query></iq><presence/>");
	assert_hears(b.data, "header 3BF96D32,open,large iq,portion,portion,portion,portion,skipped iq,presence,");
	buf_clear(&b);
}

static void
nothing_large_is_said_before_the_handshake(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	admits = true;
	buf_puts(&b, HEADER "<iq><query>");
	for (i = 0; i < 600; i++)
		buf_puts(&b, "<item/>");
	buf_puts(&b, "</query></iq><a><b c='");
	for (i = 0; i < 70000; i++)
		buf_putc(&b, 'c');
	buf_puts(&b, "'/></a><handshake/>");
	assert_hears(b.data, "header 3BF96D32,open,");
	buf_clear(&b);
}

static void
every_allocation_may_fail(void **state)
{
	static const char in[] = HEADER "<handshake/><iq><x/></iq>";
	struct stream *t;
	struct buf out = {0};
	enum stream_item item = STREAM_NONE;
	unsigned long n;
	size_t at, used;
	int status;

	(void)state;
	for (n = 1; item != STREAM_STANZA; n++) {
		item = STREAM_NONE;
		buf_clear(&out);
		mem_fail_at(n);
		t = stream_new("presence.home.test");
		status = t != NULL ? stream_start(t, &out) : ERR_NOMEM;
		for (at = 0; at < strlen(in) && status >= 0; at += used) {
			status = stream_push(t, in + at, strlen(in) - at, &used, &item);
			if (item == STREAM_HEADER)
				status = stream_handshake(t, "x", &out);
		}
		mem_fail_at(0);
		assert_true(status == ERR_NOMEM || item == STREAM_STANZA);
		stream_free(t);
	}
	assert_true(n > 10);
	buf_clear(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(we_begin_with_a_header_for_our_domain),
		TEST(the_handshake_opens_the_stream),
		TEST(stanzas_follow_the_handshake_even_in_the_same_bytes),
		TEST(only_the_handshakes_answer_comes_before_the_stream_is_open),
		TEST(a_handshake_accepted_before_it_was_sent_is_no_handshake),
		TEST(a_stream_error_is_told_with_its_condition_and_text),
		TEST(another_kind_of_stream_is_refused),
		TEST(a_dead_stream_takes_nothing_until_it_is_started_again),
		TEST(a_stream_that_was_not_started_takes_nothing),
		TEST(a_handshake_that_has_no_room_is_still_to_be_sent),
		TEST(a_stanza_over_the_bounds_is_skipped_and_counted),
		TEST(a_roster_that_is_waited_for_comes_in_portions),
		TEST(nothing_large_is_said_before_the_handshake),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
