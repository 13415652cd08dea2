/*
 * What a stranger publishes, from the item to the terminal: two answers after
 * each other on one board, as lines, as JSON and as a table.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"
#include "leaf.h"
#include "markup.h"
#include "watch/item.h"
#include "watch/json.h"
#include "watch/lines.h"
#include "watch/table.h"
#include "watch/text.h"
#include "watch_check.h"

#define NOW INT64_C(1795428000)

enum {
	AS_IT_IS = 1, /* the text is the whole IQ */
	AS_JSON = 2,
	IN_COLOUR = 4,
	IN_ASCII = 8,
	ON_PRIVATE = 16,
	SCROLLED = 32
};

static struct leaf *
make_iq(const char *text, unsigned how)
{
	struct buf b = {0};
	struct leaf *iq;

	if ((how & AS_IT_IS) != 0)
		return leaf_parse(text, strlen(text));
	buf_puts(&b,
	    "<iq xmlns='jabber:client' type='result' id='1' from='alice@home.test'>"
	    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='");
	buf_puts(&b, (how & ON_PRIVATE) != 0 ? BOARD_NODE_PRIVATE : BOARD_NODE);
	buf_puts(&b, "'><item id='current'>");
	buf_puts(&b, text);
	buf_puts(&b, "</item></items></pubsub></iq>");
	iq = leaf_parse(b.data, b.len);
	buf_clear(&b);
	return iq;
}

/* The set in TEXT; false: there is none to be had. */
static bool
read_set(const char *text, unsigned how, unsigned long fail_at, struct board_set **set)
{
	static const char *const langs[] = {NULL, "de", "en", "zh"};
	const char *node = (how & ON_PRIVATE) != 0 ? BOARD_NODE_PRIVATE : BOARD_NODE;
	struct leaf *iq = make_iq(text, how);
	int status;

	if (iq == NULL)
		return false;
	mem_fail_at(fail_at);
	status = item_parse(&leaf_tree, iq, node, langs[how >> 6], set);
	mem_fail_at(0);
	CHECK(status == 0 || status == ERR_INVALID || (status == ERR_NOMEM && fail_at != 0));
	CHECK(status == 0 || *set == NULL);
	leaf_free(iq);
	if (*set != NULL)
		check_set(*set);
	return status == 0;
}

static void
check_table(const struct board *b, unsigned how, unsigned columns)
{
	struct table_style style = { .columns = columns,
		.rows = (how & SCROLLED) != 0 ? 8 : 0,
		.scroll = (how & SCROLLED) != 0 ? columns % 7 : 0,
		.colour = (how & IN_COLOUR) != 0,
		.utf8 = (how & IN_ASCII) == 0,
		.account = "me@home.test",
		.clock = "23:09",
		.now = NOW };
	struct buf out = {0}, line = {0};
	const char *at;
	bool sgr = false;

	table_draw(&out, b, &style);
	CHECK(!out.failed);
	check_output(buf_text(&out), style.colour);
	for (at = buf_text(&out);; at++) {
		if (*at == '\n' || *at == '\0') {
			CHECK(text_width(buf_text(&line)) <= columns);
			buf_reset(&line);
			if (*at == '\0')
				break;
			continue;
		}
		CHECK(style.utf8 || (unsigned char)*at < 0x80);
		if (*at == 0x1b)
			sgr = true;
		if (!sgr)
			buf_putc(&line, *at);
		else if (*at == 'm')
			sgr = false;
	}
	buf_clear(&out);
	buf_clear(&line);
}

static void
show(struct board_contact *c, unsigned how, int64_t now, struct buf *out)
{
	buf_reset(out);
	if ((how & AS_JSON) != 0) {
		json_contact(out, c, now, false);
		check_json(buf_text(out), out->len);
	} else {
		lines_contact(out, c, now, false);
		CHECK(out->len == 0 || out->data[out->len - 1] == '\n');
	}
	CHECK(!out->failed && strlen(buf_text(out)) == out->len);
	check_output(buf_text(out), false);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return markup_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return markup_cross(a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned how = input_byte(&in), columns = 20 + input_byte(&in) % 120, fail = input_byte(&in);
	enum board_source source = (how & ON_PRIVATE) != 0 ? SOURCE_PRIVATE : SOURCE_CONTACTS;
	struct board_contact *c;
	struct board_set *set;
	struct board b = {0};
	struct buf out = {0};
	char *text;
	int i;

	/* For wcwidth(3), as main() does. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		CHECK(setlocale(LC_CTYPE, "en_US.UTF-8") != NULL);
	CHECK(board_roster_item(&b, "alice@home.test", "Alice", (how & ON_PRIVATE) != 0) == 0);
	c = board_find(&b, "alice@home.test");
	for (i = 0; i < 2; i++) {
		text = input_text(&in);
		set = NULL;
		if (read_set(text, how, 0, &set)) {
			/* What the memory wasn't enough for once is read the second time. */
			board_set_free(set);
			if (!read_set(text, how, fail, &set))
				CHECK(read_set(text, how, 0, &set));
			board_answer(&b, c, source, set, NULL);
		} else {
			board_unanswered(&b, c, source, text);
		}
		free(text);
		check_table(&b, how, columns);
		show(c, how, NOW, &out);
		show(c, how, NOW, &out);
		CHECK(out.len == 0); /* nothing changed */
	}
	show(c, how, NOW + 86400, &out); /* when it has expired, perhaps */
	check_table(&b, how, columns);
	board_clear(&b);
	buf_clear(&out);
	return 0;
}
