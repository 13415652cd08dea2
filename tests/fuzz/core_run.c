#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core_world.h"
#include "fuzz.h"

#define STEPS_MAX 20000 /* actions after one verb: more, and the core goes round in circles */
#define TICKS_MAX 60	/* of one verb; what is left of its time goes by at once */

static const uint8_t key[CORE_KEY_LEN] = "always the same";

static void
see(const struct action *act)
{
	const struct xml *x;
	size_t i;

	trace("    action %d from %s to %s, owner %s\n", (int)act->kind, or_none(act->from.bare), or_none(act->to.bare),
	    or_none(act->owner));
	if (w.watch != NULL && !is_stanza(act))
		w.watch(act, NULL);
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
	x = check_stanza(act);
	if (w.watch != NULL)
		w.watch(act, x);
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

void
take_all(void)
{
	struct action act;
	unsigned steps = 0;

	while (next(&act)) {
		CHECK(++steps < STEPS_MAX);
		see(&act);
	}
}

void
converse(void)
{
	for (;;) {
		take_all();
		if (w.registry != REGISTRY_HOLDS && w.npending > 0)
			registry_answers(1, w.registry == REGISTRY_FAILS);
		else if (!server_answers())
			break;
	}
}

void
settle(void)
{
	if (w.stalled)
		return;
	converse();
	CHECK(w.drained || core_deadline(w.core) > w.now.mono_ms);
	check_core();
}

void
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

void
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
	w.words = 0;
	feed_kind(up ? EVENT_LINK_UP : EVENT_LINK_DOWN);
}

void
start(bool doubtful)
{
	struct event ev;
	size_t i;

	w.seed[0]++;
	w.up = w.drained = w.stalled = false;
	w.last_ticket = 0;
	memset(w.granted, 0, sizeof(w.granted));
	w.words = 0;
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

void
stop(void)
{
	w.fail_at = 0;
	core_free(w.core);
	w.core = NULL;
	server_forget();
	registry_forget();
}

void
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
	/* No bit is left: with these two, so that it is there and not. */
	ev.grant.iq_blocking = (what & 34) == 34 ? MAY_GET : 0;
	/* What counts: of a host itself, to our domain, while there is a stream; of a removed one to empty items alone. */
	if (w.up && host < COUNT(hosts) && strcmp(from, hosts[host]) == 0 && strcmp(to, DOMAIN) == 0) {
		was = w.granted[host];
		w.granted[host] = ev.grant;
		/* What waits to be taken was said under the grant before. */
		if (w.stalled) {
			w.granted[host].roster |= was.roster;
			w.granted[host].message |= was.message;
			w.granted[host].iq_pubsub |= was.iq_pubsub;
			w.granted[host].iq_blocking |= was.iq_blocking;
		}
	}
	trace("grant %x by %s to %s\n", what, from, to);
	feed(&ev);
}

void
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
	ev.message.word = WORD_YES;
	ev.message.chat = true;
	feed(&ev);
}

void
world_begin(void)
{
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
}

void
world_end(void)
{
	stop();
	registry_clear();
	free(w.text);
	free(w.session);
	free(w.device_id);
	parser_free(w.parser);
	buf_clear(&w.out);
}
