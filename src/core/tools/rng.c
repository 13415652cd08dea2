#include "core/tools/rng.h"

#include <string.h>

#define ROTL(x, n) (((x) << (n)) | ((x) >> (32 - (n))))

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

static uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void
quarter(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = ROTL(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = ROTL(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = ROTL(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = ROTL(x[b] ^ x[c], 7);
}

static void
refill(struct rng *r)
{
	uint32_t x[16], v;
	int i;

	memcpy(x, r->state, sizeof(x));
	for (i = 0; i < 10; i++) {
		quarter(x, 0, 4, 8, 12);
		quarter(x, 1, 5, 9, 13);
		quarter(x, 2, 6, 10, 14);
		quarter(x, 3, 7, 11, 15);
		quarter(x, 0, 5, 10, 15);
		quarter(x, 1, 6, 11, 12);
		quarter(x, 2, 7, 8, 13);
		quarter(x, 3, 4, 9, 14);
	}
	for (i = 0; i < 16; i++) {
		v = x[i] + r->state[i];
		r->block[4 * i] = (uint8_t)v;
		r->block[4 * i + 1] = (uint8_t)(v >> 8);
		r->block[4 * i + 2] = (uint8_t)(v >> 16);
		r->block[4 * i + 3] = (uint8_t)(v >> 24);
	}
	if (++r->state[12] == 0)
		r->state[13]++;
	r->used = 0;
}

void
rng_init(struct rng *r, const uint8_t seed[RNG_SEED_LEN])
{
	static const uint32_t sigma[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	int i;

	memset(r, 0, sizeof(*r));
	memcpy(r->state, sigma, sizeof(sigma));
	for (i = 0; i < 8; i++)
		r->state[4 + i] = load32(seed + 4 * i);
	r->used = sizeof(r->block);
}

void
rng_bytes(struct rng *r, void *out, size_t len)
{
	uint8_t *p = out;

	while (len-- > 0) {
		if (r->used == sizeof(r->block))
			refill(r);
		*p++ = r->block[r->used];
		r->block[r->used++] = 0;
	}
}

uint64_t
rng_below(struct rng *r, uint64_t bound)
{
	uint64_t v, limit;

	if (bound == 0)
		return 0;
	/* Values above the last multiple of BOUND would favour the small ones. */
	limit = UINT64_MAX - UINT64_MAX % bound;
	do
		rng_bytes(r, &v, sizeof(v));
	while (v >= limit);
	return v % bound;
}

void
rng_word(struct rng *r, char *out, size_t len)
{
	uint8_t b;
	size_t i;

	for (i = 0; i < len; i++) {
		rng_bytes(r, &b, 1);
		out[i] = alphabet[b & 31];
	}
	out[len] = '\0';
}
