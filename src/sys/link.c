#include "sys/link.h"

#include <stdio.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/crypto.h"
#include "sys/link_state.h"

static void on_timer(evutil_socket_t fd, short what, void *arg);
static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);
static void go_on_connecting(struct link *l);

void
link_times_default(struct link_times *t)
{
	memset(t, 0, sizeof(*t));
	t->connect_ms = t->header_ms = t->handshake_ms = 15000;
	t->ping_ms = 20000;
	t->dead_ms = 50000;
	t->say_ms = 20000;
	t->close_ms = 2000;
	t->stable_ms = 30000;
}

struct link *
link_new(struct event_base *base, const struct link_conf *conf, const struct link_times *times)
{
	static const struct timeval later = {3600, 0};
	struct link *l = mem_alloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	l->base = base;
	l->times = *times;
	l->conf = *conf;
	liveness_init(&l->alive, times->ping_ms, times->dead_ms, times->say_ms);
	l->in = mem_alloc(INPUT_BYTES);
	l->stream = stream_new(conf->domain);
	l->timer = evtimer_new(base, on_timer, l);
	/* What was added once can be added again without memory, and a link without its timer would never do anything. */
	if (l->in == NULL || l->stream == NULL || l->timer == NULL || evtimer_add(l->timer, &later) != 0) {
		link_free(l);
		return NULL;
	}
	evtimer_del(l->timer);
	return l;
}

static void
unwatch(struct link *l)
{
	if (l->ev_read != NULL)
		event_free(l->ev_read);
	if (l->ev_write != NULL)
		event_free(l->ev_write);
	l->ev_read = l->ev_write = NULL;
	l->reading = l->readable = false;
}

static void
disconnect(struct link *l)
{
	/* Before the descriptor is closed, which may be given out again. */
	unwatch(l);
	conn_free(l->conn);
	l->conn = NULL;
	l->inlen = l->inpos = 0;
	outqueue_reset(&l->out);
}

void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	disconnect(l);
	if (l->timer != NULL)
		event_free(l->timer);
	stream_free(l->stream);
	outqueue_clear(&l->out);
	mem_free(l->in);
	mem_free(l);
}

void
link_set_timer(struct link *l, uint64_t ms)
{
	struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(l->timer, &tv);
}

static void
retry_in(struct link *l, uint64_t ms)
{
	l->retry_at = mono() + ms;
	link_set_timer(l, ms);
}

void
link_lose(struct link *l, enum link_reason reason, const char *text)
{
	uint32_t random = 0;
	bool was_up = l->state == STATE_OPEN || l->state == STATE_CLOSING;

	if (l->state == STATE_CLOSING)
		reason = REASON_STOPPED;
	if (text != l->text)
		snprintf(l->text, sizeof(l->text), "%s", text);
	if (was_up && mono() - l->up_at >= l->times.stable_ms)
		l->failures = 0;
	/* A slow server must not get the rest of this stream after the beginning of the next one (F10). */
	if (l->conn != NULL && reason != REASON_STOPPED)
		conn_abort(l->conn);
	disconnect(l);
	/* What we end ourselves is no failure. */
	if (!l->wanted)
		l->failures++;
	(void)crypto_random(&random, sizeof(random));
	l->failure.reason = reason;
	/* Several losses before the next link_next() are told as one. */
	l->failure.was_up = was_up || (l->down && l->failure.was_up);
	l->failure.wanted = l->wanted && (!l->down || l->failure.wanted);
	l->failure.attempts = l->failures;
	l->failure.retry_ms = l->times.retry_ms != 0 ? l->times.retry_ms : backoff_ms(reason, l->failures, random);
	l->failure.text = l->text;
	l->down = true;
	if (reason == REASON_STOPPED) {
		l->state = STATE_OFF;
		l->failure.retry_ms = 0;
		evtimer_del(l->timer);
		return;
	}
	l->state = STATE_WAITING;
	retry_in(l, l->failure.retry_ms);
}

bool
link_wake_for(struct link *l, struct event *ev)
{
	if (event_add(ev, NULL) == 0)
		return true;
	link_lose(l, REASON_LOCAL, "the event loop can't wait for the connection");
	return false;
}

/* The first option of those that a connection is made with which is another one; NULL: none is. */
static const char *
changed_option(const struct link_conf *old, const struct link_conf *new)
{
	const struct conn_conf *a = &old->conn, *b = &new->conn;

	return strcmp(a->server, b->server) != 0	    ? "server" :
	    a->port != b->port				    ? "port" :
	    a->tls != b->tls				    ? "tls" :
	    strcmp(a->tls_name, b->tls_name) != 0	    ? "tls-name" :
	    strcmp(a->ca_file, b->ca_file) != 0		    ? "ca-file" :
	    strcmp(old->secret_file, new->secret_file) != 0 ? "secret-file" :
							      NULL;
}

void
link_configure(struct link *l, const struct link_conf *conf)
{
	const char *changed = changed_option(&l->conf, conf);
	char why[64];

	l->conf = *conf;
	if (changed != NULL) {
		snprintf(why, sizeof(why), "the configuration has another %s", changed);
		link_reconnect(l, why, true);
	}
	/* What kept us out may have been put right: whoever did so isn't kept waiting. */
	if (l->state == STATE_WAITING) {
		l->failures = 0;
		if (l->retry_at > mono() + BACKOFF_MIN_MS)
			retry_in(l, BACKOFF_MIN_MS);
	}
}

void
link_reconnect(struct link *l, const char *why, bool wanted)
{
	if (l->state < STATE_CONNECTING || l->state > STATE_OPEN)
		return;
	l->wanted = wanted;
	link_lose(l, REASON_CLOSED, why);
	l->wanted = false;
}

static bool
watch(struct link *l)
{
	int fd = conn_fd(l->conn);

	l->ev_read = event_new(l->base, fd, EV_READ | EV_PERSIST, on_readable, l);
	l->ev_write = event_new(l->base, fd, EV_WRITE, on_writable, l);
	if (l->ev_read == NULL || l->ev_write == NULL || event_add(l->ev_read, NULL) != 0)
		return false;
	l->reading = true;
	return !conn_wants_write(l->conn) || event_add(l->ev_write, NULL) == 0;
}

static void
connect_now(struct link *l)
{
	if (conn_open(&l->conn, &l->conf.conn) != 0) {
		link_lose(l, REASON_LOCAL, err_text(ERR_NOMEM));
		return;
	}
	l->state = STATE_CONNECTING;
	link_set_timer(l, l->times.connect_ms);
	go_on_connecting(l);
}

static void
go_on_connecting(struct link *l)
{
	int status;

	/* Another address means another descriptor. */
	unwatch(l);
	status = conn_step(l->conn);
	if (status < 0) {
		snprintf(l->text, sizeof(l->text), "%s", conn_reason(l->conn));
		link_lose(l,
		    status == ERR_NOMEM	 ? REASON_LOCAL :
			status == ERR_IO ? REASON_REFUSED :
					   REASON_TLS,
		    l->text);
		return;
	}
	if (!watch(l)) {
		link_lose(l, REASON_LOCAL, err_text(ERR_NOMEM));
		return;
	}
	if (status == 0)
		return;
	if (stream_start(l->stream, &l->out.bytes) != 0) {
		link_lose(l, REASON_LOCAL, err_text(ERR_NOMEM));
		return;
	}
	l->state = STATE_HEADER;
	link_set_timer(l, l->times.header_ms);
	link_flush(l);
}

void
link_start(struct link *l)
{
	if (l->state != STATE_OFF)
		return;
	l->state = STATE_WAITING;
	link_set_timer(l, 0);
}

void
link_stop(struct link *l)
{
	if (l->state == STATE_CLOSING)
		return;
	if (l->state != STATE_OPEN) {
		disconnect(l);
		evtimer_del(l->timer);
		l->state = STATE_OFF;
		l->down = true;
		l->failure.reason = REASON_STOPPED;
		l->failure.text = "";
		return;
	}
	stream_close(l->stream, &l->out.bytes);
	l->state = STATE_CLOSING;
	link_set_timer(l, l->times.close_ms);
	link_flush(l);
}

void
link_send_ping(struct link *l)
{
	const char *id, *domain = l->conf.domain;
	uint64_t random;

	if (crypto_random(&random, sizeof(random)) != 0)
		return;
	id = liveness_ping(&l->alive, random);
	/* A prepared domain needs no escaping. */
	buf_printf(&l->out.bytes, "<iq type='get' id='%s' from='%s' to='%s/%s'><ping xmlns='urn:xmpp:ping'/></iq>", id,
	    domain, domain, id);
	link_flush(l);
}

static void
check_alive(struct link *l)
{
	uint64_t now = mono(), next;

	/* Not to blame the server for what we haven't read yet. */
	if (link_has_input(l))
		liveness_heard(&l->alive, now);
	switch (liveness_check(&l->alive, now, &next)) {
	case LIVENESS_FINE:
		break;
	case LIVENESS_PING:
		link_send_ping(l);
		break;
	case LIVENESS_SAY:
		/* Behind what the server doesn't take it would be nothing. */
		if (outqueue_len(&l->out) == 0)
			buf_putc(&l->out.bytes, ' ');
		link_flush(l);
		break;
	case LIVENESS_DEAD:
		link_lose(l, REASON_TIMEOUT, "nothing came from the server any more, not even an answer to a ping");
		break;
	}
	if (l->state == STATE_OPEN)
		link_set_timer(l, next);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	switch (l->state) {
	case STATE_OFF:
		break;
	case STATE_WAITING:
		connect_now(l);
		break;
	case STATE_CONNECTING:
		link_lose(l, REASON_TIMEOUT, "no connection in time");
		break;
	case STATE_HEADER:
		link_lose(l, REASON_TIMEOUT, "the server sent no stream header");
		break;
	case STATE_HANDSHAKE:
		link_lose(l, REASON_TIMEOUT, "the server did not answer the handshake");
		break;
	case STATE_OPEN:
		check_alive(l);
		break;
	case STATE_CLOSING:
		link_lose(l, REASON_STOPPED, "");
		break;
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	if (l->state == STATE_CONNECTING) {
		go_on_connecting(l);
		return;
	}
	/* Told before, and not taken: don't be told again until it is. */
	if (l->readable) {
		event_del(l->ev_read);
		l->reading = false;
	}
	l->readable = true;
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	if (l->state == STATE_CONNECTING) {
		go_on_connecting(l);
		return;
	}
	/* TLS may have had to write before it could read. */
	if (conn_wants_write(l->conn))
		l->readable = true;
	link_flush(l);
}

void
link_flush(struct link *l)
{
	size_t before = outqueue_len(&l->out);
	int status;

	if (l->conn == NULL || l->state < STATE_HEADER)
		return;
	status = outqueue_send(&l->out, l->conn);
	if (outqueue_len(&l->out) < before)
		liveness_said(&l->alive, mono());
	if (status == ERR_IO) {
		snprintf(l->text, sizeof(l->text), "sending: %s", conn_reason(l->conn));
		link_lose(l, REASON_CLOSED, l->text);
	} else if (status != 0) {
		link_lose(l, REASON_LOCAL, err_text(status));
	} else if (outqueue_len(&l->out) > 0) {
		(void)link_wake_for(l, l->ev_write);
	}
}

bool
link_has_input(const struct link *l)
{
	return l->down || (l->state >= STATE_HEADER && (l->inpos < l->inlen || l->readable));
}
