/*
 * What every room of the core stands on: the settings, the time, chance, timers, what waits to be
 * said, the counters.  Owns the memory of what waits (say.h, answers.h); never knows who anybody is.
 */
#ifndef PP_CORE_TOOLS_ENV_H
#define PP_CORE_TOOLS_ENV_H

#include "base/ring.h"
#include "base/table.h"
#include "core/core.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"

struct asker;
struct chunk;

/* An action that waits to be taken, with the memory of its strings. */
struct said {
	struct said *next;
	struct action act;
	struct chunk *memory;
	uint64_t order;		 /* of all that was said; an answer has none */
	struct asker *asker;	 /* of an answer */
	struct answers *answers; /* the queue it is in */
	size_t bytes;		 /* of its memory */
	bool broken;		 /* part of it could not be allocated: it is never taken */
};

/* Answers that wait: see answers.h. */
struct answers {
	struct table askers;
	struct ring turns;
	size_t n, bytes;
};

struct env {
	struct core_settings set; /* the strings are the top's */
	struct rng rng;
	uint8_t key[CORE_KEY_LEN];
	struct instant now;
	uint64_t started_at; /* mono: the first event */
	uint64_t up_at;	     /* mono: since when there is this stream */
	bool loaded;	     /* all rows have been */
	bool link_up;
	bool draining;
	bool oom; /* this event has failed */
	struct timers timers;
	struct said *said, **said_tail, *taken;
	size_t nsaid;
	uint64_t said_order;
	struct answers answers[2]; /* for accounts, for domains */
	int answers_turn;	   /* which of these is next */
	size_t answers_owe;	   /* turns of something else that are before the next one */
	struct core_stats stats;
};

#endif
