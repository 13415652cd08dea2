/* sys/link: why there is no stream (F7, F16), and how it ends. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "link_fixture.h"
#include "sys_fixture.h"

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
	assert_string_equal(failure.text, "the server closed the connection");
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
	/* Nor is there another attempt: a second beginning is the first one. */
	assert_int_equal(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
}

static void
a_link_that_has_begun_begins_nothing_else(void **state)
{
	(void)state;
	starts();
	handshakes();
	link_start(lk);
	server_says("<presence from='a@home.test/r' to='presence.home.test'/>");
	WAIT(stanzas == 1);
	assert_true(link_is_up(lk));
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
	/* We have ended it: that is no failure. */
	assert_true(failure.wanted);
	assert_int_equal(failure.attempts, 0);
	assert_string_equal(failure.text, "the configuration has another port");
	hangs_up();
	handshakes();
	close(old);
}

static void
what_the_configuration_has_changed_is_named(void **state)
{
	struct link_conf other = conf;

	(void)state;
	starts();
	handshakes();
	other.conn.tls_name = "another.test";
	link_configure(lk, &other);
	is_down_for(REASON_CLOSED);
	assert_string_equal(failure.text, "the configuration has another tls-name");
	hangs_up();
	handshakes();
	downs = 0;
	other.conn.ca_file = "/etc/ssl/another";
	link_configure(lk, &other);
	is_down_for(REASON_CLOSED);
	assert_string_equal(failure.text, "the configuration has another ca-file");
	hangs_up();
	handshakes();
}

static void
whoever_configures_it_anew_is_not_kept_waiting(void **state)
{
	uint64_t before = now();

	(void)state;
	times.retry_ms = 600000;
	starts();
	HEARS("jabber:component:accept");
	server_says(HEADER STREAM_ERROR_OF("not-authorized") "</stream:stream>");
	is_down_for(REASON_NOT_AUTHORIZED);
	assert_int_equal(failure.retry_ms, 600000);
	hangs_up();
	link_configure(lk, &conf);
	handshakes();
	/* Nor may that be used to try more often than once a second (F7); the loop's clock is a coarse one. */
	assert_true(now() - before >= BACKOFF_MIN_MS - 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(a_link_that_has_begun_begins_nothing_else),
		TEST(another_server_in_the_configuration_is_gone_to),
		TEST(what_the_configuration_has_changed_is_named),
		TEST(whoever_configures_it_anew_is_not_kept_waiting),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
