/*
 * The conversation of a client that watches: what to send, and what to make of
 * what comes.  No I/O and no clock: stanzas come in as trees, go out as text;
 * time is monotonic milliseconds, an argument.
 *
 * Nothing that comes is believed but the answers to requests of our own, which
 * carry 128 random bits.  The library that parses takes an attribute with a
 * prefix for the plain one, so that anybody can seem to be anybody in all the
 * rest: an event, or a roster push, is only a bell that makes us ask.
 */
#ifndef PP_WATCH_TALK_H
#define PP_WATCH_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "watch/board.h"
#include "watch/fetch.h"
#include "watch/tree.h"

/* Of silence, before the server is asked whether it is there. */
#define TALK_QUIET_MS (60 * 1000)
/* After which everything is fetched again: a bell may have been lost (ejabberd loses some). */
#define TALK_REFRESH_MS (10 * 60 * 1000)

/* A request of our own that isn't a fetch. */
struct talk_request {
	char id[FETCH_ID_LEN + 1]; /* empty: none */
	int64_t deadline;
};

struct talk {
	/* Set by the user of this, and borrowed. */
	struct board *board;
	const char *version;				  /* of the program */
	const char *lang;				  /* of the user, two or three letters; or NULL */
	int64_t timeout_ms;				  /* for each answer */
	bool live;					  /* announce ourselves, so that bells ring */
	char ver[64];					  /* the hash of caps_string(), in base64 */
	void (*make_id)(char id[FETCH_ID_LEN + 1]);	  /* unguessable */
	void (*gone)(struct board_contact *c, void *arg); /* is about to leave the board */
	void *arg;

	/* To be sent, and taken out of it, by the user. */
	struct buf out;
	/* Why the connection has to be given up; NULL: it hasn't. */
	const char *verdict;
	/* Messages of people that came here, where nobody reads them. */
	unsigned long messages;

	/* The rest is its own. */
	char me[BOARD_ADDRESS_MAX + 1];
	bool up;
	struct talk_request roster, ping;
	bool want_roster, have_roster;
	int64_t heard, refresh_at;
};

/* We are signed in as the full JID; 0, or ERR_INVALID for an address that can't be. */
int talk_begin(struct talk *t, const char *jid, int64_t now);

/* A stanza came. */
void talk_stanza(struct talk *t, const struct tree *tree, void *stanza, int64_t now);

/* To be called from time to time: sends what is due, gives up what is overdue. */
void talk_pump(struct talk *t, int64_t now);

/* The last words. */
void talk_goodbye(struct talk *t);

/* The connection is gone.  What was learned stays on the board. */
void talk_end(struct talk *t);

/* The roster has come, and every contact has answered or had its time. */
bool talk_settled(const struct talk *t);

#endif
