/* The servers' PEP service: nodes, access models, affiliations, ejabberd's rule about other publishers' items. */
#include "sim.h"

#include <string.h>

#include "cover.h"

static void
refuse(struct answer_event *a, enum condition error)
{
	a->ok = false;
	a->error = error;
}

static void
count(const struct answer_event *a, const struct iq *iq)
{
	if (a->app == APP_PRECONDITION_NOT_MET)
		cover_name(COVER_REFUSAL, "precondition-not-met", (int)iq->way);
	else if (a->app == APP_PAYLOAD_TOO_BIG)
		cover_name(COVER_REFUSAL, "payload-too-big", (int)iq->way);
	else if (!a->ok)
		cover_name(COVER_REFUSAL, condition_name(a->error), (int)iq->way);
}

static void
take_item(struct sim *s, struct node *n, const struct iq *iq)
{
	n->item = iq->item;
	n->content = iq->content;
	s->people[iq->user].bad_since[iq->node] = 0;
	n->by = iq->way == WAY_ORDINARY ? BY_BRIDGE : BY_OWNER;
	if (iq->node == NODE_PUBLIC)
		s->people[iq->user].residue = false; /* from here on the item is this life's */
	if (n->config.access != iq->access)
		sim_fail(s, "2: an item of user %d was accepted into a node of access %s", iq->user,
		    access_name(n->config.access));
}

static void
publish(struct sim *s, struct node *n, const struct iq *iq, struct answer_event *a)
{
	bool ordinary = iq->way == WAY_ORDINARY;

	if (!n->exists && ordinary) {
		refuse(a, COND_ITEM_NOT_FOUND);
		return;
	}
	if (ordinary && !n->publisher) {
		refuse(a, COND_FORBIDDEN);
		return;
	}
	if (!n->exists) {
		n->exists = true;
		memset(&n->config, 0, sizeof(n->config));
		n->config.access = iq->access;
	}
	if (s->small_items && iq->item->ndevices > 1) {
		refuse(a, COND_NOT_ACCEPTABLE);
		a->app = APP_PAYLOAD_TOO_BIG;
		return;
	}
	if (iq->access != ACCESS_UNKNOWN && n->config.access != iq->access) {
		refuse(a, COND_CONFLICT);
		a->app = APP_PRECONDITION_NOT_MET;
		return;
	}
	if (ordinary && s->personality != PROSODY && (n->by == BY_OWNER || n->by == BY_OTHER)) {
		refuse(a, COND_FORBIDDEN);
		return;
	}
	take_item(s, n, iq);
}

bool
pep(struct sim *s, struct iq *iq, struct answer_event *a)
{
	struct node *n = &s->people[iq->user].nodes[iq->node];

	a->ok = true;
	if (s->pep_down) {
		refuse(a, COND_INTERNAL_SERVER_ERROR);
		count(a, iq);
		return true;
	}
	if (!n->exists && iq->kind != ACTION_PUBLISH && iq->kind != ACTION_CREATE) {
		refuse(a, COND_ITEM_NOT_FOUND);
		count(a, iq);
		return true;
	}
	switch (iq->kind) {
	case ACTION_PUBLISH:
		publish(s, n, iq, a);
		break;
	case ACTION_CREATE:
		if (n->exists) {
			refuse(a, COND_CONFLICT);
			break;
		}
		n->exists = true;
		n->publisher = false;
		n->by = BY_NOBODY;
		n->config = iq->config;
		break;
	case ACTION_CONFIG_GET:
		a->payload = PAYLOAD_CONFIG;
		a->access = n->config.access;
		break;
	case ACTION_CONFIG_SET:
		n->config = iq->config;
		break;
	case ACTION_AFFILIATE:
		n->publisher = true;
		break;
	case ACTION_RETRACT:
		if (n->by == BY_NOBODY)
			refuse(a, COND_ITEM_NOT_FOUND);
		n->ncandidates = -1; /* an empty set, or the one before */
		n->by = BY_NOBODY;
		n->item = NULL;
		n->content = 0;
		break;
	default:
		break;
	}
	count(a, iq);
	return true;
}
