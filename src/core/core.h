/*
 * The bridge: decides everything, touches nothing.  No I/O, clock, XML or
 * randomness of its own: time and the seed come in as values, all else as
 * events; what is to be done goes out as actions.
 *
 *	core_feed(event)  ->  state  ->  core_next(action) ...  ->  core_deadline()
 */
#ifndef PP_CORE_CORE_H
#define PP_CORE_CORE_H

#include "core/action.h"
#include "core/event.h"
#include "core/settings.h"

#define CORE_SEED_LEN 48 /* 32 bytes for ids and jitter, 16 for the hash tables */
#define CORE_KEY_LEN 16	 /* digests and device ids: kept in the registry, the same for ever */

struct core;

/*
 * A core without users, with a copy of the settings.  SEED makes ids unguessable and the hash tables keyed;
 * KEY stays the same over restarts.  Returns NULL when there is no memory.
 */
struct core *core_new(const struct core_settings *s, const uint8_t seed[CORE_SEED_LEN],
    const uint8_t key[CORE_KEY_LEN]);

/* Accepts NULL. */
void core_free(struct core *c);

/*
 * Take over new settings (a reload), of which a copy is made.  The domain can't change.
 * Returns 0, ERR_NOMEM or ERR_INVALID; on failure nothing has changed.
 */
int core_configure(struct core *c, const struct core_settings *s);

/*
 * Apply one event at NOW.  Strings in EV are borrowed for the duration of the
 * call.  Returns 0, ERR_NOMEM or ERR_LIMIT; a stanza that means nothing to us
 * is no error.
 */
int core_feed(struct core *c, const struct instant *now, const struct event *ev);

/*
 * May the answer that has begun so be large?  EV is what is known of it, of
 * EXTENT_TOO_LARGE.  True: it is a roster that is waited for, and comes as
 * EXTENT_PORTION, EXTENT_LAST or, after all, EXTENT_TOO_LARGE.  Otherwise the
 * caller feeds EV.
 */
bool core_admits(struct core *c, const struct instant *now, const struct event *ev);

/*
 * Does anybody wait for this answer, or may whose it is send us this roster push?  EV is
 * what is known of it without its list of addresses, which is worth reading only then.
 */
bool core_awaits(struct core *c, const struct instant *now, const struct event *ev);

/*
 * Take the next action; false when there is none for now.  ACT and what it
 * points to are valid until the next core_ call.  A caller that can't send
 * stops calling: nothing grows meanwhile but what peers make durable.
 */
bool core_next(struct core *c, struct action *act);

/* When to feed EVENT_TICK, on the monotonic clock; UINT64_MAX: never. */
uint64_t core_deadline(const struct core *c);

/* Counters for the log line `stats` and for tests; all since core_new() but the gauges. */
struct core_stats {
	/* gauges */
	size_t users, devices, resources, queries, blocked, unsettled, in_flight, shared, stale;
	size_t waiting;	  /* stanzas, writes and log lines that are to be taken */
	size_t errands;	  /* events that are to be sent to contacts */
	unsigned audit_s; /* how often each account is asked, as things are; 0: never */
	/* counters */
	uint64_t presences, strangers, published, suppressed, events_sent, errors, commands;
	uint64_t denied;     /* requests and commands that were answered with a no */
	uint64_t unanswered; /* those that got no answer because too many answers waited */
};
void core_stats(const struct core *c, struct core_stats *out);

#endif
