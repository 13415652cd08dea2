#include "watch/table.h"

#include <stdio.h>
#include <string.h>

#include "watch/stamp.h"
#include "watch/text.h"

#define PLAIN "0"
#define BOLD "1"
#define DIM "2"
#define RED "31"
#define GREEN "32"
#define YELLOW "33"

#define LABEL_MIN 6
#define LABEL_MAX 28
#define SINCE_WIDTH 5
#define IDLE_WIDTH 4
#define STATUS_MIN 12
#define GAP 2
#define PROBLEMS_MAX 3 /* contacts named one by one below the table */

/* Column widths; 0: no room, or nothing to show in it. */
struct columns {
	size_t label, kind, state, since, idle, status;
};

struct row {
	const char *mark;
	const char *label;
	const char *kind;
	const char *state;
	const char *colour; /* of the state; NULL: none */
	char since[STAMP_SIZE];
	char idle[STAMP_SIZE];
	const char *status;
};

struct totals {
	size_t contacts; /* with devices */
	size_t devices;
	size_t without; /* contacts that show none */
	size_t waiting;
	size_t problems; /* contacts without devices for some reason */
};

static const char *
state_colour(enum board_state state)
{
	switch (state) {
	case STATE_CHAT:
	case STATE_AVAILABLE:
		return GREEN;
	case STATE_AWAY:
	case STATE_XA:
		return YELLOW;
	case STATE_DND:
		return RED;
	case STATE_UNAVAILABLE:
	case STATE_UNKNOWN:
		break;
	}
	return DIM;
}

static void
paint(struct buf *out, const struct table_style *style, const char *sgr)
{
	if (style->colour)
		buf_printf(out, "\033[%sm", sgr);
}

static void
spaces(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_putc(out, ' ');
}

/* Text in a colour, at most ROOM columns; returns the columns left. */
static size_t
painted(struct buf *out, const struct table_style *style, const char *sgr, const char *text, size_t room)
{
	size_t used;

	paint(out, style, sgr);
	used = text_fit(out, text, room, style->utf8);
	paint(out, style, PLAIN);
	return room - used;
}

static void
right(struct buf *out, const char *text, size_t width)
{
	size_t len = strlen(text);

	spaces(out, width > len ? width - len : 0);
	buf_puts(out, text);
}

static void
put_row(struct buf *out, const struct table_style *style, const struct columns *w, const struct row *r)
{
	buf_puts(out, r->mark);
	text_cell(out, r->label, w->label, style->utf8);
	if (w->kind > 0) {
		spaces(out, GAP);
		text_cell(out, r->kind, w->kind, style->utf8);
	}
	spaces(out, GAP);
	if (r->colour != NULL)
		paint(out, style, r->colour);
	text_cell(out, r->state, w->state, style->utf8);
	if (r->colour != NULL)
		paint(out, style, PLAIN);
	if (w->since > 0) {
		spaces(out, GAP);
		right(out, r->since, w->since);
	}
	if (w->idle > 0) {
		spaces(out, GAP);
		right(out, r->idle, w->idle);
	}
	if (w->status > 0 && r->status != NULL) {
		spaces(out, GAP);
		text_fit(out, r->status, w->status, style->utf8);
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_putc(out, '\n');
}

static void
state_text(char *out, size_t size, const struct board_set *set, const struct board_device *d, int64_t now)
{
	enum board_state state = board_device_state(set, d, now);

	snprintf(out, size, "%s%s", board_state_text(state), d->stale && state != STATE_UNKNOWN ? ", stale" : "");
}

static void
widest(size_t *width, const char *text)
{
	size_t w = text_width(text);

	if (w > *width)
		*width = w;
}

static bool
has_devices(const struct board_set *set)
{
	return set != NULL && set->ndevices > 0;
}

/* The widths that the contents ask for. */
static void
measure(struct columns *w, const struct board *b, int64_t now)
{
	const struct board_device *d;
	const struct board_set *set;
	char state[64];
	size_t i, k, r;

	memset(w, 0, sizeof(*w));
	w->label = LABEL_MIN;
	w->kind = strlen("KIND");
	w->state = strlen("STATE");
	w->since = SINCE_WIDTH;
	w->status = STATUS_MIN;
	for (i = 0; i < b->ncontacts; i++) {
		set = board_shown(b->contacts[i], now);
		for (k = 0; set != NULL && k < set->ndevices; k++) {
			d = &set->devices[k];
			widest(&w->label, d->label);
			widest(&w->kind, d->kind);
			state_text(state, sizeof(state), set, d, now);
			widest(&w->state, state);
			for (r = 0; r < d->nresources; r++)
				if (d->resources[r].idle != STAMP_NONE)
					w->idle = IDLE_WIDTH;
		}
	}
	if (w->label > LABEL_MAX)
		w->label = LABEL_MAX;
}

static void
keep_if_room(size_t *width, size_t *room)
{
	size_t need = *width + GAP;

	if (*width == 0 || *room < need)
		*width = 0;
	else
		*room -= need;
}

/* Leave out what there is no room for: first the idle time, at last the age; a state that says too much is cut. */
static void
squeeze(struct columns *w, size_t columns)
{
	size_t fixed, room;

	if (columns < TABLE_COLUMNS_MIN)
		columns = TABLE_COLUMNS_MIN;
	if (w->state > columns - LABEL_MIN - GAP - GAP)
		w->state = columns - LABEL_MIN - GAP - GAP;
	fixed = GAP + GAP + w->state;
	if (w->label + fixed > columns)
		w->label = columns - fixed;
	room = columns - w->label - fixed;
	keep_if_room(&w->since, &room);
	keep_if_room(&w->kind, &room);
	keep_if_room(&w->status, &room);
	keep_if_room(&w->idle, &room);
	if (w->status > 0)
		w->status += room;
}

static void
put_resources(struct buf *out, const struct table_style *style, const struct columns *w, const struct board_device *d)
{
	const struct board_resource *res;
	struct row r = {.mark = "    ", .kind = "", .label = ""};
	struct columns indented = *w;
	size_t i;

	indented.label = w->label > 2 ? w->label - 2 : w->label;
	for (i = 0; i < d->nresources; i++) {
		res = &d->resources[i];
		r.label = res->id;
		r.state = board_state_text(res->show);
		r.colour = state_colour(res->show);
		r.status = res->status;
		stamp_age(r.idle, res->idle, style->now);
		put_row(out, style, &indented, &r);
	}
}

static void
put_device(struct buf *out, const struct table_style *style, const struct columns *w, const struct board_set *set,
    const struct board_device *d)
{
	enum board_state state = board_device_state(set, d, style->now);
	const struct board_resource *best = state == STATE_UNKNOWN ? NULL : board_device_best(d);
	struct row r = {.mark = d->preferred && state != STATE_UNKNOWN ? "* " : "  "};
	char text[64];

	r.label = d->label;
	r.kind = d->kind;
	state_text(text, sizeof(text), set, d, style->now);
	r.state = text;
	r.colour = state_colour(state);
	if (state != STATE_UNKNOWN)
		stamp_age(r.since, d->since, style->now);
	if (best != NULL) {
		stamp_age(r.idle, best->idle, style->now);
		r.status = best->status;
	}
	if (best != NULL && d->nresources > 1) {
		r.idle[0] = '\0'; /* each has its own, below */
		r.status = NULL;
	}
	put_row(out, style, w, &r);
	if (best != NULL && d->nresources > 1)
		put_resources(out, style, w, d);
}

static void
put_contact(struct buf *out, const struct table_style *style, const struct columns *w, const struct board_contact *c,
    const struct board_set *set)
{
	size_t room = style->columns, i;
	char when[STAMP_SIZE], line[64];

	room = painted(out, style, BOLD, c->name != NULL ? c->name : c->display, room);
	if (c->name != NULL && room > GAP + 4) {
		spaces(out, GAP);
		room = painted(out, style, DIM, c->display, room - GAP);
	}
	if (c->self && room > strlen("  (you)")) {
		buf_puts(out, "  (you)");
		room -= strlen("  (you)");
	}
	if (board_set_expired(set, style->now) && room > GAP + 4) {
		spaces(out, GAP);
		stamp_age(when, set->expires, style->now);
		snprintf(line, sizeof(line), "nothing known: expired%s%s%s", when[0] != '\0' ? " " : "", when,
		    when[0] != '\0' ? " ago" : "");
		room = painted(out, style, YELLOW, line, room - GAP);
	}
	if (board_problem(c) != NULL && room > GAP + 4) {
		spaces(out, GAP);
		painted(out, style, YELLOW, board_problem(c), room - GAP);
	}
	buf_putc(out, '\n');
	for (i = 0; i < set->ndevices; i++)
		put_device(out, style, w, set, &set->devices[i]);
}

static void
put_body(struct buf *out, const struct board *b, const struct table_style *style, const struct columns *w,
    struct totals *n)
{
	const struct board_contact *c;
	const struct board_set *set;
	size_t i;

	memset(n, 0, sizeof(*n));
	for (i = 0; i < b->ncontacts; i++) {
		c = b->contacts[i];
		set = board_shown(c, style->now);
		if (has_devices(set)) {
			if (out->len > 0)
				buf_putc(out, '\n');
			put_contact(out, style, w, c, set);
			n->contacts++;
			n->devices += set->ndevices;
		} else if (!c->feed[SOURCE_CONTACTS].answered) {
			n->waiting++;
		} else if (board_problem(c) != NULL) {
			n->problems++;
		} else if (!c->self) {
			n->without++;
		}
	}
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
put_head(struct buf *out, const struct table_style *style, const struct columns *w, const struct totals *n)
{
	static const char title[] = "polypresence-watch";
	struct row r = { .mark = "  ",
		.label = "DEVICE",
		.kind = "KIND",
		.state = "STATE",
		.since = "SINCE",
		.idle = "IDLE",
		.status = "STATUS" };
	char count[128];
	size_t room = style->columns;

	snprintf(count, sizeof(count), "%zu contact%s, %zu device%s%s%s", n->contacts, plural(n->contacts), n->devices,
	    plural(n->devices), style->clock[0] != '\0' ? "   " : "", style->clock);
	if (room > sizeof(title) + GAP) {
		room = painted(out, style, BOLD, title, room) - GAP;
		spaces(out, GAP);
	}
	room -= text_fit(out, style->account, room, style->utf8);
	if (room > strlen(count) + GAP) {
		spaces(out, room - strlen(count));
		buf_puts(out, count);
	}
	buf_putc(out, '\n');
	if (style->notice != NULL)
		painted(out, style, RED, style->notice, style->columns);
	buf_putc(out, '\n');
	if (n->devices == 0)
		return;
	paint(out, style, DIM);
	put_row(out, style, w, &r);
	paint(out, style, PLAIN);
}

static void
put_problems(struct buf *out, const struct board *b, const struct table_style *style, const struct totals *n)
{
	const struct board_contact *c;
	size_t i, shown = 0, room;

	for (i = 0; i < b->ncontacts && shown < PROBLEMS_MAX; i++) {
		c = b->contacts[i];
		if (board_problem(c) == NULL || has_devices(board_shown(c, style->now)))
			continue;
		shown++;
		room = style->columns - text_fit(out, c->display, style->columns, style->utf8);
		if (room > 6) {
			buf_puts(out, ": ");
			painted(out, style, YELLOW, board_problem(c), room - 2);
		}
		buf_putc(out, '\n');
	}
	if (n->problems > shown)
		buf_printf(out, "and %zu more\n", n->problems - shown);
}

static void
put_foot(struct buf *out, const struct board *b, const struct table_style *style, const struct totals *n, bool scrolls)
{
	char line[160];

	buf_putc(out, '\n');
	put_problems(out, b, style, n);
	line[0] = '\0';
	if (n->waiting > 0)
		snprintf(line, sizeof(line), "waiting for %zu contact%s", n->waiting, plural(n->waiting));
	else if (n->without > 0)
		snprintf(line, sizeof(line), "%zu contact%s show%s no devices", n->without, plural(n->without),
		    n->without == 1 ? "s" : "");
	if (line[0] != '\0') {
		painted(out, style, DIM, line, style->columns);
		buf_putc(out, '\n');
	}
	snprintf(line, sizeof(line), "%s%s%s%s", style->rows > 0 ? "q quit" : "", scrolls ? "   j k scroll" : "",
	    style->rows > 0 && n->devices > 0 ? "   " : "", n->devices > 0 ? "* preferred" : "");
	painted(out, style, DIM, line, style->columns);
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text == '\n')
			n++;
	return n;
}

/* Append the lines FIRST to FIRST + N of TEXT. */
static void
put_window(struct buf *out, const char *text, size_t first, size_t n)
{
	const char *end;

	for (; first > 0; first--)
		text = strchr(text, '\n') + 1;
	for (; n > 0; n--) {
		end = strchr(text, '\n') + 1;
		buf_put(out, text, (size_t)(end - text));
		text = end;
	}
}

size_t
table_draw(struct buf *out, const struct board *b, const struct table_style *style)
{
	struct buf head = {0}, body = {0}, foot = {0};
	size_t have, room, scroll, most = 0;
	struct columns w;
	struct totals n;

	measure(&w, b, style->now);
	squeeze(&w, style->columns);
	put_body(&body, b, style, &w, &n);
	put_head(&head, style, &w, &n);
	put_foot(&foot, b, style, &n, false);
	have = room = count_lines(buf_text(&body));
	if (style->rows > 0) {
		room = count_lines(buf_text(&head)) + count_lines(buf_text(&foot)) + 1;
		room = style->rows > room ? style->rows - room : 0;
	}
	if (have > room) {
		most = have - room;
		buf_reset(&foot);
		put_foot(&foot, b, style, &n, true);
	}
	scroll = style->scroll < most ? style->scroll : most;
	if (head.failed || body.failed || foot.failed) {
		out->failed = true;
	} else {
		buf_put(out, head.data, head.len);
		put_window(out, buf_text(&body), scroll, have < room ? have : room);
		buf_puts(out, buf_text(&foot));
	}
	buf_clear(&head);
	buf_clear(&body);
	buf_clear(&foot);
	return most;
}
