/*
 * Probes (RFC 6121, section 4.3).  Each is sent from a resource of the bridge
 * JID that nobody can guess and that is another one for each account and stream.
 * A server answers to that resource only who is subscribed: presence that comes
 * there proves that the approval stands, which presence to the bare bridge JID
 * doesn't (it may be directed), and tells which account has answered.
 */
#ifndef PP_CORE_FLIGHT_PROBE_H
#define PP_CORE_FLIGHT_PROBE_H

#include "core/flight/state.h"

#define PROBE_RESOURCE_LEN 13

/* The stream is new: so are the resources. */
void probe_reset(struct flight *flight);

/* Ask where D, a linked account of U that has approved, is; NULL: U's primary, likewise. */
void probe_send(struct flight *flight, struct user *u, struct device *d);

/* Is RESOURCE of U's bridge JID the one from which JID (bare) is probed on this stream?  NULL is none. */
bool probe_is_answer(const struct flight *flight, const struct user *u, const char *jid, const char *resource);

#endif
