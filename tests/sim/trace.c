/* Actions and events as lines: for people, and for the hash that makes a run comparable. */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/catalogue.h"

static const char *const presences[] = { "available", "unavailable", "subscribe", "subscribed", "unsubscribe",
	"unsubscribed", "probe", "error" };

static const char *const actions[] = { [ACTION_PRESENCE] = "presence",
	[ACTION_MESSAGE] = "message",
	[ACTION_HEADLINE] = "headline",
	[ACTION_ROSTER_GET] = "roster-get",
	[ACTION_BLOCKLIST_GET] = "blocklist-get",
	[ACTION_PUBLISH] = "publish",
	[ACTION_CREATE] = "create",
	[ACTION_CONFIG_GET] = "config-get",
	[ACTION_CONFIG_SET] = "config-set",
	[ACTION_RETRACT] = "retract",
	[ACTION_AFFILIATE] = "affiliate",
	[ACTION_UNSUBSCRIBE] = "unsubscribe-node",
	[ACTION_PING] = "ping",
	[ACTION_INFO_GET] = "info-get",
	[ACTION_EVENT] = "event",
	[ACTION_COMMAND_REPLY] = "reply",
	[ACTION_ANSWER] = "answer",
	[ACTION_ERROR] = "error",
	[ACTION_RECONNECT] = "reconnect",
	[ACTION_STORE_USER] = "store-user",
	[ACTION_STORE_DEVICE] = "store-device",
	[ACTION_DELETE_USER] = "delete-user",
	[ACTION_DELETE_DEVICE] = "delete-device",
	[ACTION_NOTE_PUBLISHED] = "note",
	[ACTION_LOG] = "log",
	[ACTION_DRAINED] = "drained" };

static const char *const events[] = { "tick", "link-up", "link-down", "presence", "grant", "answer", "push", "message",
	"headline", "command", "request", "stored", "store-failed", "load-user", "load-device", "loaded", "drain" };

const char *
trace_action_name(enum action_kind kind)
{
	return actions[kind];
}

const char *
trace_event_name(enum event_kind kind)
{
	return events[kind];
}

static const char *
text(const char *t)
{
	return t != NULL ? t : "-";
}

static const char *const words[] = {"-", "other", "yes", "no"};

/* Valid until the next. */
static const char *
english(const struct text *t)
{
	static struct buf scratch;

	return text(catalogue_render(t, &scratch));
}

static void
put_item(const struct item *item, char *out, size_t size)
{
	const struct item_device *d;
	size_t i, k, n = 0;

	out[0] = '\0';
	for (i = 0; i < item->ndevices && n < size; i++) {
		d = &item->devices[i];
		n += (size_t)snprintf(out + n, size - n, " %s:%s%s%s", d->id, d->label, d->preferred ? "*" : "",
		    d->stale ? "~" : "");
		for (k = 0; k < d->nresources && n < size; k++)
			n += (size_t)snprintf(out + n, size - n, "[%s %s]", show_name(d->resources[k].show),
			    text(d->resources[k].status));
	}
}

void
trace_action(struct sim *s, const struct action *act)
{
	char more[160] = "";
	size_t i, n = 0;

	s->actions++;
	switch (act->kind) {
	case ACTION_PRESENCE:
		snprintf(more, sizeof(more), "%s", presences[act->presence.type]);
		break;
	case ACTION_PUBLISH:
	case ACTION_EVENT:
		put_item(&act->publish, more, sizeof(more));
		break;
	case ACTION_MESSAGE:
		snprintf(more, sizeof(more), "%.60s", english(&act->text));
		break;
	case ACTION_COMMAND_REPLY:
		snprintf(more, sizeof(more), "%s %d %.60s", act->reply.node, (int)act->reply.status,
		    english(&act->reply.note));
		break;
	case ACTION_STORE_USER:
	case ACTION_DELETE_USER:
	case ACTION_NOTE_PUBLISHED:
		snprintf(more, sizeof(more), "%s approved=%d leaving=%d %" PRIx64, act->user.primary,
		    act->user.approved, act->user.leaving, act->user.digest[0]);
		break;
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_DEVICE:
		snprintf(more, sizeof(more), "%s %s %s %s approved=%d confirmed=%d gen=%u", act->device.primary,
		    act->device.id, text(act->device.jid),
		    act->kind == ACTION_STORE_DEVICE ? link_state_name(act->device.state) : "", act->device.approved,
		    act->device.confirmed, act->device.generation);
		break;
	case ACTION_LOG:
		n = (size_t)snprintf(more, sizeof(more), "%s", act->log.event);
		for (i = 0; i < act->log.nfields && n < sizeof(more); i++)
			n += (size_t)snprintf(more + n, sizeof(more) - n, " %s",
			    act->log.fields[i].value != NULL ? act->log.fields[i].value :
							       english(TEXT(act->log.fields[i].text)));
		break;
	default:
		break;
	}
	sim_line(s, "> %s %.4s %s>%s/%s way=%d %s %s", actions[act->kind], text(act->id), text(act->from.bare),
	    text(act->to.bare), text(act->to.resource), (int)act->way, act->node != NULL ? strrchr(act->node, 'd') : "",
	    more);
}

void
trace_event(struct sim *s, const struct event *ev)
{
	char more[160] = "";

	s->events++;
	switch (ev->kind) {
	case EVENT_TICK:
		return;
	case EVENT_PRESENCE:
		snprintf(more, sizeof(more), "%s %s %s", presences[ev->presence.type], show_name(ev->presence.show),
		    text(ev->presence.status));
		break;
	case EVENT_GRANT:
		snprintf(more, sizeof(more), "roster=%u message=%d presence=%d,%d pubsub=%u owner=%u blocking=%u",
		    ev->grant.roster, ev->grant.message, ev->grant.presence, ev->grant.presence_roster,
		    ev->grant.iq_pubsub, ev->grant.iq_owner, ev->grant.iq_blocking);
		break;
	case EVENT_ANSWER:
		snprintf(more, sizeof(more), "%.4s ok=%d wrapped=%d echo=%d %s", text(ev->answer.id), ev->answer.ok,
		    ev->answer.wrapped, ev->answer.echo, condition_name(ev->answer.error));
		break;
	case EVENT_MESSAGE:
		snprintf(more, sizeof(more), "%s", words[ev->message.word]);
		break;
	case EVENT_COMMAND:
		snprintf(more, sizeof(more), "%s %s", ev->command.node,
		    ev->command.nfields > 0 ? ev->command.fields[0].value : "");
		break;
	case EVENT_STORED:
	case EVENT_STORE_FAILED:
		snprintf(more, sizeof(more), "%" PRIu64, ev->ticket);
		break;
	default:
		break;
	}
	sim_line(s, "< %s %s/%s>%s %s", events[ev->kind], text(ev->from.bare), text(ev->from.resource),
	    text(ev->to.bare), more);
}
