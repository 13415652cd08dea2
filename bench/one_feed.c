/*
 * What one core_feed() of a presence costs, for bench/feed_cost to count: users
 * with three devices each (a client of their own and two linked accounts),
 * settled, published and at rest; then for some of them, one after the other,
 *
 *	first	a device is shown otherwise, and nothing waited to be published
 *	waits	it changes again, while the first change waits for its window
 *	same	the same presence comes once more: nothing changes
 *
 * Everything is the same in each run: no clock, a fixed seed, one thread.  A
 * store to a byte of `marks' says where a feed begins and ends; the first line
 * that is printed says where they are, where the heap begins and the stack.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/feed.h"
#include "core/core.h"

#define USERS 32
#define FED 16 /* of them */
#define DEVICES 3
#define SETTLE_MS 60000
#define WAITING_MAX 4096

enum mark {
	FIRST,
	WAITS,
	SAME,
	END,
	MARKS
};

static const size_t sources[DEVICES] = {0, 2, 3};

static volatile unsigned char marks[MARKS];
static struct core *core;
static struct instant now = {1000, INT64_C(1795000000000)};
static unsigned shown[USERS]; /* devices in the item published last */
static enum show shows[USERS][DEVICES];

/* What the server answers: IQs, probes, and what comes back to ourselves. */
static struct request {
	enum action_kind kind;
	enum way way;
	char id[32], from[100], from_resource[32], to[100], resource[32];
} waiting[WAITING_MAX];
static size_t nwaiting;

static void
fail(const char *what)
{
	fprintf(stderr, "one_feed: %s\n", what);
	exit(1);
}

static void
feed(const struct event *ev)
{
	if (core_feed(core, &now, ev) != 0)
		fail("core_feed");
}

static void
feeds(enum event_kind kind)
{
	const struct event ev = {.kind = kind};

	feed(&ev);
}

static void
keep(char *to, size_t size, const char *text)
{
	if (snprintf(to, size, "%s", text) >= (int)size)
		fail("a text is too long");
}

static void
take(const struct action *act)
{
	struct request *iq = &waiting[nwaiting];
	size_t u;

	if (act->kind == ACTION_PUBLISH && strcmp(act->node, NODE_DEVICES) == 0 &&
	    feed_user_of(act->owner, strlen(act->owner), USERS, &u))
		shown[u] = (unsigned)act->publish.ndevices;
	if (act->kind == ACTION_PRESENCE ? act->presence.type != PRESENCE_PROBE :
					   act->kind < ACTION_HEADLINE || act->kind > ACTION_INFO_GET)
		return;
	if (++nwaiting == WAITING_MAX)
		fail("too many requests");
	iq->kind = act->kind;
	iq->way = act->way;
	keep(iq->id, sizeof(iq->id), act->id != NULL ? act->id : "");
	keep(iq->from, sizeof(iq->from), act->from.bare);
	keep(iq->from_resource, sizeof(iq->from_resource), act->from.resource != NULL ? act->from.resource : "");
	keep(iq->to, sizeof(iq->to), act->to.bare);
	keep(iq->resource, sizeof(iq->resource), act->to.resource != NULL ? act->to.resource : "");
}

/* The event as decode.c makes it, its texts one behind the other in memory that is used again for each. */
static struct event *
presence_of(size_t u, size_t i, enum show show)
{
	static char memory[512] __attribute__((aligned(64)));
	static struct event ev __attribute__((aligned(64)));
	struct buf b = {0};
	size_t to;

	feed_put_source(&b, u, sources[i], true);
	to = b.len + 1;
	memset(memory, 0, sizeof(memory));
	memcpy(memory, buf_text(&b), b.len);
	*strchr(memory, '/') = '\0';
	buf_reset(&b);
	feed_put_bridge(&b, u);
	memcpy(memory + to, buf_text(&b), b.len);
	buf_clear(&b);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_PRESENCE;
	ev.from.bare = memory;
	ev.from.resource = memory + strlen(memory) + 1;
	ev.to.bare = memory + to;
	ev.presence.type = PRESENCE_AVAILABLE;
	ev.presence.show = show;
	ev.presence.priority = 5;
	shows[u][i] = show;
	return &ev;
}

/* The account answers as it is, to where the probe came from. */
static void
answer_probe(const struct request *r)
{
	struct event *ev;
	struct buf b = {0};
	size_t u, i;

	if (!feed_user_of(r->to, strlen(r->to), USERS, &u))
		return;
	for (i = 0; i < DEVICES; i++) {
		buf_reset(&b);
		feed_put_source(&b, u, sources[i], false);
		if (strcmp(buf_text(&b), r->to) != 0)
			continue;
		ev = presence_of(u, i, shows[u][i]);
		ev->to.resource = r->from_resource[0] != '\0' ? r->from_resource : NULL;
		feed(ev);
	}
	buf_clear(&b);
}

/* As Prosody does, to which nothing is new: all is done.  No roster has anybody in it but the bridge. */
static void
answer(const struct request *iq)
{
	struct event ev = {.kind = iq->kind == ACTION_HEADLINE ? EVENT_HEADLINE : EVENT_ANSWER};
	struct roster_item item = {.subscription = SUBSCRIPTION_FROM};
	struct buf bridge = {0};
	size_t u;

	if (iq->kind == ACTION_PRESENCE) {
		answer_probe(iq);
		return;
	}
	ev.from.bare = iq->to;
	ev.to.bare = iq->from;
	if (iq->kind == ACTION_HEADLINE) {
		ev.to.resource = iq->resource;
		feed(&ev);
		return;
	}
	ev.from.resource = iq->resource[0] != '\0' ? iq->resource : NULL;
	ev.answer.id = iq->id;
	ev.answer.ok = true;
	if (iq->kind == ACTION_ROSTER_GET && feed_user_of(iq->to, strlen(iq->to), USERS, &u)) {
		feed_put_bridge(&bridge, u);
		item.jid = buf_text(&bridge);
		ev.answer.payload = PAYLOAD_ROSTER;
		ev.answer.roster.items = &item;
		ev.answer.roster.nitems = 1;
	}
	if (iq->kind == ACTION_BLOCKLIST_GET)
		ev.answer.payload = PAYLOAD_BLOCKLIST;
	if (iq->kind == ACTION_CONFIG_GET) {
		ev.answer.payload = PAYLOAD_CONFIG;
		ev.answer.access = ACCESS_PRESENCE;
	}
	if (iq->kind == ACTION_INFO_GET) {
		ev.answer.payload = PAYLOAD_INFO;
		ev.answer.category = iq->resource[0] != '\0' ? "client" : "server";
		ev.answer.type = iq->resource[0] != '\0' ? "pc" : "im";
		ev.answer.name = "Prosody";
	}
	if (iq->way != WAY_ORDINARY) {
		ev.answer.wrapped = true;
		ev.answer.inner_id = iq->id;
	}
	feed(&ev);
	buf_clear(&bridge);
}

static void
settle(void)
{
	static struct request now_answered[WAITING_MAX];
	struct action act;
	size_t i, n;

	do {
		while (core_next(core, &act))
			take(&act);
		n = nwaiting;
		memcpy(now_answered, waiting, n * sizeof(*waiting));
		nwaiting = 0;
		for (i = 0; i < n; i++)
			answer(&now_answered[i]);
	} while (n > 0);
}

static void
passes(uint64_t ms)
{
	uint64_t end = now.mono_ms + ms, at;

	settle();
	while ((at = core_deadline(core)) <= end) {
		if (at > now.mono_ms) {
			now.wall_ms += (int64_t)(at - now.mono_ms);
			now.mono_ms = at;
		}
		feeds(EVENT_TICK);
		settle();
	}
	now.wall_ms += (int64_t)(end - now.mono_ms);
	now.mono_ms = end;
}

static void
load(size_t u)
{
	struct buf primary = {0}, jid = {0};
	struct event ev = {.kind = EVENT_LOAD_USER};
	char id[FEED_ID];
	size_t i, s;

	feed_put_primary(&primary, u);
	ev.user.primary = buf_text(&primary);
	ev.user.approved = true;
	feed(&ev);
	for (i = 1; i < DEVICES; i++) {
		s = sources[i];
		buf_reset(&jid);
		feed_put_source(&jid, u, s, false);
		ev = feed_row(buf_text(&primary), buf_text(&jid), s, id);
		feed(&ev);
	}
	buf_clear(&primary);
	buf_clear(&jid);
}

static void
begin(void)
{
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	static const char *const hosts[] = {FEED_HOST};
	struct event ev = {.kind = EVENT_GRANT};
	struct core_settings set;
	size_t u, i;

	core_settings_default(&set);
	set.domain = FEED_DOMAIN;
	set.hosts = hosts;
	set.nhosts = 1;
	set.program = "one_feed";
	core = core_new(&set, seed, key);
	if (core == NULL)
		fail("core_new");
	for (u = 0; u < USERS; u++)
		load(u);
	feeds(EVENT_LOADED);
	feeds(EVENT_LINK_UP);
	ev.from.bare = FEED_HOST;
	ev.to.bare = FEED_DOMAIN;
	ev.grant = (struct grant_event){2, MAY_GET, true, true, false, MAY_GET | MAY_SET, MAY_GET | MAY_SET, MAY_GET};
	feed(&ev);
	settle();
	for (u = 0; u < USERS; u++)
		for (i = 0; i < DEVICES; i++)
			feed(presence_of(u, i, SHOW_NONE));
	passes(SETTLE_MS);
	for (u = 0; u < USERS; u++) {
		if (shown[u] != DEVICES)
			fail("a user's item has not her three devices");
	}
}

/* Once fed to users who don't count, so that all code has run before. */
static void
count(enum mark mark, size_t u, enum show show)
{
	struct event *ev = presence_of(u, 1, show);
	int status;

	now.mono_ms++;
	now.wall_ms++;
	marks[mark] = 1;
	status = core_feed(core, &now, ev);
	marks[END] = 1;
	if (status != 0)
		fail("core_feed");
}

int
main(void)
{
	struct core_stats before, after;
	size_t u;

	printf("marks %p heap %p stack %p\n", (void *)(uintptr_t)marks, sbrk(0), (const void *)&u);
	fflush(stdout);
	begin();
	for (u = FED; u < USERS; u++) {
		feed(presence_of(u, 1, SHOW_DND));
		feed(presence_of(u, 1, SHOW_AWAY));
		feed(presence_of(u, 1, SHOW_AWAY));
	}
	passes(SETTLE_MS);
	core_stats(core, &before);
	for (u = 0; u < FED; u++) {
		count(FIRST, u, SHOW_DND);
		count(WAITS, u, SHOW_AWAY);
		count(SAME, u, SHOW_AWAY);
	}
	passes(SETTLE_MS);
	core_stats(core, &after);
	/* One publish of a node for each of them, and none for whose device has only said the same again. */
	printf("published %u for %d users\n", (unsigned)(after.published - before.published), FED);
	core_free(core);
	return 0;
}
