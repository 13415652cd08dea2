/*
 * A host: what it grants, what works there, whose turn it is.  Part of state.h.
 */
#ifndef PP_CORE_MODEL_STATE_HOST_H
#define PP_CORE_MODEL_STATE_HOST_H

#include "base/ring.h"
#include "base/table.h"
#include "core/action.h"
#include "core/event.h"

struct user;

enum trial {
	TRIAL_UNKNOWN,
	TRIAL_RUNNING,
	TRIAL_WORKS,
	TRIAL_FAILED
};

/* Accounts that were not served since anybody was: see verdict.h. */
#define EVIDENCE_MAX 3
struct evidence {
	bool succeeded;		    /* somebody was, on this stream */
	unsigned n;		    /* different ones, at most EVIDENCE_MAX */
	uint64_t who[EVIDENCE_MAX]; /* hashes of their JIDs */
};

/* What accounts are asked, in which order: see pace.h. */
enum turn {
	TURN_SPOKEN,
	TURN_SETTLE,
	TURN_AGAIN,
	TURN_AUDIT,
	TURN_WANTED,
	TURN_CLAIM,
	TURN_ONCE_MORE,
	TURN_DUE,
	TURN_POLL,
	TURNS
};

struct pace {
	struct ring turns[TURNS];
	unsigned char passed[TURNS]; /* others were let go first, while it waited */
	/* mono, in microseconds: GCRA's theoretical arrival times */
	uint64_t probes_at, audits_at, rosters_at, wanted_at;
};

#define DOUBT_WAITS UINT64_MAX

#define READY 3 /* see slots.h */

struct host {
	struct table_node node;
	char *key;  /* its name in A-labels */
	char *name; /* as its server writes it, or else the configuration */
	size_t users;
	struct ring members; /* the same, each in turn: user_next() */
	bool configured;     /* named by the settings */
	bool granted;	     /* an advertisement came on this stream */
	bool granted_before; /* on an earlier one */
	bool missing;	     /* none came in time */
	struct grant_event grant;
	/* a new stream, see anew.h */
	const char *anew_why; /* NULL: none is wanted */
	uint64_t anew_last;
	unsigned anew_turns;
	uint64_t changed_at; /* mono: a grant on this stream was last acted on */
	/* what works is found by trying, for this connection */
	enum trial privileged;
	enum way form;
	bool roster_worked;	   /* one was read on this stream */
	bool blocklist_unread;	   /* that one could not be was said on this stream */
	uint64_t privileged_again; /* mono: when a failed trial may be repeated */
	enum trial ordinary;
	uint64_t silent_at;	     /* mono: the last of them */
	unsigned silent;	     /* privileged requests and rosters in a row that had no answer */
	struct evidence no_answer;   /* of privileged requests and rosters */
	struct evidence refusals;    /* of privileged requests */
	struct evidence no_ordinary; /* of ordinary ones */
	enum {
		SERVER_UNKNOWN,
		SERVER_DELIVERS, /* PEP events reach contacts whatever the owner's sessions do */
		SERVER_UNRELIABLE
	} server;
	bool info_asked;
	/* not served: see doubt_not_served(), all of them orders of requests */
	uint64_t served_order;	  /* the latest that was */
	uint64_t alive_order;	  /* the latest without a privilege that was answered; 0: none */
	uint64_t doubt_from;	  /* the last one before the first failure */
	uint64_t doubt_order;	  /* what was asked later tells of the host; DOUBT_WAITS */
	struct user *doubt_about; /* whose it was */
	uint64_t doubted_at;	  /* mono */
	uint64_t lost_said_at;	  /* mono */
	uint64_t grant_bucket;	  /* of its lines */
	uint64_t grant_say_at;	  /* mono: what it grants is said then; 0: it was */
	uint64_t grant_changes;	  /* that were not said */
	/* publishing in turn: see slots.h */
	struct ready {
		struct user *head, *tail;
	} ready[READY]; /* those who are answered, those who were not once, and more often */
	size_t in_flight;
	size_t overdue, unheard; /* of these: for long, and not overtaken; of those who were so when they were sent */
	uint64_t answered_order; /* the latest publish that was answered */
	uint64_t scout_at;	 /* mono: some beyond the window may go */
	size_t scouts;		 /* so many did last time */
	size_t extra;		 /* so many may be beyond it */
	uint64_t shrunk_order;	 /* what was asked when it was last halved */
	size_t window;		 /* publishes in flight at most */
	size_t answered;	 /* since the window last changed */
	uint64_t base_ms;	 /* the server's answer time at its best */
	struct pace pace;
	uint64_t part_at; /* mono: the next free turn to end a subscription */
	size_t audited;	  /* scratch of core_stats() */
	bool suspicious;  /* the rosters of so many lack their bridge that the server is to blame, see suspend.h */
	uint64_t suspicious_at; /* mono: since then */
	uint64_t sounded_at;	/* mono: it was asked something only to be told from a silent one; 0: never */
};

#endif
