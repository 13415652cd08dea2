/*
 * Is the other side still there, and can it see that we are?  Decides when to
 * send a XEP-0199 ping, when to give up, and when to say anything at all, so
 * that a proxy between us can tell a silent process from a stopped one; sends
 * nothing itself and reads no clock.
 */
#ifndef PP_SYS_LIVENESS_H
#define PP_SYS_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

struct liveness {
	unsigned ping_ms, dead_ms, say_ms;
	uint64_t heard_at, said_at;
	char ping_id[20]; /* of the ping under way; "": none */
	bool works;	  /* a ping has come back at least once */
};

enum liveness_verdict {
	LIVENESS_FINE,
	LIVENESS_PING, /* send one, with liveness_ping() */
	LIVENESS_SAY,  /* send a blank (RFC 6120, section 4.6.1): nothing was sent for say_ms */
	LIVENESS_DEAD  /* nothing for dead_ms, and this server is known to answer pings */
};

void liveness_init(struct liveness *v, unsigned ping_ms, unsigned dead_ms, unsigned say_ms);

/* A new stream at NOW; that pings work is remembered. */
void liveness_start(struct liveness *v, uint64_t now);

/* Bytes came, or went, at NOW. */
void liveness_heard(struct liveness *v, uint64_t now);
void liveness_said(struct liveness *v, uint64_t now);

/* *NEXT_MS: when to ask again. */
enum liveness_verdict liveness_check(const struct liveness *v, uint64_t now, uint64_t *next_ms);

/* The id of a new ping, made of RANDOM. */
const char *liveness_ping(struct liveness *v, uint64_t random);

/* ID, which may be NULL, is that of our ping: it is over, and pings work. */
bool liveness_is_ping(struct liveness *v, const char *id);

#endif
