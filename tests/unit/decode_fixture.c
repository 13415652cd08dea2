#include "decode_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "wire_fixture.h"

struct stream *stream;
struct decoder *decoder;
struct event ev;

int
fixture_setup(void **state)
{
	(void)state;
	stream = fixture_stream();
	decoder = decoder_new();
	memset(&ev, 0xa5, sizeof(ev));
	return stream != NULL && decoder != NULL ? 0 : -1;
}

int
fixture_teardown(void **state)
{
	(void)state;
	stream_free(stream);
	decoder_free(decoder);
	return 0;
}

int
decoded(const char *stanza)
{
	return decode(decoder, fixture_stanza(stream, stanza), &ev);
}

void
means(enum event_kind kind, const char *stanza)
{
	assert_int_equal(decoded(stanza), DECODED_EVENT);
	assert_int_equal(ev.kind, kind);
}

void
means_nothing(const char *stanza)
{
	if (decoded(stanza) != DECODED_NOTHING)
		fail_msg("decoded: %s", stanza);
}

void
is_refused(const char *stanza)
{
	if (decoded(stanza) != DECODED_REFUSE)
		fail_msg("not refused: %s", stanza);
	assert_int_equal(ev.kind, EVENT_REQUEST);
	assert_int_equal(ev.request.kind, REQUEST_MALFORMED);
	assert_non_null(ev.request.why);
	assert_non_null(ev.request.id);
	assert_non_null(ev.from.bare);
}

void
is(const char *got, const char *expected)
{
	if (expected == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, expected);
	}
}

void
is_from(const char *bare, const char *resource)
{
	is(ev.from.bare, bare);
	is(ev.from.resource, resource);
}

/* An IQ answer of TYPE with CHILDREN from alice@home.test. */
struct answer_event *
answer(const char *type, const char *children)
{
	struct buf b = {0};

	buf_puts(&b, "<iq to='presence.home.test' from='alice@home.test' id='q9' type='");
	buf_puts(&b, type);
	buf_puts(&b, "'>");
	buf_puts(&b, children);
	buf_puts(&b, "</iq>");
	means(EVENT_ANSWER, buf_text(&b));
	buf_clear(&b);
	is(ev.answer.id, "q9");
	return &ev.answer;
}
