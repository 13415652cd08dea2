/* sys/perform: what is durable is so before anything visible that was said after it (F12, F13, F17). */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "sys/log.h"
#include "sys/perform.h"
#include "sys_fixture.h"

/* In place of the core, the registry and the link: they write down what is asked of them. */
static struct action script[2000];
static size_t scripted, taken;
static struct buf trace, output;
static bool up, begin_fails, commit_fails;
static uint64_t refused_ticket;
static size_t room; /* stanzas that the link takes */
static uint64_t flush_at;

bool
core_next(struct core *c, struct action *act)
{
	(void)c;
	if (taken == scripted)
		return false;
	*act = script[taken++];
	return true;
}

int
core_feed(struct core *c, const struct instant *now, const struct event *ev)
{
	(void)c;
	(void)now;
	buf_printf(&trace, "%s:%d ", ev->kind == EVENT_STORED ? "stored" : "failed", (int)ev->ticket);
	return 0;
}

int
store_begin(struct store *s)
{
	(void)s;
	buf_puts(&trace, "begin ");
	return begin_fails ? ERR_IO : 0;
}

int
store_apply(struct store *s, const struct action *act)
{
	(void)s;
	buf_printf(&trace, "apply:%d ", (int)act->ticket);
	return act->ticket == refused_ticket ? ERR_INVALID : 0;
}

static bool log_is_watched; /* by a test that wants to know what was in it when */

static size_t
lines_of_log(void)
{
	char *text = get_file(in_dir("log"), NULL), *s;
	size_t n = 0;

	for (s = text; (s = strchr(s, '\n')) != NULL; s++)
		n++;
	mem_free(text);
	return n;
}

int
store_commit(struct store *s)
{
	(void)s;
	if (log_is_watched)
		buf_printf(&trace, "%zu-lines ", lines_of_log());
	buf_puts(&trace, "commit ");
	return commit_fails ? ERR_IO : 0;
}

int
store_note(struct store *s, uint64_t now, const struct user_record *u)
{
	(void)s;
	(void)now;
	buf_printf(&trace, "note:%s ", u->primary);
	return 0;
}

uint64_t
store_deadline(const struct store *s)
{
	(void)s;
	return flush_at;
}

int
store_flush(struct store *s, uint64_t now)
{
	(void)s;
	(void)now;
	buf_puts(&trace, "flush ");
	return 0;
}

const char *
store_error(const struct store *s)
{
	(void)s;
	return "disk full";
}

bool
link_is_up(const struct link *l)
{
	(void)l;
	return up;
}

/* What was written to the output shows up in the trace before the next question. */
bool
link_can_send(const struct link *l)
{
	(void)l;
	return up && room > 0;
}

struct buf *
link_output(struct link *l)
{
	(void)l;
	room--;
	buf_puts(&trace, "send ");
	return &output;
}

void
link_reconnect(struct link *l, const char *why, bool wanted)
{
	(void)l;
	buf_printf(&trace, "reconnect%s:%s ", wanted ? "" : "-failed", why);
}

static struct perform p;
static const struct instant now = {1000, 1000};

static int
setup(void **state)
{
	static char nowhere[] = "/dev/null";
	static const struct log_conf quiet = {LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT, LOG_TO_FILE, nowhere};
	static const struct encode_identity identity = {"presence.home.test", "polypresence", "0", NULL};

	if (dir_setup(state) != 0)
		return -1;
	assert_int_equal(log_open(&quiet), 0);
	scripted = taken = 0;
	up = true;
	begin_fails = commit_fails = false;
	refused_ticket = 0;
	room = SIZE_MAX;
	flush_at = UINT64_MAX;
	return perform_init(&p, NULL, NULL, NULL, &identity);
}

static void
watch_log(void)
{
	char path[PATH_MAX];
	const struct log_conf conf = {LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT, LOG_TO_FILE, path};

	snprintf(path, sizeof(path), "%s", in_dir("log"));
	assert_int_equal(log_open(&conf), 0);
	log_is_watched = true;
}

static int
teardown(void **state)
{
	perform_clear(&p);
	log_close();
	log_is_watched = false;
	buf_clear(&trace);
	buf_clear(&output);
	return dir_teardown(state);
}

static struct action *
wants(enum action_kind kind)
{
	struct action *a = &script[scripted++];

	memset(a, 0, sizeof(*a));
	a->kind = kind;
	a->from.bare = "presence.home.test";
	a->to.bare = "alice@home.test";
	a->user.primary = "alice@home.test";
	return a;
}

static void
wants_stored(uint64_t ticket)
{
	wants(ACTION_STORE_DEVICE)->ticket = ticket;
}

static void
wants_sent(void)
{
	struct action *a = wants(ACTION_PRESENCE);

	a->presence.type = PRESENCE_SUBSCRIBE;
	a->presence.status.id = a->presence.nick.id = TEXT_NONE;
}

static void
does(const char *want)
{
	bool full = perform_run(&p, &now);

	assert_string_equal(buf_text(&trace), want);
	assert_int_equal(full, up && room == 0);
	buf_reset(&trace);
}

static void
changes_in_a_row_are_one_transaction(void **state)
{
	(void)state;
	wants_stored(1);
	wants_stored(2);
	wants_stored(3);
	does("begin apply:1 apply:2 apply:3 commit stored:1 stored:2 stored:3 ");
}

static void
a_change_is_durable_before_what_is_sent_after_it(void **state)
{
	(void)state;
	wants_sent();
	wants_stored(1);
	wants_sent();
	wants_stored(2);
	wants_sent();
	/* The link has them, and sends nothing before its owner says so. */
	does("send begin apply:1 send apply:2 send commit stored:1 stored:2 ");
	assert_int_equal(p.sent, 3);
	assert_int_equal(perform_largest(&p), output.len / 3);
	assert_int_equal(perform_largest(&p), 0);
}

static void
wants_said(const char *event)
{
	struct action *act = wants(ACTION_LOG);

	act->log.level = LOG_LEVEL_ERROR;
	act->log.event = event;
}

static void
nor_is_it_in_the_log_before(void **state)
{
	char *text;

	(void)state;
	watch_log();
	wants_said("before");
	wants_stored(1);
	wants_said("first");
	wants_stored(2);
	wants_said("second");
	does("begin apply:1 apply:2 1-lines commit stored:1 stored:2 ");
	assert_int_equal(lines_of_log(), 3);
	text = get_file(in_dir("log"), NULL);
	assert_non_null(strstr(text, "event=before"));
	assert_non_null(strstr(strstr(text, "event=first"), "event=second"));
	mem_free(text);
}

static void
more_lines_than_can_wait_end_the_transaction(void **state)
{
	const size_t n = LOG_HELD_BYTES_MAX / 40;
	char want[120];
	size_t i;

	(void)state;
	watch_log();
	wants_stored(1);
	for (i = 0; i < n; i++)
		wants_said("device.ended");
	wants_stored(2);
	snprintf(want, sizeof(want), "begin apply:1 0-lines commit begin apply:2 %zu-lines commit stored:1 stored:2 ",
	    n);
	does(want);
	assert_int_equal(lines_of_log(), n);
}

static void
a_commit_that_fails_is_the_failure_of_its_changes_only(void **state)
{
	(void)state;
	commit_fails = true;
	wants_stored(1);
	wants_stored(2);
	does("begin apply:1 apply:2 commit failed:1 failed:2 ");
	commit_fails = false;
	wants_stored(3);
	does("begin apply:3 commit stored:3 ");
}

static void
a_change_that_is_refused_leaves_the_others_alone(void **state)
{
	(void)state;
	refused_ticket = 2;
	wants_stored(1);
	wants_stored(2);
	wants_stored(3);
	does("begin apply:1 apply:2 apply:3 commit stored:1 failed:2 stored:3 ");
}

static void
a_registry_that_refuses_to_begin_is_asked_once_a_turn(void **state)
{
	(void)state;
	begin_fails = true;
	wants_stored(1);
	wants_stored(2);
	wants_sent();
	wants_stored(3);
	does("begin send failed:1 failed:2 failed:3 ");
	begin_fails = false;
	wants_stored(4);
	does("begin apply:4 commit stored:4 ");
}

static void
nothing_more_is_taken_when_the_link_is_full(void **state)
{
	(void)state;
	room = 1;
	wants_stored(1);
	wants_sent();
	wants_stored(2);
	wants_sent();
	/* What was taken is answered all the same. */
	does("begin apply:1 send commit stored:1 ");
	room = SIZE_MAX;
	does("begin apply:2 send commit stored:2 ");
}

static void
without_a_link_stanzas_are_dropped_and_changes_are_not(void **state)
{
	(void)state;
	up = false;
	wants_sent();
	wants_stored(1);
	wants_sent();
	does("begin apply:1 commit stored:1 ");
	assert_int_equal(p.dropped, 2);
	assert_int_equal(output.len, 0);
}

static void
a_storm_of_changes_is_cut_into_batches(void **state)
{
	uint64_t i;
	size_t commits = 0;
	const char *at;

	(void)state;
	for (i = 1; i <= 1200; i++)
		wants_stored(i);
	assert_false(perform_run(&p, &now));
	for (at = buf_text(&trace); (at = strstr(at, "commit")) != NULL; at++)
		commits++;
	assert_int_equal(commits, 3);
	assert_non_null(strstr(buf_text(&trace), "stored:1200 "));
	assert_null(strstr(buf_text(&trace), "failed"));
}

static void
notes_wait_until_they_are_due(void **state)
{
	(void)state;
	wants(ACTION_NOTE_PUBLISHED);
	does("note:alice@home.test ");
	flush_at = now.mono_ms + 1;
	perform_flush(&p, &now);
	assert_string_equal(buf_text(&trace), "");
	flush_at = now.mono_ms;
	perform_flush(&p, &now);
	assert_string_equal(buf_text(&trace), "flush ");
}

static void
a_new_stream_is_made_after_what_was_said_before_it(void **state)
{
	(void)state;
	wants_sent();
	wants_stored(1);
	wants(ACTION_RECONNECT)->reconnect.reason = "why";
	does("send begin apply:1 commit reconnect:why stored:1 ");
}

static void
the_end_of_the_draining_is_seen(void **state)
{
	(void)state;
	does("");
	assert_false(p.drained);
	wants(ACTION_DRAINED);
	does("");
	assert_true(p.drained);
}

static void
an_action_that_can_not_be_written_is_counted(void **state)
{
	(void)state;
	wants(ACTION_DRAINED)->kind = (enum action_kind)1000;
	does("send ");
	assert_int_equal(p.failed, 1);
	assert_int_equal(output.len, 0);
}

static void
of_many_that_can_not_be_written_there_is_a_line_a_minute(void **state)
{
	struct instant later = now;
	unsigned i;

	(void)state;
	for (i = 0; i < 5; i++)
		wants(ACTION_DRAINED)->kind = (enum action_kind)1000;
	(void)perform_run(&p, &now);
	assert_int_equal(p.failed, 5);
	assert_int_equal(p.failed_others, 4); /* not told of yet */
	later.mono_ms += 59999;
	wants(ACTION_DRAINED)->kind = (enum action_kind)1000;
	(void)perform_run(&p, &later);
	assert_int_equal(p.failed_others, 5);
	later.mono_ms++;
	wants(ACTION_DRAINED)->kind = (enum action_kind)1000;
	(void)perform_run(&p, &later);
	assert_int_equal(p.failed_others, 0);
}

static void
a_stanza_for_which_there_is_no_memory_ends_the_stream(void **state)
{
	(void)state;
	wants_sent();
	mem_fail_at(2);
	(void)perform_run(&p, &now);
	mem_fail_at(0);
	assert_string_equal(buf_text(&trace), "send reconnect-failed:out of memory: a stanza could not be written ");
	assert_int_equal(p.failed, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_in_a_row_are_one_transaction),
		TEST(a_change_is_durable_before_what_is_sent_after_it),
		TEST(nor_is_it_in_the_log_before),
		TEST(more_lines_than_can_wait_end_the_transaction),
		TEST(a_commit_that_fails_is_the_failure_of_its_changes_only),
		TEST(a_change_that_is_refused_leaves_the_others_alone),
		TEST(a_registry_that_refuses_to_begin_is_asked_once_a_turn),
		TEST(nothing_more_is_taken_when_the_link_is_full),
		TEST(without_a_link_stanzas_are_dropped_and_changes_are_not),
		TEST(a_storm_of_changes_is_cut_into_batches),
		TEST(notes_wait_until_they_are_due),
		TEST(a_new_stream_is_made_after_what_was_said_before_it),
		TEST(the_end_of_the_draining_is_seen),
		TEST(an_action_that_can_not_be_written_is_counted),
		TEST(of_many_that_can_not_be_written_there_is_a_line_a_minute),
		TEST(a_stanza_for_which_there_is_no_memory_ends_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
