/* When all faults have healed: what is published is what is true. */
#include "oracle.h"

/* A roster that was too large is asked for again after ten minutes, and then some. */
#define LARGE_AGAIN_MS (12 * 60 * 1000)

static void
final_contacts(struct sim *s, int user)
{
	const struct person *p = &s->people[user];
	const struct device_record *row;
	int h = s->accounts[user].host, a;

	row = oracle_row(s, user, client_name(2));
	if (row != NULL && row->visibility != VISIBLE_CONTACTS)
		return; /* what was done last was not for them to see */
	if (s->set.access != ACCESS_PRESENCE)
		return;
	if (!s->grants[h] || !s->final[h].message || !(s->final[h].roster & MAY_GET))
		return;
	/* Silenced in an earlier life, when Prosody had not said who it is: only the owner could see it (doc/delivery.md). */
	if ((s->personality == PROSODY || s->set.deliver == DELIVER_NEVER) && s->final[h].iq_owner == 0)
		return;
	/* It is not read again at once, so that who is a contact isn't known. */
	if (p->large_at != 0 && p->large_at + LARGE_AGAIN_MS > s->now.mono_ms)
		return;
	for (a = 0; a < s->naccounts; a++) {
		if (a != user && !p->shuts_out[a] && p->roster[a] >= SUBSCRIPTION_FROM &&
		    p->seen[a] != p->nodes[NODE_PUBLIC].content)
			sim_fail(s, "15: contact %s of %s has not got the last event", s->accounts[a].jid, p->jid);
	}
}

/* It stands for as long as the settings say, by the clock as it is now, whatever they were meanwhile. */
static void
final_expiry(struct sim *s, int user, const struct item *item)
{
	int64_t left = item->expires_ms - s->now.wall_ms;
	bool any = false;
	size_t i;

	for (i = 0; i < item->ndevices; i++)
		any = any || item->devices[i].nresources > 0;
	if (!any || s->set.expire_s == 0) {
		if (item->expires_ms != 0)
			sim_fail(s, "F14: the item of %s expires, and should not", s->people[user].jid);
	} else if (left <= 0 || left > (int64_t)s->set.expire_s * 1000) {
		sim_fail(s, "F14: the item of %s expires at another time than it should", s->people[user].jid);
	}
}

static void
final_node(struct sim *s, int user, int node)
{
	const struct node *n = &s->people[user].nodes[node];

	if (!known_named(s, s->accounts[user].host)) {
		/* What an earlier life left behind she has not published. */
		if (n->item != NULL && n->item->ndevices > 0 && !s->people[user].residue &&
		    s->grants[s->accounts[user].host] && oracle_can_publish(s, user, NODE_PUBLIC) &&
		    oracle_can_publish(s, user, node))
			sim_fail(s, "15: an item of %s, whose host is removed, is not empty", s->people[user].jid);
		return;
	}
	/* The private node follows the public one. */
	if (s->accounts[user].subs[user] != SUB_YES || !oracle_can_publish(s, user, NODE_PUBLIC) ||
	    !oracle_can_publish(s, user, node))
		return;
	if (n->item == NULL) {
		if (node == NODE_PUBLIC || oracle_differs(s, user))
			sim_fail(s, "15: nothing is published for %s", s->people[user].jid);
		return;
	}
	oracle_compare(s, user, node, n->item, true, false);
	final_expiry(s, user, n->item);
	/* What others do to a node is noticed by the next publish only. */
	if (!(s->faults & FAULT_NODE) && n->config.access != (node == NODE_PUBLIC ? s->set.access : ACCESS_WHITELIST))
		sim_fail(s, "2: a node of %s is not as the settings want it", s->people[user].jid);
	if (node == NODE_PUBLIC && n->config.no_events)
		final_contacts(s, user);
}

void
oracle_final(struct sim *s)
{
	const struct person *p;
	int i;

	for (i = 0; i < s->nusers && !s->failed; i++) {
		p = &s->people[i];
		if (p->state == IN) {
			final_node(s, i, NODE_PUBLIC);
			final_node(s, i, NODE_PRIVATE);
		} else if (p->state != OUT) {
			sim_fail(s, "15: %s neither is in nor has left", p->jid);
		} else if (!p->residue && p->nodes[0].item != NULL && p->nodes[0].item->ndevices > 0) {
			sim_fail(s, "15: %s has left, and the item says otherwise", p->jid);
		}
	}
	claim_final(s);
	for (i = 0; i < s->nlinks && !s->failed; i++) {
		const struct link_entry *l = &s->links[i];
		const struct device_record *row = registry_device(s, l->user, l->id);

		/* Of who is suspended nothing is shown; nor is anybody told anything before it is known who he is. */
		if (!l->revoked && !l->forgotten && (!l->approved || l->proved) && s->people[l->user].state == IN &&
		    !s->people[l->user].suspended && !l->suspended && known_named(s, s->accounts[l->user].host) &&
		    s->accounts[l->account].sees[l->user])
			sim_fail(s, "2: %s sees the bridge for being linked", s->accounts[l->account].jid);
		/* An approval that was lost with a link is asked for again, but not on behalf of who isn't shown. */
		if (l->sure && !s->people[l->user].suspended && known_named(s, s->accounts[l->user].host) &&
		    !l->revoked && !l->forgotten && (row == NULL || row->state != LINK_ACTIVE))
			sim_fail(s, "15: %s was agreed and is not active", l->id);
	}
}
