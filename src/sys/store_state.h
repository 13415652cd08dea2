/* What a store is, for its own files: store.c, and store_open.c, which finds or makes it. */
#ifndef PP_SYS_STORE_STATE_H
#define PP_SYS_STORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"
#include "sys/db.h"
#include "sys/notes.h"
#include "sys/schema.h"

struct store {
	struct db db; /* its error is the store's */
	struct sqlite3_stmt *stmts[STMT_COUNT];
	int lock; /* of PATH-lock, for one process at a time */
	bool cut_short;
	bool is_new;
	bool sound;	/* nothing was wrong with it when it was opened */
	bool full_sync; /* what PRAGMA synchronous says now */
	uint8_t key[CORE_KEY_LEN];
	struct notes notes;
	uint64_t flush_at; /* UINT64_MAX: no notes */
	bool doubt;	   /* something newer than the notes was published */
};

/* SQLite has ended the transaction itself after some errors.  Once all is prepared this needs no memory. */
void store_rollback(struct store *s);

#endif
