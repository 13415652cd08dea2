/*
 * The world of the soak test: users with three devices each, how these truly
 * are, and what those who watch have been told.  No input or output.
 *
 * Users with an even number live on home.test, whose server delivers events
 * itself; the others on jab.test, where the component has to.
 */
#ifndef PP_TESTS_SOAK_WORLD_H
#define PP_TESTS_SOAK_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/record.h"

#define WORLD_DOMAIN "presence.home.test"
#define WORLD_DEVICES 3
#define WORLD_OWN 0 /* the device that is a client of the primary account; the others are linked accounts */

enum world_show {
	WORLD_OFFLINE,
	WORLD_ONLINE,
	WORLD_CHAT,
	WORLD_AWAY,
	WORLD_XA,
	WORLD_DND,
	WORLD_SHOWS
};

/* How a device truly is.  Each change has a number, which its status text tells. */
struct truth {
	uint8_t show;
	bool away;	 /* its client has lost its server, and is on its way back */
	uint32_t seq;	 /* of its last change */
	uint64_t since;	 /* when it came online last */
	uint64_t out_at; /* when its last change was */
};

/* How an item or event shows a device. */
struct shown {
	uint8_t show;
	bool listed;
	uint32_t seq; /* 0: no status text */
};

struct view {
	bool any;     /* there is an item */
	bool expires; /* and it says when it ends */
	struct shown devices[WORLD_DEVICES];
};

struct node {
	bool exists, affiliated;
	struct view item;
};

struct member {
	struct truth devices[WORLD_DEVICES];
	struct node nodes[NODES];
	struct view told; /* the last event to the contact, where the component delivers */
	uint64_t back_at; /* when the own client comes back; 0: it is not away */
	uint64_t asked;	  /* a change whose publishing is timed was sent then; 0: none */
	uint32_t asked_seq;
};

struct world {
	size_t n;
	struct member *members;
	uint64_t random;
	uint64_t changes;
	/* what must never be */
	uint64_t flaps;	    /* online all the time, and published as offline */
	uint64_t backwards; /* an older state published after a newer one */
	uint64_t leaks;	    /* a device in a node where it must not be */
	char last_wrong[200];
};

/* Returns 0 or ERR_NOMEM. */
int world_init(struct world *w, size_t users, uint64_t seed);
void world_clear(struct world *w);

/* Below N. */
uint64_t world_random(struct world *w, uint64_t n);

/* Who is shown by U: the user's choice for each linked account. */
enum visibility world_visibility(size_t u, size_t d);
bool world_shows_status(size_t u, size_t d);
bool world_delivered_by_us(size_t u);

void world_put_primary(struct buf *b, size_t u);
void world_put_bridge(struct buf *b, size_t u);
void world_put_account(struct buf *b, size_t u, size_t d); /* bare */
void world_put_contact(struct buf *b, size_t u);
const char *world_label(size_t d);

/* Which user an address belongs to, and which of the devices' accounts it is. */
bool world_find(const struct world *w, const char *jid, size_t len, size_t *u, size_t *d);

/* Change device D of U at NOW: at random, or to SHOW. */
void world_change(struct world *w, size_t u, size_t d, uint64_t now);
void world_set(struct world *w, size_t u, size_t d, enum world_show show, uint64_t now);

/* Append the presence of D as it is, to its bridge or (HINT) to the domain. */
void world_put_presence(struct buf *b, const struct world *w, size_t u, size_t d, bool hint);

/* The same to the LEN bytes at TO: the answer to a probe that came from there. */
void world_put_answer(struct buf *b, const struct world *w, size_t u, size_t d, const char *to, size_t len);

/*
 * An item of NODE (an event if EVENT) came at NOW; PAYLOAD holds <devices/>.
 * UP_AT: since when the component has been connected; FRESH: it was started so
 * recently that it can't know who is on the way back.
 */
void world_published(struct world *w, size_t u, int node, bool event, const char *payload, size_t len, uint64_t up_at,
    bool fresh);

/* How many users' nodes or events are not as they should be; WHY names one. */
size_t world_wrong(const struct world *w, char *why, size_t whylen);

/* Users with a device online whose item does not say when it ends. */
size_t world_endless(const struct world *w);

#endif
