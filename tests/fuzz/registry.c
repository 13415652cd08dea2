/*
 * A registry that somebody else wrote, or that was damaged: rows of hostile
 * values, or the bytes of the file, from the store into the core, which then
 * lives for a minute.  What is loaded makes sense, what can't be is refused;
 * nothing is created anew; what is written meanwhile can be read again.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "core/core.h"
#include "fuzz.h"
#include "sent.h"
#include "sys/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPS_MAX 40
#define TICKS_MAX 400
#define PENDING_MAX 128

static char dir[64], path[96];
static struct buf template; /* a good registry with a key that is always the same */

static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-lock", "-new"};

/* Files */

static const char *
beside(const char *suffix)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return name;
}

static void
put_file(const char *suffix, const void *data, size_t len)
{
	FILE *f = fopen(beside(suffix), "wb");

	CHECK(f != NULL);
	CHECK(fwrite(data, 1, len, f) == len || len == 0);
	CHECK(fclose(f) == 0);
}

static void
get_file(struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	CHECK(f != NULL);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(out, piece, n);
	fclose(f);
}

static void
remove_files(void)
{
	size_t i;

	for (i = 0; i < COUNT(suffixes); i++)
		unlink(beside(suffixes[i]));
}

static void
leave(void)
{
	remove_files();
	rmdir(dir);
	buf_clear(&template);
}

/* Rows: column by column what is there when the input doesn't want anything else */

static const char *const user_columns[] = { "jid", "created_ms", "digest", "digest_private", "setup", "setup_private",
	"published_ms", "approved", "leaving", "generation", "suspended_ms", "owes" };
static const char *const device_columns[] = { "user", "id", "jid", "resource", "label", "kind", "kind_given",
	"visibility", "show_status", "state", "approved", "confirmed", "generation", "created_ms", "withdrawn",
	"suspended_ms" };
static const char *const good_user[] = { "bob@home.test", "1795000000000", "5", "0", "1", "0", "1795000000000", "1",
	"0", "3", "0", "1" };
static const char *const good_device[] = { "alice@home.test", "abcdef", "desk@work.test", NULL, "Desk", "fixed", "1",
	"contacts", "1", "active", "1", "1", "2", "1795000000000", "1", "0" };

static const char *const texts[] = { "alice@home.test", "bob@home.test", "Alice@Home.TEST", "alice@work.test",
	"home.test", "alice", "alice@home.test/phone", "@home.test", "a@b@c", "presence.home.test",
	"x@presence.home.test", "", "phone", "abcdef", "ghijkm", "abcdefg", "ABC", "requested", "active", "refused",
	"revoked", "contacts", "self", "hidden", "fixed", "mobile", "other", "\xd7\x90\xd7\xa1@home.test",
	"a\xcc\x81@home.test", "\xff\xfe", "a\nb\x1b[31m", "1", "-1", "1e300", "\xef\xbb\xbf", "bob@elsewhere.test",
	"line1" };
static const int64_t numbers[] = { 0, 1, -1, 2, 3, 4, 255, 256, INT32_MAX, INT32_MIN, UINT32_MAX, INT64_C(0x100000000),
	INT64_MAX, INT64_MIN, INT64_C(1795428000000), INT64_C(253402300800000) };

static void
bind(sqlite3_stmt *stmt, int at, struct input *in)
{
	unsigned what = input_byte(in), n = what / 10;
	char *text;
	size_t i;

	switch (what % 10) {
	case 0:
		sqlite3_bind_null(stmt, at);
		break;
	case 1:
		sqlite3_bind_int64(stmt, at, (int64_t)n - 12);
		break;
	case 2:
	case 3:
		sqlite3_bind_int64(stmt, at, numbers[n % COUNT(numbers)]);
		break;
	case 4:
		sqlite3_bind_double(stmt, at, n * 1e300);
		break;
	case 5:
	case 6:
		sqlite3_bind_text(stmt, at, texts[input_below(in, COUNT(texts))], -1, SQLITE_TRANSIENT);
		break;
	case 7:
		text = input_text(in);
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
		free(text);
		break;
	case 8: /* with NULs in it, as a text or as a blob */
		text = fuzz_copy("a@home.test\0/x\0\0", 16);
		for (i = 0; i < n && i < 16 && !input_ended(in); i++)
			text[i] = (char)input_byte(in);
		if (n < 13)
			sqlite3_bind_text(stmt, at, text, 16, SQLITE_TRANSIENT);
		else
			sqlite3_bind_blob(stmt, at, text, 16, SQLITE_TRANSIENT);
		free(text);
		break;
	default: /* huge */
		text = malloc(n * 200 + 20);
		CHECK(text != NULL);
		memset(text, 'a', n * 200);
		memcpy(text + n * 200, "@home.test", 11);
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
		free(text);
	}
}

static void
exec(sqlite3 *db, const char *sql)
{
	(void)sqlite3_exec(db, sql, NULL, NULL, NULL); /* whatever comes of it */
}

static void
insert(sqlite3 *db, const char *table, const char *const *columns, const char *const *good, size_t n, struct input *in)
{
	unsigned odd = input_byte(in) | input_byte(in) << 8, which = input_byte(in);
	sqlite3_stmt *stmt;
	struct buf sql = {0};
	size_t i;

	buf_printf(&sql, "INSERT OR REPLACE INTO %s VALUES (", table);
	for (i = 0; i < n; i++)
		buf_puts(&sql, i == 0 ? "?" : ",?");
	buf_puts(&sql, ")");
	if (sqlite3_prepare_v2(db, sql.data, -1, &stmt, NULL) == SQLITE_OK) {
		for (i = 0; i < n; i++) {
			/* Of the default some more: another device, another account. */
			if ((odd >> i & 1) != 0)
				bind(stmt, (int)i + 1, in);
			else if (strcmp(columns[i], "id") == 0 && which > 0)
				sqlite3_bind_text(stmt, (int)i + 1,
				    (char[]){ 'q', 'q', 'q', 'q', (char)('a' + which / 16), (char)('a' + which % 16),
					'\0' },
				    -1, SQLITE_TRANSIENT);
			else
				sqlite3_bind_text(stmt, (int)i + 1, good[i], -1, SQLITE_STATIC);
		}
		(void)sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	buf_clear(&sql);
}

static void
update(sqlite3 *db, const char *table, const char *column, struct input *in)
{
	sqlite3_stmt *stmt;
	struct buf sql = {0};

	buf_printf(&sql, "UPDATE OR IGNORE %s SET %s = ?", table, column);
	if (sqlite3_prepare_v2(db, sql.data, -1, &stmt, NULL) == SQLITE_OK) {
		bind(stmt, 1, in);
		(void)sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	buf_clear(&sql);
}

/* The tables as somebody might make them by hand: any type, NULL, the same row twice. */
static void
loosen(sqlite3 *db, const char *table, const char *const *columns, size_t n)
{
	struct buf sql = {0};
	size_t i;

	buf_printf(&sql, "CREATE TABLE loose (");
	for (i = 0; i < n; i++)
		buf_printf(&sql, "%s%s", i > 0 ? "," : "", columns[i]);
	buf_printf(&sql, "); INSERT INTO loose SELECT * FROM %s; DROP TABLE %s; ALTER TABLE loose RENAME TO %s", table,
	    table, table);
	exec(db, sql.data);
	buf_clear(&sql);
}

static void
write_rows(struct input *in)
{
	unsigned ops = 0;
	sqlite3 *db;
	char sql[64];

	put_file("", template.data, template.len);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF; BEGIN");
	while (!input_ended(in) && ops++ < OPS_MAX) {
		switch (input_below(in, 10)) {
		case 0:
		case 1:
			insert(db, "user", user_columns, good_user, COUNT(user_columns), in);
			break;
		case 2:
		case 3:
		case 4:
			insert(db, "device", device_columns, good_device, COUNT(device_columns), in);
			break;
		case 5:
			update(db, "user", user_columns[input_below(in, COUNT(user_columns))], in);
			break;
		case 6:
			update(db, "device", device_columns[input_below(in, COUNT(device_columns))], in);
			break;
		case 7:
			exec(db, input_byte(in) % 2 == 0 ? "DELETE FROM user" : "DELETE FROM meta");
			break;
		case 8:
			if (input_byte(in) % 2 == 0)
				loosen(db, "user", user_columns, COUNT(user_columns));
			else
				loosen(db, "device", device_columns, COUNT(device_columns));
			break;
		default:
			snprintf(sql, sizeof(sql), "PRAGMA %s = %d",
			    input_byte(in) % 2 == 0 ? "user_version" : "application_id", (int)input_byte(in) - 2);
			exec(db, sql);
		}
	}
	exec(db, "COMMIT");
	sqlite3_close(db);
}

/* Or bytes, of it and of what lies beside it */
static void
write_damage(struct input *in, unsigned how)
{
	char *file = fuzz_copy(template.data, template.len);
	size_t len = template.len, at, ops = 0;
	unsigned op, n;

	while (!input_ended(in) && ops++ < OPS_MAX && len > 0) {
		op = input_byte(in);
		at = (input_byte(in) | input_byte(in) << 8) % len;
		n = input_byte(in);
		if (op < 128) {
			file[at] = (char)n;
		} else if (op < 200) {
			at &= ~(size_t)4095; /* within the header of a page */
			file[(at + op % 16) % len] = (char)n;
		} else if (op < 230) {
			memset(file + at, op, n < len - at ? n : len - at);
		} else if (op < 240) {
			len = at;
		} else {
			break;
		}
	}
	put_file("", file, len);
	free(file);
	at = (size_t)(in->end - in->at);
	if ((how & 2) != 0)
		put_file((how & 4) != 0 ? "-journal" : "-wal", in->at, at);
}

/* What comes of it */

struct life {
	struct core *core;
	struct instant now;
	struct store *store;
	struct parser *parser;
	struct buf out;
	struct action pending[PENDING_MAX];
	char ids[PENDING_MAX][40], owners[PENDING_MAX][JID_MAX + 1], from[PENDING_MAX][JID_MAX + 1],
	    to[PENDING_MAX][JID_MAX + 1];
	size_t npending;
	size_t users, devices;
	bool failed, drained;
};

static void
check_bare(const char *s)
{
	static struct jid j;

	CHECK(s != NULL && jid_parse(&j, s, strlen(s)) == 0);
	CHECK(strcmp(j.text, s) == 0 && j.resource == NULL && j.locallen > 0);
}

static void
check_text(const char *s, size_t max)
{
	const unsigned char *at = (const unsigned char *)s;
	size_t len = strlen(s), i, n;
	uint32_t c;

	CHECK(len <= max);
	for (i = 0; i < len; i += n) {
		n = fuzz_utf8(at + i, len - i, &c);
		CHECK(n > 0);
	}
}

static int
load_user(void *ctx, const struct user_record *u)
{
	struct life *l = ctx;
	struct event ev = {.kind = EVENT_LOAD_USER, .user = *u};

	check_bare(u->primary);
	CHECK(u->setup[NODE_PUBLIC] <= SETUP_ASSUMED && u->setup[NODE_PRIVATE] <= SETUP_ASSUMED);
	ev.user.doubtful = store_was_cut_short(l->store);
	l->users++;
	return core_feed(l->core, &l->now, &ev);
}

static int
load_device(void *ctx, const struct device_record *d)
{
	struct life *l = ctx;
	struct event ev = {.kind = EVENT_LOAD_DEVICE, .device = *d};

	check_bare(d->primary);
	check_bare(d->jid);
	CHECK(*d->id != '\0');
	check_text(d->id, 6);
	check_text(d->label, LABEL_BYTES_MAX);
	if (d->resource != NULL)
		check_text(d->resource, JID_PART_MAX);
	CHECK(d->kind <= KIND_TABLET && d->visibility <= VISIBLE_HIDDEN && d->state <= LINK_REVOKED);
	l->devices++;
	return core_feed(l->core, &l->now, &ev);
}

static bool
open_and_load(struct life *l)
{
	static const uint8_t seed[CORE_SEED_LEN] = "always the same";
	static const char *const hosts[] = {"home.test", "work.test"};
	const struct store_rows rows = {load_user, load_device, l};
	struct core_settings set;
	char why[1024] = "";
	int status = store_open(&l->store, path, why, sizeof(why));

	if (status != 0) {
		CHECK(l->store == NULL && *why != '\0');
		return false;
	}
	core_settings_default(&set);
	set.domain = DOMAIN;
	set.hosts = hosts;
	set.nhosts = COUNT(hosts);
	l->core = core_new(&set, seed, store_key(l->store));
	CHECK(l->core != NULL);
	status = store_load(l->store, &rows);
	if (status != 0)
		CHECK(*store_error(l->store) != '\0');
	return status == 0;
}

static void
feed(struct life *l, const struct event *ev)
{
	int status = core_feed(l->core, &l->now, ev);

	CHECK(status == 0 || status == ERR_LIMIT);
}

static void
feed_kind(struct life *l, enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feed(l, &ev);
}

static void
remember(struct life *l, const struct action *act)
{
	size_t i = l->npending;

	if (act->id == NULL || i == PENDING_MAX || act->kind == ACTION_COMMAND_REPLY || act->kind == ACTION_ANSWER ||
	    act->kind == ACTION_ERROR)
		return;
	l->pending[i] = *act;
	snprintf(l->ids[i], sizeof(l->ids[i]), "%s", act->id);
	snprintf(l->owners[i], sizeof(l->owners[i]), "%s", act->owner != NULL ? act->owner : "");
	snprintf(l->from[i], sizeof(l->from[i]), "%s", act->from.bare != NULL ? act->from.bare : DOMAIN);
	snprintf(l->to[i], sizeof(l->to[i]), "%s", act->to.bare);
	l->npending++;
}

/* One that waits is answered well. */
static bool
answer(struct life *l)
{
	struct event ev = {.kind = EVENT_ANSWER};
	const struct action *act;
	size_t i;

	if (l->npending == 0)
		return false;
	i = --l->npending;
	act = &l->pending[i];
	ev.from.bare = l->to[i];
	ev.to.bare = l->from[i];
	ev.answer.id = l->ids[i];
	ev.answer.ok = true;
	if (*l->owners[i] != '\0' && act->way != WAY_ORDINARY) {
		ev.answer.wrapped = true;
		ev.answer.inner_id = l->ids[i];
	}
	if (act->kind == ACTION_ROSTER_GET)
		ev.answer.payload = PAYLOAD_ROSTER;
	if (act->kind == ACTION_BLOCKLIST_GET)
		ev.answer.payload = PAYLOAD_BLOCKLIST;
	if (act->kind == ACTION_CONFIG_GET) {
		ev.answer.payload = PAYLOAD_CONFIG;
		ev.answer.access = ACCESS_PRESENCE;
	}
	feed(l, &ev);
	return true;
}

static void
see(struct life *l, const struct action *act)
{
	struct event ev = {.kind = EVENT_STORED};
	int status;

	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
		status = store_begin(l->store);
		if (status == 0) {
			status = store_apply(l->store, act);
			if (store_commit(l->store) != 0 && status == 0)
				status = ERR_IO;
		}
		ev.ticket = act->ticket;
		if (status != 0) {
			ev.kind = EVENT_STORE_FAILED;
			l->failed = true;
		}
		feed(l, &ev);
		return;
	case ACTION_NOTE_PUBLISHED:
		CHECK(store_note(l->store, l->now.mono_ms, &act->user) == 0);
		return;
	case ACTION_DRAINED:
		l->drained = true;
		return;
	default:
		if (is_stanza(act)) {
			check_sent(l->parser, &l->out, act);
			remember(l, act);
		}
	}
}

static void
converse(struct life *l)
{
	struct action act;
	unsigned steps = 0;

	do {
		while (core_next(l->core, &act)) {
			CHECK(++steps < 20000);
			see(l, &act);
		}
	} while (answer(l));
}

static void
pass(struct life *l, uint64_t ms)
{
	uint64_t end = l->now.mono_ms + ms, at;
	unsigned ticks = 0;

	converse(l);
	while (!l->drained && (at = core_deadline(l->core)) <= end && ticks++ < TICKS_MAX) {
		if (at > l->now.mono_ms)
			l->now.mono_ms = at;
		feed_kind(l, EVENT_TICK);
		converse(l);
	}
	l->now.mono_ms = end;
}

static void
presence(struct life *l, const char *from, const char *resource, const char *to, enum presence_type type)
{
	struct event ev = { .kind = EVENT_PRESENCE, .from = {from, resource}, .to = {to, NULL} };

	ev.presence.type = type;
	ev.presence.status = type == PRESENCE_AVAILABLE ? "here" : NULL;
	feed(l, &ev);
	converse(l);
}

static void
live(struct life *l)
{
	static const char alice[] = "alice\\40home.test@" DOMAIN, bob[] = "bob\\40home.test@" DOMAIN;
	struct event ev = { .kind = EVENT_GRANT, .from = {"home.test", NULL}, .to = {DOMAIN, NULL} };

	feed_kind(l, EVENT_LOADED);
	feed_kind(l, EVENT_LINK_UP);
	ev.grant.version = 2;
	ev.grant.roster = MAY_GET | MAY_SET;
	ev.grant.message = ev.grant.presence = ev.grant.presence_roster = true;
	ev.grant.iq_pubsub = ev.grant.iq_owner = MAY_GET | MAY_SET;
	feed(l, &ev);
	pass(l, 5000);
	presence(l, "alice@home.test", "phone", alice, PRESENCE_AVAILABLE);
	presence(l, "alice@work.test", "line1", alice, PRESENCE_AVAILABLE);
	presence(l, "desk@work.test", "line1", alice, PRESENCE_AVAILABLE);
	presence(l, "desk@work.test", NULL, bob, PRESENCE_SUBSCRIBED);
	pass(l, 60000);
	presence(l, "desk@work.test", NULL, alice, PRESENCE_UNSUBSCRIBED);
	presence(l, "alice@work.test", NULL, bob, PRESENCE_UNSUBSCRIBED);
	pass(l, 5000);
	feed_kind(l, EVENT_DRAIN);
	pass(l, 5000);
	CHECK(l->drained);
}

static void
end(struct life *l)
{
	core_free(l->core);
	store_close(l->store);
	parser_free(l->parser);
	buf_clear(&l->out);
}

static void
make_template(void)
{
	static const char *const roots[] = {"/dev/shm", "/tmp"};
	struct user_record alice = { .primary = "alice@home.test",
		.created_ms = 1795000000000,
		.approved = true,
		.generation = 3 };
	struct device_record desk = { .primary = "alice@home.test",
		.id = "ghijkm",
		.jid = "alice@work.test",
		.label = "Desk",
		.kind = KIND_FIXED,
		.kind_given = true,
		.state = LINK_ACTIVE,
		.approved = true,
		.confirmed = true,
		.wide = true,
		.generation = 1,
		.created_ms = 1795000000000 };
	struct action act = {.kind = ACTION_STORE_USER, .user = alice};
	struct store *s;
	char why[1024];
	sqlite3 *db;
	size_t i;

	for (i = 0; i < COUNT(roots) && *path == '\0'; i++) {
		snprintf(dir, sizeof(dir), "%s/fuzz-XXXXXX", roots[i]);
		if (mkdtemp(dir) != NULL)
			snprintf(path, sizeof(path), "%s/registry", dir);
	}
	CHECK(*path != '\0' && atexit(leave) == 0);
	CHECK(store_open(&s, path, why, sizeof(why)) == 0);
	CHECK(store_begin(s) == 0 && store_apply(s, &act) == 0);
	act.kind = ACTION_STORE_DEVICE;
	act.device = desk;
	CHECK(store_apply(s, &act) == 0);
	act.device.id = "nopqrs";
	act.device.jid = "alice@home.test";
	act.device.resource = "phone";
	CHECK(store_apply(s, &act) == 0 && store_commit(s) == 0);
	store_close(s);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	exec(db, "PRAGMA journal_mode = DELETE; UPDATE meta SET value = x'00112233445566778899aabbccddeeff'; VACUUM");
	CHECK(sqlite3_close(db) == SQLITE_OK);
	get_file(&template);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct life first, second;
	struct input in = input_of(data, size);
	unsigned how = input_byte(&in);
	struct core_stats stats;
	struct stat st;
	bool was_there;

	if (template.len == 0)
		make_template();
	remove_files();
	if ((how & 1) != 0)
		write_damage(&in, how);
	else
		write_rows(&in);
	if ((how & 8) != 0)
		put_file("-lock", "in use\n", 7);
	was_there = stat(path, &st) == 0 && st.st_size > 0;
	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	first.now = second.now = (struct instant){5000000, INT64_C(1795428000000)};
	first.parser = sent_parser();
	if (open_and_load(&first)) {
		CHECK(!store_is_new(first.store));
		live(&first);
		core_stats(first.core, &stats);
		store_close(first.store);
		first.store = NULL;
		if (!first.failed) {
			CHECK(open_and_load(&second));
			CHECK(second.users == stats.users);
			CHECK(!store_was_cut_short(second.store));
		}
	} else if (was_there) {
		CHECK(stat(path, &st) == 0 && st.st_size > 0);
	}
	end(&first);
	end(&second);
	return 0;
}
