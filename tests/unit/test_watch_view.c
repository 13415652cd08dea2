/* watch: how the board reaches standard output, and what keys do. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "tty_fixture.h"
#include "watch/stamp.h"
#include "watch/view.h"
#include "watch_fixture.h"

#define NOW 1795390000 /* 2026-11-22T23:26:40Z, the items expire at 23:09 the next day */
#define AFTER_EXPIRY 1795500000

static struct board board;
static struct view view;

static int
begin(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	memset(&view, 0, sizeof(view));
	view.expiry = STAMP_NONE;
	view.utf8 = true;
	view.account = "me@home.test";
	return 0;
}

static int
end(void **state)
{
	view_close(&view);
	tty_end(state);
	board_clear(&board);
	return 0;
}

static void
shows(int64_t now, bool all)
{
	assert_int_equal(view_update(&view, &board, now, all), 0);
}

static void
assert_wrote(const char *part)
{
	const char *text = tty_written();

	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void
assert_wrote_nothing(void)
{
	assert_string_equal(tty_written(), "");
}

/* Lines and JSON */

static void
lines_say_what_changed_and_when_it_expires(void **state)
{
	(void)state;
	file_begin();
	view.mode = VIEW_LINES;
	contact_with(&board, "alice@home.test", NULL, alices_devices);
	shows(NOW, false);
	assert_wrote("alice@home.test \"Desk phone\" fixed dnd");
	shows(NOW + 60, false);
	assert_wrote_nothing();
	contact_with(&board, "bob@home.test", NULL, NULL);
	shows(NOW + 61, false);
	assert_wrote("bob@home.test no-devices");
	/* Nobody says anything, and yet it is something else from then on. */
	shows(AFTER_EXPIRY, false);
	assert_wrote("alice@home.test \"Desk phone\" fixed unknown");
	shows(AFTER_EXPIRY + 1, false);
	assert_wrote_nothing();
}

static void
who_has_not_answered_is_said_only_when_all_is_asked_for(void **state)
{
	(void)state;
	file_begin();
	view.mode = VIEW_LINES;
	assert_int_equal(board_roster_item(&board, "alice@home.test", NULL, false), 0);
	assert_int_equal(board_roster_item(&board, "me@home.test", NULL, true), 0);
	board_answer(&board, board_find(&board, "me@home.test"), SOURCE_CONTACTS, NULL, NULL);
	board.change++;
	shows(NOW, false);
	assert_wrote_nothing(); /* of her own there are two nodes */
	board_answer(&board, board_find(&board, "me@home.test"), SOURCE_PRIVATE, NULL, NULL);
	shows(NOW, false);
	assert_wrote("me@home.test no-devices");
	shows(NOW, true);
	assert_wrote("alice@home.test");
}

static void
who_leaves_is_said_to_have_left_if_he_was_shown(void **state)
{
	struct board_contact *alice;

	(void)state;
	file_begin();
	view.mode = VIEW_JSON;
	alice = contact_with(&board, "alice@home.test", NULL, alices_devices);
	assert_int_equal(view_gone(&view, alice, NOW), 0);
	assert_wrote_nothing();
	shows(NOW, false);
	assert_wrote("{\"contact\":\"alice@home.test\"");
	assert_int_equal(view_gone(&view, alice, NOW), 0);
	assert_wrote("\"error\":\"not in the roster any more\"");
	view.mode = VIEW_TABLE;
	assert_int_equal(view_gone(&view, alice, NOW), 0);
	assert_wrote_nothing();
}

static void
a_terminal_without_utf_8_gets_none_and_a_file_does(void **state)
{
	static const char devices[] = "<devices " PAYLOAD_NS " updated='2026-11-22T23:09:00Z'>"
				      "<device id='a' kind='fixed'><label>B\xc3\xbcro</label></device></devices>";

	(void)state;
	file_begin();
	view.mode = VIEW_LINES;
	view.utf8 = false;
	contact_with(&board, "alice@home.test", NULL, devices);
	shows(NOW, false);
	assert_wrote("\"B\xc3\xbcro\"");
	view.terminal = true;
	board_find(&board, "alice@home.test")->changed = true;
	shows(NOW, true);
	contact_with(&board, "bob@home.test", NULL, devices);
	shows(NOW, false);
	assert_wrote("bob@home.test \"B?ro\"");
}

static void
what_can_not_be_written_is_said(void **state)
{
	enum view_mode mode;

	(void)state;
	contact_with(&board, "alice@home.test", NULL, alices_devices);
	for (mode = VIEW_TABLE; mode <= VIEW_JSON; mode++) {
		closed_begin();
		view.mode = mode;
		board.change++;
		assert_int_equal(view_update(&view, &board, NOW, true), ERR_IO);
		tty_end(NULL);
	}
}

static void
without_memory_it_is_said(void **state)
{
	enum view_mode mode;

	(void)state;
	file_begin();
	for (mode = VIEW_TABLE; mode <= VIEW_JSON; mode++) {
		view.mode = mode;
		board_clear(&board);
		contact_with(&board, "alice@home.test", NULL, alices_devices);
		mem_fail_at(1);
		assert_int_equal(view_update(&view, &board, NOW, true), ERR_NOMEM);
		mem_fail_at(0);
	}
}

/* The table */

static void
a_table_that_is_printed_once_is_all_of_it(void **state)
{
	char name[32];
	int i;

	(void)state;
	file_begin();
	view.mode = VIEW_TABLE;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%02d@home.test", i);
		contact_with(&board, name, NULL, alices_devices);
	}
	shows(NOW, true);
	assert_wrote("user39@home.test");
	assert_int_equal(view.scroll_max, 0);
	view_redraw(&view);
	assert_true(view_keys(&view)); /* there is nobody to type */
}

/* A live table of many contacts on a small terminal. */
static void
is_live(void)
{
	char name[32];
	int i;

	tty_begin(20, 60);
	view.mode = VIEW_TABLE;
	view.live = true;
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "user%02d@home.test", i);
		contact_with(&board, name, NULL, alices_devices);
	}
	view_open(&view);
	shows(NOW, false);
	assert_wrote("user00@home.test");
	assert_true(view.scroll_max > 10);
}

static void
a_live_table_is_drawn_when_there_is_something_new(void **state)
{
	(void)state;
	is_live();
	shows(NOW, false);
	assert_wrote_nothing();
	view_notice(&view, "connecting");
	shows(NOW, false);
	assert_wrote("connecting");
	view_notice(&view, "connecting");
	shows(NOW, false);
	assert_wrote_nothing();
	board_answer(&board, board_find(&board, "user00@home.test"), SOURCE_CONTACTS, NULL, "not allowed");
	shows(NOW, false);
	assert_wrote("not allowed");
	shows(NOW + 3600, false); /* the clock, and ages */
	assert_string_not_equal(tty_written(), "");
	/* Something else wrote there, or the window has another size. */
	view_redraw(&view);
	shows(NOW + 3600, false);
	assert_wrote("connecting");
}

static void
keys_scroll_within_the_table(void **state)
{
	size_t most, page = 20 - 8;

	(void)state;
	is_live();
	most = view.scroll_max;
	tty_types("jj\033[B");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, 3);
	tty_types("k\033[A");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, 1);
	tty_types(" ");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, 1 + page);
	tty_types("b");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, 1);
	tty_types("kkk\033[5~"); /* no further than the top */
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, 0);
	tty_types("\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~");
	assert_true(view_keys(&view));
	shows(NOW, false); /* nor than the end */
	assert_int_equal(view.scroll, most);
	tty_types("j");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, most);
	tty_written();
	tty_types("x");
	assert_true(view_keys(&view));
	shows(NOW, false);
	assert_wrote_nothing();
	tty_types("\f");
	assert_true(view_keys(&view));
	shows(NOW, false);
	assert_string_not_equal(tty_written(), "");
	tty_size(4, 1); /* as small as it gets, a page is a line */
	tty_types("b");
	assert_true(view_keys(&view));
	assert_int_equal(view.scroll, most - 1);
	view_redraw(&view);
	shows(NOW, false);
}

static void
q_ends_it(void **state)
{
	(void)state;
	is_live();
	tty_types("q");
	assert_false(view_keys(&view));
	tty_types("jQ");
	assert_false(view_keys(&view));
}

static void
a_view_that_is_no_table_has_no_keys_and_no_screen(void **state)
{
	(void)state;
	file_begin();
	view.mode = VIEW_LINES;
	view.live = true;
	view_open(&view);
	assert_true(view_keys(&view));
	view_redraw(&view);
	view_close(&view);
	assert_wrote_nothing();
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(lines_say_what_changed_and_when_it_expires),
		TEST(who_has_not_answered_is_said_only_when_all_is_asked_for),
		TEST(who_leaves_is_said_to_have_left_if_he_was_shown),
		TEST(a_terminal_without_utf_8_gets_none_and_a_file_does),
		TEST(what_can_not_be_written_is_said),
		TEST(without_memory_it_is_said),
		TEST(a_table_that_is_printed_once_is_all_of_it),
		TEST(a_live_table_is_drawn_when_there_is_something_new),
		TEST(keys_scroll_within_the_table),
		TEST(q_ends_it),
		TEST(a_view_that_is_no_table_has_no_keys_and_no_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
