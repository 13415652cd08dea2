#include "core/talk/request.h"

#include <string.h>

#include "base/jid.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/talk/command.h"
#include "core/tools/answers.h"
#include "core/tools/say.h"

/* In each bridge's address, of a user's: XEP-0106. */
#define ESCAPED_AT "\\40"

#define NS_COMMANDS "http://jabber.org/protocol/commands"

static const char *const domain_features[] = {
	"http://jabber.org/protocol/disco#info",
	"http://jabber.org/protocol/disco#items",
	NS_COMMANDS,
	"jabber:iq:version",
	"jabber:iq:last",
	"urn:xmpp:ping",
	"urn:xmpp:time",
};

static const char *const bridge_features[] = {
	"http://jabber.org/protocol/disco#info",
	"http://jabber.org/protocol/disco#items",
	"jabber:iq:version",
	"jabber:iq:last",
	"urn:xmpp:ping",
	"urn:xmpp:time",
};

static const char *const command_features[] = {
	NS_COMMANDS,
	"jabber:x:data",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct said *
answer(struct talk *talk, const struct event *ev)
{
	struct said *s = answers_say(talk->env, ACTION_ANSWER, ev->from.bare);

	if (s == NULL)
		return NULL;
	s->act.id = say_str(talk->env, s, ev->request.id);
	s->act.from.bare = say_str(talk->env, s, ev->to.bare);
	s->act.from.resource = say_str(talk->env, s, ev->to.resource);
	s->act.to.bare = say_str(talk->env, s, ev->from.bare);
	s->act.to.resource = say_str(talk->env, s, ev->from.resource);
	s->act.answer.kind = ev->request.kind;
	s->act.answer.node = say_str(talk->env, s, ev->request.node);
	return s;
}

static void
no_such_node(struct talk *talk, const struct event *ev)
{
	say_error(talk->env, ev, ev->request.id, ERROR_CANCEL, COND_ITEM_NOT_FOUND, APP_NONE, TEXT_NO_SUCH_NODE);
}

static void
identify(struct said *s, const char *category, const char *type, enum text_id name, const char *const *features,
    size_t n)
{
	s->act.answer.category = category;
	s->act.answer.type = type;
	s->act.answer.name.id = name;
	s->act.answer.features = features;
	s->act.answer.nfeatures = n;
}

/* BRIDGE: the address is one that a user's bridge could have; U: whose it is, as far as the sender may know. */
static void
info(struct talk *talk, const struct event *ev, bool bridge, const struct user *u)
{
	const char *node = ev->request.node;
	enum text_id name = command_name(node);
	struct said *s;

	if (node != NULL && (bridge || (strcmp(node, NS_COMMANDS) != 0 && name == TEXT_NONE))) {
		no_such_node(talk, ev);
		return;
	}
	s = answer(talk, ev);
	if (s == NULL)
		return;
	if (bridge) {
		identify(s, "component", "presence", TEXT_SERVICE, bridge_features, COUNT(bridge_features));
		if (u != NULL)
			s->act.answer.name = say_text(talk->env, s, TEXT(TEXT_DEVICES_OF, u->primary));
	} else if (name != TEXT_NONE) {
		identify(s, "automation", "command-node", name, command_features, COUNT(command_features));
	} else if (node != NULL) {
		identify(s, "automation", "command-list", TEXT_COMMANDS, command_features, COUNT(command_features));
	} else {
		identify(s, "component", "presence", TEXT_SERVICE, domain_features, COUNT(domain_features));
	}
}

static void
items(struct talk *talk, const struct event *ev, bool bridge)
{
	const char *node = ev->request.node;
	const struct named *list;
	struct named *copy;
	struct said *s;
	size_t i, n = 0;

	if (node != NULL && (bridge || strcmp(node, NS_COMMANDS) != 0)) {
		no_such_node(talk, ev);
		return;
	}
	s = answer(talk, ev);
	if (s == NULL || node == NULL)
		return;
	n = command_list(&list);
	copy = say_mem(talk->env, s, n * sizeof(*copy));
	if (copy == NULL)
		return;
	for (i = 0; i < n; i++) {
		copy[i] = list[i];
		copy[i].jid = talk->env->set.domain;
	}
	s->act.answer.items = copy;
	s->act.answer.nitems = n;
}

/* The user whose bridge is asked, if that is for the sender to know: it is hers, or his account is one of her devices. */
static const struct user *
acquaintance(struct talk *talk, const struct event *ev)
{
	struct user *u = user_find_bridge(talk->model, ev->to.bare);
	struct device *d;

	if (!user_enrolled(u))
		return NULL;
	if (strcmp(ev->from.bare, u->primary) == 0)
		return u->claim.suspended_ms == 0 && claim_stands(u) ? u : NULL;
	d = device_by_account(u, ev->from.bare);
	return d != NULL && audience_tells(talk->model, d) ? u : NULL;
}

/* Whether somebody has enrolled is nobody's business: each address that could be a bridge's answers everybody alike. */
void
request_in(struct talk *talk, const struct event *ev)
{
	bool bridge;
	struct said *s;

	if (ev->from.bare == NULL || ev->request.id == NULL)
		return;
	bridge = strcmp(ev->to.bare, talk->env->set.domain) != 0;
	if (bridge && strstr(ev->to.bare, ESCAPED_AT) == NULL) {
		say_error(talk->env, ev, ev->request.id, ERROR_CANCEL, COND_ITEM_NOT_FOUND, APP_NONE,
		    TEXT_NOBODY_BRIDGED);
		return;
	}
	switch (ev->request.kind) {
	case REQUEST_INFO:
		info(talk, ev, bridge, bridge ? acquaintance(talk, ev) : NULL);
		break;
	case REQUEST_ITEMS:
		items(talk, ev, bridge);
		break;
	case REQUEST_VERSION:
	case REQUEST_PING:
		answer(talk, ev);
		break;
	case REQUEST_TIME:
		s = answer(talk, ev);
		if (s != NULL)
			s->act.answer.wall_ms = talk->env->now.wall_ms;
		break;
	case REQUEST_LAST:
		s = answer(talk, ev);
		if (s != NULL)
			s->act.answer.seconds = (talk->env->now.mono_ms - talk->env->started_at) / 1000;
		break;
	case REQUEST_MALFORMED:
		say_error(talk->env, ev, ev->request.id, ERROR_MODIFY, COND_BAD_REQUEST, APP_NONE, ev->request.why);
		break;
	case REQUEST_OTHER:
		say_error(talk->env, ev, ev->request.id, ERROR_CANCEL, COND_SERVICE_UNAVAILABLE, APP_NONE, TEXT_NONE);
		break;
	}
}
