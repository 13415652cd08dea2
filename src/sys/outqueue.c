#include "sys/outqueue.h"

#include "base/err.h"
#include "sys/conn.h"

void
outqueue_clear(struct outqueue *q)
{
	buf_clear(&q->bytes);
	q->sent = 0;
	q->full = false;
}

void
outqueue_reset(struct outqueue *q)
{
	buf_reset(&q->bytes);
	q->sent = 0;
	q->full = false;
}

size_t
outqueue_len(const struct outqueue *q)
{
	return q->bytes.len - q->sent;
}

int
outqueue_send(struct outqueue *q, struct conn *c)
{
	ssize_t n = 1;

	if (q->bytes.failed)
		return ERR_NOMEM;
	while (q->sent < q->bytes.len && n > 0) {
		n = conn_write(c, q->bytes.data + q->sent, q->bytes.len - q->sent);
		if (n > 0)
			q->sent += (size_t)n;
	}
	if (n < 0)
		return ERR_IO;
	/* Seldom, as the rest is moved to the front. */
	if (q->sent == q->bytes.len || q->sent >= OUTQUEUE_LOW_WATER) {
		buf_consume(&q->bytes, q->sent);
		q->sent = 0;
	}
	if (outqueue_len(q) >= OUTQUEUE_HIGH_WATER)
		q->full = true;
	else if (outqueue_len(q) <= OUTQUEUE_LOW_WATER)
		q->full = false;
	return 0;
}
