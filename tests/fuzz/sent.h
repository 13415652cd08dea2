/* What the core says, as the server will read it. */
#ifndef PP_TESTS_FUZZ_SENT_H
#define PP_TESTS_FUZZ_SENT_H

#include "base/buf.h"
#include "core/action.h"
#include "wire/parse.h"

#define DOMAIN "presence.home.test"

/* A parser of what a stream like ours holds, behind its header; parser_free() it. */
struct parser *sent_parser(void);

bool is_stanza(const struct action *act);

/*
 * ACT, a stanza, in OUT and as the tree that it parses back to: with an address
 * of ours and one to go to (invariant 10).  NULL: it is larger than stanzas may be.
 */
const struct xml *check_sent(struct parser *p, struct buf *out, const struct action *act);

#endif
