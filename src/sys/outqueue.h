/*
 * Bytes on their way to the server: appended whole stanza by whole stanza,
 * sent as the connection takes them, and bounded by two marks (F17).
 */
#ifndef PP_SYS_OUTQUEUE_H
#define PP_SYS_OUTQUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Full above the high mark, until the low one is reached. */
#define OUTQUEUE_HIGH_WATER (1024 * 1024)
#define OUTQUEUE_LOW_WATER (256 * 1024)

struct conn;

/* A zeroed one is empty. */
struct outqueue {
	struct buf bytes; /* append here */
	size_t sent;	  /* of them */
	bool full;
};

void outqueue_clear(struct outqueue *q);

/* Forget all that waits. */
void outqueue_reset(struct outqueue *q);

/* What waits, in bytes. */
size_t outqueue_len(const struct outqueue *q);

/*
 * Send what C takes now.  Returns 0, ERR_NOMEM (something could not be
 * appended, so the rest makes no sense either) or ERR_IO, see conn_reason().
 */
int outqueue_send(struct outqueue *q, struct conn *c);

#endif
