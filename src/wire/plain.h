/*
 * Stanzas as they mostly are, read without expat: names without prefixes (but
 * xml:lang), the five named entities, no comments, CDATA, processing
 * instructions or text between children.  What is read is what expat would
 * have read (a test compares them); for anything else it says no.  Owns what
 * plain is; never decides that something is wrong.
 */
#ifndef PP_WIRE_PLAIN_H
#define PP_WIRE_PLAIN_H

#include <stddef.h>

#include "base/arena.h"
#include "wire/xml.h"

/*
 * The element that LEN bytes at DATA are, from its `<` to its last `>`, inside
 * a root whose default namespace is NS ("" for none; borrowed).  The tree is
 * in A.  NULL: expat has to see to it, whether it is not plain, not
 * well-formed, too deep, or does not fit into A.
 */
struct xml *plain_read(struct arena *a, const char *ns, const char *data, size_t len);

#endif
