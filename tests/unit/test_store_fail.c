/*
 * sys/store when the n-th operation of the disk, or the n-th allocation of
 * SQLite, fails: for every n, once and from then on (F1, F12, F13).  What was
 * said to have failed has not happened, what was said to be done is, and once
 * the disk is well again everything goes on.
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
#include "vfs_fixture.h"

#define N_MAX 100000

static const struct failure {
	enum vfs_op op;
	int code;
} failures[] = {
	{VFS_OPEN, SQLITE_CANTOPEN},
	{VFS_OPEN, SQLITE_IOERR},
	{VFS_DELETE, SQLITE_IOERR_DELETE},
	{VFS_ACCESS, SQLITE_IOERR_ACCESS},
	{VFS_READ, SQLITE_IOERR_READ},
	{VFS_READ, SQLITE_IOERR_NOMEM},
	{VFS_WRITE, SQLITE_IOERR_WRITE},
	{VFS_WRITE, SQLITE_FULL},
	{VFS_WRITE, SQLITE_READONLY},
	{VFS_TRUNCATE, SQLITE_IOERR_TRUNCATE},
	{VFS_SYNC, SQLITE_IOERR_FSYNC},
	{VFS_SIZE, SQLITE_IOERR_FSTAT},
	{VFS_LOCK, SQLITE_BUSY},
	{VFS_LOCK, SQLITE_IOERR_LOCK},
	{VFS_UNLOCK, SQLITE_IOERR_UNLOCK},
	{VFS_SHM_MAP, SQLITE_IOERR_SHMMAP},
	{VFS_SHM_MAP, SQLITE_NOMEM},
	{VFS_SHM_LOCK, SQLITE_BUSY},
	{VFS_SHM_LOCK, SQLITE_IOERR_SHMLOCK},
	{VFS_ALLOC, SQLITE_NOMEM},
};

/* Before each step: alice with her phone, bob with a device that he has revoked. */
#define BOB "user bob@home.test 1795428000123 9 18446744073709551615 2 3 7 1 0 4294967295\n"
#define TABLET "device bob@home.test m2x0 alice@work.test - Desk phone fixed 1 self 1 revoked 1 0 3 99\n"
#define BASE ALICE BOB PHONE TABLET
#define CAROL "user carol@home.test 1795428000123 4 18446744073709551615 2 3 7 1 0 4294967295\n"
#define ALICE_LATER "user alice@home.test 1795428000123 6 18446744073709551615 2 3 7 1 0 4294967295\n"
#define PHONE_REVOKED "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 revoked 1 0 3 99\n"
#define LAPTOP "device alice@home.test z00z alice@work.test - Desk phone fixed 1 self 1 requested 1 0 3 99\n"

static struct {
	char *data;
	size_t len;
} base;
static const struct failure *failing;
static unsigned long nth;
static bool lasting;
static const char *step_name;
static unsigned long cases;

int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

#define wrong(...)                                                                                        \
	do {                                                                                              \
		fprintf(stderr, "%s: %s %lu fails with %d%s: ", step_name, vfs_op_name(failing->op), nth, \
		    failing->code, lasting ? ", and all after it" : "");                                  \
		fail_msg(__VA_ARGS__);                                                                    \
	} while (0)

static void
remove_all(void)
{
	static const char *const names[] = { "registry.db", "registry.db-wal", "registry.db-shm", "registry.db-journal",
		"registry.db-new", "registry.db-new-journal", "registry.db-lock" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
}

static void
restore_base(void)
{
	remove_all();
	put_file(registry(), base.data, base.len, 0600);
}

static int
setup(void **state)
{
	int status = store_setup(state);

	if (status != 0)
		return status;
	stores(user_row("alice@home.test", 5));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	stores(user_row("bob@home.test", 9));
	stores(device_row("bob@home.test", "m2x0", LINK_REVOKED));
	closes();
	base.data = get_file(registry(), &base.len);
	return 0;
}

static int
teardown(void **state)
{
	mem_free(base.data);
	base.data = NULL;
	return store_teardown(state);
}

static void
must_hold(const char *want, const char *when)
{
	int status = loads();

	if (status != 0)
		wrong("%s: it can't be loaded: %s", when, store_error(store));
	if (strcmp(buf_text(&rows), want) != 0)
		wrong("%s it holds\n%s\ninstead of\n%s", when, buf_text(&rows), want);
}

static void
must_open(void)
{
	if (store_open(&store, registry(), why, sizeof(why)) != 0)
		wrong("the disk is well again, but: %s", why);
}

static bool opening_once(void);
static bool creating_once(void);

/*
 * Call ONCE, with each failure, for n = 1, 2, ...; until it says that the n-th
 * was not reached.  Of the thousands of allocations that make a schema every
 * seventh has to do, unless EVERY_FAILURE is in the environment.
 */
static void
for_each_failure(const char *name, bool (*once)(void))
{
	unsigned long step;
	size_t i;

	step_name = name;
	for (i = 0; i < 2 * sizeof(failures) / sizeof(failures[0]); i++) {
		failing = &failures[i / 2];
		lasting = i % 2 != 0;
		step = stride(failing->op == VFS_ALLOC && (once == opening_once || once == creating_once) ? 7 : 1);
		for (nth = 1; once(); nth += step) {
			cases++;
			if (nth > N_MAX)
				wrong("there is no end of it");
		}
	}
}

static void
begin_failing(void)
{
	vfs_fail(failing->op, nth, failing->code, lasting);
}

/* A single change, in a transaction of its own. */
static struct action change;
static const char *after_change;

static bool
change_once(void)
{
	bool reached;
	int status;

	restore_base();
	opens();
	begin_failing();
	status = tries(change);
	reached = vfs_heal();
	if (status != 0 && !reached)
		wrong("it failed by itself: %s", store_error(store));
	if (status != 0 && store_error(store)[0] == '\0')
		wrong("nothing says why");
	must_hold(status == 0 ? after_change : BASE, "now");
	/* Every other time it is not tried again before the end: what was said must be true all the same. */
	if (nth % 2 == 0) {
		closes();
		must_open();
		must_hold(status == 0 ? after_change : BASE, "after a restart");
	}
	status = tries(change);
	if (status != 0)
		wrong("the disk is well again, but: %s", store_error(store));
	must_hold(after_change, "done again");
	closes();
	must_open();
	must_hold(after_change, "done again, after a restart");
	closes();
	return reached;
}

static void
is_whole_or_not_at_all(const char *name, struct action a, const char *after)
{
	change = a;
	after_change = after;
	for_each_failure(name, change_once);
}

static void
a_change_that_failed_has_not_happened_and_can_be_made_later(void **state)
{
	(void)state;
	is_whole_or_not_at_all("a new user", user_row("carol@home.test", 4), ALICE BOB CAROL PHONE TABLET);
	is_whole_or_not_at_all("a user", user_row("alice@home.test", 6), ALICE_LATER BOB PHONE TABLET);
	is_whole_or_not_at_all("a new device", device_row("alice@home.test", "z00z", LINK_REQUESTED),
	    ALICE BOB PHONE LAPTOP TABLET);
	is_whole_or_not_at_all("an end", device_row("alice@home.test", "k3v9", LINK_REVOKED),
	    ALICE BOB PHONE_REVOKED TABLET);
	is_whole_or_not_at_all("a device goes", deletes(ACTION_DELETE_DEVICE, "bob@home.test", "m2x0"),
	    ALICE BOB PHONE);
	is_whole_or_not_at_all("a user goes", deletes(ACTION_DELETE_USER, "bob@home.test", NULL), ALICE PHONE);
}

/* Four changes in one transaction; each has its own outcome, as perform.c sees it. */
static bool
batch_once(void)
{
	const struct action acts[] = {
		user_row("carol@home.test", 4),
		device_row("alice@home.test", "k3v9", LINK_REVOKED),
		deletes(ACTION_DELETE_DEVICE, "bob@home.test", "m2x0"),
		device_row("alice@home.test", "z00z", LINK_REQUESTED),
	};
	bool done[4], reached;
	char want[2048];
	int status, i;

	restore_base();
	opens();
	begin_failing();
	status = store_begin(store);
	for (i = 0; i < 4; i++)
		done[i] = status == 0 && store_apply(store, &acts[i]) == 0;
	if (status == 0 && store_commit(store) != 0)
		memset(done, 0, sizeof(done));
	reached = vfs_heal();
	snprintf(want, sizeof(want), "%s%s%s%s%s%s", ALICE BOB, done[0] ? CAROL : "", done[1] ? PHONE_REVOKED : PHONE,
	    done[3] ? LAPTOP : "", done[2] ? "" : TABLET, "");
	must_hold(want, "now");
	closes();
	must_open();
	must_hold(want, "after a restart");
	closes();
	return reached;
}

static void
of_a_batch_only_what_was_said_to_be_done_is_done(void **state)
{
	(void)state;
	for_each_failure("a batch", batch_once);
}

/* Notes are lazy, but nothing newer is lost for good: kept and written later, or else the next start is told. */
static bool
notes_once(void)
{
	struct action a = user_row("alice@home.test", 6);
	bool reached;
	int status;

	restore_base();
	opens();
	assert_int_equal(store_note(store, 0, &a.user), 0);
	begin_failing();
	status = store_flush(store, STORE_NOTE_DELAY_MS);
	reached = vfs_heal();
	if (status != 0 && store_deadline(store) == UINT64_MAX)
		wrong("it isn't tried again");
	if (status != 0)
		must_hold(BASE, "now");
	if (status == 0 || nth % 2 == 0)
		assert_int_equal(store_flush(store, 1000000), 0);
	closes();
	must_open();
	must_hold(ALICE_LATER BOB PHONE TABLET, "after a restart");
	closes();
	return reached;
}

static bool
closing_once(void)
{
	struct action a = user_row("alice@home.test", 6);
	bool reached;

	restore_base();
	opens();
	assert_int_equal(store_note(store, 0, &a.user), 0);
	begin_failing();
	closes();
	reached = vfs_heal();
	must_open();
	assert_int_equal(loads(), 0);
	if (strcmp(buf_text(&rows), BASE) == 0) {
		if (!store_was_cut_short(store))
			wrong("a note is lost and nobody is told");
	} else {
		must_hold(ALICE_LATER BOB PHONE TABLET, "after a restart");
	}
	closes();
	return reached;
}

static bool
note_and_change_once(void)
{
	struct action note = user_row("alice@home.test", 6), row = user_row("alice@home.test", 6);
	bool reached;

	restore_base();
	opens();
	assert_int_equal(store_note(store, 0, &note.user), 0);
	begin_failing();
	(void)tries(row);
	reached = vfs_heal();
	closes();
	must_open();
	must_hold(ALICE_LATER BOB PHONE TABLET, "after a restart");
	closes();
	return reached;
}

static void
a_note_is_written_in_the_end_or_the_next_start_is_told(void **state)
{
	(void)state;
	for_each_failure("notes", notes_once);
	for_each_failure("closing", closing_once);
	for_each_failure("a note, and the row of its user", note_and_change_once);
}

static void
a_note_without_memory_is_told_at_the_next_start(void **state)
{
	struct action a = user_row("alice@home.test", 6);

	(void)state;
	restore_base();
	opens();
	mem_fail_at(1);
	assert_int_equal(store_note(store, 0, &a.user), ERR_NOMEM);
	mem_fail_at(0);
	reopens();
	assert_true(store_was_cut_short(store));
	reopens();
	assert_false(store_was_cut_short(store));
}

static bool
opening_once(void)
{
	uint8_t key[CORE_KEY_LEN];
	bool reached;
	int status;

	restore_base();
	opens();
	memcpy(key, store_key(store), sizeof(key));
	stores(user_row("alice@home.test", 5));
	closes();
	begin_failing();
	status = store_open(&store, registry(), why, sizeof(why));
	reached = vfs_heal();
	if (status != 0) {
		assert_null(store);
		if (!reached)
			wrong("it failed by itself: %s", why);
		if (strstr(why, registry()) == NULL || strlen(why) < strlen(registry()) + 20)
			wrong("it doesn't say what is the matter: %s", why);
		must_open();
	}
	if (store_is_new(store) || memcmp(store_key(store), key, sizeof(key)) != 0)
		wrong("it is another registry");
	must_hold(BASE, "now");
	closes();
	return reached;
}

static bool
creating_once(void)
{
	bool reached;
	int status;

	remove_all();
	begin_failing();
	status = store_open(&store, registry(), why, sizeof(why));
	reached = vfs_heal();
	if (status != 0) {
		if (!reached)
			wrong("it failed by itself: %s", why);
		if (access(in_dir("registry.db-new"), F_OK) == 0 ||
		    access(in_dir("registry.db-new-journal"), F_OK) == 0)
			wrong("half of a registry is left behind");
		must_open();
	}
	must_hold("", "now");
	stores(user_row("alice@home.test", 5));
	closes();
	must_open();
	must_hold(ALICE, "after a restart");
	closes();
	return reached;
}

static void
what_can_not_be_opened_now_is_opened_later(void **state)
{
	(void)state;
	for_each_failure("opening", opening_once);
	for_each_failure("creating", creating_once);
}

/* A component that was renamed: all approvals are void and it is the new one's, or neither. */
#define BASE_VOID                                                                                      \
	"moved now user alice@home.test 1795428000123 5 18446744073709551615 4 4 7 0 0 4294967295\n"   \
	"moved now user bob@home.test 1795428000123 9 18446744073709551615 4 4 7 0 0 4294967295\n"     \
	"device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 requested 0 1 3 99\n" \
	"device bob@home.test m2x0 alice@work.test - Desk phone fixed 1 self 1 revoked 0 0 3 99\n"

static bool
moving_once(void)
{
	struct owner before;
	bool reached, moved;
	int status;

	restore_base();
	opens();
	assert_int_equal(store_claim(store, "old.home.test", "", &before, &moved), 0);
	begin_failing();
	status = store_claim(store, "new.home.test", "old.home.test", &before, &moved);
	reached = vfs_heal();
	if (moved != (status == 0))
		wrong("it says that it has moved, and has not, or the other way round");
	must_hold(status == 0 ? BASE_VOID : BASE, "now");
	if (nth % 2 == 0) {
		closes();
		must_open();
		must_hold(status == 0 ? BASE_VOID : BASE, "after a restart");
	}
	if (store_claim(store, "new.home.test", "old.home.test", &before, &moved) != 0)
		wrong("the disk is well again, but: %s", store_error(store));
	if (moved != (status != 0))
		wrong("it was the other one's all the same");
	must_hold(BASE_VOID, "done again");
	closes();
	return reached;
}

static void
a_registry_moves_whole_or_not_at_all(void **state)
{
	(void)state;
	for_each_failure("moving", moving_once);
}

/* Loading tells the truth or fails; half a row would be a device that nobody has linked. */
static bool
loading_once(void)
{
	bool reached;
	int status;

	restore_base();
	opens();
	begin_failing();
	status = loads();
	reached = vfs_heal();
	if (status == 0 && strcmp(buf_text(&rows), BASE) != 0)
		wrong("it holds\n%s", buf_text(&rows));
	if (status == 0 && strcmp(buf_text(&rows), BASE) != 0)
		wrong("half of it was loaded");
	if (strncmp(buf_text(&rows), BASE, rows.len) != 0)
		wrong("what was loaded of it is wrong:\n%s", buf_text(&rows));
	if (status == ERR_CORRUPT)
		wrong("a good registry is said to be damaged: %s", store_error(store));
	must_hold(BASE, "now");
	closes();
	return reached;
}

static void
loading_is_right_or_fails(void **state)
{
	(void)state;
	for_each_failure("loading", loading_once);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_that_failed_has_not_happened_and_can_be_made_later),
		TEST(of_a_batch_only_what_was_said_to_be_done_is_done),
		TEST(a_note_is_written_in_the_end_or_the_next_start_is_told),
		TEST(a_note_without_memory_is_told_at_the_next_start),
		TEST(what_can_not_be_opened_now_is_opened_later),
		TEST(a_registry_moves_whole_or_not_at_all),
		TEST(loading_is_right_or_fails),
	};
	int status;

	dir_in_memory();
	vfs_install();
	status = cmocka_run_group_tests(tests, NULL, NULL);
	print_message("%lu failures\n", cases);
	return status;
}
