#include "watch/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "watch/caps.h"
#include "watch/interrupt.h"
#include "watch/system.h"
#include "watch/text.h"
#include "watch/wipe.h"

#define RETRY_MAX_MS (60 * 1000)
#define LEAVE_MS 1000
#define REASON_MAX 200

struct session {
	const struct session_config *config;
	struct talk *talk;
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn; /* NULL: none */
	xmpp_mem_t memory;
	xmpp_log_t log;

	enum session_phase phase;
	bool been_up;
	bool down;    /* libstrophe is done with the connection */
	bool refused; /* a SASL mechanism was refused */
	bool no_tcp;  /* it failed before a connection stood */
	char reason[REASON_MAX + 1];
	size_t address;	   /* of config->addresses, being tried */
	unsigned failures; /* in a row */
	int64_t retry_at;
};

/* libstrophe hands a socket, and a bad certificate, to functions that get no argument of ours. */
static int the_socket = -1;
static char the_certificate_problem[REASON_MAX + 1];

static void
set_reason(struct session *s, const char *text)
{
	struct buf b = {0};

	text_clean(&b, text, REASON_MAX);
	snprintf(s->reason, sizeof(s->reason), "%s", buf_text(&b));
	buf_clear(&b);
}

/* The words of a TLS library alone don't say what they are about: `no shared cipher' is a server without a certificate. */
static void
set_reason_of(struct session *s, bool tls, const char *text)
{
	static const char *const words[] = {"cipher", "handshake", "SSL"};
	char said[REASON_MAX + 32];
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		tls = tls || strstr(text, words[i]) != NULL;
	tls = tls && strstr(text, "TLS") == NULL;
	snprintf(said, sizeof(said), "%s%s", tls ? "no TLS with the server: " : "", text);
	set_reason(s, said);
}

/* Some of what we must know libstrophe says only in its log. */
static void
on_log(void *arg, xmpp_log_level_t level, const char *area, const char *msg)
{
	static const char failed[] = "connection failed, error ";
	struct session *s = arg;

	if (text_starts(msg, "SASL ") && strstr(msg, " auth failed") != NULL) {
		s->refused = true;
	} else if (text_starts(msg, failed)) {
		s->no_tcp = true;
		set_reason(s, strerror((int)strtol(msg + strlen(failed), NULL, 10)));
	} else if (text_starts(msg, "Connection attempt timed out")) {
		s->no_tcp = true;
		set_reason(s, "the connection attempt timed out");
	} else if (text_starts(msg, "TLS is not supported, but set as mandatory")) {
		set_reason(s, "the server offers no encryption");
	} else if (level == XMPP_LEVEL_ERROR) {
		set_reason_of(s, strcmp(area, "tls") == 0, msg);
	}
}

static int
on_socket(xmpp_conn_t *conn, void *sock)
{
	int fd = *(int *)sock;

	if (fd >= FD_SETSIZE) /* libstrophe uses select(2) */
		return -1;
	the_socket = fd;
	return xmpp_sockopt_cb_keepalive(conn, sock);
}

static int
on_bad_certificate(const xmpp_tlscert_t *cert, const char *const problem)
{
	(void)cert;
	snprintf(the_certificate_problem, sizeof(the_certificate_problem), "%s", problem);
	return 0;
}

/* End the connection; libstrophe will find it out. */
static void
cut(struct session *s, const char *reason)
{
	set_reason(s, reason);
	if (the_socket >= 0)
		shutdown(the_socket, SHUT_RDWR);
}

/* Send what there is to be sent. */
static void
flush(struct session *s)
{
	struct buf *out = &s->talk->out;

	if (out->failed)
		cut(s, "out of memory");
	else if (out->len > 0 && s->conn != NULL && xmpp_conn_is_connected(s->conn))
		xmpp_send_raw(s->conn, out->data, out->len);
	buf_reset(out);
	if (s->talk->verdict != NULL) {
		cut(s, s->talk->verdict);
		s->talk->verdict = NULL;
	}
}

/* libstrophe's tree for tree.h. */

static const char *
tree_name(void *el)
{
	return xmpp_stanza_is_tag(el) ? xmpp_stanza_get_name(el) : NULL;
}

static const char *
tree_ns(void *el)
{
	return xmpp_stanza_get_ns(el);
}

static const char *
tree_attr(void *el, const char *name)
{
	return xmpp_stanza_get_attribute(el, name);
}

static const char *
tree_text(void *el)
{
	return xmpp_stanza_is_text(el) ? xmpp_stanza_get_text_ptr(el) : NULL;
}

static void *
tree_first(void *el)
{
	return xmpp_stanza_get_children(el);
}

static void *
tree_next(void *el)
{
	return xmpp_stanza_get_next(el);
}

static int
on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
	static const struct tree tree = {
		.name = tree_name,
		.ns = tree_ns,
		.attr = tree_attr,
		.text = tree_text,
		.first = tree_first,
		.next = tree_next,
	};
	struct session *s = arg;

	(void)conn;
	talk_stanza(s->talk, &tree, stanza, system_ms());
	return 1;
}

static void
signed_in(struct session *s)
{
	const char *jid = xmpp_conn_get_bound_jid(s->conn);

	interrupt_guard(-1, 0);
	xmpp_conn_set_pass(s->conn, NULL);
	if (!s->config->insecure && !xmpp_conn_is_secured(s->conn)) {
		cut(s, "the connection is not encrypted");
		return;
	}
	if (jid == NULL || talk_begin(s->talk, jid, system_ms()) != 0) {
		cut(s, "the server gave no address");
		return;
	}
	s->phase = SESSION_UP;
	s->been_up = true;
	s->failures = 0;
	s->reason[0] = '\0';
}

static void
on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *why, void *arg)
{
	struct session *s = arg;

	(void)conn;
	(void)error;
	if (event == XMPP_CONN_CONNECT) {
		signed_in(s);
		return;
	}
	interrupt_guard(-1, 0);
	the_socket = -1;
	s->down = true;
	if (why != NULL)
		set_reason_of(s, false, why->text != NULL ? why->text : "the server ended the stream");
}

/* 0, or it failed at once. */
static int
start(struct session *s)
{
	const struct session_config *config = s->config;
	const char *host = config->addresses != NULL ? config->addresses->text[s->address] : NULL;
	long tls = config->insecure ? (long)XMPP_CONN_FLAG_TRUST_TLS : (long)XMPP_CONN_FLAG_MANDATORY_TLS;
	char id[FETCH_ID_LEN + 1], jid[BOARD_ADDRESS_MAX + 1];

	s->conn = xmpp_conn_new(s->ctx);
	s->down = s->refused = s->no_tcp = false;
	s->reason[0] = the_certificate_problem[0] = '\0';
	s->phase = SESSION_CONNECTING;
	/* Its stream management listens to anybody's stanzas, and nothing here needs resumption. */
	xmpp_conn_set_flags(s->conn, tls | (long)XMPP_CONN_FLAG_DISABLE_SM);
	system_id(id);
	if (config->resource != NULL)
		snprintf(jid, sizeof(jid), "%s/%s", config->account, config->resource);
	else
		snprintf(jid, sizeof(jid), "%s/" CAPS_NAME ".%.16s", config->account, id);
	xmpp_conn_set_jid(s->conn, jid);
	xmpp_conn_set_pass(s->conn, config->password);
	xmpp_conn_set_certfail_handler(s->conn, on_bad_certificate);
	xmpp_conn_set_sockopt_callback(s->conn, on_socket);
	xmpp_handler_add(s->conn, on_stanza, NULL, NULL, NULL, s);
	if (xmpp_connect_client(s->conn, host, config->port, on_connection, s) != XMPP_EOK) {
		s->no_tcp = true;
		set_reason(s, "no address, or no way to it");
		return ERR_IO;
	}
	interrupt_guard(the_socket, config->timeout_ms);
	return 0;
}

static void
explain(struct session *s)
{
	char text[2 * REASON_MAX];

	if (s->refused) {
		set_reason(s, "the server does not accept this name and password");
	} else if (the_certificate_problem[0] != '\0') {
		snprintf(text, sizeof(text), "the server's certificate is not trusted: %s", the_certificate_problem);
		set_reason(s, text);
	} else if (s->reason[0] == '\0') {
		set_reason(s,
		    s->phase == SESSION_UP ? "the connection was lost" :
					     "the server ended the connection, or did not answer in time");
	}
}

/* The connection is over: what next? */
static void
ended(struct session *s)
{
	const struct addresses *addresses = s->config->addresses;
	int64_t delay;

	explain(s);
	xmpp_conn_release(s->conn);
	s->conn = NULL;
	talk_end(s->talk);
	if (s->refused) {
		s->phase = SESSION_REFUSED;
		return;
	}
	if (s->no_tcp && addresses != NULL && s->address + 1 < addresses->n) {
		s->address++;
		s->retry_at = 0;
		s->phase = SESSION_WAITING;
		return;
	}
	s->address = 0;
	if (!s->been_up || !s->config->again) {
		s->phase = SESSION_FAILED;
		return;
	}
	delay = s->failures < 6 ? INT64_C(1000) << s->failures : RETRY_MAX_MS;
	s->failures++;
	/* Not all of a server's users at once when it comes back. */
	s->retry_at = system_ms() + delay / 2 + random() % (delay / 2);
	s->phase = SESSION_WAITING;
}

struct session *
session_new(const struct session_config *config, struct talk *talk)
{
	struct session *s = mem_alloc(sizeof(*s));
	unsigned char digest[XMPP_SHA1_DIGEST_SIZE];
	struct buf caps = {0};
	char *ver;

	if (s == NULL)
		return NULL;
	caps_string(&caps);
	if (caps.failed) {
		mem_free(s);
		return NULL;
	}
	xmpp_sha1_digest((const unsigned char *)caps.data, caps.len, digest);
	buf_clear(&caps);
	s->config = config;
	s->talk = talk;
	s->memory.alloc = wipe_alloc;
	s->memory.free = wipe_free;
	s->memory.realloc = wipe_realloc;
	s->log.handler = on_log;
	s->log.userdata = s;
	s->phase = SESSION_WAITING;
	xmpp_initialize();
	s->ctx = xmpp_ctx_new(&s->memory, &s->log);
	ver = xmpp_base64_encode(s->ctx, digest, sizeof(digest));
	snprintf(talk->ver, sizeof(talk->ver), "%s", ver);
	xmpp_free(s->ctx, ver);
	talk->make_id = system_id;
	srandom((unsigned)system_ms()); /* for nothing but the delays above */
	return s;
}

void
session_step(struct session *s, unsigned long wait_ms)
{
	int64_t due;

	if (s->phase == SESSION_WAITING && s->retry_at <= system_ms() && start(s) != 0)
		s->down = true;
	talk_pump(s->talk, system_ms());
	flush(s);
	due = fetch_wait(s->talk->board, system_ms());
	if (due >= 0 && (uint64_t)due < wait_ms)
		wait_ms = due > 0 ? (unsigned long)due : 1;
	if (!s->down)
		xmpp_run_once(s->ctx, wait_ms);
	if (s->down) {
		s->down = false;
		ended(s);
	}
}

enum session_phase
session_phase(const struct session *s)
{
	return s->phase;
}

const char *
session_reason(const struct session *s)
{
	return s->reason;
}

void
session_leave(struct session *s)
{
	int64_t until = system_ms() + LEAVE_MS;

	if (s->conn == NULL || s->phase != SESSION_UP)
		return;
	talk_goodbye(s->talk);
	flush(s);
	xmpp_disconnect(s->conn);
	while (!s->down && system_ms() < until)
		xmpp_run_once(s->ctx, 100);
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	if (s->conn != NULL)
		xmpp_conn_release(s->conn);
	xmpp_ctx_free(s->ctx);
	xmpp_shutdown();
	mem_free(s);
}
