/*
 * IQs in flight.  An answer counts when its id, its exact peer and our own
 * address are those of a pending query, once, before its deadline; of a
 * privileged one the forwarded IQ is judged (THREATS 4).
 */
#ifndef PP_CORE_FLIGHT_QUERY_H
#define PP_CORE_FLIGHT_QUERY_H

#include "core/model/silence.h"
#include "core/flight/state.h"

/*
 * Note an IQ that is about to be sent to PEER (and RESOURCE, or NULL): from
 * the domain, or from U's bridge JID.  Returns NULL at QUERIES_MAX or without
 * memory.  query->id is the stanza's id.
 */
struct query *query_add(struct flight *flight, enum ask ask, struct user *u, struct host *h, const char *peer,
    const char *resource, bool ours_domain);

/* Its time is MS from now on, instead of QUERY_LIFE_MS. */
void query_lives(struct flight *flight, struct query *q, uint64_t ms);

/* What became of a request. */
enum outcome {
	OUTCOME_RESULT,
	OUTCOME_REFUSED,   /* an error: `forbidden` is the host's word, any other is about the account */
	OUTCOME_ABSENT,	   /* there is no such thing, or nobody */
	OUTCOME_TOO_LARGE, /* it was answered, by more than is read */
	OUTCOME_SILENT
};
enum outcome query_outcome(const struct answer_event *a); /* NULL: no answer came in time */
const char *query_outcome_name(enum outcome o);

/* Out of the table and freed, its in-flight counts settled. */
void query_end(struct flight *flight, struct query *q);

/* The query that EV answers, or begins to; NULL: none. */
struct query *query_find(const struct flight *flight, const struct event *ev);

/* Was what EV answers, or begins to, asked for what it brings: a roster, a block list? */
bool query_awaits(const struct flight *flight, const struct event *ev);

/* Does its answer come in portions, where it is large?  One has come: there is time for the next. */
bool query_is_roster(const struct query *q);
void query_goes_on(struct flight *flight, struct query *q);

/* What came back, or didn't in time; for query_taken_clear(). */
struct query_taken {
	enum ask ask;
	enum way way;
	struct user *user; /* NULL: of a host, or of us */
	struct host *host;
	char *peer, *resource;
	struct reading *reading; /* NULL, but for a roster that came in portions */
	bool trial, handed_on;	 /* of a publish: as in struct query */
};

/* Q's answer comes in portions: its reading is there.  False: there is no memory for it. */
bool query_reads(struct flight *flight, struct query *q);

/* Q has ended: it was answered, or it was not in time. */
void query_take(struct flight *flight, struct query *q, bool is_answered, struct query_taken *out);
void query_taken_clear(struct query_taken *t);

/* Its time is over: what that means (silence.h).  It waits on, until then. */
enum silence query_judge(struct flight *flight, struct query *q);
void query_waits(struct flight *flight, struct query *q);

/* Of an answer whose beginning is EV: is it one that may be large, a roster that is waited for? */
bool query_admits(struct flight *flight, const struct event *ev);
void query_forget_user(struct flight *flight, struct user *u);
void query_init(struct flight *flight, const uint8_t *key);
void query_clear(struct flight *flight);
void query_forget_all(struct flight *flight);

/* The plain ones, put in the queue of actions. */
void query_ping(struct flight *flight, struct user *u, const char *resource);
/* RESOURCE NULL: of an account without resources. */
void query_info(struct flight *flight, struct user *u, const char *bare, const char *resource);
bool query_host_info(struct flight *flight, struct host *h); /* false: never asked */
/* Is H to be sent something now only to learn whether it answers?  Once in MS at most: then this counts. */
bool query_sounds(struct flight *flight, struct host *h, uint64_t ms);
/* Something that H answers if it answers at all (silence.h). */
void query_alive(struct flight *flight, struct host *h);

/* A ping to our own domain, which the server routes back to us; false when it can't be sent. */
bool query_self(struct flight *flight);

/* A ping from our own domain has come: the query that it comes back of, which needs no answer; or NULL. */
struct query *query_of_self(const struct flight *flight, const char *id);

/*
 * The configuration of U's node by the privilege, which is of no use but to tell whether those are served.  False:
 * it can't be asked for now.
 */
bool query_witness(struct flight *flight, struct user *u);

/* The roster of JID, an account of H, which has granted nothing. */
void query_word(struct flight *flight, struct host *h, const char *jid);

/* Q goes that way. */
void query_goes(struct query *q, enum way way);

#endif
