/*
 * A registry that somebody else wrote, or that was damaged: rows of hostile
 * values, or the bytes of the file, from the store into the core, which then
 * lives for a minute.  What is loaded makes sense, what can't be is refused;
 * nothing is created anew; what is written meanwhile can be read again.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "core/core.h"
#include "fuzz.h"
#include "registry_file.h"
#include "sent.h"
#include "sys/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TICKS_MAX 400
#define PENDING_MAX 128

struct life {
	struct core *core;
	struct instant now;
	struct store *store;
	struct parser *parser;
	struct buf out;
	struct action pending[PENDING_MAX];
	char ids[PENDING_MAX][40], owners[PENDING_MAX][JID_MAX + 1], from[PENDING_MAX][JID_MAX + 1],
	    to[PENDING_MAX][JID_MAX + 1];
	size_t npending;
	size_t users, devices;
	bool failed, drained;
};

static void
check_bare(const char *s)
{
	static struct jid j;

	CHECK(s != NULL && jid_parse(&j, s, strlen(s)) == 0);
	CHECK(strcmp(j.text, s) == 0 && j.resource == NULL && j.locallen > 0);
}

static void
check_text(const char *s, size_t max)
{
	const unsigned char *at = (const unsigned char *)s;
	size_t len = strlen(s), i, n;
	uint32_t c;

	CHECK(len <= max);
	for (i = 0; i < len; i += n) {
		n = fuzz_utf8(at + i, len - i, &c);
		CHECK(n > 0);
	}
}

static int
load_user(void *ctx, const struct user_record *u)
{
	struct life *l = ctx;
	struct event ev = {.kind = EVENT_LOAD_USER, .user = *u};

	check_bare(u->primary);
	CHECK(u->setup[NODE_PUBLIC] <= SETUP_ASSUMED && u->setup[NODE_PRIVATE] <= SETUP_ASSUMED);
	ev.user.doubtful = store_was_cut_short(l->store);
	l->users++;
	return core_feed(l->core, &l->now, &ev);
}

static int
load_device(void *ctx, const struct device_record *d)
{
	struct life *l = ctx;
	struct event ev = {.kind = EVENT_LOAD_DEVICE, .device = *d};

	check_bare(d->primary);
	check_bare(d->jid);
	CHECK(*d->id != '\0');
	check_text(d->id, 6);
	check_text(d->label, LABEL_BYTES_MAX);
	if (d->resource != NULL)
		check_text(d->resource, JID_PART_MAX);
	CHECK(d->kind <= KIND_TABLET && d->visibility <= VISIBLE_HIDDEN && d->state <= LINK_REVOKED);
	l->devices++;
	return core_feed(l->core, &l->now, &ev);
}

static bool
open_and_load(struct life *l)
{
	static const uint8_t seed[CORE_SEED_LEN] = "always the same";
	static const char *const hosts[] = {"home.test", "work.test"};
	const struct store_rows rows = {load_user, load_device, l};
	struct core_settings set;
	char why[1024] = "";
	int status = store_open(&l->store, registry_path, why, sizeof(why));

	if (status != 0) {
		CHECK(l->store == NULL && *why != '\0');
		return false;
	}
	core_settings_default(&set);
	set.domain = DOMAIN;
	set.hosts = hosts;
	set.nhosts = COUNT(hosts);
	l->core = core_new(&set, seed, store_key(l->store));
	CHECK(l->core != NULL);
	status = store_load(l->store, &rows);
	if (status != 0)
		CHECK(*store_error(l->store) != '\0');
	return status == 0;
}

static void
feed(struct life *l, const struct event *ev)
{
	int status = core_feed(l->core, &l->now, ev);

	CHECK(status == 0 || status == ERR_LIMIT);
}

static void
feed_kind(struct life *l, enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feed(l, &ev);
}

static void
remember(struct life *l, const struct action *act)
{
	size_t i = l->npending;

	if (act->id == NULL || i == PENDING_MAX || act->kind == ACTION_COMMAND_REPLY || act->kind == ACTION_ANSWER ||
	    act->kind == ACTION_ERROR)
		return;
	l->pending[i] = *act;
	snprintf(l->ids[i], sizeof(l->ids[i]), "%s", act->id);
	snprintf(l->owners[i], sizeof(l->owners[i]), "%s", act->owner != NULL ? act->owner : "");
	snprintf(l->from[i], sizeof(l->from[i]), "%s", act->from.bare != NULL ? act->from.bare : DOMAIN);
	snprintf(l->to[i], sizeof(l->to[i]), "%s", act->to.bare);
	l->npending++;
}

/* One that waits is answered well. */
static bool
answer(struct life *l)
{
	struct event ev = {.kind = EVENT_ANSWER};
	const struct action *act;
	size_t i;

	if (l->npending == 0)
		return false;
	i = --l->npending;
	act = &l->pending[i];
	ev.from.bare = l->to[i];
	ev.to.bare = l->from[i];
	ev.answer.id = l->ids[i];
	ev.answer.ok = true;
	if (*l->owners[i] != '\0' && act->way != WAY_ORDINARY) {
		ev.answer.wrapped = true;
		ev.answer.inner_id = l->ids[i];
	}
	if (act->kind == ACTION_ROSTER_GET)
		ev.answer.payload = PAYLOAD_ROSTER;
	if (act->kind == ACTION_BLOCKLIST_GET)
		ev.answer.payload = PAYLOAD_BLOCKLIST;
	if (act->kind == ACTION_CONFIG_GET) {
		ev.answer.payload = PAYLOAD_CONFIG;
		ev.answer.access = ACCESS_PRESENCE;
	}
	feed(l, &ev);
	return true;
}

static void
see(struct life *l, const struct action *act)
{
	struct event ev = {.kind = EVENT_STORED};
	int status;

	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
		status = store_begin(l->store);
		if (status == 0) {
			status = store_apply(l->store, act);
			if (store_commit(l->store) != 0 && status == 0)
				status = ERR_IO;
		}
		ev.ticket = act->ticket;
		if (status != 0) {
			ev.kind = EVENT_STORE_FAILED;
			l->failed = true;
		}
		feed(l, &ev);
		return;
	case ACTION_NOTE_PUBLISHED:
		CHECK(store_note(l->store, l->now.mono_ms, &act->user) == 0);
		return;
	case ACTION_DRAINED:
		l->drained = true;
		return;
	default:
		if (is_stanza(act)) {
			check_sent(l->parser, &l->out, act);
			remember(l, act);
		}
	}
}

static void
converse(struct life *l)
{
	struct action act;
	unsigned steps = 0;

	do {
		while (core_next(l->core, &act)) {
			CHECK(++steps < 20000);
			see(l, &act);
		}
	} while (answer(l));
}

static void
pass(struct life *l, uint64_t ms)
{
	uint64_t end = l->now.mono_ms + ms, at;
	unsigned ticks = 0;

	converse(l);
	while (!l->drained && (at = core_deadline(l->core)) <= end && ticks++ < TICKS_MAX) {
		if (at > l->now.mono_ms)
			l->now.mono_ms = at;
		feed_kind(l, EVENT_TICK);
		converse(l);
	}
	l->now.mono_ms = end;
}

static void
presence(struct life *l, const char *from, const char *resource, const char *to, enum presence_type type)
{
	struct event ev = { .kind = EVENT_PRESENCE, .from = {from, resource}, .to = {to, NULL} };

	ev.presence.type = type;
	ev.presence.status = type == PRESENCE_AVAILABLE ? "here" : NULL;
	feed(l, &ev);
	converse(l);
}

static void
live(struct life *l)
{
	static const char alice[] = "alice\\40home.test@" DOMAIN, bob[] = "bob\\40home.test@" DOMAIN;
	struct event ev = { .kind = EVENT_GRANT, .from = {"home.test", NULL}, .to = {DOMAIN, NULL} };

	feed_kind(l, EVENT_LOADED);
	feed_kind(l, EVENT_LINK_UP);
	ev.grant.version = 2;
	ev.grant.roster = MAY_GET | MAY_SET;
	ev.grant.message = ev.grant.presence = ev.grant.presence_roster = true;
	ev.grant.iq_pubsub = ev.grant.iq_owner = MAY_GET | MAY_SET;
	feed(l, &ev);
	pass(l, 5000);
	presence(l, "alice@home.test", "phone", alice, PRESENCE_AVAILABLE);
	presence(l, "alice@work.test", "line1", alice, PRESENCE_AVAILABLE);
	presence(l, "desk@work.test", "line1", alice, PRESENCE_AVAILABLE);
	presence(l, "desk@work.test", NULL, bob, PRESENCE_SUBSCRIBED);
	pass(l, 60000);
	presence(l, "desk@work.test", NULL, alice, PRESENCE_UNSUBSCRIBED);
	presence(l, "alice@work.test", NULL, bob, PRESENCE_UNSUBSCRIBED);
	pass(l, 5000);
	feed_kind(l, EVENT_DRAIN);
	pass(l, 5000);
	CHECK(l->drained);
}

static void
end(struct life *l)
{
	core_free(l->core);
	store_close(l->store);
	parser_free(l->parser);
	buf_clear(&l->out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct life first, second;
	struct input in = input_of(data, size);
	unsigned how = input_byte(&in);
	struct core_stats stats;
	struct stat st;
	bool was_there;

	if (registry_template.len == 0)
		registry_make();
	registry_remove();
	if ((how & 1) != 0)
		registry_write_damage(&in, how);
	else
		registry_write_rows(&in);
	if ((how & 8) != 0)
		registry_put("-lock", "in use\n", 7);
	was_there = stat(registry_path, &st) == 0 && st.st_size > 0;
	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	first.now = second.now = (struct instant){5000000, INT64_C(1795428000000)};
	first.parser = sent_parser();
	if (open_and_load(&first)) {
		CHECK(!store_is_new(first.store));
		live(&first);
		core_stats(first.core, &stats);
		store_close(first.store);
		first.store = NULL;
		if (!first.failed) {
			CHECK(open_and_load(&second));
			CHECK(second.users == stats.users);
			CHECK(!store_was_cut_short(second.store));
		}
	} else if (was_there) {
		CHECK(stat(registry_path, &st) == 0 && st.st_size > 0);
	}
	end(&first);
	end(&second);
	return 0;
}
