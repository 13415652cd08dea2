/* What is not to be seen any more is gone soon. */
#include "oracle.h"

#define HASTE_MS 12000 /* ways that are tried, grants that are waited for */

/* Does this item say what is not to be seen there? */
static bool
is_bad(struct sim *s, int user, int node, const struct item *item)
{
	const struct device_record *row;
	const struct item_device *d;
	const struct link_entry *l;
	size_t i, k;

	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		l = known_id(s, user, d->id);
		row = registry_device(s, user, d->id);
		if (l != NULL && l->revoked && !l->forgotten)
			return true;
		if (row == NULL || registry_busy(s, user, d->id))
			continue;
		if (!oracle_visible(s, row, node))
			return true;
		for (k = 0; k < d->nresources && l != NULL && node == NODE_PUBLIC; k++)
			if (d->resources[k].status != NULL && !row->show_status)
				return true;
	}
	return false;
}

void
oracle_haste(struct sim *s)
{
	/* What makes everything late, or impossible for a while. */
	const int slow = FAULT_DELAY | FAULT_LOSS | FAULT_STORE | FAULT_GRANT | FAULT_FULL | FAULT_NODE | FAULT_MEMORY |
	    FAULT_SECOND | FAULT_SIZE;
	const struct node *n;
	struct person *p;
	bool bad;
	int u, node;

	if ((s->faults & slow) != 0)
		return;
	for (u = 0; u < s->nusers; u++) {
		for (node = 0; node < NODES; node++) {
			p = &s->people[u];
			n = &p->nodes[node];
			bad = s->up && n->item != NULL && p->state == IN && p->narrowed &&
			    known_named(s, s->accounts[u].host) && oracle_can_publish(s, u, NODE_PUBLIC) &&
			    oracle_can_publish(s, u, node) &&
			    (is_bad(s, u, node, n->item) ||
				(node == NODE_PUBLIC && s->set.access == ACCESS_WHITELIST &&
				    n->config.access == ACCESS_PRESENCE));
			if (!bad)
				p->bad_since[node] = 0;
			else if (p->bad_since[node] == 0 || p->bad_since[node] < s->up_at)
				p->bad_since[node] = s->now.mono_ms;
			else if (p->bad_since[node] + HASTE_MS < s->now.mono_ms)
				sim_fail(s, "7: node %d of %s still says what is not to be seen any more", node,
				    p->jid);
		}
	}
}
