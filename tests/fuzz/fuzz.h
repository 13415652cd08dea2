/*
 * What the fuzz targets share.  A target is one file with LLVMFuzzerTestOneInput();
 * libFuzzer calls it (tests/fuzz/run), and replay.c does with the inputs kept in
 * corpus/, as part of `make check'.
 */
#ifndef PP_TESTS_FUZZ_FUZZ_H
#define PP_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/xml.h"

/* Always 0.  Aborts when something that must hold doesn't. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Mutators of a target's own (script.h, markup.h), and libFuzzer's, for them; replay.c has no use for either. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* Says what was claimed and where, and aborts. */
#define CHECK(claim) ((claim) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #claim))
void fuzz_fail(const char *file, int line, const char *claim) __attribute__((noreturn));

/* The input, taken from its beginning; behind its end there are zeros and empty texts. */
struct input {
	const uint8_t *at, *end;
};

struct input input_of(const uint8_t *data, size_t size);
bool input_ended(const struct input *in);
unsigned input_byte(struct input *in);
unsigned input_below(struct input *in, size_t n); /* 0 to n - 1, from one byte */

/* What is before the next NUL, in memory of exactly its size; free(3) it. */
char *input_text(struct input *in);

/* LEN bytes in memory of exactly that size, so that reading beyond it is noticed; free(3) it. */
char *fuzz_copy(const void *data, size_t len);

/* Append X and all below it, in a form in which different trees differ. */
void dump(struct buf *out, const struct xml *x);
/* Its parts, for who makes the same of something else. */
void dump_name(struct buf *out, const char *ns, const char *name);
void dump_attr(struct buf *out, const char *ns, const char *name, const char *value);
void dump_text(struct buf *out, const char *text, size_t len);
void dump_end(struct buf *out);

/* RFC 3629, for judging ours: the length of the character at S, 0 for none. */
size_t fuzz_utf8(const unsigned char *s, size_t len, uint32_t *cp);

#endif
