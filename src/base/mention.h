/*
 * Does a text tell an address to whoever reads it?  Both are compared as they
 * would be read: without what is not seen (blanks, controls, what Unicode calls
 * default-ignorable), case folded and composed as addresses are prepared, with
 * XEP-0106's escapes and those of URIs undone, and each label of the domain in
 * either of its forms.
 */
#ifndef PP_BASE_MENTION_H
#define PP_BASE_MENTION_H

#include <stdbool.h>
#include <stddef.h>

#define MENTION_TEXT_MAX 256

/*
 * Is the bare JID BARE, which is prepared, anywhere in the LEN bytes at TEXT, of
 * which MENTION_TEXT_MAX at most count?  If the text may have been CUT, a
 * beginning of it at the text's end is enough, of 16 bytes as they are compared.
 * True as well when there was no memory to compare them.  What is too long for an
 * address is told by nothing.
 */
bool mention_address(const char *text, size_t len, bool cut, const char *bare);

#endif
