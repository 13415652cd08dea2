/* UTF-8 (RFC 3629): one code point at a time, strictly. */
#ifndef PP_BASE_UTF8_H
#define PP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length (1 to 4) of the code point that the LEN bytes at S begin with,
 * which is put into *CP if that is not NULL; 0 when they don't begin with one:
 * cut short, overlong, a surrogate, beyond U+10FFFF, or LEN is 0.
 */
size_t utf8_next(const char *s, size_t len, uint32_t *cp);

#endif
