#include "link_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "sys/clock.h"
#include "sys_fixture.h"

struct event_base *base;
struct link *lk;
struct link_conf conf;
struct link_times times;
char secret_path[512];

int listener = -1, peer = -1;
unsigned connections;
struct buf heard;

unsigned ups, downs, stanzas;
struct link_failure failure;
char text[512];
bool taking;
uint64_t skipped_ms;

/* This stands before that of libsys. */
void
clock_now(struct instant *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	out->mono_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 + skipped_ms;
	clock_gettime(CLOCK_REALTIME, &ts);
	out->wall_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t
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

void
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

int
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
	skipped_ms = 0;
	base = event_base_new();
	listens();
	return 0;
}

void
hangs_up(void)
{
	if (peer >= 0)
		close(peer);
	peer = -1;
	buf_reset(&heard);
}

int
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

void
starts(void)
{
	lk = link_new(base, &conf, &times);
	assert_non_null(lk);
	link_start(lk);
}

void
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

void
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

void
server_says(const char *bytes)
{
	assert_true(peer >= 0);
	assert_int_equal(send(peer, bytes, strlen(bytes), MSG_NOSIGNAL), (ssize_t)strlen(bytes));
}

void
is_down_for(enum link_reason reason)
{
	WAIT(downs > 0);
	assert_string_equal(backoff_name(failure.reason), backoff_name(reason));
}

void
handshakes(void)
{
	unsigned before = ups;

	HEARS("to='presence.home.test'");
	server_says(HEADER);
	HEARS("</handshake>");
	server_says("<handshake/>");
	WAIT(ups == before + 1);
}
