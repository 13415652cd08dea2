/*
 * Text from the network, made fit for a terminal, and its width there.
 *
 * The widths are those of wcwidth(3): the program has set LC_CTYPE to a UTF-8
 * locale before anything here is called (watch/main.c).
 */
#ifndef PP_WATCH_TEXT_H
#define PP_WATCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Append S (NUL-terminated, meant to be UTF-8) to OUT, at most MAX bytes:
 *  - what isn't UTF-8, and control characters (ESC above all), become U+FFFD;
 *  - line breaks and tabs of every kind become a space, runs of spaces one,
 *    and those at both ends are dropped;
 *  - bidirectional controls, invisible characters and tags are dropped;
 *  - of many combining marks on one character the first three are kept.
 * The result is valid UTF-8 on one line and is cut between characters.
 */
void text_clean(struct buf *out, const char *s, size_t max);

/* The same as a string of its own, freed with mem_free(); NULL: no memory. */
char *text_dup_clean(const char *s, size_t max);

/* How many columns clean text takes. */
size_t text_width(const char *s);

/*
 * Append clean text S in exactly COLUMNS columns: padded with spaces, or cut
 * with an ellipsis.  Without UTF8 everything that isn't ASCII becomes `?`.
 */
void text_cell(struct buf *out, const char *s, size_t columns, bool utf8);

/* The same without padding: at most COLUMNS.  Returns the columns taken. */
size_t text_fit(struct buf *out, const char *s, size_t columns, bool utf8);

/* Append clean text between double quotes, `"` and `\` escaped by `\`. */
void text_quote(struct buf *out, const char *s);

/*
 * Decode the character at S, never beyond its NUL.  Returns the bytes it takes,
 * 0 at the end of S, and sets *C; a byte that isn't UTF-8 is TEXT_BAD.
 */
#define TEXT_BAD UINT32_MAX
size_t text_decode(const char *s, uint32_t *c);

/* Does S begin with WITH? */
bool text_starts(const char *s, const char *with);

#endif
