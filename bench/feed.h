/*
 * The world of the benchmark and what is fed: USERS enrolled users, each with
 * a laptop and a linked desk phone, every second one with a phone and a second
 * linked account as well, and the presences of all of them as bytes made
 * beforehand.  Nothing here is read from outside.
 */
#ifndef PP_BENCH_FEED_H
#define PP_BENCH_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/event.h"
#include "core/types.h"

#define FEED_DOMAIN "presence.home.test"
#define FEED_HOST "home.test"
#define FEED_SOURCES 4 /* of a user at most: what has a presence of its own */
#define FEED_SHOWS 5

/* One source: `bare/resource`; the first LINKED_FROM are the primary's own resources. */
#define FEED_LINKED_FROM 2

/* Does user U have source S? */
bool feed_has(size_t u, size_t s);

/* Append the address of user U, of the bridge, and of source S. */
void feed_put_primary(struct buf *b, size_t u);
void feed_put_bridge(struct buf *b, size_t u);
void feed_put_source(struct buf *b, size_t u, size_t s, bool full);

/* The label and kind that source S is linked under. */
const char *feed_label(size_t s);
enum device_kind feed_kind(size_t s);

/* The row by which source S is linked to the user whose address is PRIMARY; ID has FEED_ID bytes, both are borrowed. */
#define FEED_ID 16
struct event feed_row(const char *primary, const char *jid, size_t s, char *id);

/* Append the presence of source S of user U in state SHOW (0 to FEED_SHOWS - 1). */
void feed_put_presence(struct buf *b, size_t u, size_t s, size_t show);

/* The same to the LEN bytes at TO: the answer to a probe that came from there. */
void feed_put_answer(struct buf *b, size_t u, size_t s, size_t show, const char *to, size_t len);

/* The text of <show/> for that state; NULL: none. */
const char *feed_show(size_t show);

/* The number in an address of one of our accounts; false if it is none of USERS. */
bool feed_user_of(const char *jid, size_t len, size_t users, size_t *u);

/*
 * All sources of all users in all states once, in an order in which a user's
 * next presence comes after every other user's.  The feed repeats this cycle.
 */
struct feed {
	size_t users;
	size_t n;	 /* stanzas in the cycle */
	size_t in_state; /* stanzas of one state */
	char *bytes;
	uint64_t *starts; /* n + 1 offsets into bytes */
	uint8_t *shows;	  /* of each source of each user, after feed_end() */
};

/* Returns 0 or ERR_NOMEM. */
int feed_init(struct feed *f, size_t users);
void feed_clear(struct feed *f);

/* Fill SHOWS as they are when the first PRESENCES stanzas of the repeated cycle have been seen. */
void feed_end(struct feed *f, size_t presences);

#endif
