/*
 * How long to wait before the next attempt to connect: full jitter under a
 * bound that doubles with each failure up to a cap of its kind, and never less
 * than BACKOFF_MIN_MS (F7).
 */
#ifndef PP_SYS_BACKOFF_H
#define PP_SYS_BACKOFF_H

#include <stdint.h>

#define BACKOFF_MIN_MS 1000

/* Why there is no stream.  The names (backoff_name()) are what the log says as `reason'. */
enum link_reason {
	REASON_NONE,
	REASON_REFUSED,	       /* no connection: nobody listens, no route, no such name */
	REASON_TLS,	       /* no TLS, or a certificate that is not the server's */
	REASON_TIMEOUT,	       /* silence where an answer was due */
	REASON_CLOSED,	       /* the server closed the connection, or it broke */
	REASON_SHUTDOWN,       /* system-shutdown */
	REASON_CONFLICT,       /* conflict: the domain is connected already */
	REASON_NOT_AUTHORIZED, /* not-authorized: the secret is wrong */
	REASON_HOST_UNKNOWN,   /* host-unknown: the server doesn't know the component's domain */
	REASON_STREAM_ERROR,   /* any other stream error */
	REASON_PROTOCOL,       /* what came is no component stream */
	REASON_LOCAL,	       /* our own fault: memory, the secret's file */
	REASON_STOPPED	       /* we were told to */
};

const char *backoff_name(enum link_reason reason);

/* What a stream error condition means (RFC 6120, section 4.9.3). */
enum link_reason backoff_reason(const char *condition);

/*
 * Milliseconds to wait after FAILURES (1 or more) in a row, the last one of
 * kind REASON; RANDOM is any random number.
 */
uint32_t backoff_ms(enum link_reason reason, unsigned failures, uint32_t random);

#endif
