/*
 * TLS of our own side over a socket that never blocks, with verification of
 * the certificate and of the name in it (THREATS 22).
 */
#ifndef PP_SYS_TLS_H
#define PP_SYS_TLS_H

#include <stddef.h>
#include <sys/types.h>

/* Beside bytes and errors: wait until the socket can be read, or written. */
enum {
	TLS_WANT_READ = -1000,
	TLS_WANT_WRITE = -1001
};

struct tls;

/*
 * A session over FD, which stays the caller's.  CA_FILE: certificates to
 * trust, "" for the system's.  NAME: what the certificate must be for, a host
 * name or an address.  Returns 0, ERR_NOMEM or ERR_INVALID; WHY says what.
 */
int tls_new(struct tls **out, int fd, const char *ca_file, const char *name, char *why, size_t whylen);

/* Says goodbye if it can do so at once.  Accepts NULL. */
void tls_free(struct tls *t);

/* 0: done; TLS_WANT_*; ERR_PROTOCOL or ERR_DENIED (the certificate): tls_reason() says why. */
int tls_handshake(struct tls *t);

/* Bytes moved (reading: 0 at the end), TLS_WANT_*, or ERR_IO. */
ssize_t tls_read(struct tls *t, void *buf, size_t len);
ssize_t tls_write(struct tls *t, const void *buf, size_t len);

const char *tls_reason(const struct tls *t);

#endif
