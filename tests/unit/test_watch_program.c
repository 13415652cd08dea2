/* watch: the program as it is called: what it refuses, and what it says when there is no server for it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys_fixture.h"

/* Whatever is waited for comes within this time, or never. */
#define PATIENCE_MS 20000
#define ARGS_MAX 16
#define ME "alice@home.test"

static struct {
	pid_t pid;
	int out; /* what it says, on both */
	char said[16384];
	size_t len;
} program;

static void
starts(const char *first, ...)
{
	const char *args[ARGS_MAX] = {"polypresence-watch"}, *dir = getenv("builddir");
	char path[4096];
	int fds[2], n = 1;
	va_list ap;

	va_start(ap, first);
	for (; first != NULL; first = va_arg(ap, const char *)) {
		assert_true(n < ARGS_MAX - 1);
		args[n++] = first;
	}
	va_end(ap);
	snprintf(path, sizeof(path), "%s/polypresence-watch", dir != NULL ? dir : ".");
	assert_int_equal(pipe(fds), 0);
	program.pid = fork();
	assert_true(program.pid >= 0);
	if (program.pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		execv(path, (char *const *)(uintptr_t)args);
		_exit(127);
	}
	close(fds[1]);
	program.out = fds[0];
	program.len = 0;
	program.said[0] = '\0';
}

/* All that it says until it ends; its exit status. */
static int
ends(void)
{
	struct pollfd fd = {.fd = program.out, .events = POLLIN};
	ssize_t n = 1;
	int status;

	while (n > 0) {
		assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
		n = read(program.out, program.said + program.len, sizeof(program.said) - 1 - program.len);
		program.len += n > 0 ? (size_t)n : 0;
	}
	program.said[program.len] = '\0';
	close(program.out);
	assert_int_equal(waitpid(program.pid, &status, 0), program.pid);
	program.pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
ends_with(int status, const char *word)
{
	assert_int_equal(ends(), status);
	if (strstr(program.said, word) == NULL)
		fail_msg("it said nothing of \"%s\", but: %s", word, program.said);
}

static int
teardown(void **state)
{
	if (program.pid > 0) {
		kill(program.pid, SIGKILL);
		waitpid(program.pid, NULL, 0);
		close(program.out);
		program.pid = 0;
	}
	return dir_teardown(state);
}

/* A port of loopback: that of *LISTENER, or with NULL one at which nobody listens. */
static char *
port_of(int *listener)
{
	static char text[8];
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(text, sizeof(text), "%u", ntohs(sin.sin_port));
	if (listener != NULL) {
		assert_int_equal(listen(fd, 5), 0);
		*listener = fd;
	} else {
		close(fd);
	}
	return text;
}

static int
is_called(int listener)
{
	struct pollfd fd = {.fd = listener, .events = POLLIN};
	int peer;

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer >= 0);
	return peer;
}

static const char *
password(void)
{
	const char *path = in_dir("password");

	put_text(path, "s3cret\n", 0600);
	return path;
}

/* How it is called */

static void
it_says_how_it_is_used(void **state)
{
	(void)state;
	starts("-h", NULL);
	ends_with(0, "usage: polypresence-watch");
	starts("-V", NULL);
	ends_with(0, "polypresence-watch ");
	starts(NULL);
	ends_with(2, "usage: polypresence-watch");
	starts(ME, "bob@home.test", NULL);
	ends_with(2, "usage: polypresence-watch");
	starts("--unknown", ME, NULL);
	ends_with(2, "usage: polypresence-watch");
}

static void
an_address_is_that_of_a_person(void **state)
{
	static const char *const bad[] = { "home.test", "@home.test", "alice@", "alice@/laptop", "al@ice@home.test",
		"al ice@home.test", "al<ice@home.test", "al\"ice@home.test", "alice@home.test\n",
		"alice@home.test\x7f" };
	char text[5000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		starts(bad[i], NULL);
		ends_with(2, "address");
	}
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 11, "@home.test", 11);
	starts(text, NULL);
	ends_with(2, "address");
	memset(text, 'a', sizeof(text));
	memcpy(text, ME "/", strlen(ME "/"));
	text[400] = '\0';
	starts(text, NULL);
	ends_with(2, "resource is too long");
}

static void
numbers_are_numbers_within_bounds(void **state)
{
	static const struct {
		const char *option, *value;
	} bad[] = {
		{"--port", "0"},
		{"--port", "65536"},
		{"--port", "53x"},
		{"--port", ""},
		{"--timeout", "0"},
		{"--timeout", "601"},
		{"--timeout", "99999999999999999999"},
		{"--password-fd", "-1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		starts(bad[i].option, bad[i].value, ME, NULL);
		ends_with(2, "takes a number from");
	}
}

static void
a_password_comes_from_one_place(void **state)
{
	const char *path = in_dir("none");

	(void)state;
	starts("--password-file", password(), "--password-fd", "0", ME, NULL);
	ends_with(2, "exclude each other");
	starts("--password-file", path, ME, NULL);
	ends_with(1, path);
	starts("--password-fd", "999", ME, NULL);
	ends_with(1, "--password-fd");
}

static void
a_password_that_others_can_read_is_warned_of(void **state)
{
	const char *path = in_dir("open");

	(void)state;
	put_text(path, "s3cret\n", 0644);
	starts("--password-file", path, "--insecure", "--host", "127.0.0.1", "--port", port_of(NULL), "--once", ME,
	    NULL);
	ends_with(1, "warning: others can read");
}

static void
without_encryption_a_server_is_on_this_machine(void **state)
{
	(void)state;
	starts("--insecure", "--host", "192.0.2.1", "--password-file", password(), ME, NULL);
	ends_with(2, "on this machine only");
}

/* No server for it */

static void
nobody_listening_is_said(void **state)
{
	(void)state;
	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(NULL), "--once", "--json", "--password-file",
	    password(), ME "/watch", NULL);
	ends_with(1, "polypresence-watch: " ME ": Connection refused");
	assert_null(strstr(program.said, "s3cret"));
}

static void
a_server_that_hangs_up_is_said(void **state)
{
	int listener, peer;

	(void)state;
	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(&listener), "--password-file", password(), ME,
	    NULL);
	peer = is_called(listener);
	close(peer);
	close(listener);
	ends_with(1, "the server ended the connection, or did not answer in time");
}

static void
a_server_without_encryption_is_not_signed_in_to(void **state)
{
	static const char stream[] =
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
	    "from='home.test' id='1' version='1.0'><stream:features>"
	    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
	    "</stream:features>";
	int listener, peer;
	char heard[4096];
	ssize_t n;

	(void)state;
	starts("--host", "127.0.0.1", "--port", port_of(&listener), "--once", "--password-file", password(), ME, NULL);
	peer = is_called(listener);
	assert_int_equal(send(peer, stream, sizeof(stream) - 1, MSG_NOSIGNAL), sizeof(stream) - 1);
	while ((n = recv(peer, heard, sizeof(heard) - 1, 0)) > 0) {
		heard[n] = '\0';
		assert_null(strstr(heard, "<auth"));
	}
	close(peer);
	close(listener);
	ends_with(1, "the server offers no encryption");
}

static void
a_refused_password_has_a_status_of_its_own(void **state)
{
	static const char stream[] =
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
	    "from='home.test' id='1' version='1.0'><stream:features>"
	    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
	    "</stream:features>";
	static const char failure[] =
	    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure></stream:stream>";
	char heard[4096];
	int listener, peer;
	size_t len = 0;
	ssize_t n;

	(void)state;
	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(&listener), "--password-file", password(), ME,
	    NULL);
	peer = is_called(listener);
	assert_int_equal(send(peer, stream, sizeof(stream) - 1, MSG_NOSIGNAL), sizeof(stream) - 1);
	heard[0] = '\0';
	while (strstr(heard, "</auth>") == NULL && (n = recv(peer, heard + len, sizeof(heard) - 1 - len, 0)) > 0) {
		len += (size_t)n;
		heard[len] = '\0';
	}
	assert_non_null(strstr(heard, "</auth>"));
	assert_int_equal(send(peer, failure, sizeof(failure) - 1, MSG_NOSIGNAL), sizeof(failure) - 1);
	shutdown(peer, SHUT_WR);
	ends_with(3, "does not accept this name and password");
	close(peer);
	close(listener);
}

/* The server says STREAM to whoever calls; it ends, and says so. */
static void
is_told(const char *stream, const char *words)
{
	size_t len = strlen(stream);
	int listener, peer;

	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(&listener), "--once", "--password-file",
	    password(), ME, NULL);
	peer = is_called(listener);
	assert_int_equal(send(peer, stream, len, MSG_NOSIGNAL), len);
	ends_with(1, words);
	close(peer);
	close(listener);
}

/* A C1 control and an override are characters of XML; the terminal would take them for orders. */
static void
what_a_server_says_at_the_end_does_not_move_the_cursor(void **state)
{
	static const char stream[] =
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
	    "from='home.test' id='1' version='1.0'><stream:error>"
	    "<host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
	    "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>un&#x9b;2Jknown&#x202e;tsoh &#x2028;here</text>"
	    "</stream:error></stream:stream>";

	(void)state;
	is_told(stream,
	    "un\xEF\xBF\xBD"
	    "2Jknowntsoh here");
	assert_null(strstr(program.said, "\xC2\x9B"));
}

/* Of a server without a certificate its TLS library says no more than this. */
static void
what_is_about_tls_says_so(void **state)
{
	static const char stream[] =
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
	    "from='home.test' id='1' version='1.0'><stream:error>"
	    "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
	    "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no shared cipher</text></stream:error></stream:stream>";

	(void)state;
	is_told(stream, "no TLS with the server: no shared cipher");
}

static void
a_server_that_says_nothing_is_given_up(void **state)
{
	int listener, peer;

	(void)state;
	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(&listener), "--timeout", "1", "--once",
	    "--password-file", password(), ME, NULL);
	peer = is_called(listener);
	ends_with(1, "did not answer in time");
	close(peer);
	close(listener);
}

static void
it_can_be_interrupted_while_it_waits(void **state)
{
	int listener, peer;

	(void)state;
	starts("--insecure", "--host", "127.0.0.1", "--port", port_of(&listener), "--timeout", "600", "--once",
	    "--password-file", password(), ME, NULL);
	peer = is_called(listener);
	kill(program.pid, SIGTERM);
	ends_with(1, "");
	close(peer);
	close(listener);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_says_how_it_is_used),
		TEST(an_address_is_that_of_a_person),
		TEST(numbers_are_numbers_within_bounds),
		TEST(a_password_comes_from_one_place),
		TEST(a_password_that_others_can_read_is_warned_of),
		TEST(without_encryption_a_server_is_on_this_machine),
		TEST(nobody_listening_is_said),
		TEST(a_server_that_hangs_up_is_said),
		TEST(a_server_without_encryption_is_not_signed_in_to),
		TEST(a_refused_password_has_a_status_of_its_own),
		TEST(what_a_server_says_at_the_end_does_not_move_the_cursor),
		TEST(what_is_about_tls_says_so),
		TEST(a_server_that_says_nothing_is_given_up),
		TEST(it_can_be_interrupted_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
