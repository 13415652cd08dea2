/*
 * One SQLite database: SQL goes in, rows come out, errors are ours.  What the
 * tables mean is for store.c.
 *
 * A function that fails leaves in .error what failed and why.  Besides ERR_IO
 * that is ERR_NOMEM, ERR_CORRUPT (damaged, no database, or one with other
 * tables), ERR_DENIED (read only) and ERR_INVALID (a constraint of the schema).
 */
#ifndef PP_SYS_DB_H
#define PP_SYS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_ERROR_MAX 512

struct sqlite3;
struct sqlite3_stmt;

struct db {
	struct sqlite3 *handle;
	char error[DB_ERROR_MAX]; /* never longer needed than until the next call */
};

/*
 * Open the file PATH, which exists, for reading and writing.  db_close() it
 * after a failure too.
 */
int db_open(struct db *db, const char *path);

/* Before db_close(): it is sound, so its journal may be written back into it.  Otherwise all stays as it was. */
void db_trust(struct db *db);

/* All statements have been finalized.  Accepts a zeroed struct. */
int db_close(struct db *db);

bool db_is_read_only(const struct db *db);

/* No: none was begun, or SQLite has undone it because of an error. */
bool db_in_transaction(const struct db *db);

/* Run SQL, any number of statements without rows; WHAT is for the error. */
int db_exec(struct db *db, const char *sql, const char *what);

/* The single number that SQL yields. */
int db_number(struct db *db, const char *sql, int64_t *out);

/* Is the file sound?  ERR_CORRUPT if it isn't. */
int db_check(struct db *db);

/* A statement, to be used again and again if KEEP. */
int db_prepare(struct db *db, struct sqlite3_stmt **out, const char *sql, bool keep);

/* Accepts NULL. */
void db_finalize(struct sqlite3_stmt *stmt);

/* Parameters count from 1; what is bound must live until the statement has run.  NULL is NULL. */
void db_bind_text(struct sqlite3_stmt *stmt, int i, const char *value);
void db_bind_int(struct sqlite3_stmt *stmt, int i, int64_t value);
void db_bind_blob(struct sqlite3_stmt *stmt, int i, const void *data, size_t len);

/* The next row: 1, 0 (there is none), or an error. */
int db_step(struct db *db, struct sqlite3_stmt *stmt, const char *what);

/* Run the bound statement to its end and make it ready for the next use. */
int db_run(struct db *db, struct sqlite3_stmt *stmt, const char *what);

/*
 * Columns of the row count from 0.  SQLite converts what it has another type
 * of; these don't: for anything but a text (without a NUL in it) or a blob they
 * return NULL, for an integer that isn't one from MIN to MAX false, *OUT being
 * untouched.  Text and blobs are borrowed until the next step.
 */
const char *db_text(struct sqlite3_stmt *stmt, int i);
bool db_int_within(struct sqlite3_stmt *stmt, int i, int64_t min, int64_t max, int64_t *out);
bool db_is_null(struct sqlite3_stmt *stmt, int i);
const void *db_blob(struct sqlite3_stmt *stmt, int i, size_t *len);

#endif
