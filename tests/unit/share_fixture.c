/* Names by number, long texts, and who pings. */
#include "share_fixture.h"

#include <stdio.h>
#include <string.h>

const char *
numbered(const char *before, unsigned n, const char *behind)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%u%s", before, n, behind);
	return kept(text);
}

const char *
long_text(size_t len)
{
	static char text[70000];

	assert_true(len < sizeof(text));
	memset(text, 'x', len);
	text[len] = '\0';
	return kept(text);
}

void
pings_with(const char *bare, const char *id)
{
	struct event ev = { .kind = EVENT_REQUEST, .from = {bare, "x"}, .to = {ALICE_BRIDGE, NULL} };

	ev.request.id = id;
	ev.request.kind = REQUEST_PING;
	assert_int_equal(feeds_status(&ev), 0);
}

void
pings(const char *bare, unsigned n)
{
	while (n-- > 0)
		pings_with(bare, "r");
}
