/*
 * The pace at which a host is asked, and whose turn it is: probes of its users
 * and their devices (probes_per_s), and rosters (rosters_per_s).  First comes
 * what people wait for, then what a stream begins with, then audits, then
 * discovery:
 *
 *	probes	 TURN_SPOKEN	an account that has said something, which is not believed before it is probed
 *		 TURN_SETTLE	users who have not been probed on this stream
 *		 TURN_AGAIN	accounts whose silence is to be judged
 *		 TURN_AUDIT	accounts that nothing was heard of; with those before at most a quarter, and once
 *				everybody was probed
 *	rosters	 TURN_WANTED	users whose contacts wait to be told something: up to ten times as fast as the others
 *		 TURN_CLAIM	approvals that are to be verified
 *		 TURN_ONCE_MORE	users whose contacts were told by a roster that wasn't new: somebody may have been missing
 *		 TURN_DUE	users who come to be looked through for devices, and were not for a minute
 *		 TURN_POLL	users who were, each once in a minute
 *
 * Among the ones of a kind the first come is the first served.  Nobody waits for
 * ever: who has let three others of the same pace go first is next.
 */
#ifndef PP_CORE_FLIGHT_PACE_H
#define PP_CORE_FLIGHT_PACE_H

#include "core/flight/state.h"

/* No user's roster, and no linked account's, is asked for again before, whatever wants it. */
#define ROSTER_REST_MS 10000

/* A stream begins, or ends: nobody has a turn but those who are to be polled. */
void pace_reset(struct flight *flight);

/* R to the end of those of H whose turn it is to be, out of where it was. */
void pace_put(struct host *h, enum turn turn, struct ring *r);

/* U is to be probed in this turn; her roster read, which then waits for no other one; or not at all. */
void pace_probe(struct user *u, enum turn turn);
void pace_roster(struct user *u, enum turn turn);
void pace_no_roster(struct user *u);

/* U's roster is to be looked through in turn; polled: it was asked for just now, and others come before her. */
void pace_poll(const struct flight *flight, struct user *u);
void pace_polled(struct user *u);

/* Whose turn it is at H at this time, out of its list; false: nobody's. */
bool pace_take(const struct flight *flight, struct host *h, enum turn *turn, struct ring **who);

/* When that is to be asked next. */
uint64_t pace_deadline(const struct flight *flight, const struct host *h);

/* So many probes were sent to, or for the sake of, users of H; or a roster that had so many items last time was asked for. */
void pace_probed(const struct flight *flight, struct host *h, enum turn turn, size_t probes);
void pace_asked(const struct flight *flight, struct host *h, enum turn turn, size_t items);

/* How often each of so many accounts can be probed by audits at most, in seconds. */
uint64_t pace_audits_s(const struct flight *flight, size_t accounts);

/* U has no turn any more, of those that are hers. */
void pace_forget(struct user *u);

#endif
