/*
 * Whose the registry is: the address of each user's bridge is at the domain of
 * the component, and is what accounts have approved.  Another component must
 * not take a registry for its own; one that was renamed has to ask everybody
 * again, and does so only when it is told that it was.
 */
#ifndef PP_SYS_OWNER_H
#define PP_SYS_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

struct db;

struct owner {
	char domain[JID_PART_MAX + 1]; /* "": it is nobody's yet */
	int64_t users;
};

/* Returns 0, ERR_CORRUPT, ERR_IO or ERR_NOMEM. */
int owner_read(struct db *db, struct owner *out);

/* From here on it is DOMAIN's.  Within a transaction; returns 0, ERR_IO or ERR_NOMEM. */
int owner_write(struct db *db, const char *domain);

/*
 * What was approved is void, because it was approved for other addresses: each
 * user and each linked account is asked again, whether and what they have said
 * about being shown stays.  Nodes have another publisher from here on, so they
 * are set up anew.  Likewise.
 */
int owner_void(struct db *db);

#endif
