#include "sys/db.h"

#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/err.h"

/* An administrator's backup must not hold up the loop for longer. */
#define BUSY_MS 50

static int
fail(struct db *db, const char *what)
{
	int code = sqlite3_extended_errcode(db->handle);

	snprintf(db->error, sizeof(db->error), "%s: %s (%d)", what, sqlite3_errmsg(db->handle), code);
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* our SQL is right: the schema, or the format, is another */
		return ERR_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return ERR_DENIED;
	case SQLITE_CONSTRAINT:
		return ERR_INVALID;
	}
	return ERR_IO;
}

int
db_open(struct db *db, const char *path)
{
	if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return fail(db, "open");
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* No function or view of a file made by someone else is trusted. */
	return db_exec(db, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON",
	    "set up");
}

void
db_trust(struct db *db)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

int
db_close(struct db *db)
{
	if (sqlite3_close(db->handle) != SQLITE_OK)
		return fail(db, "close");
	db->handle = NULL;
	return 0;
}

bool
db_is_read_only(const struct db *db)
{
	return sqlite3_db_readonly(db->handle, "main") == 1;
}

bool
db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

int
db_exec(struct db *db, const char *sql, const char *what)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, what);
}

int
db_number(struct db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int status = 0;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		status = fail(db, sql);
	else
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return status;
}

int
db_check(struct db *db)
{
	sqlite3_stmt *stmt = NULL;
	const unsigned char *text;
	int status = ERR_CORRUPT;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		status = fail(db, "check");
	} else {
		text = sqlite3_column_text(stmt, 0);
		if (text != NULL && strcmp((const char *)text, "ok") == 0)
			status = 0;
		else
			snprintf(db->error, sizeof(db->error), "check: %s", text != NULL ? (const char *)text : "");
	}
	sqlite3_finalize(stmt);
	return status;
}

int
db_prepare(struct db *db, struct sqlite3_stmt **out, const char *sql, bool keep)
{
	return sqlite3_prepare_v3(db->handle, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, out, NULL) == SQLITE_OK ?
	    0 :
	    fail(db, "prepare");
}

void
db_finalize(struct sqlite3_stmt *stmt)
{
	sqlite3_finalize(stmt);
}

void
db_bind_text(struct sqlite3_stmt *stmt, int i, const char *value)
{
	if (value == NULL)
		sqlite3_bind_null(stmt, i);
	else
		sqlite3_bind_text(stmt, i, value, -1, SQLITE_STATIC);
}

void
db_bind_int(struct sqlite3_stmt *stmt, int i, int64_t value)
{
	sqlite3_bind_int64(stmt, i, value);
}

void
db_bind_blob(struct sqlite3_stmt *stmt, int i, const void *data, size_t len)
{
	sqlite3_bind_blob64(stmt, i, data, len, SQLITE_STATIC);
}

int
db_step(struct db *db, struct sqlite3_stmt *stmt, const char *what)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	}
	return fail(db, what);
}

int
db_run(struct db *db, struct sqlite3_stmt *stmt, const char *what)
{
	int status = db_step(db, stmt, what);

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return status < 0 ? status : 0;
}

const char *
db_text(struct sqlite3_stmt *stmt, int i)
{
	const char *text;

	if (sqlite3_column_type(stmt, i) != SQLITE_TEXT)
		return NULL;
	text = (const char *)sqlite3_column_text(stmt, i);
	return text != NULL && strlen(text) == (size_t)sqlite3_column_bytes(stmt, i) ? text : NULL;
}

bool
db_int_within(struct sqlite3_stmt *stmt, int i, int64_t min, int64_t max, int64_t *out)
{
	int64_t n = sqlite3_column_type(stmt, i) == SQLITE_INTEGER ? sqlite3_column_int64(stmt, i) : 0;

	if (sqlite3_column_type(stmt, i) != SQLITE_INTEGER || n < min || n > max)
		return false;
	*out = n;
	return true;
}

bool
db_is_null(struct sqlite3_stmt *stmt, int i)
{
	return sqlite3_column_type(stmt, i) == SQLITE_NULL;
}

const void *
db_blob(struct sqlite3_stmt *stmt, int i, size_t *len)
{
	const void *data = sqlite3_column_blob(stmt, i);

	*len = (size_t)sqlite3_column_bytes(stmt, i);
	return data;
}
