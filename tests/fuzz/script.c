#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define VERBS_MAX 512

struct script {
	const uint8_t *data;
	size_t at[VERBS_MAX + 1]; /* where each verb begins, and the last one ends */
	size_t n;
};

static unsigned
rnd(unsigned *seed, size_t n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (unsigned)((*seed >> 8) % n);
}

static void
read_script(verb_length *length, struct script *s, const uint8_t *data, size_t size)
{
	size_t at = 0, len;

	s->data = data;
	for (s->n = 0; s->n < VERBS_MAX && at < size; s->n++) {
		s->at[s->n] = at;
		len = length(data + at, size - at);
		CHECK(len > 0);
		at += len < size - at ? len : size - at;
	}
	s->at[s->n] = at;
}

/* Append the verbs FROM to TO, as far as there is room. */
static void
put(uint8_t *out, size_t *len, size_t max, const struct script *s, size_t from, size_t to)
{
	size_t n = s->at[to] - s->at[from];

	if (n > max - *len)
		n = max - *len;
	memcpy(out + *len, s->data + s->at[from], n);
	*len += n;
}

/* Three parts of the script, of which the second is a few verbs. */
static void
choose(const struct script *s, unsigned *seed, size_t *from, size_t *to)
{
	*from = rnd(seed, s->n);
	*to = *from + 1 + rnd(seed, 1 + rnd(seed, 8));
	if (*to > s->n)
		*to = s->n;
}

static size_t
bytes(uint8_t *data, const struct script *s, unsigned *seed)
{
	size_t verb = rnd(seed, s->n), len = s->at[verb + 1] - s->at[verb];
	uint8_t *at = data + s->at[verb] + rnd(seed, len);

	switch (rnd(seed, 4)) {
	case 0:
		*at = (uint8_t)rnd(seed, 256);
		break;
	case 1:
		*at = (uint8_t)(*at + rnd(seed, 9) - 4);
		break;
	case 2:
		*at ^= (uint8_t)(1u << rnd(seed, 8));
		break;
	default: /* the same for all like it: another person in the whole of the script, say */
		for (verb = 0; verb < s->n; verb++) {
			if (data[s->at[verb]] == data[s->at[rnd(seed, s->n)]])
				data[s->at[verb + 1] - 1] = *at;
		}
	}
	return s->at[s->n];
}

size_t
script_mutate(verb_length *length, uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static struct script s;
	size_t from, to, where, len = 0, i;
	uint8_t *out;

	if (size == 0 || rnd(&seed, 3) == 0)
		return LLVMFuzzerMutate(data, size, max);
	read_script(length, &s, data, size);
	if (rnd(&seed, 2) == 0)
		return bytes(data, &s, &seed);
	out = malloc(max > 0 ? max : 1);
	CHECK(out != NULL);
	choose(&s, &seed, &from, &to);
	where = rnd(&seed, s.n + 1);
	switch (rnd(&seed, 5)) {
	case 0: /* leave out */
		put(out, &len, max, &s, 0, from);
		put(out, &len, max, &s, to, s.n);
		break;
	case 1: /* again, elsewhere */
		put(out, &len, max, &s, 0, where);
		put(out, &len, max, &s, from, to);
		put(out, &len, max, &s, where, s.n);
		break;
	case 2: /* a few times more */
		put(out, &len, max, &s, 0, to);
		for (i = rnd(&seed, 6); i > 0; i--)
			put(out, &len, max, &s, from, to);
		put(out, &len, max, &s, to, s.n);
		break;
	case 3: /* later */
		if (where < to)
			where = to;
		put(out, &len, max, &s, 0, from);
		put(out, &len, max, &s, to, where);
		put(out, &len, max, &s, from, to);
		put(out, &len, max, &s, where, s.n);
		break;
	default: /* a new one, of chance */
		put(out, &len, max, &s, 0, where);
		for (i = 4 + rnd(&seed, 8); i > 0 && len < max; i--)
			out[len++] = (uint8_t)rnd(&seed, 256);
		put(out, &len, max, &s, where, s.n);
	}
	memcpy(data, out, len);
	free(out);
	return len;
}

size_t
script_cross(verb_length *length, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out,
    size_t max, unsigned seed)
{
	static struct script sa, sb;
	size_t from, to, where, len = 0;

	read_script(length, &sa, a, alen);
	read_script(length, &sb, b, blen);
	where = rnd(&seed, sa.n + 1);
	put(out, &len, max, &sa, 0, where);
	if (sb.n > 0 && rnd(&seed, 2) == 0) {
		choose(&sb, &seed, &from, &to);
		put(out, &len, max, &sb, from, to);
		put(out, &len, max, &sa, where, sa.n);
	} else if (sb.n > 0) {
		put(out, &len, max, &sb, rnd(&seed, sb.n), sb.n);
	}
	return len;
}
