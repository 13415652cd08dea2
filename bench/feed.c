#include "bench/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const struct {
	const char *account, *host, *resource, *label;
	enum device_kind kind;
} sources[FEED_SOURCES] = {
	{"user", FEED_HOST, "laptop.x7Kq2", "Laptop", KIND_COMPUTER},
	{"user", FEED_HOST, "Conversations.AbCd", "Phone", KIND_MOBILE},
	{"desk", "work.test", "line1", "Desk phone", KIND_FIXED},
	{"voip", "sip.example", "tablet-8f3a", "Tablet", KIND_TABLET},
};

static const char *const shows[FEED_SHOWS] = {NULL, "away", "dnd", "xa", "chat"};

bool
feed_has(size_t u, size_t s)
{
	return s % 2 == 0 || u % 2 == 1;
}

static void
put_account(struct buf *b, const char *account, size_t u)
{
	buf_printf(b, "%s%06zu", account, u);
}

void
feed_put_primary(struct buf *b, size_t u)
{
	put_account(b, "user", u);
	buf_puts(b, "@" FEED_HOST);
}

void
feed_put_bridge(struct buf *b, size_t u)
{
	put_account(b, "user", u);
	buf_puts(b, "\\40" FEED_HOST "@" FEED_DOMAIN);
}

void
feed_put_source(struct buf *b, size_t u, size_t s, bool full)
{
	put_account(b, sources[s].account, u);
	buf_printf(b, "@%s", sources[s].host);
	if (full)
		buf_printf(b, "/%s", sources[s].resource);
}

const char *
feed_label(size_t s)
{
	return sources[s].label;
}

enum device_kind
feed_kind(size_t s)
{
	return sources[s].kind;
}

const char *
feed_show(size_t show)
{
	return shows[show];
}

struct event
feed_row(const char *primary, const char *jid, size_t s, char *id)
{
	struct event ev = {.kind = EVENT_LOAD_DEVICE};

	snprintf(id, FEED_ID, "dev%zu", s);
	ev.device.primary = primary;
	ev.device.id = id;
	ev.device.jid = jid;
	ev.device.label = feed_label(s);
	ev.device.kind = feed_kind(s);
	ev.device.kind_given = true;
	ev.device.state = LINK_ACTIVE;
	ev.device.approved = ev.device.confirmed = ev.device.wide = ev.device.withdrawn = true;
	return ev;
}

void
feed_put_presence(struct buf *b, size_t u, size_t s, size_t show)
{
	struct buf to = {0};

	feed_put_bridge(&to, u);
	feed_put_answer(b, u, s, show, buf_text(&to), to.len);
	buf_clear(&to);
}

void
feed_put_answer(struct buf *b, size_t u, size_t s, size_t show, const char *to, size_t len)
{
	buf_puts(b, "<presence from='");
	feed_put_source(b, u, s, true);
	buf_puts(b, "' to='");
	buf_put(b, to, len);
	buf_printf(b, "' id='p%zu-%zu' xml:lang='en'>", s, show);
	if (shows[show] != NULL)
		buf_printf(b, "<show>%s</show>", shows[show]);
	if (show == 2)
		buf_puts(b, "<status>In a meeting &amp; back at three</status>");
	buf_printf(b, "<priority>%zu</priority>", 5 * s);
	if (show == 1)
		buf_puts(b, "<idle xmlns='urn:xmpp:idle:1' since='2026-11-22T23:01:00Z'/>");
	buf_puts(b,
	    "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example/' "
	    "ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/>"
	    "<x xmlns='vcard-temp:x:update'><photo>01b87fcd030b72895ff8e88db57ec525450f000d</photo></x></presence>");
}

bool
feed_user_of(const char *jid, size_t len, size_t users, size_t *u)
{
	size_t i, n = 0;

	if (len < 11)
		return false;
	for (i = 4; i < 10; i++) {
		if (jid[i] < '0' || jid[i] > '9')
			return false;
		n = n * 10 + (size_t)(jid[i] - '0');
	}
	*u = n;
	return n < users;
}

/* A stride through all users that jumps in memory, as a real crowd does. */
static size_t
stride_for(size_t users)
{
	size_t stride, a, b, t;

	for (stride = users * 5 / 8 + 1;; stride++) {
		for (a = users, b = stride; b != 0; a = t) {
			t = b;
			b = a % b;
		}
		if (a == 1)
			return stride % users;
	}
}

int
feed_init(struct feed *f, size_t users)
{
	size_t stride = stride_for(users), i, u, s, show;
	struct buf b = {0};

	memset(f, 0, sizeof(*f));
	f->users = users;
	f->starts = mem_array(users * FEED_SOURCES * FEED_SHOWS + 1, sizeof(*f->starts));
	f->shows = mem_array(users * FEED_SOURCES, 1);
	if (f->starts == NULL || f->shows == NULL)
		return ERR_NOMEM;
	for (show = 0; show < FEED_SHOWS; show++) {
		for (s = 0; s < FEED_SOURCES; s++) {
			for (i = 0, u = 0; i < users; i++, u = (u + stride) % users) {
				if (!feed_has(u, s))
					continue;
				f->starts[f->n++] = b.len;
				/* The sources of a user are not all in the same state. */
				feed_put_presence(&b, u, s, (show + s) % FEED_SHOWS);
			}
		}
		if (show == 0)
			f->in_state = f->n;
	}
	f->starts[f->n] = b.len;
	f->bytes = buf_steal(&b);
	return f->bytes != NULL ? 0 : ERR_NOMEM;
}

void
feed_clear(struct feed *f)
{
	mem_free(f->bytes);
	mem_free(f->starts);
	mem_free(f->shows);
	memset(f, 0, sizeof(*f));
}

void
feed_end(struct feed *f, size_t presences)
{
	size_t stride = stride_for(f->users), left = presences % f->n, i, u, s, show;

	/* After a whole cycle everybody is in the last state of it. */
	for (u = 0; u < f->users; u++)
		for (s = 0; s < FEED_SOURCES; s++)
			f->shows[u * FEED_SOURCES + s] = (uint8_t)((FEED_SHOWS - 1 + s) % FEED_SHOWS);
	for (show = 0; show < FEED_SHOWS; show++) {
		for (s = 0; s < FEED_SOURCES; s++) {
			for (i = 0, u = 0; i < f->users; i++, u = (u + stride) % f->users) {
				if (!feed_has(u, s))
					continue;
				if (left == 0)
					return;
				left--;
				f->shows[u * FEED_SOURCES + s] = (uint8_t)((show + s) % FEED_SHOWS);
			}
		}
	}
}
