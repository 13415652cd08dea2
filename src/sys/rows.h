/*
 * A row of the registry as a record.  What the rest of the program takes for
 * granted is looked at here: a row that a crash of the disk, or somebody's
 * editing, has left without a meaning is ERR_CORRUPT, not a surprise later.
 */
#ifndef PP_SYS_ROWS_H
#define PP_SYS_ROWS_H

#include "core/record.h"

struct sqlite3_stmt;

/* The column `confirmed'. */
enum yes {
	YES_NONE,
	YES_ONCE, /* of an earlier version: to whatever the row says */
	YES_WIDE,
	YES_NARROW /* not to being shown to contacts */
};

/* The columns are those of schema_users and schema_devices; strings are borrowed until the next step. */
int rows_user(struct sqlite3_stmt *stmt, struct user_record *out);
int rows_device(struct sqlite3_stmt *stmt, struct device_record *out);

#endif
