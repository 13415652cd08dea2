/*
 * Mutations of markup, in the manner of script.h: elements and attributes are
 * left out, doubled, moved, wrapped, exchanged with another input's.  Bytes in
 * front of the first tag are left alone.
 */
#ifndef PP_TESTS_FUZZ_MARKUP_H
#define PP_TESTS_FUZZ_MARKUP_H

#include <stddef.h>
#include <stdint.h>

size_t markup_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t markup_cross(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed);

#endif
