/* The component's secret: a file, read when it is needed and wiped after (THREATS 21). */
#ifndef PP_SYS_SECRET_H
#define PP_SYS_SECRET_H

#include <stddef.h>

#define SECRET_MAX 1024

struct secret {
	char data[SECRET_MAX + 1];
	size_t len;
};

/*
 * Read the first line of PATH.  Refused: a file that others may read or that
 * the group or others may write, one that is empty, too long or no regular
 * file.  Returns 0, ERR_NOTFOUND, ERR_DENIED, ERR_INVALID or ERR_IO; then WHY
 * holds a sentence that names the file and what to do, and S is wiped.
 */
int secret_read(const char *path, struct secret *s, char *why, size_t whylen);

void secret_wipe(struct secret *s);

#endif
