#include "wire/course.h"

#include "base/limits.h"

/* A portion of a large element ends with the first child behind the bounds of a stanza, which may be as large again. */
#define PORTION_BYTES_MAX (2 * STANZA_BYTES_MAX)
#define PORTION_ELEMENTS_MAX (2 * STANZA_ELEMENTS_MAX)

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
bytes_max(const struct course *c)
{
	return c->kind == COURSE_WHOLE ? STANZA_BYTES_MAX : least(ROSTER_BYTES_MAX, c->portion + PORTION_BYTES_MAX);
}

static size_t
elements_max(const struct course *c)
{
	return c->kind == COURSE_WHOLE ? STANZA_ELEMENTS_MAX :
					 least(ROSTER_ELEMENTS_MAX, c->portion_elements + PORTION_ELEMENTS_MAX);
}

bool
course_holds(const struct course *c, const struct scan *s, bool ended)
{
	return !s->wild && s->bytes + !ended <= bytes_max(c) && s->elements <= elements_max(c);
}

size_t
course_bound(const struct course *c, struct scan *s, size_t len)
{
	if (c->kind == COURSE_PASSED_OVER) {
		s->elements_max = 0;
		return len;
	}
	s->elements_max = elements_max(c);
	return least(len, s->inside ? bytes_max(c) - s->bytes : bytes_max(c));
}

bool
course_fills(const struct course *c, const struct scan *s)
{
	return s->bytes - c->portion >= STANZA_BYTES_MAX || s->elements - c->portion_elements >= STANZA_ELEMENTS_MAX;
}

void
course_portion(struct course *c, const struct scan *s)
{
	c->portion = s->bytes;
	c->portion_elements = s->elements;
}
