/*
 * ChaCha20 (RFC 8439) as the core's only source of chance: unguessable ids and
 * jitter from a seed that came in as a value, so that a run can be repeated.
 */
#ifndef PP_CORE_TOOLS_RNG_H
#define PP_CORE_TOOLS_RNG_H

#include <stddef.h>
#include <stdint.h>

#define RNG_SEED_LEN 32
#define RNG_ID_LEN 26 /* of rng_word(): 130 bits, which nobody can guess */

struct rng {
	uint32_t state[16];
	uint8_t block[64];
	size_t used;
};

void rng_init(struct rng *r, const uint8_t seed[RNG_SEED_LEN]);
void rng_bytes(struct rng *r, void *out, size_t len);

/* Uniform in 0 .. BOUND - 1; 0 for a bound of 0. */
uint64_t rng_below(struct rng *r, uint64_t bound);

/* LEN characters of 5 bits each, lower-case letters and digits, and a NUL. */
void rng_word(struct rng *r, char *out, size_t len);

#endif
