/*
 * One account's connection, on libstrophe: TLS, signing in, connecting again.
 * What is said over it is up to talk.h.
 */
#ifndef PP_WATCH_SESSION_H
#define PP_WATCH_SESSION_H

#include <stdbool.h>

#include "watch/address.h"
#include "watch/talk.h"

struct session_config {
	const char *account;		   /* local@domain */
	const char *resource;		   /* NULL: one is made up */
	const struct addresses *addresses; /* tried in turn; NULL: by the domain's SRV records */
	unsigned short port;		   /* 0: the usual one */
	bool insecure;			   /* TLS is not required, nor its certificate checked */
	const char *password;		   /* read at each connecting */
	long timeout_ms;		   /* for connecting and signing in */
	bool again;			   /* connect again when cut off */
};

enum session_phase {
	SESSION_CONNECTING,
	SESSION_UP,
	SESSION_WAITING, /* cut off, or about to try the next address; it will connect again */
	SESSION_FAILED,
	SESSION_REFUSED /* the name and the password were not accepted */
};

struct session;

/*
 * CONFIG and TALK (of which make_id and ver are set here) are borrowed until
 * session_free.  There can be one session at a time.  NULL: no memory.
 */
struct session *session_new(const struct session_config *config, struct talk *talk);

/* Let things happen for at most WAIT_MS (a signal ends it early); the board may change. */
void session_step(struct session *s, unsigned long wait_ms);

enum session_phase session_phase(const struct session *s);

/* Why it is not up, clean text; "" if nothing is to be said. */
const char *session_reason(const struct session *s);

/* Sign off and disconnect, within a second. */
void session_leave(struct session *s);

/* Accepts NULL.  Wipes what libstrophe held. */
void session_free(struct session *s);

#endif
