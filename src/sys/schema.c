#include "sys/schema.h"

const char *const schema_statements[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_PUT_USER] =
	    "INSERT INTO user (jid, created_ms, digest, digest_private, setup, setup_private, published_ms, "
	    "approved, leaving, generation, suspended_ms, owes) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
	    "ON CONFLICT (jid) DO UPDATE SET created_ms = ?2, digest = ?3, digest_private = ?4, setup = ?5, "
	    "setup_private = ?6, published_ms = ?7, approved = ?8, leaving = ?9, generation = ?10, "
	    "suspended_ms = ?11, owes = ?12",
	[STMT_PUT_DEVICE] =
	    "INSERT INTO device (user, id, jid, resource, label, kind, kind_given, visibility, show_status, state, "
	    "approved, confirmed, generation, created_ms, withdrawn, suspended_ms) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "
	    "ON CONFLICT (user, id) DO UPDATE SET jid = ?3, resource = ?4, label = ?5, kind = ?6, kind_given = ?7, "
	    "visibility = ?8, show_status = ?9, state = ?10, approved = ?11, confirmed = ?12, generation = ?13, "
	    "created_ms = ?14, withdrawn = ?15, suspended_ms = ?16",
	[STMT_DEL_USER] = "DELETE FROM user WHERE jid = ?1",
	[STMT_DEL_DEVICE] = "DELETE FROM device WHERE user = ?1 AND id = ?2",
	[STMT_NOTE] = ("UPDATE user SET digest = ?2, digest_private = ?3, setup = ?4, setup_private = ?5, "
		       "published_ms = ?6, owes = ?7 WHERE jid = ?1"),
};

const char *const schema_migrations[SCHEMA_VERSION] = {
	"CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE user ("
	"jid TEXT NOT NULL PRIMARY KEY, created_ms INTEGER NOT NULL, "
	"digest INTEGER NOT NULL, digest_private INTEGER NOT NULL, "
	"setup INTEGER NOT NULL, setup_private INTEGER NOT NULL, published_ms INTEGER NOT NULL, "
	"approved INTEGER NOT NULL, leaving INTEGER NOT NULL, generation INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE device ("
	"user TEXT NOT NULL REFERENCES user (jid) ON DELETE CASCADE, id TEXT NOT NULL, jid TEXT NOT NULL, "
	"resource TEXT, label TEXT NOT NULL, kind TEXT NOT NULL, kind_given INTEGER NOT NULL, "
	"visibility TEXT NOT NULL, show_status INTEGER NOT NULL, state TEXT NOT NULL, "
	"approved INTEGER NOT NULL, confirmed INTEGER NOT NULL, generation INTEGER NOT NULL, "
	"created_ms INTEGER NOT NULL, PRIMARY KEY (user, id)) WITHOUT ROWID;",
	"ALTER TABLE device ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;",
	("ALTER TABLE user ADD COLUMN suspended_ms INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE device ADD COLUMN suspended_ms INTEGER NOT NULL DEFAULT 0;"),
	"ALTER TABLE user ADD COLUMN owes INTEGER NOT NULL DEFAULT 0;",
};

const char schema_users[] =
    "SELECT jid, created_ms, digest, digest_private, setup, setup_private, published_ms, approved, leaving, "
    "generation, suspended_ms, owes FROM user";

const char schema_devices[] =
    "SELECT user, id, jid, resource, label, kind, kind_given, visibility, show_status, state, approved, "
    "confirmed, generation, created_ms, withdrawn, suspended_ms FROM device";
