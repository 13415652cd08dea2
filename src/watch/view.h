/*
 * How the board reaches standard output: a table on a terminal, plain lines,
 * or JSON.
 */
#ifndef PP_WATCH_VIEW_H
#define PP_WATCH_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/board.h"

enum view_mode {
	VIEW_TABLE,
	VIEW_LINES,
	VIEW_JSON
};

struct view {
	enum view_mode mode;
	bool live;	     /* the table stays and is redrawn; else it is printed once */
	bool colour;	     /* table */
	bool utf8;	     /* what the terminal understands */
	bool terminal;	     /* standard output is one */
	const char *account; /* clean */

	/* Its own. */
	unsigned long change;
	int64_t drawn_at, expiry;
	size_t scroll, scroll_max;
	char notice[320];
	bool stale;
};

/* The live table takes the terminal over; view_close, or the end of the program, gives it back. */
void view_open(struct view *v);
void view_close(struct view *v);

/*
 * Show what changed on B until NOW (seconds since 1970).  ALL: also contacts
 * that have not answered.  0, ERR_IO or ERR_NOMEM.
 */
int view_update(struct view *v, struct board *b, int64_t now, bool all);

/* C is about to leave the board.  The same results. */
int view_gone(struct view *v, struct board_contact *c, int64_t now);

/* A line above the table (clean text; "" for none).  Elsewhere it does nothing. */
void view_notice(struct view *v, const char *text);

/* Do what was typed.  False: to leave. */
bool view_keys(struct view *v);

/* The window has another size, or something else wrote on it. */
void view_redraw(struct view *v);

#endif
