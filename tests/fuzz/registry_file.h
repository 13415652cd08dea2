/* The registry that the target `registry' opens: rows of hostile values, or damaged bytes, and what lies beside it. */
#ifndef PP_TESTS_FUZZ_REGISTRY_FILE_H
#define PP_TESTS_FUZZ_REGISTRY_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "fuzz.h"

extern char registry_path[96];
extern struct buf registry_template; /* a good one with a key that is always the same; empty until it is made */

/* The bytes of the file, or (SUFFIX) of one beside it. */
void registry_put(const char *suffix, const void *data, size_t len);

/* Make the template, in a directory that goes with the process. */
void registry_make(void);

void registry_remove(void);

/* From the template, as the input says. */
void registry_write_rows(struct input *in);
void registry_write_damage(struct input *in, unsigned how);

#endif
