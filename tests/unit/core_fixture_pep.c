/* The server's PEP nodes (XEP-0163), as Prosody or as ejabberd has them (SERVERS). */
#include <string.h>

#include "core_fixture.h"

#define NODES_MAX 2048

struct node {
	const char *owner, *name;
	struct node_config config;
	bool publisher, foreign;
	const struct published *item;
};

static struct node nodes[NODES_MAX];
static size_t nnodes;

static struct node *
node_find(const char *owner, const char *name)
{
	size_t i;

	for (i = 0; i < nnodes; i++) {
		if (strcmp(nodes[i].owner, owner) == 0 && strcmp(nodes[i].name, name) == 0)
			return &nodes[i];
	}
	return NULL;
}

static struct node *
node_make(const char *owner, const char *name)
{
	struct node *n = node_find(owner, name);

	if (n == NULL) {
		assert_true(nnodes < NODES_MAX);
		n = &nodes[nnodes++];
		*n = (struct node){.owner = kept(owner), .name = kept(name)};
		n->config.access = ACCESS_PRESENCE;
	}
	return n;
}

void
node_exists(const char *owner, const char *name, enum access access)
{
	node_make(owner, name)->config.access = access;
}

void
node_publisher(const char *owner, const char *name, bool yes)
{
	node_make(owner, name)->publisher = yes;
}

void
node_foreign_item(const char *owner, const char *name)
{
	node_make(owner, name)->foreign = true;
}

enum access
node_access(const char *owner, const char *name)
{
	struct node *n = node_find(owner, name);

	return n != NULL ? n->config.access : ACCESS_UNKNOWN;
}

const struct published *
node_item(const char *owner, const char *name)
{
	struct node *n = node_find(owner, name);

	return n != NULL ? n->item : NULL;
}

struct node_config
node_config(const char *owner, const char *name)
{
	struct node *n = node_find(owner, name);

	assert_non_null(n);
	return n->config;
}

enum condition
pep(struct iq *iq, enum app_condition *app, enum access *access)
{
	struct node *n = node_find(iq->owner, iq->node);
	bool privileged = iq->way != WAY_ORDINARY;

	switch (iq->kind) {
	case ACTION_CREATE:
		if (n != NULL)
			return COND_CONFLICT;
		n = node_make(iq->owner, iq->node);
		n->config = iq->config;
		return COND_NONE;
	case ACTION_CONFIG_GET:
		if (n == NULL)
			return COND_ITEM_NOT_FOUND;
		*access = n->config.access;
		return COND_NONE;
	case ACTION_CONFIG_SET:
		if (n == NULL)
			return COND_ITEM_NOT_FOUND;
		if (!server.ignores_configure)
			n->config = iq->config;
		return COND_NONE;
	case ACTION_AFFILIATE:
		if (n == NULL)
			return COND_ITEM_NOT_FOUND;
		assert_string_not_equal(iq->who, iq->owner);
		n->publisher = true;
		return COND_NONE;
	case ACTION_RETRACT:
		if (n == NULL)
			return COND_ITEM_NOT_FOUND;
		n->foreign = false;
		n->item = NULL;
		return COND_NONE;
	case ACTION_UNSUBSCRIBE:
		return COND_NONE;
	case ACTION_PUBLISH:
		if (n == NULL && !privileged)
			return COND_ITEM_NOT_FOUND;
		if (n == NULL) {
			n = node_make(iq->owner, iq->node);
			n->config.access = iq->access;
		}
		if (!privileged && !n->publisher)
			return COND_FORBIDDEN;
		if (n->config.access != iq->access) {
			*app = APP_PRECONDITION_NOT_MET;
			return COND_CONFLICT;
		}
		if (!privileged && n->foreign)
			return COND_FORBIDDEN;
		n->foreign = false;
		n->item = iq->payload;
		return COND_NONE;
	default:
		fail_msg("not for a PEP service");
	}
	return COND_NONE;
}

void
pep_forget(void)
{
	nnodes = 0;
}
