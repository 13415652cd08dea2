/*
 * XMPP addresses (RFC 7622, with the stringprep profiles of RFC 6122 that the
 * servers apply) and their escaping (XEP-0106).
 */
#ifndef PP_BASE_JID_H
#define PP_BASE_JID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

/*
 * A prepared address.  `text` holds bare JID, NUL, resource, NUL: so that
 * `text` is the bare JID as a string and `resource` points behind it (or is
 * NULL).  `domain` points into `text`.  A plain value: copying needs jid_copy.
 */
struct jid {
	char text[JID_MAX + 2];
	const char *domain;   /* within text */
	const char *resource; /* within text, or NULL */
	size_t locallen;      /* 0: no localpart */
	size_t barelen;
};

/*
 * Prepare LEN bytes at S into J: nodeprep, nameprep, resourceprep; a trailing
 * dot of the domain is dropped.  ASCII takes a short cut without stringprep.
 * A domain's ASCII characters are letters, digits and `-._`, or those of an IP
 * literal.
 * Returns 0, ERR_INVALID (not an address: empty parts, `a@b@c`, bad UTF-8,
 * prohibited characters), ERR_LIMIT (a part longer than 1,023 bytes, before or
 * after preparation) or ERR_NOMEM; on failure J holds nothing useful.
 */
int jid_parse(struct jid *j, const char *s, size_t len);

/*
 * The same of an address as people type it, or copy it from a link (RFC 5122):
 * blanks and angle brackets around it, `xmpp:' before it with blanks behind that,
 * and a query behind it are none of it.
 */
int jid_parse_typed(struct jid *j, const char *s);

bool jid_is_bare(const struct jid *j);
bool jid_is_domain(const struct jid *j); /* neither localpart nor resource */

/* Append `bare` or `bare/resource`; RESOURCE may be NULL. */
void jid_put_full(struct buf *b, const char *bare, const char *resource);

/* The domain of a prepared bare JID: what is behind its `@`, or all of it. */
const char *jid_domain(const char *bare);

/*
 * A prepared domain with its A-labels as what they stand for (RFC 7622, section
 * 3.2.1): DOMAIN itself where there are none, or WORK, which has JID_PART_MAX + 1
 * bytes.  The servers keep the form of their own configuration, and know nobody
 * by the other: it is for what people type, but what a server has written is
 * written to it again as it was.  It is dear, too: jid_ascii_domain() is to compare.
 */
const char *jid_unicode_domain(const char *domain, char *work);

/* Are these two forms of one domain?  Is DOMAIN one below OF, or OF itself, whatever form either has? */
bool jid_same_domain(const char *a, const char *b);
bool jid_within_domain(const char *domain, const char *of);

/*
 * DOMAIN, a prepared one, with A-labels for all that isn't ASCII: itself, or WORK, which has JID_PART_MAX + 1 bytes.  What two
 * forms of one domain have in common, and cheap: what is ASCII already, whatever stands in it, is compared as it is.
 */
const char *jid_ascii_domain(const char *domain, char *work);

/* JID, a prepared bare one, with its domain so: itself, or WORK, which has JID_MAX + 1 bytes. */
const char *jid_ascii(const char *jid, char *work);

/* The same of two prepared bare JIDs: one account, in whatever form its domain is. */
bool jid_same_account(const char *a, const char *b);

/* DNS, RFC 1035, section 2.3.4. */
#define JID_LABEL_MAX 63

/*
 * The A-label of the LEN bytes at S, a label of a prepared domain, into OUT, which
 * has JID_LABEL_MAX bytes; its length, 0 if it has none.
 */
size_t jid_ascii_label(char *out, const char *s, size_t len);

/*
 * Map and compose S, which is UTF-8 and has SIZE bytes, as both parts of a bare
 * JID are, but with nothing prohibited: to compare texts.  Returns 0, ERR_LIMIT
 * or ERR_NOMEM.
 */
int jid_fold(char *s, size_t size);

/*
 * XEP-0106: append the escaped form of the localpart S (all of a bare JID for
 * a bridge JID), or undo it.  jid_unescape appends what the escapes stand for
 * and leaves sequences that are not escapes alone.  What was escaped comes back
 * as it was; but two localparts can unescape to the same (`a\b`, `a\5cb`), so
 * whoever reads a peer's compares the escaped form.
 */
void jid_escape(struct buf *b, const char *s);
void jid_unescape(struct buf *b, const char *s, size_t len);

#endif
