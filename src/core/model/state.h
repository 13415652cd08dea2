/*
 * What the core knows: its data and how the parts hang together.  Only files
 * of src/core include this; each concept's rules are in the file of its name.
 *
 *	core --- users --- devices --- resources        queries (IQs in flight)
 *	   \        \----- contacts ---- watchers       sessions (ad-hoc commands)
 *	    \-- hosts --- ready, pace (users in turn)   changes (registry writes in flight)
 */
#ifndef PP_CORE_MODEL_STATE_H
#define PP_CORE_MODEL_STATE_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/ring.h"
#include "base/table.h"
#include "core/core.h"
#include "core/model/state_asked.h"
#include "core/model/state_consent.h"
#include "core/model/state_flight.h"
#include "core/model/state_host.h"
#include "core/model/state_outlets.h"
#include "core/model/state_user.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"

struct core {
	/* settings, owned */
	struct core_settings set;
	char *settings_memory;
	char *domain; /* the same for ever */
	struct rng rng;
	uint8_t key[CORE_KEY_LEN];
	struct instant now;
	bool loaded;
	bool link_up;
	bool draining;
	bool drained;
	bool doubts_noted;
	uint64_t concluded;		 /* the order of the request whose answer, or silence, is acted on */
	uint64_t asked_order;		 /* counts what is asked: see silence.h */
	uint64_t answered_order;	 /* of that, the latest that was answered, by whomever */
	uint8_t probe_key[CORE_KEY_LEN]; /* of this stream: see probe.h */
	bool oom;
	bool missed; /* for lack of memory, on this stream */
	uint64_t started_at, drain_until;
	uint64_t missing_from;	  /* mono: grants come before this, see missing.h; 0: there was no stream yet */
	uint64_t missing_at;	  /* mono: those that have not come are said; TIMER_NEVER */
	bool anew_asked;	  /* a new stream was asked for on this one */
	uint64_t anew_at;	  /* mono: whether a new stream may be asked for is looked at; TIMER_NEVER */
	uint64_t grants_at;	  /* mono: of some host what it grants is said, see grant_say_at; TIMER_NEVER */
	uint64_t ended_after;	  /* mono: likewise, because another connection has ended */
	uint64_t ignored_until;	  /* no other grant.ignored is logged before */
	uint64_t refused_until;	  /* nor another user.refused */
	uint64_t unsaved_said_at; /* mono: that rows could not be written; 0: never */
	uint64_t unsaved_others;  /* of which no line was made since */
	uint64_t unsaved_at;	  /* when failed writes are tried again; TIMER_NEVER */
	struct table hosts, domains, by_primary, by_bridge, accounts, queries, watchers, sessions;
	struct line line;
	struct host *published_last; /* whose turn it was; a host is never freed */
	struct user *users;
	struct ring marked; /* those with marks */
	size_t nusers;
	struct query *all_queries;
	struct timers timers;
	uint64_t changes_seen;
	uint64_t next_ticket;
	struct change *changes, **changes_tail;
	size_t nchanges;
	struct said *said, **said_tail, *taken;
	size_t nsaid;
	uint64_t said_order;
	struct answers answers[2]; /* for accounts, for domains */
	int answers_turn;	   /* which of these is next */
	size_t answers_owe;	   /* turns of something else that are before the next one */
	struct errand *carried;	   /* the last one taken */
	uint64_t up_at;		   /* since when there is this stream */
	uint64_t arrived_at;	   /* what was sent before has reached the server: a later request was answered */
	uint64_t ask_bucket;	   /* of all requests: see ask_rate.h */
	struct ask_buckets asks[ASK_SLOTS];
	struct errand *errands, **errands_tail;
	size_t nerrands;
	struct turns turns, resting; /* see telling.h */
	uint32_t readings;	     /* of rosters, so far */
	/* scratch of item.c */
	struct item_device *item_devices;
	struct item_resource *item_resources;
	struct core_stats stats;
};

#endif
