/*
 * What is on its way and comes back: IQs, registry writes, messages to ourselves, what waits to be said.  Part of state.h.
 */
#ifndef PP_CORE_MODEL_STATE_FLIGHT_H
#define PP_CORE_MODEL_STATE_FLIGHT_H

#include "base/table.h"
#include "core/action.h"
#include "core/model/state_asked.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"

struct asker;
struct chunk;
struct host;
struct reading;
struct reply;
struct user;

enum ask {
	ASK_PEP, /* the step of user->pep */
	ASK_ROSTER,
	ASK_BLOCKLIST, /* the primary's, see blocking.h */
	ASK_CLAIM,     /* the roster of a linked account, for its claims */
	ASK_PING,
	ASK_INFO,   /* of a resource */
	ASK_ENTITY, /* the same of an account without resources, which nothing waits for */
	ASK_HOST_INFO,
	ASK_SELF,    /* our own domain, behind the handshake: see missing.h */
	ASK_WORD,    /* a roster of a host that has granted nothing */
	ASK_ALIVE,   /* anything, of a host that owes an answer: see silence.h */
	ASK_WITNESS, /* of an account, to learn whether it is served though another isn't: see doubt.h */
	ASK_FORGET   /* the answer changes nothing */
};

/* An IQ that waits for its answer: id, exact peer, our own address; one shot. */
struct query {
	struct table_node node;
	struct query *prev, *next; /* all queries */
	char id[RNG_ID_LEN + 1];
	enum ask ask;
	enum way way;
	struct user *user; /* NULL: about a host */
	struct host *host;
	char *peer, *peer_resource; /* NULL resource: bare */
	bool trial;		    /* shows whether its way works on the host */
	bool handed_on;		    /* which another one is to find out by now: see slots.h */
	bool slot, overdue;	    /* of a publish: see slots.h */
	uint8_t unheard;	    /* what its user's was when it was sent */
	bool ours_domain;	    /* sent from the domain, otherwise from the bridge JID */
	struct reading *reading;    /* of a roster that comes in portions */
	uint64_t sent_at;
	uint64_t life; /* its time, after which its silence is judged */
	struct asking asking;
	struct timer timer;
};

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

/* See line.c.  A message that we have sent to ourselves. */
struct headline {
	char resource[RNG_ID_LEN + 1]; /* nobody can guess it */
	uint64_t number;
};

#define LINE_BATCH 8
#define LINE_SENT_MAX (7 * LINE_BATCH)

struct line {
	bool shared;			     /* there is another connection */
	struct headline sent[LINE_SENT_MAX]; /* and not come back, in order */
	size_t nsent;
	uint64_t numbers, returned; /* the last one sent; the latest that came back */
	uint64_t next_at;	    /* mono: the next batch */
	uint64_t judge_at;	    /* mono: what is missing is lost */
	bool full;		    /* the last batch had enough memory */
	bool asked_after;	    /* it was sent to learn what became of the one before */
	bool heard;		    /* something came back since */
	unsigned mutes;		    /* batches in a row of which nothing came back */
	unsigned wholes;	    /* batches in a row that came back whole, while shared */
	bool missed_here;	    /* something was lost on this stream */
	bool ended;		    /* the other connection has ended, which is still to be acted on */
	uint64_t foreign;	    /* stanzas to another domain, since that was last said */
	uint64_t foreign_again;	    /* mono: it may be said again */
};

enum change_kind {
	CHANGE_ENROL,
	CHANGE_LINK,
	CHANGE_CONSENT,
	CHANGE_EDIT,
	CHANGE_END,
	CHANGE_LEAVE,
	CHANGE_GONE,
	CHANGE_OTHER
};

/* A registry write on its way, in order; what follows from it waits for it. */
struct change {
	struct change *next;
	uint64_t ticket;
	enum change_kind kind;
	char *primary;
	char id[DEVICE_ID_LEN + 1]; /* "" for a user's own row */
	uint32_t generation;
	/* what becomes true when it is durable */
	enum link_state state;
	bool approved, confirmed, wide, withdrawn;
	bool narrows; /* less is to be seen then, as change_owes() says */
	char *label;  /* NULL: as it was */
	enum device_kind device_kind;
	bool kind_given;
	enum visibility visibility;
	bool show_status;
	/* the ad-hoc command that waits for it; NULL: none */
	struct reply *reply;
};

#endif
