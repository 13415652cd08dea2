/* A registry in the directory of the test, verbs for it, and what it holds as text. */
#ifndef PP_TESTS_STORE_FIXTURE_H
#define PP_TESTS_STORE_FIXTURE_H

#include "base/buf.h"
#include "sys/store.h"

/* What user_row("alice@home.test", 5) and her active device_row("alice@home.test", "k3v9") read as. */
#define ALICE "user alice@home.test 1795428000123 5 18446744073709551615 2 3 7 1 0 4294967295\n"
#define PHONE "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 active 1 1 3 99\n"

extern struct store *store; /* the one that is open, or NULL */
extern char why[1024];	    /* of the last store_open() */
extern struct buf rows;	    /* what loads() has read, a line each */
extern int stop_with;	    /* what the loading of a user returns */

/* Setup and teardown for cmocka: a registry that is new and open. */
int store_setup(void **state);
int store_teardown(void **state);

/* Its path. */
const char *registry(void);

void opens(void);
void closes(void);
void reopens(void);

struct action user_row(const char *jid, uint64_t digest);
struct action device_row(const char *jid, const char *id, enum link_state state);
struct action deletes(enum action_kind kind, const char *jid, const char *id);

/* One change in a transaction of its own: what came of it. */
int tries(struct action a);
void stores(struct action a);

/* Read all rows. */
int loads(void);
void holds(const char *want);

#endif
