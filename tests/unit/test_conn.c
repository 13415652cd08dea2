/* sys/conn and sys/tls against a TLS server on loopback: who is not the server is refused (THREATS 22). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/err.h"
#include "sys/conn.h"
#include "sys_fixture.h"
#include "tls_fixture.h"

#define TURNS_MAX 5000 /* each waits at most 2 ms */

static struct conn *client;
static struct conn_conf conf;
static char ca_path[512];
static int listener, peer;
static SSL_CTX *server_ctx;
static SSL *server;

/* The server's certificate, which the client trusts. */
static void
server_has(const char *names, long seconds)
{
	server_ctx = tls_server_context(ca_path, names, seconds);
}

static int
setup(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	if (dir_setup(state) != 0)
		return -1;
	snprintf(ca_path, sizeof(ca_path), "%s", in_dir("ca.pem"));
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&sin, sizeof(sin)) != 0 || listen(listener, 5) != 0 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) != 0)
		return -1;
	peer = -1;
	memset(&conf, 0, sizeof(conf));
	conf.server = "127.0.0.1";
	conf.port = ntohs(sin.sin_port);
	conf.tls = true;
	conf.tls_name = "xmpp.example";
	conf.ca_file = ca_path;
	return 0;
}

static int
teardown(void **state)
{
	conn_free(client);
	client = NULL;
	SSL_free(server);
	server = NULL;
	SSL_CTX_free(server_ctx);
	server_ctx = NULL;
	if (peer >= 0)
		close(peer);
	if (listener >= 0)
		close(listener);
	return dir_teardown(state);
}

/* Let the server do its part of the handshake. */
static void
server_turn(void)
{
	struct pollfd p = {.fd = conn_fd(client), .events = POLLIN};

	if (peer < 0) {
		peer = accept(listener, NULL, NULL);
		if (peer >= 0) {
			assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
			server = SSL_new(server_ctx);
			SSL_set_fd(server, peer);
			SSL_set_accept_state(server);
		}
	}
	if (server != NULL && !SSL_is_init_finished(server))
		SSL_do_handshake(server);
	ERR_clear_error();
	(void)poll(&p, 1, 2);
}

/* What connecting ends in. */
static int
connects(void)
{
	int i, status = 0;

	assert_int_equal(conn_open(&client, &conf), 0);
	for (i = 0; i < TURNS_MAX && (status = conn_step(client)) == 0; i++)
		server_turn();
	if (status == 1)
		assert_string_equal(conn_reason(client), "");
	return status;
}

static void
is_refused(int status, const char *reason)
{
	assert_int_equal(connects(), status);
	if (strstr(conn_reason(client), reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", conn_reason(client), reason);
	/* And it stays so. */
	assert_int_equal(conn_step(client), status);
	assert_int_equal(conn_fd(client), -1);
}

static void
the_named_server_is_believed_and_spoken_to(void **state)
{
	static char big[300000], got[300000];
	size_t out = 0, in = 0;
	ssize_t n;
	int i, m;

	(void)state;
	server_has("DNS:other.example,DNS:xmpp.example", 86400);
	assert_int_equal(connects(), 1);
	while (!SSL_is_init_finished(server))
		server_turn();
	memset(big, 'x', sizeof(big));
	big[0] = 'a';
	big[sizeof(big) - 1] = 'z';
	for (i = 0; i < TURNS_MAX && in < sizeof(big); i++) {
		n = out < sizeof(big) ? conn_write(client, big + out, sizeof(big) - out) : 0;
		assert_true(n >= 0);
		out += (size_t)n;
		while (in < sizeof(got) && (m = SSL_read(server, got + in, (int)(sizeof(got) - in))) > 0)
			in += (size_t)m;
	}
	assert_memory_equal(big, got, sizeof(big));
	assert_int_equal(conn_read(client, got, sizeof(got)), 0);
	assert_int_equal(SSL_write(server, "hello", 5), 5);
	for (i = 0; i < TURNS_MAX && (n = conn_read(client, got, sizeof(got))) == 0; i++)
		server_turn();
	assert_int_equal(n, 5);
	assert_memory_equal(got, "hello", 5);
	SSL_shutdown(server);
	for (i = 0; i < TURNS_MAX && (n = conn_read(client, got, sizeof(got))) == 0; i++)
		server_turn();
	assert_int_equal(n, ERR_NOTFOUND);
}

static void
a_certificate_for_another_name_is_refused(void **state)
{
	(void)state;
	server_has("DNS:other.example", 86400);
	is_refused(ERR_DENIED, "certificate: hostname mismatch");
}

static void
a_certificate_that_nobody_trusts_is_refused(void **state)
{
	(void)state;
	server_has("DNS:xmpp.example", 86400);
	conf.ca_file = "";
	is_refused(ERR_DENIED, "certificate: self-signed certificate");
}

static void
a_certificate_that_has_ended_is_refused(void **state)
{
	(void)state;
	server_has("DNS:xmpp.example", -60);
	is_refused(ERR_DENIED, "certificate: certificate has expired");
}

static void
without_a_name_it_must_be_for_the_server(void **state)
{
	(void)state;
	server_has("DNS:xmpp.example,IP:127.0.0.1", 86400);
	conf.tls_name = "";
	assert_int_equal(connects(), 1);
}

static void
an_address_is_no_host_name(void **state)
{
	(void)state;
	server_has("DNS:127.0.0.1,IP:127.0.0.2", 86400);
	conf.tls_name = "127.0.0.1";
	is_refused(ERR_DENIED, "certificate: IP address mismatch");
}

static void
old_versions_of_tls_are_refused(void **state)
{
	(void)state;
	server_has("DNS:xmpp.example", 86400);
	SSL_CTX_set_security_level(server_ctx, 0);
	SSL_CTX_set_max_proto_version(server_ctx, TLS1_1_VERSION);
	is_refused(ERR_PROTOCOL, "TLS with xmpp.example: ");
}

static void
certificates_that_can_not_be_read_are_told(void **state)
{
	(void)state;
	server_has("DNS:xmpp.example", 86400);
	conf.ca_file = "/nonexistent/ca.pem";
	is_refused(ERR_PROTOCOL, "/nonexistent/ca.pem: ");
}

static void
the_next_address_is_tried_when_one_does_not_answer(void **state)
{
	(void)state;
	server_has("DNS:localhost", 86400);
	/* Often ::1 first, where nobody listens. */
	conf.server = "localhost";
	conf.tls_name = "";
	assert_int_equal(connects(), 1);
}

/* The lowest descriptor that is free. */
static int
free_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

static void
an_attempt_that_failed_leaves_nothing_open(void **state)
{
	int before;

	(void)state;
	server_has("DNS:xmpp.example", 86400);
	before = free_descriptor();
	/* Somebody else listens. */
	conf.ca_file = "";
	is_refused(ERR_DENIED, "certificate: self-signed certificate");
	SSL_free(server);
	server = NULL;
	close(peer);
	peer = -1;
	assert_int_equal(free_descriptor(), before);
	/* Nobody does, at any address. */
	close(listener);
	listener = -1;
	before = free_descriptor();
	conn_free(client);
	is_refused(ERR_IO, "Connection refused");
	assert_int_equal(free_descriptor(), before);
	conn_free(client);
	conf.server = "localhost";
	is_refused(ERR_IO, "Connection refused");
	assert_int_equal(free_descriptor(), before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_named_server_is_believed_and_spoken_to),
		TEST(a_certificate_for_another_name_is_refused),
		TEST(a_certificate_that_nobody_trusts_is_refused),
		TEST(a_certificate_that_has_ended_is_refused),
		TEST(without_a_name_it_must_be_for_the_server),
		TEST(an_address_is_no_host_name),
		TEST(old_versions_of_tls_are_refused),
		TEST(certificates_that_can_not_be_read_are_told),
		TEST(the_next_address_is_tried_when_one_does_not_answer),
		TEST(an_attempt_that_failed_leaves_nothing_open),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
