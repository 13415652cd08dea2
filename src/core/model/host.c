#include "core/model/host.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"

struct host *
host_find(const struct model *model, const char *name)
{
	char work[JID_PART_MAX + 1];
	const char *key = jid_ascii_domain(name, work);
	struct table_node *n = table_get(&model->hosts, key, strlen(key));

	return n != NULL ? TABLE_OF(n, struct host, node) : NULL;
}

struct host *
host_next(const struct model *model, const struct host *h)
{
	struct table_node *n = table_next(&model->hosts, h != NULL ? &h->node : NULL);

	return n != NULL ? TABLE_OF(n, struct host, node) : NULL;
}

static void
host_free(struct host *h)
{
	mem_free(h->name);
	mem_free(h->key);
	mem_free(h);
}

bool
host_may_grant(const struct model *model, const struct host *h)
{
	return !h->granted && !h->missing && model->env->link_up;
}

struct host *
host_get(struct model *model, const char *name)
{
	struct host *h = host_find(model, name);
	char work[JID_PART_MAX + 1];

	if (h != NULL)
		return h;
	h = mem_alloc(sizeof(*h));
	if (h == NULL)
		return NULL;
	h->name = mem_strdup(name);
	h->key = mem_strdup(jid_ascii_domain(name, work));
	if (h->name == NULL || h->key == NULL || table_put(&model->hosts, &h->node, h->key, strlen(h->key)) != 0) {
		host_free(h);
		return NULL;
	}
	return h;
}

bool
host_is_written(struct host *h, const char *name)
{
	char *copy;

	if (strcmp(h->name, name) == 0)
		return true;
	copy = mem_strdup(name);
	if (copy == NULL)
		return false;
	mem_free(h->name);
	h->name = copy;
	return true;
}

void
host_free_all(struct model *model)
{
	struct table_node *n, *next;
	struct host *h;

	for (n = table_next(&model->hosts, NULL); n != NULL; n = next) {
		next = table_next(&model->hosts, n);
		h = TABLE_OF(n, struct host, node);
		table_del(&model->hosts, n);
		host_free(h);
	}
	table_clear(&model->hosts);
}

void
host_configure(const struct model *model, struct host *h)
{
	size_t i;

	h->configured = false;
	for (i = 0; i < model->env->set.nhosts && !h->configured; i++)
		h->configured = host_find(model, model->env->set.hosts[i]) == h;
}

bool
host_may_publish(const struct host *h)
{
	return h->granted && (h->grant.iq_pubsub & MAY_SET);
}

bool
host_may_own(const struct host *h)
{
	return host_may_publish(h) && h->grant.iq_owner == (MAY_GET | MAY_SET);
}

bool
host_delivers(const struct model *model, const struct host *h)
{
	if (model->env->set.deliver == DELIVER_NEVER)
		return true;
	return model->env->set.deliver == DELIVER_AUTO && h->server == SERVER_DELIVERS;
}

bool
host_setup(const struct model *model, const struct host *h, enum node_setup *out)
{
	/* Creating a node with a configuration needs no more than `pubsub'; changing one needs `pubsub#owner'. */
	*out = host_may_own(h) ? SETUP_SERVER : SETUP_NONE;
	if (!h->grant.message || !(h->grant.roster & MAY_GET) || model->env->set.deliver == DELIVER_NEVER)
		return true;
	if (model->env->set.deliver == DELIVER_AUTO && h->server == SERVER_UNKNOWN)
		return false;
	if (!host_delivers(model, h))
		*out = h->grant.presence_roster ? SETUP_SILENT : SETUP_OURS;
	return true;
}
