/* The server's side of TLS, with a certificate of its own making. */
#ifndef PP_TESTS_TLS_FIXTURE_H
#define PP_TESTS_TLS_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

struct ssl_ctx_st;

/*
 * A certificate that vouches for itself, for NAMES as in a subjectAltName; it
 * ends SECONDS from now and is written to CA_PATH for who is to trust it.
 * Freed with SSL_CTX_free().
 */
struct ssl_ctx_st *tls_server_context(const char *ca_path, const char *names, long seconds);

/* A connection over FD, which never blocks and stays the caller's. */
struct tls_server;
struct tls_server *tls_server_new(struct ssl_ctx_st *ctx, int fd);
void tls_server_close(struct tls_server *s);

/* As recv(2) and send(2). */
ssize_t tls_server_read(struct tls_server *s, void *buf, size_t len);
ssize_t tls_server_write(struct tls_server *s, const void *buf, size_t len);

#endif
