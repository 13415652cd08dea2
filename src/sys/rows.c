#include "sys/rows.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "sys/db.h"

/* 9999-12-31T23:59:59.999Z, the last moment that can be written. */
#define MS_MAX INT64_C(253402300799999)

/* The address of an account as jid_parse() makes it. */
static int
check_account(const char *s)
{
	struct jid j;
	int status;

	if (s == NULL)
		return ERR_CORRUPT;
	status = jid_parse(&j, s, strlen(s));
	if (status == ERR_NOMEM)
		return status;
	return status == 0 && jid_is_bare(&j) && j.locallen > 0 && strcmp(j.text, s) == 0 ? 0 : ERR_CORRUPT;
}

/* Likewise the resource of one. */
static int
check_resource(const char *bare, const char *resource)
{
	struct buf full = {0};
	struct jid j;
	int status;

	if (resource == NULL)
		return ERR_CORRUPT;
	jid_put_full(&full, bare, resource);
	status = full.failed ? ERR_NOMEM : jid_parse(&j, full.data, full.len);
	buf_clear(&full);
	if (status == ERR_NOMEM)
		return status;
	return status == 0 && j.resource != NULL && strcmp(j.resource, resource) == 0 ? 0 : ERR_CORRUPT;
}

static bool
is_id(const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0;

	return len > 0 && len <= DEVICE_ID_LEN && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

static bool
is_label(const char *s)
{
	size_t len = s != NULL ? strlen(s) : SIZE_MAX, i, n;

	if (len > LABEL_BYTES_MAX)
		return false;
	for (i = 0; i < len; i += n) {
		n = utf8_next(s + i, len - i, NULL);
		if (n == 0)
			return false;
	}
	return true;
}

static bool
read_ms(struct sqlite3_stmt *stmt, int i, int64_t *out)
{
	return db_int_within(stmt, i, 0, MS_MAX, out);
}

static bool
read_flag(struct sqlite3_stmt *stmt, int i, bool *out)
{
	int64_t n = 0;
	bool ok = db_int_within(stmt, i, 0, 1, &n);

	*out = n != 0;
	return ok;
}

/* A yes of an earlier version was to whatever its row says. */
static bool
read_yes(struct sqlite3_stmt *stmt, int i, struct device_record *out)
{
	int64_t n = YES_NONE;
	bool ok = db_int_within(stmt, i, YES_NONE, YES_NARROW, &n);

	out->confirmed = n != YES_NONE;
	out->wide = n == YES_WIDE || (n == YES_ONCE && out->visibility == VISIBLE_CONTACTS);
	return ok;
}

static bool
read_generation(struct sqlite3_stmt *stmt, int i, uint32_t *out)
{
	int64_t n = 0;
	bool ok = db_int_within(stmt, i, 0, UINT32_MAX, &n);

	*out = (uint32_t)n;
	return ok;
}

int
rows_user(struct sqlite3_stmt *stmt, struct user_record *out)
{
	int64_t digest, setup, owes;
	int node;

	memset(out, 0, sizeof(*out));
	out->primary = db_text(stmt, 0);
	for (node = 0; node < NODES; node++) {
		if (!db_int_within(stmt, 2 + node, INT64_MIN, INT64_MAX, &digest) ||
		    !db_int_within(stmt, 4 + node, SETUP_NONE, SETUP_ASSUMED, &setup))
			return ERR_CORRUPT;
		out->digest[node] = (uint64_t)digest;
		out->setup[node] = (enum node_setup)setup;
	}
	if (!read_ms(stmt, 1, &out->created_ms) || !read_ms(stmt, 6, &out->published_ms) ||
	    !read_flag(stmt, 7, &out->approved) || !read_flag(stmt, 8, &out->leaving) ||
	    !read_generation(stmt, 9, &out->generation) || !read_ms(stmt, 10, &out->suspended_ms) ||
	    !db_int_within(stmt, 11, 0, (1 << NODES) - 1, &owes))
		return ERR_CORRUPT;
	out->owes = (uint8_t)owes;
	return check_account(out->primary);
}

int
rows_device(struct sqlite3_stmt *stmt, struct device_record *out)
{
	const char *kind = db_text(stmt, 5), *visibility = db_text(stmt, 7), *state = db_text(stmt, 9);
	int status;

	memset(out, 0, sizeof(*out));
	out->primary = db_text(stmt, 0);
	out->id = db_text(stmt, 1);
	out->jid = db_text(stmt, 2);
	out->resource = db_text(stmt, 3);
	out->label = db_text(stmt, 4);
	if (!is_id(out->id) || !is_label(out->label) || kind == NULL || !kind_parse(kind, &out->kind) ||
	    !read_flag(stmt, 6, &out->kind_given) || visibility == NULL ||
	    !visibility_parse(visibility, &out->visibility) || !read_flag(stmt, 8, &out->show_status) ||
	    state == NULL || !link_state_parse(state, &out->state) || !read_flag(stmt, 10, &out->approved) ||
	    !read_yes(stmt, 11, out) || !read_generation(stmt, 12, &out->generation) ||
	    !read_ms(stmt, 13, &out->created_ms) || !read_flag(stmt, 14, &out->withdrawn) ||
	    !read_ms(stmt, 15, &out->suspended_ms))
		return ERR_CORRUPT;
	status = check_account(out->primary);
	if (status == 0)
		status = check_account(out->jid);
	if (status != 0 || db_is_null(stmt, 3))
		return status;
	return out->state == LINK_ACTIVE ? check_resource(out->jid, out->resource) : ERR_CORRUPT;
}
