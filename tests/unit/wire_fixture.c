#include "wire_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Push TEXT until an item comes; returns it, STREAM_NONE if none does. */
static enum stream_item
push(struct stream *s, const char *text)
{
	enum stream_item item = STREAM_NONE;
	size_t len = strlen(text), used;

	while (len > 0 && item == STREAM_NONE) {
		if (stream_push(s, text, len, &used, &item) < 0)
			fail_msg("the stream is dead: %s", stream_reason(s));
		text += used;
		len -= used;
	}
	return item;
}

struct stream *
fixture_stream(void)
{
	struct stream *s = stream_new("presence.home.test");
	struct buf out = {0};

	assert_non_null(s);
	assert_int_equal(stream_start(s, &out), 0);
	assert_int_equal(push(s,
			     "<?xml version='1.0'?>"
			     "<stream:stream xmlns='jabber:component:accept' "
			     "xmlns:stream='http://etherx.jabber.org/streams' "
			     "from='presence.home.test' id='s1'>"),
	    STREAM_HEADER);
	assert_int_equal(stream_handshake(s, "0000000000000000000000000000000000000000", &out), 0);
	assert_int_equal(push(s, "<handshake/>"), STREAM_OPEN);
	buf_clear(&out);
	return s;
}

const struct xml *
fixture_stanza(struct stream *s, const char *text)
{
	if (push(s, text) != STREAM_STANZA)
		fail_msg("no stanza: %s", text);
	return stream_stanza(s);
}
