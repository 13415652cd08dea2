#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/crypto.h"
#include "sys/regfile.h"
#include "sys/schema.h"
#include "sys/store.h"
#include "sys/store_state.h"

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
			store_rollback(s);
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
