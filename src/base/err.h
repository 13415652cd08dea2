/*
 * One table of errors for the whole program.
 *
 * A function that can fail returns 0 or one of these (all negative).  What a
 * peer does wrong is data, never an error of ours.
 */
#ifndef PP_BASE_ERR_H
#define PP_BASE_ERR_H

enum err {
	ERR_NOMEM = -1,	   /* memory could not be allocated */
	ERR_LIMIT = -2,	   /* a bound of base/limits.h, or of a caller's buffer, was reached */
	ERR_INVALID = -3,  /* the input is malformed */
	ERR_NOTFOUND = -4, /* there is no such thing */
	ERR_EXISTS = -5,   /* there is such a thing already */
	ERR_IO = -6,	   /* a file, a socket or the database failed */
	ERR_CORRUPT = -7,  /* stored data is damaged */
	ERR_VERSION = -8,  /* stored data was written by a newer version */
	ERR_DENIED = -9,   /* permission is missing */
	ERR_PROTOCOL = -10 /* the stream is unusable from here on */
};

/* The error in a few words, for logs and messages; never NULL. */
const char *err_text(int status);

#endif
