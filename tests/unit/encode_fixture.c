#include "encode_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "wire_fixture.h"

const struct encode_identity identity = {"presence.home.test", "polypresence", "0.1.0", NULL};
struct buf out;

int
fixture_teardown(void **state)
{
	(void)state;
	buf_clear(&out);
	return 0;
}

void
encodes(const struct action *act, const char *expected)
{
	struct stream *s = fixture_stream();
	const struct xml *x;

	buf_reset(&out);
	assert_int_equal(encode(&identity, act, &out), 0);
	assert_string_equal(buf_text(&out), expected);
	/* Whatever is pinned here has to be a stanza with both addresses. */
	x = fixture_stanza(s, buf_text(&out));
	assert_non_null(xml_attr(x, "from"));
	assert_non_null(xml_attr(x, "to"));
	stream_free(s);
}

void
is_invalid(const struct action *act)
{
	buf_reset(&out);
	buf_puts(&out, "before");
	assert_int_equal(encode(&identity, act, &out), ERR_INVALID);
	assert_string_equal(buf_text(&out), "before");
}
