/*
 * What can be seen of a configuration before libconfuse reads it: comments, whose
 * lines it counts wrongly, and what has no end, which it takes for the end of all
 * that is open, or for what stands far behind it.
 */
#ifndef PP_SYS_CONF_TEXT_H
#define PP_SYS_CONF_TEXT_H

#include <stddef.h>

/*
 * Comments become blanks: libconfuse 3.3 counts the line of some of them three
 * times, and what is wrong behind it would be said of a line that isn't there.
 */
void conf_text_blank_comments(char *s, size_t len);

/*
 * What has no end in the LEN bytes at S: a string (none goes on in the next line,
 * but behind a backslash), a comment, a brace.  NULL: nothing; otherwise what, in
 * words, *LINE, in which it begins, and *AT, how much of S can be read without it.
 */
const char *conf_text_unended(const char *s, size_t len, size_t *at, int *line);

/* The line in which WORD stands that was last read when line LAST was; LAST itself if it stands nowhere. */
int conf_text_line_of(const char *s, size_t len, const char *word, int last);

#endif
