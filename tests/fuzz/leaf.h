/*
 * Stanzas for the targets of src/watch: text to a tree, with expat, as libstrophe
 * has it: a prefix of an attribute is lost, and of two of one name the last counts.
 */
#ifndef PP_TESTS_FUZZ_LEAF_H
#define PP_TESTS_FUZZ_LEAF_H

#include <stddef.h>

#include "watch/tree.h"

struct leaf;

/* The root element of TEXT; NULL if that is not well-formed. */
struct leaf *leaf_parse(const char *text, size_t len);
void leaf_free(struct leaf *root);

extern const struct tree leaf_tree;

#endif
