/*
 * What is known of consent that belongs to no user: how often accounts are asked to be devices.
 */
#ifndef PP_CORE_CONSENT_STATE_H
#define PP_CORE_CONSENT_STATE_H

#include "core/flight/state.h"
#include "core/model/state.h"

/* Who wants an account to be asked: a hash of both.  He was asked for it then, or is in its line since. */
struct ask_entry {
	uint32_t who;
	uint16_t minute; /* mono; over after 45 days */
	bool waits;
};

#define ASK_ENTRIES 32

/* Whom a note of requests is about, of which there may have been too many lately. */
enum ask_of {
	ASK_OF_ACCOUNT, /* an account that is asked, by whomever */
	ASK_OF_ASKER,	/* a user who has accounts asked */
	ASK_OF_PAIR,	/* that user and that account */
	ASK_OF_FEW,	/* the same: a yes may be to a question for fewer than all contacts */
	ASK_OF_LEAVER,	/* an account that enrols and leaves */
	ASK_OF_KINDS
};

/* One of them, by a hash: see ask_book.h. */
struct ask_note {
	struct table_node node;
	struct ring turn; /* to be looked at whether it is over */
	uint64_t key;
	uint64_t bucket;	/* mono: GCRA's theoretical arrival time */
	uint64_t until;		/* mono: it says nothing any more */
	struct ask_entry *line; /* of an account, in the order of their times; see ask_rate.h */
	unsigned nline, room;
};

struct ask_book {
	struct table notes;
	struct ring turns;
};

struct consent {
	struct env *env;
	struct model *model;
	struct flight *flight;
	uint64_t ask_bucket; /* of all requests: see ask_rate.h */
	struct ask_book asks[ASK_OF_KINDS];
	uint64_t refused_until;	  /* mono: no other user.refused is logged before */
	uint64_t unsaved_said_at; /* mono: that rows could not be written; 0: never */
	uint64_t unsaved_others;  /* of which no line was made since */
};

#endif
