#include "watch/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "watch/stamp.h"
#include "watch/text.h"

static void
put_unit(struct buf *out, uint32_t unit)
{
	buf_printf(out, "\\u%04" PRIx32, unit);
}

void
json_string(struct buf *out, const char *s)
{
	uint32_t c;
	size_t len;

	if (s == NULL) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '"');
	for (; (len = text_decode(s, &c)) > 0; s += len) {
		if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, (char)c);
		} else if (c >= 0x20 && c < 0x7F) {
			buf_putc(out, (char)c);
		} else if (c > 0x10FFFF) {
			put_unit(out, 0xFFFD);
		} else if (c > 0xFFFF) {
			put_unit(out, 0xD800 + ((c - 0x10000) >> 10));
			put_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
		} else {
			put_unit(out, c);
		}
	}
	buf_putc(out, '"');
}

static void
put_stamp(struct buf *out, const char *key, int64_t t)
{
	char text[STAMP_SIZE];

	stamp_put(text, t);
	buf_printf(out, ",\"%s\":", key);
	json_string(out, text[0] != '\0' ? text : NULL);
}

static void
put_bool(struct buf *out, const char *key, bool value)
{
	buf_printf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void
put_resource(struct buf *out, const struct board_resource *r)
{
	buf_puts(out, "{\"id\":");
	json_string(out, r->id);
	buf_printf(out, ",\"show\":\"%s\",\"status\":", board_state_text(r->show));
	json_string(out, r->status);
	put_stamp(out, "idle", r->idle);
	buf_putc(out, '}');
}

static void
put_device(struct buf *out, const struct board_set *set, const struct board_device *d, int64_t now)
{
	size_t i;

	buf_puts(out, "{\"id\":");
	json_string(out, d->id);
	buf_printf(out, ",\"kind\":\"%s\",\"label\":", d->kind);
	json_string(out, d->label);
	buf_printf(out, ",\"state\":\"%s\"", board_state_text(board_device_state(set, d, now)));
	put_bool(out, "preferred", d->preferred);
	put_bool(out, "stale", d->stale);
	put_stamp(out, "since", d->since);
	buf_puts(out, ",\"resources\":[");
	for (i = 0; i < d->nresources; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_resource(out, &d->resources[i]);
	}
	buf_puts(out, "]}");
}

/* Everything behind the time. */
static void
put_rest(struct buf *out, const struct board_contact *c, int64_t now, bool gone)
{
	const struct board_set *set = gone ? NULL : board_shown(c, now);
	size_t i;

	buf_puts(out, ",\"name\":");
	json_string(out, c->name);
	put_stamp(out, "updated", set != NULL ? set->updated : STAMP_NONE);
	put_stamp(out, "expires", set != NULL ? set->expires : STAMP_NONE);
	put_bool(out, "expired", set != NULL && board_set_expired(set, now));
	buf_puts(out, ",\"devices\":[");
	for (i = 0; set != NULL && i < set->ndevices; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_device(out, set, &set->devices[i], now);
	}
	buf_puts(out, "],\"error\":");
	json_string(out, gone ? "not in the roster any more" : board_problem(c));
	buf_putc(out, '}');
}

void
json_contact(struct buf *out, struct board_contact *c, int64_t now, bool gone)
{
	struct buf rest = {0};
	char time[STAMP_SIZE];

	put_rest(&rest, c, now, gone);
	if (rest.failed) {
		out->failed = true;
	} else if (c->shown == NULL || strcmp(c->shown, buf_text(&rest)) != 0) {
		stamp_put(time, now);
		buf_puts(out, "{\"contact\":");
		json_string(out, c->address);
		buf_printf(out, ",\"time\":\"%s\"", time);
		buf_put(out, rest.data, rest.len);
		buf_putc(out, '\n');
		if (!out->failed) {
			mem_free(c->shown);
			c->shown = buf_steal(&rest);
		}
	}
	buf_clear(&rest);
}
