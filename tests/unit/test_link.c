/* sys/link against a server on loopback that does what a test says (F3 to F6, F17). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "link_fixture.h"
#include "sys_fixture.h"

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
after_the_handshake_the_secret_is_forgotten(void **state)
{
	(void)state;
	put_unknown_secret(secret_path);
	starts();
	HEARS("to='presence.home.test'");
	server_says(HEADER);
	while (strstr(buf_text(&heard), "</handshake>") == NULL) {
		link_turn();
		assert_false(unknown_secret_is_known());
		server_turn();
	}
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
what_a_lost_stream_has_not_delivered_is_never_delivered(void **state)
{
	const int small = 4096;
	char chunk[4096];
	size_t got = 0, sent = 0;
	ssize_t n;
	int old;

	(void)state;
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	starts();
	handshakes();
	/* The server reads nothing; the system has taken what it could. */
	for (; link_queued(lk) == 0; link_flush(lk)) {
		while (link_can_send(lk)) {
			buf_puts(link_output(lk), "<message to='somebody@home.test'/>");
			sent += sizeof("<message to='somebody@home.test'/>") - 1;
		}
	}
	sent -= link_queued(lk);
	old = peer; /* nobody else is to read from it */
	peer = -1;
	link_reconnect(lk, "for a test", true);
	WAIT(downs == 1 && connections == 2);
	while ((n = recv(old, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
		got += (size_t)n;
	assert_int_equal(n, -1);
	assert_int_equal(errno, ECONNRESET);
	assert_true(got < sent);
	close(old);
}

static void
a_server_that_does_not_read_stops_us(void **state)
{
	const int small = 4096;
	char chunk[4096];
	unsigned n = 0;
	size_t most;

	(void)state;
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	starts();
	handshakes();
	while (link_can_send(lk)) {
		while (link_can_send(lk) && n++ < 1000000)
			buf_puts(link_output(lk), "<message to='somebody@home.test'/>");
		link_flush(lk);
	}
	most = link_queued(lk);
	assert_true(most >= LINK_HIGH_WATER && most < LINK_HIGH_WATER + 1000);
	/* It reads again, a little: between the marks it is still too much. */
	while (link_queued(lk) > most - 1000) {
		(void)recv(peer, chunk, sizeof(chunk), MSG_DONTWAIT);
		link_turn();
	}
	if (link_queued(lk) > LINK_LOW_WATER)
		assert_false(link_can_send(lk));
	/* Below the low mark we may go on. */
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
when_nothing_was_sent_a_blank_is(void **state)
{
	size_t before;

	(void)state;
	times.ping_ms = times.dead_ms = 100000;
	times.say_ms = 30;
	starts();
	handshakes();
	HEARS("<ping");
	before = heard.len;
	/* Whatever the server says. */
	WAIT((server_says("<presence from='a@b' to='presence.home.test'/>"), heard.len >= before + 3));
	assert_string_equal(buf_text(&heard) + before, "   ");
	assert_int_equal(downs, 0);
}

static void
who_has_something_to_say_sends_no_blanks(void **state)
{
	unsigned i, slow = 0, blanks = 0;
	uint64_t before;
	const char *p;

	(void)state;
	times.ping_ms = times.dead_ms = 100000;
	times.say_ms = 100;
	starts();
	handshakes();
	for (i = 0; i < 150; i++) {
		before = now();
		buf_puts(link_output(lk), "<a/>");
		link_flush(lk);
		link_turn();
		server_turn();
		slow += now() - before >= 50; /* on a machine under load */
	}
	for (p = buf_text(&heard); *p != '\0'; p++)
		blanks += strncmp(p, "> ", 2) == 0;
	assert_true(blanks <= slow);
}

static void
to_who_does_not_read_no_blanks_pile_up(void **state)
{
	const int small = 4096;
	unsigned i, n = 0;
	size_t most;

	(void)state;
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	times.ping_ms = times.dead_ms = 100000;
	times.say_ms = 1;
	starts();
	handshakes();
	while (link_can_send(lk)) {
		while (link_can_send(lk) && n++ < 1000000)
			buf_puts(link_output(lk), "<message to='somebody@home.test'/>");
		link_flush(lk);
	}
	/* Until the kernel takes no more of it either. */
	do {
		most = link_queued(lk);
		for (i = 0; i < 50; i++)
			link_turn();
	} while (link_queued(lk) < most);
	assert_int_equal(link_queued(lk), most);
}

static void
a_blank_is_no_part_of_a_stanza(void **state)
{
	const char *p;
	unsigned i;

	(void)state;
	times.ping_ms = times.dead_ms = 100000;
	times.say_ms = 1;
	starts();
	handshakes();
	for (i = 0; i < 200; i++) {
		buf_puts(link_output(lk), "<a>");
		buf_puts(link_output(lk), "</a>");
		link_flush(lk);
		link_turn();
	}
	WAIT(strstr(buf_text(&heard), " <a>") != NULL);
	for (p = buf_text(&heard); (p = strstr(p, "<a>")) != NULL; p++)
		assert_memory_equal(p, "<a></a>", 7);
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

/* The time for it is over, and what was said in that time is there to be read. */
static void
who_stood_still_does_not_blame_the_server(void **state)
{
	int turns;

	(void)state;
	times.ping_ms = 1;
	times.dead_ms = 100000;
	starts();
	handshakes();
	answers_pings();
	server_says("<presence from='a@b'/>");
	WAIT(stanzas == 1);
	taking = false;
	server_says("<presence from='a@b'/>");
	WAIT(link_has_input(lk));
	skipped_ms += times.dead_ms;
	/* Each takes longer than it is to the next look at the clock. */
	for (turns = 0; turns < 20; turns++)
		link_turn();
	assert_true(link_is_up(lk));
	taking = true;
	WAIT(stanzas == 2);
	assert_int_equal(downs, 0);
	/* Once it has read all, the silence counts. */
	skipped_ms += times.dead_ms;
	is_down_for(REASON_TIMEOUT);
}

/* So often the link reads as much as it can hold, and then what there is. */
static unsigned endless, reads;

/* This stands before that of the C library. */
ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	if (fd == peer || endless == 0)
		return syscall(SYS_recvfrom, fd, buf, n, flags, NULL, NULL);
	memset(buf, 'x', n);
	endless--;
	reads++;
	return (ssize_t)n;
}

/* A stanza without end, from a server that is faster than we are. */
static void
what_is_skipped_lets_the_loop_run_in_between(void **state)
{
	enum link_item item;

	(void)state;
	times.ping_ms = times.dead_ms = times.say_ms = 100000;
	starts();
	handshakes();
	server_says("<message from='a@b'><body>x");
	WAIT(link_counts(lk)->bytes > sizeof(HEADER "<handshake/>"));
	taking = false;
	server_says("y");
	WAIT(link_has_input(lk));
	endless = 1000;
	while (endless > 0) {
		reads = 0;
		item = link_next(lk);
		assert_true(item == LINK_NOTHING || item == LINK_LARGE);
		assert_in_range(reads, 1, 8);
		assert_true(endless == 0 || link_has_input(lk));
	}
	/* And what follows it is taken. */
	taking = true;
	server_says("</body></message><presence from='a@b'/>");
	WAIT(stanzas == 1);
	assert_int_equal(downs, 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_handshake_brings_the_link_up),
		TEST(after_the_handshake_the_secret_is_forgotten),
		TEST(input_split_at_every_byte_is_the_same),
		TEST(a_cut_at_every_byte_is_followed_by_a_clean_beginning),
		TEST(a_stanza_half_sent_is_not_continued_on_the_next_stream),
		TEST(what_a_lost_stream_has_not_delivered_is_never_delivered),
		TEST(a_server_that_does_not_read_stops_us),
		TEST(who_does_not_take_what_comes_stops_the_server),
		TEST(silence_before_the_header_is_given_up),
		TEST(silence_after_the_header_is_given_up),
		TEST(silence_of_a_host_that_takes_no_connection_is_given_up),
		TEST(a_silent_server_is_pinged_and_the_ping_is_ours_alone),
		TEST(a_server_that_stops_answering_pings_is_given_up),
		TEST(when_nothing_was_sent_a_blank_is),
		TEST(who_has_something_to_say_sends_no_blanks),
		TEST(to_who_does_not_read_no_blanks_pile_up),
		TEST(a_blank_is_no_part_of_a_stanza),
		TEST(a_server_that_never_answers_pings_is_left_alone),
		TEST(who_stood_still_does_not_blame_the_server),
		TEST(what_is_skipped_lets_the_loop_run_in_between),
		TEST(every_allocation_may_fail),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
