#define _GNU_SOURCE
#include "program_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
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

#include "base/mem.h"
#include "sys_fixture.h"

#define LINES_MAX 24

struct calls *calls;
struct program program;

static int terminal = -1, notify = -1;
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
	struct pollfd fds[4] = { {.fd = terminal, .events = POLLIN}, {.fd = notify, .events = POLLIN} };

	server_polled(&fds[2]);
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
	memset(&program, 0, sizeof(program));
	fd = open(in_dir("calls"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*calls)) != 0)
		return -1;
	calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	listen_for_notes();
	server_begins();
	put_text(in_dir("secret"), "s3cret\n", 0600);
	nlines = 0;
	configure("component jid = \"" DOMAIN "\"");
	snprintf(line, sizeof(line), "component secret-file = \"%s\"", in_dir("secret"));
	configure(line);
	configure("component server = \"127.0.0.1\"");
	snprintf(line, sizeof(line), "component port = %u", server_port());
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
	server_speaks_tls(in_dir("ca.pem"));
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
	server_ends();
	if (terminal >= 0)
		close(terminal);
	close(notify);
	terminal = notify = -1;
	for (i = 0; i < 4; i++)
		(void)text_of(NULL);
	buf_clear(&program.said);
	munmap(calls, sizeof(*calls));
	return dir_teardown(state);
}
