#include "sys/store.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/regfile.h"
#include "sys/rows.h"
#include "sys/schema.h"
#include "sys/store_state.h"

#define NOTE_RETRY_MS 10000

void
store_rollback(struct store *s)
{
	if (!db_in_transaction(&s->db))
		return;
	if (s->stmts[STMT_ROLLBACK] != NULL)
		(void)db_run(&s->db, s->stmts[STMT_ROLLBACK], "rollback");
	else
		(void)db_exec(&s->db, "ROLLBACK", "rollback");
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
	store_rollback(s);
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
	store_rollback(s);
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
		store_rollback(s);
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
	db_bind_int(stmt, 12, u->owes);
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
	db_bind_int(stmt, 7, u->owes);
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
			store_rollback(s);
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
