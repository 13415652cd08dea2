/*
 * What goes out, and what became of it: the item of a user, events to contacts.  Part of state.h.
 */
#ifndef PP_CORE_MODEL_STATE_OUTLETS_H
#define PP_CORE_MODEL_STATE_OUTLETS_H

#include "core/action.h"
#include "core/record.h"
#include "core/types.h"

struct user;

enum blocked {
	BLOCKED_NOT,
	BLOCKED_NO_PRIVILEGE, /* neither a privilege nor an invitation */
	BLOCKED_FORBIDDEN,    /* there may be an invitation, and another publisher's item in the way */
	BLOCKED_NO_GRANT,     /* the host has granted nothing, so that nobody would deliver what is published */
	BLOCKED_ACCESS,	      /* the node is wider than configured and can't be repaired */
	BLOCKED_REFUSED,      /* the server refuses for another reason */
	BLOCKED_UNREAD,	      /* its answers are too large */
	BLOCKED_TOO_BIG
};

enum pep_step {
	STEP_IDLE,   /* nothing in flight */
	STEP_CREATE, /* set-up: create the node */
	STEP_READ,   /* set-up or repair: read the configuration */
	STEP_CONFIGURE,
	STEP_VERIFY,
	STEP_AFFILIATE,
	STEP_PUBLISH,
	STEP_RETRACT, /* another publisher's item is in the way */
	STEP_EMPTY,   /* the node isn't as it should be: what lies in it goes first */
	STEP_CLEAN    /* what an earlier life may have left in the private node */
};

/* The way out of one user: what was published, what is in flight, what is due. */
struct pep {
	bool dirty;
	uint8_t urgent;	   /* nodes from which something has to go, each as 1 << node: they wait for nothing */
	uint8_t rushed;	   /* the same, while it is on its way */
	bool queued;	   /* in host->ready */
	uint8_t unheard;   /* so often in a row she was not answered in time, as far as that matters: see slots.h */
	uint64_t due;	   /* mono: the window's end */
	uint64_t bucket;   /* mono: GCRA's theoretical arrival time */
	uint64_t retry_at; /* mono: after an error; 0: none */
	unsigned retries;
	uint64_t refresh_at; /* mono: publish again before the item expires; 0: it doesn't */
	bool force;	     /* publish even what is equal */
	bool follow;	     /* the public node was just acknowledged: only the private one is in question */
	bool done;	     /* of a user who leaves: the empty items are acknowledged */
	bool flying;	     /* the step's IQ is on its way; otherwise it is to be sent */
	enum pep_step step;
	int node; /* NODE_PUBLIC or NODE_PRIVATE, of the step */
	/* tried already for this publish, each once */
	bool retracted, repaired, redone, emptied;
	bool opens;		      /* what lies in the node is taken out before it is opened for more people */
	enum access aimed;	      /* by the settings as they were when its configuration was read */
	enum way way;		      /* of the last publish */
	uint64_t digest[NODES];	      /* acknowledged */
	bool doubtful[NODES];	      /* sent since then, and no answer came: the server may have either */
	bool doubted;		      /* the same before what is in flight */
	uint64_t computed;	      /* of what is in flight */
	enum node_setup setup[NODES]; /* see user_setup() */
	bool unsure[NODES];	      /* a set-up was begun and not finished */
	enum node_setup target;	      /* of the set-up or repair under way */
	uint64_t setup_again;	      /* mono: the registry failed, and no set-up is begun before */
	uint64_t noting;	      /* ticket of the row that the set-up waits for; 0: none */
	uint64_t refused_until;	      /* mono: her server refuses privileged requests for her alone */
	bool no_ordinary;	      /* ordinary ones don't work for her, on this stream */
	uint64_t private_again;	      /* mono: the private node was refused, and not before is it tried again */
	uint64_t look_at; /* mono: it had to wait, for that or for others, and is looked at again; 0: it hadn't */
	int64_t published_ms[NODES]; /* wall: what is acknowledged was made; 0: never, or nothing in it expires */
	int64_t sent_ms;	     /* the same of what is in flight */
	uint64_t repair_said_at;     /* mono: lines of the log about her node; 0: none */
	uint64_t access_said_at;
	enum blocked blocked;
	bool blocked_told;	 /* which she and the log were told */
	uint64_t blocked_bucket; /* of that */
};

/* For whom something is shown: audience.h. */
enum audience {
	AUDIENCE_SELF,	  /* the user's own clients */
	AUDIENCE_CONTACT, /* whom a fresh roster shows as `from' or `both' */
	AUDIENCE_ACCOUNT  /* the account of a linked device: that makes nobody an audience */
};

/* An event for one client that signed in; dropped when the item has changed since (a newer one will come). */
struct errand {
	struct errand *next;
	struct user *user;
	int node;
	enum audience who; /* the user's own needs no roster */
	char *to, *resource;
};

/* Users in turn. */
struct turns {
	struct user *head, *tail;
};

#endif
