/*
 * The ceiling: a component that reads the same bytes, parses them with
 * namespaces by nothing but expat, looks nothing up, remembers nothing, and
 * writes as many publishes of the same size as polypresence did, evenly.
 *
 *	bare_expat PORT PRESENCES PUBLISHES BYTES
 */
#include <arpa/inet.h>
#include <expat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define INPUT_BYTES (64 * 1024) /* as polypresence reads */

struct reader {
	XML_Parser expat;
	int fd;
	uint64_t presences, publishes, bytes; /* to come */
	uint64_t seen, written;
	uint64_t elements, text; /* so that nothing is optimised away */
	unsigned depth;
	bool header, final;
	struct buf publish, out;
	char in[INPUT_BYTES];
};

static void
make_publish(struct reader *r)
{
	static const char head[] =
	    "<iq type='set' id='abcdefghijklmnopqrstuvwxyz' to='user000000@home.test' "
	    "from='user000000\\40home.test@presence.home.test'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
	    "<publish node='urn:bench:0'><item id='current'><devices xmlns='urn:bench:0'>";
	static const char tail[] = "</devices></item></publish></pubsub></iq>";
	size_t size = r->publishes > 0 ? (size_t)(r->bytes / r->publishes) : 0;

	buf_puts(&r->publish, head);
	while (r->publish.len + sizeof(tail) - 1 < size)
		buf_putc(&r->publish, 'x');
	buf_puts(&r->publish, tail);
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct reader *r = data;

	r->elements++;
	if (r->depth++ == 0)
		r->header = true;
	if (strcmp(name, "urn:xmpp:ping ping") == 0)
		r->final = true;
	for (; *attrs != NULL; attrs += 2)
		r->text++;
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct reader *r = data;

	if (--r->depth != 1 || strcmp(name, "jabber:component:accept presence") != 0)
		return;
	r->seen++;
	while (r->written * r->presences < r->publishes * r->seen && r->written < r->publishes) {
		buf_put(&r->out, r->publish.data, r->publish.len);
		r->written++;
	}
}

static void XMLCALL
on_text(void *data, const XML_Char *s, int len)
{
	struct reader *r = data;

	(void)s;
	r->text += (uint64_t)len;
}

static bool
flush(struct reader *r)
{
	size_t at = 0;
	ssize_t n;

	/* The server reads whatever it is writing, so this may block. */
	while (at < r->out.len) {
		n = send(r->fd, r->out.data + at, r->out.len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	buf_reset(&r->out);
	return !r->out.failed;
}

static bool
read_some(struct reader *r)
{
	ssize_t n = recv(r->fd, r->in, sizeof(r->in), 0);

	return n > 0 && XML_Parse(r->expat, r->in, (int)n, XML_FALSE) == XML_STATUS_OK;
}

static int
run(struct reader *r)
{
	bool shaken = false, answered = false;

	buf_puts(&r->out,
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
	    "xmlns:stream='http://etherx.jabber.org/streams' to='presence.home.test'>");
	for (;;) {
		if (!flush(r))
			return 1;
		if (!read_some(r))
			return answered ? 0 : 1;
		if (r->header && !shaken) {
			shaken = true;
			buf_puts(&r->out, "<handshake>0000000000000000000000000000000000000000</handshake>");
		}
		if (r->final && !answered) {
			answered = true;
			buf_puts(&r->out, "<iq type='result' id='final' from='presence.home.test' to='home.test'/>");
		}
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static struct reader r;
	int one = 1, status = 1;

	if (argc != 5) {
		fputs("usage: bare_expat PORT PRESENCES PUBLISHES BYTES\n", stderr);
		return 2;
	}
	sin.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	r.presences = strtoull(argv[2], NULL, 10);
	r.publishes = strtoull(argv[3], NULL, 10);
	r.bytes = strtoull(argv[4], NULL, 10);
	r.expat = XML_ParserCreateNS("UTF-8", ' ');
	r.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r.expat == NULL || r.fd < 0 || connect(r.fd, (const struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    setsockopt(r.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0) {
		perror("bare_expat");
		return 1;
	}
	XML_SetUserData(r.expat, &r);
	XML_SetElementHandler(r.expat, on_start, on_end);
	XML_SetCharacterDataHandler(r.expat, on_text);
	make_publish(&r);
	status = run(&r);
	buf_clear(&r.publish);
	buf_clear(&r.out);
	XML_ParserFree(r.expat);
	close(r.fd);
	return status;
}
