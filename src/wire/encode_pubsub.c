#include "wire/encode_pubsub.h"

#include "base/err.h"
#include "base/jid.h"
#include "wire/encode_frame.h"
#include "wire/encode_item.h"
#include "wire/ns.h"

/*
 * Only the options that every server knows, unless more is asked for: ejabberd
 * 23.01 refuses all but these two.
 */
static void
node_form(struct writer *w, const char *form_type, const struct node_config *config)
{
	write_open_ns(w, "x", NS_DATA);
	write_attr(w, "type", "submit");
	encode_field(w, "FORM_TYPE", "hidden", form_type);
	encode_field(w, "pubsub#persist_items", NULL, "true");
	encode_field(w, "pubsub#access_model", NULL, access_name(config->access));
	if (config->no_events || config->restore)
		encode_field(w, "pubsub#deliver_notifications", NULL, config->no_events ? "false" : "true");
	if (config->no_last || config->restore)
		encode_field(w, "pubsub#send_last_published_item", NULL,
		    config->no_last ? "never" : "on_sub_and_presence");
	write_close(w);
}

/* Nothing is ever published or configured wider than this (THREATS 10). */
static bool
may_be_set(enum access access)
{
	return access == ACCESS_PRESENCE || access == ACCESS_WHITELIST;
}

/* <NAME node=NODE>, with the item and its payload in it: what is published, or what an event tells of. */
static void
item_in(struct writer *w, const char *name, const char *node, const struct item *item)
{
	write_open(w, name);
	write_attr(w, "node", node);
	write_open(w, "item");
	write_attr(w, "id", ITEM_ID);
	encode_devices(w, item);
	write_close(w);
	write_close(w);
}

int
encode_publish(struct encoding *e)
{
	const struct action *act = e->act;
	const struct node_config options = {.access = act->access};
	struct writer *w = &e->w;

	if (act->node == NULL || !may_be_set(act->access) || encode_pep(e, "set") != 0)
		return ERR_INVALID;
	write_open_ns(w, "pubsub", NS_PUBSUB);
	item_in(w, "publish", act->node, &act->publish);
	write_open(w, "publish-options");
	node_form(w, FORM_PUBLISH_OPTIONS, &options);
	encode_end(e);
	return 0;
}

int
encode_create(struct encoding *e)
{
	const struct action *act = e->act;
	struct writer *w = &e->w;

	if (act->node == NULL || !may_be_set(act->config.access) || encode_pep(e, "set") != 0)
		return ERR_INVALID;
	write_open_ns(w, "pubsub", NS_PUBSUB);
	write_open(w, "create");
	write_attr(w, "node", act->node);
	write_close(w);
	write_open(w, "configure");
	node_form(w, FORM_NODE_CONFIG, &act->config);
	encode_end(e);
	return 0;
}

int
encode_retract(struct encoding *e)
{
	struct writer *w = &e->w;

	if (e->act->node == NULL || encode_pep(e, "set") != 0)
		return ERR_INVALID;
	write_open_ns(w, "pubsub", NS_PUBSUB);
	write_open(w, "retract");
	write_attr(w, "node", e->act->node);
	write_open(w, "item");
	write_attr(w, "id", ITEM_ID);
	encode_end(e);
	return 0;
}

/* <pubsub><NAME node=...>, left open, as the owner (XEP-0060, section 8). */
static int
owner_request(struct encoding *e, const char *type, const char *name)
{
	if (e->act->node == NULL || encode_pep(e, type) != 0)
		return ERR_INVALID;
	write_open_ns(&e->w, "pubsub", NS_PUBSUB_OWNER);
	write_open(&e->w, name);
	write_attr(&e->w, "node", e->act->node);
	return 0;
}

int
encode_config_get(struct encoding *e)
{
	int status = owner_request(e, "get", "configure");

	if (status == 0)
		encode_end(e);
	return status;
}

int
encode_config_set(struct encoding *e)
{
	int status;

	if (!may_be_set(e->act->config.access))
		return ERR_INVALID;
	status = owner_request(e, "set", "configure");
	if (status != 0)
		return status;
	node_form(&e->w, FORM_NODE_CONFIG, &e->act->config);
	encode_end(e);
	return 0;
}

/* One <CHILD jid=WHO CHILD=WHAT/>: affiliations and subscriptions are alike. */
static int
owner_list(struct encoding *e, const char *name, const char *child, const char *what)
{
	int status;

	if (e->act->who == NULL)
		return ERR_INVALID;
	status = owner_request(e, "set", name);
	if (status != 0)
		return status;
	write_open(&e->w, child);
	write_attr(&e->w, "jid", e->act->who);
	write_attr(&e->w, child, what);
	encode_end(e);
	return 0;
}

int
encode_affiliate(struct encoding *e)
{
	return owner_list(e, "affiliations", "affiliation", "publisher");
}

int
encode_unsubscribe(struct encoding *e)
{
	return owner_list(e, "subscriptions", "subscription", "none");
}

/* Section 4.3 of XEP-0356; the owner need not be online. */
int
encode_event(struct encoding *e)
{
	const struct action *act = e->act;
	struct writer *w = &e->w;
	const char *ns = act->privilege_version == 1 ? NS_PRIVILEGE_1 : NS_PRIVILEGE_2;

	if (act->owner == NULL || act->to.bare == NULL || act->node == NULL)
		return ERR_INVALID;
	if (act->privilege_version != 1 && act->privilege_version != 2)
		return ERR_INVALID;
	write_open(w, "message");
	write_attr(w, "from", e->id->domain);
	write_attr(w, "to", jid_domain(act->owner));
	write_open_ns(w, "privilege", ns);
	write_open_ns(w, "forwarded", NS_FORWARD);
	write_open_ns(w, "message", NS_CLIENT);
	write_attr(w, "from", act->owner);
	write_attr_jid(w, "to", act->to.bare, act->to.resource);
	write_attr(w, "type", "headline");
	write_attr(w, "id", act->id);
	write_open_ns(w, "event", NS_PUBSUB_EVENT);
	item_in(w, "items", act->node, &act->publish);
	encode_end(e);
	return 0;
}
