/*
 * A byte buffer that grows.  Appending never has to be checked one by one: the
 * first failure sticks in `failed` and later appends do nothing.
 */
#ifndef PP_BASE_BUF_H
#define PP_BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct buf {
	char *data; /* NUL-terminated whenever it is not NULL */
	size_t len;
	size_t cap;
	size_t max;  /* 0: no bound */
	bool failed; /* no memory, or `max` would have been passed */
};

/* A zeroed struct buf is an empty one; _clear frees and zeroes (keeping nothing). */
void buf_clear(struct buf *b);

/* Forget the contents and the failure, keep the memory. */
void buf_reset(struct buf *b);

void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s); /* NULL adds nothing */
void buf_putc(struct buf *b, char c);
void buf_putu(struct buf *b, uint64_t n); /* decimal */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drop the first N bytes. */
void buf_consume(struct buf *b, size_t n);

/* The contents as a string that the caller frees with mem_free(); NULL if failed.  B is empty after. */
char *buf_steal(struct buf *b);

/* Never NULL, for reading. */
const char *buf_text(const struct buf *b);

#endif
