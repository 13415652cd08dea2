/* What a link is, for its own files: link.c, and link_in.c, which reads from it. */
#ifndef PP_SYS_LINK_STATE_H
#define PP_SYS_LINK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/clock.h"
#include "sys/conn.h"
#include "sys/link_values.h"
#include "sys/liveness.h"
#include "sys/outqueue.h"
#include "wire/stream.h"

struct event;
struct event_base;

#define INPUT_BYTES (64 * 1024)

enum phase {
	STATE_OFF,
	STATE_WAITING,	  /* for the next attempt */
	STATE_CONNECTING, /* TCP and TLS */
	STATE_HEADER,	  /* our header is sent */
	STATE_HANDSHAKE,  /* our handshake is sent */
	STATE_OPEN,
	STATE_CLOSING /* our </stream:stream> is sent */
};

struct link {
	struct event_base *base;
	struct link_times times;
	struct link_conf conf;

	enum phase state;
	struct conn *conn;
	struct stream *stream;
	struct event *ev_read, *ev_write, *timer;
	bool reading;  /* ev_read is added */
	bool readable; /* the socket may have something */

	char *in;
	size_t inlen, inpos;
	struct outqueue out;

	uint64_t up_at, retry_at; /* monotonic */
	struct liveness alive;

	bool wanted; /* we end it ourselves, to make another one */
	bool down;   /* LINK_DOWN is to be told */
	struct link_failure failure;
	unsigned failures;
	char text[400];
};

static inline uint64_t
mono(void)
{
	struct instant now;

	clock_now(&now);
	return now.mono_ms;
}

/*
 * The end of an attempt or of a stream, for REASON unless that is what we were
 * waiting for; link_next() tells it, the timer begins the next one.
 */
void link_lose(struct link *l, enum link_reason reason, const char *text);

/* Without that the connection would stand still. */
bool link_wake_for(struct link *l, struct event *ev);

void link_set_timer(struct link *l, uint64_t ms);
void link_send_ping(struct link *l);

#endif
