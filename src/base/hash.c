#include "base/hash.h"

#include <endian.h>
#include <string.h>

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void
two_rounds(struct sip *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->v0 += s->v1;
		s->v1 = ROTL(s->v1, 13) ^ s->v0;
		s->v0 = ROTL(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = ROTL(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = ROTL(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = ROTL(s->v1, 17) ^ s->v2;
		s->v2 = ROTL(s->v2, 32);
	}
}

uint64_t
hash_bytes(const uint8_t key[HASH_KEY_LEN], const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t k0 = load64(key), k1 = load64(key + 8), m;
	uint8_t last[8] = {0};
	size_t left = len;
	struct sip s = {
		0x736f6d6570736575ULL ^ k0,
		0x646f72616e646f6dULL ^ k1,
		0x6c7967656e657261ULL ^ k0,
		0x7465646279746573ULL ^ k1,
	};

	for (; left >= 8; left -= 8, p += 8) {
		m = load64(p);
		s.v3 ^= m;
		two_rounds(&s);
		s.v0 ^= m;
	}
	if (left > 0)
		memcpy(last, p, left);
	last[7] = (uint8_t)len;
	m = load64(last);
	s.v3 ^= m;
	two_rounds(&s);
	s.v0 ^= m;
	s.v2 ^= 0xff;
	two_rounds(&s);
	two_rounds(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
