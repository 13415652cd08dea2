/*
 * What becomes of the part of a stream that is under way, and how much of it may
 * come: a stanza's worth, a roster's in portions, or whatever there is, unread.
 * Owns where the portion began, and every bound of a part as a whole; never
 * holds a byte of it, and never decides whether it may be large: who pushes the
 * bytes does (parser_admit()).
 */
#ifndef PP_WIRE_COURSE_H
#define PP_WIRE_COURSE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/scan.h"

enum course_kind {
	COURSE_WHOLE,	    /* within the bounds, as far as it came */
	COURSE_ASKED,	    /* it passed them; all of it that came is held until the caller has decided */
	COURSE_IN_PORTIONS, /* it may be as large as a roster: what is held is its beginning and the portion */
	COURSE_PASSED_OVER
};

/* A zeroed one is that of a part which has not begun; only its kind is for others to set. */
struct course {
	enum course_kind kind;
	size_t portion;		 /* where the portion began, in bytes of the part */
	size_t portion_elements; /* the same in elements */
};

/* Does what S has seen of its part keep within the bounds?  What has not ENDED will be larger. */
bool course_holds(const struct course *c, const struct scan *s, bool ended);

/*
 * Have S stop where a bound is passed, wherever the pieces end in which the
 * stream comes.  Returns how many of LEN bytes it may read.
 */
size_t course_bound(const struct course *c, struct scan *s, size_t len);

/* Is what S has seen since the portion began worth one? */
bool course_fills(const struct course *c, const struct scan *s);

/* A portion ends, and the next begins, where S is. */
void course_portion(struct course *c, const struct scan *s);

#endif
