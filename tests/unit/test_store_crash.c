/*
 * sys/store and the end of the power: the disk is stopped after every single
 * change that SQLite makes of it, keeps of what was not synced nothing, all,
 * half or anything (in sectors of 512 bytes), and is opened again (F12).  What
 * was said to be durable is there, and nothing else than what was begun.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "store_fixture.h"
#include "sys_fixture.h"
#include "vfs_fixture.h"

#define SECTOR 512
#define CHANGES_MAX 4096
#define FILES_MAX 32
#define STATES_MAX 32
#define RANDOM_IMAGES 3

/* What happened to the disk, in order; and between, what the test was told by the registry. */
enum what {
	CREATED,
	WRITTEN,
	CUT,
	SYNCED, /* the file and its name */
	DELETED,
	RENAMED,
	NAMES_SYNCED, /* of all files */
	BEGUN,	      /* what leads to the next state */
	COMMITTED,    /* ... is done, and must last */
	LAZY	      /* ... is done, and may be lost */
};

static struct change {
	enum what what;
	char name[40], to[40];
	int64_t off;
	char *data;
	size_t len;
} changes[CHANGES_MAX];
static size_t nchanges;

/* A file on the disk: what is certain, and the changes since. */
struct file {
	char now[40], certain[40]; /* names; "": none */
	struct buf data;
	size_t pending[CHANGES_MAX], npending;
};
static struct file *files[FILES_MAX];
static size_t nfiles;

static char *states[STATES_MAX]; /* what the registry held, one after the other */
static size_t nstates;

static bool recording;
static uint32_t seed;

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static struct change *
note(enum what what, const char *path)
{
	struct change *c = &changes[nchanges++];

	assert_true(nchanges < CHANGES_MAX);
	memset(c, 0, sizeof(*c));
	c->what = what;
	snprintf(c->name, sizeof(c->name), "%s", base_name(path));
	return c;
}

static void
observe(enum vfs_op op, const char *path, int64_t off, const void *data, size_t len)
{
	static const enum what whats[VFS_OPS] = { [VFS_OPEN] = CREATED,
		[VFS_WRITE] = WRITTEN,
		[VFS_TRUNCATE] = CUT,
		[VFS_SYNC] = SYNCED,
		[VFS_DELETE] = DELETED };
	struct change *c;

	if (!recording)
		return;
	c = note(whats[op], path);
	c->off = off;
	if (len > 0) {
		c->data = mem_alloc(len);
		memcpy(c->data, data, len);
		c->len = len;
	}
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_fsync(int fd);

int
__wrap_rename(const char *from, const char *to)
{
	if (recording)
		snprintf(note(RENAMED, from)->to, sizeof(changes->to), "%s", base_name(to));
	return __real_rename(from, to);
}

/* Of regfile.c: the lock, which isn't recorded, and the directory after a renaming. */
int
__wrap_fsync(int fd)
{
	(void)fd;
	if (recording)
		note(NAMES_SYNCED, "");
	return 0;
}

/* The test's own part of the record. */

static void
reached(enum what how)
{
	assert_int_equal(loads(), 0);
	if (nstates == 0 || strcmp(states[nstates - 1], buf_text(&rows)) != 0)
		states[nstates++] = mem_strdup(buf_text(&rows));
	assert_true(nstates < STATES_MAX);
	note(how, "");
}

static void
commits(const struct action *acts, size_t n)
{
	size_t i;

	note(BEGUN, "");
	assert_int_equal(store_begin(store), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(store_apply(store, &acts[i]), 0);
	assert_int_equal(store_commit(store), 0);
	reached(COMMITTED);
}

static void
commits_one(struct action a)
{
	commits(&a, 1);
}

static void
moves(const char *from, const char *to)
{
	struct owner before;
	bool moved;

	note(BEGUN, "");
	assert_int_equal(store_claim(store, to, from, &before, &moved), 0);
	assert_true(moved);
	reached(COMMITTED);
}

static void
flushes(const char *jid, uint64_t digest)
{
	struct action a = user_row(jid, digest);

	note(BEGUN, "");
	assert_int_equal(store_note(store, 0, &a.user), 0);
	assert_int_equal(store_flush(store, STORE_NOTE_DELAY_MS), 0);
	reached(LAZY);
}

/* Playing it back. */

static struct file *
find(const char *name)
{
	size_t i;

	for (i = 0; i < nfiles; i++)
		if (files[i]->now[0] != '\0' && strcmp(files[i]->now, name) == 0)
			return files[i];
	fail_msg("%s was never created", name);
	return NULL;
}

static void
apply(struct buf *data, const struct change *c, size_t from, size_t len)
{
	static const char zeros[4096];
	size_t at = (size_t)c->off + from;

	if (c->what == CUT) {
		if ((size_t)c->off < data->len)
			data->len = (size_t)c->off;
		return;
	}
	while (data->len < at + len)
		buf_put(data, zeros, at + len - data->len < sizeof(zeros) ? at + len - data->len : sizeof(zeros));
	memcpy(data->data + at, c->data + from, len);
}

static void
names_are_certain(void)
{
	size_t i;

	for (i = 0; i < nfiles; i++)
		memcpy(files[i]->certain, files[i]->now, sizeof(files[i]->now));
}

static void
play(size_t i)
{
	const struct change *c = &changes[i];
	struct file *f;
	size_t k;

	switch (c->what) {
	case CREATED:
		f = files[nfiles++] = mem_alloc(sizeof(*f));
		assert_true(nfiles < FILES_MAX);
		memcpy(f->now, c->name, sizeof(f->now));
		break;
	case WRITTEN:
	case CUT:
		f = find(c->name);
		f->pending[f->npending++] = i;
		break;
	case SYNCED:
		f = find(c->name);
		for (k = 0; k < f->npending; k++)
			apply(&f->data, &changes[f->pending[k]], 0, changes[f->pending[k]].len);
		f->npending = 0;
		memcpy(f->certain, f->now, sizeof(f->now));
		break;
	case DELETED:
		find(c->name)->now[0] = '\0';
		if (c->off != 0)
			names_are_certain();
		break;
	case RENAMED:
		memcpy(find(c->name)->now, c->to, sizeof(c->to));
		break;
	case NAMES_SYNCED:
		names_are_certain();
		break;
	case BEGUN:
	case COMMITTED:
	case LAZY:
		break;
	}
}

enum keeps {
	NOTHING,
	ALL,
	HALF_OF_THE_LAST,
	ANYTHING
};

static uint32_t
chance(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 16;
}

static void
apply_some(struct buf *data, const struct change *c, enum keeps keeps, bool last)
{
	size_t from, len;

	if (keeps == NOTHING || (c->what == CUT && keeps == ANYTHING && chance() % 2 == 0))
		return;
	if (c->what == CUT || keeps == ALL || (keeps == HALF_OF_THE_LAST && !last)) {
		apply(data, c, 0, c->len);
		return;
	}
	for (from = 0; from < c->len; from += len) {
		/* Sectors are counted in the file, not in the write. */
		len = SECTOR - (size_t)(c->off + (int64_t)from) % SECTOR;
		if (len > c->len - from)
			len = c->len - from;
		if (keeps == ANYTHING ? chance() % 2 == 0 : from < c->len / 2)
			apply(data, c, from, len);
	}
}

/* Put the files onto the disk as a machine finds them that was switched off now. */
static void
switch_off(enum keeps keeps)
{
	static const char *const names[] = { "registry.db", "registry.db-wal", "registry.db-shm", "registry.db-journal",
		"registry.db-new", "registry.db-new-journal" };
	bool certain = keeps == NOTHING || (keeps == ANYTHING && chance() % 2 == 0);
	struct buf data = {0};
	const char *name;
	size_t i, k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
	for (i = 0; i < nfiles; i++) {
		name = certain ? files[i]->certain : files[i]->now;
		if (name[0] == '\0')
			continue;
		buf_reset(&data);
		buf_put(&data, files[i]->data.data, files[i]->data.len);
		for (k = 0; k < files[i]->npending; k++)
			apply_some(&data, &changes[files[i]->pending[k]], keeps, k + 1 == files[i]->npending);
		put_file(in_dir(name), buf_text(&data), data.len, 0600);
	}
	buf_clear(&data);
}

static void
finds_what_was_committed(size_t at, size_t least, size_t most, enum keeps keeps)
{
	size_t i;

	if (store_open(&store, registry(), why, sizeof(why)) != 0)
		fail_msg("after change %zu of %zu, keeping %d: %s", at, nchanges, (int)keeps, why);
	if (loads() != 0)
		fail_msg("after change %zu of %zu, keeping %d: %s", at, nchanges, (int)keeps, store_error(store));
	for (i = least; i <= most && i < nstates; i++)
		if (strcmp(states[i], buf_text(&rows)) == 0)
			break;
	if (i > most || i == nstates)
		fail_msg("after change %zu of %zu, keeping %d: it holds, instead of states %zu to %zu,\n%s", at,
		    nchanges, (int)keeps, least, most, buf_text(&rows));
	closes();
}

static void
is_right_whenever_the_power_fails(void)
{
	size_t i, least = 0, now = 0, begun = 0;
	int k;

	closes();
	recording = false;
	vfs_observe(NULL);
	for (i = 0; i < nchanges; i++) {
		play(i);
		if (changes[i].what == BEGUN)
			begun = 1;
		if (changes[i].what == COMMITTED || changes[i].what == LAZY) {
			now++;
			begun = 0;
		}
		if (changes[i].what == COMMITTED)
			least = now;
		for (k = i % stride(1) == 0 ? NOTHING : ANYTHING + RANDOM_IMAGES; k < ANYTHING + RANDOM_IMAGES; k++) {
			enum keeps keeps = k < ANYTHING ? (enum keeps)k : ANYTHING;

			switch_off(keeps);
			finds_what_was_committed(i + 1, least, now + begun, keeps);
		}
	}
	assert_int_equal(now + 1, nstates);
}

static int
setup(void **state)
{
	int status = dir_setup(state);

	nchanges = nfiles = nstates = 0;
	seed = 1;
	recording = true;
	vfs_observe(observe);
	return status;
}

static int
teardown(void **state)
{
	size_t i;

	for (i = 0; i < nchanges; i++)
		mem_free(changes[i].data);
	for (i = 0; i < nfiles; i++) {
		buf_clear(&files[i]->data);
		mem_free(files[i]);
	}
	for (i = 0; i < nstates; i++)
		mem_free(states[i]);
	return store_teardown(state);
}

static void
what_was_committed_outlives_the_power(void **state)
{
	struct action both[2];

	(void)state;
	states[nstates++] = mem_strdup("");
	opens();
	commits_one(user_row("alice@home.test", 5));
	both[0] = user_row("bob@home.test", 9);
	both[1] = device_row("bob@home.test", "m2x0", LINK_REQUESTED);
	commits(both, 2);
	commits_one(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	flushes("alice@home.test", 6);
	commits_one(device_row("alice@home.test", "k3v9", LINK_REVOKED));
	flushes("bob@home.test", 10);
	flushes("alice@home.test", 7);
	commits_one(deletes(ACTION_DELETE_DEVICE, "alice@home.test", "k3v9"));
	commits_one(deletes(ACTION_DELETE_USER, "bob@home.test", NULL));
	is_right_whenever_the_power_fails();
}

/* The journal is long and goes back into the file, by itself and at the end, and begins anew. */
static void
what_was_committed_outlives_the_power_between_two_journals(void **state)
{
	char jid[40];
	unsigned i;

	(void)state;
	states[nstates++] = mem_strdup("");
	opens();
	commits_one(user_row("alice@home.test", 5));
	closes();
	opens();
	for (i = 0; i < 3; i++) {
		snprintf(jid, sizeof(jid), "user%u@home.test", i);
		commits_one(user_row(jid, i));
	}
	closes();
	opens();
	commits_one(deletes(ACTION_DELETE_USER, "user1@home.test", NULL));
	is_right_whenever_the_power_fails();
}

static void
a_registry_that_has_moved_outlives_the_power(void **state)
{
	struct owner before;
	bool moved;

	(void)state;
	states[nstates++] = mem_strdup("");
	opens();
	assert_int_equal(store_claim(store, "old.home.test", "", &before, &moved), 0);
	commits_one(user_row("alice@home.test", 5));
	commits_one(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
	moves("old.home.test", "new.home.test");
	commits_one(user_row("alice@home.test", 5));
	is_right_whenever_the_power_fails();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_committed_outlives_the_power),
		TEST(what_was_committed_outlives_the_power_between_two_journals),
		TEST(a_registry_that_has_moved_outlives_the_power),
	};

	dir_in_memory();
	vfs_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
