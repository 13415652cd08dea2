#include "sys/owner.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "core/record.h"
#include "sys/db.h"

/* As jid_parse() makes it. */
static int
check_domain(const char *text)
{
	struct jid j;
	int status;

	if (text == NULL)
		return ERR_CORRUPT;
	status = jid_parse(&j, text, strlen(text));
	if (status == ERR_NOMEM)
		return status;
	return status == 0 && jid_is_domain(&j) && strcmp(j.text, text) == 0 ? 0 : ERR_CORRUPT;
}

static int
take(struct db *db, struct sqlite3_stmt *stmt, struct owner *out)
{
	const char *text = db_text(stmt, 0);
	int status = check_domain(text);

	if (status == 0)
		snprintf(out->domain, sizeof(out->domain), "%s", text);
	else if (status == ERR_CORRUPT)
		snprintf(db->error, sizeof(db->error), "its row of the component's domain makes no sense");
	return status;
}

int
owner_read(struct db *db, struct owner *out)
{
	struct sqlite3_stmt *stmt = NULL;
	int status, step;

	memset(out, 0, sizeof(*out));
	status = db_prepare(db, &stmt, "SELECT value FROM meta WHERE name = 'domain'", false);
	if (status == 0 && (step = db_step(db, stmt, "read")) != 0)
		status = step < 0 ? step : take(db, stmt, out);
	db_finalize(stmt);
	return status != 0 ? status : db_number(db, "SELECT count(*) FROM user", &out->users);
}

int
owner_write(struct db *db, const char *domain)
{
	struct sqlite3_stmt *stmt = NULL;
	int status;

	status = db_prepare(db, &stmt, "INSERT OR REPLACE INTO meta VALUES ('domain', ?1)", false);
	if (status == 0) {
		db_bind_text(stmt, 1, domain);
		status = db_run(db, stmt, "claim");
	}
	db_finalize(stmt);
	return status;
}

int
owner_void(struct db *db)
{
	char sql[768];

	snprintf(sql, sizeof(sql),
	    "UPDATE user SET suspended_ms = CASE WHEN approved = 0 THEN suspended_ms WHEN suspended_ms = 0 "
	    "THEN CAST(strftime('%%s', 'now') AS INTEGER) * 1000 ELSE 0 END, approved = 0, setup = CASE setup WHEN %d THEN %d ELSE %d END, "
	    "setup_private = CASE setup_private WHEN %d THEN %d ELSE %d END;"
	    "UPDATE device SET state = 'revoked', confirmed = 0, suspended_ms = 0 "
	    "WHERE resource IS NULL AND suspended_ms <> 0 AND state IN ('active', 'requested');"
	    "UPDATE device SET confirmed = CASE approved WHEN 0 THEN 0 ELSE confirmed END, approved = 0, state = CASE state WHEN 'active' THEN 'requested' ELSE state END "
	    "WHERE resource IS NULL",
	    SETUP_NONE, SETUP_NONE, SETUP_ASSUMED, SETUP_NONE, SETUP_NONE, SETUP_ASSUMED);
	return db_exec(db, sql, "move");
}
