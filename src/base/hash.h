/*
 * SipHash-2-4: a keyed hash for tables that hold peers' strings (THREATS 20)
 * and for the digest that says whether an item changed.
 */
#ifndef PP_BASE_HASH_H
#define PP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_KEY_LEN 16

uint64_t hash_bytes(const uint8_t key[HASH_KEY_LEN], const void *data, size_t len);

#endif
