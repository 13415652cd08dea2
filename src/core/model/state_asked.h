/*
 * What accounts and domains are asked, and what has come from there: part of state.h.
 */
#ifndef PP_CORE_MODEL_STATE_ASKED_H
#define PP_CORE_MODEL_STATE_ASKED_H

#include "base/ring.h"
#include "base/table.h"

/* Kinds of requests whose silence is measured: see silence.h. */
enum asked {
	ASKED_ROSTER,
	ASKED_PRIVILEGED,
	ASKED_ORDINARY,
	ASKED_PROBE,
	ASKED_OTHER,
	ASKED_KINDS
};

#define SILENCE_OTHERS 3
#define SILENCE_KEPT (SILENCE_OTHERS + 1) /* one of them may be the one in question */

/* When something was asked, and how long it has been waited for. */
struct asking {
	uint64_t order; /* of all that was asked on all streams; 0: nothing */
	uint64_t since; /* mono */
	uint64_t until; /* mono: when it is judged next */
	uint64_t mark;	/* what was asked up to its last time-out */
	unsigned times; /* time-outs that were noted so far */
};

enum audit_state {
	AUDIT_UNWATCHED, /* nothing of it is available */
	AUDIT_AT_REST,	 /* in its domain's list if it has answered before */
	AUDIT_QUEUED,	 /* in turn */
	AUDIT_ASKED
};

/* One account, as one bridge sees it: whether what it said last is still so.  See audit.h. */
struct audit {
	struct ring ring;
	uint64_t at;	     /* mono: when something is to be decided, if it is at rest or asked */
	uint64_t round;	     /* mono: the last one began */
	bool linked;	     /* it is in a device, otherwise in a user */
	bool answers;	     /* a probe was answered, since the program started */
	bool answered;	     /* the last one of this round was */
	bool waited;	     /* for what others are answered, once more */
	unsigned char state; /* enum audit_state */
	unsigned char asks;  /* probes of this round */
	unsigned char hung;  /* rounds in which its domain answered nobody */
};

/* A domain with accounts that are asked: what has come from there on this stream. */
struct domain {
	struct table_node node;
	char *name;
	char *key;	   /* the same in A-labels: jid_ascii_domain() */
	size_t accounts;   /* that could answer */
	uint64_t heard_at; /* mono: anything at all; 0: nothing */
	uint64_t answered; /* the order of the latest request that was answered */
	struct heard {
		uint64_t who;
		uint64_t order;
	} last[ASKED_KINDS][SILENCE_KEPT];
	struct ring audits; /* accounts that have answered and aren't being asked; whose turn was longest ago first */
	uint64_t witnesses_at; /* mono: others are asked no sooner */
};

#endif
