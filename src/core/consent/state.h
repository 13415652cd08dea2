/*
 * What is known of consent that belongs to no user: how often accounts are asked to be devices.
 */
#ifndef PP_CORE_CONSENT_STATE_H
#define PP_CORE_CONSENT_STATE_H

#include "core/flight/state.h"
#include "core/model/state.h"

#define ASK_SLOTS 4096

/* Who wants an account to be asked: a hash of both.  He was asked for it then, or is in its line since. */
struct ask_entry {
	uint32_t who;
	uint16_t minute; /* mono; over after 45 days */
	bool waits;
};

#define ASK_ENTRIES 32

/* Of requests: to an account, of a user, and of that user to that account; and of who leaves; each by its hash. */
struct ask_buckets {
	uint64_t asked, asker, pair, ends;
	struct ask_entry line[ASK_ENTRIES]; /* of the account, in the order of their times; see ask_rate.h */
	unsigned nline;
	uint32_t few_s; /* mono, of the pair: until then a yes may be to a question for fewer than all contacts */
};

struct consent {
	struct env *env;
	struct model *model;
	struct flight *flight;
	uint64_t ask_bucket; /* of all requests: see ask_rate.h */
	struct ask_buckets asks[ASK_SLOTS];
	uint64_t refused_until;	  /* mono: no other user.refused is logged before */
	uint64_t unsaved_said_at; /* mono: that rows could not be written; 0: never */
	uint64_t unsaved_others;  /* of which no line was made since */
};

#endif
