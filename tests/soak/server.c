#include "tests/soak/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define OUT_HIGH (256 * 1024) /* what lies in our own buffer is latency of our making */
#define FLOOD_CHUNK 256
#define CLIENTS_BACK_MS 15000 /* after a restart everybody is back within this */

uint64_t
server_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int
open_listener(struct server *s)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int one = 1;

	sin.sin_port = htons((uint16_t)s->port);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0 || setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(s->listener, (const struct sockaddr *)&sin, sizeof(sin)) != 0 || listen(s->listener, 8) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&sin, &len) != 0)
		return -1;
	s->port = ntohs(sin.sin_port);
	return 0;
}

int
server_init(struct server *s, struct world *w, double probe_rate)
{
	memset(s, 0, sizeof(*s));
	s->world = w;
	s->fd = -1;
	s->probe_rate = probe_rate;
	s->began_at = s->probe_at = server_now();
	return open_listener(s);
}

static void
forget_late(struct server *s)
{
	struct late *l;

	while ((l = s->late_head) != NULL) {
		s->late_head = l->next;
		buf_clear(&l->text);
		mem_free(l);
	}
	s->late_tail = NULL;
}

void
server_cut(struct server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->up = false;
	buf_reset(&s->in);
	buf_reset(&s->out);
	s->outpos = 0;
	forget_late(s);
}

void
server_clear(struct server *s)
{
	server_cut(s);
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
	buf_clear(&s->in);
	buf_clear(&s->out);
}

static bool
gone_own(const struct member *m)
{
	return m->devices[WORLD_OWN].show != WORLD_OFFLINE;
}

void
server_go_down(struct server *s)
{
	struct world *w = s->world;
	size_t u;

	server_cut(s);
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
	for (u = 0; u < w->n; u++) {
		w->members[u].devices[WORLD_OWN].away = gone_own(&w->members[u]);
		w->members[u].back_at = 0;
	}
}

int
server_come_back(struct server *s)
{
	struct world *w = s->world;
	size_t u;

	s->began_at = server_now();
	for (u = 0; u < w->n; u++)
		if (w->members[u].devices[WORLD_OWN].away)
			w->members[u].back_at = s->began_at + world_random(w, CLIENTS_BACK_MS);
	return open_listener(s);
}

static void
return_clients(struct server *s)
{
	struct world *w = s->world;
	uint64_t now = server_now();
	size_t u;

	if (now > s->began_at + CLIENTS_BACK_MS + 1000)
		return;
	for (u = 0; u < w->n; u++) {
		if (w->members[u].back_at == 0 || w->members[u].back_at > now)
			continue;
		w->members[u].back_at = 0;
		w->members[u].devices[WORLD_OWN].away = false;
		server_tell(s, u, WORLD_OWN);
	}
}

void
server_tell(struct server *s, size_t u, size_t d)
{
	/* Who is away can't say anything; what changes meanwhile is said on return. */
	if (!s->up || s->world->members[u].devices[d].away)
		return;
	if (d == WORLD_OWN)
		world_put_presence(&s->out, s->world, u, d, true);
	world_put_presence(&s->out, s->world, u, d, false);
}

void
server_time(struct server *s)
{
	struct world *w = s->world;
	struct member *m;
	size_t u;

	do {
		u = world_random(w, w->n);
		m = &w->members[u];
	} while (world_visibility(u, 1) != VISIBLE_CONTACTS || !world_shows_status(u, 1) || m->asked != 0);
	world_set(w, u, 1, (enum world_show)(WORLD_ONLINE + world_random(w, WORLD_SHOWS - WORLD_ONLINE)), server_now());
	m->asked = server_now();
	m->asked_seq = m->devices[1].seq;
	server_tell(s, u, 1);
}

static void
send_late(struct server *s)
{
	uint64_t now = server_now();
	struct late *l;

	while ((l = s->late_head) != NULL && (l->due <= now || s->slow_ms == 0)) {
		s->late_head = l->next;
		if (l->next == NULL)
			s->late_tail = NULL;
		buf_put(&s->out, l->text.data, l->text.len);
		buf_clear(&l->text);
		mem_free(l);
	}
}

static void
receive(struct server *s)
{
	static char chunk[256 * 1024];
	ssize_t n = recv(s->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n > 0) {
		s->bytes += (uint64_t)n;
		buf_put(&s->in, chunk, (size_t)n);
		server_take_input(s);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		server_cut(s);
	}
}

static void
refill(struct server *s)
{
	struct flood *f = s->flood;
	uint64_t now;

	if (f == NULL || !s->up)
		return;
	if (s->flood_began == 0)
		s->flood_began = server_now() -
		    (s->flood_rate > 0 ? (uint64_t)((double)f->sent * 1000 / s->flood_rate) : 0);
	now = server_now();
	while (s->out.len - s->outpos < OUT_HIGH / 4 &&
	    (s->flood_rate <= 0 || (double)f->sent < (double)(now - s->flood_began) * s->flood_rate / 1000))
		flood_put(f, s->world, &s->out, FLOOD_CHUNK);
}

static void
transmit(struct server *s)
{
	ssize_t n;

	while (s->fd >= 0 && s->outpos < s->out.len) {
		n = send(s->fd, s->out.data + s->outpos, s->out.len - s->outpos, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				server_cut(s);
			return;
		}
		s->outpos += (size_t)n;
		if (s->outpos == s->out.len) {
			buf_reset(&s->out);
			s->outpos = 0;
			refill(s);
			if (s->flood != NULL)
				return; /* a look at the other direction between blocks */
		}
	}
	if (s->outpos > OUT_HIGH) {
		buf_consume(&s->out, s->outpos);
		s->outpos = 0;
	}
}

static void
take_connection(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC), one = 1;

	if (fd < 0)
		return;
	server_cut(s);
	s->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void
server_step(struct server *s, int ms)
{
	struct pollfd pfd[2] = { {.fd = s->listener, .events = POLLIN}, {.fd = s->fd} };

	return_clients(s);
	send_late(s);
	refill(s);
	if (!s->deaf)
		pfd[1].events |= POLLIN;
	if (s->outpos < s->out.len)
		pfd[1].events |= POLLOUT;
	if (s->flood != NULL && s->flood_rate > 0 && s->up && ms > 1)
		ms = 1;
	if (poll(pfd, 2, ms) <= 0)
		return;
	if (pfd[0].revents & POLLIN)
		take_connection(s);
	else if (s->fd >= 0 && (pfd[1].revents & (POLLIN | POLLHUP | POLLERR)) &&
	    (!s->deaf || !(pfd[1].revents & POLLIN)))
		receive(s);
	if (s->fd >= 0)
		transmit(s);
}
