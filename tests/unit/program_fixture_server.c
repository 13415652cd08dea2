/* The server that the program connects to: it accepts the handshake, asks things and notes what it is told. */
#define _GNU_SOURCE
#include "program_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <expat.h>
#include <openssl/ssl.h>

#include "sys/crypto.h"
#include "tls_fixture.h"

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' from='" DOMAIN "' id='" STREAM_ID "'>"
#define STREAM_ID "3BF96D32"
#define REFUSAL \
	"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"

struct server server;

static int listener = -1, peer = -1;
static unsigned port;
static SSL_CTX *tls_context;
static struct tls_server *tls;
static XML_Parser parser;
static struct {
	unsigned depth;
	bool is_answer;
	char name[32], id[64], type[16], text[128];
	struct buf text_in;
} stanza;

void
server_listens(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	sin.sin_port = htons((uint16_t)port);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(listener >= 0);
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	port = ntohs(sin.sin_port);
}

void
server_stops_listening(void)
{
	if (listener >= 0)
		close(listener);
	listener = -1;
}

void
server_hangs_up(void)
{
	tls_server_close(tls);
	tls = NULL;
	if (peer >= 0)
		close(peer);
	peer = -1;
	if (parser != NULL)
		XML_ParserFree(parser);
	parser = NULL;
	server.up = server.closing = false;
}

void
server_says(const char *bytes)
{
	ssize_t n;

	/* A program that has just gone away is seen at the next turn. */
	n = tls != NULL ? tls_server_write(tls, bytes, strlen(bytes)) :
			  send(peer, bytes, strlen(bytes), MSG_NOSIGNAL | MSG_DONTWAIT);
	assert_true(n < 0 || (size_t)n == strlen(bytes));
}

void
server_says_much(const char *bytes, size_t len)
{
	size_t most = tls != NULL ? 8192 : len, n;
	ssize_t sent;

	patience_begins();
	for (; len > 0 && peer >= 0; bytes += sent > 0 ? sent : 0, len -= sent > 0 ? (size_t)sent : 0) {
		n = len < most ? len : most;
		sent = tls != NULL ? tls_server_write(tls, bytes, n) :
				     send(peer, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent <= 0)
			turn();
		if (patience_is_over())
			give_up("the program to read", __FILE__, __LINE__);
	}
}

static void
on_start(void *arg, const char *name, const char **attrs)
{
	(void)arg;
	if (stanza.depth++ == 0) {
		assert_string_equal(name, "stream:stream");
		server_says(HEADER);
		return;
	}
	if (stanza.depth == 2) {
		snprintf(stanza.name, sizeof(stanza.name), "%s", name);
		stanza.id[0] = stanza.type[0] = '\0';
		buf_reset(&stanza.text_in);
		for (; *attrs != NULL; attrs += 2) {
			if (strcmp(attrs[0], "id") == 0)
				snprintf(stanza.id, sizeof(stanza.id), "%s", attrs[1]);
			else if (strcmp(attrs[0], "type") == 0)
				snprintf(stanza.type, sizeof(stanza.type), "%s", attrs[1]);
		}
	}
	if (stanza.depth == 3 && strcmp(name, "query") == 0 && strcmp(stanza.type, "get") == 0)
		snprintf(server.asked, sizeof(server.asked), "%s", stanza.id);
	if (stanza.depth == 3 && strcmp(name, "query") == 0) {
		for (; *attrs != NULL; attrs += 2)
			if (strcmp(attrs[0], "xmlns") == 0 && strcmp(attrs[1], "jabber:iq:roster") == 0)
				snprintf(server.roster, sizeof(server.roster), "%s", stanza.id);
	}
	/* The server routes it to its own addressee: back to the component. */
	if (stanza.depth == 3 && strcmp(name, "ping") == 0 && !server.silent) {
		char echo[300];

		snprintf(echo, sizeof(echo),
		    "<iq type='get' id='%s' from='" DOMAIN "' to='" DOMAIN "/x'><ping xmlns='urn:xmpp:ping'/></iq>",
		    stanza.id);
		server_says(echo);
	}
}

static void
on_end(void *arg, const char *name)
{
	char digest[CRYPTO_SHA1_HEX];

	(void)arg;
	if (--stanza.depth == 0) {
		server.closing = true;
		return;
	}
	if (stanza.depth != 1)
		return;
	if (strcmp(name, "handshake") == 0) {
		assert_int_equal(crypto_handshake(STREAM_ID, server.secret, strlen(server.secret), digest), 0);
		if (strcmp(buf_text(&stanza.text_in), digest) != 0) {
			server_says(REFUSAL);
			server.refusals++;
		} else if (!server.silent) {
			server_says("<handshake/>");
			server.up = true;
		}
	} else if (strcmp(name, "iq") == 0 &&
	    (strcmp(stanza.type, "result") == 0 || strcmp(stanza.type, "error") == 0)) {
		snprintf(server.answered, sizeof(server.answered), "%s", stanza.id);
		/* What was done before the answer was lost is done. */
		server.refused = strcmp(stanza.type, "error") == 0 ||
		    (strstr(buf_text(&stanza.text_in), "@error@") != NULL &&
			strstr(buf_text(&stanza.text_in), "already") == NULL);
		snprintf(server.answer, sizeof(server.answer), "%s", buf_text(&stanza.text_in));
	}
}

static void
on_text(void *arg, const char *s, int len)
{
	(void)arg;
	buf_put(&stanza.text_in, s, (size_t)len);
}

static void
on_note(void *arg, const char *name, const char **attrs)
{
	on_start(arg, name, attrs);
	if (strcmp(name, "note") == 0)
		for (; *attrs != NULL; attrs += 2)
			if (strcmp(attrs[0], "type") == 0 && strcmp(attrs[1], "error") == 0)
				buf_puts(&stanza.text_in, "@error@");
}

/* A stream of its own for each connection: what isn't well-formed on it was carried over from another. */
static void
is_called(int fd)
{
	server_hangs_up();
	peer = fd;
	(void)setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	server.connections++;
	parser = XML_ParserCreate(NULL);
	memset(&stanza.depth, 0, sizeof(stanza.depth));
	XML_SetElementHandler(parser, on_note, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	if (tls_context != NULL)
		tls = tls_server_new(tls_context, peer);
}

void
server_turn(void)
{
	char chunk[65536];
	ssize_t n;
	int fd;

	fd = listener >= 0 ? accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
	if (fd >= 0)
		is_called(fd);
	while (peer >= 0) {
		n = tls != NULL ? tls_server_read(tls, chunk, sizeof(chunk)) : recv(peer, chunk, sizeof(chunk), 0);
		if (n < 0)
			break;
		if (n == 0) {
			server_hangs_up();
			break;
		}
		if (XML_Parse(parser, chunk, (int)n, 0) != XML_STATUS_OK)
			fail_msg("the server was sent nonsense: %s: %.*s", XML_ErrorString(XML_GetErrorCode(parser)),
			    (int)(n > 500 ? 500 : n), chunk);
		if (server.closing && !server.silent) {
			server_says("</stream:stream>");
			server_hangs_up();
		}
	}
}

void
server_polled(struct pollfd fds[2])
{
	fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = peer, .events = POLLIN};
}

unsigned
server_port(void)
{
	return port;
}

void
server_begins(void)
{
	memset(&server, 0, sizeof(server));
	server.secret = "s3cret";
	port = 0;
	server_listens();
}

void
server_speaks_tls(const char *ca_file)
{
	tls_context = tls_server_context(ca_file, "IP:127.0.0.1", 86400);
}

void
server_ends(void)
{
	server_hangs_up();
	server_stops_listening();
	buf_clear(&stanza.text_in);
	SSL_CTX_free(tls_context);
	tls_context = NULL;
}
