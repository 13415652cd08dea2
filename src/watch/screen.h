/*
 * The terminal: its alternate screen, its size, its keys.  There is one.
 */
#ifndef PP_WATCH_SCREEN_H
#define PP_WATCH_SCREEN_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Take the terminal on standard output over: alternate screen, no cursor, no
 * line wrap; keys one by one and without echo if standard input is a terminal.
 * It is given back by screen_close, and by exit(3).
 */
void screen_open(void);
void screen_close(void);

/* Rows and columns, 24 and 80 where the terminal doesn't say. */
void screen_size(size_t *rows, size_t *columns);

/*
 * Draw FRAME (lines separated by '\n') in place, at most as many lines as fit;
 * they have to leave the last column free, or it is lost.
 * Nothing is written if it is the frame drawn last.  0 or ERR_IO.
 */
int screen_draw(const struct buf *frame);

/* The next frame is drawn whatever it is. */
void screen_forget(void);

/*
 * The next key that was pressed: a character, SCREEN_UP, SCREEN_DOWN or
 * another SCREEN_; 0 if there is none.
 */
enum {
	SCREEN_UP = 256,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_OTHER
};
int screen_key(void);

#endif
