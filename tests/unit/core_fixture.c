#include "core_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_ENV "CORE_SEED"
#define WALL_START INT64_C(1795428000000) /* 2026-11-23T10:00:00Z */
#define STEPS_MAX 2000000		  /* more than any test needs: the core goes round in circles */

struct core_settings settings;

static struct core *core;
static struct instant now;
static bool may_fail;
static unsigned room;		  /* of the link, in actions; -1: it takes all */
static uint8_t key[CORE_KEY_LEN]; /* of the registry */
static uint64_t chance;

/* All that is to live until the end of the test. */
static void **memories;
static size_t nmemories;

void
keep_memory(void *p)
{
	assert_non_null(p);
	if (nmemories % 1024 == 0)
		memories = realloc(memories, (nmemories + 1024) * sizeof(*memories));
	assert_non_null(memories);
	memories[nmemories++] = p;
}

const char *
kept(const char *text)
{
	char *copy;

	if (text == NULL)
		return NULL;
	copy = strdup(text);
	keep_memory(copy);
	return copy;
}

/* What differs from one process to the next */

/* Steele and others, "Fast splittable pseudorandom number generators". */
static uint64_t
chance_next(void)
{
	uint64_t z = chance += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
chance_fill(uint8_t *out, size_t len)
{
	while (len-- > 0)
		*out++ = (uint8_t)chance_next();
}

static unsigned long long
seed_of_run(void)
{
	const char *text = getenv(SEED_ENV);

	return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static void
tell_seed(int status, void *arg)
{
	(void)arg;
	if (status != 0)
		fprintf(stderr, "%s: " SEED_ENV "=%llu in the environment makes this run again\n",
		    program_invocation_short_name, seed_of_run());
}

/* Keys, tables and clocks of their own for each test, the same in each run of this program with this seed. */
static void
chance_begin(void)
{
	static uint64_t tests;
	const char *c;

	if (tests++ == 0)
		on_exit(tell_seed, NULL);
	chance = seed_of_run();
	for (c = program_invocation_short_name; *c != '\0'; c++)
		chance = chance_next() ^ (uint8_t)*c;
	chance += tests;
	chance_fill(key, sizeof(key));
	/* From a second to some decades after the machine's start, as probable in each order of magnitude. */
	now = (struct instant){(UINT64_C(1024) << chance_next() % 31) + chance_next() % 1024, WALL_START};
}

/* Time */

int64_t
wall_now(void)
{
	return now.wall_ms;
}

void
sleeps_over(uint64_t ms)
{
	now.mono_ms += ms;
	now.wall_ms += (int64_t)ms;
}

void
clock_is_set(int64_t ms)
{
	struct event tick = {.kind = EVENT_TICK};

	now.wall_ms += ms;
	feeds(&tick);
}

/* Do all that is to be done now, the registry's and the server's answers included. */
static void
settle(void)
{
	struct action act;
	unsigned long steps = 0;

	do {
		while (room > 0 && core_next(core, &act)) {
			assert_true(++steps < STEPS_MAX);
			see(&act);
			room -= room != (unsigned)-1;
		}
	} while (registry_answers() || server_answers() || line_answers() || probes_answered());
	if (!drained() && room > 0)
		assert_true(core_deadline(core) > now.mono_ms);
}

/* As the program does it: of what nobody waits for the addresses are never read. */
static struct event
unread(const struct event *ev)
{
	struct event head = *ev;

	if (ev->kind == EVENT_ROSTER_PUSH) {
		head.roster.items = NULL;
		head.roster.nitems = 0;
	} else if (ev->kind == EVENT_ANSWER && ev->answer.extent == EXTENT_WHOLE) {
		head.answer.roster.items = NULL;
		head.answer.roster.nitems = 0;
		head.answer.blocklist.items = NULL;
		head.answer.blocklist.nitems = 0;
	}
	return head;
}

bool
awaits(const struct event *ev)
{
	struct event head = unread(ev);

	return core_awaits(core, &now, &head);
}

int
feeds_status(const struct event *ev)
{
	struct event head = unread(ev);

	return core_feed(core, &now, awaits(ev) ? ev : &head);
}

bool
admits(const struct event *ev)
{
	return core_admits(core, &now, ev);
}

void
feeds(const struct event *ev)
{
	int status = feeds_status(ev);

	if (!may_fail)
		assert_int_equal(status, 0);
	settle();
}

void
out_of_memory(bool may)
{
	may_fail = may;
}

static void
feeds_kind(enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feeds(&ev);
}

void
passes(uint64_t ms)
{
	uint64_t end = now.mono_ms + ms, at;
	unsigned long steps = 0;

	while ((at = core_deadline(core)) <= end) {
		assert_true(++steps < STEPS_MAX);
		if (at > now.mono_ms) {
			now.wall_ms += (int64_t)(at - now.mono_ms);
			now.mono_ms = at;
		}
		feeds_kind(EVENT_TICK);
		if (drained())
			break;
	}
	if (end > now.mono_ms) {
		now.wall_ms += (int64_t)(end - now.mono_ms);
		now.mono_ms = end;
	}
}

void
stalls(uint64_t ms)
{
	const struct event ev = {.kind = EVENT_TICK};

	now.wall_ms += (int64_t)ms;
	now.mono_ms += ms;
	assert_int_equal(feeds_status(&ev), 0);
}

void
clock_jumps(int64_t ms)
{
	now.mono_ms += (uint64_t)ms;
	now.wall_ms += ms;
}

void
link_up(void)
{
	feeds_kind(EVENT_LINK_UP);
}

void
link_down(void)
{
	server_reset();
	probes_forgotten();
	feeds_kind(EVENT_LINK_DOWN);
}

void
link_takes(unsigned actions)
{
	room = actions;
	settle();
}

void
drains(void)
{
	feeds_kind(EVENT_DRAIN);
}

void
configures(void)
{
	const struct event tick = {.kind = EVENT_TICK};

	assert_int_equal(core_configure(core, &settings), 0);
	feeds(&tick);
}

struct core_stats
stats(void)
{
	struct core_stats s;

	core_stats(core, &s);
	return s;
}

/* Beginning and end */

struct core *
another_core(void)
{
	uint8_t seed[CORE_SEED_LEN];

	chance_fill(seed, sizeof(seed));
	return core_new(&settings, seed, key);
}

static void
core_start(void)
{
	core = another_core();
	assert_non_null(core);
}

static void
start_anew(bool doubtful)
{
	core_free(core);
	server_reset();
	probes_forgotten();
	not_drained();
	core_start();
	registry_load(doubtful);
}

void
restart(void)
{
	start_anew(false);
}

void
crash(void)
{
	start_anew(true);
}

void
crash_after_writes(size_t n)
{
	registry_applies(n);
	crash();
}

int
core_setup(void **state)
{
	static const char *const hosts[] = {"home.test", "work.test"};

	(void)state;
	core_settings_default(&settings);
	settings.domain = DOMAIN;
	settings.hosts = hosts;
	settings.nhosts = 2;
	settings.debug = true;
	server = (struct server){.name = "Prosody"};
	chance_begin();
	may_fail = false;
	room = (unsigned)-1;
	user_is(ALICE);
	core_start();
	registry_load(false);
	return 0;
}

int
core_setup_enrolled(void **state)
{
	core_setup(state);
	has_enrolled(GRANT_ALL);
	return 0;
}

int
core_setup_linked(void **state)
{
	core_setup(state);
	has_a_desk_phone(GRANT_ALL);
	return 0;
}

int
core_teardown(void **state)
{
	(void)state;
	core_free(core);
	core = NULL;
	server_forget();
	line_forget();
	places_forgotten();
	registry_reset();
	forget_all();
	while (nmemories > 0)
		free(memories[--nmemories]);
	free(memories);
	memories = NULL;
	return 0;
}
