#include "sys/conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/tls.h"

/* A half-open connection is noticed by the kernel first (F6). */
#define KEEPALIVE_IDLE_S 20
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_COUNT 3
#define USER_TIMEOUT_MS 30000

enum conn_state {
	CONN_LOOKUP,
	CONN_CONNECTING,
	CONN_TLS,
	CONN_OPEN,
	CONN_FAILED
};

struct conn {
	enum conn_state state;
	char *server, *tls_name, *ca_file;
	unsigned port;
	bool use_tls;
	struct addrinfo *addresses, *next;
	int fd;
	struct tls *tls;
	bool wants_write;
	bool own_fault; /* the last address failed for want of something here */
	int status;	/* of CONN_FAILED */
	char reason[320];
};

int
conn_open(struct conn **out, const struct conn_conf *conf)
{
	struct conn *c = mem_alloc(sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return ERR_NOMEM;
	c->fd = -1;
	c->port = conf->port;
	c->use_tls = conf->tls;
	c->server = mem_strdup(conf->server);
	c->tls_name = mem_strdup(conf->tls_name[0] != '\0' ? conf->tls_name : conf->server);
	c->ca_file = mem_strdup(conf->ca_file);
	if (c->server == NULL || c->tls_name == NULL || c->ca_file == NULL) {
		conn_free(c);
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

static void
drop_socket(struct conn *c)
{
	tls_free(c->tls);
	c->tls = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->wants_write = false;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	drop_socket(c);
	if (c->addresses != NULL)
		freeaddrinfo(c->addresses);
	mem_free(c->server);
	mem_free(c->tls_name);
	mem_free(c->ca_file);
	mem_free(c);
}

void
conn_abort(struct conn *c)
{
	static const struct linger at_once = {1, 0};

	if (c->fd >= 0)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static int
fail(struct conn *c, int status)
{
	drop_socket(c);
	c->state = CONN_FAILED;
	c->status = status;
	return status;
}

static int
look_up(struct conn *c)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	char port[8];
	int code;

	snprintf(port, sizeof(port), "%u", c->port);
	code = getaddrinfo(c->server, port, &hints, &c->addresses);
	if (code != 0) {
		snprintf(c->reason, sizeof(c->reason), "%s: %s", c->server, gai_strerror(code));
		c->addresses = NULL;
		return fail(c, ERR_IO);
	}
	c->next = c->addresses;
	c->state = CONN_CONNECTING;
	return 0;
}

/* Best effort: a connection without these works, it is only noticed later when it dies. */
static void
set_options(int fd)
{
	static const struct {
		int level, name, value;
	} opts[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
		{IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
		{IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
#ifdef TCP_USER_TIMEOUT
		{IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
#endif
	};
	size_t i;

	for (i = 0; i < sizeof(opts) / sizeof(opts[0]); i++)
		(void)setsockopt(fd, opts[i].level, opts[i].name, &opts[i].value, sizeof(int));
}

/* The outcome of connect(2) on the current descriptor, as an errno; EINPROGRESS: not known yet. */
static int
connect_result(struct conn *c)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int), peerlen = sizeof(peer);
	int code = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0)
		return errno;
	if (code == 0 && getpeername(c->fd, (struct sockaddr *)&peer, &peerlen) != 0)
		return errno == ENOTCONN ? EINPROGRESS : errno;
	return code;
}

/* Try the addresses that are left until one is connected or under way. */
static int
try_connect(struct conn *c)
{
	int code;

	for (;;) {
		if (c->fd >= 0) {
			code = connect_result(c);
			if (code == 0)
				return 1;
		} else if (c->next == NULL) {
			return fail(c, c->own_fault ? ERR_NOMEM : ERR_IO);
		} else {
			struct addrinfo *a = c->next;

			c->next = a->ai_next;
			c->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
			code = c->fd < 0 || connect(c->fd, a->ai_addr, a->ai_addrlen) != 0 ? errno : 0;
			if (c->fd >= 0)
				set_options(c->fd);
			if (code == 0)
				return 1;
		}
		if (code == EINPROGRESS || code == EINTR) {
			c->wants_write = true;
			return 0;
		}
		snprintf(c->reason, sizeof(c->reason), "%s port %u: %s", c->server, c->port, strerror(code));
		c->own_fault = code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS;
		drop_socket(c);
	}
}

int
conn_step(struct conn *c)
{
	int status;

	if (c->state == CONN_FAILED)
		return c->status;
	if (c->state == CONN_LOOKUP && (status = look_up(c)) != 0)
		return status;
	if (c->state == CONN_CONNECTING) {
		status = try_connect(c);
		if (status <= 0)
			return status;
		c->wants_write = false;
		/* Of an address that was tried before. */
		c->reason[0] = '\0';
		c->state = c->use_tls ? CONN_TLS : CONN_OPEN;
		if (c->use_tls) {
			status = tls_new(&c->tls, c->fd, c->ca_file, c->tls_name, c->reason, sizeof(c->reason));
			if (status != 0)
				return fail(c, status == ERR_NOMEM ? ERR_NOMEM : ERR_PROTOCOL);
		}
	}
	if (c->state == CONN_TLS) {
		status = tls_handshake(c->tls);
		c->wants_write = status == TLS_WANT_WRITE;
		if (status == TLS_WANT_READ || status == TLS_WANT_WRITE)
			return 0;
		if (status != 0) {
			snprintf(c->reason, sizeof(c->reason), "TLS with %s: %s", c->tls_name, tls_reason(c->tls));
			return fail(c, status);
		}
		c->state = CONN_OPEN;
	}
	return 1;
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}

bool
conn_wants_write(const struct conn *c)
{
	return c->wants_write;
}

const char *
conn_reason(const struct conn *c)
{
	return c->reason;
}

static ssize_t
io_result(struct conn *c, ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	snprintf(c->reason, sizeof(c->reason), "%s", strerror(errno));
	return ERR_IO;
}

static ssize_t
tls_result(struct conn *c, ssize_t n, int own_want)
{
	if (n == TLS_WANT_READ || n == TLS_WANT_WRITE) {
		/* Reading that has to write, or the other way round: wait for that. */
		c->wants_write = n == TLS_WANT_WRITE && n != own_want;
		return 0;
	}
	if (n == ERR_IO)
		snprintf(c->reason, sizeof(c->reason), "TLS: %s", tls_reason(c->tls));
	return n;
}

ssize_t
conn_read(struct conn *c, void *buf, size_t len)
{
	ssize_t n;

	if (c->tls != NULL) {
		n = tls_read(c->tls, buf, len);
		return n == 0 ? ERR_NOTFOUND : tls_result(c, n, TLS_WANT_READ);
	}
	do
		n = recv(c->fd, buf, len, 0);
	while (n < 0 && errno == EINTR);
	return n == 0 ? ERR_NOTFOUND : io_result(c, n);
}

ssize_t
conn_write(struct conn *c, const void *buf, size_t len)
{
	ssize_t n;

	if (c->tls != NULL)
		return tls_result(c, tls_write(c->tls, buf, len), TLS_WANT_WRITE);
	do
		n = send(c->fd, buf, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return io_result(c, n);
}
