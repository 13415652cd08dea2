/*
 * One TCP connection, with TLS or without, that never blocks.  It knows no
 * event loop: who owns it waits for its descriptor and calls again.
 *
 * A name that is not a number is looked up by getaddrinfo(3) when the
 * connection is opened, and that may block for as long as the resolver does.
 */
#ifndef PP_SYS_CONN_H
#define PP_SYS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct conn_conf {
	const char *server; /* address or name */
	unsigned port;
	bool tls;
	const char *tls_name; /* "": as server */
	const char *ca_file;  /* "": the system's */
};

struct conn;

/*
 * Begin to connect; CONF is copied.  Returns 0 or ERR_NOMEM; what goes wrong
 * on the way is told by conn_step().
 */
int conn_open(struct conn **out, const struct conn_conf *conf);

/* Closes.  Accepts NULL. */
void conn_free(struct conn *c);

/* What the system still holds for the peer is not delivered any more; conn_free() follows. */
void conn_abort(struct conn *c);

/*
 * Go on connecting: call it after conn_open() and whenever the descriptor is
 * ready.  Each address of the server is tried in turn, so the descriptor may be
 * another one after each call; -1: there is none, call again.
 *
 * Returns 1 (connected), 0 (wait for conn_fd(), for writing if
 * conn_wants_write()), ERR_IO (no address answers), ERR_PROTOCOL (no TLS there),
 * ERR_DENIED (the certificate) or ERR_NOMEM (memory or descriptors are missing
 * here); conn_reason() says why.
 */
int conn_step(struct conn *c);

int conn_fd(const struct conn *c);
bool conn_wants_write(const struct conn *c);
const char *conn_reason(const struct conn *c);

/* Bytes moved, 0 when that has to wait, ERR_NOTFOUND at the peer's end of data (reading), or ERR_IO. */
ssize_t conn_read(struct conn *c, void *buf, size_t len);
ssize_t conn_write(struct conn *c, const void *buf, size_t len);

#endif
