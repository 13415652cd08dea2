/*
 * Where to connect to.
 */
#ifndef PP_WATCH_ADDRESS_H
#define PP_WATCH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_MAX 16
#define ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct addresses {
	char text[ADDRESS_MAX][ADDRESS_SIZE]; /* numeric */
	size_t n;
	bool loopback; /* every one of them is of this machine */
};

/*
 * Resolve HOST (a name or a number).  It may block.  Returns NULL, or why it
 * failed, in words.
 */
const char *address_resolve(struct addresses *a, const char *host);

/* 127.0.0.0/8, ::1, or the former inside IPv6. */
bool address_is_loopback(const char *numeric);

#endif
