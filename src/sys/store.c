#include "sys/store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/crypto.h"
#include "sys/notes.h"
#include "sys/regfile.h"
#include "sys/schema.h"

/* An administrator's backup must not hold up the loop for longer. */
#define BUSY_MS 50
#define NOTE_RETRY_MS 10000

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	int lock; /* of PATH-lock, for one process at a time */
	bool cut_short;
	bool is_new;
	bool full_sync; /* what PRAGMA synchronous says now */
	uint8_t key[CORE_KEY_LEN];
	struct notes notes;
	uint64_t flush_at; /* UINT64_MAX: no notes */
	char error[REGFILE_WHY_MAX];
};

static int
fail(struct store *s, const char *what)
{
	int code = sqlite3_extended_errcode(s->db);

	snprintf(s->error, sizeof(s->error), "%s: %s (%d)", what, sqlite3_errmsg(s->db), code);
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return ERR_DENIED;
	case SQLITE_CONSTRAINT:
		return ERR_INVALID;
	}
	return ERR_IO;
}

static int
run_sql(struct store *s, const char *sql, const char *what)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, what);
}

/* Run the bound statement WHICH to its end and make it ready for the next use. */
static int
run(struct store *s, enum statement which, const char *what)
{
	sqlite3_stmt *stmt = s->stmts[which];
	int status = 0;

	if (sqlite3_step(stmt) != SQLITE_DONE)
		status = fail(s, what);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return status;
}

/* The single number that SQL yields. */
static int
query_number(struct store *s, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int status = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		status = fail(s, sql);
	else
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return status;
}

/* Opening. */

static int
open_db(struct store *s, const char *path, int flags)
{
	if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return fail(s, "open");
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	/* No function or view of a file made by someone else is trusted. */
	return run_sql(s, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON",
	    "set up");
}

static int
migrate(struct store *s, int64_t from)
{
	char sql[80];
	int64_t v;
	int status;

	for (v = from; v < SCHEMA_VERSION; v++) {
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", (int)v + 1);
		if ((status = run_sql(s, "BEGIN EXCLUSIVE", "migrate")) != 0)
			return status;
		if ((status = run_sql(s, schema_migrations[v], "migrate")) != 0 ||
		    (status = run_sql(s, sql, "migrate")) != 0 || (status = run_sql(s, "COMMIT", "migrate")) != 0) {
			sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
			return status;
		}
	}
	return 0;
}

static int
put_key(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	int status = ERR_IO;

	if (crypto_random(s->key, sizeof(s->key)) != 0)
		return ERR_IO;
	if (sqlite3_prepare_v2(s->db, "INSERT INTO meta VALUES ('key', ?1)", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_bind_blob(stmt, 1, s->key, sizeof(s->key), SQLITE_STATIC) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_DONE)
		status = fail(s, "create");
	else
		status = 0;
	sqlite3_finalize(stmt);
	return status;
}

static int
get_key(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	int status = ERR_CORRUPT;

	snprintf(s->error, sizeof(s->error), "the registry's key is missing");
	if (sqlite3_prepare_v2(s->db, "SELECT value FROM meta WHERE name = 'key'", -1, &stmt, NULL) != SQLITE_OK) {
		status = fail(s, "read");
	} else if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) == CORE_KEY_LEN) {
		memcpy(s->key, sqlite3_column_blob(stmt, 0), CORE_KEY_LEN);
		status = 0;
	}
	sqlite3_finalize(stmt);
	return status;
}

/*
 * Make a whole new registry beside PATH, then give it its name: whatever
 * carries the name has a schema, so an empty file is always damage.
 */
static int
create(struct store *s, const char *path)
{
	char tmp[PATH_MAX], sql[80];
	int status;

	if ((status = regfile_create(path, tmp, sizeof(tmp), s->error)) != 0)
		return status;
	status = open_db(s, tmp, SQLITE_OPEN_READWRITE);
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", SCHEMA_APPLICATION);
	if (status != 0 || (status = run_sql(s, sql, "create")) != 0 || (status = migrate(s, 0)) != 0 ||
	    (status = put_key(s)) != 0)
		goto out;
	if (sqlite3_close(s->db) != SQLITE_OK) {
		status = fail(s, "create");
		goto out;
	}
	s->db = NULL;
	status = regfile_finish(tmp, path, s->error);
	s->is_new = status == 0;
out:
	if (status != 0)
		unlink(tmp);
	return status;
}

static int
check_is_ours(struct store *s)
{
	int64_t version, application;
	int status;

	if ((status = query_number(s, "PRAGMA application_id", &application)) != 0 ||
	    (status = query_number(s, "PRAGMA user_version", &version)) != 0)
		return status;
	if (application != SCHEMA_APPLICATION) {
		snprintf(s->error, sizeof(s->error), "it is a database of another program");
		return ERR_CORRUPT;
	}
	if (version > SCHEMA_VERSION) {
		snprintf(s->error, sizeof(s->error), "its schema is version %lld, this program knows %d",
		    (long long)version, SCHEMA_VERSION);
		return ERR_VERSION;
	}
	if (version < 1) {
		snprintf(s->error, sizeof(s->error), "it has no schema");
		return ERR_CORRUPT;
	}
	return sqlite3_db_readonly(s->db, "main") == 1 ? ERR_DENIED : migrate(s, version);
}

static int
quick_check(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	const unsigned char *text;
	int status = ERR_CORRUPT;

	if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		status = fail(s, "check");
	} else {
		text = sqlite3_column_text(stmt, 0);
		if (text != NULL && strcmp((const char *)text, "ok") == 0)
			status = 0;
		else
			snprintf(s->error, sizeof(s->error), "check: %s", text != NULL ? (const char *)text : "");
	}
	sqlite3_finalize(stmt);
	return status;
}

static int
prepare_all(struct store *s)
{
	size_t i;

	for (i = 0; i < STMT_COUNT; i++)
		if (sqlite3_prepare_v3(s->db, schema_statements[i], -1, SQLITE_PREPARE_PERSISTENT, &s->stmts[i],
			NULL) != SQLITE_OK)
			return fail(s, "prepare");
	return 0;
}

int
store_open(struct store **out, const char *path, char *why, size_t whylen)
{
	struct store *s = mem_alloc(sizeof(*s));
	bool exists;
	int status;

	*out = NULL;
	if (s == NULL) {
		snprintf(why, whylen, "%s", err_text(ERR_NOMEM));
		return ERR_NOMEM;
	}
	s->lock = -1;
	s->flush_at = UINT64_MAX;
	if ((status = regfile_lock(path, &s->lock, &s->cut_short, s->error)) != 0 ||
	    (status = regfile_find(path, &exists, s->error)) != 0 || (!exists && (status = create(s, path)) != 0) ||
	    (status = open_db(s, path, SQLITE_OPEN_READWRITE)) != 0 || (status = check_is_ours(s)) != 0 ||
	    (status = quick_check(s)) != 0 ||
	    (status = run_sql(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "set up")) != 0 ||
	    (status = get_key(s)) != 0 || (status = prepare_all(s)) != 0)
		goto out;
	s->full_sync = true;
	notes_init(&s->notes, s->key);
	*out = s;
out:
	if (status != 0) {
		snprintf(why, whylen, "registry %s: %s (%s); %s", path,
		    s->error[0] != '\0' ? s->error : "can't be opened", err_text(status), regfile_advice(status));
		regfile_unlock(s->lock, !s->cut_short);
		s->lock = -1;
		store_close(s);
	}
	return status;
}

static int write_notes(struct store *s, size_t max);

void
store_close(struct store *s)
{
	bool well = true;
	size_t i;

	if (s == NULL)
		return;
	if (s->flush_at != UINT64_MAX)
		well = write_notes(s, SIZE_MAX) == 0;
	notes_clear(&s->notes);
	for (i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->stmts[i]);
	sqlite3_close(s->db);
	regfile_unlock(s->lock, well);
	mem_free(s);
}

bool
store_is_new(const struct store *s)
{
	return s->is_new;
}

bool
store_was_cut_short(const struct store *s)
{
	return s->cut_short;
}

const uint8_t *
store_key(const struct store *s)
{
	return s->key;
}

const char *
store_error(const struct store *s)
{
	return s->error;
}

/* Loading. */

static const char *
column(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

static int
load_user(sqlite3_stmt *stmt, const struct store_rows *rows)
{
	struct user_record u = {.primary = column(stmt, 0)};
	int node, setup;

	u.created_ms = sqlite3_column_int64(stmt, 1);
	for (node = 0; node < NODES; node++) {
		u.digest[node] = (uint64_t)sqlite3_column_int64(stmt, 2 + node);
		setup = sqlite3_column_int(stmt, 4 + node);
		if (setup < SETUP_NONE || setup > SETUP_SILENT)
			return ERR_CORRUPT;
		u.setup[node] = (enum node_setup)setup;
	}
	u.published_ms = sqlite3_column_int64(stmt, 6);
	u.approved = sqlite3_column_int(stmt, 7) != 0;
	u.leaving = sqlite3_column_int(stmt, 8) != 0;
	u.generation = (uint32_t)sqlite3_column_int64(stmt, 9);
	return u.primary == NULL || u.primary[0] == '\0' ? ERR_CORRUPT : rows->user(rows->ctx, &u);
}

static int
load_device(sqlite3_stmt *stmt, const struct store_rows *rows)
{
	struct device_record d = {
		.primary = column(stmt, 0),
		.id = column(stmt, 1),
		.jid = column(stmt, 2),
		.resource = column(stmt, 3),
		.label = column(stmt, 4),
		.kind_given = sqlite3_column_int(stmt, 6) != 0,
		.show_status = sqlite3_column_int(stmt, 8) != 0,
		.approved = sqlite3_column_int(stmt, 10) != 0,
		.confirmed = sqlite3_column_int(stmt, 11) != 0,
		.generation = (uint32_t)sqlite3_column_int64(stmt, 12),
		.created_ms = sqlite3_column_int64(stmt, 13),
	};
	const char *kind = column(stmt, 5), *visibility = column(stmt, 7), *state = column(stmt, 9);

	if (d.primary == NULL || d.id == NULL || d.jid == NULL || d.label == NULL || kind == NULL ||
	    visibility == NULL || state == NULL || !kind_parse(kind, &d.kind) ||
	    !visibility_parse(visibility, &d.visibility) || !link_state_parse(state, &d.state))
		return ERR_CORRUPT;
	return rows->device(rows->ctx, &d);
}

static int
load_table(struct store *s, const char *sql, int (*one)(sqlite3_stmt *, const struct store_rows *),
    const struct store_rows *rows)
{
	sqlite3_stmt *stmt = NULL;
	int status = 0, step = SQLITE_DONE;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return fail(s, "load");
	while (status == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		status = one(stmt, rows);
		if (status == ERR_CORRUPT)
			snprintf(s->error, sizeof(s->error), "the row of \"%s\" makes no sense",
			    column(stmt, 0) != NULL ? column(stmt, 0) : "");
	}
	if (status == 0 && step != SQLITE_DONE)
		status = fail(s, "load");
	sqlite3_finalize(stmt);
	return status;
}

int
store_load(struct store *s, const struct store_rows *rows)
{
	int status;

	status = load_table(s, schema_users, load_user, rows);
	return status != 0 ? status : load_table(s, schema_devices, load_device, rows);
}

/* Writing. */

static void
bind_text(sqlite3_stmt *stmt, int i, const char *value)
{
	if (value == NULL)
		sqlite3_bind_null(stmt, i);
	else
		sqlite3_bind_text(stmt, i, value, -1, SQLITE_STATIC);
}

/* Consent is synced with each commit, notes only now and then.  Not within a transaction. */
static int
begin(struct store *s, bool durable)
{
	int status;

	if (s->full_sync != durable) {
		status = run_sql(s, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "begin");
		if (status != 0)
			return status;
		s->full_sync = durable;
	}
	return run(s, STMT_BEGIN, "begin");
}

static void
rollback(struct store *s)
{
	/* SQLite has ended the transaction itself after some errors. */
	if (sqlite3_get_autocommit(s->db) == 0)
		sqlite3_step(s->stmts[STMT_ROLLBACK]);
	sqlite3_reset(s->stmts[STMT_ROLLBACK]);
}

static int
commit(struct store *s)
{
	int status;

	if (sqlite3_get_autocommit(s->db) != 0) {
		snprintf(s->error, sizeof(s->error), "the transaction was undone by an error before");
		return ERR_IO;
	}
	status = run(s, STMT_COMMIT, "commit");
	if (status != 0)
		rollback(s);
	return status;
}

int
store_begin(struct store *s)
{
	return begin(s, true);
}

int
store_commit(struct store *s)
{
	return commit(s);
}

static int
put_user(struct store *s, const struct user_record *u)
{
	sqlite3_stmt *stmt = s->stmts[STMT_PUT_USER];

	bind_text(stmt, 1, u->primary);
	sqlite3_bind_int64(stmt, 2, u->created_ms);
	sqlite3_bind_int64(stmt, 3, (int64_t)u->digest[NODE_PUBLIC]);
	sqlite3_bind_int64(stmt, 4, (int64_t)u->digest[NODE_PRIVATE]);
	sqlite3_bind_int(stmt, 5, (int)u->setup[NODE_PUBLIC]);
	sqlite3_bind_int(stmt, 6, (int)u->setup[NODE_PRIVATE]);
	sqlite3_bind_int64(stmt, 7, u->published_ms);
	sqlite3_bind_int(stmt, 8, u->approved);
	sqlite3_bind_int(stmt, 9, u->leaving);
	sqlite3_bind_int64(stmt, 10, u->generation);
	/* The record is newer than what was noted of its user. */
	notes_drop(&s->notes, u->primary);
	return run(s, STMT_PUT_USER, "store user");
}

static int
put_device(struct store *s, const struct device_record *d)
{
	sqlite3_stmt *stmt = s->stmts[STMT_PUT_DEVICE];

	bind_text(stmt, 1, d->primary);
	bind_text(stmt, 2, d->id);
	bind_text(stmt, 3, d->jid);
	bind_text(stmt, 4, d->resource);
	bind_text(stmt, 5, d->label);
	bind_text(stmt, 6, kind_name(d->kind));
	sqlite3_bind_int(stmt, 7, d->kind_given);
	bind_text(stmt, 8, visibility_name(d->visibility));
	sqlite3_bind_int(stmt, 9, d->show_status);
	bind_text(stmt, 10, link_state_name(d->state));
	sqlite3_bind_int(stmt, 11, d->approved);
	sqlite3_bind_int(stmt, 12, d->confirmed);
	sqlite3_bind_int64(stmt, 13, d->generation);
	sqlite3_bind_int64(stmt, 14, d->created_ms);
	return run(s, STMT_PUT_DEVICE, "store device");
}

int
store_apply(struct store *s, const struct action *act)
{
	switch (act->kind) {
	case ACTION_STORE_USER:
		return put_user(s, &act->user);
	case ACTION_STORE_DEVICE:
		return put_device(s, &act->device);
	case ACTION_DELETE_USER:
		notes_drop(&s->notes, act->user.primary);
		bind_text(s->stmts[STMT_DEL_USER], 1, act->user.primary);
		return run(s, STMT_DEL_USER, "delete user");
	case ACTION_DELETE_DEVICE:
		bind_text(s->stmts[STMT_DEL_DEVICE], 1, act->device.primary);
		bind_text(s->stmts[STMT_DEL_DEVICE], 2, act->device.id);
		return run(s, STMT_DEL_DEVICE, "delete device");
	default:
		snprintf(s->error, sizeof(s->error), "not an action of the registry");
		return ERR_INVALID;
	}
}

/* Notes. */

int
store_note(struct store *s, uint64_t now, const struct user_record *u)
{
	int status = notes_put(&s->notes, u);

	if (status == 0 && s->flush_at == UINT64_MAX)
		s->flush_at = now + STORE_NOTE_DELAY_MS;
	return status;
}

uint64_t
store_deadline(const struct store *s)
{
	return s->flush_at;
}

static int
write_note(struct store *s, const struct user_record *u)
{
	sqlite3_stmt *stmt = s->stmts[STMT_NOTE];

	bind_text(stmt, 1, u->primary);
	sqlite3_bind_int64(stmt, 2, (int64_t)u->digest[NODE_PUBLIC]);
	sqlite3_bind_int64(stmt, 3, (int64_t)u->digest[NODE_PRIVATE]);
	sqlite3_bind_int(stmt, 4, (int)u->setup[NODE_PUBLIC]);
	sqlite3_bind_int(stmt, 5, (int)u->setup[NODE_PRIVATE]);
	sqlite3_bind_int64(stmt, 6, u->published_ms);
	return run(s, STMT_NOTE, "note");
}

/* Up to MAX of them in one transaction; they are forgotten once it is committed. */
static int
write_notes(struct store *s, size_t max)
{
	const struct note *note = NULL;
	size_t n = 0;
	int status;

	status = begin(s, false);
	if (status != 0)
		return status;
	while (n < max && (note = notes_next(&s->notes, note)) != NULL) {
		status = write_note(s, &note->user);
		if (status != 0) {
			rollback(s);
			return status;
		}
		n++;
	}
	status = commit(s);
	if (status == 0)
		notes_forget(&s->notes, n);
	return status;
}

int
store_flush(struct store *s, uint64_t now)
{
	int status;

	if (now < s->flush_at)
		return 0;
	status = write_notes(s, STORE_NOTES_PER_FLUSH);
	if (status != 0)
		s->flush_at = now + NOTE_RETRY_MS;
	else
		s->flush_at = s->notes.table.count > 0 ? now + STORE_NOTE_DELAY_MS : UINT64_MAX;
	return status;
}
