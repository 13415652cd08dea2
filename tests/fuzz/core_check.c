#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "core_world.h"
#include "fuzz.h"
#include "wire/encode.h"
#include "wire/parse.h"

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

/* 10: what is sent parses back, from us and to somebody. */
void
check_stanza(const struct action *act)
{
	static const struct encode_identity identity = {DOMAIN, "polypresence", "1", NULL};
	enum parser_item item;
	const struct xml *x;
	const char *from, *to;
	struct jid j;
	uint64_t before;
	size_t used;
	int status;

	CHECK(act->to.bare != NULL);
	if (act->kind == ACTION_PUBLISH || act->kind == ACTION_EVENT)
		check_item(act);
	if (w.up)
		check_privilege(act);
	buf_reset(&w.out);
	status = encode(&identity, act, &w.out);
	CHECK(status == 0 || status == ERR_LIMIT);
	if (status != 0)
		return;
	CHECK(w.out.len <= STANZA_OUT_MAX);
	before = parser_counts(w.parser)->skipped;
	if (parser_push(w.parser, w.out.data, w.out.len, &used, &item) != 1) {
		CHECK(parser_counts(w.parser)->skipped == before + 1); /* larger than what we read */
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
