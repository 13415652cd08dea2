#include "watch/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "watch/json.h"
#include "watch/lines.h"
#include "watch/screen.h"
#include "watch/stamp.h"
#include "watch/table.h"
#include "watch/text.h"

void
view_open(struct view *v)
{
	if (v->mode == VIEW_TABLE && v->live)
		screen_open();
	v->stale = true;
}

void
view_close(struct view *v)
{
	if (v->mode == VIEW_TABLE && v->live)
		screen_close();
}

static int
print(struct view *v, struct buf *out)
{
	struct buf ascii = {0};
	int status = 0;

	/* A terminal that doesn't speak UTF-8 gets none; a file is UTF-8. */
	if (v->terminal && !v->utf8 && out->len > 0) {
		const char *line = out->data, *end;
		for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			out->data[end - out->data] = '\0';
			text_fit(&ascii, line, SIZE_MAX, false);
			buf_putc(&ascii, '\n');
		}
		out = &ascii;
	}
	if (out->failed)
		status = ERR_NOMEM;
	else if (out->len > 0 && (fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout) != 0))
		status = ERR_IO;
	buf_clear(&ascii);
	return status;
}

static void
render(struct view *v, struct buf *out, struct board_contact *c, int64_t now, bool gone)
{
	if (v->mode == VIEW_JSON)
		json_contact(out, c, now, gone);
	else
		lines_contact(out, c, now, gone);
	c->changed = false;
}

static bool
answered(const struct board_contact *c)
{
	return c->feed[SOURCE_CONTACTS].answered && (!c->self || c->feed[SOURCE_PRIVATE].answered);
}

/* When the next set on B expires; STAMP_NONE: none will. */
static int64_t
next_expiry(const struct board *b, int64_t now)
{
	const struct board_set *set;
	int64_t next = STAMP_NONE;
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts; i++) {
		for (s = 0; s < SOURCE_COUNT; s++) {
			set = b->contacts[i]->feed[s].set;
			if (set == NULL || set->expires == STAMP_NONE || set->expires <= now)
				continue;
			if (next == STAMP_NONE || set->expires < next)
				next = set->expires;
		}
	}
	return next;
}

static int
update_lines(struct view *v, struct board *b, int64_t now, bool all)
{
	bool expired = v->expiry != STAMP_NONE && v->expiry <= now;
	struct buf out = {0};
	struct board_contact *c;
	size_t i;
	int status;

	if (v->change == b->change && !expired && !all)
		return 0;
	for (i = 0; i < b->ncontacts; i++) {
		c = b->contacts[i];
		if ((c->changed || expired || all) && (answered(c) || all))
			render(v, &out, c, now, false);
	}
	v->change = b->change;
	v->expiry = next_expiry(b, now);
	status = print(v, &out);
	buf_clear(&out);
	return status;
}

static int
update_table(struct view *v, struct board *b, int64_t now)
{
	struct table_style style = {0};
	struct buf out = {0};
	char clock[16] = "";
	time_t t = (time_t)now;
	struct tm tm;
	int status;

	if (v->live && v->change == b->change && v->drawn_at == now && !v->stale)
		return 0;
	screen_size(&style.rows, &style.columns);
	if (!v->live)
		style.rows = 0;
	else if (localtime_r(&t, &tm) != NULL)
		(void)strftime(clock, sizeof(clock), "%H:%M", &tm);
	style.columns -= style.columns > 1 ? 1 : 0; /* screen.h wants the last one free */
	style.scroll = v->scroll;
	style.colour = v->colour;
	style.utf8 = v->utf8;
	style.account = v->account;
	style.clock = clock;
	style.notice = v->notice[0] != '\0' ? v->notice : NULL;
	style.now = now;
	v->scroll_max = table_draw(&out, b, &style);
	if (v->scroll > v->scroll_max)
		v->scroll = v->scroll_max;
	v->change = b->change;
	v->drawn_at = now;
	v->stale = false;
	if (v->live) {
		status = screen_draw(&out);
	} else {
		buf_putc(&out, '\n');
		status = out.failed ? ERR_NOMEM : 0;
		if (status == 0 && (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0))
			status = ERR_IO;
	}
	buf_clear(&out);
	return status;
}

int
view_update(struct view *v, struct board *b, int64_t now, bool all)
{
	return v->mode == VIEW_TABLE ? update_table(v, b, now) : update_lines(v, b, now, all);
}

int
view_gone(struct view *v, struct board_contact *c, int64_t now)
{
	struct buf out = {0};
	int status;

	/* Who was never shown need not be said to be gone. */
	if (v->mode == VIEW_TABLE || c->shown == NULL)
		return 0;
	render(v, &out, c, now, true);
	status = print(v, &out);
	buf_clear(&out);
	return status;
}

void
view_notice(struct view *v, const char *text)
{
	if (strcmp(v->notice, text) == 0)
		return;
	snprintf(v->notice, sizeof(v->notice), "%s", text);
	v->stale = true;
}

bool
view_keys(struct view *v)
{
	size_t rows, columns, page;
	int key;

	if (v->mode != VIEW_TABLE || !v->live)
		return true;
	screen_size(&rows, &columns);
	page = rows > 8 ? rows - 8 : 1;
	while ((key = screen_key()) != 0) {
		switch (key) {
		case 'q':
		case 'Q':
			return false;
		case 'k':
		case SCREEN_UP:
			v->scroll -= v->scroll > 0 ? 1 : 0;
			break;
		case 'j':
		case SCREEN_DOWN:
			v->scroll += v->scroll < v->scroll_max ? 1 : 0;
			break;
		case 'b':
		case SCREEN_PAGE_UP:
			v->scroll -= v->scroll > page ? page : v->scroll;
			break;
		case ' ':
		case SCREEN_PAGE_DOWN:
			v->scroll += page;
			break;
		case '\f': /* Ctrl-L */
			screen_forget();
			break;
		default:
			continue;
		}
		v->stale = true;
	}
	return true;
}

void
view_redraw(struct view *v)
{
	if (v->mode == VIEW_TABLE && v->live)
		screen_forget();
	v->stale = true;
}
