#define _GNU_SOURCE
#include "program_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <expat.h>
#include <openssl/ssl.h>

#include "base/mem.h"
#include "sys/crypto.h"
#include "sys_fixture.h"
#include "tls_fixture.h"

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' from='" DOMAIN "' id='" STREAM_ID "'>"
#define STREAM_ID "3BF96D32"
#define REFUSAL \
	"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
#define LINES_MAX 24

struct calls *calls;
struct server server;
struct program program;

static int listener = -1, peer = -1, terminal = -1, notify = -1;
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
static char lines[LINES_MAX][256];
static size_t nlines;
static uint64_t deadline;

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
patience_begins(void)
{
	deadline = now() + PATIENCE_MS;
}

bool
patience_is_over(void)
{
	return now() > deadline;
}

void
give_up(const char *condition, const char *file, int line)
{
	fprintf(stderr, "waited in vain for %s (failed: %s)\nit said:\n%sit logged:\n%s", condition,
	    calls->failed[0] != '\0' ? calls->failed : "nothing", buf_text(&program.said), text_of("log"));
	_fail(file, line);
}

/* The server. */

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

static void
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

/* The program. */

static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		program.last_status = status;
		if (pid == program.pid) {
			program.ended = true;
			program.status = status;
		}
	}
	program.running = pid < 0 ? 0 : 1;
}

static void
listen_to_program(void)
{
	char chunk[4096];
	size_t len = strlen(program.notified);
	ssize_t n;

	while (terminal >= 0 && (n = read(terminal, chunk, sizeof(chunk))) > 0)
		buf_put(&program.said, chunk, (size_t)n);
	while (notify >= 0 && (n = recv(notify, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0) {
		snprintf(program.notified + len, sizeof(program.notified) - len, "%.*s\n", (int)n, chunk);
		len = strlen(program.notified);
	}
}

void
turn(void)
{
	struct pollfd fds[4] = { {.fd = listener, .events = POLLIN}, {.fd = peer, .events = POLLIN},
		{.fd = terminal, .events = POLLIN}, {.fd = notify, .events = POLLIN} };

	(void)poll(fds, 4, 1);
	server_turn();
	listen_to_program();
	reap();
	/* Nothing that was said before the end is missed. */
	if (program.ended)
		listen_to_program();
}

static const char *
program_path(void)
{
	const char *dir = getenv("builddir");
	static char path[4096];

	snprintf(path, sizeof(path), "%s/tests/unit/failing_polypresence", dir != NULL ? dir : ".");
	return path;
}

void
program_starts(const char *flags, unsigned limit)
{
	int fds[2], null, fd;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	if (terminal >= 0)
		close(terminal);
	terminal = fds[0];
	assert_int_equal(fcntl(terminal, F_SETFL, O_NONBLOCK), 0);
	buf_reset(&program.said);
	program.notified[0] = '\0';
	program.ended = false;
	calls->counted = calls->allocations = calls->ways = 0;
	calls->failed[0] = '\0';
	calls->left_open = 0;
	if (calls->speed == 0)
		calls->speed = SPEED;
	program.pid = fork();
	assert_true(program.pid >= 0);
	if (program.pid == 0) {
		struct rlimit few = {limit, limit};

		null = open("/dev/null", O_RDONLY);
		dup2(null, 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(null);
		if (program.no_terminal)
			for (fd = 0; fd <= 2; fd++)
				close(fd);
		if (limit != 0)
			setrlimit(RLIMIT_NOFILE, &few);
		setenv(CALLS_ENV, in_dir("calls"), 1);
		setenv("NOTIFY_SOCKET", in_dir("notify"), 1);
		/* Only what is of the program itself is to be seen. */
		setenv("OPENSSL_CONF", "/dev/null", 1);
		execl(program_path(), "polypresence", "-c", in_dir("conf"), flags, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	program.running = 1;
}

void
program_signal(int signo)
{
	const char *pid = text_of("pid");
	pid_t to = pid[0] != '\0' ? (pid_t)atol(pid) : program.pid;

	assert_true(to > 1);
	assert_int_equal(kill(to, signo), 0);
}

void
nobody_is_left(void)
{
	WAIT(program.running == 0);
}

void
end_everybody(void)
{
	int status;
	pid_t pid;
	char path[64];
	FILE *f;

	/* The orphans are ours (PR_SET_CHILD_SUBREAPER), so this finds them all. */
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	while (waitpid(-1, &status, WNOHANG) >= 0) {
		f = fopen(path, "r");
		while (f != NULL && fscanf(f, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		if (f != NULL)
			fclose(f);
		if (waitpid(-1, &status, 0) < 0)
			break;
	}
	program.running = 0;
}

void
is_asked_until_done(const char *id, const char *text)
{
	unsigned asked_on = 0;

	server.answered[0] = '\0';
	patience_begins();
	while (strcmp(server.answered, id) != 0 || server.refused) {
		if (server.up && (asked_on != server.connections || strcmp(server.answered, id) == 0)) {
			asked_on = server.connections;
			server.answered[0] = '\0';
			server_says(text);
		}
		turn();
		if (program.ended && program.running == 0)
			give_up("an answer, and it has ended", __FILE__, __LINE__);
		if (patience_is_over())
			give_up(id, __FILE__, __LINE__);
	}
}

/* Files. */

const char *
text_of(const char *name)
{
	static char *texts[4];
	static unsigned next;
	char **text = &texts[next++ % 4];

	mem_free(*text);
	*text = NULL;
	if (name != NULL && access(in_dir(name), R_OK) == 0)
		*text = get_file(in_dir(name), NULL);
	return *text != NULL ? *text : "";
}

void
configure(const char *line)
{
	size_t len = strcspn(line, "=") + 1, i;

	for (i = 0; i < nlines; i++)
		if (strncmp(lines[i], line, len) == 0)
			break;
	assert_true(i < LINES_MAX);
	nlines += i == nlines;
	snprintf(lines[i], sizeof(lines[i]), "%s", line);
}

/* `section option = value', or `option = value': the section's name, "" for none. */
static const char *
section_of(const char *line)
{
	static char name[64];
	size_t blank = strcspn(line, " =");

	snprintf(name, sizeof(name), "%.*s", line[blank] == ' ' && line[blank + 1] != '=' ? (int)blank : 0, line);
	return name;
}

void
write_configuration(void)
{
	char done[LINES_MAX][64];
	struct buf b = {0};
	size_t i, k, ndone = 0;

	for (i = 0; i < nlines; i++) {
		snprintf(done[ndone], sizeof(done[0]), "%s", section_of(lines[i]));
		if (done[ndone][0] == '\0') {
			buf_printf(&b, "%s\n", lines[i]);
			continue;
		}
		for (k = 0; strcmp(done[k], done[ndone]) != 0; k++)
			;
		if (k < ndone)
			continue;
		buf_printf(&b, "%s {\n", done[ndone]);
		for (k = i; k < nlines; k++)
			if (strcmp(section_of(lines[k]), done[ndone]) == 0)
				buf_printf(&b, "\t%s\n", lines[k] + strlen(done[ndone]) + 1);
		buf_puts(&b, "}\n");
		ndone++;
	}
	put_text(in_dir("conf"), buf_text(&b), 0600);
	buf_clear(&b);
}

static void
listen_for_notes(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", in_dir("notify"));
	notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(notify >= 0);
	assert_int_equal(bind(notify, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

int
program_setup(void **state)
{
	char line[600];
	int fd;

	if (dir_setup(state) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -1;
	memset(&server, 0, sizeof(server));
	memset(&program, 0, sizeof(program));
	server.secret = "s3cret";
	fd = open(in_dir("calls"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*calls)) != 0)
		return -1;
	calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	listen_for_notes();
	port = 0;
	server_listens();
	put_text(in_dir("secret"), "s3cret\n", 0600);
	nlines = 0;
	configure("component jid = \"" DOMAIN "\"");
	snprintf(line, sizeof(line), "component secret-file = \"%s\"", in_dir("secret"));
	configure(line);
	configure("component server = \"127.0.0.1\"");
	snprintf(line, sizeof(line), "component port = %u", port);
	configure(line);
	configure("hosts = {\"home.test\"}");
	snprintf(line, sizeof(line), "pid-file = \"%s\"", in_dir("pid"));
	configure(line);
	snprintf(line, sizeof(line), "registry path = \"%s\"", in_dir("registry.db"));
	configure(line);
	snprintf(line, sizeof(line), "log destination = \"file:%s\"", in_dir("log"));
	configure(line);
	write_configuration();
	return calls != MAP_FAILED ? 0 : -1;
}

int
program_setup_tls(void **state)
{
	char line[600];

	if (program_setup(state) != 0)
		return -1;
	tls_context = tls_server_context(in_dir("ca.pem"), "IP:127.0.0.1", 86400);
	configure("component tls = direct");
	snprintf(line, sizeof(line), "component ca-file = \"%s\"", in_dir("ca.pem"));
	configure(line);
	write_configuration();
	return 0;
}

int
program_teardown(void **state)
{
	size_t i;

	end_everybody();
	server_hangs_up();
	server_stops_listening();
	if (terminal >= 0)
		close(terminal);
	close(notify);
	terminal = notify = -1;
	for (i = 0; i < 4; i++)
		(void)text_of(NULL);
	buf_clear(&program.said);
	buf_clear(&stanza.text_in);
	munmap(calls, sizeof(*calls));
	SSL_CTX_free(tls_context);
	tls_context = NULL;
	return dir_teardown(state);
}
