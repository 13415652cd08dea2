#include "base/jid.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <punycode.h>
#include <stringprep.h>

#include "base/err.h"
#include "base/utf8.h"

/* What an ASCII byte may be part of; UPPER is also what its lower case adds. */
enum {
	LOCAL = 1,
	DOMAIN = 2,
	RESOURCE = 4,
	UPPER = 0x20
};

/*
 * Local: RFC 6122, Appendix A.5 (no blank, control or "&'/:<>@).  Domain:
 * letters, digits, hyphen, dot; underscore, which real ones have; brackets and
 * colon for IP literals.  Resource: Appendix B.5, no control.  What isn't named
 * here, all that is not ASCII included, is nothing.
 */
static const unsigned char ascii[256] = {
	[' '] = RESOURCE,
	['!'] = LOCAL | RESOURCE,
	['"'] = RESOURCE,
	['#' ... '%'] = LOCAL | RESOURCE,
	['&' ... '\''] = RESOURCE,
	['(' ... ','] = LOCAL | RESOURCE,
	['-' ... '.'] = LOCAL | DOMAIN | RESOURCE,
	['/'] = RESOURCE,
	['0' ... '9'] = LOCAL | DOMAIN | RESOURCE,
	[':'] = DOMAIN | RESOURCE,
	[';'] = LOCAL | RESOURCE,
	['<'] = RESOURCE,
	['='] = LOCAL | RESOURCE,
	['>'] = RESOURCE,
	['?'] = LOCAL | RESOURCE,
	['@'] = RESOURCE,
	['A' ... 'Z'] = LOCAL | DOMAIN | RESOURCE | UPPER,
	['['] = LOCAL | DOMAIN | RESOURCE,
	['\\'] = LOCAL | RESOURCE,
	[']'] = LOCAL | DOMAIN | RESOURCE,
	['^'] = LOCAL | RESOURCE,
	['_'] = LOCAL | DOMAIN | RESOURCE,
	['`'] = LOCAL | RESOURCE,
	['a' ... 'z'] = LOCAL | DOMAIN | RESOURCE,
	['{' ... '~'] = LOCAL | RESOURCE,
};

static int
apply_profile(char *work, size_t size, unsigned part)
{
	const Stringprep_profile *profile = part == LOCAL ? stringprep_xmpp_nodeprep :
	    part == DOMAIN				  ? stringprep_nameprep :
							    stringprep_xmpp_resourceprep;

	/* Unassigned code points pass, as with the servers: people have emoji in their resources. */
	switch (stringprep(work, size, 0, profile)) {
	case STRINGPREP_OK:
		return 0;
	case STRINGPREP_TOO_SMALL_BUFFER:
		return ERR_LIMIT;
	case STRINGPREP_MALLOC_ERROR:
		return ERR_NOMEM;
	default:
		return ERR_INVALID;
	}
}

/* The whole of it, for parts that are not ASCII. */
static int
prepare(char *out, size_t *outlen, const char *s, size_t len, unsigned part)
{
	char work[JID_PART_MAX + 1], again[JID_PART_MAX + 1];
	size_t i, n;
	int status;

	for (i = 0; i < len; i += n) {
		n = utf8_next(s + i, len - i, NULL);
		if (n == 0 || s[i] == '\0')
			return ERR_INVALID;
	}
	memcpy(work, s, len);
	work[len] = '\0';
	status = apply_profile(work, sizeof(work), part);
	if (status != 0)
		return status;
	/*
	 * What would be another name the next time is none (Unicode Corrigendum 5:
	 * libidn composes as it was before); what comes out as it went in has been
	 * looked at.
	 */
	if (strlen(work) != len || memcmp(work, s, len) != 0) {
		memcpy(again, work, strlen(work) + 1);
		status = apply_profile(again, sizeof(again), part);
		if (status != 0)
			return status;
		if (strcmp(again, work) != 0)
			return ERR_INVALID;
	}
	/* A wide `@` or `/` has become a plain one by now, or nothing is left. */
	n = strlen(work);
	if (n == 0)
		return ERR_INVALID;
	for (i = 0; i < n; i++) {
		if ((unsigned char)work[i] < 0x80 && (ascii[(unsigned char)work[i]] & part) == 0)
			return ERR_INVALID;
	}
	memcpy(out, work, n);
	*outlen = n;
	return 0;
}

static int
put_part(char *out, size_t *outlen, const char *s, size_t len, unsigned part)
{
	unsigned char c, high = 0, may = (unsigned char)part, class;
	size_t i;

	if (len == 0)
		return ERR_INVALID;
	if (len > JID_PART_MAX)
		return ERR_LIMIT;
	if (part == RESOURCE) {
		for (i = 0; i < len; i++) {
			c = (unsigned char)s[i];
			high |= c;
			may &= ascii[c];
		}
		if (may != 0)
			memcpy(out, s, len);
	} else {
		for (i = 0; i < len; i++) {
			c = (unsigned char)s[i];
			class = ascii[c];
			high |= c;
			may &= class;
			out[i] = (char)(c | (class & UPPER));
		}
	}
	if (high >= 0x80)
		return prepare(out, outlen, s, len, part);
	if (may == 0)
		return ERR_INVALID;
	*outlen = len;
	return 0;
}

/* U+3002, to which nameprep maps the halfwidth one; the fullwidth one becomes a dot. */
static const char ideographic_stop[3] = "\xe3\x80\x82";

/*
 * Labels are not empty; one dot at the end means the same without it.  Nor are
 * there other full stops that stand for dots (RFC 3490, section 3.1): a domain
 * would have as many forms as it has dots.
 */
static int
trim_domain(const char *s, size_t *len)
{
	size_t i;

	if (s[*len - 1] == '.')
		--*len;
	if (*len == 0 || s[0] == '.' || s[*len - 1] == '.')
		return ERR_INVALID;
	for (i = 1; i < *len; i++) {
		if (s[i] == '.' && s[i - 1] == '.')
			return ERR_INVALID;
	}
	for (i = 0; i + sizeof(ideographic_stop) <= *len; i++) {
		if (memcmp(s + i, ideographic_stop, sizeof(ideographic_stop)) == 0)
			return ERR_INVALID;
	}
	return 0;
}

int
jid_parse(struct jid *j, const char *s, size_t len)
{
	const char *slash, *at;
	size_t barelen, n;
	/* cppcheck-suppress ctuuninitvar ; an address in it, not a value */
	char *out = j->text;
	int status;

	/* RFC 7622, section 3.1: what is behind the first slash comes off first, then the localpart. */
	slash = len > 0 ? memchr(s, '/', len) : NULL;
	barelen = slash != NULL ? (size_t)(slash - s) : len;
	at = barelen > 0 ? memchr(s, '@', barelen) : NULL;

	j->locallen = 0;
	if (at != NULL) {
		n = (size_t)(at - s);
		status = put_part(out, &j->locallen, s, n, LOCAL);
		if (status != 0)
			return status;
		out += j->locallen;
		*out++ = '@';
		s += n + 1;
		len -= n + 1;
		barelen -= n + 1;
	}
	j->domain = out;
	status = put_part(out, &n, s, barelen, DOMAIN);
	if (status == 0)
		status = trim_domain(out, &n);
	if (status != 0)
		return status;
	out += n;
	j->barelen = (size_t)(out - j->text);
	*out++ = '\0';
	j->resource = NULL;
	if (slash != NULL) {
		status = put_part(out, &n, slash + 1, len - barelen - 1, RESOURCE);
		if (status != 0)
			return status;
		out[n] = '\0';
		j->resource = out;
	}
	return 0;
}

static const char blanks[] = " \t\r\n";

static size_t
trimmed(const char *s, size_t len)
{
	while (len > 0 && strchr(blanks, s[len - 1]) != NULL)
		len--;
	return len;
}

int
jid_parse_typed(struct jid *j, const char *s)
{
	static const char scheme[] = "xmpp:";
	size_t len, n = 0;

	s += strspn(s, blanks);
	len = strlen(s);
	len = trimmed(s, len);
	if (len > 1 && s[0] == '<' && s[len - 1] == '>') {
		s++;
		len -= 2;
	}
	while (scheme[n] != '\0' && (s[n] == scheme[n] || (s[n] | UPPER) == scheme[n]))
		n++;
	if (scheme[n] == '\0') {
		len -= n;
		s += n;
		n = strspn(s, blanks);
		n = n < len ? n : len;
		s += n;
		len -= n;
		n = strcspn(s, "?");
		len = n < len ? n : len;
		/* Escapes would have to be undone; people don't type them. */
		if (memchr(s, '%', len) != NULL)
			return ERR_INVALID;
	}
	return jid_parse(j, s, trimmed(s, len));
}

int
jid_fold(char *s, size_t size)
{
	Stringprep_profile steps[8] = { {0} }; /* what nameprep and nodeprep have in common */
	const Stringprep_profile *p;
	bool high = false;
	size_t n = 0;
	char *at;

	for (at = s; *at != '\0'; at++) {
		high = high || (unsigned char)*at >= 0x80;
		*at = (char)(*at | (ascii[(unsigned char)*at] & UPPER));
	}
	if (!high)
		return 0;
	for (p = stringprep_nameprep; p->operation != 0 && n < sizeof(steps) / sizeof(steps[0]) - 1; p++) {
		if (p->operation == STRINGPREP_NFKC || p->operation == STRINGPREP_MAP_TABLE)
			steps[n++] = *p;
	}
	switch (stringprep(s, size, 0, steps)) {
	case STRINGPREP_OK:
		return 0;
	case STRINGPREP_TOO_SMALL_BUFFER:
		return ERR_LIMIT;
	default:
		return ERR_NOMEM;
	}
}

bool
jid_is_bare(const struct jid *j)
{
	return j->resource == NULL;
}

bool
jid_is_domain(const struct jid *j)
{
	return j->locallen == 0 && j->resource == NULL;
}

void
jid_put_full(struct buf *b, const char *bare, const char *resource)
{
	buf_puts(b, bare);
	if (resource != NULL) {
		buf_putc(b, '/');
		buf_puts(b, resource);
	}
}

const char *
jid_domain(const char *bare)
{
	const char *at = strchr(bare, '@');

	return at != NULL ? at + 1 : bare;
}

/* The dots of RFC 3490, section 3.1, that nameprep leaves: a name in which they stand has other labels. */
static bool
is_dot(uint32_t c)
{
	return c == 0x3002 || c == 0xff0e || c == 0xff61;
}

static size_t
put_utf8(char *out, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	for (i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xff) | c);
	return n;
}

/*
 * The name for which the A-label of LEN bytes at S stands, into OUT, which has
 * four bytes for each of its own; its length, 0 if it is none: ToUnicode of RFC
 * 3490, section 4.2, with the profile of jid_parse().  Only what would be
 * written so again counts.
 */
static size_t
unicode_label(char *out, const char *s, size_t len)
{
	uint32_t points[JID_LABEL_MAX];
	char prepared[JID_PART_MAX + 1], again[JID_LABEL_MAX];
	size_t npoints = JID_LABEL_MAX, nagain = sizeof(again), nprepared, n = 0, i;
	bool plain = true;

	if (len < 5 || len > JID_LABEL_MAX || memcmp(s, "xn--", 4) != 0)
		return 0;
	s += 4;
	len -= 4;
	if (punycode_decode(len, s, &npoints, points, NULL) != PUNYCODE_SUCCESS)
		return 0;
	for (i = 0; i < npoints; i++) {
		if (points[i] == 0 || points[i] > 0x10ffff || (points[i] >= 0xd800 && points[i] < 0xe000) ||
		    is_dot(points[i]))
			return 0;
		plain = plain && points[i] < 0x80;
		n += put_utf8(out + n, points[i]);
	}
	if (plain || prepare(prepared, &nprepared, out, n, DOMAIN) != 0 || nprepared != n ||
	    memcmp(prepared, out, n) != 0 ||
	    punycode_encode(npoints, points, NULL, &nagain, again) != PUNYCODE_SUCCESS || nagain != len ||
	    memcmp(again, s, len) != 0)
		return 0;
	return n;
}

size_t
jid_ascii_label(char *out, const char *s, size_t len)
{
	uint32_t points[JID_LABEL_MAX];
	size_t npoints = 0, n, nout = JID_LABEL_MAX - 4;
	bool plain = true;

	for (; len > 0; s += n, len -= n) {
		n = npoints < JID_LABEL_MAX ? utf8_next(s, len, &points[npoints]) : 0;
		if (n == 0)
			return 0;
		plain = plain && points[npoints] < 0x80;
		npoints++;
	}
	if (plain || punycode_encode(npoints, points, NULL, &nout, out + 4) != PUNYCODE_SUCCESS)
		return 0;
	memcpy(out, "xn--", 4);
	return 4 + nout;
}

const char *
jid_unicode_domain(const char *domain, char *work)
{
	char label[4 * JID_LABEL_MAX], prepared[JID_PART_MAX + 1];
	const char *s = domain;
	size_t len, n, used = 0;
	bool any = false;

	if (strstr(domain, "xn--") == NULL)
		return domain;
	for (;;) {
		len = strcspn(s, ".");
		n = unicode_label(label, s, len);
		if (used + (n > 0 ? n : len) + 1 > JID_PART_MAX)
			return domain;
		memcpy(work + used, n > 0 ? label : s, n > 0 ? n : len);
		used += n > 0 ? n : len;
		any = any || n > 0;
		s += len;
		if (*s == '\0')
			break;
		work[used++] = *s++;
	}
	work[used] = '\0';
	/* Names that are right alone may not stand together, from right to left and the other way. */
	if (!any || put_part(prepared, &n, work, used, DOMAIN) != 0 || n != used || memcmp(prepared, work, used) != 0)
		return domain;
	return work;
}

const char *
jid_ascii_domain(const char *domain, char *work)
{
	char label[JID_LABEL_MAX];
	const char *s = domain;
	size_t len, n, used = 0;

	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	if (*s == '\0')
		return domain;
	for (s = domain;;) {
		len = strcspn(s, ".");
		n = jid_ascii_label(label, s, len);
		if (used + (n > 0 ? n : len) + 1 > JID_PART_MAX)
			return domain;
		memcpy(work + used, n > 0 ? label : s, n > 0 ? n : len);
		used += n > 0 ? n : len;
		s += len;
		if (*s == '\0')
			break;
		work[used++] = *s++;
	}
	work[used] = '\0';
	return work;
}

const char *
jid_ascii(const char *jid, char *work)
{
	const char *domain = jid_domain(jid);
	char ascii_domain[JID_PART_MAX + 1];
	const char *other = jid_ascii_domain(domain, ascii_domain);

	if (other == domain)
		return jid;
	snprintf(work, JID_MAX + 1, "%.*s%s", (int)(domain - jid), jid, other);
	return work;
}

bool
jid_same_domain(const char *a, const char *b)
{
	char work_a[JID_PART_MAX + 1], work_b[JID_PART_MAX + 1];

	return strcmp(jid_ascii_domain(a, work_a), jid_ascii_domain(b, work_b)) == 0;
}

bool
jid_within_domain(const char *domain, const char *of)
{
	char work[JID_PART_MAX + 1], work_of[JID_PART_MAX + 1];
	size_t len, n;

	domain = jid_ascii_domain(domain, work);
	of = jid_ascii_domain(of, work_of);
	len = strlen(domain);
	n = strlen(of);
	return len >= n && strcmp(domain + len - n, of) == 0 && (len == n || domain[len - n - 1] == '.');
}

bool
jid_same_account(const char *a, const char *b)
{
	size_t local = (size_t)(jid_domain(a) - a);

	return local == (size_t)(jid_domain(b) - b) && memcmp(a, b, local) == 0 &&
	    jid_same_domain(a + local, b + local);
}
