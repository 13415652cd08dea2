#include "tls_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/mem.h"

struct tls_server {
	SSL *ssl;
};

static void
add_names(X509 *cert, const char *names)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

SSL_CTX *
tls_server_context(const char *ca_path, const char *names, long seconds)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	SSL_CTX *ctx;
	FILE *f;

	assert_true(key != NULL && cert != NULL);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), seconds);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1,
	    -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	add_names(cert, names);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	ctx = SSL_CTX_new(TLS_server_method());
	assert_non_null(ctx);
	assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	f = fopen(ca_path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

struct tls_server *
tls_server_new(SSL_CTX *ctx, int fd)
{
	struct tls_server *s = mem_alloc(sizeof(*s));

	assert_non_null(s);
	s->ssl = SSL_new(ctx);
	assert_non_null(s->ssl);
	SSL_set_fd(s->ssl, fd);
	SSL_set_accept_state(s->ssl);
	return s;
}

void
tls_server_close(struct tls_server *s)
{
	if (s == NULL)
		return;
	SSL_free(s->ssl);
	mem_free(s);
}

ssize_t
tls_server_read(struct tls_server *s, void *buf, size_t len)
{
	int n = SSL_read(s->ssl, buf, (int)len), why = n > 0 ? 0 : SSL_get_error(s->ssl, n);

	ERR_clear_error();
	return n > 0 ? n : why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

ssize_t
tls_server_write(struct tls_server *s, const void *buf, size_t len)
{
	int n = SSL_write(s->ssl, buf, (int)len);

	ERR_clear_error();
	return n > 0 ? n : -1;
}
