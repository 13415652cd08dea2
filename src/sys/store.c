#include "sys/store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "sys/notes.h"
#include "sys/regfile.h"
#include "sys/rows.h"
#include "sys/schema.h"

#define NOTE_RETRY_MS 10000

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

/* Opening. */

/* SQLite has ended the transaction itself after some errors.  Once all is prepared this needs no memory. */
static void
rollback(struct store *s)
{
	if (!db_in_transaction(&s->db))
		return;
	if (s->stmts[STMT_ROLLBACK] != NULL)
		(void)db_run(&s->db, s->stmts[STMT_ROLLBACK], "rollback");
	else
		(void)db_exec(&s->db, "ROLLBACK", "rollback");
}

static int
migrate(struct store *s, int64_t from)
{
	char sql[80];
	int64_t v;
	int status;

	for (v = from; v < SCHEMA_VERSION; v++) {
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", (int)v + 1);
		if ((status = db_exec(&s->db, "BEGIN EXCLUSIVE", "migrate")) != 0)
			return status;
		if ((status = db_exec(&s->db, schema_migrations[v], "migrate")) != 0 ||
		    (status = db_exec(&s->db, sql, "migrate")) != 0 ||
		    (status = db_exec(&s->db, "COMMIT", "migrate")) != 0) {
			rollback(s);
			return status;
		}
	}
	return 0;
}

static int
put_key(struct store *s)
{
	struct sqlite3_stmt *stmt = NULL;
	int status;

	if (crypto_random(s->key, sizeof(s->key)) != 0)
		return ERR_IO;
	status = db_prepare(&s->db, &stmt, "INSERT INTO meta VALUES ('key', ?1)", false);
	if (status == 0) {
		db_bind_blob(stmt, 1, s->key, sizeof(s->key));
		status = db_run(&s->db, stmt, "create");
	}
	db_finalize(stmt);
	return status;
}

static int
get_key(struct store *s)
{
	struct sqlite3_stmt *stmt = NULL;
	const void *key;
	size_t len;
	int status;

	status = db_prepare(&s->db, &stmt, "SELECT value FROM meta WHERE name = 'key'", false);
	if (status == 0)
		status = db_step(&s->db, stmt, "read");
	if (status == 1 && (key = db_blob(stmt, 0, &len)) != NULL && len == CORE_KEY_LEN) {
		memcpy(s->key, key, CORE_KEY_LEN);
		status = 0;
	} else if (status >= 0) {
		snprintf(s->db.error, sizeof(s->db.error), "the registry's key is missing");
		status = ERR_CORRUPT;
	}
	db_finalize(stmt);
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

	if ((status = regfile_create(path, tmp, sizeof(tmp), s->db.error)) != 0)
		return status;
	status = db_open(&s->db, tmp);
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", SCHEMA_APPLICATION);
	if (status != 0 || (status = db_exec(&s->db, sql, "create")) != 0 || (status = migrate(s, 0)) != 0 ||
	    (status = put_key(s)) != 0)
		goto out;
	if ((status = db_close(&s->db)) != 0 || (status = regfile_finish(tmp, path, s->db.error)) != 0)
		goto out;
	s->is_new = true;
out:
	if (status != 0) {
		(void)db_close(&s->db);
		regfile_discard(tmp);
	}
	return status;
}

static int
check_is_ours(struct store *s, const char *path)
{
	int64_t version, application;
	int status;

	if ((status = db_number(&s->db, "PRAGMA application_id", &application)) != 0 ||
	    (status = db_number(&s->db, "PRAGMA user_version", &version)) != 0)
		return status;
	if (application != SCHEMA_APPLICATION) {
		snprintf(s->db.error, sizeof(s->db.error), "it is a database of another program");
		return ERR_CORRUPT;
	}
	if (version > SCHEMA_VERSION) {
		snprintf(s->db.error, sizeof(s->db.error), "its schema is version %lld, this program knows %d",
		    (long long)version, SCHEMA_VERSION);
		return ERR_VERSION;
	}
	if (version < 1) {
		snprintf(s->db.error, sizeof(s->db.error), "it has no schema");
		return ERR_CORRUPT;
	}
	if (db_is_read_only(&s->db)) {
		if (!regfile_may_write(path))
			return ERR_DENIED;
		snprintf(s->db.error, sizeof(s->db.error), "its file format is none that can be written");
		return ERR_CORRUPT;
	}
	return (status = db_check(&s->db)) != 0 ? status : migrate(s, version);
}

static int
prepare_all(struct store *s)
{
	size_t i;
	int status = 0;

	for (i = 0; status == 0 && i < STMT_COUNT; i++)
		status = db_prepare(&s->db, &s->stmts[i], schema_statements[i], true);
	return status;
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
	if ((status = regfile_lock(path, &s->lock, &s->cut_short, s->db.error)) != 0 ||
	    (status = regfile_find(path, &exists, s->db.error)) != 0 || (!exists && (status = create(s, path)) != 0) ||
	    (status = db_open(&s->db, path)) != 0 || (status = check_is_ours(s, path)) != 0 ||
	    (status = db_exec(&s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "set up")) != 0 ||
	    (status = get_key(s)) != 0 || (status = prepare_all(s)) != 0)
		goto out;
	s->sound = s->full_sync = true;
	notes_init(&s->notes, s->key);
	*out = s;
out:
	if (status != 0) {
		snprintf(why, whylen, "registry %s: %s (%s); %s", path,
		    s->db.error[0] != '\0' ? s->db.error : "can't be opened", err_text(status), regfile_advice(status));
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
	size_t i;

	if (s == NULL)
		return;
	if (s->flush_at != UINT64_MAX && write_notes(s, SIZE_MAX) != 0)
		s->doubt = true;
	notes_clear(&s->notes);
	for (i = 0; i < STMT_COUNT; i++)
		db_finalize(s->stmts[i]);
	if (s->sound)
		db_trust(&s->db);
	(void)db_close(&s->db);
	regfile_unlock(s->lock, !s->doubt);
	mem_free(s);
}

void
store_doubt(struct store *s)
{
	s->doubt = true;
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
	return s->db.error;
}

/* Owning.  See below. */
static int begin(struct store *s, bool durable);
static int commit(struct store *s);

static int
change_owner(struct store *s, const char *domain, bool move)
{
	int status = begin(s, true);

	if (status != 0)
		return status;
	status = move ? owner_void(&s->db) : 0;
	if (status == 0)
		status = owner_write(&s->db, domain);
	if (status == 0)
		return commit(s);
	rollback(s);
	return status;
}

int
store_claim(struct store *s, const char *domain, const char *moved_from, struct owner *before, bool *moved)
{
	const char *owner;
	int status = owner_read(&s->db, before);

	*moved = false;
	if (status != 0 || strcmp(before->domain, domain) == 0)
		return status;
	owner = before->domain[0] != '\0' ? before->domain : moved_from;
	/* Nobody has approved anything of a registry without users. */
	*moved = before->users > 0 && owner[0] != '\0' && strcmp(owner, domain) != 0;
	if (*moved && strcmp(owner, moved_from) != 0) {
		snprintf(s->db.error, sizeof(s->db.error), "it belongs to another component");
		status = ERR_DENIED;
	}
	if (status == 0)
		status = change_owner(s, domain, *moved);
	*moved = *moved && status == 0;
	return status;
}

/* Loading. */

static int
load_user(struct sqlite3_stmt *stmt, const struct store_rows *rows)
{
	struct user_record u;
	int status = rows_user(stmt, &u);

	return status != 0 ? status : rows->user(rows->ctx, &u);
}

static int
load_device(struct sqlite3_stmt *stmt, const struct store_rows *rows)
{
	struct device_record d;
	int status = rows_device(stmt, &d);

	return status != 0 ? status : rows->device(rows->ctx, &d);
}

/* For somebody's terminal, whatever the row holds. */
static void
name_row(struct store *s, const char *key)
{
	char *at;

	snprintf(s->db.error, sizeof(s->db.error), "the row of \"%s\" makes no sense", key != NULL ? key : "");
	for (at = s->db.error; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
			*at = '?';
	}
}

static int
load_table(struct store *s, const char *sql, int (*one)(struct sqlite3_stmt *, const struct store_rows *),
    const struct store_rows *rows)
{
	struct sqlite3_stmt *stmt = NULL;
	int status, step;

	status = db_prepare(&s->db, &stmt, sql, false);
	while (status == 0 && (step = db_step(&s->db, stmt, "load")) != 0) {
		status = step < 0 ? step : one(stmt, rows);
		if (step > 0 && status != 0 && status != ERR_NOMEM)
			name_row(s, db_text(stmt, 0));
	}
	db_finalize(stmt);
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

/* Consent is synced with each commit, notes only now and then.  Not within a transaction. */
static int
begin(struct store *s, bool durable)
{
	int status;

	/* Of a transaction whose end has failed. */
	rollback(s);
	if (s->full_sync != durable) {
		status = db_exec(&s->db, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
		    "begin");
		if (status != 0)
			return status;
		s->full_sync = durable;
	}
	return db_run(&s->db, s->stmts[STMT_BEGIN], "begin");
}

static int
commit(struct store *s)
{
	int status;

	if (!db_in_transaction(&s->db)) {
		snprintf(s->db.error, sizeof(s->db.error), "the transaction was undone by an error before");
		return ERR_IO;
	}
	status = db_run(&s->db, s->stmts[STMT_COMMIT], "commit");
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
	struct sqlite3_stmt *stmt = s->stmts[STMT_PUT_USER];

	db_bind_text(stmt, 1, u->primary);
	db_bind_int(stmt, 2, u->created_ms);
	db_bind_int(stmt, 3, (int64_t)u->digest[NODE_PUBLIC]);
	db_bind_int(stmt, 4, (int64_t)u->digest[NODE_PRIVATE]);
	db_bind_int(stmt, 5, (int)u->setup[NODE_PUBLIC]);
	db_bind_int(stmt, 6, (int)u->setup[NODE_PRIVATE]);
	db_bind_int(stmt, 7, u->published_ms);
	db_bind_int(stmt, 8, u->approved);
	db_bind_int(stmt, 9, u->leaving);
	db_bind_int(stmt, 10, u->generation);
	db_bind_int(stmt, 11, u->suspended_ms);
	/* The record is newer than what was noted of its user, and must not be lost if it can't be stored. */
	notes_renew(&s->notes, u);
	return db_run(&s->db, s->stmts[STMT_PUT_USER], "store user");
}

static int
put_device(struct store *s, const struct device_record *d)
{
	struct sqlite3_stmt *stmt = s->stmts[STMT_PUT_DEVICE];

	db_bind_text(stmt, 1, d->primary);
	db_bind_text(stmt, 2, d->id);
	db_bind_text(stmt, 3, d->jid);
	db_bind_text(stmt, 4, d->resource);
	db_bind_text(stmt, 5, d->label);
	db_bind_text(stmt, 6, kind_name(d->kind));
	db_bind_int(stmt, 7, d->kind_given);
	db_bind_text(stmt, 8, visibility_name(d->visibility));
	db_bind_int(stmt, 9, d->show_status);
	db_bind_text(stmt, 10, link_state_name(d->state));
	db_bind_int(stmt, 11, d->approved);
	db_bind_int(stmt, 12, !d->confirmed ? YES_NONE : d->wide ? YES_WIDE : YES_NARROW);
	db_bind_int(stmt, 13, d->generation);
	db_bind_int(stmt, 14, d->created_ms);
	db_bind_int(stmt, 15, d->withdrawn);
	db_bind_int(stmt, 16, d->suspended_ms);
	return db_run(&s->db, s->stmts[STMT_PUT_DEVICE], "store device");
}

int
store_apply(struct store *s, const struct action *act)
{
	/* It would be a transaction of its own, and durable, whatever commit() says. */
	if (!db_in_transaction(&s->db)) {
		snprintf(s->db.error, sizeof(s->db.error), "the transaction was undone by an error before");
		return ERR_IO;
	}
	switch (act->kind) {
	case ACTION_STORE_USER:
		return put_user(s, &act->user);
	case ACTION_STORE_DEVICE:
		return put_device(s, &act->device);
	case ACTION_DELETE_USER:
		db_bind_text(s->stmts[STMT_DEL_USER], 1, act->user.primary);
		return db_run(&s->db, s->stmts[STMT_DEL_USER], "delete user");
	case ACTION_DELETE_DEVICE:
		db_bind_text(s->stmts[STMT_DEL_DEVICE], 1, act->device.primary);
		db_bind_text(s->stmts[STMT_DEL_DEVICE], 2, act->device.id);
		return db_run(&s->db, s->stmts[STMT_DEL_DEVICE], "delete device");
	default:
		snprintf(s->db.error, sizeof(s->db.error), "not an action of the registry");
		return ERR_INVALID;
	}
}

/* Notes. */

int
store_note(struct store *s, uint64_t now, const struct user_record *u)
{
	int status = notes_put(&s->notes, u);

	if (status != 0)
		s->doubt = true;
	else if (s->flush_at == UINT64_MAX)
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
	struct sqlite3_stmt *stmt = s->stmts[STMT_NOTE];

	db_bind_text(stmt, 1, u->primary);
	db_bind_int(stmt, 2, (int64_t)u->digest[NODE_PUBLIC]);
	db_bind_int(stmt, 3, (int64_t)u->digest[NODE_PRIVATE]);
	db_bind_int(stmt, 4, (int)u->setup[NODE_PUBLIC]);
	db_bind_int(stmt, 5, (int)u->setup[NODE_PRIVATE]);
	db_bind_int(stmt, 6, u->published_ms);
	return db_run(&s->db, s->stmts[STMT_NOTE], "note");
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
