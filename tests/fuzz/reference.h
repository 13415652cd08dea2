/* The other opinion on XML: expat, in namespace mode, straight into dumps (fuzz.h). */
#ifndef PP_TESTS_FUZZ_REFERENCE_H
#define PP_TESTS_FUZZ_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

struct reference;

struct reference *reference_new(void);
void reference_free(struct reference *r); /* accepts NULL */

/* False: it is not well-formed, now or before; nothing is read any more. */
bool reference_feed(struct reference *r, const char *data, size_t len);

size_t reference_depth(const struct reference *r);     /* open elements, the root among them */
size_t reference_elements(const struct reference *r);  /* below the root, ended */
const char *reference_last(const struct reference *r); /* dump of the last of these */
const char *reference_root(const struct reference *r); /* dump of the root's name and attributes */
size_t reference_root_at(const struct reference *r);   /* where its tag began */

#endif
