#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/crypto.h"
#include "sys/link.h"
#include "sys/link_state.h"
#include "sys/secret.h"

/* Of what is skipped so many are read in a row: then signals, deadlines and what is to be sent have their turn. */
#define READS_MAX 8

static void
shake_hands(struct link *l)
{
	char hex[CRYPTO_SHA1_HEX];
	struct secret secret;
	int status;

	status = secret_read(l->conf.secret_file, &secret, l->text, sizeof(l->text));
	if (status != 0) {
		link_lose(l, REASON_LOCAL, l->text);
		return;
	}
	status = crypto_handshake(stream_id(l->stream), secret.data, secret.len, hex);
	secret_wipe(&secret);
	if (status == 0)
		status = stream_handshake(l->stream, hex, &l->out.bytes);
	mem_wipe(hex, sizeof(hex));
	if (status != 0) {
		link_lose(l, REASON_LOCAL, err_text(status));
		return;
	}
	l->state = STATE_HANDSHAKE;
	link_set_timer(l, l->times.handshake_ms);
	link_flush(l);
}

/* One item of the stream; LINK_NOTHING if it is for nobody else, or ended the link. */
static enum link_item
take_item(struct link *l, enum stream_item item)
{
	static const enum link_item large[] = {
		[STREAM_LARGE] = LINK_LARGE,
		[STREAM_PORTION] = LINK_PORTION,
		[STREAM_LAST] = LINK_LAST,
		[STREAM_SKIPPED] = LINK_SKIPPED,
	};
	const char *text;

	switch (item) {
	case STREAM_NONE:
		break;
	case STREAM_HEADER:
		if (l->state == STATE_HEADER)
			shake_hands(l);
		break;
	case STREAM_OPEN:
		if (l->state != STATE_HANDSHAKE)
			break;
		l->state = STATE_OPEN;
		l->up_at = mono();
		liveness_start(&l->alive, l->up_at);
		/* Finds out whether pings come back at all, before it matters. */
		link_send_ping(l);
		if (l->state != STATE_OPEN)
			break;
		link_set_timer(l, l->times.ping_ms < l->times.say_ms ? l->times.ping_ms : l->times.say_ms);
		return LINK_UP;
	case STREAM_STANZA:
		if (l->state == STATE_OPEN && !liveness_is_ping(&l->alive, xml_attr(stream_stanza(l->stream), "id")))
			return LINK_STANZA;
		break;
	case STREAM_LARGE:
	case STREAM_PORTION:
	case STREAM_LAST:
	case STREAM_SKIPPED:
		return l->state == STATE_OPEN ? large[item] : LINK_NOTHING;
	case STREAM_ERROR:
		text = stream_error_text(l->stream);
		snprintf(l->text, sizeof(l->text), "%s%s%s", stream_error(l->stream), text[0] != '\0' ? ": " : "",
		    text);
		link_lose(l, backoff_reason(stream_error(l->stream)), l->text);
		break;
	case STREAM_END:
		link_lose(l, REASON_CLOSED, "the server closed the stream");
		break;
	}
	return LINK_NOTHING;
}

/* Fill the input; false: there is nothing for now, or the connection is gone. */
static bool
read_more(struct link *l)
{
	ssize_t n;

	n = conn_read(l->conn, l->in, INPUT_BYTES);
	if (n > 0) {
		l->inlen = (size_t)n;
		l->inpos = 0;
		/* A short read has emptied the socket, but perhaps not the TLS session above it. */
		if (l->inlen < INPUT_BYTES && !l->conf.conn.tls)
			l->readable = false;
	} else if (n == 0) {
		l->readable = false;
		if (conn_wants_write(l->conn) && !link_wake_for(l, l->ev_write))
			return false;
	} else {
		snprintf(l->text, sizeof(l->text), "%s",
		    n == ERR_NOTFOUND ? "the server closed the connection" : conn_reason(l->conn));
		link_lose(l, REASON_CLOSED, l->text);
		return false;
	}
	if (!l->readable && !l->reading) {
		if (!link_wake_for(l, l->ev_read))
			return false;
		l->reading = true;
	}
	if (n > 0)
		liveness_heard(&l->alive, mono());
	return n > 0;
}

enum link_item
link_next(struct link *l)
{
	enum stream_item item;
	enum link_item out;
	unsigned reads = 0;
	size_t used;
	int status;

	for (;;) {
		if (l->down) {
			l->down = false;
			return LINK_DOWN;
		}
		if (l->state < STATE_HEADER)
			return LINK_NOTHING;
		if (l->inpos == l->inlen) {
			if (!l->readable || reads++ == READS_MAX || !read_more(l)) {
				if (l->down)
					continue;
				return LINK_NOTHING;
			}
		}
		item = STREAM_NONE;
		used = 0;
		status = stream_push(l->stream, l->in + l->inpos, l->inlen - l->inpos, &used, &item);
		l->inpos += used;
		if (status < 0) {
			snprintf(l->text, sizeof(l->text), "%s",
			    status == ERR_NOMEM ? err_text(status) : stream_reason(l->stream));
			link_lose(l, status == ERR_NOMEM ? REASON_LOCAL : REASON_PROTOCOL, l->text);
			continue;
		}
		if (status > 0 && (out = take_item(l, item)) != LINK_NOTHING)
			return out;
	}
}
