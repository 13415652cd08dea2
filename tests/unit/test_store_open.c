/* sys/store: which files it opens, and which it refuses and leaves alone, with the way to restore (F13). */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store_fixture.h"
#include "sys/db.h"
#include "sys/schema.h"
#include "sys_fixture.h"

static void
is_refused(int want, const char *text)
{
	struct store *s = NULL;
	size_t before, after;
	char *was = get_file(registry(), &before), *is;

	assert_int_equal(store_open(&s, registry(), why, sizeof(why)), want);
	assert_null(s);
	if (strstr(why, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, text);
	is = get_file(registry(), &after);
	assert_int_equal(before, after);
	assert_memory_equal(was, is, before);
	mem_free(was);
	mem_free(is);
}

static void
patch(off_t at, const void *bytes, size_t len)
{
	int fd = open(registry(), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

/* A registry with something in it, closed: all is in the one file. */
static void
fill(void)
{
	char jid[64];
	unsigned i;

	for (i = 0; i < 500; i++) {
		snprintf(jid, sizeof(jid), "user%u@home.test", i);
		stores(user_row(jid, i));
	}
	closes();
}

static void
damaged_files_are_refused_with_the_way_to_restore(void **state)
{
	static const char junk[4096] = "SQLite format 4";
	size_t len;
	char *whole;

	(void)state;
	fill();
	whole = get_file(registry(), &len);
	assert_true(len > 8 * 4096);

	put_file(registry(), "", 0, 0600);
	is_refused(ERR_CORRUPT, "it is empty");
	put_file(registry(), "hello, world\n", 13, 0600);
	is_refused(ERR_CORRUPT, "restore it from a backup");
	put_file(registry(), junk, sizeof(junk), 0600);
	is_refused(ERR_CORRUPT, "restore it from a backup");
	/* cut in the middle of a page, and at the end of one */
	put_file(registry(), whole, len / 2 + 100, 0600);
	is_refused(ERR_CORRUPT, ".recover");
	put_file(registry(), whole, 2 * 4096, 0600);
	is_refused(ERR_CORRUPT, ".recover");
	/* a page in the middle overwritten, the first page's tree broken */
	put_file(registry(), whole, len, 0600);
	patch((off_t)(len / 4096 / 2) * 4096, junk, sizeof(junk));
	is_refused(ERR_CORRUPT, "move it and its -wal");
	put_file(registry(), whole, len, 0600);
	patch(100, junk + 100, 300);
	is_refused(ERR_CORRUPT, "restore it");
	/* and whole it is accepted */
	put_file(registry(), whole, len, 0600);
	mem_free(whole);
	opens();
}

static void
a_registry_of_a_newer_program_is_refused(void **state)
{
	static const unsigned char version[4] = {0, 0, 0, SCHEMA_VERSION + 1};

	(void)state;
	fill();
	patch(60, version, sizeof(version));
	is_refused(ERR_VERSION, "run the newer polypresence");
}

static void
changes_by(const char *sql)
{
	struct db db = {0};

	if (db_open(&db, registry()) != 0 || db_exec(&db, sql, "change") != 0)
		fail_msg("%s: %s", sql, db.error);
	db_trust(&db);
	assert_int_equal(db_close(&db), 0);
}

/* The first one, as it was written when nothing was noted of who was let see the bridge. */
static void
a_registry_of_an_older_program_is_taken_over(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	(void)state;
	stores(user_row("alice@home.test", 5));
	d.device.withdrawn = true;
	stores(d);
	closes();
	changes_by(
	    "ALTER TABLE device DROP COLUMN withdrawn; ALTER TABLE device DROP COLUMN suspended_ms;"
	    "ALTER TABLE user DROP COLUMN suspended_ms; ALTER TABLE user DROP COLUMN owes; PRAGMA user_version = 1");
	opens();
	holds(ALICE PHONE);
	stores(d);
	reopens();
	holds(ALICE
	    "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 active 1 1 3 99 withdrawn\n");
}

static void
a_database_of_another_program_is_refused(void **state)
{
	static const unsigned char application[4] = {0, 0, 0, 1};

	(void)state;
	fill();
	patch(68, application, sizeof(application));
	is_refused(ERR_CORRUPT, "of another program");
}

static void
a_registry_that_vanished_is_not_replaced_by_a_new_one(void **state)
{
	struct store *s = NULL;
	char *wal;
	size_t len;

	(void)state;
	stores(user_row("alice@home.test", 5));
	wal = get_file(in_dir("registry.db-wal"), &len);
	closes();
	assert_int_equal(unlink(registry()), 0);
	put_file(in_dir("registry.db-wal"), wal, len, 0600);
	mem_free(wal);
	assert_int_equal(store_open(&s, registry(), why, sizeof(why)), ERR_CORRUPT);
	assert_non_null(strstr(why, "the file is gone"));
	assert_int_equal(access(registry(), F_OK), -1);
	assert_int_equal(unlink(in_dir("registry.db-wal")), 0);
	opens();
}

static void
a_row_that_makes_no_sense_is_named(void **state)
{
	/* No program of ours has written these: a kind, a key, an address, a name, a text with a NUL in it. */
	static const char *const patches[][2] = { {"fixed", "fiXed"}, {"k3v9", "K3V9"},
		{"alice@work.test", "Alice@work.test"}, {"alice@work.test", "alice/work.test"},
		{"alice@work.test", "work.test/desk1"}, {"Desk phone", "Desk\xc3phone"}, {"active", "act\0ve"},
		{"active", "actIve"} };
	char *whole, *at;
	size_t len, i;

	(void)state;
	stores(user_row("alice@home.test", 5));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	closes();
	whole = get_file(registry(), &len);
	for (i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
		at = memmem(whole, len, patches[i][0], strlen(patches[i][0]));
		assert_non_null(at);
		patch(at - whole, patches[i][1], strlen(patches[i][0]));
		opens();
		assert_int_equal(loads(), ERR_CORRUPT);
		assert_non_null(strstr(store_error(store), "alice@home.test"));
		closes();
		patch(at - whole, patches[i][0], strlen(patches[i][0]));
	}
	mem_free(whole);
	opens();
	assert_int_equal(loads(), 0);
}

static void
a_row_with_a_longer_name_than_devices_have_makes_no_sense(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);
	char label[LABEL_BYTES_MAX + 2];
	size_t n;

	(void)state;
	stores(user_row("alice@home.test", 5));
	for (n = LABEL_BYTES_MAX - 1; n <= LABEL_BYTES_MAX + 1; n++) {
		memset(label, 'l', n);
		label[n] = '\0';
		d.device.label = label;
		stores(d);
		assert_int_equal(loads(), n <= LABEL_BYTES_MAX ? 0 : ERR_CORRUPT);
	}
}

static void
a_row_that_is_refused_is_named_without_its_control_characters(void **state)
{
	(void)state;
	stores(user_row("alice@home.test\033[31m", 5));
	assert_int_equal(loads(), ERR_CORRUPT);
	assert_non_null(strstr(store_error(store), "\"alice@home.test?[31m\""));
	stores(deletes(ACTION_DELETE_USER, "alice@home.test\033[31m", NULL));
	/* What is refused by whoever reads the rows, likewise. */
	stores(user_row("bob@home.test", 5));
	stop_with = ERR_EXISTS;
	assert_int_equal(loads(), ERR_EXISTS);
	stop_with = 0;
	assert_non_null(strstr(store_error(store), "bob@home.test"));
}

static void
one_process_at_a_time_uses_it(void **state)
{
	struct store *s = NULL;

	(void)state;
	assert_int_equal(store_open(&s, registry(), why, sizeof(why)), ERR_EXISTS);
	assert_non_null(strstr(why, "another polypresence is using it"));
	assert_null(s);
	/* The first is not disturbed. */
	stores(user_row("alice@home.test", 5));
	holds(ALICE);
}

static void
a_file_that_can_not_be_written_is_refused(void **state)
{
	const char *dir;
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(chmod(registry(), 0444), 0);
	/* Nobody may do less than root; the directory has to let nobody in. */
	dir = in_dir(".");
	if (geteuid() == 0) {
		assert_int_equal(stat(dir, &st), 0);
		assert_int_equal(chmod(dir, 0777), 0);
		assert_int_equal(unlink(in_dir("registry.db-lock")), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	is_refused(ERR_DENIED, "must be able to write");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(registry(), 0600), 0);
}

static void
a_place_that_does_not_exist_is_told(void **state)
{
	struct store *s = NULL;
	char nowhere[4200];

	(void)state;
	snprintf(nowhere, sizeof(nowhere), "%s/no/registry.db", in_dir("."));
	assert_int_equal(store_open(&s, nowhere, why, sizeof(why)), ERR_IO);
	assert_non_null(strstr(why, "No such file or directory"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(damaged_files_are_refused_with_the_way_to_restore),
		TEST(a_registry_of_a_newer_program_is_refused),
		TEST(a_registry_of_an_older_program_is_taken_over),
		TEST(a_database_of_another_program_is_refused),
		TEST(a_registry_that_vanished_is_not_replaced_by_a_new_one),
		TEST(a_row_that_makes_no_sense_is_named),
		TEST(a_row_with_a_longer_name_than_devices_have_makes_no_sense),
		TEST(a_row_that_is_refused_is_named_without_its_control_characters),
		TEST(one_process_at_a_time_uses_it),
		TEST(a_file_that_can_not_be_written_is_refused),
		TEST(a_place_that_does_not_exist_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
