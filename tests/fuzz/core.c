/*
 * The whole core, driven by a script: the input's bytes are verbs (people,
 * servers, the registry, time, memory), around a toy server and a toy registry.
 * After each verb all actions are taken, and what must hold of them is checked;
 * the numbers are invariants of the project's list (doc/threats.md).
 */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core_world.h"
#include "fuzz.h"

#define VERBS_MAX 400	/* an input longer than this says nothing new */
#define STEPS_MAX 20000 /* actions after one verb: more, and the core goes round in circles */
#define TICKS_MAX 300	/* of one verb; what is left of its time goes by at once */

static const char *const resources[] = {NULL, "phone", "line1", "tablet", "a/b <c>"};
static const char *const nodes[] = {"enrol", "link", "devices", "edit", "unlink", "leave", "confirm", "none"};
static const char *const vars[] = {"jid", "label", "kind", "visibility", "status-text", "device", "account", "other"};
static const char *const words[] = { "alice@work.test", "desk@work.test", "bob@home.test", "mobile", "fixed",
	"contacts", "self", "hidden", "1", "false", "Desk", "", "yes", "no", " YES. ", "help", "available" };

static const uint8_t key[CORE_KEY_LEN] = "always the same";

static void
see(const struct action *act)
{
	size_t i;

	trace("    action %d from %s to %s, owner %s\n", (int)act->kind, or_none(act->from.bare), or_none(act->to.bare),
	    or_none(act->owner));
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
	if (!is_stanza(act))
		return;
	check_stanza(act);
	if (act->kind == ACTION_COMMAND_REPLY && act->reply.sessionid != NULL)
		replace(&w.session, act->reply.sessionid);
	server_takes(act);
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

/* What the core says, the registry and the server answer, until all are silent. */
static void
converse(void)
{
	struct action act;
	unsigned steps = 0;

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
}

/* All that is to be done now. */
static void
settle(void)
{
	if (w.stalled)
		return;
	converse();
	CHECK(w.drained || core_deadline(w.core) > w.now.mono_ms);
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
	server_forget();
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
	server_forget();
	registry_forget();
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
		ev.request.node = (how & 0x80) != 0 ? w.text :
		    (how & 0x40) != 0		    ? nodes[how % COUNT(nodes)] :
		    (how & 0x20) != 0		    ? "http://jabber.org/protocol/commands" :
						      NULL;
	feed(&ev);
}

static void
grant(const char *from, const char *to, unsigned what, int version)
{
	struct event ev = {.kind = EVENT_GRANT};
	struct grant_event was;
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
	    strcmp(to, DOMAIN) == 0) {
		was = w.granted[host];
		w.granted[host] = ev.grant;
		/* What waits to be taken was said under the grant before. */
		if (w.stalled) {
			w.granted[host].roster |= was.roster;
			w.granted[host].message |= was.message;
			w.granted[host].iq_pubsub |= was.iq_pubsub;
		}
	}
	trace("grant %x by %s to %s\n", what, from, to);
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
		w.now.wall_ms += ((int64_t)how - 144) * 86400000;
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
	struct form_value fields[] = { {"jid", "alice@work.test"}, {"label", "Desk"}, {"status-text", "1"} };
	struct event ev = { .kind = EVENT_COMMAND, .from = {"alice@home.test", "phone"}, .to = {DOMAIN, NULL} };

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
	w.parser = sent_parser();
	start(false);
	while (!input_ended(&in) && verbs++ < VERBS_MAX && !w.drained) {
		verb(&in);
		settle();
	}
	stop();
	registry_clear();
	free(w.text);
	free(w.session);
	free(w.device_id);
	parser_free(w.parser);
	buf_clear(&w.out);
	return 0;
}
