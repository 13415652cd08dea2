#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "sys_fixture.h"

struct store *store;
char why[1024];
struct buf rows;
int stop_with;

const char *
registry(void)
{
	return in_dir("registry.db");
}

void
opens(void)
{
	int status = store_open(&store, registry(), why, sizeof(why));

	if (status != 0)
		fail_msg("%s", why);
}

void
closes(void)
{
	store_close(store);
	store = NULL;
}

void
reopens(void)
{
	closes();
	opens();
}

int
store_setup(void **state)
{
	int status = dir_setup(state);

	if (status == 0)
		opens();
	return status;
}

int
store_teardown(void **state)
{
	closes();
	buf_clear(&rows);
	return dir_teardown(state);
}

struct action
user_row(const char *jid, uint64_t digest)
{
	struct action a;

	memset(&a, 0, sizeof(a));
	a.kind = ACTION_STORE_USER;
	a.user.primary = jid;
	a.user.created_ms = 1795428000123;
	a.user.digest[NODE_PUBLIC] = digest;
	a.user.digest[NODE_PRIVATE] = UINT64_MAX;
	a.user.setup[NODE_PUBLIC] = SETUP_OURS;
	a.user.setup[NODE_PRIVATE] = SETUP_SILENT;
	a.user.published_ms = 7;
	a.user.approved = true;
	a.user.generation = UINT32_MAX;
	return a;
}

struct action
device_row(const char *jid, const char *id, enum link_state state)
{
	struct action a;

	memset(&a, 0, sizeof(a));
	a.kind = ACTION_STORE_DEVICE;
	a.device.primary = jid;
	a.device.id = id;
	a.device.jid = "alice@work.test";
	a.device.label = "Desk phone";
	a.device.kind = KIND_FIXED;
	a.device.kind_given = true;
	a.device.visibility = VISIBLE_SELF;
	a.device.show_status = true;
	a.device.state = state;
	a.device.approved = true;
	a.device.confirmed = a.device.wide = state == LINK_ACTIVE;
	a.device.generation = 3;
	a.device.created_ms = 99;
	return a;
}

struct action
deletes(enum action_kind kind, const char *jid, const char *id)
{
	struct action a;

	memset(&a, 0, sizeof(a));
	a.kind = kind;
	if (kind == ACTION_DELETE_USER)
		a.user.primary = jid;
	else {
		a.device.primary = jid;
		a.device.id = id;
	}
	return a;
}

int
tries(struct action a)
{
	int status = store_begin(store), commit;

	if (status != 0)
		return status;
	status = store_apply(store, &a);
	commit = store_commit(store);
	return status != 0 ? status : commit;
}

void
stores(struct action a)
{
	int status = tries(a);

	if (status != 0)
		fail_msg("%s", store_error(store));
}

static bool
is_now(int64_t wall_ms)
{
	return wall_ms / 1000 <= time(NULL) + 1 && wall_ms / 1000 > time(NULL) - 600;
}

static int
on_user(void *ctx, const struct user_record *u)
{
	(void)ctx;
	if (u->suspended_ms != 0 && u->approved)
		buf_printf(&rows, "suspended %lld ", (long long)u->suspended_ms);
	else if (u->suspended_ms != 0)
		buf_printf(&rows, "moved %s ", is_now(u->suspended_ms) ? "now" : "then");
	if (u->owes != 0)
		buf_printf(&rows, "owes %u ", u->owes);
	buf_printf(&rows, "user %s %lld %llu %llu %d %d %lld %d %d %u\n", u->primary, (long long)u->created_ms,
	    (unsigned long long)u->digest[NODE_PUBLIC], (unsigned long long)u->digest[NODE_PRIVATE],
	    (int)u->setup[NODE_PUBLIC], (int)u->setup[NODE_PRIVATE], (long long)u->published_ms, u->approved,
	    u->leaving, u->generation);
	return stop_with;
}

static int
on_device(void *ctx, const struct device_record *d)
{
	(void)ctx;
	if (d->suspended_ms != 0)
		buf_printf(&rows, "suspended %lld ", (long long)d->suspended_ms);
	buf_printf(&rows, "device %s %s %s %s %s %s %d %s %d %s %d %d %u %lld%s%s\n", d->primary, d->id, d->jid,
	    d->resource != NULL ? d->resource : "-", d->label, kind_name(d->kind), d->kind_given,
	    visibility_name(d->visibility), d->show_status, link_state_name(d->state), d->approved, d->confirmed,
	    d->generation, (long long)d->created_ms, d->withdrawn ? " withdrawn" : "",
	    d->confirmed && !d->wide ? " narrow" : "");
	return 0;
}

int
loads(void)
{
	static const struct store_rows all = {on_user, on_device, NULL};

	buf_reset(&rows);
	return store_load(store, &all);
}

void
holds(const char *want)
{
	assert_int_equal(loads(), 0);
	assert_string_equal(buf_text(&rows), want);
}
