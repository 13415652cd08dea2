#include "registry_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/limits.h"
#include "core/record.h"
#include "fuzz.h"
#include "sys/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPS_MAX 40

char registry_path[96];
struct buf registry_template;

static char dir[64];

static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-lock", "-new"};

/* Files */

static const char *
beside(const char *suffix)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s", registry_path, suffix);
	return name;
}

void
registry_put(const char *suffix, const void *data, size_t len)
{
	FILE *f = fopen(beside(suffix), "wb");

	CHECK(f != NULL);
	CHECK(fwrite(data, 1, len, f) == len || len == 0);
	CHECK(fclose(f) == 0);
}

static void
get_file(struct buf *out)
{
	FILE *f = fopen(registry_path, "rb");
	char piece[4096];
	size_t n;

	CHECK(f != NULL);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(out, piece, n);
	fclose(f);
}

void
registry_remove(void)
{
	size_t i;

	for (i = 0; i < COUNT(suffixes); i++)
		unlink(beside(suffixes[i]));
}

static void
leave(void)
{
	registry_remove();
	rmdir(dir);
	buf_clear(&registry_template);
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

void
registry_write_rows(struct input *in)
{
	unsigned ops = 0;
	sqlite3 *db;
	char sql[64];

	registry_put("", registry_template.data, registry_template.len);
	CHECK(sqlite3_open(registry_path, &db) == SQLITE_OK);
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
void
registry_write_damage(struct input *in, unsigned how)
{
	char *file = fuzz_copy(registry_template.data, registry_template.len);
	size_t len = registry_template.len, at, ops = 0;
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
	registry_put("", file, len);
	free(file);
	at = (size_t)(in->end - in->at);
	if ((how & 2) != 0)
		registry_put((how & 4) != 0 ? "-journal" : "-wal", in->at, at);
}

void
registry_make(void)
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

	for (i = 0; i < COUNT(roots) && *registry_path == '\0'; i++) {
		snprintf(dir, sizeof(dir), "%s/fuzz-XXXXXX", roots[i]);
		if (mkdtemp(dir) != NULL)
			snprintf(registry_path, sizeof(registry_path), "%s/registry", dir);
	}
	CHECK(*registry_path != '\0' && atexit(leave) == 0);
	CHECK(store_open(&s, registry_path, why, sizeof(why)) == 0);
	CHECK(store_begin(s) == 0 && store_apply(s, &act) == 0);
	act.kind = ACTION_STORE_DEVICE;
	act.device = desk;
	CHECK(store_apply(s, &act) == 0);
	act.device.id = "nopqrs";
	act.device.jid = "alice@home.test";
	act.device.resource = "phone";
	CHECK(store_apply(s, &act) == 0 && store_commit(s) == 0);
	store_close(s);
	CHECK(sqlite3_open(registry_path, &db) == SQLITE_OK);
	exec(db, "PRAGMA journal_mode = DELETE; UPDATE meta SET value = x'00112233445566778899aabbccddeeff'; VACUUM");
	CHECK(sqlite3_close(db) == SQLITE_OK);
	get_file(&registry_template);
}
