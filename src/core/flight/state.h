/*
 * What is on its way and comes back: IQs, registry writes, messages to ourselves.  Owns them until
 * they have come back; never knows what follows from that.
 */
#ifndef PP_CORE_FLIGHT_STATE_H
#define PP_CORE_FLIGHT_STATE_H

#include "base/table.h"
#include "core/action.h"
#include "core/model/state.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"

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
	struct ring fellow; /* of its user's */
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

struct flight {
	struct env *env;
	struct model *model;
	struct table queries;
	struct query *all_queries;
	uint64_t concluded;  /* the order of the request whose answer, or silence, is acted on */
	uint64_t arrived_at; /* mono: what was sent before has reached the server: a later request was answered */
	uint8_t probe_key[CORE_KEY_LEN]; /* of this stream: see probe.h */
	struct line line;
	struct change *changes, **changes_tail;
	size_t nchanges;
	uint64_t next_ticket;
	uint64_t unsaved_at; /* mono: when failed writes are tried again; TIMER_NEVER */
};

#endif
