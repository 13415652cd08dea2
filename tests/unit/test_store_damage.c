/*
 * sys/store and a corpus of damaged registries: cut, overwritten, of another
 * schema, without their journal or with somebody else's (F13).  Each is refused
 * with the way to restore it and left as it is, or read as it was; none is
 * made anew, and none is read as what nobody ever wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/err.h"
#include "base/mem.h"
#include "store_fixture.h"
#include "sys_fixture.h"

#define USERS 60

static const char *const suffixes[] = {"", "-wal"};

/* A registry as it lies there after a crash: most of it in the file, the last changes in the journal. */
static struct {
	char *data;
	size_t len;
} good[2], before[2];
static struct buf in_file, in_both; /* what it holds without the journal, and with it */
static uint8_t key[CORE_KEY_LEN];
static unsigned refused, read_as_it_was;

static char *
name(size_t i)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s%s", registry(), suffixes[i]);
	return path;
}

static void
puts_down(void)
{
	size_t i;

	unlink(in_dir("registry.db-shm"));
	unlink(in_dir("registry.db-journal"));
	for (i = 0; i < 2; i++) {
		if (before[i].data != NULL)
			put_file(name(i), before[i].data, before[i].len, 0600);
		else
			unlink(name(i));
	}
}

static void
is_good_again(void)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		mem_free(before[i].data);
		before[i].data = mem_alloc(good[i].len + 1);
		memcpy(before[i].data, good[i].data, good[i].len);
		before[i].len = good[i].len;
	}
}

static int
setup(void **state)
{
	char jid[64];
	unsigned i;
	int k;

	if (store_setup(state) != 0)
		return -1;
	for (i = 0; i < USERS; i++) {
		snprintf(jid, sizeof(jid), "user%u@home.test", i);
		stores(user_row(jid, i));
		stores(device_row(jid, "k3v9", LINK_ACTIVE));
	}
	reopens();
	memcpy(key, store_key(store), sizeof(key));
	assert_int_equal(loads(), 0);
	buf_reset(&in_file);
	buf_put(&in_file, rows.data, rows.len);
	/* An end of consent, and somebody new. */
	stores(device_row("user7@home.test", "k3v9", LINK_REVOKED));
	stores(user_row("zoe@home.test", 1));
	assert_int_equal(loads(), 0);
	buf_reset(&in_both);
	buf_put(&in_both, rows.data, rows.len);
	for (k = 0; k < 2; k++)
		good[k].data = get_file(name((size_t)k), &good[k].len);
	closes();
	refused = read_as_it_was = 0;
	is_good_again();
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		mem_free(good[i].data);
		mem_free(before[i].data);
		good[i].data = before[i].data = NULL;
	}
	buf_clear(&in_file);
	buf_clear(&in_both);
	return store_teardown(state);
}

/* Each row that was read was written: none is half, none is new. */
static void
nothing_is_invented(const char *what)
{
	char *line, *save = NULL, *copy = mem_strdup(buf_text(&rows));

	for (line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		if (strstr(buf_text(&in_both), line) == NULL && strstr(buf_text(&in_file), line) == NULL)
			fail_msg("%s: it reads %s", what, line);
	mem_free(copy);
}

/* What comes of the files as they are in `before'.  EXACT: of a flip of a bit in a text nobody can know. */
static void
is_refused_or_read(const char *what, bool exact)
{
	struct stat st;
	size_t i, len;
	int status;
	char *is;

	puts_down();
	status = store_open(&store, registry(), why, sizeof(why));
	if (status != 0) {
		refused++;
		if (strstr(why, status == ERR_VERSION ? "run the newer polypresence" : "restore it from a backup") ==
		    NULL)
			fail_msg("%s: it doesn't say what to do: %s", what, why);
		for (i = 0; i < 2; i++) {
			if (before[i].data == NULL) {
				/* SQLite may have made an empty one. */
				assert_true(stat(name(i), &st) != 0 || st.st_size == 0);
				continue;
			}
			is = get_file(name(i), &len);
			if (len != before[i].len || memcmp(is, before[i].data, len) != 0)
				fail_msg("%s: %s was changed", what, name(i));
			mem_free(is);
		}
		return;
	}
	if (store_is_new(store))
		fail_msg("%s: it was made anew", what);
	status = loads();
	if (status != 0) {
		refused++;
		assert_string_not_equal(store_error(store), "");
	} else {
		read_as_it_was++;
	}
	if (exact)
		nothing_is_invented(what);
	closes();
}

static void
a_registry_cut_anywhere_is_refused_or_whole(void **state)
{
	char what[64];
	size_t at;

	(void)state;
	for (at = 0; at < good[0].len; at += stride(1021)) {
		is_good_again();
		before[0].len = at;
		snprintf(what, sizeof(what), "cut at %zu", at);
		is_refused_or_read(what, true);
	}
	/* Its journal still knows some of what was cut away; the rest it doesn't. */
	assert_true(refused > 0);
	/* A journal cut anywhere ends where its last whole change does. */
	refused = 0;
	for (at = 0; at < good[1].len; at += stride(509)) {
		is_good_again();
		before[1].len = at;
		snprintf(what, sizeof(what), "journal cut at %zu", at);
		is_refused_or_read(what, true);
	}
	assert_int_equal(refused, 0);
}

static void
a_byte_that_has_changed_does_no_harm(void **state)
{
	char what[64];
	size_t at, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		/* All of the header, of the rest here and there. */
		for (at = 0; at < good[i].len; at += at < 128 ? 1 : stride(397)) {
			is_good_again();
			before[i].data[at] ^= (char)(1 << at % 8);
			snprintf(what, sizeof(what), "%s: bit %zu of byte %zu", suffixes[i], at % 8, at);
			is_refused_or_read(what, false);
		}
	}
	assert_true(refused > 20 && read_as_it_was > 20);
}

static void
a_sector_of_something_else_is_noticed(void **state)
{
	char what[64];
	size_t at;

	(void)state;
	for (at = 0; at + 512 <= good[0].len; at += 512 * stride(1)) {
		is_good_again();
		memset(before[0].data + at, at % 1024 == 0 ? 0 : 0x5a, 512);
		snprintf(what, sizeof(what), "sector at %zu", at);
		is_refused_or_read(what, true);
	}
	assert_true(refused > 0);
}

/* The file says that it is ours, and has been changed by SQL. */
static void
is_changed_by(const char *sql)
{
	sqlite3 *db = NULL;
	size_t i;

	is_good_again();
	puts_down();
	assert_int_equal(sqlite3_open(registry(), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	for (i = 0; i < 2; i++) {
		mem_free(before[i].data);
		before[i].data = access(name(i), F_OK) == 0 ? get_file(name(i), &before[i].len) : NULL;
	}
}

static void
another_schema_is_refused(void **state)
{
	static const char *const changes[] = {
		"DROP TABLE device",
		"DROP TABLE meta",
		"DELETE FROM meta",
		"UPDATE meta SET value = x'00'",
		"UPDATE meta SET value = 'a text of thirty-two characters!'",
		"ALTER TABLE device DROP COLUMN confirmed",
		"ALTER TABLE user RENAME TO person",
		"PRAGMA user_version = 1", /* the columns that its migration adds are there */
		"PRAGMA user_version = 5",
		"PRAGMA user_version = 0",
		"PRAGMA user_version = -1",
		"PRAGMA application_id = 1",
		"ALTER TABLE device RENAME TO other; CREATE VIEW device AS SELECT * FROM other",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		is_changed_by(changes[i]);
		refused = 0;
		is_refused_or_read(changes[i], false);
		if (refused == 0)
			fail_msg("%s: it is taken for a registry", changes[i]);
	}
}

static void
without_its_journal_it_is_what_it_was_before(void **state)
{
	(void)state;
	mem_free(before[1].data);
	before[1].data = NULL;
	puts_down();
	opens();
	holds(buf_text(&in_file));
	assert_memory_equal(store_key(store), key, sizeof(key));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_registry_cut_anywhere_is_refused_or_whole),
		TEST(a_byte_that_has_changed_does_no_harm),
		TEST(a_sector_of_something_else_is_noticed),
		TEST(another_schema_is_refused),
		TEST(without_its_journal_it_is_what_it_was_before),
	};

	dir_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
