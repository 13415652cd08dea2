/*
 * The whole core, driven by a script: the input's bytes are verbs (people,
 * servers, the registry, time, memory), around a toy server and a toy registry.
 * After each verb all actions are taken, and what must hold of them is checked;
 * the numbers are invariants of the project's list (doc/threats.md).
 */
#include "core/core.h"
#include "wire/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core_world.h"
#include "fuzz.h"
#include "script.h"

#define VERBS_MAX 400 /* an input longer than this says nothing new */

static const char *const resources[] = {NULL, "phone", "line1", "tablet", "a/b <c>"};
static const char *const nodes[] = {"enrol", "link", "devices", "edit", "unlink", "leave", "confirm", "none"};
static const char *const vars[] = {"jid", "label", "kind", "visibility", "status-text", "device", "account", "other"};
static const char *const words[] = { "alice@work.test", "desk@work.test", "bob@home.test", "mobile", "fixed",
	"contacts", "self", "hidden", "1", "false", "Desk", "", "yes", "no", " YES. ", "help", "available" };

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
	unsigned how;

	ev.from.bare = people[input_below(in, COUNT(people))];
	ev.from.resource = resource(in);
	ev.to.bare = ours[input_below(in, COUNT(ours))];
	ev.message.word = words_read(word(in));
	how = input_byte(in);
	ev.message.chat = how % 4 != 0;
	ev.message.error = how % 8 == 0;
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

static void
verb(struct input *in)
{
	unsigned how, which;

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
		which = input_byte(in);
		if (w.niqs > 0)
			answer(which % w.niqs, (enum manner)(how % MANNERS), how / MANNERS);
		break;
	case 12:
		w.server = (enum server_mode)input_below(in, SERVER_MODES);
		w.narrowed = false;
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

/* Of a verb with all that it takes from the input, for the mutators. */
static size_t
length(const uint8_t *data, size_t size)
{
	static const uint8_t lengths[20] = {6, 6, 6, 6, 6, 6, 5, 3, 2, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 1};
	unsigned which = data[0] % 20;
	size_t len = lengths[which];

	if (len >= size)
		return size;
	if (which == 4 || which == 5)
		len += data[5] % 5 * 2u;
	if (which == 7 && data[2] % 4 == 3)
		len++;
	if (which == 15)
		len += strnlen((const char *)data + len, size - len) + 1;
	return len < size ? len : size;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return script_mutate(length, data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return script_cross(length, a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned verbs = 0;
	const uint8_t *next;

	world_begin();
	while (!input_ended(&in) && verbs++ < VERBS_MAX && !w.drained) {
		next = in.at + length(in.at, (size_t)(in.end - in.at));
		verb(&in);
		CHECK(in.at == next);
		settle();
	}
	world_end();
	return 0;
}
