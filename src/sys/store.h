/*
 * The registry: users, devices, consent, in one SQLite file (WAL).  Read whole
 * at start, written as the core's actions say.
 *
 * Consent is synced to the disk before store_commit() returns; what was last
 * published is noted lazily: it may be lost by a crash and then costs one
 * publish.  A failure while running leaves the registry as it was and usable
 * (disk full, locked by someone else); a damaged one is refused at open, and
 * nothing is ever created where something was (THREATS F12, F13).
 */
#ifndef PP_SYS_STORE_H
#define PP_SYS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/action.h"
#include "core/core.h"
#include "sys/owner.h"

#define STORE_NOTE_DELAY_MS 1000
#define STORE_NOTES_PER_FLUSH 4096 /* so that a flush stays short */

struct store;

/*
 * Open PATH, or create it (mode 0600) if there is nothing; migrate an older
 * schema.  One process at a time.  On failure WHY says what to do:
 * ERR_CORRUPT (damaged, empty, or no registry), ERR_VERSION (of a newer
 * program), ERR_EXISTS (in use), ERR_DENIED, ERR_IO, ERR_NOMEM.
 */
int store_open(struct store **out, const char *path, char *why, size_t whylen);

/* Writes what is noted, then closes.  Accepts NULL. */
void store_close(struct store *s);

/* Not all that was published is noted: let the next start believe that it was cut short. */
void store_doubt(struct store *s);

/* The store was created by store_open(). */
bool store_is_new(const struct store *s);

/*
 * Did the process before end without store_close()?  Then something newer than
 * what is noted may have been published.
 */
bool store_was_cut_short(const struct store *s);

/* Random, made with the registry, the same for ever. */
const uint8_t *store_key(const struct store *s);

/*
 * Before anything is loaded: the registry is DOMAIN's from here on, durably.
 * BEFORE is whose it was and how many users it has.  If it was another's, and
 * there are any, ERR_DENIED and nothing has changed, unless that one is
 * MOVED_FROM ("": none): then all approvals are void, see owner.h, and *MOVED
 * says so.  A registry of a version that didn't note it is MOVED_FROM's, or
 * nobody's.
 * Returns 0, ERR_DENIED, ERR_CORRUPT, ERR_IO or ERR_NOMEM; store_error() says
 * why, for ERR_DENIED too.
 */
int store_claim(struct store *s, const char *domain, const char *moved_from, struct owner *before, bool *moved);

/* Strings in the records are borrowed for the call; a status that is not 0 ends the loading. */
struct store_rows {
	int (*user)(void *ctx, const struct user_record *u);
	int (*device)(void *ctx, const struct device_record *d);
	void *ctx;
};

/*
 * All users, then all devices.  Returns 0, ERR_CORRUPT (a row that this program
 * can't have written), ERR_IO, ERR_NOMEM, or what a callback returned; when it
 * is a row that was not to be loaded, store_error() names it.
 */
int store_load(struct store *s, const struct store_rows *rows);

/*
 * A batch: begin, any number of ACTION_STORE_* and ACTION_DELETE_*, commit.
 * An action that fails (returns other than 0) leaves the others of its batch
 * alone; when store_commit() fails none of them has been done.  Both return 0,
 * ERR_IO or ERR_INVALID; store_error() says why.
 */
int store_begin(struct store *s);
int store_apply(struct store *s, const struct action *act);
int store_commit(struct store *s);

/* ACTION_NOTE_PUBLISHED, at monotonic time NOW: kept in memory, newest wins.  0 or ERR_NOMEM, which is store_doubt(). */
int store_note(struct store *s, uint64_t now, const struct user_record *u);

/* When to call store_flush(); UINT64_MAX: nothing is noted. */
uint64_t store_deadline(const struct store *s);

/* Write what is noted, if it is time.  Returns 0, or an error after which it is tried again later. */
int store_flush(struct store *s, uint64_t now);

/* Why the last call failed; never NULL. */
const char *store_error(const struct store *s);

#endif
