/*
 * Addresses: a prepared one is prepared to itself, and a bridge JID made of a
 * bare JID (XEP-0106) gives that bare JID back, however it was spelled.
 */
#include "base/jid.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"

static void
check_parts(const struct jid *j)
{
	size_t len = j->barelen + 1 + (j->resource != NULL ? strlen(j->resource) : 0), i, n;
	const unsigned char *s = (const unsigned char *)j->text;
	uint32_t cp;

	CHECK(strlen(j->text) == j->barelen);
	CHECK(j->locallen <= JID_PART_MAX);
	CHECK(j->domain == j->text + (j->locallen > 0 ? j->locallen + 1 : 0));
	CHECK(*j->domain != '\0' && strlen(j->domain) <= JID_PART_MAX);
	CHECK(strcmp(jid_domain(j->text), j->domain) == 0);
	CHECK(strpbrk(j->domain, "@/<>&'\" ") == NULL);
	CHECK(j->locallen == 0 || strcspn(j->text, "@/<>&'\": ") == j->locallen);
	CHECK(jid_is_bare(j) == (j->resource == NULL));
	CHECK(jid_is_domain(j) == (j->resource == NULL && j->locallen == 0));
	if (j->resource != NULL) {
		CHECK(j->resource == j->text + j->barelen + 1);
		CHECK(*j->resource != '\0' && strlen(j->resource) <= JID_PART_MAX);
	}
	for (i = 0; i < len; i += n) {
		if (i == j->barelen) {
			n = 1;
			continue;
		}
		n = fuzz_utf8(s + i, len - i, &cp);
		CHECK(n > 0);
		CHECK(cp >= 0x20 && (cp < 0x7f || cp > 0x9f));
	}
}

/* Without A-labels it is a prepared domain, of which there are none to take out. */
static void
check_domain(const struct jid *j)
{
	char work[JID_PART_MAX + 1], twice[JID_PART_MAX + 1], work_ascii[JID_PART_MAX + 1];
	const char *domain = jid_unicode_domain(j->domain, work);
	struct jid again;

	CHECK(jid_parse(&again, domain, strlen(domain)) == 0);
	CHECK(jid_is_domain(&again) && strcmp(again.text, domain) == 0);
	CHECK(strcmp(jid_unicode_domain(domain, twice), domain) == 0);
	CHECK(jid_same_domain(domain, j->domain));
	CHECK(strcmp(jid_ascii_domain(domain, work_ascii), jid_ascii_domain(j->domain, twice)) == 0);
}

/* From here on it is prepared, so preparing changes nothing. */
static void
check_again(const struct jid *j)
{
	struct buf full = {0};
	struct jid again;
	int status;

	jid_put_full(&full, j->text, j->resource);
	status = jid_parse(&again, full.data, full.len);
	CHECK(status == 0);
	CHECK(strcmp(again.text, j->text) == 0);
	CHECK((again.resource == NULL) == (j->resource == NULL));
	CHECK(j->resource == NULL || strcmp(again.resource, j->resource) == 0);
	buf_clear(&full);
}

static void
check_bridge(const struct jid *j)
{
	struct buf bridge = {0}, back = {0};
	struct jid parsed;
	bool ascii = true;
	size_t i;
	int status;

	jid_escape(&bridge, j->text);
	jid_unescape(&back, bridge.data, bridge.len);
	CHECK(strcmp(buf_text(&back), j->text) == 0);
	buf_puts(&bridge, "@presence.home.test");
	status = jid_parse(&parsed, bridge.data, bridge.len);
	/* From right to left, or with a mark behind an escape, it can't be: who is called so can't enrol. */
	for (i = 0; i < j->barelen; i++)
		ascii = ascii && (unsigned char)j->text[i] < 0x80;
	CHECK(status == 0 || status == ERR_LIMIT || (status == ERR_INVALID && !ascii));
	if (status == 0)
		CHECK(strcmp(parsed.text, bridge.data) == 0 || !ascii);
	buf_clear(&bridge);
	buf_clear(&back);
}

/*
 * ASCII takes a short cut past stringprep.  With soft hyphens, which preparing
 * takes out again (RFC 3454, table B.1), it can't: the same comes out.
 */
static void
check_short_cut(const char *s, size_t len)
{
	static struct jid plain, soft;
	const char *slash = len > 0 ? memchr(s, '/', len) : NULL, *first = len > 0 ? memchr(s, '@', len) : NULL;
	size_t bare = slash != NULL ? (size_t)(slash - s) : len, at = first != NULL ? (size_t)(first - s) : len, i;
	struct buf b = {0};
	int status;

	if (len > 600)
		return;
	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] >= 0x80 || s[i] == '\0')
			return;
	}
	for (i = 0; i < len; i++) {
		buf_putc(&b, s[i]);
		/* Behind the first of each part. */
		if (i == 0 || (i <= bare && i == at + 1) || i == bare + 1) {
			if (i < bare ? s[i] != '@' : i > bare)
				buf_puts(&b, "\xc2\xad");
		}
	}
	status = jid_parse(&plain, s, len);
	CHECK(jid_parse(&soft, buf_text(&b), b.len) == status);
	buf_clear(&b);
	if (status != 0)
		return;
	CHECK(strcmp(plain.text, soft.text) == 0 && plain.locallen == soft.locallen);
	CHECK((plain.resource == NULL) == (soft.resource == NULL));
	CHECK(plain.resource == NULL || strcmp(plain.resource, soft.resource) == 0);
}

/* Any text at all comes back, and the escaped form has nothing that a localpart may not. */
static void
check_escape(const char *text)
{
	struct buf escaped = {0}, back = {0};
	size_t len = strlen(text);
	char *copy = fuzz_copy(text, len);

	jid_escape(&escaped, text);
	CHECK(strpbrk(buf_text(&escaped), " \"&'/:<>@") == NULL);
	jid_unescape(&back, buf_text(&escaped), escaped.len);
	CHECK(strcmp(buf_text(&back), text) == 0);
	buf_reset(&back);
	jid_unescape(&back, copy, len);
	CHECK(back.len <= len);
	free(copy);
	buf_clear(&escaped);
	buf_clear(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size), *text;
	struct input in = input_of(data, size);
	struct jid j;

	switch (jid_parse(&j, copy, size)) {
	case 0:
		check_parts(&j);
		check_again(&j);
		check_domain(&j);
		check_bridge(&j);
		break;
	case ERR_INVALID:
		break;
	case ERR_LIMIT:
		CHECK(size > JID_PART_MAX / 18); /* no character becomes more than 18 */
		break;
	default:
		CHECK(false);
	}
	check_short_cut(copy, size);
	text = input_text(&in);
	check_escape(text);
	free(text);
	free(copy);
	return 0;
}
