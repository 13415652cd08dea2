/* watch: the table, the plain lines, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "watch/json.h"
#include "watch/lines.h"
#include "watch/table.h"
#include "watch/text.h"
#include "watch_fixture.h"

#define NOW 1795390000 /* 2026-11-22T23:26:40Z */
#define TIME "2026-11-22T23:26:40Z "
#define AFTER_EXPIRY 1795500000

static struct board board;
static struct buf out;

static int
empty(void **state)
{
	(void)state;
	buf_clear(&out);
	board_clear(&board);
	return 0;
}

static void
assert_json(const char *in, const char *text)
{
	buf_reset(&out);
	json_string(&out, in);
	assert_string_equal(buf_text(&out), text);
}

static void
json_strings_are_ascii_and_escaped(void **state)
{
	(void)state;
	assert_json(NULL, "null");
	assert_json("", "\"\"");
	assert_json("say \"hi\" \\ /", "\"say \\\"hi\\\" \\\\ /\"");
	assert_json("\n\t\033\x7F", "\"\\u000a\\u0009\\u001b\\u007f\"");
	assert_json("\xC3\xBC\xE9\x9B\xBB\xF0\x9F\x98\x80", "\"\\u00fc\\u96fb\\ud83d\\ude00\"");
	assert_json("\xE2\x80\xA8", "\"\\u2028\"");
	assert_json("a\xFF", "\"a\\ufffd\"");
}

static void
json_says_all_of_a_contact(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", "Alice", alices_devices);

	(void)state;
	json_contact(&out, c, NOW, false);
	assert_string_equal(buf_text(&out),
	    "{\"contact\":\"alice@home.test\",\"time\":\"2026-11-22T23:26:40Z\",\"name\":\"Alice\","
	    "\"updated\":\"2026-11-22T23:09:00Z\",\"expires\":\"2026-11-23T23:09:00Z\",\"expired\":false,"
	    "\"devices\":[{\"id\":\"k3v9\",\"kind\":\"fixed\",\"label\":\"Desk phone\",\"state\":\"dnd\","
	    "\"preferred\":true,\"stale\":false,\"since\":\"2026-11-22T23:05:10Z\",\"resources\":"
	    "[{\"id\":\"r1\",\"show\":\"dnd\",\"status\":\"On the phone\",\"idle\":\"2026-11-22T23:01:00Z\"}]},"
	    "{\"id\":\"q8d1\",\"kind\":\"computer\",\"label\":\"Laptop\",\"state\":\"available\","
	    "\"preferred\":false,\"stale\":true,\"since\":\"2026-11-22T20:00:00Z\",\"resources\":"
	    "[{\"id\":\"r4\",\"show\":\"available\",\"status\":null,\"idle\":null}]},"
	    "{\"id\":\"m2x0\",\"kind\":\"mobile\",\"label\":\"Mobile\",\"state\":\"unavailable\","
	    "\"preferred\":false,\"stale\":false,\"since\":\"2026-11-22T21:40:02Z\",\"resources\":[]}],"
	    "\"error\":null}\n");
}

static void
json_is_said_once_until_something_changes(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL, alices_devices);

	(void)state;
	json_contact(&out, c, NOW, false);
	buf_reset(&out);
	json_contact(&out, c, NOW + 60, false);
	assert_string_equal(buf_text(&out), "");
	json_contact(&out, c, AFTER_EXPIRY, false);
	assert_non_null(strstr(buf_text(&out), "\"expired\":true,"));
	assert_non_null(strstr(buf_text(&out), "\"state\":\"unknown\""));
	buf_reset(&out);
	board_answer(&board, c, SOURCE_CONTACTS, NULL, "does not let us see");
	json_contact(&out, c, NOW, false);
	assert_string_equal(buf_text(&out),
	    "{\"contact\":\"alice@home.test\",\"time\":\"2026-11-22T23:26:40Z\",\"name\":null,"
	    "\"updated\":null,\"expires\":null,\"expired\":false,\"devices\":[],"
	    "\"error\":\"does not let us see\"}\n");
	buf_reset(&out);
	json_contact(&out, c, NOW, true);
	assert_non_null(strstr(buf_text(&out), "\"devices\":[],\"error\":\"not in the roster any more\"}"));
}

static void
json_without_memory_is_marked_as_failed(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL, alices_devices);
	unsigned long n;

	(void)state;
	for (n = 1;; n++) {
		buf_clear(&out);
		mem_fail_at(n);
		json_contact(&out, c, NOW, false);
		mem_fail_at(0);
		if (!out.failed)
			break;
	}
	assert_true(n > 2);
	assert_non_null(strstr(buf_text(&out), "\"error\":null}\n"));
}

static void
assert_lines(struct board_contact *c, int64_t now, bool gone, const char *text)
{
	buf_reset(&out);
	lines_contact(&out, c, now, gone);
	assert_string_equal(buf_text(&out), text);
}

#define DESK                                                                                  \
	TIME "alice@home.test \"Desk phone\" fixed dnd preferred since=2026-11-22T23:05:10Z " \
	     "idle=2026-11-22T23:01:00Z status=\"On the phone\"\n"
#define LAPTOP TIME "alice@home.test \"Laptop\" computer available stale since=2026-11-22T20:00:00Z\n"
#define MOBILE TIME "alice@home.test \"Mobile\" mobile unavailable since=2026-11-22T21:40:02Z\n"

static void
every_device_has_its_line(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", "Alice", alices_devices);

	(void)state;
	assert_lines(c, NOW, false, DESK LAPTOP MOBILE);
	assert_lines(c, NOW + 1, false, "");
}

static void
only_changes_are_said_again(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL, alices_devices);

	(void)state;
	assert_lines(c, NOW, false, DESK LAPTOP MOBILE);
	board_answer(&board, c, SOURCE_CONTACTS,
	    set_of("<devices " PAYLOAD_NS ">"
		   "<device id='m2x0' kind='mobile'><label>Mobile</label><resource id='a'><show>away</show>"
		   "</resource><resource id='b'><show>dnd</show><status>busy</status></resource></device>"
		   "<device id='q8d1' kind='computer' stale='true' since='2026-11-22T20:00:00Z'>"
		   "<label>Laptop</label><resource id='r4'/></device></devices>"),
	    NULL);
	assert_lines(c, NOW, false,
	    TIME "alice@home.test \"Desk phone\" fixed removed\n" TIME
		 "alice@home.test \"Mobile\" mobile away resources=away,dnd\n");
	board_unanswered(&board, c, SOURCE_CONTACTS, "no answer");
	assert_lines(c, NOW, false,
	    TIME "alice@home.test \"Laptop\" computer available stale since=2026-11-22T20:00:00Z "
		 "error=\"no answer\"\n" TIME
		 "alice@home.test \"Mobile\" mobile away resources=away,dnd error=\"no answer\"\n");
	board_answer(&board, c, SOURCE_CONTACTS, NULL, NULL);
	assert_lines(c, NOW, false,
	    TIME "alice@home.test \"Laptop\" computer removed\n" TIME "alice@home.test \"Mobile\" mobile removed\n" TIME
		 "alice@home.test no-devices\n");
	assert_lines(c, NOW, false, "");
	assert_lines(c, NOW, true, TIME "alice@home.test removed\n");
}

static void
a_label_cannot_look_like_something_else(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL,
	    "<devices " PAYLOAD_NS
	    "><device id='a' kind='fixed'><label>x\" fixed chat preferred\n2026</label></device></devices>");

	(void)state;
	assert_lines(c, NOW, false, TIME "alice@home.test \"x\\\" fixed chat preferred 2026\" fixed unavailable\n");
}

static void
an_expired_set_is_said_to_be_unknown(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL,
	    "<devices " PAYLOAD_NS " expires='2026-11-22T23:00:00Z'><device id='a' kind='fixed'><label>A</label>"
	    "<resource id='r'/></device></devices>");

	(void)state;
	assert_lines(c, NOW, false, TIME "alice@home.test \"A\" fixed unknown\n");
}

static size_t
draw(size_t columns, size_t rows, size_t scroll, bool colour)
{
	struct table_style style = {
		.columns = columns,
		.rows = rows,
		.scroll = scroll,
		.colour = colour,
		.utf8 = true,
		.account = "bob@home.test",
		.clock = "23:26",
		.now = NOW,
	};

	buf_reset(&out);
	return table_draw(&out, &board, &style);
}

/* Every line of the table is at most so wide, and there are at most so many. */
static void
assert_fits(size_t columns, size_t rows)
{
	const char *line, *end;
	char copy[2000];
	size_t n = 0;

	for (line = buf_text(&out);; line = end + 1) {
		end = strchrnul(line, '\n');
		assert_true((size_t)(end - line) < sizeof(copy));
		memcpy(copy, line, (size_t)(end - line));
		copy[end - line] = '\0';
		assert_true(text_width(copy) <= columns);
		n++;
		if (*end == '\0')
			break;
	}
	assert_true(n <= rows);
}

static void
alices_board(void)
{
	struct board_contact *c;

	contact_with(&board, "alice@home.test", "Alice", alices_devices);
	contact_with(&board, "carol@work.test", NULL,
	    "<devices " PAYLOAD_NS "><device id='c' "
	    "kind='mobile' preferred='true' since='2026-11-22T23:26:00Z'><label>\xE9\x9B\xBB\xE8\xA9\xB1"
	    "</label><resource id='one'><show>away</show><status>out</status></resource>"
	    "<resource id='two'><show>dnd</show><idle xmlns='urn:xmpp:idle:1' "
	    "since='2026-11-22T22:26:40Z'/></resource></device></devices>");
	contact_with(&board, "dave@work.test", NULL, NULL);
	c = contact_with(&board, "erin@far.test", NULL, NULL);
	board_answer(&board, c, SOURCE_CONTACTS, NULL, "no answer");
	contact_with(&board, "zoe@work.test", NULL,
	    "<devices " PAYLOAD_NS " expires='2026-11-22T20:26:40Z'><device id='a' kind='fixed' preferred='true'>"
	    "<label>Old</label><resource id='r'><status>secret</status></resource></device></devices>");
}

static void
the_table_is_one_that_people_can_read(void **state)
{
	(void)state;
	alices_board();
	assert_int_equal(draw(72, 0, 0, false), 0);
	assert_string_equal(buf_text(&out),
	    "polypresence-watch  bob@home.test          3 contacts, 5 devices   23:26\n"
	    "\n"
	    "  DEVICE      KIND      STATE             SINCE  IDLE  STATUS\n"
	    "Alice  alice@home.test\n"
	    "* Desk phone  fixed     dnd                 21m   25m  On the phone\n"
	    "  Laptop      computer  available, stale     3h\n"
	    "  Mobile      mobile    unavailable          1h\n"
	    "\n"
	    "carol@work.test\n"
	    "* \xE9\x9B\xBB\xE8\xA9\xB1        mobile    away                40s\n"
	    "    one                 away                           out\n"
	    "    two                 dnd                        1h\n"
	    "\n"
	    "zoe@work.test  nothing known: expired 3h ago\n"
	    "  Old         fixed     unknown\n"
	    "\n"
	    "erin@far.test: no answer\n"
	    "1 contact shows no devices\n"
	    "* preferred");
	assert_fits(72, 19);
}

static void
a_live_table_fits_the_screen_and_scrolls(void **state)
{
	static const size_t sizes[][2] = { {200, 50}, {80, 24}, {72, 14}, {60, 12}, {40, 11}, {30, 10} };
	size_t i, most;

	(void)state;
	alices_board();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		most = draw(sizes[i][0], sizes[i][1], 0, false);
		assert_fits(sizes[i][0], sizes[i][1]);
		assert_non_null(strstr(buf_text(&out), "q quit"));
		assert_true((most > 0) == (strstr(buf_text(&out), "scroll") != NULL));
		assert_int_equal(draw(sizes[i][0], sizes[i][1], most, false), most);
		assert_non_null(strstr(buf_text(&out), "\n  Old"));
		assert_fits(sizes[i][0], sizes[i][1]);
		draw(sizes[i][0], sizes[i][1], most + 100, false);
		assert_non_null(strstr(buf_text(&out), "\n  Old"));
	}
}

static void
a_table_without_room_is_still_none_too_wide(void **state)
{
	size_t columns;

	(void)state;
	alices_board();
	for (columns = 1; columns < TABLE_COLUMNS_MIN; columns++)
		draw(columns, 5, 0, true); /* nothing but: it returns, and within its memory */
	for (columns = TABLE_COLUMNS_MIN; columns < 120; columns++) {
		draw(columns, 0, 0, false);
		assert_fits(columns, 100);
		assert_non_null(strstr(buf_text(&out), "Desk"));
		assert_non_null(strstr(buf_text(&out), "dnd"));
	}
}

static void
what_nobody_has_heard_of_yet_is_not_called_unavailable(void **state)
{
	struct board_contact *c = contact_with(&board, "alice@home.test", NULL,
	    "<devices " PAYLOAD_NS "><device id='a' kind='fixed' stale='true' since='2026-11-22T20:00:00Z'>"
	    "<label>Desk phone</label></device></devices>");

	(void)state;
	buf_reset(&out);
	json_contact(&out, c, NOW, false);
	assert_non_null(strstr(buf_text(&out), "\"state\":\"unknown\",\"preferred\":false,\"stale\":true"));
	mem_free(c->shown);
	c->shown = NULL;
	assert_lines(c, NOW, false,
	    TIME "alice@home.test \"Desk phone\" fixed unknown stale since=2026-11-22T20:00:00Z\n");
	draw(80, 0, 0, false);
	assert_non_null(strstr(buf_text(&out), "  Desk phone  fixed  unknown\n"));
}

static void
colours_are_there_only_when_asked_for(void **state)
{
	(void)state;
	alices_board();
	draw(80, 24, 0, true);
	assert_non_null(strstr(buf_text(&out), "\033[31mdnd"));
	assert_non_null(strstr(buf_text(&out), "\033[33maway"));
	assert_non_null(strstr(buf_text(&out), "\033[32mavailable, stale"));
	assert_non_null(strstr(buf_text(&out), "\033[2munavailable"));
	draw(80, 24, 0, false);
	assert_null(strchr(buf_text(&out), '\033'));
}

static void
an_expired_contact_tells_nothing(void **state)
{
	(void)state;
	alices_board();
	draw(80, 0, 0, false);
	assert_null(strstr(buf_text(&out), "secret"));
	assert_null(strstr(buf_text(&out), "* Old"));
}

static void
an_empty_table_says_so(void **state)
{
	struct table_style style = { .columns = 60,
		.rows = 24,
		.utf8 = true,
		.account = "bob@home.test",
		.clock = "",
		.notice = "connecting",
		.now = NOW };

	(void)state;
	board_roster_item(&board, "alice@home.test", NULL, false);
	board_roster_item(&board, "bob@home.test", NULL, true);
	buf_reset(&out);
	assert_int_equal(table_draw(&out, &board, &style), 0);
	assert_string_equal(buf_text(&out),
	    "polypresence-watch  bob@home.test      0 contacts, 0 devices\n"
	    "connecting\n"
	    "\n"
	    "waiting for 2 contacts\n"
	    "q quit");
}

static void
a_terminal_without_utf8_gets_ascii(void **state)
{
	struct table_style style = { .columns = 40,
		.utf8 = false,
		.account = "bob@home.test",
		.clock = "",
		.now = NOW };
	const char *p;

	(void)state;
	alices_board();
	buf_reset(&out);
	table_draw(&out, &board, &style);
	for (p = buf_text(&out); *p != '\0'; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_fits(40, 100);
}

static void
a_table_without_memory_is_marked_as_failed(void **state)
{
	struct buf drawn;
	unsigned long n;

	(void)state;
	alices_board();
	for (n = 1;; n++) {
		buf_clear(&out);
		mem_fail_at(n);
		draw(80, 24, 3, true);
		mem_fail_at(0);
		if (!out.failed)
			break;
	}
	assert_true(n > 3);
	drawn = out;
	memset(&out, 0, sizeof(out));
	draw(80, 24, 3, true);
	assert_string_equal(buf_text(&out), buf_text(&drawn));
	buf_clear(&drawn);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, empty, empty)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(json_strings_are_ascii_and_escaped),
		WITH(json_says_all_of_a_contact),
		WITH(json_is_said_once_until_something_changes),
		WITH(json_without_memory_is_marked_as_failed),
		WITH(every_device_has_its_line),
		WITH(only_changes_are_said_again),
		WITH(a_label_cannot_look_like_something_else),
		WITH(an_expired_set_is_said_to_be_unknown),
		WITH(the_table_is_one_that_people_can_read),
		WITH(a_live_table_fits_the_screen_and_scrolls),
		WITH(a_table_without_room_is_still_none_too_wide),
		WITH(what_nobody_has_heard_of_yet_is_not_called_unavailable),
		WITH(colours_are_there_only_when_asked_for),
		WITH(an_expired_contact_tells_nothing),
		WITH(an_empty_table_says_so),
		WITH(a_terminal_without_utf8_gets_ascii),
		WITH(a_table_without_memory_is_marked_as_failed),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
