#include "core/model/host.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"

struct host *
host_find(const struct core *c, const char *name)
{
	char work[JID_PART_MAX + 1];
	const char *key = jid_ascii_domain(name, work);
	struct table_node *n = table_get(&c->hosts, key, strlen(key));

	return n != NULL ? TABLE_OF(n, struct host, node) : NULL;
}

struct host *
host_next(const struct core *c, const struct host *h)
{
	struct table_node *n = table_next(&c->hosts, h != NULL ? &h->node : NULL);

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
host_may_grant(const struct core *c, const struct host *h)
{
	return !h->granted && !h->missing && c->link_up;
}

struct host *
host_get(struct core *c, const char *name)
{
	struct host *h = host_find(c, name);
	char work[JID_PART_MAX + 1];

	if (h != NULL)
		return h;
	h = mem_alloc(sizeof(*h));
	if (h == NULL)
		return NULL;
	h->name = mem_strdup(name);
	h->key = mem_strdup(jid_ascii_domain(name, work));
	if (h->name == NULL || h->key == NULL || table_put(&c->hosts, &h->node, h->key, strlen(h->key)) != 0) {
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
host_free_all(struct core *c)
{
	struct table_node *n, *next;
	struct host *h;

	for (n = table_next(&c->hosts, NULL); n != NULL; n = next) {
		next = table_next(&c->hosts, n);
		h = TABLE_OF(n, struct host, node);
		table_del(&c->hosts, n);
		host_free(h);
	}
	table_clear(&c->hosts);
}

void
host_configure(const struct core *c, struct host *h)
{
	size_t i;

	h->configured = false;
	for (i = 0; i < c->set.nhosts && !h->configured; i++)
		h->configured = host_find(c, c->set.hosts[i]) == h;
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
host_delivers(const struct core *c, const struct host *h)
{
	if (c->set.deliver == DELIVER_NEVER)
		return true;
	return c->set.deliver == DELIVER_AUTO && h->server == SERVER_DELIVERS;
}

bool
host_setup(const struct core *c, const struct host *h, enum node_setup *out)
{
	/* Creating a node with a configuration needs no more than `pubsub'; changing one needs `pubsub#owner'. */
	*out = host_may_own(h) ? SETUP_SERVER : SETUP_NONE;
	if (!h->grant.message || !(h->grant.roster & MAY_GET) || c->set.deliver == DELIVER_NEVER)
		return true;
	if (c->set.deliver == DELIVER_AUTO && h->server == SERVER_UNKNOWN)
		return false;
	if (!host_delivers(c, h))
		*out = h->grant.presence_roster ? SETUP_SILENT : SETUP_OURS;
	return true;
}
