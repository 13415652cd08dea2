#include "bench/fakeserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define INPUT_BYTES (256 * 1024)
#define CHUNK_STANZAS 96 /* between two looks at the answers */
#define SEND_BUFFER (128 * 1024)
#define REST_MS 1500 /* longer than any window or grace of the component */
#define DEADLINE_MS 180000

#define FINAL_ID "final"

/* A stretch of memory. */
struct span {
	const char *p;
	size_t len;
};

struct fakeserver {
	const struct feed *feed;
	int listener, fd;
	unsigned port;
	pid_t reader;
	char in[INPUT_BYTES];
	size_t inlen;
	struct buf answers, sending;
	const char *at; /* what is being sent */
	size_t left;
	uint64_t fed, to_feed; /* presences */
	bool shaken, pinged, ponged, lost;
	uint64_t probes, publishes, bytes;
	double busy_at;	   /* the last publish, set-up or probe */
	struct buf *items; /* the last public item of each user */
};

static double
clock_of(clockid_t which)
{
	struct timespec ts;

	if (clock_gettime(which, &ts) != 0)
		return 0;
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

static double
cpu_of(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_of(clock) : 0;
}

struct fakeserver *
fakeserver_new(const struct feed *f)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct fakeserver *s = mem_alloc(sizeof(*s));
	socklen_t len = sizeof(sin);
	int size = SEND_BUFFER;

	if (s == NULL)
		return NULL;
	s->feed = f;
	s->fd = -1;
	s->items = mem_array(f->users, sizeof(*s->items));
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Accepted sockets inherit it.  What lies in buffers is latency, and the component measures that. */
	if (s->items == NULL || s->listener < 0 ||
	    setsockopt(s->listener, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) != 0 ||
	    bind(s->listener, (const struct sockaddr *)&sin, sizeof(sin)) != 0 || listen(s->listener, 8) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&sin, &len) != 0) {
		fakeserver_free(s);
		return NULL;
	}
	s->port = ntohs(sin.sin_port);
	return s;
}

void
fakeserver_free(struct fakeserver *s)
{
	size_t i;

	if (s == NULL)
		return;
	if (s->listener >= 0)
		close(s->listener);
	for (i = 0; s->items != NULL && i < s->feed->users; i++)
		buf_clear(&s->items[i]);
	mem_free(s->items);
	buf_clear(&s->answers);
	buf_clear(&s->sending);
	mem_free(s);
}

unsigned
fakeserver_port(const struct fakeserver *s)
{
	return s->port;
}

/* The value of attribute NAME (with a blank before and `=` behind) in the start tag TAG. */
static struct span
attribute(struct span tag, const char *name)
{
	struct span value = {"", 0};
	const char *p = memmem(tag.p, tag.len, name, strlen(name)), *end;

	if (p == NULL)
		return value;
	p += strlen(name);
	end = memchr(p + 1, *p, (size_t)(tag.p + tag.len - p - 1));
	if (end == NULL)
		return value;
	value.p = p + 1;
	value.len = (size_t)(end - p - 1);
	return value;
}

static bool
is(struct span a, const char *text)
{
	return a.len == strlen(text) && memcmp(a.p, text, a.len) == 0;
}

static bool
contains(struct span a, const char *text)
{
	return memmem(a.p, a.len, text, strlen(text)) != NULL;
}

static void
put(struct fakeserver *s, struct span a)
{
	buf_put(&s->answers, a.p, a.len);
}

/* <iq type='result' ...>, open, with the addresses of TAG turned round. */
static void
put_result(struct fakeserver *s, struct span tag)
{
	buf_puts(&s->answers, "<iq type='result' id='");
	put(s, attribute(tag, " id="));
	buf_puts(&s->answers, "' from='");
	put(s, attribute(tag, " to="));
	buf_puts(&s->answers, "' to='");
	put(s, attribute(tag, " from="));
	buf_puts(&s->answers, "'");
}

static void
answer_privileged(struct fakeserver *s, struct span tag)
{
	put_result(s, tag);
	buf_puts(&s->answers,
	    "><privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'>"
	    "<iq xmlns='jabber:client' type='result' id='");
	put(s, attribute(tag, " id="));
	buf_puts(&s->answers, "' from='");
	put(s, attribute(tag, " to="));
	buf_puts(&s->answers, "' to='");
	put(s, attribute(tag, " to="));
	buf_puts(&s->answers, "'/></forwarded></privilege></iq>");
}

static void
count_publish(struct fakeserver *s, struct span to, struct span body, size_t size)
{
	const char *item;
	size_t u;

	s->publishes++;
	s->bytes += size;
	if (!feed_user_of(to.p, to.len, s->feed->users, &u))
		return;
	item = memmem(body.p, body.len, NODE_DEVICES "'", sizeof(NODE_DEVICES));
	if (item == NULL)
		item = memmem(body.p, body.len, NODE_DEVICES "\"", sizeof(NODE_DEVICES));
	if (item == NULL || contains(body, NODE_DEVICES_PRIVATE))
		return;
	buf_reset(&s->items[u]);
	buf_put(&s->items[u], item, (size_t)(body.p + body.len - item));
}

static void
take_request(struct fakeserver *s, struct span tag, struct span body, struct span whole)
{
	struct span to = attribute(tag, " to=");
	size_t u;

	if (contains(body, "<publish ")) {
		s->busy_at = now();
		count_publish(s, to, body, whole.len);
	}
	if (body.len > 0 && strncmp(body.p, "<privileged_iq", 14) == 0) {
		s->busy_at = now();
		answer_privileged(s, tag);
	} else if (contains(to, FEED_DOMAIN)) {
		put(s, whole); /* to itself: routed back */
	} else if (contains(body, "disco#info")) {
		put_result(s, tag);
		buf_puts(&s->answers, "><query xmlns='http://jabber.org/protocol/disco#info'><identity ");
		if (feed_user_of(to.p, to.len, s->feed->users, &u))
			buf_puts(&s->answers, "category='client' type='pc' name='Client'/></query></iq>");
		else
			buf_puts(&s->answers, "category='server' type='im' name='Prosody'/></query></iq>");
	} else if (contains(body, "jabber:iq:roster")) {
		put_result(s, tag);
		buf_puts(&s->answers,
		    "><query xmlns='jabber:iq:roster'><item jid='bob@home.test' subscription='both'/>"
		    "<item jid='carol@work.test' subscription='from'/>");
		if (feed_user_of(to.p, to.len, s->feed->users, &u)) {
			buf_puts(&s->answers, "<item subscription='from' jid='");
			feed_put_bridge(&s->answers, u);
			buf_puts(&s->answers, "'/>");
		}
		buf_puts(&s->answers, "</query></iq>");
	} else {
		put_result(s, tag);
		buf_puts(&s->answers, "/>");
	}
}

/* Everyone is online, in the state in which the cycle ends. */
static void
answer_probe(struct fakeserver *s, struct span to, struct span back)
{
	size_t u, src, from = 0, end = FEED_LINKED_FROM;

	s->busy_at = now();
	s->probes++;
	if (!feed_user_of(to.p, to.len, s->feed->users, &u))
		return;
	if (strncmp(to.p, "user", 4) != 0) {
		from = strncmp(to.p, "desk", 4) == 0 ? FEED_LINKED_FROM : FEED_LINKED_FROM + 1;
		end = from + 1;
	}
	for (src = from; src < end; src++)
		if (feed_has(u, src))
			feed_put_answer(&s->answers, u, src, (FEED_SHOWS - 1 + src) % FEED_SHOWS, back.p, back.len);
}

static void
open_stream(struct fakeserver *s)
{
	buf_puts(&s->answers,
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
	    "xmlns:stream='http://etherx.jabber.org/streams' id='1234567890' from='" FEED_DOMAIN "'>");
}

static void
accept_handshake(struct fakeserver *s)
{
	buf_puts(&s->answers,
	    "<handshake/><message to='" FEED_DOMAIN "' from='" FEED_HOST "'><privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm access='roster' type='both'/><perm access='message' type='outgoing'/>"
	    "<perm access='presence' type='managed_entity'/><perm access='iq'>"
	    "<namespace type='both' ns='http://jabber.org/protocol/pubsub'/>"
	    "<namespace type='both' ns='http://jabber.org/protocol/pubsub#owner'/>"
	    "<namespace type='get' ns='http://jabber.org/protocol/disco#info'/></perm></privilege></message>");
	s->shaken = true;
}

static void
take_stanza(struct fakeserver *s, struct span tag, struct span body, struct span whole)
{
	struct span type = attribute(tag, " type=");

	if (strncmp(tag.p, "<presence", 9) == 0) {
		if (is(type, "probe"))
			answer_probe(s, attribute(tag, " to="), attribute(tag, " from="));
	} else if (strncmp(tag.p, "<handshake", 10) == 0) {
		accept_handshake(s);
	} else if (strncmp(tag.p, "<iq", 3) == 0) {
		if (is(type, "get") || is(type, "set"))
			take_request(s, tag, body, whole);
		else if (is(attribute(tag, " id="), FINAL_ID))
			s->ponged = true;
	}
}

/* The end tag that closes the element beginning with TAG, followed by what it holds. */
static const char *
closing(struct span tag, const char *next, size_t len)
{
	if (strncmp(tag.p, "<iq", 3) == 0)
		return len >= 14 && strncmp(next, "<privileged_iq", 14) == 0 ? "</privileged_iq></iq>" : "</iq>";
	if (strncmp(tag.p, "<presence", 9) == 0)
		return "</presence>";
	if (strncmp(tag.p, "<handshake", 10) == 0)
		return "</handshake>";
	return len >= 10 && strncmp(next, "<privilege", 10) == 0 ? "</privilege></message>" : "</message>";
}

/* One element or tag of the LEN bytes at P; 0: it is not complete. */
static size_t
take(struct fakeserver *s, const char *p, size_t len)
{
	const char *end = memchr(p, '>', len), *close, *last;
	struct span tag, body, whole;

	if (end == NULL)
		return 0;
	end++;
	tag.p = whole.p = p;
	tag.len = (size_t)(end - p);
	if (p[1] == '?' || p[1] == '/')
		return tag.len;
	if (strncmp(p, "<stream:stream", 14) == 0) {
		open_stream(s);
		return tag.len;
	}
	body.p = end;
	body.len = 0;
	whole.len = tag.len;
	if (end[-2] != '/') {
		len -= tag.len;
		/* Whether the body begins with <privileged_iq must be seen. */
		if (len < 14 && memcmp(end, "<privileged_iq", len) == 0)
			return 0;
		close = closing(tag, end, len);
		last = memmem(end, len, close, strlen(close));
		if (last == NULL)
			return 0;
		body.len = (size_t)(last - end);
		whole.len += body.len + strlen(close);
	}
	take_stanza(s, tag, body, whole);
	return whole.len;
}

static void
scan(struct fakeserver *s)
{
	size_t at = 0, used;
	const char *p;

	while ((p = memchr(s->in + at, '<', s->inlen - at)) != NULL) {
		at = (size_t)(p - s->in);
		used = take(s, p, s->inlen - at);
		if (used == 0)
			break;
		at += used;
	}
	if (p == NULL)
		at = s->inlen;
	memmove(s->in, s->in + at, s->inlen - at);
	s->inlen -= at;
}

static void
receive(struct fakeserver *s)
{
	ssize_t n = recv(s->fd, s->in + s->inlen, sizeof(s->in) - s->inlen, MSG_DONTWAIT);

	if (n > 0) {
		s->inlen += (size_t)n;
		scan(s);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		s->lost = true;
	}
	if (s->inlen == sizeof(s->in))
		s->lost = true; /* a stanza longer than any that is expected */
}

/* What to send next; false: nothing. */
static bool
next_output(struct fakeserver *s)
{
	const struct feed *f = s->feed;
	struct buf swap;
	size_t i, n;

	if (s->left > 0)
		return true;
	if (s->answers.len > 0) {
		swap = s->sending;
		s->sending = s->answers;
		s->answers = swap;
		buf_reset(&s->answers);
		s->at = s->sending.data;
		s->left = s->sending.len;
		return true;
	}
	if (s->fed < s->to_feed) {
		i = s->fed % f->n;
		n = CHUNK_STANZAS;
		if (n > f->n - i)
			n = f->n - i;
		if (n > s->to_feed - s->fed)
			n = s->to_feed - s->fed;
		s->at = f->bytes + f->starts[i];
		s->left = f->starts[i + n] - f->starts[i];
		s->fed += n;
		return true;
	}
	if (s->to_feed > 0 && !s->pinged) {
		buf_puts(&s->answers,
		    "<iq type='get' id='" FINAL_ID "' from='" FEED_HOST "' to='" FEED_DOMAIN
		    "'><ping xmlns='urn:xmpp:ping'/></iq>");
		s->pinged = true;
		return next_output(s);
	}
	return false;
}

static void
transmit(struct fakeserver *s)
{
	ssize_t n;

	while (next_output(s)) {
		n = send(s->fd, s->at, s->left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				s->lost = true;
			return;
		}
		s->at += n;
		s->left -= (size_t)n;
		if (s->left > 0)
			return;
		/* One look at the other direction for each block. */
		if (s->to_feed > 0)
			return;
	}
}

/* Wait for work, at most MS, and do it. */
static void
step(struct fakeserver *s, int ms)
{
	struct pollfd pfd = {.fd = s->fd, .events = POLLIN};

	if (next_output(s))
		pfd.events |= POLLOUT;
	if (poll(&pfd, 1, ms) <= 0)
		return;
	if (pfd.revents & (POLLIN | POLLHUP | POLLERR))
		receive(s);
	if (!s->lost && (pfd.revents & POLLOUT))
		transmit(s);
}

/* Until nothing has been published for REST_MS. */
static bool
rest(struct fakeserver *s, uint64_t probes)
{
	double start = now();

	s->busy_at = start;
	while (!s->lost && (s->probes < probes || now() - s->busy_at < REST_MS / 1000.0)) {
		if (now() - start > DEADLINE_MS / 1000.0)
			return false;
		step(s, 50);
	}
	return !s->lost;
}

static bool
take_connection(struct fakeserver *s)
{
	struct pollfd pfd = {.fd = s->listener, .events = POLLIN};
	int one = 1;

	if (poll(&pfd, 1, 20000) <= 0)
		return false;
	s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	if (s->fd < 0)
		return false;
	return setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0;
}

static bool
measure(struct fakeserver *s, uint64_t presences, struct outcome *out)
{
	uint64_t publishes = s->publishes, bytes = s->bytes;
	double cpu = cpu_of(s->reader), start = now();

	s->to_feed = presences;
	while (!s->lost && !s->ponged) {
		step(s, 1000);
		if (now() - start > DEADLINE_MS / 1000.0)
			return false;
	}
	if (s->lost)
		return false;
	out->seconds = now() - start;
	out->cpu_seconds = cpu_of(s->reader) - cpu;
	out->publishes = s->publishes - publishes;
	out->bytes = s->bytes - bytes;
	outcome_memory(out, s->reader);
	return true;
}

static void
forget(struct fakeserver *s)
{
	size_t i;

	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->inlen = s->left = 0;
	buf_reset(&s->answers);
	buf_reset(&s->sending);
	s->fed = s->to_feed = s->probes = s->publishes = s->bytes = 0;
	s->shaken = s->pinged = s->ponged = s->lost = false;
	for (i = 0; i < s->feed->users; i++)
		buf_reset(&s->items[i]);
}

int
fakeserver_run(struct fakeserver *s, pid_t reader, uint64_t probes, uint64_t presences, struct outcome *out,
    const char **why)
{
	uint64_t publishes;
	double ponged, start;
	int status = -1;

	memset(out, 0, sizeof(*out));
	s->reader = reader;
	*why = "a connection";
	if (!take_connection(s))
		goto out;
	*why = "the handshake";
	for (start = now(); !s->shaken && !s->lost && now() - start < 10;)
		step(s, 1000);
	if (!s->shaken)
		goto out;
	*why = "rest before the feed";
	if (!rest(s, probes))
		goto out;
	*why = "the answer to the last ping";
	if (!measure(s, presences, out))
		goto out;
	ponged = now();
	publishes = s->publishes;
	*why = "rest after the feed";
	if (!rest(s, 0))
		goto out;
	out->publishes_after = s->publishes - publishes;
	out->settled = out->publishes_after > 0 ? s->busy_at - ponged : 0;
	outcome_check(out, s->feed, s->items);
	status = 0;
out:
	forget(s);
	return status;
}
