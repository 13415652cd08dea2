#include "sys/tls.h"

#include <arpa/inet.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/mem.h"

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	char reason[256];
};

/* The first error that libssl queued, which is the cause; the queue is empty after. */
static const char *
first_error(char *text, size_t len)
{
	unsigned long code = ERR_get_error();

	if (code != 0)
		ERR_error_string_n(code, text, len);
	else
		snprintf(text, len, "%s", errno != 0 ? strerror(errno) : "connection closed");
	ERR_clear_error();
	return text;
}

int
tls_new(struct tls **out, int fd, const char *ca_file, const char *name, char *why, size_t whylen)
{
	unsigned char addr[sizeof(struct in6_addr)];
	struct tls *t = mem_alloc(sizeof(*t));
	char text[200], sni[256];
	bool numeric;
	int status = ERR_NOMEM;

	*out = NULL;
	if (t == NULL)
		goto out;
	ERR_clear_error();
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL)
		goto out;
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	status = ERR_INVALID;
	if ((ca_file[0] != '\0' ? SSL_CTX_load_verify_locations(t->ctx, ca_file, NULL) :
				  SSL_CTX_set_default_verify_paths(t->ctx)) != 1) {
		errno = 0;
		snprintf(why, whylen, "%s: %s", ca_file[0] != '\0' ? ca_file : "certificates of the system",
		    first_error(text, sizeof(text)));
		goto out;
	}
	t->ssl = SSL_new(t->ctx);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1) {
		status = ERR_NOMEM;
		goto out;
	}
	snprintf(sni, sizeof(sni), "%s", name);
	numeric = inet_pton(AF_INET, name, addr) == 1 || inet_pton(AF_INET6, name, addr) == 1;
	if (numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), name) != 1 :
		      SSL_set1_host(t->ssl, name) != 1 || SSL_set_tlsext_host_name(t->ssl, sni) != 1) {
		snprintf(why, whylen, "%s is no name that a certificate can have", name);
		goto out;
	}
	SSL_set_connect_state(t->ssl);
	*out = t;
	status = 0;
out:
	ERR_clear_error();
	if (status == ERR_NOMEM)
		snprintf(why, whylen, "%s", err_text(status));
	if (status != 0)
		tls_free(t);
	return status;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->ssl != NULL && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	mem_free(t);
}

/* What RET of an SSL_ function means; 0 only for a clean end. */
static int
judge(struct tls *t, int ret)
{
	char text[200];

	switch (SSL_get_error(t->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	}
	snprintf(t->reason, sizeof(t->reason), "%s", first_error(text, sizeof(text)));
	return ERR_IO;
}

int
tls_handshake(struct tls *t)
{
	long verify;
	int ret, status;

	errno = 0;
	ERR_clear_error();
	ret = SSL_do_handshake(t->ssl);
	if (ret == 1)
		return 0;
	status = judge(t, ret);
	if (status == TLS_WANT_READ || status == TLS_WANT_WRITE)
		return status;
	verify = SSL_get_verify_result(t->ssl);
	if (verify == X509_V_OK)
		return ERR_PROTOCOL;
	snprintf(t->reason, sizeof(t->reason), "certificate: %s", X509_verify_cert_error_string(verify));
	return ERR_DENIED;
}

ssize_t
tls_read(struct tls *t, void *buf, size_t len)
{
	int n;

	errno = 0;
	ERR_clear_error();
	n = SSL_read(t->ssl, buf, len > INT_MAX ? INT_MAX : (int)len);
	return n > 0 ? n : judge(t, n);
}

ssize_t
tls_write(struct tls *t, const void *buf, size_t len)
{
	int n, status;

	errno = 0;
	ERR_clear_error();
	n = SSL_write(t->ssl, buf, len > INT_MAX ? INT_MAX : (int)len);
	if (n > 0)
		return n;
	status = judge(t, n);
	return status != 0 ? status : ERR_IO;
}

const char *
tls_reason(const struct tls *t)
{
	return t->reason;
}
