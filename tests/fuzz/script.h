/*
 * Mutations of scripts.  To libFuzzer an input is bytes; where they are verbs
 * with arguments it does better with whole verbs, which are left out, doubled,
 * moved, exchanged with those of another script.
 */
#ifndef PP_TESTS_FUZZ_SCRIPT_H
#define PP_TESTS_FUZZ_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/* The length of the verb at DATA with its arguments, 1 to SIZE (which is not 0). */
typedef size_t verb_length(const uint8_t *data, size_t size);

/* In place, at most MAX bytes; returns the new size. */
size_t script_mutate(verb_length *length, uint8_t *data, size_t size, size_t max, unsigned seed);
/* The beginning of one, the end of the other, or something of B in the middle of A. */
size_t script_cross(verb_length *length, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out,
    size_t max, unsigned seed);

#endif
