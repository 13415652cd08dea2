#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "core_world.h"
#include "fuzz.h"
#include "sent.h"

size_t
host_of(const char *bare)
{
	size_t i;

	for (i = 0; i < COUNT(hosts) && strcmp(hosts[i], jid_domain(bare)) != 0; i++)
		;
	return i;
}

bool
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
	case ACTION_BLOCKLIST_GET:
		CHECK(act->kind != ACTION_BLOCKLIST_GET || act->way != WAY_ORDINARY);
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
	/* A host that has granted nothing is asked once on a stream for its word. */
	if (act->kind == ACTION_ROSTER_GET && (host >= COUNT(hosts) || w.granted[host].version == 0)) {
		CHECK(++w.words <= COUNT(hosts));
		return;
	}
	CHECK(host < COUNT(hosts));
	CHECK(is_configured(host) || act->kind != ACTION_UNSUBSCRIBE);
	g = &w.granted[host];
	if (act->kind == ACTION_ROSTER_GET)
		CHECK((g->roster & MAY_GET) != 0);
	else if (act->kind == ACTION_EVENT)
		CHECK(g->message);
	else if (act->kind == ACTION_BLOCKLIST_GET)
		CHECK((g->iq_blocking & MAY_GET) != 0);
	else
		CHECK((g->iq_pubsub & MAY_SET) != 0);
}

/* 1, 2, 7: an item holds only devices whose account's consent is durable and unrevoked. */
static void
check_item(const struct action *act)
{
	const struct item *item = &act->publish;
	const struct item_device *d;
	bool private = strcmp(act->node, NODE_DEVICES_PRIVATE) == 0;
	size_t i, k, row;

	CHECK(item->ndevices <= USER_DEVICES_MAX);
	CHECK(act->owner != NULL);
	CHECK(item->ndevices == 0 || is_configured(host_of(act->owner)));
	/* 2: into a node of another access model it must not be stored. */
	if (act->kind == ACTION_PUBLISH)
		CHECK(act->access == (private ? ACCESS_WHITELIST : w.set.access));
	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		CHECK(d->id != NULL && d->label != NULL && d->kind <= KIND_TABLET);
		CHECK(d->nresources <= DEVICE_RESOURCES_MAX);
		for (k = 0; k < d->nresources; k++)
			CHECK(d->resources[k].id != NULL && d->resources[k].show <= SHOW_DND);
		row = device_row(act->owner, d->id);
		trace("        shows %s\n", d->id);
		if (row < w.ndevices && w.devices[row].resource == NULL) {
			CHECK(w.consented[row]);
			CHECK(w.devices[row].visibility == VISIBLE_CONTACTS ||
			    (w.devices[row].visibility == VISIBLE_SELF && private));
			CHECK(d->jid == NULL || strcmp(d->jid, w.devices[row].jid) == 0);
		} else {
			CHECK(d->jid == NULL || strcmp(d->jid, act->owner) == 0);
		}
	}
}

const struct xml *
check_stanza(const struct action *act)
{
	CHECK(act->to.bare != NULL);
	if (act->kind == ACTION_PUBLISH || act->kind == ACTION_EVENT)
		check_item(act);
	if (w.up)
		check_privilege(act);
	return check_sent(w.parser, &w.out, act);
}

void
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
