/*
 * The whole core, driven by a script: the input's bytes are verbs (people,
 * servers, the registry, time, memory), around a toy server and a toy registry.
 * After each verb all actions are taken, and what must hold of them is checked;
 * the numbers are invariants of the project's list (doc/threats.md).
 */
#include "core/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fuzz.h"
#include "wire/encode.h"
#include "wire/parse.h"

#define DOMAIN "presence.home.test"
#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define VERBS_MAX 400	 /* an input longer than this says nothing new */
#define STEPS_MAX 20000	 /* actions after one verb: more, and the core goes round in circles */
#define TICKS_MAX 300	 /* of one verb; what is left of its time goes by at once */
#define PENDING_MAX 256
#define ROWS_MAX 64

static const char *const people[] = {"alice@home.test", "bob@home.test", "carol@work.test", "alice@work.test",
	"desk@work.test", "dave@far.test", "home.test", "work.test", DOMAIN, ("alice\\40home.test@" DOMAIN), "\xd7\x90\xd7\xa1@home.test"};
static const char *const ours[] = {"alice\\40home.test@" DOMAIN, DOMAIN, "bob\\40home.test@" DOMAIN,
	"carol\\40work.test@" DOMAIN, "nobody@" DOMAIN, "dave\\40far.test@" DOMAIN, "other.test"};
static const char *const resources[] = {NULL, "phone", "line1", "tablet", "a/b <c>"};
static const char *const hosts[] = {"home.test", "work.test", "far.test"};
static const char *const nodes[] = {"enrol", "link", "devices", "edit", "unlink", "leave", "confirm", "none"};
static const char *const vars[] = {"jid", "label", "kind", "visibility", "status-text", "device", "account", "other"};
static const char *const words[] = {"alice@work.test", "desk@work.test", "bob@home.test", "mobile", "fixed", "contacts",
	"self", "hidden", "1", "false", "Desk", "", "yes", "no", " YES. ", "help", "available"};

/* An IQ of the core's that has no answer yet. */
struct iq {
	enum action_kind kind;
	enum way way;
	enum access access;
	char *id, *from, *to, *resource, *owner;
};

/* A write that the registry has been asked for. */
struct pending {
	uint64_t ticket;
	enum action_kind kind;
	struct user_record user;
	struct device_record device;
};

enum server_mode {
	SERVER_ANSWERS,
	SERVER_HOLDS, /* answers come from the script */
	SERVER_SILENT,
	SERVER_ECHOES,
	SERVER_FORBIDS,
	SERVER_WIDE, /* its nodes are open to all */
	SERVER_MODES
};

enum registry_mode {
	REGISTRY_WORKS,
	REGISTRY_HOLDS,
	REGISTRY_FAILS,
	REGISTRY_MODES
};

static struct world {
	struct core *core;
	struct core_settings set;
	struct instant now;
	uint8_t seed[CORE_SEED_LEN];
	bool up, drained, stalled; /* stalled: nobody takes actions */
	unsigned long fail_at;	   /* allocations until one fails; 0: none does */
	/* the server */
	enum server_mode server;
	struct grant_event granted[COUNT(hosts)];
	struct iq iqs[PENDING_MAX];
	size_t niqs;
	unsigned roster;
	bool ejabberd;
	/* the registry */
	enum registry_mode registry;
	struct pending pending[PENDING_MAX];
	size_t npending;
	uint64_t last_ticket;
	struct user_record users[ROWS_MAX];
	size_t nusers;
	struct device_record devices[ROWS_MAX];
	size_t ndevices;
	/* what the script remembers */
	char *text, *session, *device_id;
	struct parser *parser;
	struct buf out;
} w;

static const uint8_t key[CORE_KEY_LEN] = "always the same";

static char *
copy(const char *s)
{
	char *c = s != NULL ? strdup(s) : NULL;

	CHECK((c == NULL) == (s == NULL));
	return c;
}

/* Strings of records are ours to free. */
static void
drop(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = {s};

	free(u.out);
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The registry */

static void
user_drop(struct user_record *r)
{
	drop(r->primary);
}

static void
device_drop(struct device_record *r)
{
	drop(r->primary);
	drop(r->id);
	drop(r->jid);
	drop(r->resource);
	drop(r->label);
}

static struct user_record
user_copy(const struct user_record *r)
{
	struct user_record c = *r;

	c.primary = copy(r->primary);
	return c;
}

static struct device_record
device_copy(const struct device_record *r)
{
	struct device_record c = *r;

	c.primary = copy(r->primary);
	c.id = copy(r->id);
	c.jid = copy(r->jid);
	c.resource = copy(r->resource);
	c.label = copy(r->label);
	return c;
}

static size_t
user_row(const char *primary)
{
	size_t i;

	for (i = 0; i < w.nusers && !same(w.users[i].primary, primary); i++)
		;
	return i;
}

static size_t
device_row(const char *primary, const char *id)
{
	size_t i;

	for (i = 0; i < w.ndevices && (!same(w.devices[i].primary, primary) || !same(w.devices[i].id, id)); i++)
		;
	return i;
}

static void
device_delete(size_t i)
{
	device_drop(&w.devices[i]);
	w.devices[i] = w.devices[--w.ndevices];
}

/* P becomes true; false when there is no room. */
static bool
commit(const struct pending *p)
{
	size_t i;

	switch (p->kind) {
	case ACTION_STORE_USER:
		i = user_row(p->user.primary);
		if (i == ROWS_MAX)
			return false;
		if (i == w.nusers)
			w.nusers++;
		else
			user_drop(&w.users[i]);
		w.users[i] = user_copy(&p->user);
		return true;
	case ACTION_STORE_DEVICE:
		i = device_row(p->device.primary, p->device.id);
		if (i == ROWS_MAX)
			return false;
		if (i == w.ndevices)
			w.ndevices++;
		else
			device_drop(&w.devices[i]);
		w.devices[i] = device_copy(&p->device);
		return true;
	case ACTION_DELETE_USER:
		i = user_row(p->user.primary);
		if (i < w.nusers) {
			user_drop(&w.users[i]);
			w.users[i] = w.users[--w.nusers];
		}
		for (i = w.ndevices; i > 0; i--) {
			if (same(w.devices[i - 1].primary, p->user.primary))
				device_delete(i - 1);
		}
		return true;
	default:
		i = device_row(p->device.primary, p->device.id);
		if (i < w.ndevices)
			device_delete(i);
		return true;
	}
}

static void
pending_drop(struct pending *p)
{
	user_drop(&p->user);
	device_drop(&p->device);
	memset(p, 0, sizeof(*p));
}

static void
registry_takes(const struct action *act)
{
	struct pending *p;
	bool user = act->kind == ACTION_STORE_USER || act->kind == ACTION_DELETE_USER;

	CHECK(w.npending < PENDING_MAX); /* bounded: one script can't ask for more */
	p = &w.pending[w.npending];
	memset(p, 0, sizeof(*p));
	p->ticket = act->ticket;
	p->kind = act->kind;
	if (user)
		p->user = user_copy(&act->user);
	else
		p->device = device_copy(&act->device);
	CHECK(user ? p->user.primary != NULL : p->device.primary != NULL && p->device.id != NULL);
	/* In order, but for what nobody waits for. */
	if (p->ticket != 0) {
		CHECK(p->ticket > w.last_ticket);
		w.last_ticket = p->ticket;
	} else {
		CHECK(p->kind == ACTION_DELETE_DEVICE);
	}
	w.npending++;
}

/* Feeding, with an allocation that fails when the script has said so */

static void
before_core(void)
{
	mem_fail_at(w.fail_at);
}

static void
after_core(void)
{
	unsigned long counted = mem_fail_at(0);

	if (w.fail_at != 0)
		w.fail_at = counted < w.fail_at ? w.fail_at - counted : 0;
}

static void
feed(const struct event *ev)
{
	bool may_fail = w.fail_at != 0;
	int status;

	before_core();
	status = core_feed(w.core, &w.now, ev);
	after_core();
	CHECK(status == 0 || status == ERR_LIMIT || (status == ERR_NOMEM && may_fail));
}

static void
feed_kind(enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feed(&ev);
}

static void
registry_answers(size_t n, bool fails)
{
	struct event ev = {.kind = EVENT_STORED};
	struct pending p;

	while (n-- > 0 && w.npending > 0) {
		p = w.pending[0];
		memmove(w.pending, w.pending + 1, --w.npending * sizeof(p));
		ev.ticket = p.ticket;
		ev.kind = !fails && commit(&p) ? EVENT_STORED : EVENT_STORE_FAILED;
		feed(&ev);
		pending_drop(&p);
	}
}

/* What must hold of what the core says */

static size_t
host_of(const char *bare)
{
	size_t i;

	for (i = 0; i < COUNT(hosts) && strcmp(hosts[i], jid_domain(bare)) != 0; i++)
		;
	return i;
}

static bool
is_configured(size_t host)
{
	size_t i;

	for (i = 0; host < COUNT(hosts) && i < w.set.nhosts; i++) {
		if (strcmp(w.set.hosts[i], hosts[host]) == 0)
			return true;
	}
	return false;
}

/* 4: a privilege is used only if a configured host granted it on the current stream. */
static void
check_privilege(const struct action *act)
{
	const struct grant_event *g;
	size_t host;

	switch (act->kind) {
	case ACTION_PUBLISH:
	case ACTION_CREATE:
	case ACTION_RETRACT:
	case ACTION_CONFIG_GET:
	case ACTION_CONFIG_SET:
	case ACTION_AFFILIATE:
	case ACTION_UNSUBSCRIBE:
		if (act->way == WAY_ORDINARY)
			return;
		host = host_of(act->owner);
		break;
	case ACTION_ROSTER_GET:
		host = host_of(act->to.bare);
		break;
	case ACTION_EVENT:
		host = host_of(act->owner);
		break;
	default:
		return;
	}
	CHECK(host < COUNT(hosts));
	g = &w.granted[host];
	if (act->kind == ACTION_ROSTER_GET)
		CHECK((g->roster & MAY_GET) != 0);
	else if (act->kind == ACTION_EVENT)
		CHECK(g->message);
	else
		CHECK((g->iq_pubsub & MAY_SET) != 0);
}

/* 1, 7: an item holds only devices whose account's consent is durable and unrevoked. */
static void
check_item(const struct action *act)
{
	const struct item *item = &act->publish;
	const struct item_device *d;
	bool private = strcmp(act->node, NODE_DEVICES_PRIVATE) == 0;
	size_t i, k, row;

	CHECK(item->ndevices <= USER_DEVICES_MAX);
	CHECK(act->owner != NULL);
	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		CHECK(d->id != NULL && d->label != NULL && d->kind <= KIND_TABLET);
		CHECK(d->nresources <= DEVICE_RESOURCES_MAX);
		for (k = 0; k < d->nresources; k++)
			CHECK(d->resources[k].id != NULL && d->resources[k].show <= SHOW_DND);
		row = device_row(act->owner, d->id);
		if (row < w.ndevices && w.devices[row].resource == NULL) {
			CHECK(w.devices[row].state == LINK_ACTIVE);
			CHECK(w.devices[row].visibility == VISIBLE_CONTACTS ||
			    (w.devices[row].visibility == VISIBLE_SELF && private));
			CHECK(d->jid == NULL || strcmp(d->jid, w.devices[row].jid) == 0);
		} else {
			CHECK(d->jid == NULL || strcmp(d->jid, act->owner) == 0);
		}
	}
}

/* 10: what is sent parses back, from us and to somebody. */
static void
check_stanza(const struct action *act)
{
	static const struct encode_identity identity = {DOMAIN, "polypresence", "1", NULL};
	enum parser_item item;
	const struct xml *x;
	const char *from, *to;
	struct jid j;
	size_t used;
	int status;

	buf_reset(&w.out);
	w.out.max = 0;
	status = encode(&identity, act, &w.out);
	CHECK(status == 0 || status == ERR_LIMIT);
	if (status != 0)
		return;
	CHECK(w.out.len <= STANZA_OUT_MAX);
	parser_reset(w.parser);
	CHECK(parser_push(w.parser, HEADER, sizeof(HEADER) - 1, &used, &item) == 1);
	if (parser_push(w.parser, w.out.data, w.out.len, &used, &item) != 1) {
		CHECK(w.out.len > STANZA_BYTES_MAX || parser_counts(w.parser)->skipped > 0); /* larger than what we read */
		return;
	}
	CHECK(item == PARSER_ELEMENT && used == w.out.len);
	x = parser_element(w.parser);
	CHECK(strcmp(x->name, "iq") == 0 || strcmp(x->name, "presence") == 0 || strcmp(x->name, "message") == 0);
	from = xml_attr(x, "from");
	to = xml_attr(x, "to");
	CHECK(from != NULL && jid_parse(&j, from, strlen(from)) == 0);
	CHECK(strcmp(j.domain, DOMAIN) == 0);
	CHECK(to != NULL && jid_parse(&j, to, strlen(to)) == 0);
	CHECK(strcmp(x->name, "iq") != 0 || xml_attr(x, "id") != NULL);
}

static bool
is_query(enum action_kind kind)
{
	switch (kind) {
	case ACTION_ROSTER_GET:
	case ACTION_PUBLISH:
	case ACTION_CREATE:
	case ACTION_CONFIG_GET:
	case ACTION_CONFIG_SET:
	case ACTION_RETRACT:
	case ACTION_AFFILIATE:
	case ACTION_UNSUBSCRIBE:
	case ACTION_PING:
	case ACTION_INFO_GET:
		return true;
	default:
		return false;
	}
}

static void
iq_drop(size_t i)
{
	struct iq *iq = &w.iqs[i];

	free(iq->id);
	free(iq->from);
	free(iq->to);
	free(iq->resource);
	free(iq->owner);
	memmove(iq, iq + 1, (--w.niqs - i) * sizeof(*iq));
}

static void
server_takes(const struct action *act)
{
	struct iq *iq;

	if (w.niqs == PENDING_MAX)
		iq_drop(0);
	iq = &w.iqs[w.niqs++];
	memset(iq, 0, sizeof(*iq));
	iq->kind = act->kind;
	iq->way = act->owner != NULL ? act->way : WAY_ORDINARY;
	iq->access = act->access;
	CHECK(act->id != NULL && strlen(act->id) >= 26);
	iq->id = copy(act->id);
	iq->from = copy(act->from.bare != NULL ? act->from.bare : DOMAIN);
	iq->to = copy(act->to.bare);
	iq->resource = copy(act->to.resource);
	iq->owner = copy(act->owner);
}

static void
replace(char **at, const char *s)
{
	char *c = copy(s);

	free(*at);
	*at = c;
}

static void
see(const struct action *act)
{
	size_t i;

	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
		registry_takes(act);
		if (act->kind == ACTION_STORE_DEVICE)
			replace(&w.device_id, act->device.id);
		return;
	case ACTION_NOTE_PUBLISHED:
		i = user_row(act->user.primary);
		if (i < w.nusers) {
			memcpy(w.users[i].digest, act->user.digest, sizeof(act->user.digest));
			memcpy(w.users[i].setup, act->user.setup, sizeof(act->user.setup));
			w.users[i].published_ms = act->user.published_ms;
		}
		return;
	case ACTION_LOG:
		CHECK(act->log.event != NULL && act->log.nfields <= LOG_FIELDS_MAX);
		for (i = 0; i < act->log.nfields; i++)
			CHECK(act->log.fields[i].key != NULL);
		return;
	case ACTION_DRAINED:
		CHECK(!w.drained);
		w.drained = true;
		return;
	default:
		break;
	}
	if (act->kind > ACTION_ERROR)
		return; /* none of these is a stanza */
	CHECK(act->to.bare != NULL);
	if (act->kind == ACTION_PUBLISH || act->kind == ACTION_EVENT)
		check_item(act);
	if (w.up)
		check_privilege(act);
	check_stanza(act);
	if (act->kind == ACTION_COMMAND_REPLY && act->reply.sessionid != NULL)
		replace(&w.session, act->reply.sessionid);
	if (w.up && is_query(act->kind))
		server_takes(act);
}

/* The server's answers */

enum manner {
	MANNER_RIGHT,
	MANNER_ERROR,
	MANNER_ECHO,
	MANNER_STRANGER,  /* from somebody else */
	MANNER_ELSEWHERE, /* to another address of ours */
	MANNER_INNER,	  /* the forwarded IQ has another id */
	MANNER_UNWRAPPED,
	MANNER_EMPTY,	  /* a result without what was asked for */
	MANNERS
};

static struct roster_item roster_items[8];
static const char *const group[] = {"Devices"};

/* W.roster has two bits for each of the first eight people. */
static size_t
make_roster(void)
{
	size_t n = 0, i;
	unsigned how;

	for (i = 0; i < 8; i++) {
		how = w.roster >> 2 * i & 3;
		if (how == 0 || i >= 6)
			continue;
		memset(&roster_items[n], 0, sizeof(roster_items[n]));
		roster_items[n].jid = people[i];
		roster_items[n].subscription = how == 1 ? SUBSCRIPTION_TO : SUBSCRIPTION_BOTH;
		if (how == 3) {
			roster_items[n].groups = group;
			roster_items[n].ngroups = 1;
		}
		n++;
	}
	return n;
}

static void
answer(size_t i, enum manner how, unsigned detail)
{
	const struct iq *iq = &w.iqs[i];
	bool privileged = iq->way != WAY_ORDINARY;
	struct event ev = {.kind = EVENT_ANSWER};
	struct answer_event *a = &ev.answer;

	ev.from.bare = how == MANNER_STRANGER ? people[detail % COUNT(people)] : iq->to;
	ev.from.resource = iq->resource;
	ev.to.bare = how == MANNER_ELSEWHERE ? ours[detail % COUNT(ours)] : iq->from;
	a->id = iq->id;
	a->ok = how != MANNER_ERROR && how != MANNER_ECHO;
	a->wrapped = privileged && how != MANNER_UNWRAPPED;
	a->echo = how == MANNER_ECHO;
	if (!a->ok) {
		a->error = (enum condition)(1 + detail % COND_UNEXPECTED_REQUEST);
		a->app = how == MANNER_ERROR && detail % 3 == 0 ? APP_PRECONDITION_NOT_MET :
		    detail % 5 == 0 ? APP_PAYLOAD_TOO_BIG : APP_NONE;
	}
	if (a->wrapped) {
		a->inner_id = how == MANNER_INNER ? "another" : iq->id;
		a->inner_from = detail % 2 == 0 ? NULL : iq->owner;
	}
	if (a->ok && how != MANNER_EMPTY) {
		if (iq->kind == ACTION_ROSTER_GET) {
			a->payload = PAYLOAD_ROSTER;
			a->roster.items = roster_items;
			a->roster.nitems = make_roster();
		} else if (iq->kind == ACTION_CONFIG_GET) {
			a->payload = PAYLOAD_CONFIG;
			a->access = w.server == SERVER_WIDE ? ACCESS_OTHER : iq->access;
		} else if (iq->kind == ACTION_INFO_GET) {
			a->payload = PAYLOAD_INFO;
			a->category = iq->resource != NULL ? "client" : "server";
			a->type = iq->resource != NULL ? "phone" : "im";
			a->name = iq->resource != NULL ? NULL : w.ejabberd ? "ejabberd" : "Prosody";
		}
	}
	feed(&ev);
}

/* One answer, if that is how it is; false: none. */
static bool
server_answers(void)
{
	enum manner how = MANNER_RIGHT;
	bool drop_it = false;

	if (w.niqs == 0 || w.server == SERVER_HOLDS)
		return false;
	if (w.server == SERVER_SILENT)
		drop_it = true;
	else if (w.server == SERVER_ECHOES && w.iqs[0].way == WAY_PRIVILEGED)
		how = MANNER_ECHO;
	else if (w.server == SERVER_FORBIDS && w.iqs[0].owner != NULL)
		how = MANNER_ERROR;
	if (!drop_it)
		answer(0, how, COND_FORBIDDEN - 1);
	iq_drop(0);
	return true;
}

static void
check_core(void)
{
	struct core_stats s;

	core_stats(w.core, &s);
	CHECK(s.queries <= QUERIES_MAX);
	CHECK(s.devices <= s.users * USER_DEVICES_MAX);
	CHECK(s.users <= COUNT(people)); /* nobody but those who enrolled: strangers make no state */
	CHECK(s.resources <= s.users * USER_DEVICES_MAX * DEVICE_RESOURCES_MAX);
	CHECK(s.blocked <= s.users && s.unsettled <= s.users);
}

static bool
next(struct action *act)
{
	bool some;

	before_core();
	some = core_next(w.core, act);
	after_core();
	return some;
}

/* All that is to be done now. */
static void
settle(void)
{
	struct action act;
	unsigned steps = 0;

	if (w.stalled)
		return;
	for (;;) {
		while (next(&act)) {
			CHECK(++steps < STEPS_MAX);
			see(&act);
		}
		if (w.registry != REGISTRY_HOLDS && w.npending > 0)
			registry_answers(1, w.registry == REGISTRY_FAILS);
		else if (!server_answers())
			break;
	}
	if (!w.drained)
		CHECK(core_deadline(w.core) > w.now.mono_ms);
	check_core();
}

static void
pass(uint64_t ms)
{
	uint64_t end = w.now.mono_ms + ms, at;
	unsigned ticks = 0;

	while (!w.stalled && !w.drained && (at = core_deadline(w.core)) <= end && ticks++ < TICKS_MAX) {
		if (at > w.now.mono_ms) {
			w.now.wall_ms += (int64_t)(at - w.now.mono_ms);
			w.now.mono_ms = at;
		}
		feed_kind(EVENT_TICK);
		settle();
	}
	if (end > w.now.mono_ms) {
		w.now.wall_ms += (int64_t)(end - w.now.mono_ms);
		w.now.mono_ms = end;
	}
	feed_kind(EVENT_TICK);
}

/* Beginnings and ends */

static void
link_change(bool up)
{
	/* Whoever loses the link takes all actions that are left, to drop them. */
	w.stalled = false;
	settle();
	while (w.niqs > 0)
		iq_drop(w.niqs - 1);
	if (up == w.up)
		return;
	w.up = up;
	memset(w.granted, 0, sizeof(w.granted));
	feed_kind(up ? EVENT_LINK_UP : EVENT_LINK_DOWN);
}

static void
start(bool doubtful)
{
	struct event ev;
	size_t i;

	w.seed[0]++;
	w.up = w.drained = w.stalled = false;
	w.last_ticket = 0;
	memset(w.granted, 0, sizeof(w.granted));
	w.core = core_new(&w.set, w.seed, key);
	CHECK(w.core != NULL);
	for (i = 0; i < w.nusers; i++) {
		memset(&ev, 0, sizeof(ev));
		ev.kind = EVENT_LOAD_USER;
		ev.user = w.users[i];
		ev.user.doubtful = doubtful;
		feed(&ev);
	}
	for (i = 0; i < w.ndevices; i++) {
		memset(&ev, 0, sizeof(ev));
		ev.kind = EVENT_LOAD_DEVICE;
		ev.device = w.devices[i];
		feed(&ev);
	}
	feed_kind(EVENT_LOADED);
}

static void
stop(void)
{
	w.fail_at = 0;
	core_free(w.core);
	w.core = NULL;
	while (w.niqs > 0)
		iq_drop(w.niqs - 1);
	while (w.npending > 0)
		pending_drop(&w.pending[--w.npending]);
}

/* Verbs: each takes what it needs from the input */

static const char *
resource(struct input *in)
{
	return resources[input_below(in, COUNT(resources))];
}

static const char *
word(struct input *in)
{
	unsigned i = input_below(in, COUNT(words) + 3);

	if (i < COUNT(words))
		return words[i];
	if (i == COUNT(words) && w.device_id != NULL)
		return w.device_id;
	return w.text;
}

static void
presence(struct input *in)
{
	unsigned kind = input_byte(in), how = input_byte(in);
	struct event ev = {.kind = EVENT_PRESENCE};

	ev.from.bare = people[input_below(in, COUNT(people))];
	ev.from.resource = resource(in);
	ev.to.bare = ours[input_below(in, COUNT(ours))];
	ev.to.resource = (how & 0x80) != 0 ? "x" : NULL;
	ev.presence.type = (enum presence_type)(kind % 8);
	if (ev.presence.type == PRESENCE_AVAILABLE) {
		ev.presence.show = (enum show)(how % 5);
		ev.presence.priority = (int)(how % 256) - 128;
		ev.presence.idle_since_ms = (how & 0x20) != 0 ? w.now.wall_ms - 60000 : 0;
	}
	ev.presence.status = (how & 0x40) != 0 ? w.text : NULL;
	ev.presence.lang = (how & 0x10) != 0 && ev.presence.status != NULL ? "de" : NULL;
	if (ev.presence.type == PRESENCE_ERROR)
		ev.presence.error = (enum condition)(1 + how % COND_UNEXPECTED_REQUEST);
	feed(&ev);
}

static void
push(struct input *in)
{
	struct roster_item item = {.subscription = (enum subscription)input_below(in, 4)};
	struct event ev = {.kind = EVENT_ROSTER_PUSH};
	unsigned how = input_byte(in);

	item.jid = people[input_below(in, COUNT(people))];
	item.remove = (how & 1) != 0;
	item.groups = group;
	item.ngroups = (how & 2) != 0 ? 1 : 0;
	ev.from.bare = people[input_below(in, COUNT(people))];
	ev.from.resource = (how & 4) != 0 ? "phone" : NULL;
	ev.to.bare = ours[input_below(in, COUNT(ours))];
	ev.roster.id = "push";
	ev.roster.items = &item;
	ev.roster.nitems = 1;
	feed(&ev);
}

static void
message(struct input *in)
{
	struct event ev = {.kind = EVENT_MESSAGE};

	ev.from.bare = people[input_below(in, COUNT(people))];
	ev.from.resource = resource(in);
	ev.to.bare = ours[input_below(in, COUNT(ours))];
	ev.message.body = word(in);
	ev.message.chat = input_byte(in) % 4 != 0;
	feed(&ev);
}

static void
command(struct input *in)
{
	struct event ev = {.kind = EVENT_COMMAND};
	struct form_value fields[4];
	unsigned how;
	size_t i;

	ev.command.node = nodes[input_below(in, COUNT(nodes))];
	ev.from.bare = people[input_below(in, COUNT(people))];
	how = input_byte(in);
	ev.from.resource = resources[how % COUNT(resources)];
	ev.to.bare = (how & 0x80) != 0 ? ours[0] : DOMAIN;
	ev.command.id = "command";
	ev.command.set = (how & 0x40) == 0;
	ev.command.action = (enum command_action)input_below(in, COMMAND_OTHER + 1);
	how = input_byte(in);
	ev.command.sessionid = (how & 0x80) != 0 ? "bad" : (how & 0x40) != 0 ? w.session : NULL;
	ev.command.fields = fields;
	ev.command.nfields = how % 5;
	for (i = 0; i < ev.command.nfields; i++) {
		fields[i].var = vars[input_below(in, COUNT(vars))];
		fields[i].value = word(in);
	}
	feed(&ev);
}

static void
request(struct input *in)
{
	struct event ev = {.kind = EVENT_REQUEST};
	unsigned how = input_byte(in);

	ev.from.bare = people[input_below(in, COUNT(people))];
	ev.from.resource = resource(in);
	ev.to.bare = ours[input_below(in, COUNT(ours))];
	ev.request.kind = (enum request_kind)(how % (REQUEST_OTHER + 1));
	ev.request.id = "request";
	if (ev.request.kind == REQUEST_INFO || ev.request.kind == REQUEST_ITEMS)
		ev.request.node = (how & 0x80) != 0 ? w.text : (how & 0x40) != 0 ? nodes[how % COUNT(nodes)] :
		    (how & 0x20) != 0 ? "http://jabber.org/protocol/commands" : NULL;
	feed(&ev);
}

static void
grant(const char *from, const char *to, unsigned what, int version)
{
	struct event ev = {.kind = EVENT_GRANT};
	size_t host = host_of(from);

	ev.from.bare = from;
	ev.to.bare = to;
	ev.grant.version = version;
	ev.grant.roster = (what & 1) != 0 ? MAY_GET : 0;
	ev.grant.message = (what & 2) != 0;
	ev.grant.presence = (what & 4) != 0;
	ev.grant.presence_roster = (what & 12) == 12;
	ev.grant.iq_pubsub = (what & 16) != 0 ? MAY_GET | MAY_SET : 0;
	ev.grant.iq_owner = (what & 32) != 0 ? MAY_GET | MAY_SET : 0;
	/* What counts: of a configured host itself, to our domain, while there is a stream. */
	if (w.up && host < COUNT(hosts) && strcmp(from, hosts[host]) == 0 && is_configured(host) &&
	    strcmp(to, DOMAIN) == 0)
		w.granted[host] = ev.grant;
	feed(&ev);
}

static void
time_goes_by(struct input *in)
{
	static const uint32_t spans[] = {1, 50, 250, 1000, 2000, 10000, 30000, 60000, 600000, 3600000, 86400000};
	unsigned how = input_byte(in);

	if (how < 128) {
		pass(spans[how % COUNT(spans)]);
		return;
	}
	/* Clocks on the wall jump, and the core may be woken for nothing (F14). */
	if (how < 160)
		w.now.wall_ms += (int64_t)(how - 144) * 86400000;
	feed_kind(EVENT_TICK);
}

static void
configure(struct input *in)
{
	static const char *const trusted[] = {"work.test"};
	unsigned how = input_byte(in);
	int status;

	w.set.nhosts = 1 + how % COUNT(hosts);
	w.set.deliver = (enum deliver)(how / 3 % 3);
	w.set.access = (how & 0x10) != 0 ? ACCESS_WHITELIST : ACCESS_PRESENCE;
	w.set.trusted = trusted;
	w.set.ntrusted = (how & 0x20) != 0 ? 1 : 0;
	w.set.group = (how & 0x40) != 0 ? "" : "Devices";
	w.set.expire_s = (how & 0x80) != 0 ? 0 : 24 * 60 * 60;
	status = core_configure(w.core, &w.set);
	CHECK(status == 0);
}

/* What a script mostly wants to have behind it: alice enrolled, her desk phone linked, and all granted. */
static void
scene(void)
{
	struct form_value fields[] = {{"jid", "alice@work.test"}, {"label", "Desk"}, {"status-text", "1"}};
	struct event ev = {.kind = EVENT_COMMAND, .from = {"alice@home.test", "phone"}, .to = {DOMAIN, NULL}};

	link_change(true);
	grant("home.test", DOMAIN, 55, 2);
	ev.command.id = "scene";
	ev.command.set = true;
	ev.command.node = "enrol";
	feed(&ev);
	settle();
	ev.command.node = "link";
	ev.command.action = COMMAND_COMPLETE;
	ev.command.fields = fields;
	ev.command.nfields = COUNT(fields);
	feed(&ev);
	settle();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_PRESENCE;
	ev.from.bare = "alice@home.test";
	ev.to.bare = ours[0];
	ev.presence.type = PRESENCE_SUBSCRIBED;
	feed(&ev);
	ev.from.bare = "alice@work.test";
	feed(&ev);
	settle();
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_MESSAGE;
	ev.from.bare = "alice@work.test";
	ev.from.resource = "line1";
	ev.to.bare = ours[0];
	ev.message.body = "yes";
	ev.message.chat = true;
	feed(&ev);
}

static void
verb(struct input *in)
{
	unsigned how;

	switch (input_below(in, 20)) {
	case 0:
	case 1:
		presence(in);
		break;
	case 2:
		push(in);
		break;
	case 3:
		message(in);
		break;
	case 4:
	case 5:
		command(in);
		break;
	case 6:
		request(in);
		break;
	case 7:
		how = input_byte(in);
		grant(people[input_below(in, 4) == 3 ? input_below(in, COUNT(people)) : 6 + how % 2],
		    (how & 0x80) != 0 ? ours[0] : DOMAIN, how & 63, (how & 0x40) != 0 ? 1 : 2);
		break;
	case 8:
		link_change(input_byte(in) % 4 != 0);
		break;
	case 9:
	case 10:
		time_goes_by(in);
		break;
	case 11:
		how = input_byte(in);
		if (w.niqs > 0)
			answer(input_below(in, w.niqs), (enum manner)(how % MANNERS), how / MANNERS);
		break;
	case 12:
		w.server = (enum server_mode)input_below(in, SERVER_MODES);
		break;
	case 13:
		w.registry = (enum registry_mode)input_below(in, REGISTRY_MODES);
		break;
	case 14:
		how = input_byte(in);
		registry_answers(how % 8, (how & 8) != 0);
		break;
	case 15:
		how = input_byte(in);
		w.roster = how * 0x101 ^ input_byte(in) << 8;
		w.ejabberd = (how & 1) != 0;
		free(w.text);
		w.text = input_text(in);
		break;
	case 16:
		how = input_byte(in);
		if (how % 8 == 0) {
			feed_kind(EVENT_DRAIN);
		} else if (how % 8 == 1) {
			w.stalled = !w.stalled;
		} else {
			stop();
			start(how % 2 == 0);
		}
		break;
	case 17:
		w.fail_at = input_byte(in);
		break;
	case 18:
		configure(in);
		break;
	default:
		scene();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned verbs = 0;

	memset(&w, 0, sizeof(w));
	w.now.mono_ms = 5000000;
	w.now.wall_ms = INT64_C(1795428000000);
	core_settings_default(&w.set);
	w.set.domain = DOMAIN;
	w.set.hosts = hosts;
	w.set.nhosts = 2;
	w.set.debug = true;
	w.text = copy("in a meeting");
	w.parser = parser_new();
	CHECK(w.parser != NULL);
	start(false);
	while (!input_ended(&in) && verbs++ < VERBS_MAX && !w.drained) {
		verb(&in);
		settle();
	}
	stop();
	while (w.nusers > 0)
		user_drop(&w.users[--w.nusers]);
	while (w.ndevices > 0)
		device_drop(&w.devices[--w.ndevices]);
	free(w.text);
	free(w.session);
	free(w.device_id);
	parser_free(w.parser);
	buf_clear(&w.out);
	return 0;
}
