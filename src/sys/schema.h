/*
 * The registry's SQL: its tables, version by version, and the statements that
 * store.c prepares.
 */
#ifndef PP_SYS_SCHEMA_H
#define PP_SYS_SCHEMA_H

#define SCHEMA_VERSION 4	      /* PRAGMA user_version */
#define SCHEMA_APPLICATION 0x70707265 /* PRAGMA application_id: "ppre" */

enum statement {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_PUT_USER,
	STMT_PUT_DEVICE,
	STMT_DEL_USER,
	STMT_DEL_DEVICE,
	STMT_NOTE,
	STMT_COUNT
};

extern const char *const schema_statements[STMT_COUNT];

/* [N] leads from version N to N + 1.  Never changed once released, only added to. */
extern const char *const schema_migrations[SCHEMA_VERSION];

extern const char schema_users[];   /* all rows, columns as STMT_PUT_USER binds them */
extern const char schema_devices[]; /* likewise, as STMT_PUT_DEVICE */

#endif
