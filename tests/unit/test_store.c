/* sys/store: what was said to be durable is, a damaged file is refused, a failure is survived (F12, F13). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/err.h"
#include "store_fixture.h"
#include "sys_fixture.h"

static void
what_was_stored_is_there_after_a_restart(void **state)
{
	(void)state;
	assert_true(store_is_new(store));
	stores(user_row("alice@home.test", 5));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	holds(ALICE PHONE);
	reopens();
	assert_false(store_is_new(store));
	holds(ALICE PHONE);
}

static void
each_half_of_a_consent_is_kept_apart(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_REQUESTED);

	(void)state;
	stores(user_row("alice@home.test", 5));
	d.device.approved = true;
	d.device.confirmed = false;
	stores(d);
	reopens();
	holds(ALICE "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 requested 1 0 3 99\n");
	d.device.approved = false;
	d.device.confirmed = d.device.wide = true;
	stores(d);
	reopens();
	holds(ALICE "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 requested 0 1 3 99\n");
}

static void
how_wide_a_yes_is_is_kept(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	(void)state;
	stores(user_row("alice@home.test", 5));
	stores(d);
	reopens();
	holds(ALICE PHONE);
	d.device.visibility = VISIBLE_CONTACTS;
	d.device.wide = false;
	stores(d);
	reopens();
	holds(ALICE
	    "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 contacts 1 active 1 1 3 99 narrow\n");
}

static void
who_is_leaving_is_leaving_after_a_restart(void **state)
{
	struct action u = user_row("alice@home.test", 5);

	(void)state;
	u.user.approved = false;
	u.user.leaving = true;
	stores(u);
	reopens();
	holds("user alice@home.test 1795428000123 5 18446744073709551615 2 3 7 0 1 4294967295\n");
}

static void
since_when_somebody_is_suspended_is_known_after_a_restart(void **state)
{
	struct action u = user_row("alice@home.test", 5), d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	(void)state;
	u.user.suspended_ms = 1795428000456;
	stores(u);
	d.device.suspended_ms = 1795428000789;
	stores(d);
	reopens();
	holds("suspended 1795428000456 " ALICE "suspended 1795428000789 " PHONE);
	u.user.suspended_ms = d.device.suspended_ms = 0;
	stores(u);
	stores(d);
	reopens();
	holds(ALICE PHONE);
}

static void
what_is_still_to_go_is_known_after_a_restart_until_it_is_noted_to_have_gone(void **state)
{
	struct action u = user_row("alice@home.test", 5);

	(void)state;
	u.user.owes = 3;
	stores(u);
	reopens();
	holds("owes 3 " ALICE);
	u.user.owes = 0;
	assert_int_equal(store_note(store, 0, &u.user), 0);
	assert_int_equal(store_flush(store, STORE_NOTE_DELAY_MS), 0);
	reopens();
	holds(ALICE);
}

static void
a_row_is_replaced_and_takes_nothing_with_it(void **state)
{
	struct action a = user_row("alice@home.test", 4), d = device_row("alice@home.test", "k3v9", LINK_REQUESTED);

	(void)state;
	stores(a);
	d.device.resource = "tablet";
	d.device.label = "J\xc3\xbcrg's";
	stores(d);
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	stores(user_row("alice@home.test", 5));
	holds(ALICE PHONE);
}

static void
who_leaves_takes_the_devices_along(void **state)
{
	(void)state;
	stores(user_row("alice@home.test", 5));
	stores(user_row("bob@home.test", 0));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	stores(device_row("bob@home.test", "k3v9", LINK_REVOKED));
	stores(device_row("bob@home.test", "m2x0", LINK_REVOKED));
	stores(deletes(ACTION_DELETE_DEVICE, "bob@home.test", "m2x0"));
	stores(deletes(ACTION_DELETE_USER, "bob@home.test", NULL));
	reopens();
	holds(ALICE PHONE);
}

static void
the_key_stays_the_same(void **state)
{
	uint8_t key[CORE_KEY_LEN], zero[CORE_KEY_LEN] = {0};

	(void)state;
	memcpy(key, store_key(store), sizeof(key));
	assert_memory_not_equal(key, zero, sizeof(key));
	reopens();
	assert_memory_equal(store_key(store), key, sizeof(key));
}

static void
the_file_is_for_its_owner_alone(void **state)
{
	static const char *const names[] = {"registry.db", "registry.db-wal", "registry.db-shm", "registry.db-lock"};
	mode_t was = umask(0);
	struct stat st;
	size_t i;

	(void)state;
	closes();
	assert_int_equal(unlink(registry()), 0);
	opens();
	stores(user_row("alice@home.test", 5));
	umask(was);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(in_dir(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
one_bad_change_leaves_the_others_of_its_batch_alone(void **state)
{
	struct action a = user_row("alice@home.test", 5), orphan = device_row("nobody@home.test", "x", LINK_ACTIVE);
	struct action d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	(void)state;
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_apply(store, &a), 0);
	assert_int_equal(store_apply(store, &orphan), ERR_INVALID);
	assert_int_equal(store_apply(store, &d), 0);
	assert_int_equal(store_commit(store), 0);
	holds(ALICE PHONE);
}

/* A child that does what WORK does and is then killed at once. */
static void
is_killed_after(void (*work)(void))
{
	pid_t pid;
	int status;

	closes();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (store_open(&store, registry(), why, sizeof(why)) == 0)
			work();
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	opens();
}

static void
begin_two(void)
{
	struct action a = user_row("alice@home.test", 5), d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	if (store_begin(store) != 0 || store_apply(store, &a) != 0 || store_apply(store, &d) != 0)
		_exit(1);
}

static void
commit_two(void)
{
	begin_two();
	if (store_commit(store) != 0)
		_exit(1);
}

static void
a_crash_before_the_commit_leaves_nothing(void **state)
{
	(void)state;
	is_killed_after(begin_two);
	holds("");
}

static void
a_crash_after_the_commit_leaves_everything(void **state)
{
	(void)state;
	is_killed_after(commit_two);
	holds(ALICE PHONE);
}

static void
a_process_that_was_killed_is_noticed_once(void **state)
{
	(void)state;
	assert_false(store_was_cut_short(store));
	is_killed_after(commit_two);
	assert_true(store_was_cut_short(store));
	reopens();
	assert_false(store_was_cut_short(store));
}

static void
notes(const char *jid, uint64_t digest, uint64_t now)
{
	struct action a = user_row(jid, digest);

	assert_int_equal(store_note(store, now, &a.user), 0);
}

static void
notes_are_written_together_after_a_while(void **state)
{
	(void)state;
	stores(user_row("alice@home.test", 1));
	assert_true(store_deadline(store) == UINT64_MAX);
	notes("alice@home.test", 2, 10000);
	notes("alice@home.test", 5, 10500);
	assert_true(store_deadline(store) == 10000 + STORE_NOTE_DELAY_MS);
	assert_int_equal(store_flush(store, 10500), 0);
	assert_true(strstr((loads(), buf_text(&rows)), " 1 1844") != NULL);
	assert_int_equal(store_flush(store, 11000), 0);
	assert_true(store_deadline(store) == UINT64_MAX);
	holds(ALICE);
}

static void
notes_are_written_at_the_end(void **state)
{
	(void)state;
	stores(user_row("alice@home.test", 1));
	notes("alice@home.test", 5, 0);
	reopens();
	holds(ALICE);
}

static void
a_note_revives_nobody_and_overwrites_nothing_newer(void **state)
{
	(void)state;
	stores(user_row("alice@home.test", 1));
	stores(user_row("bob@home.test", 1));
	notes("alice@home.test", 2, 0);
	notes("bob@home.test", 2, 0);
	notes("carol@home.test", 2, 0);
	stores(user_row("alice@home.test", 5));
	stores(deletes(ACTION_DELETE_USER, "bob@home.test", NULL));
	assert_int_equal(store_flush(store, 100000), 0);
	holds(ALICE);
}

static void
many_notes_are_written_a_part_at_a_time(void **state)
{
	char jid[64];
	unsigned i;

	(void)state;
	for (i = 0; i < STORE_NOTES_PER_FLUSH + 1; i++) {
		snprintf(jid, sizeof(jid), "u%u@home.test", i);
		notes(jid, 1, 0);
	}
	assert_int_equal(store_flush(store, 1000), 0);
	assert_true(store_deadline(store) == 1000 + STORE_NOTE_DELAY_MS);
	assert_int_equal(store_flush(store, 2000), 0);
	assert_true(store_deadline(store) == UINT64_MAX);
}

/* Failures while running. */

static void
a_full_disk_is_told_and_survived(void **state)
{
	struct rlimit was, none;
	struct stat st;
	int status = 0, i;

	(void)state;
	stores(user_row("alice@home.test", 5));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(stat(in_dir("registry.db-wal"), &st), 0);
	none = was;
	none.rlim_cur = (rlim_t)st.st_size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (i = 0; i < 3; i++) {
		status = tries(device_row("alice@home.test", "k3v9", LINK_REQUESTED));
		assert_int_not_equal(status, 0);
		assert_string_not_equal(store_error(store), "");
	}
	notes("alice@home.test", 6, 0);
	assert_int_not_equal(store_flush(store, 1000), 0);
	/* Not again at once. */
	assert_true(store_deadline(store) > 1000 + STORE_NOTE_DELAY_MS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	stores(user_row("alice@home.test", 5));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	reopens();
	holds(ALICE PHONE);
}

/* Another process holds SQLite's lock for writing, as a careless tool might. */
static void
a_lock_by_someone_else_is_told_and_survived(void **state)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
	int to_child[2], from_child[2], fd, status;
	char c = 0;
	pid_t pid;

	(void)state;
	stores(user_row("alice@home.test", 5));
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(from_child), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fd = open(in_dir("registry.db-shm"), O_RDWR);
		c = fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
		if (write(from_child[1], &c, 1) != 1 || read(to_child[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(from_child[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	assert_int_equal(tries(device_row("alice@home.test", "k3v9", LINK_ACTIVE)), ERR_IO);
	assert_non_null(strstr(store_error(store), "locked"));
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	holds(ALICE PHONE);
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
}

static void
a_loading_that_is_stopped_tells_why(void **state)
{
	(void)state;
	stores(user_row("alice@home.test", 5));
	stop_with = ERR_LIMIT;
	assert_int_equal(loads(), ERR_LIMIT);
	stop_with = 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_stored_is_there_after_a_restart),
		TEST(each_half_of_a_consent_is_kept_apart),
		TEST(how_wide_a_yes_is_is_kept),
		TEST(who_is_leaving_is_leaving_after_a_restart),
		TEST(since_when_somebody_is_suspended_is_known_after_a_restart),
		TEST(what_is_still_to_go_is_known_after_a_restart_until_it_is_noted_to_have_gone),
		TEST(a_row_is_replaced_and_takes_nothing_with_it),
		TEST(who_leaves_takes_the_devices_along),
		TEST(the_key_stays_the_same),
		TEST(the_file_is_for_its_owner_alone),
		TEST(one_bad_change_leaves_the_others_of_its_batch_alone),
		TEST(a_crash_before_the_commit_leaves_nothing),
		TEST(a_crash_after_the_commit_leaves_everything),
		TEST(a_process_that_was_killed_is_noticed_once),
		TEST(notes_are_written_together_after_a_while),
		TEST(notes_are_written_at_the_end),
		TEST(a_note_revives_nobody_and_overwrites_nothing_newer),
		TEST(many_notes_are_written_a_part_at_a_time),
		TEST(a_full_disk_is_told_and_survived),
		TEST(a_lock_by_someone_else_is_told_and_survived),
		TEST(a_loading_that_is_stopped_tells_why),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
