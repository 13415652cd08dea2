/* sys/link against a server on loopback that does what a test says (F4 to F7, F17). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/link.h"
#include "sys_fixture.h"

/* Whatever is waited for in these tests comes within this time, or never. */
#define PATIENCE_MS 10000

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' from='presence.home.test' id='3BF96D32'>"
#define STREAM_ERROR_OF(condition) \
	"<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

static struct event_base *base;
static struct link *lk;
static struct link_conf conf;
static struct link_times times;
static char secret_path[512];

/* the server */
static int listener = -1, peer = -1;
static unsigned connections;
static struct buf heard; /* by the server, from this connection */

/* what the link has told */
static unsigned ups, downs, stanzas;
static struct link_failure failure;
static char text[512];
static bool taking; /* link_next() is called */

static uint64_t
now(void)
{
	struct instant i;

	clock_now(&i);
	return i.mono_ms;
}

static void
no_blocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

static void
listens(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	sin.sin_port = htons((uint16_t)conf.conn.port);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(listener >= 0);
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	conf.conn.port = ntohs(sin.sin_port);
	no_blocking(listener);
}

static int
setup(void **state)
{
	int status = dir_setup(state);

	if (status != 0)
		return status;
	snprintf(secret_path, sizeof(secret_path), "%s", in_dir("secret"));
	put_text(secret_path, "s3cret\n", 0600);
	memset(&conf, 0, sizeof(conf));
	conf.domain = "presence.home.test";
	conf.secret_file = secret_path;
	conf.conn.server = "127.0.0.1";
	conf.conn.tls_name = conf.conn.ca_file = "";
	link_times_default(&times);
	times.retry_ms = 1;
	connections = ups = downs = stanzas = 0;
	memset(&failure, 0, sizeof(failure));
	text[0] = '\0';
	taking = true;
	base = event_base_new();
	listens();
	return 0;
}

static void
hangs_up(void)
{
	if (peer >= 0)
		close(peer);
	peer = -1;
	buf_reset(&heard);
}

static int
teardown(void **state)
{
	hangs_up();
	link_free(lk);
	lk = NULL;
	if (listener >= 0)
		close(listener);
	listener = -1;
	event_base_free(base);
	buf_clear(&heard);
	return dir_teardown(state);
}

static void
starts(void)
{
	lk = link_new(base, &conf, &times);
	assert_non_null(lk);
	link_start(lk);
}

static void
server_turn(void)
{
	char chunk[65536];
	ssize_t n;
	int fd;

	fd = listener >= 0 ? accept(listener, NULL, NULL) : -1;
	if (fd >= 0) {
		hangs_up();
		peer = fd;
		no_blocking(peer);
		connections++;
	}
	while (peer >= 0 && (n = recv(peer, chunk, sizeof(chunk), 0)) > 0)
		buf_put(&heard, chunk, (size_t)n);
}

static void
link_turn(void)
{
	struct timeval tick = {0, 2000};
	enum link_item item;

	event_base_loopexit(base, &tick);
	event_base_loop(base, EVLOOP_ONCE);
	while (taking && (item = link_next(lk)) != LINK_NOTHING) {
		if (item == LINK_UP)
			ups++;
		else if (item == LINK_STANZA)
			stanzas++;
		else if (item == LINK_DOWN) {
			downs++;
			link_failure(lk, &failure);
			snprintf(text, sizeof(text), "%s", failure.text);
		}
	}
}

/* Let both sides go on until CONDITION is true. */
#define WAIT(condition)                                                                         \
	do {                                                                                    \
		uint64_t until = now() + PATIENCE_MS;                                           \
		while (!(condition)) {                                                          \
			link_turn();                                                            \
			server_turn();                                                          \
			if (now() > until)                                                      \
				fail_msg("waited in vain for %s (last: %s)", #condition, text); \
		}                                                                               \
	} while (0)

#define HEARS(what) WAIT(strstr(buf_text(&heard), what) != NULL)

static void
server_says(const char *bytes)
{
	assert_true(peer >= 0);
	assert_int_equal(send(peer, bytes, strlen(bytes), MSG_NOSIGNAL), (ssize_t)strlen(bytes));
}

static void
is_down_for(enum link_reason reason)
{
	WAIT(downs > 0);
	assert_string_equal(backoff_name(failure.reason), backoff_name(reason));
}

static void
handshakes(void)
{
	unsigned before = ups;

	HEARS("to='presence.home.test'");
	server_says(HEADER);
	HEARS("</handshake>");
	server_says("<handshake/>");
	WAIT(ups == before + 1);
}

static void
the_handshake_brings_the_link_up(void **state)
{
	(void)state;
	starts();
	handshakes();
	assert_true(link_is_up(lk));
	assert_non_null(strstr(buf_text(&heard), "<handshake>a984b871214a298f0f743fcd25f99b10838ba12b</handshake>"));
	server_says("<presence from='a@home.test/r' to='presence.home.test'/>");
	WAIT(stanzas == 1);
	buf_puts(link_output(lk), "<presence from='presence.home.test' to='b@home.test'/>");
	link_flush(lk);
	HEARS("to='b@home.test'/>");
	assert_int_equal(downs, 0);
}

static void
input_split_at_every_byte_is_the_same(void **state)
{
	static const char all[] = HEADER
	    "<handshake/><presence from='a@b'/><message from='c@d'><body>x</body></message>";
	char one[2] = "";
	size_t i;

	(void)state;
	starts();
	HEARS("to='presence.home.test'");
	for (i = 0; all[i] != '\0'; i++) {
		one[0] = all[i];
		server_says(one);
		link_turn();
		if (i + 1 == strlen(HEADER))
			HEARS("</handshake>");
	}
	WAIT(ups == 1 && stanzas == 2);
}

static void
a_cut_at_every_byte_is_followed_by_a_clean_beginning(void **state)
{
	static const char all[] = HEADER "<handshake/><presence from='a@b'/>";
	size_t cut, i;
	unsigned before;

	(void)state;
	starts();
	/* Every seventh: each connection costs a moment. */
	for (cut = 0; cut < strlen(all); cut += 7) {
		before = connections;
		WAIT(connections > before || peer >= 0);
		HEARS("to='presence.home.test'");
		for (i = 0; i < cut; i++) {
			if (i == strlen(HEADER)) {
				link_turn();
				HEARS("</handshake>");
			}
			assert_int_equal(send(peer, all + i, 1, MSG_NOSIGNAL), 1);
		}
		before = downs;
		hangs_up();
		WAIT(downs == before + 1);
		assert_int_equal(failure.reason, REASON_CLOSED);
	}
	before = stanzas;
	handshakes();
	server_says("<presence from='a@b'/>");
	WAIT(stanzas == before + 1);
}

static void
a_stanza_half_sent_is_not_continued_on_the_next_stream(void **state)
{
	const int small = 4096;
	char big[200];
	unsigned i;

	(void)state;
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	starts();
	handshakes();
	memset(big, 'a', sizeof(big));
	/* More than both sockets hold: the rest waits within a stanza. */
	for (i = 0; link_queued(lk) == 0 && i < 1000000; link_flush(lk))
		while (link_can_send(lk))
			buf_printf(link_output(lk), "<message id='%u' to='%.*s'/>", i++, (int)sizeof(big), big);
	assert_true(link_queued(lk) > 0);
	hangs_up();
	WAIT(downs == 1);
	assert_true(failure.was_up);
	assert_int_equal(link_queued(lk), 0);
	WAIT(connections == 2);
	HEARS("to='presence.home.test'>");
	assert_null(strstr(buf_text(&heard), "message"));
	handshakes();
	assert_null(strstr(buf_text(&heard), "message"));
}

static void
a_server_that_does_not_read_stops_us(void **state)
{
	unsigned n = 0;
	size_t most;

	(void)state;
	starts();
	handshakes();
	while (link_can_send(lk)) {
		while (link_can_send(lk) && n++ < 1000000)
			buf_puts(link_output(lk), "<message to='somebody@home.test'/>");
		link_flush(lk);
	}
	most = link_queued(lk);
	assert_true(most >= LINK_HIGH_WATER && most < LINK_HIGH_WATER + 1000);
	/* It reads again: below the low mark we may go on. */
	WAIT(link_can_send(lk));
	assert_true(link_queued(lk) <= LINK_LOW_WATER);
	assert_true(link_is_up(lk));
	WAIT(link_queued(lk) == 0);
}

static void
who_does_not_take_what_comes_stops_the_server(void **state)
{
	char stanza[512];
	size_t sent = 0;
	ssize_t n = 1;
	int i;

	(void)state;
	starts();
	handshakes();
	taking = false;
	snprintf(stanza, sizeof(stanza), "<presence from='a@home.test/%0400d'/>", 0);
	for (i = 0; i < 100000 && n > 0; i++) {
		n = send(peer, stanza, strlen(stanza), MSG_NOSIGNAL);
		if (n > 0 && (size_t)n < strlen(stanza))
			break;
		sent += n > 0;
		if (i % 1000 == 0)
			link_turn();
	}
	/* The sockets are full, and a loop that has nothing to do sleeps. */
	assert_true(i < 100000);
	link_turn();
	link_turn();
	taking = true;
	WAIT(stanzas >= sent);
}

/* F5: silence at each stage. */

static void
silence_before_the_header_is_given_up(void **state)
{
	(void)state;
	times.header_ms = 50;
	starts();
	is_down_for(REASON_TIMEOUT);
	assert_non_null(strstr(text, "no stream header"));
	WAIT(connections >= 2);
}

static void
silence_after_the_header_is_given_up(void **state)
{
	(void)state;
	times.handshake_ms = 50;
	starts();
	HEARS("to='presence.home.test'");
	server_says(HEADER);
	is_down_for(REASON_TIMEOUT);
	assert_non_null(strstr(text, "handshake"));
}

static void
silence_of_a_host_that_takes_no_connection_is_given_up(void **state)
{
	int i, fds[8];

	(void)state;
	/* A full backlog: the kernel answers nobody any more. */
	assert_int_equal(listen(listener, 0), 0);
	for (i = 0; i < 8; i++) {
		struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

		sin.sin_port = htons((uint16_t)conf.conn.port);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&sin, sizeof(sin));
	}
	times.connect_ms = 100;
	lk = link_new(base, &conf, &times);
	link_start(lk);
	for (i = 0; downs == 0 && i < PATIENCE_MS / 2; i++)
		link_turn();
	assert_int_equal(failure.reason, REASON_TIMEOUT);
	assert_non_null(strstr(text, "no connection in time"));
	for (i = 0; i < 8; i++)
		close(fds[i]);
}

static void
answers_pings(void)
{
	const char *iq, *id;
	char reply[256];

	HEARS("urn:xmpp:ping");
	iq = strstr(buf_text(&heard), "<iq ");
	id = strstr(iq, "id='") + 4;
	/* The server routes it to its own addressee: back to us. */
	snprintf(reply, sizeof(reply),
	    "<iq type='get' id='%.17s' from='presence.home.test' to='presence.home.test/x'><ping "
	    "xmlns='urn:xmpp:ping'/></iq>",
	    id);
	buf_reset(&heard);
	server_says(reply);
}

static void
a_silent_server_is_pinged_and_the_ping_is_ours_alone(void **state)
{
	(void)state;
	times.ping_ms = 30;
	times.dead_ms = 100000;
	starts();
	handshakes();
	answers_pings();
	answers_pings();
	answers_pings();
	assert_int_equal(stanzas, 0);
	assert_int_equal(downs, 0);
}

static void
a_server_that_stops_answering_pings_is_given_up(void **state)
{
	(void)state;
	times.ping_ms = 30;
	times.dead_ms = 150;
	starts();
	handshakes();
	answers_pings();
	is_down_for(REASON_TIMEOUT);
	assert_non_null(strstr(text, "ping"));
	assert_true(failure.was_up);
}

static void
a_server_that_never_answers_pings_is_left_alone(void **state)
{
	unsigned pings = 0;
	const char *at;

	(void)state;
	times.ping_ms = 5;
	times.dead_ms = 15;
	starts();
	handshakes();
	while (pings < 20) {
		link_turn();
		server_turn();
		pings = 0;
		for (at = buf_text(&heard); (at = strstr(at, "urn:xmpp:ping")) != NULL; at++)
			pings++;
	}
	assert_int_equal(downs, 0);
}

/* F7: refusals. */

static void
refused_with(const char *error, enum link_reason reason)
{
	downs = 0;
	HEARS("to='presence.home.test'");
	server_says(HEADER);
	HEARS("</handshake>");
	server_says(error);
	server_says("</stream:stream>");
	hangs_up();
	is_down_for(reason);
	assert_false(failure.was_up);
}

static void
each_refusal_has_its_reason(void **state)
{
	(void)state;
	starts();
	refused_with(STREAM_ERROR_OF("not-authorized"), REASON_NOT_AUTHORIZED);
	assert_string_equal(text, "not-authorized");
	refused_with(STREAM_ERROR_OF("host-unknown"), REASON_HOST_UNKNOWN);
	refused_with(STREAM_ERROR_OF("system-shutdown"), REASON_SHUTDOWN);
	refused_with(STREAM_ERROR_OF("undefined-condition"), REASON_STREAM_ERROR);
	refused_with("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text "
		     "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Component already connected</text></stream:error>",
	    REASON_CONFLICT);
	assert_string_equal(text, "conflict: Component already connected");
	assert_int_equal(ups, 0);
	handshakes();
}

static void
attempts_are_counted_until_a_stream_has_lasted(void **state)
{
	(void)state;
	times.stable_ms = 50;
	starts();
	refused_with(STREAM_ERROR_OF("conflict"), REASON_CONFLICT);
	refused_with(STREAM_ERROR_OF("conflict"), REASON_CONFLICT);
	assert_int_equal(failure.attempts, 2);
	downs = 0;
	handshakes();
	hangs_up();
	is_down_for(REASON_CLOSED);
	assert_int_equal(failure.attempts, 3);
	downs = 0;
	handshakes();
	{
		uint64_t up = now();

		WAIT(now() > up + 60);
	}
	hangs_up();
	is_down_for(REASON_CLOSED);
	assert_int_equal(failure.attempts, 1);
}

static void
nobody_listening_is_told(void **state)
{
	(void)state;
	close(listener);
	listener = -1;
	starts();
	is_down_for(REASON_REFUSED);
	assert_non_null(strstr(text, "Connection refused"));
	/* Comes up as soon as somebody does. */
	listens();
	handshakes();
}

static void
a_name_that_means_nothing_is_told(void **state)
{
	(void)state;
	conf.conn.server = "256.1.1.1.invalid";
	starts();
	is_down_for(REASON_REFUSED);
	assert_non_null(strstr(text, "256.1.1.1.invalid: "));
}

static void
what_is_no_component_stream_is_told(void **state)
{
	(void)state;
	starts();
	HEARS("to='presence.home.test'");
	server_says("SSH-2.0-OpenSSH_9.2\r\n");
	is_down_for(REASON_PROTOCOL);
	assert_string_not_equal(text, "");
}

static void
the_secret_is_read_anew_at_each_handshake(void **state)
{
	(void)state;
	assert_int_equal(unlink(secret_path), 0);
	starts();
	HEARS("to='presence.home.test'");
	server_says(HEADER);
	is_down_for(REASON_LOCAL);
	assert_non_null(strstr(text, "No such file"));
	put_text(secret_path, "another", 0600);
	hangs_up();
	handshakes();
	assert_null(strstr(buf_text(&heard), "a984b871214a298f0f743fcd25f99b10838ba12b"));
}

static void
a_server_without_tls_is_told(void **state)
{
	(void)state;
	conf.conn.tls = true;
	starts();
	WAIT(connections == 1 && heard.len > 0);
	/* What we say first is a ClientHello, not a header. */
	assert_int_equal(heard.data[0], 0x16);
	server_says(HEADER);
	is_down_for(REASON_TLS);
	assert_non_null(strstr(text, "TLS with 127.0.0.1: "));
}

static void
stopping_closes_the_stream_first(void **state)
{
	(void)state;
	starts();
	handshakes();
	buf_puts(link_output(lk), "<presence type='unavailable'/>");
	link_stop(lk);
	HEARS("<presence type='unavailable'/></stream:stream>");
	assert_int_equal(downs, 0);
	server_says("</stream:stream>");
	is_down_for(REASON_STOPPED);
	assert_int_equal(failure.retry_ms, 0);
}

static void
a_server_that_does_not_close_is_not_waited_for(void **state)
{
	(void)state;
	times.close_ms = 50;
	starts();
	handshakes();
	link_stop(lk);
	HEARS("</stream:stream>");
	is_down_for(REASON_STOPPED);
	hangs_up();
	assert_int_equal(connections, 1);
}

static void
stopping_while_not_connected_is_at_once(void **state)
{
	(void)state;
	close(listener);
	listener = -1;
	starts();
	is_down_for(REASON_REFUSED);
	downs = 0;
	link_stop(lk);
	assert_int_equal(link_next(lk), LINK_DOWN);
	link_failure(lk, &failure);
	assert_int_equal(failure.reason, REASON_STOPPED);
}

static void
another_server_in_the_configuration_is_gone_to(void **state)
{
	struct link_conf other = conf;
	int old;

	(void)state;
	starts();
	handshakes();
	old = listener;
	other = conf;
	link_configure(lk, &other);
	link_turn();
	assert_int_equal(downs, 0);
	conf.conn.port = 0;
	listens();
	link_configure(lk, &conf);
	is_down_for(REASON_CLOSED);
	hangs_up();
	handshakes();
	close(old);
}

static void
every_allocation_may_fail(void **state)
{
	unsigned long n;
	struct link *l = NULL;

	(void)state;
	for (n = 1; l == NULL && n < 100; n++) {
		mem_fail_at(n);
		l = link_new(base, &conf, &times);
		mem_fail_at(0);
	}
	assert_true(n > 3);
	link_free(l);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_handshake_brings_the_link_up),
		TEST(input_split_at_every_byte_is_the_same),
		TEST(a_cut_at_every_byte_is_followed_by_a_clean_beginning),
		TEST(a_stanza_half_sent_is_not_continued_on_the_next_stream),
		TEST(a_server_that_does_not_read_stops_us),
		TEST(who_does_not_take_what_comes_stops_the_server),
		TEST(silence_before_the_header_is_given_up),
		TEST(silence_after_the_header_is_given_up),
		TEST(silence_of_a_host_that_takes_no_connection_is_given_up),
		TEST(a_silent_server_is_pinged_and_the_ping_is_ours_alone),
		TEST(a_server_that_stops_answering_pings_is_given_up),
		TEST(a_server_that_never_answers_pings_is_left_alone),
		TEST(each_refusal_has_its_reason),
		TEST(attempts_are_counted_until_a_stream_has_lasted),
		TEST(nobody_listening_is_told),
		TEST(a_name_that_means_nothing_is_told),
		TEST(what_is_no_component_stream_is_told),
		TEST(the_secret_is_read_anew_at_each_handshake),
		TEST(a_server_without_tls_is_told),
		TEST(stopping_closes_the_stream_first),
		TEST(a_server_that_does_not_close_is_not_waited_for),
		TEST(stopping_while_not_connected_is_at_once),
		TEST(another_server_in_the_configuration_is_gone_to),
		TEST(every_allocation_may_fail),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
