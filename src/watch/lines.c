#include "watch/lines.h"

#include <string.h>

#include "base/mem.h"
#include "watch/stamp.h"
#include "watch/text.h"

/*
 * What was shown is remembered in c->shown, one line a device:
 * id TAB name TAB rest.  Clean text holds neither tab nor line break.
 */

static void
put_stamp(struct buf *out, const char *key, int64_t t)
{
	char text[STAMP_SIZE];

	stamp_put(text, t);
	if (text[0] != '\0')
		buf_printf(out, " %s=%s", key, text);
}

static void
put_problem(struct buf *out, const struct board_contact *c)
{
	const char *problem = board_problem(c);

	if (problem != NULL) {
		buf_puts(out, " error=");
		text_quote(out, problem);
	}
}

static void
put_device(struct buf *out, const struct board_set *set, const struct board_device *d, int64_t now)
{
	const struct board_resource *best = board_device_best(d);
	size_t i;

	buf_printf(out, "%s\t", d->id);
	text_quote(out, d->label);
	buf_printf(out, " %s\t%s", d->kind, board_state_text(board_device_state(set, d, now)));
	if (d->preferred)
		buf_puts(out, " preferred");
	if (d->stale)
		buf_puts(out, " stale");
	put_stamp(out, "since", d->since);
	if (best != NULL)
		put_stamp(out, "idle", best->idle);
	for (i = 0; d->nresources > 1 && i < d->nresources; i++) {
		buf_puts(out, i == 0 ? " resources=" : ",");
		buf_puts(out, board_state_text(d->resources[i].show));
	}
	if (best != NULL && best->status != NULL) {
		buf_puts(out, " status=");
		text_quote(out, best->status);
	}
}

static void
put_all(struct buf *out, const struct board_contact *c, int64_t now)
{
	const struct board_set *set = board_shown(c, now);
	size_t i;

	for (i = 0; set != NULL && i < set->ndevices; i++) {
		put_device(out, set, &set->devices[i], now);
		put_problem(out, c);
		buf_putc(out, '\n');
	}
	if (out->len == 0) {
		buf_puts(out, "\t\tno-devices");
		put_problem(out, c);
		buf_putc(out, '\n');
	}
}

/* The line in ALL that starts with the LEN bytes at HEAD, or NULL. */
static const char *
line_with(const char *all, const char *head, size_t len)
{
	const char *line;

	for (line = all; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
		if (strncmp(line, head, len) == 0)
			return line;
	return NULL;
}

static void
put_line(struct buf *out, const char *time, const char *address, const char *name, size_t namelen, const char *rest,
    size_t restlen)
{
	buf_printf(out, "%s %s ", time, address);
	buf_put(out, name, namelen);
	if (namelen > 0)
		buf_putc(out, ' ');
	buf_put(out, rest, restlen);
	buf_putc(out, '\n');
}

static void
removed(struct buf *out, const struct board_contact *c, const char *time, const char *new)
{
	const char *line, *name, *rest;

	for (line = c->shown; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1) {
		name = strchr(line, '\t') + 1;
		rest = strchr(name, '\t') + 1;
		if (name - line > 1 && line_with(new, line, (size_t)(name - line)) == NULL)
			put_line(out, time, c->display, name, (size_t)(rest - name - 1), "removed", strlen("removed"));
	}
}

static void
changed(struct buf *out, const struct board_contact *c, const char *time, const char *new)
{
	const char *line, *name, *rest, *end;

	for (line = new; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (line_with(c->shown, line, (size_t)(end + 1 - line)) != NULL)
			continue;
		name = strchr(line, '\t') + 1;
		rest = strchr(name, '\t') + 1;
		put_line(out, time, c->display, name, (size_t)(rest - name - 1), rest, (size_t)(end - rest));
	}
}

void
lines_contact(struct buf *out, struct board_contact *c, int64_t now, bool gone)
{
	struct buf all = {0};
	char time[STAMP_SIZE];

	stamp_put(time, now);
	if (gone) {
		put_line(out, time, c->display, "", 0, "removed", strlen("removed"));
		return;
	}
	put_all(&all, c, now);
	if (all.failed) {
		out->failed = true;
		buf_clear(&all);
		return;
	}
	removed(out, c, time, buf_text(&all));
	changed(out, c, time, buf_text(&all));
	if (!out->failed) {
		mem_free(c->shown);
		c->shown = buf_steal(&all);
	}
	buf_clear(&all);
}
