/*
 * The board as a table for people: lines of text, at most so many columns wide.
 */
#ifndef PP_WATCH_TABLE_H
#define PP_WATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "watch/board.h"

#define TABLE_COLUMNS_MIN 20 /* rows of devices are not made narrower; a terminal cuts them */

struct table_style {
	size_t columns;
	size_t rows;	     /* 0: as many as it takes, printed once, no keys explained */
	size_t scroll;	     /* lines of the body to leave out at its top */
	bool colour;	     /* with SGR sequences */
	bool utf8;	     /* else ASCII */
	const char *account; /* clean */
	const char *clock;   /* the time of day, or "" */
	const char *notice;  /* clean; NULL: none */
	int64_t now;	     /* seconds since 1970 */
};

/*
 * Append the table to OUT: lines separated by '\n', none at the end, no
 * control character besides that and (with colour) SGR.
 *
 * Returns how far it can be scrolled at most; SCROLL beyond that counts as that.
 */
size_t table_draw(struct buf *out, const struct board *b, const struct table_style *style);

#endif
